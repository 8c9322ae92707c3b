"""The call list from outside: filters, search, deletion, calling back, the copy as a table."""

import csv
import io
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientPayloadError

from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.call_list import ListEntry
from infra.simulator.starface.calls import Direction, ListResult
from infra.simulator.starface.config import PbxConfig
from tests.harness import Person, World

EXPECTED = {"id", "direction", "result", "startedAt", "duration", "remote"}


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator(PbxConfig(call_list_entries=1200)) as simulator:
        yield simulator


@pytest.fixture
async def anna(one: World) -> Person:
    anna = one.person()
    assert (await anna.sign_in()).status == 201
    return anna


def _add(world: World, entry: str, **facts: object) -> None:
    told: dict[str, object] = {
        "direction": Direction.INBOUND, "result": ListResult.MISSED, "started": world.pbx.pbx.clock.now() - 5, "duration": 7,
        "caller_number": "+493023125777", "called_number": "+493023125001", "description": "Max Müller",
    }  # fmt: skip
    world.pbx.pbx.lists.add(world.pbx.users["0001"], ListEntry(entry, **{**told, **facts}))  # type: ignore[arg-type]


async def test_pages_newest_first_with_filters(one: World, anna: Person) -> None:
    first = (await anna.ask("GET", "/history")).body
    assert (len(first["entries"]), first["total"]) == (50, 1200)
    assert set(first["entries"][0]) == EXPECTED
    started = [entry["startedAt"] for entry in first["entries"]]
    assert started == sorted(started, reverse=True)
    second = (await anna.ask("GET", "/history?offset=50&limit=500")).body
    assert len(second["entries"]) == 500
    assert not {entry["id"] for entry in first["entries"]} & {entry["id"] for entry in second["entries"]}
    missed = (await anna.ask("GET", "/history?direction=INBOUND&result=missed&offset=&limit=20")).body
    assert 0 < missed["total"] < 1200
    assert {(entry["direction"], entry["result"]) for entry in missed["entries"]} == {("inbound", "missed")}
    middle = first["entries"][20]["startedAt"]
    older = (await anna.ask("GET", f"/history?to={middle}&limit=1")).body["entries"]
    newer = (await anna.ask("GET", f"/history?from={middle}")).body
    assert older[0]["startedAt"] <= middle
    assert newer["total"] == 21


async def test_calls_of_a_group_and_calls_to_oneself(one: World, anna: Person) -> None:
    _add(one, "of-a-group", group_id="2001")
    of_group = (await anna.ask("GET", "/history?group=2001")).body
    assert [(entry["id"], entry["group"]) for entry in of_group["entries"]] == [("of-a-group", "2001")]
    assert (await anna.ask("GET", "/history?group=none")).body["total"] == 1200


async def test_search_by_name_and_number_over_the_whole_list(one: World, anna: Person) -> None:
    _add(one, "old", started=one.pbx.pbx.clock.now() - 40 * 86400)
    found = (await anna.ask("GET", "/history?q=mueller max&limit=500")).body
    assert found["entries"][-1]["id"] == "old"
    assert found["total"] == len(found["entries"])
    assert {entry["remote"]["name"] for entry in found["entries"]} == {"Max Müller"}
    by_number = (await anna.ask("GET", "/history?q=030 23125-777&result=missed&limit=1")).body
    assert by_number["entries"][0]["remote"]["number"] == "+493023125777"
    assert (await anna.ask("GET", "/history?q=nobody")).body == {"entries": [], "total": 0}


async def test_an_entry_is_deleted_once(one: World, anna: Person) -> None:
    _add(one, "gone")
    assert (await anna.ask("DELETE", "/history/gone")).status == 204
    assert (await anna.ask("DELETE", "/history/gone")).code == "not_found"
    assert (await anna.ask("GET", "/history?limit=1")).body["total"] == 1200


async def test_calling_back_shows_the_call_at_once(one: World, anna: Person) -> None:
    _add(one, "missed")
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        placed = await anna.ask("POST", "/history/missed/callback")
        assert placed.status == 202, placed.body
        shown = await stream.wait_for("call", lambda data: data["id"] == placed.body["id"])
        assert (shown["direction"], shown["remote"]["number"]) == ("outbound", "+493023125777")
        await stream.wait_for("call", lambda data: data["state"] == "connected")
    assert (await anna.ask("POST", "/history/none/callback")).code == "not_found"
    _add(one, "hidden", caller_number="", description="")
    assert (await anna.ask("POST", "/history/hidden/callback")).code == "bad_request"


