"""Servers and processes for the tests of the stores."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

import pytest

from tests.servers import RedisServer, redis_server, until
from tests.stores import OLD_KEY, MovableClock, Process

Starter = Callable[..., Awaitable[Process]]


@pytest.fixture(scope="session")
def _shared_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(_shared_redis: RedisServer) -> RedisServer:
    """An empty Redis-compatible server, shared by the run: tests that kill it use ``own_redis``."""
    _shared_redis.flush()
    return _shared_redis


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server of this test alone."""
    with redis_server() as server:
        yield server


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def start(clock: MovableClock) -> AsyncIterator[Starter]:
    """Start processes of the product; they are stopped at the end."""
    running: list[Process] = []

    async def starter(server: RedisServer, keys: Sequence[bytes] = (OLD_KEY,), *, replicated: bool = False) -> Process:
        process = Process(server.url, clock, keys, replicated=replicated)
        running.append(process)
        await process.start()
        await until(lambda: process.naming._names is not None)
        return process

    yield starter
    for process in running:
        await process.stop()


@pytest.fixture
async def process(redis: RedisServer, start: Starter) -> Process:
    """One process on the shared server."""
    return await start(redis)
