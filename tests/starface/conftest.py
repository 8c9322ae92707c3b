"""A simulated PBX on a real socket, and our way to it."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import BridgeError
from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import PbxAccess, PbxEntry, TlsMode
from bridge.secret import Secret
from bridge.service.ports import Callback, SignedIn
from bridge.starface.address import AddressPolicy
from bridge.starface.client import StarfaceLine
from bridge.starface.gate import StarfaceGate
from bridge.starface.net import Answer, Bounds, Form, Lookup, Wire, open_wire
from bridge.starface.oauth import OAuthClient
from infra.simulator.starface import PbxConfig, StarfaceSimulator

LOGIN, PASSWORD = "0001", "Demo-0001!"
QUICK = Bounds(connect=2.0, total=5.0)


class MovableClock:
    """The port Clock; tests move it."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def time(self) -> float:
        return self.at.timestamp()


def entry(port: int, **changes: Any) -> PbxEntry:
    """A PBX on this machine, plain HTTP unless told otherwise."""
    made = PbxEntry(TenantId("t"), PbxId(f"p{port}"), "PBX", "127.0.0.1", port, TlsMode.OFF, primary=True)
    return replace(made, **changes)


@dataclass
class Bench:
    """One simulated PBX, the wire and gate to it."""

    pbx: StarfaceSimulator
    wire: Wire
    gate: StarfaceGate
    clock: MovableClock
    entry: PbxEntry

    async def sign_in(self, login: str = LOGIN, password: str = PASSWORD, callback: Callback | None = None) -> SignedIn:
        return await self.gate.sign_in(self.entry, login, Secret(password), callback)

    async def line(self, login: str = LOGIN, callback: Callback | None = None, **changes: Any) -> StarfaceLine:
        """A line of a fresh sign-in; ``changes`` are made to its access."""
        signed_in = await self.sign_in(login, f"Demo-{login}!", callback)
        return self.gate.line(self.entry, replace(signed_in.access, **changes), callback)

    def raw_line(self, access: PbxAccess) -> StarfaceLine:
        return self.gate.line(self.entry, access, None)


BenchMaker = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def bench_of(stack: AsyncExitStack) -> BenchMaker:
    """Make a bench: keywords go to the PBX's configuration, ``switches`` to its behaviour."""

    async def make(
        *,
        switches: dict[str, object] | None = None,
        bounds: Bounds = QUICK,
        client: OAuthClient | None = None,
        **config: Any,
    ) -> Bench:
        pbx = await stack.enter_async_context(StarfaceSimulator(PbxConfig(**config)))
        pbx.set(**(switches or {}))
        wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), bounds))
        clock = MovableClock()
        return Bench(pbx, wire, StarfaceGate(wire, clock, client), clock, entry(pbx.port))

    return make


@pytest.fixture
async def bench(bench_of: BenchMaker) -> Bench:
    return await bench_of()


@pytest.fixture
async def quick_wire(stack: AsyncExitStack) -> Wire:
    return await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def served(stack: AsyncExitStack) -> Callable[[Handler], Awaitable[int]]:
    """Serve every path by one handler; gives the port."""

    async def serve(handler: Handler) -> int:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    return serve


Talker = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def talked(stack: AsyncExitStack) -> Callable[[Talker], Awaitable[int]]:
    """Serve raw bytes; gives the port."""

    async def serve(talker: Talker) -> int:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talker(reader, writer)
            except ConnectionError:
                pass
            finally:
                writer.transport.abort()

        server = await asyncio.start_server(guarded, "127.0.0.1", 0)
        stack.callback(server.close)
        return int(server.sockets[0].getsockname()[1])

    return serve


async def until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a simulator that has no event of it
            await asyncio.sleep(0.01)


TOKEN = "0001:geheim+/=%26kanari"


async def ask(wire: Wire, pbx: PbxEntry) -> Answer:
    """One request that carries a token."""
    return await wire.send(pbx, "POST", "/xml-rpc", Form(b"x"), query={"de.vertico.starface.auth": TOKEN})


def names(*addresses: str) -> Lookup:
    """A name service that gives these addresses for every name."""

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return lookup


@dataclass
class Canary:
    """A listener on a denied address that counts who comes."""

    port: int
    accepted: int = 0


@pytest.fixture
async def canary(stack: AsyncExitStack) -> Canary:
    found = Canary(0)

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.accepted += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    stack.callback(server.close)
    found.port = int(server.sockets[0].getsockname()[1])
    return found


def assert_nothing_leaks(error: BaseException, *secrets: str) -> None:
    """No text of the error, nor of anything it hangs together with, holds a token, a URL, a host or what else is given."""
    shown, current = "".join(traceback.format_exception(error)), error
    while current is not None:
        assert isinstance(current, BridgeError)
        shown += repr(current) + str(current.args)
        current = current.__cause__ or current.__context__
    for secret in ("geheim", "kanari", PASSWORD, "127.0.0.1", "xml-rpc?", "starface.auth=", *secrets):
        assert secret not in shown
