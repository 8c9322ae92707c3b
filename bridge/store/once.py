"""Things that happen once: claims, small sealed values, places of which only so many are taken at a time.

A subject ``<handle>`` or ``<handle>/<anything>`` belongs to that person: what is claimed or kept for it lies with their other
keys and goes when they sign out.
"""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bridge.errors import Unavailable
from bridge.model.ids import SessionId
from bridge.service.ports import Clock
from bridge.store import keys, records
from bridge.store.commands import Script, blob, number
from bridge.store.connection import Connection
from bridge.store.naming import Naming
from bridge.store.records import RecordUnknown
from bridge.store.seal import Seal, SealBroken
from bridge.store.sign_ins import tag

LEASE = timedelta(seconds=30)
"""A place is free again after so long, whatever became of its holder; no login at a PBX takes longer."""

_SHORTEST_WAIT, _LONGEST_WAIT = 0.01, 0.08

_REMEMBER = """
local function remember(traces, name, life)
  redis.call('SADD', traces, name)
  if redis.call('PTTL', traces) < tonumber(life) then redis.call('PEXPIRE', traces, life) end
  if redis.call('SCARD', traces) > 128 then
    for _, other in ipairs(redis.call('SMEMBERS', traces)) do
      if redis.call('EXISTS', other) == 0 then redis.call('SREM', traces, other) end
    end
  end
end
"""
_CLAIM = Script(
    _REMEMBER
    + """
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 0 end
if KEYS[2] then remember(KEYS[2], KEYS[1], ARGV[1]) end
return 1
"""
)
_KEEP = Script(
    _REMEMBER
    + """
if KEYS[3] and redis.call('GETRANGE', KEYS[3], 0, 15) ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
if KEYS[2] then remember(KEYS[2], KEYS[1], ARGV[1]) end
return 1
"""
)
_TAKE_PLACE = Script("""
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
""")


class StoredOnce:
    """Claims, values and places in Redis (port ``Once``)."""

    def __init__(self, connection: Connection, naming: Naming, seal: Seal, clock: Clock) -> None:
        self._connection = connection
        self._naming = naming
        self._seal = seal
        self._clock = clock

    async def claim(self, purpose: str, subject: str, life: timedelta) -> bool:
        """Give ``True`` to the first caller within ``life``."""
        names = _with_traces(self._naming.names.claim(purpose, subject), subject)
        return bool(number(await self._connection.call(_CLAIM, names, _ms(life))))

    async def release(self, purpose: str, subject: str) -> None:
        """Take a claim back."""
        await self._connection.write("DEL", self._naming.names.claim(purpose, subject))

    async def keep(
        self, purpose: str, subject: str, value: Mapping[str, object], life: timedelta, session: SessionId | None = None
    ) -> None:
        """Keep a small value, sealed, replacing an older one; with ``session`` only while that sign-in of the subject lives."""
        name = self._naming.names.kept(purpose, subject)
        sealed = self._seal.seal(name, records.write_value(dict(value)))
        names, owner = _with_traces(name, subject), keys.owner_of(subject)
        if session is None or owner is None:
            await self._connection.call(_KEEP, names, _ms(life), sealed)
        else:
            await self._connection.call(_KEEP, [*names, keys.session(owner)], _ms(life), sealed, tag(session))

    async def kept(self, purpose: str, subject: str) -> Mapping[str, object] | None:
        """Give a kept value."""
        name = self._naming.names.kept(purpose, subject)
        return self._opened(name, blob(await self._connection.read("GET", name)))

    async def take(self, purpose: str, subject: str) -> Mapping[str, object] | None:
        """Give a kept value to the first caller and forget it."""
        name = self._naming.names.kept(purpose, subject)
        return self._opened(name, blob(await self._connection.write("GETDEL", name)))

    def slot(self, purpose: str, subject: str, limit: int, wait: timedelta) -> AbstractAsyncContextManager[None]:
        """Take one of ``limit`` places while inside. ``Unavailable`` when none gets free within ``wait``."""
        return self._place(self._naming.names.slot(purpose, subject), limit, wait.total_seconds())

    @contextlib.asynccontextmanager
    async def _place(self, name: str, limit: int, wait: float) -> AsyncIterator[None]:
        member = secrets.token_hex(8)
        try:
            await self._wait_for_place(name, member, limit, wait)
        except asyncio.CancelledError:
            await self._leave_place(name, member)
            raise
        try:
            yield
        finally:
            await self._leave_place(name, member)

    async def _wait_for_place(self, name: str, member: str, limit: int, wait: float) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time() + wait
        pause = _SHORTEST_WAIT
        while not await self._take_place(name, member, limit):
            left = last - loop.time()
            if left <= 0:
                raise Unavailable("all places are taken")
            await asyncio.sleep(min(left, random.uniform(pause / 2, pause)))  # noqa: S311 - jitter
            pause = min(_LONGEST_WAIT, pause * 1.5)

    async def _take_place(self, name: str, member: str, limit: int) -> bool:
        now = self._clock.time()
        until, life = now + LEASE.total_seconds(), _ms(LEASE)
        return bool(number(await self._connection.call(_TAKE_PLACE, [name], now, limit, until, member, life)))

    async def _leave_place(self, name: str, member: str) -> None:
        with contextlib.suppress(Unavailable):  # the lease frees it
            await self._connection.write("ZREM", name, member)

    def _opened(self, name: str, sealed: bytes | None) -> Mapping[str, object] | None:
        if sealed is None:
            return None
        try:
            return records.read_value(self._seal.open(name, sealed).value)
        except (SealBroken, RecordUnknown):
            return None


def _with_traces(name: str, subject: str) -> list[str]:
    owner = keys.owner_of(subject)
    return [name] if owner is None else [name, keys.traces(owner)]


def _ms(life: timedelta) -> int:
    return max(1, int(life.total_seconds() * 1000))
