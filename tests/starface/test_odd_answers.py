"""Odd answers in a running session: trouble is told from lost sessions and refused credentials."""

from collections.abc import Awaitable, Callable

import pytest

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    PbxFault,
    PbxProtocol,
    PbxSessionLost,
    PbxUnreachable,
)
from bridge.starface import errors as room
from bridge.starface.client import StarfaceLine
from bridge.starface.net import Bounds
from tests import canary
from tests.starface.conftest import LOGIN, Bench, BenchMaker, Handler, assert_nothing_leaks

WRONG = canary.PASSWORD
SHORT = Bounds(connect=0.5, total=0.8)
Serve = Callable[[Handler], Awaitable[int]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("html", room.AnswerHtml),
        ("redirect", room.AnswerRedirected),
        ("german_fault", PbxFault),
        ("half_body", room.AnswerCutShort),
        ("http_500", room.AnswerServerError),
        ("http_503", room.PbxStarting),
        ("reset", room.ConnectionCut),
        ("hang", room.AnswerTimedOut),
    ],
)
async def test_odd_answers_in_a_running_session(bench_of: BenchMaker, kind: str, expected: type[BridgeError]) -> None:
    bench = await bench_of(bounds=SHORT if kind == "hang" else Bounds())
    line = await bench.line()
    for method, act in (
        ("*.getCallIds", line.calls),
        ("*.login", line.log_in),
        ("*.keepAlive", line.keep_alive),
        ("*.hangupCall", lambda: line.connection._dialogue.ask("call.hangupCall", "c")),
    ):
        bench.pbx.behave()
        bench.pbx.misbehave(kind, method)
        with pytest.raises(expected) as caught:
            await act()
        assert type(caught.value) is expected
        assert not isinstance(caught.value, CredentialsRejected)
        assert_nothing_leaks(caught.value, WRONG, "0001:", "Anfrage konnte")


@pytest.mark.parametrize("no_session", ["fault", "fault_without_class"])
async def test_a_lost_session_is_told_whatever_the_fault_says(bench_of: BenchMaker, no_session: str) -> None:
    bench = await bench_of(switches={"no_session": no_session, "no_session_code": 17})
    line = await bench.line()
    bench.pbx.end_sessions(tell=False)
    with pytest.raises(PbxSessionLost):
        await line.calls()
    assert await line.keep_alive() is False
    await line.log_in()
    assert await line.calls() == ()


async def test_an_unexplained_fault_asks_keep_alive_once(bench: Bench) -> None:
    line = await bench.line()
    bench.pbx.misbehave("german_fault", "*.getUserState")
    before = len(bench.pbx.recorder.requests)
    with pytest.raises(PbxFault):
        await line.user_state()
    asked = [seen.method.rpartition(".")[2] for seen in list(bench.pbx.recorder.requests)[before:]]
    assert asked == ["getUserState", "keepAlive"]


@pytest.mark.parametrize("bad_token", ["http_401", "http_403", "fault", "login_false"])
async def test_a_changed_password_ends_in_refused_credentials(bench_of: BenchMaker, bad_token: str) -> None:
    bench = await bench_of(switches={"bad_token": bad_token})
    line = await bench.line()
    bench.pbx.change_password(LOGIN, "another")
    with pytest.raises(CredentialsRejected):
        await _keep(line)


async def _keep(line: StarfaceLine) -> None:
    """What whoever keeps a session alive does."""
    if not await line.keep_alive():
        await line.log_in()


@pytest.mark.parametrize("bad_token", ["redirect", "html", "reset"])
async def test_a_changed_password_that_is_told_by_a_page_stays_trouble(bench_of: BenchMaker, bad_token: str) -> None:
    bench = await bench_of(switches={"bad_token": bad_token})
    line = await bench.line()
    bench.pbx.change_password(LOGIN, "another")
    for act in (line.keep_alive, line.log_in):
        with pytest.raises((PbxProtocol, PbxUnreachable)):
            await act()
