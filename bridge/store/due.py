"""Work that has its time: one sorted set of handles, scored with when they are due.

A claim moves what it takes ahead by the lease, so that a process that dies gives it back. Two rules keep claims from
undoing what others asked for meanwhile: who schedules without a lease can only bring a visit forward, and who drops after a
claim drops only what nobody has touched since.
"""

from collections import OrderedDict
from datetime import timedelta

from bridge.model.ids import UserHandle
from bridge.service.ports import Clock
from bridge.store import keys
from bridge.store.commands import Script, blobs
from bridge.store.connection import Connection

LEASES = 20_000

_SCHEDULE = Script("""
local at = tonumber(ARGV[2])
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if known and known ~= ARGV[3] and tonumber(known) < at then at = known end
redis.call('ZADD', KEYS[1], at, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
""")
_CLAIM = Script("""
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, handle in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[3], handle) end
if #due > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return due
""")
_DROP = Script("""
if ARGV[2] ~= '' and redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
""")


class StoredDueWork:
    """Due work in Redis (port ``DueWork``); ``key`` tells one kind of work from another."""

    def __init__(self, connection: Connection, clock: Clock, key: str = keys.DUE) -> None:
        self._connection = connection
        self._clock = clock
        self._key = key
        self._leases: OrderedDict[UserHandle, str] = OrderedDict()

    async def schedule(self, handle: UserHandle, at: float) -> None:
        """Set when ``handle`` is due next, or earlier if somebody asked for that."""
        lease = self._leases.get(handle, "")
        await self._connection.call(_SCHEDULE, [self._key], handle, _score(at), lease, _LIFE)

    async def claim(self, limit: int, lease: timedelta) -> tuple[UserHandle, ...]:
        """Take up to ``limit`` due handles, the longest due first, and put each ``lease`` ahead."""
        now = self._clock.time()
        ahead = _score(now + lease.total_seconds())
        reply = await self._connection.call(_CLAIM, [self._key], _score(now), limit, ahead, _LIFE)
        claimed = tuple(UserHandle(handle.decode()) for handle in blobs(reply))
        for handle in claimed:
            self._leases[handle] = ahead
            self._leases.move_to_end(handle)
        while len(self._leases) > LEASES:
            self._leases.popitem(last=False)
        return claimed

    async def drop(self, handle: UserHandle) -> None:
        """Take ``handle`` off; after a claim only if nobody scheduled it anew since."""
        await self._connection.call(_DROP, [self._key], handle, self._leases.get(handle, ""))


_LIFE = int(keys.DUE_LIFE.total_seconds() * 1000)


def _score(at: float) -> str:
    """Write a time so that Redis gives back the same text: milliseconds, whole."""
    return str(int(at * 1000))
