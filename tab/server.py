"""The HTTP server of a process: one application, listened to until it is drained."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol

from aiohttp import web

from tab.first_head import FirstHead
from tab.gate import add_headers, gate
from tab.health import Meters, Part, health_routes

BODY_LIMIT: Final = 512 * 1024
DRAIN: Final = 7.0
"""Seconds that requests and streams under way have to end."""
BACKLOG: Final = 1024
KEEP_ALIVE: Final = 75.0
"""Seconds a connection may be idle between two requests; longer than proxies keep theirs, so that they close first."""

COLLECTIONS: Final = (20_000, 1, 100)
"""Objects more than freed before the youngest are looked through; looks before the next older ones are, too."""


class Face(Protocol):
    """Something with routes."""

    def routes(self) -> list[web.RouteDef]: ...


def application(
    faces: Iterable[Face], meters: Meters, parts: Mapping[str, Part], on_drain: Callable[[], Awaitable[None]]
) -> web.Application:
    """Put routes and the one middleware together; ``on_drain`` is told when no new requests are taken any more."""

    async def drain(_: web.Application) -> None:
        await on_drain()

    app = web.Application(middlewares=[gate(meters)], client_max_size=BODY_LIMIT)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(drain)
    for face in faces:
        app.add_routes(face.routes())
    app.add_routes(health_routes(meters, parts))
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serve until the end of the block, then drain."""
    runner = web.AppRunner(
        app,
        handler_cancellation=True,
        access_log=None,
        shutdown_timeout=DRAIN,
        auto_decompress=False,  # no peer compresses what it sends here, but who sends a bomb
        keepalive_timeout=KEEP_ALIVE,
    )
    await runner.setup()
    protocol = runner.server
    assert protocol is not None  # noqa: S101 - there is one after the set-up
    listener = await asyncio.get_running_loop().create_server(
        lambda: FirstHead(protocol()), host, port, backlog=BACKLOG
    )
    try:
        yield
    finally:
        listener.close()
        await runner.cleanup()


def spare_the_collector() -> None:
    """Let the garbage collector look at what is new, and seldom. Call it once, when everything has been started.

    Modules, classes, schemas and tables are some 150,000 objects; to look through them stops the event loop for 0.1 s each time.
    Requests and events leave no cycles behind, but begin a collection whenever some are under way at once; reference counting
    frees them at once anyway. What does form cycles is found after as many allocations as keep each look under 50 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


async def told_to_stop() -> None:
    """Wait for SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
