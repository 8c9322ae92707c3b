"""The main job against every alternative of every open question about a PBX (UCI reference, sections 17.1 and 18)."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import nullcontext as does_not_raise

import pytest
from aiohttp import web

from bridge.errors import CredentialsRejected, NotOffered
from bridge.model.ids import CallId
from bridge.model.pbx import UcpVersion
from bridge.model.telephony import CallReport, CallState, PbxEvent
from bridge.service.ports import Callback
from bridge.starface.push import answer_ok, decode_event
from infra.simulator.starface.switch_values import switch_alternatives
from tests.starface.conftest import Bench, BenchMaker, Handler, until

Serve = Callable[[Handler], Awaitable[int]]
ALTERNATIVES = [(name, value) for name, values in switch_alternatives().items() for value in values]
CLASSIC_ONLY = {("external_identity_provider", "true"), ("password_charset", "latin-1")}


async def main_job(bench: Bench) -> None:
    """Sign in, look around, place a call, see it, end it, sign out."""
    line = await bench.line()
    assert await line.keep_alive() is True
    assert len(await line.phones()) == 2
    call = CallId(str(uuid.uuid4()))
    placed = await line.place_call("00493023125803", None, call)
    report = await line.call(placed)
    assert report is not None
    assert report.state in {CallState.DIALING, CallState.RINGING, CallState.RINGBACK}
    assert [each.call for each in await line.calls()] == [placed]
    await line.hang_up(placed)
    assert await line.calls() == ()
    lacking = bench.pbx.switches.missing_services
    for service, look in (
        ("callList", lambda: line.history(limit=3)), ("redirect", line.redirects), ("functionKey", line.lamps),
        ("group", line.groups), ("voicemailList", line.mailboxes),
    ):  # fmt: skip
        with pytest.raises(NotOffered) if service in lacking else does_not_raise():
            assert await look()
    assert (await line.user_state()).telephony
    await line.log_out()
    assert await line.keep_alive() is False


@pytest.mark.parametrize(("name", "value"), ALTERNATIVES, ids=[f"{name}={value}" for name, value in ALTERNATIVES])
async def test_the_main_job_works_whatever_the_alternative(bench_of: BenchMaker, name: str, value: str) -> None:
    version = "10.0.0.4" if (name, value) in CLASSIC_ONLY else "8.1.2.2"
    bench = await bench_of(switches={name: value}, version=version)
    with does_not_raise():
        await main_job(bench)


@pytest.mark.parametrize(("expiry", "alive"), [("20", False), ("60", False), ("never", True)])
async def test_a_session_that_nobody_keeps_alive_ends(bench_of: BenchMaker, expiry: str, alive: bool) -> None:
    bench = await bench_of(switches={"keep_alive_expiry": expiry})
    line = await bench.line()
    bench.pbx.advance(61)
    assert await line.keep_alive() is alive
    await line.log_in()
    assert await line.keep_alive() is True


async def test_a_pbx_without_the_old_names_is_spoken_to_in_the_new_ones(bench_of: BenchMaker) -> None:
    bench = await bench_of(switches={"old_names": False})
    assert (await bench.sign_in()).access.ucp is UcpVersion.V30


async def test_a_password_in_another_charset_is_refused_plainly(bench_of: BenchMaker) -> None:
    """The charset on the PBX's side is not documented; UTF-8 is assumed, and a PBX that differs refuses such a password."""
    bench = await bench_of(switches={"password_charset": "latin-1"})
    bench.pbx.change_password("0001", "Prüfung-ä1")
    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="Prüfung-ä1")
    bench.pbx.set(password_charset="utf-8")
    assert (await bench.sign_in(password="Prüfung-ä1")).access.login == "0001"


EVENT_SWITCHES = [
    ("callback_order", "serial"),
    ("callback_order", "jitter"),
    ("callback_order", "duplicates"),
    ("callback_order", "empty_first_state"),
    ("name_resolution", "second_event"),
    ("name_resolution", "at_once"),
    ("incoming_state", "false"),
    ("state_case", "mixed"),
    ("call_keys", "confirmed"),
    ("group_key", "groupId"),
    ("forward_changes_id", "true"),
    ("call_timestamp", "milliseconds"),
]


@pytest.mark.parametrize(("name", "value"), EVENT_SWITCHES)
async def test_events_are_read_whatever_the_alternative(
    bench_of: BenchMaker, served: Serve, name: str, value: str
) -> None:
    events: list[PbxEvent | None] = []

    async def take(request: web.Request) -> web.Response:
        events.append(decode_event(await request.read())[1])
        return web.Response(body=answer_ok(), content_type="text/xml")

    bench = await bench_of(switches={name: value})
    await bench.line(callback=Callback("http", "127.0.0.1", await served(take), "/uci/x.y"))
    bench.pbx.ring("0001", from_number="+493023125801", name="Max Müller")

    def reports() -> list[CallReport]:
        return [event for event in events if isinstance(event, CallReport)]

    await until(lambda: any(report.caller.name == "Max Müller" for report in reports()))
    bench.pbx.forward("0001", "12")
    await until(lambda: any(report.state is CallState.ENDED for report in reports()))
    await asyncio.sleep(0)
    assert {report.caller.number for report in reports()} == {"+493023125801"}
    states = {report.state for report in reports()}
    assert CallState.OTHER not in states
    assert (None in states) is (value == "empty_first_state")
