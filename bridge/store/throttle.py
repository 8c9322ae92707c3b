"""Limits on sign-in attempts. They fail closed: without Redis nobody's password is passed on.

| counted per             | limit                                                                      |
|-------------------------|----------------------------------------------------------------------------|
| person                  | 5 attempts in 15 minutes, then locked 1, 2, 4, 8, 15 minutes with each more |
| PBX and login           | 10 failures an hour, whoever tries                                          |
| PBX                     | 60 attempts a minute                                                        |
| client address          | 30 failures in 5 minutes (IPv6: per /64)                                    |

An attempt counts from the moment it is admitted, and the lock is set together with the last one admitted: any number of
attempts in parallel, over any number of processes, lets no more passwords through, and one that dies half-way has counted.
Success clears the person's count only; an attempt on which the PBX did not decide gives its place back.

An office shares one address, and after an outage all of it signs in at once: at an address only failures count, from the moment
the PBX has refused. What gets through in parallel until then is bounded by the other three.
"""

import ipaddress
import math
import secrets
from datetime import timedelta

from bridge.errors import TooManyAttempts
from bridge.model.ids import UserKey
from bridge.model.pbx import PbxEntry
from bridge.service.ports import Clock
from bridge.store.commands import Script, number
from bridge.store.connection import Connection
from bridge.store.naming import Naming

PERSON_ATTEMPTS, PERSON_SPAN = 5, timedelta(minutes=15)
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=1), timedelta(minutes=15)
LOGIN_FAILURES, LOGIN_SPAN = 10, timedelta(hours=1)
UNDECIDED = timedelta(minutes=1)
"""How long an attempt counts against a login before the PBX has answered."""
PBX_ATTEMPTS, PBX_SPAN = 60, timedelta(minutes=1)
ADDRESS_FAILURES, ADDRESS_SPAN = 30, timedelta(minutes=5)


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


_WINDOW = """
local now = tonumber(ARGV[1])
local function wait(key, limit, span)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - span)
  local count = redis.call('ZCARD', key)
  if count < limit then return 0 end
  return tonumber(redis.call('ZRANGE', key, count - limit, count - limit, 'WITHSCORES')[2]) + span - now
end
local function note(key, at, member, span)
  redis.call('ZADD', key, at, member)
  redis.call('PEXPIRE', key, span)
end
"""
"""Sliding windows: ``wait`` gives the milliseconds until there is room, ``note`` adds an entry."""

_ADMIT = Script(
    _WINDOW
    + f"""
local person, lock, login, pbx, address = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local locked = tonumber(redis.call('HGET', lock, 'until') or '0') - now
local needed = math.max(locked, wait(login, {LOGIN_FAILURES}, {_ms(LOGIN_SPAN)}),
  wait(pbx, {PBX_ATTEMPTS}, {_ms(PBX_SPAN)}), wait(address, {ADDRESS_FAILURES}, {_ms(ADDRESS_SPAN)}))
if needed > 0 then return math.ceil(needed) end
redis.call('ZREMRANGEBYSCORE', person, '-inf', now - {_ms(PERSON_SPAN)})
note(person, now, ARGV[2], {_ms(PERSON_SPAN)})
note(login, now - {_ms(LOGIN_SPAN - UNDECIDED)}, ARGV[2], math.max({_ms(UNDECIDED)}, redis.call('PTTL', login)))
note(pbx, now, ARGV[2], {_ms(PBX_SPAN)})
local level = tonumber(redis.call('HGET', lock, 'level') or '0')
if level > 0 or redis.call('ZCARD', person) >= {PERSON_ATTEMPTS} then
  local span = math.min({_ms(FIRST_LOCK)} * 2 ^ level, {_ms(LONGEST_LOCK)})
  redis.call('HSET', lock, 'level', level + 1, 'until', string.format('%.0f', now + span))
  redis.call('PEXPIRE', lock, span + {_ms(PERSON_SPAN)})
end
return 0
"""
)
_FAILED = Script(
    _WINDOW
    + f"""
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.sub(member, 1, #ARGV[2]) == ARGV[2] and string.sub(member, -2) ~= '/f' then
    redis.call('ZREM', KEYS[1], member)
    break
  end
end
note(KEYS[1], now, ARGV[3], {_ms(LOGIN_SPAN)})
note(KEYS[2], now, ARGV[3], {_ms(ADDRESS_SPAN)})
return 1
"""
)
_UNDECIDED = Script("""
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0)[1]
if not newest then return 0 end
redis.call('ZREM', KEYS[1], newest)
redis.call('ZREM', KEYS[3], newest)
local level = tonumber(redis.call('HGET', KEYS[2], 'level') or '0')
if level > 1 then redis.call('HSET', KEYS[2], 'level', level - 1, 'until', 0) else redis.call('DEL', KEYS[2]) end
return 1
""")
_PLAIN = Script(
    _WINDOW
    + """
local limit, span = tonumber(ARGV[3]), tonumber(ARGV[4])
local needed = wait(KEYS[1], limit, span)
if needed > 0 then return math.ceil(needed) end
note(KEYS[1], now, ARGV[2], span)
return 0
"""
)


