"""The whole product on real sockets, with simulated peers, for tests from outside."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from app import Service, prepare
from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import CallbackMode, PbxEntry, TlsMode
from bridge.service.keeper import Rhythm
from bridge.service.presence_sync_parts import Beat
from bridge.settings import read_settings
from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA, DEMO_POPULATION, SONNENTAL, User
from infra.simulator.shell.routes import ShellConfig, shell_routes, users_of
from infra.simulator.starface import CallActionError, StarfaceSimulator

PATIENCE = 10.0
BRISK = Rhythm(
    keep_alive=0.5,
    poll_live=0.1,
    poll_idle=0.3,
    reconcile_live=0.5,
    probe=1.5,
    proof=0.5,
    back_off=1.0,
    lost_after=0.5,
    lamps=0.3,
)
"""The keeper's rhythm in fast motion, so that no test waits for half a minute."""
BRISK_BEAT = Beat(fast=0.2, slow=0.4, lost_after=1.0, parting=1.0, pause=0.02)
"""Looks at presence in fast motion."""
ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_keys() -> str:
    """A fresh value for ``SESSION_KEYS``."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def environment(
    redis_url: str, database_url: str, microsoft: MicrosoftSimulator, port: int, **changes: str
) -> dict[str, str]:
    """The environment of production mode with every peer on this machine."""
    return {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "SESSION_KEYS": new_keys(),
        "ALLOW_LOOPBACK_PBX": "1",
        "LOG_LEVEL": "DEBUG",
        **{name: str(value) for name, value in microsoft.environment().items()},
        **changes,
    }


async def until(found: Callable[[], Any], within: float = PATIENCE) -> Any:
    """Wait until ``found`` gives something true (it may be a coroutine function), and give that."""
    deadline = time.monotonic() + within
    while True:
        result = found()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        await asyncio.sleep(0.02)


async def pick_up(pbx: StarfaceSimulator, login: str) -> str:
    """Answer on a phone of somebody as soon as one rings."""

    def tried() -> str:
        with contextlib.suppress(CallActionError):
            return pbx.answer(login)
        return ""

    return str(await until(tried))


@dataclass
class Answer:
    """Status, headers and decoded body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.body.get("code")) if isinstance(self.body, dict) else ""


