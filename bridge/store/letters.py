"""The programs that run inside Redis for the outgoing messages. All of them go by the clock of Redis, which all processes share.

Of one person (``KEYS``: hash, order, ends, sent, traces). Fields of the hash, for a slot ``s``: ``b``s letter, ``p``s the message
that is shown, ``v``s version, ``f``s too late to show after, ``u``s not before, ``o``s only an edit, ``t``s last shown, ``x``s vain
tries; and of the person: ``lease``/``token`` of the errand under way, ``wait`` until when nothing may be sent, ``n`` for the order.
"""

from typing import Final

from bridge.store.commands import Script

MAXIMUM_SLOTS: Final = 64
"""Messages of one person that are remembered; the one that would be forgotten first goes when there are more."""

CONVERSATION_WINDOWS: Final = ((7, 1000), (8, 2000), (60, 30_000), (1800, 3_600_000))
"""Requests to one conversation in so many milliseconds (Teams platform notes, section 5.4)."""
TENANT_WINDOW: Final = (50, 1000)
"""Requests of the whole app for one tenant (the same section)."""

_WINDOWS = ", ".join(f"{{ {count}, {length} }}" for count, length in CONVERSATION_WINDOWS)

_NOW = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
"""
_SLOTS = (
    _NOW
    + """
local function drop(s)
  redis.call('HDEL', KEYS[1], 'b'..s, 'p'..s, 'v'..s, 'f'..s, 'u'..s, 'o'..s, 't'..s, 'x'..s)
  redis.call('ZREM', KEYS[2], s)
  redis.call('ZREM', KEYS[3], s)
end
local function number(field) return tonumber(redis.call('HGET', KEYS[1], field) or '0') end
local function live(life)
  for i = 1, 3 do
    if redis.call('PTTL', KEYS[i]) < life then redis.call('PEXPIRE', KEYS[i], life) end
  end
end
local function remember(life)
  redis.call('SADD', KEYS[5], KEYS[1], KEYS[2], KEYS[3], KEYS[4])
  if redis.call('PTTL', KEYS[5]) < life then redis.call('PEXPIRE', KEYS[5], life) end
end
"""
)

PUT = Script(
    _SLOTS
    + f"""
local s, version, life = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do drop(old) end
local known = redis.call('HGET', KEYS[1], 'v'..s)
if known and tonumber(known) >= version then return {{0, 0}} end
if ARGV[5] == '1' and not known then return {{0, 0}} end
if not redis.call('ZSCORE', KEYS[3], s) and redis.call('ZCARD', KEYS[3]) >= {MAXIMUM_SLOTS} then
  drop(redis.call('ZRANGE', KEYS[3], 0, 0)[1])
end
local fresh, after = tonumber(ARGV[6]), tonumber(ARGV[7])
redis.call('HSET', KEYS[1], 'v'..s, version, 'b'..s, ARGV[3], 'o'..s, ARGV[5],
  'f'..s, fresh > 0 and now + fresh or 0, 'u'..s, after > 0 and now + after or 0)
if not redis.call('ZSCORE', KEYS[2], s) then
  redis.call('ZADD', KEYS[2], redis.call('HINCRBY', KEYS[1], 'n', 1), s)
end
redis.call('ZADD', KEYS[3], now + life, s)
live(life)
remember(life)
if number('lease') > now then return {{1, 0}} end
return {{1, math.max(now, number('wait'), after > 0 and now + after or 0)}}
"""
)
"""``ARGV``: slot, version, letter, life, only an edit, fresh for, not for. Gives whether it was taken, and when to look after it:
0 when an errand is under way, whose end will see it."""

HASTEN = Script(
    _SLOTS
    + """
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return {0, 0} end
redis.call('HSET', KEYS[1], 'u'..ARGV[1], 0)
if number('lease') > now then return {1, 0} end
return {1, math.max(now, number('wait'))}
"""
)

ADOPT = Script(
    _SLOTS
    + """
local s, life = ARGV[1], tonumber(ARGV[4])
local before = redis.call('HGET', KEYS[1], 'p'..s) or ''
redis.call('HSET', KEYS[1], 'p'..s, ARGV[3], 't'..s, now)
if number('v'..s) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'v'..s, ARGV[2]) end
redis.call('ZADD', KEYS[3], now + life, s)
live(life)
remember(life)
return before
"""
)
"""``ARGV``: slot, version, message, life. Gives the message that was there before."""

TAKE = Script(
    _SLOTS
    + f"""
if number('lease') > now then return {{'wait', number('lease')}} end
if number('wait') > now then return {{'wait', number('wait')}} end
local chosen
local soonest = 0
for _, s in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local letter, shown = redis.call('HGET', KEYS[1], 'b'..s), redis.call('HGET', KEYS[1], 'p'..s)
  local fresh, ends = number('f'..s), tonumber(redis.call('ZSCORE', KEYS[3], s) or '0')
  if not letter or ends <= now then
    drop(s)
  elseif not shown and (number('o'..s) == 1 or (fresh > 0 and fresh <= now)) then
    redis.call('ZREM', KEYS[2], s)
    redis.call('HDEL', KEYS[1], 'b'..s)
  else
    local ready = math.max(number('u'..s), shown and number('t'..s) + tonumber(ARGV[3]) or 0)
    if ready <= now then chosen = s break end
    if soonest == 0 or ready < soonest then soonest = ready end
  end