async def test_calling_back_twice_at_once_is_busy(one: World, anna: Person) -> None:
    _add(one, "missed")
    one.pbx.users["0001"].pick_up_after = None
    assert (await anna.ask("POST", "/history/missed/callback")).status == 202
    again = await anna.ask("POST", "/history/missed/callback")
    assert (again.status, again.code) == (409, "busy")


async def _table(anna: Person, query: str = "") -> tuple[list[list[str]], dict[str, str]]:
    headers = {"Authorization": f"Bearer {anna.token}", "Accept-Language": anna.language}
    async with anna.http.get(f"{anna.url}/api/v1/history.csv{query}", headers=headers) as response:
        assert response.status == 200
        text = (await response.read()).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if anna.language == "de" else ","))
        return rows, dict(response.headers.items())


async def test_the_copy_holds_every_entry_and_no_formula(one: World, anna: Person) -> None:
    _add(one, "evil", description='=HYPERLINK("http://x","y")')
    _add(one, "tabbed", description="\t@SUM(1)", started=one.pbx.pbx.clock.now() - 6)
    rows, headers = await _table(anna)
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"] == 'attachment; filename="calls.csv"'
    assert len(rows) == 1 + 1202
    assert rows[0] == ["Start (UTC)", "Direction", "Result", "Number", "Name", "Group", "Duration (seconds)"]
    assert rows[1][3:5] == ["'+493023125777", '\'=HYPERLINK("http://x","y")']
    assert rows[2][4] == "'\t@SUM(1)"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    anna.language = "de"
    german, _ = await _table(anna, "?direction=outbound")
    assert german[0][1] == "Richtung"
    assert {row[1] for row in german[1:]} == {"ausgehend"}


async def test_a_copy_that_breaks_off_does_not_look_whole(one: World, anna: Person) -> None:
    one.pbx.misbehave("http_503", "*getCallList", times=1)
    answer = await anna.ask("GET", "/history.csv")
    assert (answer.status, answer.code) == (502, "pbx_unreachable")
    headers = {"Authorization": f"Bearer {anna.token}"}
    one.pbx.misbehave("delay", "*getCallList", seconds=0.1)
    async with anna.http.get(f"{anna.url}/api/v1/history.csv", headers=headers) as response:
        assert response.status == 200
        assert await response.content.readany()
        one.pbx.behave()
        one.pbx.misbehave("http_503", "*getCallList")
        with pytest.raises(ClientPayloadError):
            await response.content.read()


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=501", "limit=-1", "offset=-1", "offset=x", "direction=sideways", "result=maybe", "from=yesterday",
        "from=2024-01-01T00:00:00", "q=%07", f"q={'x' * 65}", "page=2", "group=%00", "limit=1&limit=2",
    ],
)  # fmt: skip
async def test_bad_queries_are_refused_and_the_pbx_is_not_asked(one: World, anna: Person, query: str) -> None:
    answer = await anna.ask("GET", f"/history?{query}")
    assert (answer.status, answer.code) == (400, "bad_request"), answer.body
    assert not [seen for seen in one.pbx.requests if "CallList" in seen.method]


async def test_without_the_right_and_without_the_service(one: World, anna: Person) -> None:
    one.pbx.users["0001"].rights.discard("calllist")
    for method, path in (("GET", "/history"), ("GET", "/history?q=a"), ("GET", "/history.csv"), ("DELETE", "/history/x"),
                         ("POST", "/history/x/callback")):  # fmt: skip
        answer = await anna.ask(method, path)
        assert (answer.status, answer.code) == (403, "pbx_permission"), path
    one.pbx.set(missing_services="callList")
    assert (await anna.ask("GET", "/history")).code == "not_found"
    assert (await anna.ask("DELETE", "/session")).status == 204
    for method, path in (("GET", "/history"), ("GET", "/history.csv"), ("DELETE", "/history/x")):
        assert (await anna.ask(method, path)).code == "signed_out"
