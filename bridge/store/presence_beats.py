"""Whose presence is to be looked at when: one sorted set for each tenant, so that a claim gives people of one tenant together.

All keys share one tag: they are few and small, and one program may see them together on a cluster too.
"""

import itertools
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bridge.model.ids import TenantId, UserHandle, UserKey
from bridge.service.ports import Clock
from bridge.service.presence_ports import Claimed
from bridge.store import keys
from bridge.store.commands import Command, Script, blob, blobs, number
from bridge.store.connection import Connection
from bridge.store.naming import Naming

_TENANTS_AT_ONCE = 8
_PORTION = 650
_DAY = 86_400
_FRESH_LIFE = int(keys.FRESH_LIFE.total_seconds() * 1000)
_LIFE = int(keys.PRESENCE_LIFE.total_seconds() * 1000)

_FIRST = """
local function first(tenants, due, tenant, life)
  local next = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if next[2] then redis.call('ZADD', tenants, next[2], tenant) else redis.call('ZREM', tenants, tenant) end
  redis.call('PEXPIRE', tenants, life)
  redis.call('PEXPIRE', due, life)
end
"""
_ENTER = Script(
    _FIRST
    + """
local known = redis.call('ZSCORE', KEYS[2], ARGV[2])
if not known or tonumber(known) > tonumber(ARGV[3]) then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) end
first(KEYS[1], KEYS[2], ARGV[1], ARGV[4])
return 1
"""
)
_DROP = Script(
    _FIRST
    + """
redis.call('ZREM', KEYS[2], ARGV[2])
first(KEYS[1], KEYS[2], ARGV[1], ARGV[3])
return 1
"""
)
_HURRY = Script(
    _FIRST
    + """
for _, handle in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf')) do
  redis.call('ZADD', KEYS[2], ARGV[2], handle)
end
first(KEYS[1], KEYS[2], ARGV[1], ARGV[3])
return 1
"""
)
_CLAIM = Script(
    _FIRST
    + """
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])
for _, handle in ipairs(due) do redis.call('ZADD', KEYS[2], ARGV[4], handle) end
first(KEYS[1], KEYS[2], ARGV[1], ARGV[5])
return due
"""
)
_NEXT = Script(
    _FIRST
    + """
for place = 4, #ARGV, 2 do
  local known = redis.call('ZSCORE', KEYS[2], ARGV[place])
  if known and ARGV[place + 1] == '' then redis.call('ZREM', KEYS[2], ARGV[place])
  elseif known and (known == ARGV[2] or tonumber(known) > tonumber(ARGV[place + 1])) then
    redis.call('ZADD', KEYS[2], ARGV[place + 1], ARGV[place])
  end
end
first(KEYS[1], KEYS[2], ARGV[1], ARGV[3])
return 1
"""
)
"""Who was taken off meanwhile stays off, and who was asked for meanwhile keeps the earlier time."""


