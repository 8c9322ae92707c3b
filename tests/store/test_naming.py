"""Names stay what they are while master keys are rotated, and all processes use the same ones."""

import asyncio
from datetime import timedelta

from bridge.errors import EndReason
from bridge.model import calls
from bridge.model.ids import CallId
from bridge.service.ports import NoSession
from bridge.store import keys
from bridge.store.naming import Naming
from tests.servers import RedisServer, until
from tests.store.conftest import Starter
from tests.stores import NEW_KEY, OLD_KEY, MovableClock, Process, a_session, running, user

THIRD_KEY = b"yet another master key, 32 bytes"


async def test_a_rotation_keeps_who_was_there_in_between(
    redis: RedisServer, start: Starter, clock: MovableClock
) -> None:
    sessions = [a_session(clock, user(f"person-{number}"), identity=f"s{number}") for number in range(20)]
    old = await start(redis)
    for session in sessions:
        await old.sessions.open(session)
    await old.due.schedule(old.sessions.handle(sessions[0].user), clock.time())
    await old.stop()
    both = await start(redis, (NEW_KEY, OLD_KEY))
    touched, untouched = sessions[:10], sessions[10:]
    for session in touched:
        assert await both.sessions.read(session.user) == session
    await both.stop()
    new = await start(redis, (NEW_KEY,))
    for session in touched:
        assert await new.sessions.read(session.user) == session
    for session in untouched:
        assert await new.sessions.read(session.user) == NoSession(EndReason.EXPIRED)
    assert await new.due.claim(10, timedelta(seconds=5)) == (old.sessions.handle(sessions[0].user),)


async def test_a_mixed_fleet_hears_one_another(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    before, after = await start(redis, (OLD_KEY, NEW_KEY)), await start(redis, (NEW_KEY, OLD_KEY))
    session = a_session(clock)
    await after.sessions.open(session)
    async with before.feed.subscribe(session.user) as changes:
        await after.tables.update(session, lambda table: calls.expect(table, CallId("c"), "1", clock.now()))
        async with asyncio.timeout(2):
            assert type(await anext(changes)).__name__ == "CallsChanged"


async def test_handles_never_change(redis: RedisServer, start: Starter) -> None:
    handles = set()
    for fleet in ((OLD_KEY,), (NEW_KEY, OLD_KEY), (NEW_KEY,), (THIRD_KEY, NEW_KEY), (THIRD_KEY,)):
        process = await start(redis, fleet)
        handles.add(process.sessions.handle(user()))
        await process.stop()
    assert len(handles) == 1


async def test_a_fleet_with_other_keys_has_other_names(redis: RedisServer, start: Starter) -> None:
    one, other = await start(redis, (OLD_KEY,)), await start(redis, (NEW_KEY,))
    assert one.sessions.handle(user()) != other.sessions.handle(user())


async def test_names_are_put_back_after_redis_lost_them(redis: RedisServer, start: Starter) -> None:
    old = await start(redis, (OLD_KEY,))
    await old.stop()
    rotated = await start(redis, (NEW_KEY, OLD_KEY))
    await rotated.stop()
    living = await start(redis, (NEW_KEY,))
    handle = living.sessions.handle(user())
    redis.flush()
    await living.naming.agree()
    fresh = await start(redis, (NEW_KEY,))
    assert fresh.sessions.handle(user()) == handle == living.sessions.handle(user())


async def test_who_comes_second_after_a_loss_adopts_and_says_so(redis: RedisServer, start: Starter) -> None:
    old = await start(redis, (OLD_KEY,))
    await old.stop()
    rotated = await start(redis, (NEW_KEY, OLD_KEY))
    await rotated.stop()
    living = await start(redis, (NEW_KEY,))
    async with living.feed.subscribe(user()) as changes:
        redis.flush()
        fresh = await start(redis, (NEW_KEY,))
        assert fresh.sessions.handle(user()) != living.sessions.handle(user())
        await living.naming.agree()
        assert fresh.sessions.handle(user()) == living.sessions.handle(user())
        async with asyncio.timeout(2):
            heard = [type(change).__name__ async for change in changes]
    assert heard == ["Resync"]


async def test_a_tampered_agreement_is_replaced(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    process = await start(redis)
    handle = process.sessions.handle(user())
    with redis.client() as client:
        (field,) = client.hkeys(keys.NAMING)
        client.hset(keys.NAMING, field, b"\x01" * 100)
    await process.naming.agree()
    async with running(Process(redis.url, clock)) as fresh:
        assert fresh.sessions.handle(user()) == handle


async def test_the_agreement_is_found_once_redis_answers(own_redis: RedisServer, clock: MovableClock) -> None:
    own_redis.kill()
    process = Process(own_redis.url, clock)
    async with running(process):
        own_redis.start()
        await until(lambda: _agreed(process.naming))
        assert await process.sessions.read(user()) == NoSession(EndReason.NEVER)


def _agreed(naming: Naming) -> bool:
    return naming._names is not None
