"""Signing in to every kind of PBX, and every way in which one refuses (UCI reference, sections 2.8 and 18)."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from aiohttp import web

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    PbxFault,
    PbxPermission,
    PbxProtocol,
    PbxTimeout,
    PbxUnreachable,
)
from bridge.model.pbx import TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.service.ports import Callback, PbxGate
from bridge.starface import errors as room
from bridge.starface.address import AddressPolicy
from bridge.starface.gate import StarfaceGate
from bridge.starface.net import Bounds, open_wire
from bridge.starface.wire import decode_call, encode_answer
from infra.simulator.starface import DirectoryMode
from tests import canary
from tests.starface.conftest import (
    LOGIN,
    PASSWORD,
    Bench,
    BenchMaker,
    Handler,
    MovableClock,
    assert_nothing_leaks,
    entry,
)

WRONG = canary.PASSWORD
HOOK = Callback("http", "127.0.0.1", 9, "/uci/handle.secret")
SHORT = Bounds(connect=0.5, total=0.8)
Serve = Callable[[Handler], Awaitable[int]]


def takes_gate(gate: PbxGate) -> PbxGate:
    """The gate has every method of the port, with its types (mypy looks at this as well)."""
    return gate


async def test_the_gate_is_the_port(bench: Bench) -> None:
    assert takes_gate(bench.gate) is bench.gate
    assert await bench.gate.admit("127.0.0.1", 80) == ("127.0.0.1",)


# ------------------------------------------------------------------ every kind of PBX


@pytest.mark.parametrize(
    ("version", "form"),
    [
        ("6.4.2.12", TokenForm.MD5),
        ("6.4.2.19", TokenForm.SHA512),
        ("6.7.0.22", TokenForm.SHA512),
        ("8.1.2.2", TokenForm.SHA512),
        ("10.0.0.4", TokenForm.SHA512),
    ],
)
async def test_a_pbx_of_each_age(bench_of: BenchMaker, version: str, form: TokenForm) -> None:
    bench = await bench_of(version=version)
    found = await bench.sign_in(callback=HOOK)
    assert (found.access.form, found.access.ucp, found.access.server_version) == (form, UcpVersion.V30, version)
    assert found.own_numbers == ("+493023125001", "10")
    assert found.country == "DE"
    assert "ucp.v30.events.call" in found.event_services
    assert any(service.endswith(".userState") for service in found.event_services)
    assert bench.pbx.recorder.logins.attempts == 1
    (session,) = bench.pbx.pbx.sessions.of(LOGIN)
    assert session.subscriptions == set(found.event_services)


async def test_without_a_callback_nothing_is_subscribed(bench: Bench) -> None:
    found = await bench.sign_in()
    assert found.event_services == ()
    assert not any("subscribe" in seen.method for seen in bench.pbx.recorder.requests)


async def test_active_directory(bench_of: BenchMaker) -> None:
    bench = await bench_of(directory_mode=DirectoryMode.ACTIVE_DIRECTORY)
    found = await bench.sign_in()
    assert found.access.form is TokenForm.ACTIVE_DIRECTORY
    assert base64.b64decode(found.access.token.reveal()).decode() == f"{LOGIN}*{PASSWORD}"
    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="wrong")


class OldPbx:
    """A PBX from before REST: takes the MD5 form only. It tells its version to ``openly`` everybody, any ``token``, or nobody."""

    def __init__(self, tells: str) -> None:
        self.tells = tells
        self.seen: list[tuple[str, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        if request.path != "/xml-rpc":
            return web.Response(status=404)
        body = await request.read()
        if not body:
            return web.Response(status=400)
        method, _ = decode_call(body)
        token = request.query.get("de.vertico.starface.auth", "")
        self.seen.append((method, token))
        if method.endswith("getServerVersion") and (self.tells == "openly" or (self.tells == "token" and token)):
            return web.Response(body=encode_answer("6.4.2.12"))
        if token != "61289ba0c48a51d7c4df23025ec175ca":
            return web.Response(status=401)
        return web.Response(body=encode_answer(True))


@pytest.mark.parametrize(("tells", "attempts"), [("openly", 1), ("token", 1), ("nobody", 1)])
async def test_a_pbx_from_before_rest(stack: AsyncExitStack, served: Serve, tells: str, attempts: int) -> None:
    old = OldPbx(tells)
    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True)))
    pbx = entry(await served(old.handle))
    found = await StarfaceGate(wire, MovableClock()).sign_in(pbx, "0001", Secret("Secret-2024"), None)
    assert found.access.form is TokenForm.MD5
    assert sum(method.endswith(".login") for method, _ in old.seen) == attempts


@pytest.mark.parametrize("unknown_method", ["fault_5", "fault_0", "http_500"])
@pytest.mark.parametrize("generation", [UcpVersion.V22, UcpVersion.V20])
async def test_an_older_generation_is_found_by_falling_back(
    stack: AsyncExitStack, served: Serve, bench: Bench, generation: UcpVersion, unknown_method: str
) -> None:
    """In front of the simulator stands a PBX that knows no newer names."""
    bench.pbx.set(unknown_method=unknown_method)
    newer = [each for each in ("v30", "v22") if each > generation]

    async def forward(request: web.Request) -> web.Response:
        body = await request.read()
        for each in newer:
            body = body.replace(f"ucp.{each}.".encode(), b"ucp.v99.")
        assert wire._session
        async with wire._session.request(
            request.method,
            f"http://127.0.0.1:{bench.pbx.port}{request.raw_path}",
            data=body,
            headers={"Content-Type": "text/xml"},
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type="text/xml")

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True)))
    pbx = entry(await served(forward))
    found = await bench.gate.sign_in(pbx, LOGIN, Secret(PASSWORD), HOOK)
    assert found.access.ucp is generation
    assert any(
        service.startswith(f"ucp.{generation}") and service.endswith(".call") for service in found.event_services
    )
    line = bench.gate.line(pbx, found.access, None)
    assert await line.keep_alive() is True
    assert await line.calls() == ()


async def test_a_passing_server_error_does_not_make_a_pbx_old(bench: Bench) -> None:
    bench.pbx.misbehave("http_500", "*.connection.login", times=1)
    assert (await bench.sign_in()).access.ucp is UcpVersion.V30


async def test_a_pbx_without_any_known_name_is_no_wrong_password(bench: Bench) -> None:
    bench.pbx.misbehave("http_500", "*.connection.login")
    with pytest.raises(PbxProtocol):
        await bench.sign_in()


@pytest.mark.parametrize("login_result", ["boolean", "i4", "missing"])
async def test_each_way_to_say_yes(bench_of: BenchMaker, login_result: str) -> None:
    bench = await bench_of(switches={"login_result": login_result})
    line = await bench.line()
    assert await line.keep_alive() is True


@pytest.mark.parametrize("form", ["utc", "text"])
async def test_a_pbx_abroad_tells_its_country(bench_of: BenchMaker, form: str) -> None:
    bench = await bench_of(switches={"dates": form})
    bench.pbx.users[LOGIN].external[:] = ["+431234567"]
    assert (await bench.sign_in()).country == "AT"
    bench.pbx.users[LOGIN].external[:] = []
    bench.entry = replace(bench.entry, country="CH")
    assert (await bench.sign_in()).country == "CH"


# ------------------------------------------------------------------ refusals

REFUSALS: dict[str, type[BridgeError]] = {
    "http_401": room.LoginHttpRefused,
    "http_403": room.LoginHttpRefused,
    "fault": room.LoginFault,
    "login_false": room.LoginFalse,
    "redirect": room.LoginPage,
    "html": room.LoginPage,
    "reset": room.LoginCut,
}


@pytest.mark.parametrize("bad_token", REFUSALS)
async def test_a_wrong_password_is_a_wrong_password_however_it_is_said(bench_of: BenchMaker, bad_token: str) -> None:
    bench = await bench_of(switches={"bad_token": bad_token})
    with pytest.raises(CredentialsRejected) as caught:
        await bench.sign_in(password=WRONG)
    assert type(caught.value) is REFUSALS[bad_token]
    assert caught.value.code == "pbx_credentials_rejected"
    assert bench.pbx.recorder.logins.attempts <= (2 if bad_token == "reset" else 1)
    assert_nothing_leaks(caught.value, WRONG, "0001:", "Anfrage konnte")
    assert (await bench.sign_in()).access.login == LOGIN


@pytest.mark.parametrize("bad_token", REFUSALS)
async def test_an_unknown_login_is_refused_like_a_wrong_password(bench_of: BenchMaker, bad_token: str) -> None:
    bench = await bench_of(switches={"bad_token": bad_token})
    with pytest.raises(CredentialsRejected) as caught:
        await bench.sign_in("9999", WRONG)
    assert type(caught.value) is REFUSALS[bad_token]


async def test_one_wrong_password_shows_the_pbx_one_wrong_token(bench: Bench) -> None:
    """Once a PBX is known; before that two, of which none comes with a login."""

    def shown() -> int:
        return len([seen for seen in bench.pbx.recorder.requests if seen.login == LOGIN])

    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="wrong")
    assert shown() <= 2
    assert bench.pbx.recorder.logins.attempts == 0
    await bench.sign_in("0002", "Demo-0002!")
    before = shown()
    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="wrong")
    assert shown() == before + 1


@pytest.mark.parametrize("bad_token", ["fault", "login_false", "http_401"])
async def test_a_pbx_of_the_oldest_form_is_remembered(bench_of: BenchMaker, bad_token: str) -> None:
    bench = await bench_of(version="6.4.2.12", switches={"bad_token": bad_token})
    assert (await bench.sign_in()).access.form is TokenForm.MD5
    assert (await bench.sign_in("0002", "Demo-0002!")).access.form is TokenForm.MD5
    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="wrong")


@pytest.mark.parametrize(("licence", "expected"), [("fault", PbxPermission), ("false", CredentialsRejected)])
async def test_a_person_without_the_licence(bench_of: BenchMaker, licence: str, expected: type[BridgeError]) -> None:
    bench = await bench_of(switches={"light_licence": licence})
    bench.pbx.users[LOGIN].licence = "USERLIGHT"
    with pytest.raises(expected):
        await bench.sign_in()


async def test_a_person_without_the_right_to_log_in(bench: Bench) -> None:
    """This PBX refuses keepAlive as well then, so that right and password cannot be told apart; neither is let in."""
    bench.pbx.pbx.set_right(LOGIN, "login", granted=False)
    with pytest.raises((PbxPermission, CredentialsRejected)):
        await bench.sign_in()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("german_fault", PbxFault),
        ("half_body", room.AnswerCutShort),
        ("oversize", room.AnswerTooLarge),
        ("never_ending", PbxProtocol),
        ("http_503", room.PbxStarting),
        ("hang", PbxTimeout),
        ("trickle", PbxTimeout),
    ],
)
async def test_a_pbx_in_trouble_is_never_a_wrong_password(
    bench_of: BenchMaker, kind: str, expected: type[BridgeError]
) -> None:
    patience = SHORT if kind in {"hang", "trickle"} else Bounds()
    bench = await bench_of(bounds=replace(patience, answer=16_384))
    bench.pbx.misbehave(kind, "*.connection.login", size=1024 * 1024, seconds=0.1)
    with pytest.raises(expected) as caught:
        await bench.sign_in()
    assert not isinstance(caught.value, CredentialsRejected)
    assert_nothing_leaks(caught.value, WRONG, "0001:", "Anfrage konnte")


async def test_a_page_from_something_that_is_no_starface_is_no_wrong_password(
    stack: AsyncExitStack, served: Serve, bench: Bench
) -> None:
    async def portal(_: web.Request) -> web.Response:
        return web.Response(text="<html>Welcome to the hotel's network</html>", content_type="text/html")

    with pytest.raises(room.AnswerHtml):
        await bench.gate.sign_in(entry(await served(portal)), LOGIN, Secret(PASSWORD), None)


async def test_a_login_that_is_cut_by_chance_is_tried_again(bench: Bench) -> None:
    bench.pbx.misbehave("reset", "*.connection.login", times=1)
    assert (await bench.sign_in()).access.login == LOGIN


async def test_nobody_there(bench: Bench) -> None:
    await bench.pbx.stop_listening()
    with pytest.raises(PbxUnreachable):
        await bench.sign_in()


# ------------------------------------------------------------------ comfort after the login


@pytest.mark.parametrize("kind", ["german_fault", "html", "http_500", "hang", "reset", "oversize"])
@pytest.mark.parametrize("method", ["*.subscribeEvents", "*.getProvidedEvents", "*.getAvailableDisplayNumbers"])
async def test_trouble_after_the_login_does_not_fail_it(bench_of: BenchMaker, kind: str, method: str) -> None:
    bench = await bench_of(bounds=Bounds(connect=2, total=0.4 if kind == "hang" else 3))
    bench.pbx.misbehave(kind, method)
    found = await bench.sign_in(callback=HOOK)
    assert found.access.token
    if "Numbers" not in method:
        assert found.own_numbers
    if method == "*.getProvidedEvents":
        assert found.event_services == ("ucp.v30.events.call",)


async def test_a_sign_in_that_is_broken_off_leaves_no_session(bench: Bench) -> None:
    bench.pbx.misbehave("delay", "*.subscribeEvents", seconds=5)
    running = asyncio.create_task(bench.sign_in(callback=HOOK))
    async with asyncio.timeout(3):
        while not bench.pbx.pbx.sessions.of(LOGIN):  # noqa: ASYNC110 - the simulator has no event for it
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.pbx.pbx.sessions.of(LOGIN) == []


async def test_a_pbx_that_offers_odd_event_services(bench: Bench) -> None:
    for spelling in ("receive", "changed", "absent"):
        bench.pbx.set(event_spelling=spelling)
        found = await bench.sign_in(callback=HOOK)
        assert "ucp.v30.events.call" in found.event_services
