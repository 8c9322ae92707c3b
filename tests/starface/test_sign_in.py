"""Signing in to every kind of PBX, and every way in which one refuses (UCI reference, sections 2.8 and 18)."""

import asyncio
import base64
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    NotOffered,
    PbxFault,
    PbxPermission,
    PbxProtocol,
    PbxSessionLost,
    PbxTimeout,
    PbxUnreachable,
)
from bridge.model.pbx import TlsMode, TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.service.ports import Callback, PbxGate
from bridge.starface import errors as room
from bridge.starface.address import AddressPolicy
from bridge.starface.client import StarfaceLine
from bridge.starface.gate import StarfaceGate
from bridge.starface.net import Bounds, open_wire
from bridge.starface.oauth import OAuthClient
from bridge.starface.sign_in import Attempt, Told
from bridge.starface.wire import decode_call, encode_answer
from infra.simulator.starface import DirectoryMode
from tests import canary
from tests.starface.conftest import LOGIN, PASSWORD, Bench, BenchMaker, Handler, MovableClock, entry

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
    _assert_nothing_leaks(caught.value)
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
    bench = await bench_of(bounds=replace(SHORT, answer=16_384))
    bench.pbx.misbehave(kind, "*.connection.login", size=1024 * 1024, seconds=0.1)
    with pytest.raises(expected) as caught:
        await bench.sign_in()
    assert not isinstance(caught.value, CredentialsRejected)
    _assert_nothing_leaks(caught.value)


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


# ------------------------------------------------------------------ a running session


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
    bench = await bench_of(bounds=SHORT)
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
        _assert_nothing_leaks(caught.value)


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


# ------------------------------------------------------------------ comfort after the login


@pytest.mark.parametrize("kind", ["german_fault", "html", "http_500", "hang", "reset", "oversize"])
@pytest.mark.parametrize("method", ["*.subscribeEvents", "*.getProvidedEvents", "*.getAvailableDisplayNumbers"])
async def test_trouble_after_the_login_does_not_fail_it(bench_of: BenchMaker, kind: str, method: str) -> None:
    bench = await bench_of(bounds=Bounds(connect=0.5, total=0.3))
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


# ------------------------------------------------------------------ STARFACE 10 and its identity server

EXTERNAL = {"external_identity_provider": True}


async def test_an_identity_server_is_used_when_the_classic_login_is_refused(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4", switches=EXTERNAL)
    found = await bench.sign_in()
    assert found.access.form is TokenForm.JWT
    assert found.access.refresh_token
    assert found.access.token_ends_at == bench.clock.now() + timedelta(seconds=300)
    line = bench.raw_line(found.access)
    assert await line.keep_alive() is True
    assert await line.phones()


async def test_once_a_jwt_worked_the_classic_login_is_spared(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4", switches=EXTERNAL)
    await bench.sign_in()
    before = len(bench.pbx.recorder.requests)
    assert (await bench.sign_in("0002", "Demo-0002!")).access.form is TokenForm.JWT
    asked = [seen.method for seen in list(bench.pbx.recorder.requests)[before:] if seen.login == "0002"]
    assert sum(method.endswith(".login") for method in asked) == 1
    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="wrong")


async def test_once_a_classic_login_worked_the_identity_server_is_not_asked(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4")
    await bench.sign_in()
    before = len(bench.pbx.recorder.requests)
    with pytest.raises(CredentialsRejected):
        await bench.sign_in(password="wrong")
    asked = [seen.method for seen in list(bench.pbx.recorder.requests)[before:]]
    assert not any("oauth" in method or "token" in method for method in asked)


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_jwt_is_renewed_before_it_ends(bench_of: BenchMaker, rotates: bool) -> None:
    bench = await bench_of(version="10.0.0.4", switches={**EXTERNAL, "refresh_rotates": rotates})
    first = (await bench.sign_in()).access
    assert await bench.gate.refresh(bench.entry, first) is first
    bench.clock.at += timedelta(seconds=250)
    bench.pbx.advance(250)
    second = await bench.gate.refresh(bench.entry, first)
    assert second.token != first.token
    assert (second.refresh_token == first.refresh_token) is not rotates
    assert second.token_ends_at == bench.clock.now() + timedelta(seconds=300)
    bench.pbx.advance(100)
    line = bench.raw_line(second)
    if not await line.keep_alive():
        await line.log_in()
    assert await line.phones()
    with pytest.raises(CredentialsRejected):
        await bench.raw_line(first).phones()


async def test_a_refresh_token_that_ended_asks_for_a_new_sign_in(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4", switches=EXTERNAL)
    access = (await bench.sign_in()).access
    bench.pbx.change_password(LOGIN, "another")
    bench.clock.at += timedelta(seconds=290)
    with pytest.raises(room.OAuthRefused) as caught:
        await bench.gate.refresh(bench.entry, access)
    _assert_nothing_leaks(caught.value)


async def test_static_tokens_are_never_refreshed(bench: Bench) -> None:
    access = (await bench.sign_in()).access
    assert await bench.gate.refresh(bench.entry, access) is access


@pytest.mark.parametrize("scope", ["both", "login", "pbx-login"])
async def test_a_client_with_a_secret(bench_of: BenchMaker, scope: str) -> None:
    wanted = "login" if scope == "login" else "pbx-login"
    client = OAuthClient("rest-client-headless", Secret("simulated-client-secret"), wanted)
    bench = await bench_of(version="10.0.0.4", switches={**EXTERNAL, "oauth_scope": scope}, client=client)
    found = await bench.sign_in()
    assert found.access.form is TokenForm.JWT
    bench.clock.at += timedelta(seconds=290)
    assert (await bench.gate.refresh(bench.entry, found.access)).token != found.access.token


async def test_a_wrong_client_secret_is_a_refusal(bench_of: BenchMaker) -> None:
    client = OAuthClient("rest-client-headless", Secret("wrong"))
    bench = await bench_of(version="10.0.0.4", switches=EXTERNAL, client=client)
    with pytest.raises(CredentialsRejected):
        await bench.sign_in()


class IdentityServer:
    """An identity server written for one test: wants HTTP Basic, and names a token endpoint elsewhere."""

    def __init__(self, described: dict[str, Any], granted: dict[str, Any] | None = None) -> None:
        self.described = described
        self.granted = granted
        self.seen: list[web.Request] = []
        self.forms: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        if request.path.endswith("openid-configuration"):
            return web.json_response(self.described) if request.path.startswith("/auth/") else web.Response(status=302)
        if request.path == "/xml-rpc":
            by_jwt = request.query.get("de.vertico.starface.jwt") == "access"
            return web.Response(body=encode_answer(True)) if by_jwt else web.Response(status=401)
        if request.method == "POST" and self.granted is not None:
            self.seen.append(request)
            self.forms.append({name: str(value) for name, value in (await request.post()).items()})
            return web.json_response(self.granted)
        return web.Response(status=404)


BASIC = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}


async def _gate(stack: AsyncExitStack, client: OAuthClient | None = None) -> StarfaceGate:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True)))
    return StarfaceGate(wire, MovableClock(), client)


