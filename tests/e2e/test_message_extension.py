"""The message extension against the whole product: search, "call this number", and the cards that others may press."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.extension import CALL_NUMBER, PATIENCE, PEOPLE
from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.activities import execute_value, query_value
from infra.simulator.microsoft.population import ANNA
from infra.simulator.starface import StarfaceSimulator
from tests.bot.card_rules import faults_of
from tests.bot.conftest import actions_of, texts_of
from tests.e2e.talk import Talk
from tests.harness import until, world
from tests.servers import redis_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

GROUP = {"conversationType": "groupChat", "id": "19:group@thread.v2", "tenantId": ANNA.tenant.id}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talk]:
    folder: Path = tmp_path_factory.mktemp("extension")
    with redis_server() as redis:
        async with MicrosoftSimulator() as microsoft, StarfaceSimulator() as pbx:
            microsoft.channel.repeats = 2
            database = f"sqlite+aiosqlite:///{folder}/directory.db"
            async with world(redis.url.reveal(), database, microsoft, pbx) as made:
                await microsoft.channel.install(ANNA)
                assert (await made.person().sign_in()).status == 201
                yield Talk(made)


async def search(talk: Talk, text: str) -> dict[str, Any]:
    delivery = await talk.invoke("composeExtension/query", query_value(PEOPLE, text))
    assert delivery.status == 200
    found: dict[str, Any] = delivery.body["composeExtension"]
    return found


def titles(found: dict[str, Any]) -> list[str]:
    return [each["preview"]["content"]["title"] for each in found["attachments"]]


def message(text: str) -> dict[str, Any]:
    body = {"contentType": "html", "content": text}
    return {"commandId": CALL_NUMBER, "commandContext": "message", "messagePayload": {"body": body}}


@pytest.mark.parametrize("text", ["lena", "Koehler", "KÖHLER lena", "kohler", "12"])
async def test_a_colleague_is_found(talk: Talk, text: str) -> None:
    found = await search(talk, text)
    assert (found["type"], found["attachmentLayout"]) == ("result", "list")
    assert titles(found)[0] == "Lena Köhler"
    first = found["attachments"][0]
    assert first["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert first["preview"]["contentType"] == "application/vnd.microsoft.card.thumbnail"
    assert [faults_of(each["content"]) for each in found["attachments"]] == [[]] * len(found["attachments"])


async def test_an_entry_of_the_address_book_has_a_button_for_each_number(talk: Talk) -> None:
    contact = talk.world.pbx.pbx.accounts.contacts[0]
    found = await search(talk, f"{contact.last_name} {contact.first_name}")
    cards = [each["content"] for each in found["attachments"] if contact.company in texts_of(each["content"])]
    dialled = [action["data"]["number"] for card in cards for action in actions_of(card)]
    assert set(contact.numbers) <= set(dialled)


async def test_the_second_search_is_answered_from_memory(talk: Talk) -> None:
    await search(talk, "le")
    before = len(talk.world.pbx.recorder.requests)
    started = time.perf_counter()
    for part in ("len", "lena", "lena k"):
        await search(talk, part)
    assert (time.perf_counter() - started) / 3 < 1.0
    asked = [request.method for request in list(talk.world.pbx.recorder.requests)[before:]]
    assert not any("getFunctionKeys" in method or "getCallList" in method for method in asked)


async def test_the_first_look_shows_whom_one_spoke_with_last(talk: Talk) -> None:
    call = talk.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    talk.world.pbx.hang_up("0001", call)
    initial = {"commandId": PEOPLE, "parameters": [{"name": "initialRun", "value": "true"}], "queryOptions": {}}

    async def shown_first() -> bool:
        talk.world.service.use_cases.people._shelves.clear()
        found = (await talk.invoke("composeExtension/query", initial)).body["composeExtension"]
        return found["type"] == "result" and titles(found)[0] == "Max Müller"

    await until(shown_first)


async def test_a_number_nobody_has_can_be_called(talk: Talk) -> None:
    found = await search(talk, "+49 721 4711")
    assert titles(found) == ["+49 721 4711"]
    assert "Nobody found" in (await search(talk, "zaphod beeblebrox"))["text"]


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"commandId": PEOPLE}, {"commandId": "other", "parameters": []}, {"commandId": PEOPLE, "parameters": [1, None]},
     {"commandId": PEOPLE, "parameters": [{"name": "searchText", "value": ["x"]}]},
     {"commandId": PEOPLE, "parameters": [{"name": "searchText", "value": "<b>" * 20_000}]}],
)  # fmt: skip
async def test_odd_queries_are_answered_in_the_form_of_a_query(talk: Talk, value: object) -> None:
    delivery = await talk.invoke("composeExtension/query", value)
    assert delivery.status == 200
    assert delivery.body["composeExtension"]["type"] in {"message", "result"}


async def test_a_pbx_that_hangs_is_not_waited_for(talk: Talk) -> None:
    shelves = talk.world.service.use_cases.people._shelves
    shelves.clear()
    talk.world.pbx.misbehave("hang", "*.getFunctionKeys")
    talk.world.pbx.misbehave("hang", "*.getCallList")
    talk.world.pbx.misbehave("hang", "GET /rest/contacts")
    delivery = await talk.invoke("composeExtension/query", query_value(PEOPLE, "lena"))
    talk.world.pbx.behave()
    assert delivery.seconds < PATIENCE + 0.9
    assert delivery.body["composeExtension"]["type"] == "message"
    assert titles(await search(talk, "lena"))[0] == "Lena Köhler"


async def test_the_card_of_a_search_calls_with_the_telephone_of_whoever_presses_it(talk: Talk) -> None:
    card = (await search(talk, "lena"))["attachments"][0]["content"]
    action = actions_of(card)[0]
    microsoft = talk.world.microsoft
    value = execute_value("dial", action["data"])
    activity = microsoft.activities.invoke(ANNA, GROUP["id"], "adaptiveCard/action", value)
    edits, sent = len(microsoft.connector.edits), len(microsoft.connector.sent)
    delivery = await microsoft.channel.deliver({**activity, "conversation": GROUP, "locale": "en-US"})
    assert delivery.body["type"] == "application/vnd.microsoft.activity.message"
    assert "Calling" in delivery.body["value"]
    await until(lambda: talk.world.pbx.pbx.calls.of("0001"))
    again = microsoft.activities.invoke(ANNA, GROUP["id"], "adaptiveCard/action", value)
    twice = await microsoft.channel.deliver({**again, "conversation": GROUP, "locale": "en-US"})
    assert "already" in twice.body["value"]
    assert len(microsoft.connector.edits) == edits
    assert all(each.conversation_id != GROUP["id"] for each in list(microsoft.connector.sent)[sent:])
    jonas = microsoft.user("jonas.weber")
    his = microsoft.activities.invoke(jonas, GROUP["id"], "adaptiveCard/action", value)
    answer = await microsoft.channel.deliver({**his, "conversation": GROUP, "locale": "en-US"})
    assert "Sign in" in answer.body["value"]
    talk.world.pbx.hang_up("0001")


async def test_the_number_of_a_message_is_called(talk: Talk) -> None:
    html = "<p>Bitte <b>zurückrufen</b>: 030 23125-800 oder +49&nbsp;30&nbsp;23125&nbsp;805, Rechnung 4711</p>"
    delivery = await talk.invoke("composeExtension/fetchTask", message(html))
    task = delivery.body["task"]
    assert task["type"] == "continue"
    card = task["value"]["card"]["content"]
    assert [action["data"]["number"] for action in actions_of(card)] == ["030 23125-800", "+49 30 23125 805"]
    data = actions_of(card)[0]["data"]
    done = await talk.invoke("composeExtension/submitAction", {"commandId": CALL_NUMBER, "data": data})
    assert "030 23125-800" in done.body["task"]["value"]
    await until(lambda: talk.world.pbx.pbx.calls.of("0001"))
    talk.world.pbx.hang_up("0001")


@pytest.mark.parametrize("text", ["no number here", "", "Rechnung 4711 vom 3.11.2026", "<" * 20_000])
async def test_a_message_without_a_number_is_said_to_have_none(talk: Talk, text: str) -> None:
    delivery = await talk.invoke("composeExtension/fetchTask", message(text))
    assert "no telephone number" in delivery.body["task"]["value"]


@pytest.mark.parametrize(
    "value", [None, {}, {"data": {"number": "rm -rf"}}, {"data": {"number": ["1"]}}, {"data": {"number": "1" * 99}}]
)
async def test_odd_submissions_place_no_call(talk: Talk, value: object) -> None:
    delivery = await talk.invoke("composeExtension/submitAction", value)
    assert delivery.status == 200
    assert delivery.body["task"]["type"] == "message"
    assert talk.world.pbx.pbx.calls.of("0001") == []


async def test_without_a_sign_in_it_leads_to_one(talk: Talk) -> None:
    jonas = Talk(talk.world, talk.world.microsoft.user("jonas.weber"))
    found = await search(jonas, "lena")
    assert found["type"] == "message"
    assert "sign in" in found["text"]
    delivery = await jonas.invoke("composeExtension/fetchTask", message("030 23125-800"))
    assert delivery.body["task"]["value"]["url"].endswith("/tab/sign-in.html")
    closed = await jonas.invoke("composeExtension/submitAction", {"commandId": CALL_NUMBER, "data": {"signedIn": "1"}})
    assert "not signed in yet" in closed.body["task"]["value"]