class StoredBeats:
    """Turns in Redis (port ``Beats``)."""

    def __init__(self, connection: Connection, naming: Naming, clock: Clock) -> None:
        self._connection = connection
        self._naming = naming
        self._clock = clock
        self._serial = itertools.count()

    async def enter(self, user: UserKey, at: float) -> None:
        """Put somebody on, or forward."""
        tenant = self._naming.names.tenant(user.tenant)
        await self._connection.call(_ENTER, _names(tenant), tenant, self._naming.handle(user), _score(at), _LIFE)

    async def hurry(self, tenant: TenantId, at: float) -> None:
        """Put a whole tenant forward."""
        name = self._naming.names.tenant(tenant)
        await self._connection.call(_HURRY, _names(name), name, _score(at), _LIFE)

    async def worked(self, tenant: TenantId) -> bool:
        """Whether an answer ever came."""
        return await self.freshness(self._naming.names.tenant(tenant)) > 0

    async def drop(self, user: UserKey) -> None:
        """Take somebody off."""
        tenant = self._naming.names.tenant(user.tenant)
        await self._connection.call(_DROP, _names(tenant), tenant, self._naming.handle(user), _LIFE)

    async def claim(self, limit: int, lease: timedelta) -> Claimed | None:
        """Take people of the tenant that has waited longest."""
        now = self._clock.time()
        found = await self._connection.read(
            "ZRANGEBYSCORE", keys.PRESENCE_TENANTS, "-inf", _score(now), "LIMIT", 0, _TENANTS_AT_ONCE
        )
        for tenant in (name.decode() for name in blobs(found)):
            until = _score(now + lease.total_seconds() + next(self._serial) % 1000 / 1000)
            taken = await self._connection.call(_CLAIM, _names(tenant), tenant, _score(now), limit, until, _LIFE)
            handles = tuple(UserHandle(name.decode()) for name in blobs(taken))
            if handles:
                return Claimed(tenant, handles, until)
        return None

    async def next(self, claimed: Claimed, at: Mapping[UserHandle, float | None]) -> None:
        """Give people back with their next turn."""
        pairs = [item for handle, when in at.items() for item in (handle, "" if when is None else _score(when))]
        await self._connection.call(_NEXT, _names(claimed.tenant), claimed.tenant, claimed.lease, _LIFE, *pairs)

    async def fresh(self, tenant: str, at: float) -> None:
        """Note an answer."""
        await self._connection.write("SET", keys.presence_fresh(tenant), _score(at), "PX", _FRESH_LIFE)

    async def freshness(self, tenant: str) -> float:
        """When the last answer came."""
        found = blob(await self._connection.read("GET", keys.presence_fresh(tenant)))
        return int(found) / 1000 if found and found.isdigit() else 0.0

    async def alive(self, process: str, lease: timedelta) -> None:
        """Prolong this process's lease."""
        until = _score(self._clock.time() + lease.total_seconds())
        commands: list[Command] = [
            ("ZADD", keys.PRESENCE_PROCESSES, until, process),
            ("PEXPIRE", keys.PRESENCE_PROCESSES, _LIFE),
        ]
        await self._connection.run(commands)

    async def last(self, process: str) -> bool:
        """Take this process out; processes whose lease has run out do not count."""
        now = _score(self._clock.time())
        commands: list[Command] = [
            ("ZREM", keys.PRESENCE_PROCESSES, process),
            ("ZREMRANGEBYSCORE", keys.PRESENCE_PROCESSES, "-inf", now),
            ("ZCARD", keys.PRESENCE_PROCESSES),
        ]
        return number((await self._connection.run(commands))[2]) == 0

    async def everybody(self) -> Sequence[tuple[str, tuple[UserHandle, ...]]]:
        """All people, 650 at a time."""
        portions: list[tuple[str, tuple[UserHandle, ...]]] = []
        tenants = blobs(await self._connection.read("ZRANGE", keys.PRESENCE_TENANTS, 0, -1))
        for tenant in (name.decode() for name in tenants):
            people = blobs(await self._connection.read("ZRANGE", keys.presence_due(tenant), 0, -1))
            handles = [UserHandle(name.decode()) for name in people]
            portions += [
                (tenant, tuple(handles[start : start + _PORTION])) for start in range(0, len(handles), _PORTION)
            ]
        return portions

    async def counted(self, tenant: TenantId, *, in_time: bool) -> None:
        """Add to today's counters."""
        name = keys.presence_level(self._naming.names.tenant(tenant), int(self._clock.time()) // _DAY)
        commands: list[Command] = [
            ("HINCRBY", name, "in_time" if in_time else "late", 1),
            ("PEXPIRE", name, int(keys.LEVEL_LIFE.total_seconds() * 1000)),
        ]
        await self._connection.run(commands)

    async def level(self, tenant: TenantId) -> tuple[int, int]:
        """Give today's counters."""
        name = keys.presence_level(self._naming.names.tenant(tenant), int(self._clock.time()) // _DAY)
        reply = await self._connection.read("HMGET", name, "in_time", "late")
        values = [int(value) if isinstance(value, bytes) else 0 for value in reply] if isinstance(reply, list) else []
        return (values[0], values[1]) if len(values) == 2 else (0, 0)


def _names(tenant: str) -> list[str]:
    return [keys.PRESENCE_TENANTS, keys.presence_due(tenant)]


def _score(at: float) -> str:
    """Write a time so that Redis gives back the same text: milliseconds, whole."""
    return str(int(at * 1000))
