"""Tables of calls: one sealed string per person, changed by compare and swap, published by the same program.

The head of a sealed value differs each time it is written, so it serves as the version to compare with. The program writes
only while exactly the sign-in lives for which the change was made: the table of somebody who signed out cannot come back.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from bridge.errors import SignedOut, Unavailable
from bridge.model.calls import CallTable
from bridge.model.ids import UserHandle, UserKey
from bridge.model.pbx import Session
from bridge.service.ports import Clock, NoSession
from bridge.store import keys, records
from bridge.store.commands import Script, blob
from bridge.store.connection import Connection
from bridge.store.naming import Naming
from bridge.store.records import RecordUnknown
from bridge.store.seal import ETAG_BYTES, Seal, SealBroken
from bridge.store.sign_ins import Found, SignIns, tag

PATIENCE = 0.4
"""Seconds for which a change is tried again when others were faster; losing so long means that somebody writes without end."""

TABLE = b"t"
"""First byte of a published table; the rest is the sealed value as it lies under the key."""

_ENDED, _WRITTEN = -1, 1
_SWAP = Script(f"""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return {_ENDED} end
if redis.call('GETRANGE', KEYS[2], 0, {ETAG_BYTES - 1}) ~= ARGV[2] then return redis.call('GET', KEYS[2]) end
redis.call('SET', KEYS[2], ARGV[3], 'PX', math.max(1, math.min(ARGV[4], redis.call('PTTL', KEYS[1]))))
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[5], '{TABLE.decode()}' .. ARGV[3]) end
return {_WRITTEN}
""")
"""Gives what lies there when it is not what the change was made from; nothing lies there when it has run out."""


class _Stored(CallTable):
    """A table as it was read, with the head of its sealed form; equal to any table with the same calls."""

    __slots__ = ("etag",)
    etag: bytes

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CallTable):
            return NotImplemented
        return (self.calls, self.version, self.aliases) == (other.calls, other.version, other.aliases)

    __hash__ = CallTable.__hash__


@dataclass(frozen=True, slots=True)
class _Swap:
    """Outcome of one try, and the table that lies there now."""

    table: _Stored
    swapped: bool


@dataclass(slots=True)
class _Turn:
    """Changes of one person's table that this process has under way."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0
    newest: _Stored | None = None
    """What the last of them found or wrote, for the next one to begin with."""


class StoredCallTables:
    """Tables in Redis (port ``CallTables``)."""

    def __init__(self, connection: Connection, naming: Naming, seal: Seal, clock: Clock) -> None:
        self._connection = connection
        self._naming = naming
        self._seal = seal
        self._sign_ins = SignIns(seal, clock)
        self._turns: dict[UserHandle, _Turn] = {}

    async def read(self, user: UserKey) -> CallTable:
        """Give the table; an empty one when there is none that we can read."""
        handle = self._naming.handle(user)
        return self._opened(handle, blob(await self._connection.read("GET", keys.calls(handle))))

    async def with_session(self, handle: UserHandle) -> tuple[Session | NoSession, CallTable]:
        """Give sign-in and table in one trip; does not count as use."""
        names = (keys.session(handle), keys.calls(handle), keys.reason(handle))
        reply = await self._connection.read("MGET", *names)
        sealed, table, reason = map(blob, reply) if isinstance(reply, list) else (None, None, None)
        found = self._sign_ins.absent(handle, reason) if sealed is None else self._sign_ins.opened(handle, sealed)
        if isinstance(found, Found):
            return found.session, self._opened(handle, table)
        return found, CallTable()

    async def update(
        self, session: Session, change: Callable[[CallTable], CallTable], known: CallTable | None = None
    ) -> tuple[CallTable, CallTable]:
        """Apply ``change`` and publish the table if its version grew.

        Raises:
            SignedOut: this sign-in has ended meanwhile; nothing was written.
            Unavailable: Redis is away, or others wrote in between time after time.
        """
        handle = self._naming.handle(session.user)
        async with self._turn(handle) as turn:
            before = turn.newest or (known if isinstance(known, _Stored) else await self.read(session.user))
            last, pause = time.monotonic() + PATIENCE, 0.001
            while time.monotonic() < last:
                after = change(before)
                if after is before or after == before:
                    return before, before
                found = await self._swap(handle, session, before, after)
                turn.newest = found.table
                if found.swapped:
                    return before, found.table
                before = found.table
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - jitter
                pause = min(0.03, pause * 2)
        raise Unavailable("a table of calls is changed all the time")

    @contextlib.asynccontextmanager
    async def _turn(self, handle: UserHandle) -> AsyncIterator["_Turn"]:
        """Let changes of one person in this process follow one another, so that only processes ever compete."""
        turn = self._turns.setdefault(handle, _Turn())
        turn.wanted += 1
        try:
            if turn.wanted == 1:
                await turn.lock.acquire()  # nobody has it, nobody waits for it
            else:
                async with asyncio.timeout(PATIENCE):
                    await turn.lock.acquire()
            try:
                yield turn
            finally:
                turn.lock.release()
        except TimeoutError:
            raise Unavailable("too many changes of one table wait") from None
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[handle]

    async def _swap(self, handle: UserHandle, session: Session, before: CallTable, after: CallTable) -> "_Swap":
        """Write ``after`` if ``before`` is still there; else give what is there now."""
        name = keys.calls(handle)
        sealed = self._seal.seal(name, records.write_table(after))
        life = keys.CALLS_LIFE if after.live() else keys.CALLS_IDLE_LIFE
        channel = keys.feed_channel(handle) if after.version != before.version else ""
        etag = before.etag if isinstance(before, _Stored) else b""
        arguments = (tag(session.id), etag, sealed, int(life.total_seconds() * 1000), channel)
        outcome = await self._connection.call(_SWAP, [keys.session(handle), name], *arguments)
        if outcome == _WRITTEN:
            return _Swap(_stored(after, sealed[:ETAG_BYTES]), swapped=True)
        if outcome == _ENDED:
            reason = blob(await self._connection.read("GET", keys.reason(handle)))
            raise SignedOut(
                self._sign_ins.absent(handle, reason).reason, "the sign-in ended before its table was written"
            )
        return _Swap(self._opened(handle, blob(outcome)), swapped=False)

    def _opened(self, handle: UserHandle, sealed: bytes | None) -> "_Stored":
        if sealed is None:
            return _stored(CallTable(), b"")
        name = keys.calls(handle)
        try:
            table = records.read_table(self._seal.open(name, sealed).value)
        except (SealBroken, RecordUnknown):
            table = CallTable()
        return _stored(table, sealed[:ETAG_BYTES])


def _stored(table: CallTable, etag: bytes) -> _Stored:
    stored = _Stored(table.calls, table.version, table.aliases)
    object.__setattr__(stored, "etag", etag)
    return stored
