import asyncio
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web

from infra.simulator.starface import StarfaceSimulator
from tests.simulator.starface.uci_client import Client, Listener, MakeClient, Until


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator() as simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listening = Listener()
    application = web.Application()
    application.router.add_post("/uci/cb", listening.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    listening.port = runner.addresses[0][1]
    yield listening
    await runner.cleanup()


@pytest.fixture
def client_of(http: aiohttp.ClientSession) -> MakeClient:
    """Make a client of one user of a simulator."""

    def make(simulator: StarfaceSimulator, login: str = "0001", listener: Listener | None = None) -> Client:
        return Client(http, simulator.url, login, simulator.users[login].password, listener)

    return make


@pytest.fixture
def expect_soon() -> Until:
    """Wait for a condition for at most three seconds."""

    async def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 3
        while not condition():
            assert time.monotonic() < deadline, "the condition never became true"
            await asyncio.sleep(0.005)

    return wait
