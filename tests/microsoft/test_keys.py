"""Keys of issuers: read once, kept, renewed, bounded, whatever the issuer does."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bridge.errors import TooManyAttempts, Unavailable
from bridge.microsoft.keys import BURST, ISSUERS_KEPT, LIFE, REFRESH_GAP, RETRY_GAP, KeyStore, read_keys
from infra.simulator.microsoft import Fault
from infra.simulator.microsoft.keys import generate_key
from tests.microsoft.conftest import Now, World

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_many_callers_cause_one_reading(world: World) -> None:
    world.ms.channel.faults.add(Fault(delay=0.05, where="metadata", times=1))
    kid = world.ms.channel_keys.current.kid
    issuers = await asyncio.gather(*(world.keys.issuer(world.ms.channel_metadata_url, kid) for _ in range(50)))
    assert all(issuer is not None and kid in issuer.keys for issuer in issuers)
    assert world.ms.channel.fetches == {"metadata": 1, "keys": 1}
    assert world.outcomes == ["read"]


async def test_endorsements_and_issuer_come_with_the_key(world: World) -> None:
    kid = world.ms.channel_keys.current.kid
    issuer = await world.keys.issuer(world.ms.channel_metadata_url, kid)
    assert issuer is not None
    assert issuer.name == "https://api.botframework.com"
    assert issuer.keys[kid].endorsements == {"msteams"}
    assert world.keys.anywhere(kid) is issuer.keys[kid]
    assert world.keys.anywhere("no such key") is None


async def test_an_unknown_key_id_is_looked_up_once_in_thirty_seconds(world: World) -> None:
    url = world.ms.channel_metadata_url
    await world.keys.issuer(url, world.ms.channel_keys.current.kid)
    for number in range(200):
        await world.keys.issuer(url, f"unknown-{number}")
    assert world.ms.channel.fetches["keys"] == 2
    world.now.at += REFRESH_GAP - 1
    await world.keys.issuer(url, "unknown")
    assert world.ms.channel.fetches["keys"] == 2
    world.now.at += 1
    await world.keys.issuer(url, "unknown")
    assert world.ms.channel.fetches["keys"] == 3


async def test_a_rotated_key_is_found_at_once_and_a_withdrawn_one_is_gone(world: World) -> None:
    url, old = world.ms.channel_metadata_url, world.ms.channel_keys.current.kid
    await world.keys.issuer(url, old)
    new = (await world.ms.channel_keys.rotate(keep=0)).kid
    issuer = await world.keys.issuer(url, new)
    assert issuer is not None
    assert set(issuer.keys) == {new}


async def test_keys_are_read_again_after_a_day_and_kept_when_that_fails(world: World) -> None:
    url, kid = world.ms.channel_metadata_url, world.ms.channel_keys.current.kid
    await world.keys.issuer(url, kid)
    world.now.at += LIFE - 1
    await world.keys.issuer(url, kid)
    assert world.ms.channel.fetches["keys"] == 1
    world.ms.channel.faults.add(Fault(status=503))
    world.now.at += 1
    issuer = await world.keys.issuer(url, kid)
    assert issuer is not None
    assert kid in issuer.keys
    assert world.outcomes == ["read", "failed"]
    await world.keys.issuer(url, kid)
    assert world.ms.channel.fetches["metadata"] == 2
    world.ms.channel.faults.clear()
    world.now.at += REFRESH_GAP
    await world.keys.issuer(url, kid)
    assert world.outcomes[-1] == "read"


async def test_without_any_key_the_issuer_is_asked_again_soon(world: World) -> None:
    url, kid = world.ms.channel_metadata_url, world.ms.channel_keys.current.kid
    world.ms.channel.faults.add(Fault(status=500))
    for _ in range(5):
        with pytest.raises(Unavailable):
            await world.keys.issuer(url, kid)
    assert world.ms.channel.fetches["metadata"] == 1
    world.ms.channel.faults.clear()
    world.now.at += RETRY_GAP
    assert await world.keys.issuer(url, kid)


async def test_an_issuer_that_does_not_exist_is_not_asked_again(world: World) -> None:
    url = f"{world.ms.base_url}/deadbeef-0000-4000-8000-000000000bad/v2.0/.well-known/openid-configuration"
    for _ in range(5):
        assert await world.keys.issuer(url, "k") is None
    assert world.ms.identity.fetches["metadata"] == 1
    assert world.outcomes == ["unknown_issuer"]
    assert not world.keys.holds(url)


async def test_strangers_can_cause_so_many_readings_and_no_more(world: World) -> None:
    def url(number: int) -> str:
        return f"{world.ms.base_url}/{number:08x}-0000-4000-8000-000000000bad/v2.0/.well-known/openid-configuration"

    for number in range(int(BURST)):
        await world.keys.issuer(url(number), "k", proven=False)
    with pytest.raises(TooManyAttempts):
        await world.keys.issuer(url(99), "k", proven=False)
    assert await world.keys.issuer(url(100), "k") is None
    world.now.at += 3.1
    await world.keys.issuer(url(101), "k", proven=False)
    with pytest.raises(TooManyAttempts):
        await world.keys.issuer(url(102), "k", proven=False)


async def test_the_store_is_bounded(world: World) -> None:
    async def refuses(_: web.Request) -> web.Response:
        return web.Response(status=404)

    async with Served({"/{path:.*}": refuses}) as base:
        for number in range(ISSUERS_KEPT + 20):
            await world.keys.issuer(f"{base}/{number}", "k")
    assert len(world.keys._shelves) == ISSUERS_KEPT


class Served:
    """A server of this test's own."""

    def __init__(self, routes: dict[str, Any]) -> None:
        self._app = web.Application()
        for path, handler in routes.items():
            self._app.router.add_get(path, handler)

    async def __aenter__(self) -> str:
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


