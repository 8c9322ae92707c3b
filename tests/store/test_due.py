"""Due work: taken once, given back by the dead, never lost by a race."""

import asyncio
from datetime import timedelta

from bridge.errors import EndReason
from bridge.model.ids import UserHandle
from bridge.store import keys
from tests.servers import RedisServer
from tests.store.conftest import Starter
from tests.stores import MovableClock, Process, a_session

LEASE = timedelta(seconds=15)


def handles(count: int) -> list[UserHandle]:
    return [UserHandle(f"handle-{number}") for number in range(count)]


async def test_only_what_is_due_is_taken_longest_due_first(process: Process, clock: MovableClock) -> None:
    now = clock.time()
    for handle, at in zip(handles(4), (now - 1, now - 5, now, now + 1), strict=True):
        await process.due.schedule(handle, at)
    assert await process.due.claim(2, LEASE) == ("handle-1", "handle-0")
    assert await process.due.claim(9, LEASE) == ("handle-2",)
    assert await process.due.claim(9, LEASE) == ()
    clock.move(timedelta(seconds=1))
    assert await process.due.claim(9, LEASE) == ("handle-3",)


async def test_several_processes_take_each_once(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    fleet = [await start(redis) for _ in range(3)]
    for handle in handles(60):
        await fleet[0].due.schedule(handle, clock.time())
    batches = await asyncio.gather(*(process.due.claim(10, LEASE) for process in fleet for _ in range(4)))
    taken = [handle for batch in batches for handle in batch]
    assert sorted(taken) == sorted(handles(60))


async def test_what_a_dead_process_took_comes_back_after_the_lease(
    redis: RedisServer, start: Starter, clock: MovableClock
) -> None:
    dying, living = await start(redis), await start(redis)
    await dying.due.schedule(UserHandle("a"), clock.time())
    await dying.due.claim(1, LEASE)
    clock.move(LEASE - timedelta(seconds=1))
    assert await living.due.claim(1, LEASE) == ()
    clock.move(timedelta(seconds=1))
    assert await living.due.claim(1, LEASE) == ("a",)


async def test_who_took_it_sets_the_next_time(process: Process, clock: MovableClock) -> None:
    await process.due.schedule(UserHandle("a"), clock.time())
    await process.due.claim(1, LEASE)
    await process.due.schedule(UserHandle("a"), clock.time() + 60)
    clock.move(timedelta(seconds=59))
    assert await process.due.claim(1, LEASE) == ()
    clock.move(timedelta(seconds=1))
    assert await process.due.claim(1, LEASE) == ("a",)


async def test_others_can_only_bring_it_forward(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    one, other = await start(redis), await start(redis)
    await one.due.schedule(UserHandle("a"), clock.time() + 5)
    await other.due.schedule(UserHandle("a"), clock.time() + 50)
    clock.move(timedelta(seconds=5))
    assert await one.due.claim(1, LEASE) == ("a",)
    await other.due.schedule(UserHandle("a"), clock.time() + 0.5)
    await one.due.schedule(UserHandle("a"), clock.time() + 60)
    clock.move(timedelta(seconds=0.5))
    assert await other.due.claim(1, LEASE) == ("a",)


async def test_dropped_is_dropped(process: Process, clock: MovableClock, redis: RedisServer) -> None:
    await process.due.schedule(UserHandle("a"), clock.time())
    await process.due.claim(1, LEASE)
    await process.due.drop(UserHandle("a"))
    await process.due.drop(UserHandle("never there"))
    assert keys.DUE not in redis.names()


async def test_a_drop_spares_what_was_scheduled_since_the_claim(
    redis: RedisServer, start: Starter, clock: MovableClock
) -> None:
    keeper, other = await start(redis), await start(redis)
    await keeper.due.schedule(UserHandle("a"), clock.time())
    await keeper.due.claim(1, LEASE)
    await other.due.schedule(UserHandle("a"), clock.time())
    await keeper.due.drop(UserHandle("a"))
    assert await other.due.claim(1, LEASE) == ("a",)


async def test_the_end_of_a_sign_in_takes_its_work_off(
    process: Process, clock: MovableClock, redis: RedisServer
) -> None:
    session = a_session(clock)
    await process.sessions.open(session)
    await process.due.schedule(process.sessions.handle(session.user), clock.time() + 5)
    await process.sessions.end(session, EndReason.REJECTED)
    assert keys.DUE not in redis.names()
