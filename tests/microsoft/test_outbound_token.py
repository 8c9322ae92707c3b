"""Our own tokens: fetched off the loop, one request for many callers, kept until shortly before their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import pytest_asyncio
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bridge.errors import Unavailable
from bridge.microsoft.outbound_token import (
    CONNECTOR_SCOPE,
    GRAPH_SCOPE,
    MARGIN,
    RETRY_GAP,
    ConnectorTokens,
    OutboundTokens,
)
from bridge.secret import Secret
from infra.simulator.microsoft import Fault
from tests.microsoft.conftest import World

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def tokens(world: World) -> AsyncIterator[OutboundTokens]:
    settings = world.ms.settings
    tokens = OutboundTokens(
        authority=world.ms.base_url, app_id=settings.app_id, credential=Secret(settings.app_secret), clock=world.now
    )
    yield tokens
    await tokens.stop()


def claims_of(token: Secret) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token.reveal(), options={"verify_signature": False})
    return claims


async def test_many_callers_cause_one_request_and_later_ones_none(world: World, tokens: OutboundTokens) -> None:
    home = world.ms.settings.home_tenant
    given = await asyncio.gather(*(tokens.get(home) for _ in range(30)))
    assert len(set(given)) == 1
    assert claims_of(given[0])["aud"] == "https://api.botframework.com"
    assert claims_of(given[0])["tid"] == home
    await tokens.get(home)
    assert world.ms.identity.fetches["token"] == 1


async def test_purposes_and_tenants_do_not_share_a_token(world: World, tokens: OutboundTokens) -> None:
    home, customer = world.ms.settings.home_tenant, world.ms.user("anna.schmidt").tenant.id
    connector, graph = await tokens.get(home), await tokens.get(customer, GRAPH_SCOPE)
    assert claims_of(graph)["aud"] == "https://graph.microsoft.com"
    assert claims_of(graph)["tid"] == customer
    assert connector != graph


async def test_a_token_is_renewed_five_minutes_before_its_end(world: World, tokens: OutboundTokens) -> None:
    home = world.ms.settings.home_tenant
    first = await tokens.get(home)
    world.now.at += 3899 - MARGIN - 1
    assert await tokens.get(home) == first
    world.now.at += 2
    assert await tokens.get(home) != first
    assert world.ms.identity.fetches["token"] == 2


async def test_while_entra_is_away_the_token_serves_until_its_end(world: World, tokens: OutboundTokens) -> None:
    home = world.ms.settings.home_tenant
    first = await tokens.get(home)
    world.ms.identity.faults.add(Fault(status=503))
    world.now.at += 3899 - MARGIN + 1
    assert await tokens.get(home) == first
    assert await tokens.get(home) == first
    assert world.ms.identity.fetches["token"] == 2
    world.now.at += MARGIN
    with pytest.raises(Unavailable):
        await tokens.get(home)
    world.ms.identity.faults.clear()
    world.now.at += RETRY_GAP
    assert await tokens.get(home) != first


async def test_entra_is_not_asked_again_at_once_after_a_refusal(world: World) -> None:
    settings = world.ms.settings
    tokens = OutboundTokens(
        authority=world.ms.base_url, app_id=settings.app_id, credential=Secret("wrong"), clock=world.now
    )
    for _ in range(4):
        with pytest.raises(Unavailable):
            await tokens.get(settings.home_tenant)
    assert world.ms.identity.fetches["token"] == 1
    await tokens.stop()


async def test_a_refused_token_is_dropped_by_who_holds_it_only(world: World, tokens: OutboundTokens) -> None:
    source = ConnectorTokens(tokens, world.ms.settings.home_tenant)
    first = await source.get()
    source.reject(Secret("another"))
    assert await source.get() == first
    source.reject(first)
    assert await source.get() != first


async def test_the_loop_goes_on_while_entra_takes_its_time(world: World, tokens: OutboundTokens) -> None:
    world.ms.identity.faults.add(Fault(delay=0.15, where="token", times=1))
    worst, last = 0.0, time.perf_counter()
    asking = asyncio.create_task(tokens.get(world.ms.settings.home_tenant))
    while not asking.done():
        await asyncio.sleep(0.002)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    assert await asking
    assert worst < 0.1


async def test_an_unknown_tenant_is_a_failure_and_nothing_worse(tokens: OutboundTokens) -> None:
    with pytest.raises(Unavailable):
        await tokens.get("deadbeef-0000-4000-8000-000000000bad")


def certificate(path: Path) -> x509.Certificate:
    """A fresh key with its self-signed certificate, written to one PEM file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bot")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return made


async def test_a_certificate_signs_the_request_instead_of_a_secret(tmp_path: Path) -> None:
    """Against an authority of this test's own: the assertion names Entra's usual address, as msal was told."""
    path = tmp_path / "bot.pem"
    public = (await asyncio.to_thread(certificate, path)).public_key()
    forms: list[dict[str, Any]] = []

    async def metadata(request: web.Request) -> web.Response:
        base = f"http://{request.host}/tenant"
        endpoints = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/oauth2/v2.0/token"}
        return web.json_response({"issuer": f"{base}/v2.0", **endpoints})

    async def token(request: web.Request) -> web.Response:
        forms.append(dict(await request.post()))
        return web.json_response({"access_token": "t", "token_type": "Bearer", "expires_in": 100})

    app = web.Application()
    app.router.add_get("/tenant/v2.0/.well-known/openid-configuration", metadata)
    app.router.add_post("/tenant/oauth2/v2.0/token", token)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    authority = f"http://127.0.0.1:{runner.addresses[0][1]}"
    tokens = OutboundTokens(authority=authority, app_id="app", credential=path)
    assert await tokens.get("tenant", CONNECTOR_SCOPE) == Secret("t")
    await tokens.stop()
    await runner.cleanup()
    assertion = forms[0]["client_assertion"]
    audience = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token"
    claims = jwt.decode(assertion, public, algorithms=["RS256", "PS256"], audience=audience)  # type: ignore[arg-type]  # RSA
    assert claims["iss"] == "app"
    assert "client_secret" not in forms[0]
