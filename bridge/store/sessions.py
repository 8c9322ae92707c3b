"""Live sign-ins: one sealed string each, which Redis itself forgets at the idle or the absolute end.

A read of a sign-in that this process has seen before is one GETEX. How far it may prolong is known from a hint (the absolute
end, remembered per handle); a hint that proves wrong is corrected at once. Nothing is ever written for, or removed from, a
later sign-in of the same person: programs inside Redis compare the tag of the sign-in first.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bridge.errors import EndReason, Unavailable
from bridge.model.ids import PbxId, TenantId, UserHandle, UserKey
from bridge.model.pbx import Session
from bridge.service.ports import Clock, NoSession, Pulse
from bridge.store import keys, records
from bridge.store.commands import Command, Script, blob, blobs, number
from bridge.store.connection import CONFIRM, Connection
from bridge.store.naming import Naming
from bridge.store.records import RecordUnknown
from bridge.store.seal import Seal, SealBroken
from bridge.store.sign_ins import UNCONFIRMED, Found, SignIns, tag

HINTS = 20_000
MARGIN = 120.0
"""Seconds before a hinted end from which on the hint is not used: clocks may differ, and an old hint must do no harm."""

_OPEN = Script("""
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
redis.call('DEL', KEYS[3], KEYS[4])
return 1
""")
_TOUCH = Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
""")
_RENEW = Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
""")
_PULSE = Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', math.max(1, redis.call('PTTL', KEYS[1])))
return 1
""")
_SWAP_PULSE = Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[3] then return -1 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', math.max(1, redis.call('PTTL', KEYS[1])))
return 1
""")
_RACES: Final = 16
_AT_ONCE: Final = 200
_END = Script(
    """