async def test_the_password_goes_to_the_mapped_pbx_whatever_host_is_announced(
    stack: AsyncExitStack, served: Serve
) -> None:
    thief = IdentityServer({}, {"access_token": "access"})
    thief_port = await served(thief.handle)
    endpoint = f"http://127.0.0.1:{thief_port}/auth/realms/pbx/oauth2/token"
    server = IdentityServer({"token_endpoint": endpoint, **BASIC}, {"access_token": "access", "expires_in": "odd"})
    client = OAuthClient("cli:ent", Secret("s/e cret"))
    found = await (await _gate(stack, client)).sign_in(
        entry(await served(server.handle)), "0001", Secret("pa ss"), None
    )
    assert found.access.form is TokenForm.JWT
    assert thief.seen == []
    (request,) = server.seen
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"cli%3Aent:s%2Fe%20cret").decode()
    assert server.forms == [{"grant_type": "password", "username": "0001", "password": "pa ss", "scope": "pbx-login"}]


@pytest.mark.parametrize(
    "endpoint", ["", "no path", "http://h", "http://[", "/a/../b", "/a%2e", "/a b", "/ä", "/" + "a" * 300, 7, None]
)
async def test_an_odd_token_endpoint_is_none(stack: AsyncExitStack, served: Serve, endpoint: object) -> None:
    server = IdentityServer({"token_endpoint": endpoint}, {"access_token": "access"})
    with pytest.raises(CredentialsRejected):
        await (await _gate(stack)).sign_in(entry(await served(server.handle)), "0001", Secret("x"), None)
    assert server.seen == []


@pytest.mark.parametrize("granted", [{}, {"access_token": ""}, {"access_token": 7}])
async def test_a_grant_without_token_is_no_answer(
    stack: AsyncExitStack, served: Serve, granted: dict[str, Any]
) -> None:
    server = IdentityServer({"token_endpoint": "/auth/realms/pbx/oauth2/token"}, granted)
    with pytest.raises(PbxProtocol):
        await (await _gate(stack)).sign_in(entry(await served(server.handle)), "0001", Secret("x"), None)


async def test_forms_that_carry_the_password_need_tls_beyond_this_machine(stack: AsyncExitStack) -> None:
    """Nothing is sent: the line is refused before anything of the password leaves."""

    async def lookup(_host: str, _port: int) -> tuple[str, ...]:
        return ("10.0.0.1",)

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_private=True), lookup=lookup))
    pbx = entry(80, host="pbx.example", tls=TlsMode.OFF)
    attempt = Attempt(wire, pbx, "0001", Secret("x"), None, OAuthClient(), MovableClock().now)
    with pytest.raises(room.PlainLineRefused):
        await attempt.log_in(Told("8.1", "ActiveDirectory"), None)


async def test_a_pbx_that_lost_its_identity_server_is_signed_in_to_classically(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4", switches=EXTERNAL)
    await bench.sign_in()
    bench.pbx.set(external_identity_provider=False)
    bench.pbx.misbehave("http_500", "GET /auth/*")
    bench.pbx.misbehave("http_500", "GET /.well-known/*")
    try:
        found = await bench.sign_in()
    except NotOffered:
        pytest.fail("the classic login was not tried")
    assert found.access.token


def _assert_nothing_leaks(error: BaseException) -> None:
    shown = "".join(traceback.format_exception(error))
    current: BaseException | None = error
    while current is not None:
        assert isinstance(current, BridgeError)
        shown += repr(current) + str(current.args)
        current = current.__cause__ or current.__context__
    for secret in (WRONG, PASSWORD, "0001:", "127.0.0.1", "starface.auth=", "Anfrage konnte"):
        assert secret not in shown