end
if not chosen then return {{'wait', soonest}} end
local free = now
for _, window in ipairs({{ {_WINDOWS} }}) do
  local at = redis.call('LINDEX', KEYS[4], -window[1])
  if at then free = math.max(free, tonumber(at) + window[2]) end
end
if free > now then return {{'wait', free}} end
redis.call('RPUSH', KEYS[4], now)
redis.call('LTRIM', KEYS[4], -{CONVERSATION_WINDOWS[-1][0]}, -1)
redis.call('PEXPIRE', KEYS[4], {CONVERSATION_WINDOWS[-1][1]})
redis.call('HSET', KEYS[1], 'lease', now + tonumber(ARGV[1]), 'token', ARGV[2])
return {{'go', chosen, redis.call('HGET', KEYS[1], 'b'..chosen), redis.call('HGET', KEYS[1], 'p'..chosen) or '',
  redis.call('HGET', KEYS[1], 'v'..chosen), number('x'..chosen)}}
"""
)
"""``ARGV``: lease, token, least time between two edits of one message. Gives ``go`` with the letter, or ``wait`` until (0: nothing
waits). The first message that may go goes: one that has to wait holds up no other."""

DONE = Script(
    _SLOTS
    + """
local token, s, version, result, shown, wait = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local mine = redis.call('HGET', KEYS[1], 'token') == token
if result == 'shown' and (mine or not redis.call('HGET', KEYS[1], 'p'..s)) then
  if shown == '' then redis.call('HDEL', KEYS[1], 'p'..s) else redis.call('HSET', KEYS[1], 'p'..s, shown, 't'..s, now) end
  live(math.max(1, (tonumber(redis.call('ZSCORE', KEYS[3], s) or '0')) - now))
end
if not mine then return -1 end
redis.call('HDEL', KEYS[1], 'lease', 'token')
if redis.call('LLEN', KEYS[4]) > 0 then redis.call('LSET', KEYS[4], -1, now) end
if result == 'again' then
  redis.call('HINCRBY', KEYS[1], 'x'..s, 1)
  if wait > 0 then redis.call('HSET', KEYS[1], 'wait', now + wait) end
else
  redis.call('HDEL', KEYS[1], 'x'..s)
  if result == 'gone' then redis.call('HDEL', KEYS[1], 'p'..s) end
  if redis.call('HGET', KEYS[1], 'v'..s) == version then
    redis.call('ZREM', KEYS[2], s)
    redis.call('HDEL', KEYS[1], 'b'..s)
  end
end
if redis.call('ZCARD', KEYS[2]) == 0 then return 0 end
return math.max(now, number('wait'))
"""
)
"""``ARGV``: token, slot, version, result, message, wait. Gives when to look after this person next: 0 never, -1 another process has
taken over because the lease ran out."""

SCHEDULE = Script(
    _NOW
    + """
local at = math.max(now, tonumber(ARGV[2]))
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not known or tonumber(known) > at then redis.call('ZADD', KEYS[1], at, ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)
"""``KEYS``: a sorted set by time; ``ARGV``: member, when, life. Only ever brings it forward."""

LOOK = Script(
    _NOW
    + """
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
local answer = {now + tonumber(ARGV[2])}
for _, office in ipairs(found) do
  redis.call('ZADD', KEYS[1], answer[1], office)
  answer[#answer + 1] = office
end
return answer
"""
)
"""``KEYS``: the offices; ``ARGV``: limit, lease. Gives the lease and the offices that are due."""

CLAIM = Script(
    _NOW
    + f"""
local limit, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local free = {TENANT_WINDOW[0]} - redis.call('ZCARD', KEYS[2])
local most = math.min(limit, free)
local answer = {{now, -1, now + lease}}
if most > 0 then
  for _, handle in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, most)) do
    redis.call('ZADD', KEYS[1], now + lease, handle)
    redis.call('ZADD', KEYS[2], now + lease + {TENANT_WINDOW[1]}, now .. ':' .. handle)
    answer[#answer + 1] = handle
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if first then
  answer[2] = math.max(now, tonumber(first))
  if redis.call('ZCARD', KEYS[2]) >= {TENANT_WINDOW[0]} then
    answer[2] = math.max(answer[2], tonumber(redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]))
  end
end
return answer
"""
)
"""``KEYS``: due people, places of the budget; ``ARGV``: limit, lease, life. Gives now, when there is work next (-1: none), the
lease, and the handles. A place is taken for each until its request has been answered, and a window's length longer: the connector
has counted the request by then, so that no window of its can hold more."""

BACK = Script(
    _NOW
    + f"""
if ARGV[4] == '1' then redis.call('ZADD', KEYS[2], now + {TENANT_WINDOW[1]}, ARGV[3]) else redis.call('ZREM', KEYS[2], ARGV[3]) end
local known, at = redis.call('ZSCORE', KEYS[1], ARGV[1]), tonumber(ARGV[5])
if at == 0 then
  if known == ARGV[2] then redis.call('ZREM', KEYS[1], ARGV[1]) end
elseif not known or known == ARGV[2] or tonumber(known) > at then
  redis.call('ZADD', KEYS[1], at, ARGV[1])
end
return 1
"""
)
"""``KEYS`` as for ``CLAIM``; ``ARGV``: handle, lease, place, whether it was used, when to look again (0: never)."""

REST = Script("""
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '0' then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
""")
"""``KEYS``: the offices; ``ARGV``: office, lease, when next (0: never). Does nothing when somebody asked for it meanwhile."""