class StoredThrottle:
    """Limits in Redis (port ``Throttle``)."""

    def __init__(self, connection: Connection, naming: Naming, clock: Clock) -> None:
        self._connection = connection
        self._naming = naming
        self._clock = clock

    async def admit_sign_in(self, user: UserKey, pbx: PbxEntry, login: str, address: str) -> None:
        """Count one attempt before the PBX is asked.

        Raises:
            TooManyAttempts: nothing was counted; ``retry_after`` is when the next attempt will be admitted, if nobody else's
                comes first.
        """
        of_pbx = self._naming.names.limit("pbx", pbx.tenant, pbx.id)
        counters = [*self._person(user), self._login(pbx, login), of_pbx, self._address(address)]
        await self._admit(_ADMIT, counters, self._member(user))

    async def sign_in_failed(self, user: UserKey, pbx: PbxEntry, login: str, address: str) -> None:
        """The PBX refused: the login's count keeps it for the whole hour, the address has one failure more."""
        counters = [self._login(pbx, login), self._address(address)]
        await self._connection.call(_FAILED, counters, self._now(), self._mine(user), f"{self._member(user)}/f")

    async def sign_in_succeeded(self, user: UserKey) -> None:
        """The PBX accepted: the person starts afresh."""
        await self._connection.write("DEL", *self._person(user))

    async def sign_in_undecided(self, user: UserKey, pbx: PbxEntry, login: str) -> None:
        """The PBX did not say: the attempt counts neither against the person nor against the login."""
        await self._connection.call(_UNDECIDED, [*self._person(user), self._login(pbx, login)])

    async def admit(self, purpose: str, subject: str, limit: int, per: timedelta) -> None:
        """Count one of at most ``limit`` in any span of ``per``."""
        counter = self._naming.names.limit("plain", purpose, subject)
        await self._admit(_PLAIN, [counter], secrets.token_hex(8), limit, _ms(per))

    async def _admit(self, script: Script, counters: list[str], member: str, *arguments: int) -> None:
        needed = number(await self._connection.call(script, counters, self._now(), member, *arguments))
        if needed > 0:
            raise TooManyAttempts(math.ceil(needed / 1000))

    def _person(self, user: UserKey) -> tuple[str, str]:
        names = self._naming.names
        return names.limit("person", user.tenant, user.person), names.limit("lock", user.tenant, user.person)

    def _login(self, pbx: PbxEntry, login: str) -> str:
        return self._naming.names.limit("login", pbx.tenant, pbx.id, login.strip().casefold())

    def _address(self, address: str) -> str:
        return self._naming.names.limit("address", _network(address))

    def _mine(self, user: UserKey) -> str:
        """Begin of a person's entries: not their handle, of which nothing is left once they have signed out."""
        return f"{self._naming.names.limit('entry', user.tenant, user.person).rpartition(':')[2]}/"

    def _member(self, user: UserKey) -> str:
        return f"{self._mine(user)}{secrets.token_hex(8)}"

    def _now(self) -> int:
        return int(self._clock.time() * 1000)


def _network(address: str) -> str:
    """Give what one client can easily change its address within: IPv6 clients own a /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed.packed, 64), strict=False))