if string.sub(redis.call('GET', KEYS[2]) or '', 1, 17) == '?' .. ARGV[1] then return 1 end
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[3], KEYS[4])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if ARGV[4] == 'traces' then
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[5])) do
    if string.find(name, '"""
    + keys.LETTERS
    + """', 1, true) ~= 1 then redis.call('DEL', name)
    elseif redis.call('PTTL', name) > tonumber(ARGV[3]) then redis.call('PEXPIRE', name, ARGV[3]) end
  end
  redis.call('DEL', KEYS[5])
end
return 1
"""
)
_CONFIRM = Script("""
if string.sub(redis.call('GET', KEYS[1]) or '', 1, 17) ~= '?' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")
_FORGET = Script("""
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
""")

_KEPT = {
    EndReason.REVOKED: keys.REVOKED_KEPT,
    EndReason.REJECTED: keys.REJECTED_KEPT,
    EndReason.EXPIRED: keys.EXPIRED_KEPT,
    EndReason.NEVER: keys.REVOKED_KEPT,
}


class StoredSessions:
    """Sign-ins in Redis (port ``Sessions``)."""

    def __init__(
        self,
        connection: Connection,
        naming: Naming,
        seal: Seal,
        clock: Clock,
        *,
        idle: timedelta,
        replicated: bool = False,
    ) -> None:
        """``replicated``: an end counts only when a replica has it too, so that no failover revives a sign-in."""
        self._connection = connection
        self._naming = naming
        self._seal = seal
        self._sign_ins = SignIns(seal, clock)
        self._clock = clock
        self._idle = idle.total_seconds()
        self._replicated = replicated
        self._hints: OrderedDict[UserHandle, float] = OrderedDict()

    def handle(self, user: UserKey) -> UserHandle:
        """Give the only name by which a person is known outside sealed values."""
        return self._naming.handle(user)

    async def open(self, session: Session) -> None:
        """Store a fresh sign-in, replacing an older one with all that hung on it."""
        handle = self.handle(session.user)
        now, end = self._clock.time(), session.ends_at.timestamp()
        people = self._naming.names.pbx_people(session.user.tenant, session.pbx)
        await self._connection.run(
            [
                ("ZADD", people, end, handle),
                ("ZREMRANGEBYSCORE", people, "-inf", now),
                ("PEXPIRE", people, _ms(keys.PEOPLE_LIFE.total_seconds())),
            ]
        )
        mark = self._sign_ins.sealed_reason(handle, session, EndReason.EXPIRED)
        kept = _ms(end - now + keys.EXPIRED_KEPT.total_seconds())
        value, life = self._sign_ins.sealed(handle, session), self._life(end)
        await self._connection.call(_OPEN, _names(handle)[:4], value, life, mark, kept)
        self._hint(handle, end)

    async def read(self, user: UserKey) -> Session | NoSession:
        """Read and prolong the idle end: one trip, two when this process did not know the sign-in yet."""
        handle = self.handle(user)
        hinted = self._hints.get(handle, 0.0)
        if hinted - self._clock.time() <= MARGIN:
            return await self._touched(handle, await self._peek(handle), 0.0)
        found = blob(await self._connection.read("GETEX", keys.session(handle), "PX", self._life(hinted)))
        if found is None:
            self._hints.pop(handle, None)
            return await self._touched(handle, await self._peek(handle), 0.0)
        return await self._touched(handle, self._sign_ins.opened(handle, found), hinted)

    async def by_handle(self, handle: UserHandle) -> Session | NoSession:
        """Read without prolonging anything."""
        found = await self._peek(handle)
        return found.session if isinstance(found, Found) else found

    async def renew(self, session: Session) -> bool:
        """Write back a refreshed access; the end stays where it is."""
        handle = self.handle(session.user)
        value = self._sign_ins.sealed(handle, session)
        return bool(number(await self._connection.call(_RENEW, [keys.session(handle)], tag(session.id), value)))

    async def end(self, session: Session, reason: EndReason) -> bool:
        """End exactly this sign-in; ``True`` once over all processes.

        Raises:
            Unavailable: also when no replica confirmed it in time. The sign-in is gone from the leader all the same; who
                asks again with the same session is then the one that ended it.
        """
        handle = self.handle(session.user)
        lists = [keys.DUE, self._naming.names.pbx_people(session.user.tenant, session.pbx)]
        scores = await self._connection.run([("ZSCORE", name, handle) for name in lists], read=True)
        self._hints.pop(handle, None)
        if not await self._end(handle, session, reason):
            return False
        listed = [(name, score) for name, score in zip(lists, scores, strict=True) if isinstance(score, bytes)]
        with contextlib.suppress(Unavailable):  # the sign-in has ended; entries left over are skipped by who finds them
            await self._connection.run([_FORGET.command([name], handle, score) for name, score in listed])
        return True

    async def of_pbx(self, tenant: TenantId, pbx: PbxId) -> tuple[UserHandle, ...]:
        """Give the handles of those signed in to a PBX."""
        people = self._naming.names.pbx_people(tenant, pbx)
        found = await self._connection.read("ZRANGEBYSCORE", people, self._clock.time(), "+inf")
        return tuple(UserHandle(handle.decode()) for handle in blobs(found))

    async def count_of_pbx(self, tenant: TenantId, pbx: PbxId) -> int:
        """Count the live sign-ins to a PBX, some at a time."""
        handles, found = await self.of_pbx(tenant, pbx), 0
        for start in range(0, len(handles), _AT_ONCE):
            some = handles[start : start + _AT_ONCE]
            sealed = await self._connection.run([("GET", keys.session(handle)) for handle in some], read=True)
            for handle, value in zip(some, map(blob, sealed), strict=True):
                opened = self._sign_ins.opened(handle, value) if value is not None else None
                found += isinstance(opened, Found) and opened.session.pbx == pbx
        return found

    async def pulse(self, handle: UserHandle) -> Pulse:
        """Give the keeper's notes; fresh ones when there are none that we can read."""
        name = keys.pulse(handle)
        return self._opened_pulse(name, blob(await self._connection.read("GET", name)))

    async def set_pulse(self, session: Session, pulse: Pulse) -> None:
        """Write the keeper's notes, as long as exactly this sign-in lives."""
        handle = self.handle(session.user)
        name = keys.pulse(handle)
        sealed = self._seal.seal(name, records.write_pulse(pulse))
        await self._connection.call(_PULSE, [keys.session(handle), name], tag(session.id), sealed)

    async def change_pulse(self, session: Session, change: Callable[[Pulse], Pulse]) -> Pulse:
        """Change the keeper's notes so that what others note at the same time stays; nothing is written for an ended sign-in."""
        handle = self.handle(session.user)
        name = keys.pulse(handle)
        for _ in range(_RACES):
            sealed = blob(await self._connection.read("GET", name))
            before = self._opened_pulse(name, sealed)
            after = change(before)
            if after == before:
                return after
            fresh = self._seal.seal(name, records.write_pulse(after))
            names = [keys.session(handle), name]
            if number(await self._connection.call(_SWAP_PULSE, names, tag(session.id), fresh, sealed or b"")) >= 0:
                return after
        raise Unavailable("a pulse changes faster than it can be written")

    def _opened_pulse(self, name: str, sealed: bytes | None) -> Pulse:
        if sealed is None:
            return Pulse()
        try:
            return records.read_pulse(self._seal.open(name, sealed).value)
        except (SealBroken, RecordUnknown):
            return Pulse()

    async def _peek(self, handle: UserHandle) -> Found | NoSession:
        """Read the sign-in and why there may be none, in one trip."""
        commands: list[Command] = [("GET", keys.session(handle)), ("GET", keys.reason(handle))]
        found, reason = map(blob, await self._connection.run(commands, read=True))
        return self._sign_ins.absent(handle, reason) if found is None else self._sign_ins.opened(handle, found)

    async def _touched(self, handle: UserHandle, found: Found | NoSession, prolonged_to: float) -> Session | NoSession:
        """Prolong, unless the read did so with the right end already; seal anew what an older key had sealed."""
        if isinstance(found, NoSession):
            self._hints.pop(handle, None)
            return found
        session, end = found.session, found.session.ends_at.timestamp()
        if end != prolonged_to:
            await self._connection.call(_TOUCH, [keys.session(handle)], tag(session.id), self._life(end))
        if found.stale:
            with contextlib.suppress(Unavailable):  # the next touch tries again
                await self.renew(session)
        self._hint(handle, end)
        return session

    async def _end(self, handle: UserHandle, session: Session, reason: EndReason) -> bool:
        mark = self._sign_ins.sealed_reason(handle, session, reason)
        life = _ms(_KEPT[reason].total_seconds())
        traces = "traces" if reason is EndReason.REVOKED else ""
        names, ours = _names(handle), tag(session.id)
        if not self._replicated:
            return bool(number(await self._connection.call(_END, names, ours, mark, life, traces)))
        doubtful = UNCONFIRMED + ours + mark
        end = Script.in_full(_END.command(names, ours, doubtful, life, traces))  # WAIT must follow the write itself
        ended, replicas = map(number, await self._connection.run([end, ("WAIT", 1, CONFIRM)], alone=True))
        if ended and not replicas:
            raise Unavailable("no replica confirmed the end of a sign-in")
        confirmed = await self._connection.call(_CONFIRM, [names[1]], ours, mark, life) if ended else 0
        return bool(number(confirmed))

    def _life(self, end: float) -> int:
        return _ms(min(self._idle, end - self._clock.time()))

    def _hint(self, handle: UserHandle, end: float) -> None:
        self._hints[handle] = end
        self._hints.move_to_end(handle)
        while len(self._hints) > HINTS:
            self._hints.popitem(last=False)


def _names(handle: UserHandle) -> list[str]:
    every = (keys.session, keys.reason, keys.calls, keys.pulse, keys.traces)
    return [name(handle) for name in every]


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))
