"""Lanes to one Redis server: each is a connection with a task that sends whatever has gathered in one write."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from bridge.store.background import Background
from bridge.store.commands import Command, packed

LARGEST_BATCH = 64
"""Calls sent in one write; more would make the first one wait for the last."""

WAITING = 4096
"""Calls that may wait for a lane; the next one fails at once."""


class Lost(Exception):
    """The connection broke, or there is no room; the server's answer, if any, will never be known."""


@dataclass(slots=True)
class _Call:
    """Commands of one caller on their way."""

    packed: bytes
    replies: int
    done: asyncio.Future[list[object]]


class Lanes:
    """A few shared connections, and as many again for commands that block (``WAIT``)."""

    def __init__(self, url: str, lanes: int, deadline: float) -> None:
        self._pool = ConnectionPool.from_url(
            url,
            protocol=2,
            driver_info=None,
            socket_timeout=None,
            socket_connect_timeout=deadline,
            retry=Retry(NoBackoff(), 0),
            socket_keepalive=True,
        )
        self._deadline = deadline
        self._shared: asyncio.Queue[_Call] = asyncio.Queue(WAITING)
        self._alone: asyncio.Queue[_Call] = asyncio.Queue(WAITING)
        self._tasks = [
            Background(partial(self._serve, queue, most), "redis-lane")
            for queue, most in ((self._shared, LARGEST_BATCH), (self._alone, 1))
            for _ in range(lanes)
        ]

    def start(self) -> None:
        """Open the lanes; each connects when it has something to send."""
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        """Close them; calls under way fail."""
        for task in self._tasks:
            await task.stop()

    async def exchange(self, commands: Sequence[Command], *, alone: bool) -> list[object]:
        """Send commands and give their replies, a server's error as a value.

        Raises:
            Lost: the connection broke, or too many calls wait.
        """
        call = _Call(b"".join(map(packed, commands)), len(commands), asyncio.get_running_loop().create_future())
        try:
            (self._alone if alone else self._shared).put_nowait(call)
        except asyncio.QueueFull:
            raise Lost from None
        return await call.done

    async def subscriber(self) -> AbstractConnection:
        """Give a connection of its own, not yet connected."""
        return self._made()

    def _made(self) -> AbstractConnection:
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py's gap
        return connection

    async def _serve(self, queue: asyncio.Queue[_Call], most: int) -> None:
        connection = self._made()
        try:
            while True:
                calls = [await queue.get()]
                while len(calls) < most and not queue.empty():
                    calls.append(queue.get_nowait())
                await self._exchange(connection, [call for call in calls if not call.done.done()])
        finally:
            await connection.disconnect(nowait=True)

    async def _exchange(self, connection: AbstractConnection, calls: list[_Call]) -> None:
        if not calls:
            return
        try:
            async with asyncio.timeout(self._deadline):
                await _refreshed(connection)
                await connection.send_packed_command([call.packed for call in calls], check_health=False)
                for call in calls:
                    replies = [await _reply(connection) for _ in range(call.replies)]
                    if not call.done.done():
                        call.done.set_result(replies)
        except asyncio.CancelledError:
            _fail(calls)
            raise
        except Exception:  # noqa: BLE001 - whatever it was: these calls fail, the connection is dropped, the lane lives on
            _fail(calls)
            await connection.disconnect(nowait=True)


async def _refreshed(connection: AbstractConnection) -> None:
    """Drop a connection that the server has closed (or that holds anything unread) before a write is risked on it."""
    if connection.is_connected and await connection.can_read():
        await connection.disconnect(nowait=True)


async def _reply(connection: AbstractConnection) -> object:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error


def _fail(calls: list[_Call]) -> None:
    for call in calls:
        if not call.done.done():
            call.done.set_exception(Lost())
