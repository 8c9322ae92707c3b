"""Changes of one person, to every process that has a reader for them; and news of the directory, to every process.

Payloads are sealed for their channel. A table of calls arrives as :mod:`bridge.store.calls` published it: the sealed value
itself. Nothing rests in Redis; who may have missed something is told to take a new snapshot.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from bridge.errors import Unavailable
from bridge.model.ids import TenantId, UserHandle, UserKey
from bridge.model.messages import CallsChanged, Change, Resync
from bridge.store import keys, records
from bridge.store.calls import TABLE
from bridge.store.connection import Connection
from bridge.store.naming import Naming
from bridge.store.records import RecordUnknown
from bridge.store.seal import Seal, SealBroken
from bridge.store.subscriber import Subscriber

BACKLOG = 64
"""Changes a reader may be behind; then they are dropped and it is told to take a snapshot."""

_CHANGE = b"c"


class Reader:
    """One reader's changes, oldest first; ends when the feed is closed."""

    def __init__(self) -> None:
        self._waiting: deque[Change] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def push(self, change: Change) -> None:
        """Add a change; a full backlog becomes one ``Resync``."""
        if isinstance(change, Resync) or len(self._waiting) >= BACKLOG:
            self._waiting.clear()
            change = Resync()
        self._waiting.append(change)
        self._news.set()

    def close(self) -> None:
        """End the reader after what it has."""
        self._closed = True
        self._news.set()

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()


class _Room:
    """All readers of one person in this process: a payload is opened once for all of them."""

    def __init__(self, handle: UserHandle, seal: Seal) -> None:
        self._table_name = keys.calls(handle)
        self._channel = keys.feed_channel(handle)
        self._seal = seal
        self.readers: list[Reader] = []

    def hear(self, payload: bytes) -> None:
        change = self._opened(payload)
        for reader in self.readers:
            reader.push(change)

    def gap(self) -> None:
        for reader in self.readers:
            reader.push(Resync())

    def _opened(self, payload: bytes) -> Change:
        """Open a payload; one that we cannot open may have been anything, so a snapshot is due."""
        kind, sealed = payload[:1], payload[1:]
        try:
            if kind == TABLE:
                return CallsChanged(records.read_table(self._seal.open(self._table_name, sealed).value))
            return records.read_change(self._seal.open(self._channel, sealed).value)
        except (SealBroken, RecordUnknown):
            return Resync()


class StoredFeed:
    """The feed through Redis (port ``Feed``)."""

    def __init__(self, connection: Connection, subscriber: Subscriber, naming: Naming, seal: Seal) -> None:
        self._connection = connection
        self._subscriber = subscriber
        self._naming = naming
        self._seal = seal
        self._rooms: dict[UserHandle, _Room] = {}
        naming.on_change(self.close)

    async def publish(self, user: UserKey, change: Change) -> None:
        """Tell all readers of a person, in all processes."""
        channel = keys.feed_channel(self._naming.handle(user))
        payload = _CHANGE + self._seal.seal(channel, records.write_change(change))
        await self._connection.write("PUBLISH", channel, payload)

    def subscribe(self, user: UserKey) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Read a person's changes from now on. Entering raises ``Unavailable`` if Redis does not confirm."""
        return self._subscribed(user)

    def resync(self) -> None:
        """Tell all readers to take a new snapshot."""
        for room in self._rooms.values():
            room.gap()

    def close(self) -> None:
        """End all readers, e.g. because names have changed: they come back under the new ones."""
        for room in self._rooms.values():
            for reader in room.readers:
                reader.push(Resync())
                reader.close()

    @contextlib.asynccontextmanager
    async def _subscribed(self, user: UserKey) -> AsyncIterator[AsyncIterator[Change]]:
        handle, reader = self._naming.handle(user), Reader()
        room = self._rooms.setdefault(handle, _Room(handle, self._seal))
        room.readers.append(reader)
        try:
            await self._subscriber.join(keys.feed_channel(handle), room)
            yield reader
        finally:
            room.readers.remove(reader)
            if not room.readers and self._rooms.get(handle) is room:
                del self._rooms[handle]
            await self._subscriber.leave(keys.feed_channel(handle), room)


class DirectoryNews:
    """Tells all processes that a tenant's entries changed."""

    def __init__(self, connection: Connection, subscriber: Subscriber, seal: Seal) -> None:
        self._connection = connection
        self._subscriber = subscriber
        self._seal = seal
        self._forget: Callable[[TenantId | None], None] = lambda _: None

    async def start(self, forget: Callable[[TenantId | None], None]) -> None:
        """Call ``forget`` with each tenant that changed, and with ``None`` when news may have been missed."""
        self._forget = forget
        with contextlib.suppress(Unavailable):  # comfort: what is cached is forgotten after seconds anyway
            await self._subscriber.join(keys.DIRECTORY_CHANNEL, self)

    async def tell(self, tenant: TenantId) -> None:
        """Tell everybody; failing is no harm, what is cached is forgotten after seconds anyway."""
        payload = self._seal.seal(keys.DIRECTORY_CHANNEL, tenant.encode())
        with contextlib.suppress(Unavailable):
            await self._connection.write("PUBLISH", keys.DIRECTORY_CHANNEL, payload)

    def hear(self, payload: bytes) -> None:
        """Take news."""
        try:
            self._forget(TenantId(self._seal.open(keys.DIRECTORY_CHANNEL, payload).value.decode()))
        except SealBroken:
            self._forget(None)

    def gap(self) -> None:
        """News may have been missed."""
        self._forget(None)
