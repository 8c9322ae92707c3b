"""Servers and worlds for tests from outside."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.starface import StarfaceSimulator
from tests.harness import World, world
from tests.servers import RedisServer, redis_server


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(redis_process: RedisServer) -> RedisServer:
    redis_process.flush()
    return redis_process


@pytest.fixture
async def microsoft() -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator() as simulator:
        yield simulator


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator() as simulator:
        yield simulator


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/directory.db"


@pytest.fixture
async def one(
    redis: RedisServer, database_url: str, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> AsyncIterator[World]:
    """One process of the product with the PBX mapped."""
    async with world(redis.url.reveal(), database_url, microsoft, pbx) as made:
        yield made
