"""Worlds in which Teams and a PBX hear of each other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.cloud import MicrosoftSettings
from infra.simulator.microsoft.keys import SigningKey, generate_key
from infra.simulator.starface import StarfaceSimulator
from tests.harness import World, world
from tests.servers import RedisServer, redis_server


@pytest.fixture(scope="session")
def cloud_keys() -> tuple[SigningKey, SigningKey, SigningKey]:
    async def make() -> tuple[SigningKey, SigningKey, SigningKey]:
        return await generate_key(), await generate_key(), await generate_key()

    return asyncio.run(make())


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(redis_process: RedisServer) -> RedisServer:
    redis_process.flush()
    return redis_process


@pytest.fixture
async def microsoft(cloud_keys: tuple[SigningKey, SigningKey, SigningKey]) -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator(MicrosoftSettings(keys=cloud_keys)) as simulator:
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


@pytest.fixture
async def two(
    redis: RedisServer, database_url: str, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> AsyncIterator[World]:
    """Two processes of the product (in this one) that share their stores."""
    async with world(redis.url.reveal(), database_url, microsoft, pbx, processes=2) as made:
        yield made
