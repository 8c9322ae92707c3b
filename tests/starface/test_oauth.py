"""STARFACE 10 and its identity server: password grant, renewal, and where a password may go."""

import base64
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import (
    CredentialsRejected,
    NotOffered,
    PbxProtocol,
)
from bridge.model.pbx import TlsMode, TokenForm
from bridge.secret import Secret
from bridge.starface import errors as room
from bridge.starface.address import AddressPolicy
from bridge.starface.gate import StarfaceGate
from bridge.starface.net import open_wire
from bridge.starface.oauth import OAuthClient
from bridge.starface.sign_in import Attempt, Told
from bridge.starface.wire import encode_answer
from tests import canary
from tests.starface.conftest import LOGIN, Bench, BenchMaker, Handler, MovableClock, assert_nothing_leaks, entry

WRONG = canary.PASSWORD
Serve = Callable[[Handler], Awaitable[int]]


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
    assert_nothing_leaks(caught.value, WRONG, "0001:", "Anfrage konnte")


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
