"""The process's way to Redis: few connections, many callers, one deadline, one error.

Callers put commands down, a small number of *lanes* (one connection each) take whatever has gathered and send it in one
write: under load a trip is shared, when idle nothing waits. Every call ends within :data:`DEADLINE` with its replies or with
``Unavailable``; a lost connection is tried once more for reads only, so that no write can happen twice.

URLs: ``redis://``, ``rediss://`` (TLS), ``unix://``; for a cluster ``redis+cluster://``, ``rediss+cluster://`` or
``?cluster=true`` on any of the former.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError

from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.secret import Secret
from bridge.store.cluster import ClusterWire
from bridge.store.commands import Argument, Command, Script
from bridge.store.lanes import Lanes, Lost

DEADLINE = 0.5
"""Seconds from a call to its replies or ``Unavailable``, waiting for a lane and the one retry included."""

CONFIRM = 200
"""Milliseconds that ``WAIT`` gives a replica; part of :data:`DEADLINE`."""

_log = logger(__name__)


class Wire(Protocol):
    """A way to send commands and read their replies; errors of the server come back as values."""

    def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def exchange(self, commands: Sequence[Command], *, alone: bool) -> list[object]:
        """Send and read. ``alone``: on a connection of its own, in order, because a command blocks. Raises ``Lost``."""

    async def subscriber(self) -> AbstractConnection:
        """A connection of its own, not yet connected, for SUBSCRIBE."""


class Connection:
    """Redis as this process sees it. Start it before use, stop it at the end."""

    def __init__(self, url: Secret, *, lanes: int = 3) -> None:
        address, clustered = _parsed(url.reveal())
        self._wire: Wire = ClusterWire(address, DEADLINE) if clustered else Lanes(address, lanes, DEADLINE)
        self._away = False

    def start(self) -> None:
        """Begin to take calls; connections are made when first needed."""
        self._wire.start()

    async def stop(self) -> None:
        """Close all connections."""
        await self._wire.stop()

    async def read(self, *command: Argument) -> object:
        """Run one command that changes nothing that a repetition would change again."""
        return (await self.run([command], read=True))[0]

    async def write(self, *command: Argument) -> object:
        """Run one command, at most once."""
        return (await self.run([command]))[0]

    async def call(self, script: Script, keys: Sequence[str], *arguments: Argument, read: bool = False) -> object:
        """Run a program; it counts as one command."""
        return (await self.run([script.command(keys, *arguments)], read=read))[0]

    async def run(self, commands: Sequence[Command], *, read: bool = False, alone: bool = False) -> list[object]:
        """Run commands in one trip (on a cluster: one for each node concerned).

        Args:
            read: they may be sent again when the connection is lost.
            alone: keep other callers off the connection, because one of the commands blocks.

        Raises:
            Unavailable: no answer within ``DEADLINE``, or the server refused.
        """
        try:
            async with asyncio.timeout(DEADLINE):
                replies = await self._exchange(commands, read=read, alone=alone)
                if any(isinstance(reply, NoScriptError) for reply in replies):
                    replies = await self._exchange_in_full(commands, replies)
        except (TimeoutError, Lost):
            self._note(away=True)
            raise Unavailable("Redis does not answer") from None
        self._note(away=False)
        if any(isinstance(reply, ResponseError) for reply in replies):
            raise Unavailable("Redis refused a command") from None
        return replies

    async def ping(self) -> None:
        """Raise ``Unavailable`` if Redis does not answer."""
        await self.read("PING")

    async def subscriber(self) -> AbstractConnection:
        """Give a connection of its own for SUBSCRIBE; the caller disconnects it."""
        return await self._wire.subscriber()

    async def _exchange(self, commands: Sequence[Command], *, read: bool, alone: bool) -> list[object]:
        try:
            return await self._wire.exchange(commands, alone=alone)
        except Lost:
            if not read:
                raise
            return await self._wire.exchange(commands, alone=alone)

    async def _exchange_in_full(self, commands: Sequence[Command], replies: list[object]) -> list[object]:
        """Send in full what the server did not know; nothing of it was done."""
        unknown = [number for number, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        again = await self._wire.exchange([Script.in_full(commands[number]) for number in unknown], alone=False)
        for number, reply in zip(unknown, again, strict=True):
            replies[number] = reply
        return replies

    def _note(self, *, away: bool) -> None:
        """Log once when Redis goes and once when it comes back."""
        if away is not self._away:
            self._away = away
            _log.warning("redis_away") if away else _log.info("redis_back")


def _parsed(url: str) -> tuple[str, bool]:
    """Split what is ours off a URL: the address as redis-py reads it, and whether it names a cluster."""
    scheme, separator, rest = url.partition("://")
    scheme, _, kind = scheme.partition("+")
    place, _, query = rest.partition("?")
    options = parse_qsl(query, keep_blank_values=True)
    asked = any(name == "cluster" and value.lower() in {"1", "true", "yes"} for name, value in options)
    kept = urlencode([(name, value) for name, value in options if name != "cluster"])
    return f"{scheme}{separator}{place}{'?' if kept else ''}{kept}", asked or kind == "cluster"
