"""Standings: what was set for each person, sealed, changed by compare and swap, never without the life of the sign-in.

Whoever ends a sign-in removes the standing first and takes back what is in it; should nobody do so (all processes dead, the
sign-in run out), it outlives the sign-in by a little, so that it is found.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bridge.model.calls import CallTable
from bridge.model.ids import UserHandle, UserKey
from bridge.model.pbx import Session
from bridge.model.presence_rules import Choices, read, written
from bridge.model.presence_sync import EMPTY, Standing
from bridge.service.ports import Clock, NoSession
from bridge.service.presence_ports import Glance, Look
from bridge.store import keys, records
from bridge.store.commands import Command, Script, blob, number
from bridge.store.connection import Connection
from bridge.store.naming import Naming
from bridge.store.once import StoredOnce
from bridge.store.presence_records import read_standing, write_standing
from bridge.store.records import RecordUnknown
from bridge.store.seal import ETAG_BYTES, Seal, SealBroken
from bridge.store.sign_ins import TAG_BYTES, Found, SignIns, tag

KNOWN = 50_000
"""People of whom a process remembers what it opened last; it is looked up by a mark that changes with each writing."""

HELD_FOR = 12 * 3600.0
"""Seconds after which a claim to do not disturb at an account ends by itself; renewed with each writing of the standing."""

_AFTER = int(keys.PRESENCE_AFTER.total_seconds() * 1000)

_SWAP = Script(f"""
if redis.call('GETRANGE', KEYS[1], 0, {TAG_BYTES - 1}) ~= ARGV[1] then return 0 end
if redis.call('GETRANGE', KEYS[2], 0, {ETAG_BYTES - 1}) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'PX', math.max(1, redis.call('PTTL', KEYS[1])) + {_AFTER})
return 1
""")
_TOUCH = Script(f"""
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('PEXPIRE', KEYS[2], left + {_AFTER}) end
return left
""")
_JOIN = Script("""
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return redis.call('ZCARD', KEYS[1]) - 1
""")
_PART = Script("""
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
""")


@dataclass(slots=True)
class _Known:
    """What this process opened last of one person."""

    tag: bytes
    user: UserKey
    mark: bytes = b""
    standing: Standing = EMPTY


class StoredStandings:
    """Standings in Redis (port ``Standings``)."""

    def __init__(self, connection: Connection, naming: Naming, seal: Seal, clock: Clock, once: StoredOnce) -> None:
        self._connection = connection
        self._naming = naming
        self._seal = seal
        self._sign_ins = SignIns(seal, clock)
        self._clock = clock
        self._once = once
        self._known: OrderedDict[UserHandle, _Known] = OrderedDict()

    def account(self, session: Session) -> str:
        """Keyed hash of the account a sign-in is to."""
        return self._naming.names.account(session.user.tenant, session.pbx, session.access.login)

    async def look(self, handle: UserHandle) -> Look:
        """Read sign-in, calls and standing in one trip."""
        names = (keys.session, keys.calls, keys.presence, keys.reason)
        reply = await self._connection.read("MGET", *(name(handle) for name in names))
        sealed, calls, standing, reason = map(blob, reply) if isinstance(reply, list) else (None,) * 4
        found = self._sign_ins.absent(handle, reason) if sealed is None else self._sign_ins.opened(handle, sealed)
        session: Session | NoSession = found.session if isinstance(found, Found) else found
        return Look(handle, session, self._table(handle, calls), self._opened(handle, standing), _mark(standing))

    async def glance(self, handles: Sequence[UserHandle]) -> list[Glance]:
        """Look at many; what this process has opened already is recognised by its mark."""
        commands: list[Command] = []
        for handle in handles:
            commands += [
                ("GETRANGE", keys.session(handle), 0, TAG_BYTES - 1),
                ("GET", keys.calls(handle)),
                ("GET", keys.presence(handle)),
                ("PTTL", keys.session(handle)),
            ]
        replies = await self._connection.run(commands, read=True)
        await self._meet(handles, [blob(reply) or b"" for reply in replies[::4]])
        return [self._glance(handle, replies[4 * place : 4 * place + 4]) for place, handle in enumerate(handles)]

    async def _meet(self, handles: Sequence[UserHandle], tags: Sequence[bytes]) -> None:
        """Read who those are that this process does not know yet."""
        new = [handle for handle, mark in zip(handles, tags, strict=True) if mark and not self._knows(handle, mark)]
        sealed = await self._connection.run([("GET", keys.session(handle)) for handle in new], read=True) if new else []
        for handle, value in zip(new, map(blob, sealed), strict=True):
            found = self._sign_ins.opened(handle, value) if value is not None else None
            if isinstance(found, Found):
                self._known[handle] = _Known(tag(found.session.id), found.session.user)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def _knows(self, handle: UserHandle, mark: bytes) -> bool:
        known = self._known.get(handle)
        if known is None or known.tag != mark:
            return False
        self._known.move_to_end(handle)
        return True

    def _glance(self, handle: UserHandle, replies: Sequence[object]) -> Glance:
        mark, calls, standing = map(blob, replies[:3])
        known = self._known.get(handle)
        if not mark or known is None or known.tag != mark:
            return Glance(handle, None, CallTable(), EMPTY if standing is None else self._opened(handle, standing), 0.0)
        if _mark(standing) != known.mark:
            known.mark, known.standing = _mark(standing), self._opened(handle, standing)
        table = self._table(handle, calls) if calls is not None else CallTable()
        return Glance(handle, known.user, table, known.standing, number(replies[3]) / 1000)

    async def swap(self, look: Look, after: Standing) -> Look | None:
        """Write if nothing changed since the look."""
        if isinstance(look.session, NoSession):
            return None
        name = keys.presence(look.handle)
        sealed = self._seal.seal(name, write_standing(after))
        names = [keys.session(look.handle), name]
        done = await self._connection.call(_SWAP, names, tag(look.session.id), look.mark, sealed)
        if not number(done):
            return None
        return Look(look.handle, look.session, look.table, after, sealed[:ETAG_BYTES])

    async def touch(self, handles: Sequence[UserHandle]) -> None:
        """Let standings live as long as their sign-ins, which use has prolonged."""
        if handles:
            names = ([keys.session(handle), keys.presence(handle)] for handle in handles)
            await self._connection.run([_TOUCH.command(pair) for pair in names])

    async def leave(self, handle: UserHandle) -> Standing:
        """Remove and give it; only one caller gets it."""
        self._known.pop(handle, None)
        return self._opened(handle, blob(await self._connection.write("GETDEL", keys.presence(handle))))

    async def join(self, account: str, handle: UserHandle) -> bool:
        """Enter; whether others were there."""
        now, life = self._clock.time(), int(HELD_FOR * 1000)
        reply = await self._connection.call(_JOIN, [keys.holders(account)], now, now + HELD_FOR, handle, life)
        return number(reply) > 0

    async def part(self, account: str, handle: UserHandle) -> bool:
        """Leave; whether others are there still."""
        return number(await self._connection.call(_PART, [keys.holders(account)], self._clock.time(), handle)) > 0

    async def shared(self, account: str) -> bool:
        """Whether anybody is there."""
        found = await self._connection.read("ZCOUNT", keys.holders(account), self._clock.time(), "+inf")
        return number(found) > 0

    async def choices(self, handle: UserHandle) -> Choices:
        """Give a person's own rules."""
        return read(await self._once.kept(_CHOICES, handle))

    async def set_choices(self, handle: UserHandle, choices: Choices) -> None:
        """Keep a person's own rules, sealed; a sign-out removes them with everything else."""
        await self._once.keep(_CHOICES, handle, written(choices), _CHOICES_LIFE)

    def _table(self, handle: UserHandle, sealed: bytes | None) -> CallTable:
        if sealed is None:
            return CallTable()
        try:
            return records.read_table(self._seal.open(keys.calls(handle), sealed).value)
        except (SealBroken, RecordUnknown):
            return CallTable()

    def _opened(self, handle: UserHandle, sealed: bytes | None) -> Standing:
        if sealed is None:
            return EMPTY
        try:
            return read_standing(self._seal.open(keys.presence(handle), sealed).value)
        except SealBroken:
            return EMPTY


_CHOICES = "presence-rules"
_CHOICES_LIFE: timedelta = keys.CHOICES_LIFE


def _mark(sealed: bytes | None) -> bytes:
    return sealed[:ETAG_BYTES] if sealed else b""
