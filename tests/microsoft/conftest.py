"""The simulated Microsoft cloud, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest_asyncio

from bridge.microsoft.keys import KeyStore
from infra.simulator.microsoft import MicrosoftSimulator


@dataclass
class Now:
    """Monotonic time that tests move."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class World:
    """The cloud, an HTTP session, a key store and its time."""

    ms: MicrosoftSimulator
    http: aiohttp.ClientSession
    now: Now = field(default_factory=Now)
    outcomes: list[str] = field(default_factory=list)
    keys: KeyStore = field(init=False)

    def __post_init__(self) -> None:
        self.keys = KeyStore(self.http, clock=self.now, told=self.outcomes.append)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def cloud() -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator() as simulator:
        yield simulator


@pytest_asyncio.fixture(loop_scope="package")
async def world(cloud: MicrosoftSimulator) -> AsyncIterator[World]:
    for surface in (cloud.channel, cloud.identity):
        surface.faults.clear()
        surface.fetches.clear()
    async with aiohttp.ClientSession() as http:
        yield World(cloud, http)
        cloud.channel.faults.clear()
        cloud.identity.faults.clear()
