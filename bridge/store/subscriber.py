"""One connection of this process on which everything published is heard.

Channels are joined and left while it runs. Whoever has joined hears either every message or, after the connection was lost
and found again, that there was a gap. A silent connection is asked for a sign of life, so a hung Redis is noticed too.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from bridge.errors import Unavailable
from bridge.store.background import Background
from bridge.store.commands import packed
from bridge.store.connection import DEADLINE, Connection
from bridge.store.lanes import Lost

QUIET = 1.5
"""Seconds without a word after which Redis is asked whether it is there, and given as many again to answer."""
LONGEST_PAUSE = 1.0


class Listener(Protocol):
    """Somebody who hears a channel. Neither method may wait or raise."""

    def hear(self, payload: bytes) -> None: ...
    def gap(self) -> None:
        """Something may have been missed."""


@dataclass(slots=True)
class _Channel:
    """Who listens, who waits for the confirmation, and whether it was heard before the connection was lost."""

    listeners: Counter[Listener] = field(default_factory=Counter)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    confirmed: bool = False
    gapped: bool = False


class Subscriber:
    """Owns the connection and the task that reads it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._channels: dict[str, _Channel] = {}
        self._asked: Counter[str] = Counter()
        self._live: AbstractConnection | None = None
        self._reading = Background(self._read_forever, "redis-subscriber")

    def start(self) -> None:
        """Connect and keep connected."""
        self._reading.start()

    async def stop(self) -> None:
        """Disconnect; listeners hear nothing more."""
        await self._reading.stop()

    async def join(self, name: str, listener: Listener) -> None:
        """Hear a channel: what is published after the return is heard. Joining twice wants leaving twice.

        Raises:
            Unavailable: Redis did not confirm in time. The listener stays until it leaves, and hears as soon as it can.
        """
        channel = self._channels.get(name)
        if channel is not None:
            channel.listeners[listener] += 1
        else:
            channel = self._channels[name] = _Channel(Counter([listener]))
            await self._send("SUBSCRIBE", name)
        if channel.confirmed:
            return
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        channel.waiting.append(confirmed)
        try:
            async with asyncio.timeout(DEADLINE):
                await confirmed
        except TimeoutError:
            raise Unavailable("Redis does not confirm a subscription") from None

    async def leave(self, name: str, listener: Listener) -> None:
        """Take back one joining."""
        channel = self._channels.get(name)
        if channel is None or listener not in channel.listeners:
            return
        channel.listeners[listener] -= 1
        if channel.listeners[listener] > 0:
            return
        del channel.listeners[listener]
        if not channel.listeners:
            del self._channels[name]
            await self._send("UNSUBSCRIBE", name)

    async def _read_forever(self) -> None:
        pause = 0.02
        while True:
            try:
                await self._read_until_lost()
            except (RedisError, OSError, TimeoutError, Lost):
                pause = 0.02 if self._live is not None else min(LONGEST_PAUSE, pause * 2)
            finally:
                await self._drop()
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter

    async def _read_until_lost(self) -> None:
        connection = await self._connection.subscriber()
        try:
            async with asyncio.timeout(DEADLINE):
                await connection.connect()  # type: ignore[no-untyped-call]  # redis-py's gap
            self._live = connection
            if self._channels:
                await self._send("SUBSCRIBE", *self._channels)
            asked = False
            while True:
                message = await connection.read_response(disable_decoding=True, timeout=QUIET)
                if message is not None:
                    asked = False
                    self._take(message)
                elif asked:
                    raise Lost
                else:
                    asked = True
                    await self._send("PING")
        finally:
            await connection.disconnect(nowait=True)

    def _take(self, message: object) -> None:
        if not isinstance(message, list) or len(message) != 3:
            return
        kind, name, payload = message
        channel = self._channels.get(name.decode()) if isinstance(name, bytes) else None
        if kind == b"message" and channel is not None:
            for listener in tuple(channel.listeners):
                listener.hear(payload)
        elif kind == b"subscribe":
            self._confirm(name.decode(), channel)

    def _confirm(self, name: str, channel: _Channel | None) -> None:
        """Take a confirmation; only the last of several in a row counts, an unsubscription may lie between them."""
        self._asked[name] -= 1
        if self._asked[name] > 0:
            return
        del self._asked[name]
        if channel is None:
            return
        gapped, channel.gapped, channel.confirmed = channel.gapped, False, True
        waiting, channel.waiting = channel.waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        for listener in tuple(channel.listeners) if gapped else ():
            listener.gap()

    async def _send(self, verb: str, *names: str) -> None:
        """Send if connected; if not, or if it fails, the next connection subscribes to everything that is wanted then."""
        connection = self._live
        if connection is None:
            return
        if verb == "SUBSCRIBE":
            self._asked.update(names)
        try:
            async with asyncio.timeout(DEADLINE):
                await connection.send_packed_command([packed((verb, *names))], check_health=False)
        except (RedisError, OSError, TimeoutError):
            await connection.disconnect(nowait=True)

    async def _drop(self) -> None:
        self._live = None
        self._asked.clear()
        for channel in self._channels.values():
            channel.gapped = channel.gapped or channel.confirmed
            channel.confirmed = False