GOOD = {"issuer": "i", "jwks_uri": "{base}/keys"}


@pytest.mark.parametrize(
    "metadata",
    [
        b"", b"[]", b"no json", b"[" * 20_000, json.dumps({"issuer": "i"}).encode(), b'{"issuer": 1, "jwks_uri": "x"}',
        b'{"issuer": "i", "jwks_uri": "http://attacker.example/keys"}', b'{"issuer": "i", "jwks_uri": "file:///etc/passwd"}',
        b" " * (256 * 1024 + 1) + b"{}", json.dumps({"issuer": "i", "jwks_uri": "/keys"}).encode(),
    ],
    ids=range(10),
)  # fmt: skip
async def test_odd_metadata_is_no_issuer(world: World, metadata: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=metadata)

    async with Served({"/metadata": answer}) as base:
        with pytest.raises(Unavailable):
            await world.keys.issuer(f"{base}/metadata", "k")


async def test_redirects_are_not_followed(world: World) -> None:
    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": world.ms.channel_metadata_url})

    async with Served({"/metadata": redirect}) as base:
        with pytest.raises(Unavailable):
            await world.keys.issuer(f"{base}/metadata", "k")
    assert world.ms.channel.fetches == {}


async def test_an_issuer_that_hangs_holds_nobody_up_for_long(world: World) -> None:
    world.ms.channel.faults.add(Fault(hang=True))
    keys = KeyStore(world.http, clock=world.now, deadline=0.1)
    results = await asyncio.gather(
        *(keys.issuer(world.ms.channel_metadata_url, "k") for _ in range(20)), return_exceptions=True
    )
    assert {type(result) for result in results} == {Unavailable}
    assert world.ms.channel.fetches["metadata"] == 1


async def test_while_keys_are_read_again_the_known_ones_serve(world: World) -> None:
    url, kid = world.ms.channel_metadata_url, world.ms.channel_keys.current.kid
    await world.keys.issuer(url, kid)
    world.now.at += LIFE
    world.ms.channel.faults.add(Fault(delay=0.1, times=1))
    slow = asyncio.create_task(world.keys.issuer(url, kid))
    await asyncio.sleep(0.01)
    async with asyncio.timeout(0.05):
        assert await world.keys.issuer(url, kid)
    await slow


async def test_a_key_set_is_read_with_tolerance() -> None:
    key = (await generate_key()).published()
    small = {**key, "kid": "small", "n": base64.urlsafe_b64encode(b"\xff" * 128).decode()}
    odd: list[Any] = [
        5, {}, {**key, "kid": 1}, {**key, "kid": "ec", "kty": "EC"}, {**key, "kid": "enc", "use": "enc"},
        {**key, "kid": "bad", "n": "%"},
        {**key, "kid": "none", "n": None}, small, {**key, "kid": "odd endorsements", "endorsements": "msteams"},
    ]  # fmt: skip
    read = read_keys({"keys": [*odd, key]})
    assert set(read) == {"odd endorsements", key["kid"]}
    assert read["odd endorsements"].endorsements == frozenset()
    assert read_keys({"keys": "x"}) == {}
    assert read_keys({}) == {}


async def test_a_store_needs_no_session_until_it_reads() -> None:
    async with aiohttp.ClientSession() as http:
        assert not KeyStore(http, clock=Now()).holds("https://nowhere.example/")
