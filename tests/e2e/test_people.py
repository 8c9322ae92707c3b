"""Colleagues, address book and search, from outside."""

import time
from typing import Any

import pytest

from bridge.model.ids import PersonId, TenantId, UserKey
from bridge.service.lines import COLLEAGUES
from infra.simulator.microsoft.population import ANNA
from infra.simulator.starface.switches import EventSpelling
from tests.harness import Person, World, pick_up, until


async def _colleagues(person: Person) -> dict[str, Any]:
    answer = await person.ask("GET", "/colleagues")
    assert answer.status == 200, answer.body
    return {each["name"]: each for each in answer.body["colleagues"]}


async def test_colleagues_are_told_with_state_and_since(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    before = await _colleagues(anna)
    assert set(before["Jonas Weber"]) == {"id", "name", "number", "state", "since"}
    assert (before["Jonas Weber"]["state"], before["Jonas Weber"]["number"]) == ("available", "11")
    assert len(before) == 5
    one.pbx.ring("0002", from_number="+493023125777")
    ringing = await _colleagues(anna)
    assert ringing["Jonas Weber"]["state"] == "ringing"
    assert ringing["Jonas Weber"]["since"] > before["Jonas Weber"]["since"]
    again = await _colleagues(anna)
    assert again["Lena Köhler"]["since"] == before["Lena Köhler"]["since"]
    assert again["Jonas Weber"]["since"] == ringing["Jonas Weber"]["since"]


@pytest.mark.parametrize("events", [EventSpelling.RECEIVE, EventSpelling.CHANGED, EventSpelling.ABSENT])
async def test_a_colleague_who_is_called_shows_while_somebody_looks(one: World, events: EventSpelling) -> None:
    one.pbx.set(event_spelling=events)
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        await _colleagues(anna)
        one.pbx.ring("0002", from_number="+493023125777")
        shown = await stream.wait_for("colleague", lambda data: data["state"] == "ringing")
        assert (shown["name"], shown["number"]) == ("Jonas Weber", "11")
        await pick_up(one.pbx, "0002")
        await stream.wait_for("colleague", lambda data: data["state"] == "active")
        one.pbx.hang_up("0002")
        await stream.wait_for("colleague", lambda data: data["state"] == "available")
        assert {data["name"] for data in stream.of("colleague")} == {"Jonas Weber"}


async def test_nobody_is_asked_for_colleagues_while_nobody_looks(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    visits = len([seen for seen in one.pbx.requests if seen.method.endswith("keepAlive")])

    async def visited() -> bool:
        return len([seen for seen in one.pbx.requests if seen.method.endswith("keepAlive")]) >= visits + 3

    await until(visited)
    assert not [seen for seen in one.pbx.requests if "FunctionKeys" in seen.method]


async def test_colleagues_known_by_events_are_not_asked_for_all_the_time(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        await _colleagues(anna)
        asked = len([seen for seen in one.pbx.requests if "FunctionKeys" in seen.method])
        for _ in range(10):
            one.pbx.ring("0002", from_number="+493023125777")
            await stream.wait_for("colleague", lambda data: data["state"] == "ringing")
            one.pbx.miss("0002")
            await until(lambda: stream.of("colleague")[-1]["state"] == "available")
            stream.events.clear()
        after = len([seen for seen in one.pbx.requests if "FunctionKeys" in seen.method])
        assert after - asked <= 10


async def test_the_state_of_colleagues_goes_with_the_sign_in(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    await _colleagues(anna)
    sessions, once = one.service.stores.sessions, one.service.stores.once
    handle = sessions.handle(UserKey(TenantId(ANNA.tenant.id), PersonId(ANNA.id)))
    assert await once.kept(COLLEAGUES, handle)
    await anna.ask("DELETE", "/session")
    assert await once.kept(COLLEAGUES, handle) is None
    assert (await anna.ask("GET", "/colleagues")).code == "signed_out"


async def test_an_old_pbx_without_function_keys_says_so(one: World) -> None:
    one.pbx.set(missing_services="functionKey")
    anna = one.person()
    await anna.sign_in()
    answer = await anna.ask("GET", "/colleagues")
    assert (answer.status, answer.code) == (404, "not_found")


async def test_contacts_of_the_address_book(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    found = (await anna.ask("GET", "/contacts?q=Nordlicht")).body["contacts"]
    assert 0 < len(found) <= 10
    assert all(each["company"] == "Nordlicht Technik GmbH" and each["numbers"] and each["name"] for each in found)
    assert all(number.startswith("+49") for each in found for number in each["numbers"])
    assert len((await anna.ask("GET", "/contacts")).body["contacts"]) == 10
    assert (await anna.ask("GET", "/contacts?q=nobody-of-this-name")).body == {"contacts": []}


async def test_without_the_right_the_address_book_says_so(one: World) -> None:
    one.pbx.users["0001"].rights.discard("addressbook")
    anna = one.person()
    await anna.sign_in()
    refused = await anna.ask("GET", "/contacts?q=x")
    assert (refused.status, refused.code) == (403, "pbx_permission")
    assert [each["name"] for each in (await anna.ask("GET", "/search?q=jonas")).body["results"]] == ["Jonas Weber"]


async def test_search_finds_colleagues_contacts_and_calls_as_one(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    colleagues = (await anna.ask("GET", "/search?q=web")).body["results"]
    assert colleagues[0]["source"] == "colleague"
    assert (colleagues[0]["name"], colleagues[0]["numbers"][0], colleagues[0]["state"]) == (
        "Jonas Weber",
        "11",
        "available",
    )
    contacts = (await anna.ask("GET", "/search?q=hafenkontor&limit=20")).body["results"]
    assert contacts
    assert {each["company"] for each in contacts} == {"Hafenkontor AG"}
    number = contacts[0]["numbers"][0]
    national = "0" + number.removeprefix("+49")
    by_number = (await anna.ask("GET", f"/search?q={national}")).body["results"]
    assert number in [each for hit in by_number for each in hit["numbers"]]
    recent = (await anna.ask("GET", "/search?limit=3")).body["results"]
    assert len(recent) == 3
    assert all(each["spokenAt"] for each in recent)


async def test_a_source_that_is_slow_does_not_hold_up_the_search(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    assert (await anna.ask("GET", "/search?q=weber")).status == 200
    one.pbx.misbehave("delay", "GET /rest/*", seconds=8)
    began = time.monotonic()
    assert [each["name"] for each in (await anna.ask("GET", "/search?q=jonas")).body["results"]] == ["Jonas Weber"]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "path",
    [
        "/search?limit=0", "/search?limit=21", "/search?limit=many", "/search?unknown=1", f"/search?q={'x' * 65}",
        "/search?q=a&q=b", "/search?q=%00", "/contacts?q=%1b", "/contacts?page=1",
    ],
)  # fmt: skip
async def test_bad_queries_are_refused(one: World, path: str) -> None:
    anna = one.person()
    await anna.sign_in()
    answer = await anna.ask("GET", path)
    assert (answer.status, answer.code) == (400, "bad_request")


async def test_without_a_sign_in_nobody_is_shown(one: World) -> None:
    for path in ("/colleagues", "/contacts?q=a", "/search?q=a"):
        answer = await one.person().ask("GET", path)
        assert (answer.status, answer.code) == (401, "signed_out"), path