class Stream:
    """An open event stream: events are collected as they come."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.comments = 0
        self.retries: list[int] = []
        self.ended = asyncio.Event()

    def of(self, kind: str) -> list[Any]:
        """Data of all events of one kind so far."""
        return [data for name, data in self.events if name == kind]

    async def wait_for(self, kind: str, fits: Callable[[Any], bool] = lambda _: True, within: float = PATIENCE) -> Any:
        """Wait for an event and give its data."""
        return await until(lambda: next((data for data in self.of(kind) if fits(data)), None), within)

    async def read(self, response: aiohttp.ClientResponse) -> None:
        """Read until the end."""
        name, data = "", ""
        with contextlib.suppress(aiohttp.ClientError, asyncio.CancelledError):
            async for line in response.content:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    name = text[7:]
                elif text.startswith("data: "):
                    data = text[6:]
                elif text.startswith("retry: "):
                    self.retries.append(int(text[7:]))
                elif text.startswith(":"):
                    self.comments += 1
                elif not text and data:
                    self.events.append((name, json.loads(data)))
                    name, data = "", ""
        self.ended.set()


@dataclass
class Person:
    """Somebody with a Teams token who uses one process of the product."""

    http: aiohttp.ClientSession
    url: str
    token: str
    user: User
    language: str = "en"
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request to ``/api/v1``."""
        told = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language, **self.headers, **headers}
        url = f"{self.url}/api/v1{path}"
        async with self.http.request(method, url, json=body, headers=told) as response:
            text = await response.text()
            body = json.loads(text) if "json" in response.content_type else text or None
            return Answer(response.status, response.headers, body)

    async def sign_in(self, login: str = "0001", password: str | None = None, pbx: str = "demo") -> Answer:
        """POST /session."""
        body = {"pbxId": pbx, "login": login, "password": password or f"Demo-{login}!"}
        return await self.ask("POST", "/session", body)

    async def call(self, number: str) -> Answer:
        """POST /calls."""
        return await self.ask("POST", "/calls", {"number": number})

    @contextlib.asynccontextmanager
    async def stream(self) -> AsyncIterator[Stream]:
        """An open event stream."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        stream = Stream()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        async with self.http.get(f"{self.url}/api/v1/events", headers=headers, timeout=timeout) as response:
            assert response.status == 200, await response.text()
            reading = asyncio.create_task(stream.read(response))
            try:
                yield stream
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


@dataclass
class World:
    """One or several processes of the product with their peers."""

    http: aiohttp.ClientSession
    microsoft: MicrosoftSimulator
    pbx: StarfaceSimulator
    environment: dict[str, str]
    services: list[Service]

    @property
    def url(self) -> str:
        """Where the first process listens."""
        return self.environment["PUBLIC_URL"]

    @property
    def service(self) -> Service:
        """The first process."""
        return self.services[0]

    def person(self, user: User = ANNA, url: str | None = None, **claims: Any) -> Person:
        """Somebody with a fresh Teams token."""
        return Person(self.http, url or self.url, self.microsoft.sso_token(user, **claims), user)

    async def map_pbx(self, pbx: StarfaceSimulator | None = None, name: str = "demo", **changes: Any) -> PbxEntry:
        """Map a simulated PBX for the demo tenant."""
        tenant = TenantId(changes.pop("tenant", SONNENTAL.id))
        port = (pbx or self.pbx).port
        entry = PbxEntry(
            tenant, PbxId(name), "STARFACE", "127.0.0.1", port, TlsMode.OFF, name == "demo", CallbackMode.AUTO
        )
        entry = PbxEntry(**{**{slot: getattr(entry, slot) for slot in PbxEntry.__slots__}, **changes})
        directory = self.service.stores.directory
        await directory.register(tenant)
        await directory.add(entry)
        return entry


@contextlib.asynccontextmanager
async def world(
    redis_url: str,
    database_url: str,
    microsoft: MicrosoftSimulator,
    pbx: StarfaceSimulator,
    *,
    processes: int = 1,
    mapped: bool = True,
    rhythm: Rhythm = BRISK,
    beat: Beat = BRISK_BEAT,
    shell: bool = False,
    **changes: str,
) -> AsyncIterator[World]:
    """Run the product in this process (``processes`` of it, sharing the stores) and map the PBX."""
    ports = [free_port() for _ in range(processes)]
    told = environment(redis_url, database_url, microsoft, ports[0], **changes)
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        services: list[Service] = []
        for port in ports:
            prepared = await asyncio.to_thread(prepare, read_settings(told | {"PORT": str(port)}))
            service = Service(replace(prepared, rhythm=rhythm, beat=beat))
            if shell:
                service.web.add_routes(shell_routes(_shell(microsoft, pbx)))
            await stack.enter_async_context(service.running())
            services.append(service)
        microsoft.channel.endpoint = f"{told['PUBLIC_URL']}/api/messages"
        made = World(http, microsoft, pbx, told, services)
        if mapped:
            await made.map_pbx()
        yield made


def _shell(microsoft: MicrosoftSimulator, pbx: StarfaceSimulator) -> ShellConfig:
    return ShellConfig(
        microsoft_control_url=microsoft.control_url,
        starface_control_url=f"{pbx.url}/_control/api",
        app_id=microsoft.settings.app_id,
        users=users_of(DEMO_POPULATION),
    )


@contextlib.asynccontextmanager
async def process(told: Mapping[str, str], port: int, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the product as a process of its own until the end of the block."""
    with log.open("ab") as sink:
        running = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "app.py"), env={**_bare(), **told, "PORT": str(port)}, stdout=sink, stderr=sink,
            cwd=ROOT,
        )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as http:

            async def ready() -> bool:
                assert running.returncode is None, "the process ended"
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{port}/healthz") as answer:
                        return answer.status == 200
                return False

            await until(ready, 20)
        yield running
    finally:
        if running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                running.send_signal(signal.SIGKILL)
        await running.wait()


def _bare() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
