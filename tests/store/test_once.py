"""Claims, kept values and places."""

import asyncio
from datetime import timedelta

import pytest

from bridge.errors import Unavailable
from bridge.store import keys
from bridge.store.once import LEASE
from tests.servers import RedisServer
from tests.store.conftest import Starter
from tests.stores import NEW_KEY, OLD_KEY, MovableClock, Process, user

MINUTE = timedelta(minutes=1)
WAIT = timedelta(seconds=5)


async def test_a_claim_is_given_once_over_all_processes(redis: RedisServer, start: Starter) -> None:
    fleet = [await start(redis) for _ in range(3)]
    claims = [process.once.claim("activity", "a-1", MINUTE) for process in fleet for _ in range(10)]
    assert sum(await asyncio.gather(*claims)) == 1
    assert await fleet[0].once.claim("activity", "a-2", MINUTE)
    assert await fleet[0].once.claim("other", "a-1", MINUTE)


async def test_a_claim_ends(process: Process, redis: RedisServer) -> None:
    assert await process.once.claim("activity", "a-1", MINUTE)
    redis.age(timedelta(seconds=59))
    assert not await process.once.claim("activity", "a-1", MINUTE)
    redis.age(timedelta(seconds=2))
    assert await process.once.claim("activity", "a-1", MINUTE)


async def test_a_released_claim_is_free(process: Process) -> None:
    await process.once.claim("activity", "a-1", MINUTE)
    await process.once.release("activity", "a-1")
    assert await process.once.claim("activity", "a-1", MINUTE)


async def test_a_kept_value_is_read_and_taken(process: Process, redis: RedisServer) -> None:
    value = {"number": "+49 30 1234", "phone": None, "parts": [1, True, {"name": "Ä"}]}
    assert await process.once.kept("interrupted", "x") is None
    await process.once.keep("interrupted", "x", {"older": 1}, MINUTE)
    await process.once.keep("interrupted", "x", value, MINUTE)
    assert await process.once.kept("interrupted", "x") == value
    taken = await asyncio.gather(*(process.once.take("interrupted", "x") for _ in range(10)))
    assert [one for one in taken if one is not None] == [value]
    await process.once.keep("interrupted", "x", value, MINUTE)
    redis.age(MINUTE)
    assert await process.once.take("interrupted", "x") is None


async def test_a_value_that_cannot_be_opened_is_none(redis: RedisServer, start: Starter) -> None:
    both, new = await start(redis, (OLD_KEY, NEW_KEY)), await start(redis, (NEW_KEY,))
    await both.once.keep("answer", "x", {"a": 1}, MINUTE)
    assert await new.once.kept("answer", "x") is None
    assert new.broken == 1


async def test_a_value_cannot_be_swapped_for_another_purpose(process: Process, redis: RedisServer) -> None:
    await process.once.keep("answer", "x", {"a": 1}, MINUTE)
    names = process.naming.names
    with redis.client() as client:
        client.copy(names.kept("answer", "x"), names.kept("interrupted", "x"))
    assert await process.once.kept("interrupted", "x") is None


async def test_traces_of_a_person_do_not_pile_up(process: Process, redis: RedisServer) -> None:
    handle = process.sessions.handle(user())
    for number in range(300):
        await process.once.claim("command", f"{handle}/{number}", timedelta(milliseconds=1))
    await process.once.keep("interrupted", handle, {"a": 1}, MINUTE)
    await asyncio.sleep(0.02)
    for number in range(130):
        await process.once.claim("command", f"{handle}/again-{number}", timedelta(milliseconds=1))
    with redis.client() as client:
        traces = client.smembers(keys.traces(handle))
        assert len(traces) <= 130
        assert process.naming.names.kept("interrupted", handle).encode() in traces
        assert 0 < client.pttl(keys.traces(handle)) <= 60_000


async def test_only_so_many_places_are_taken_at_a_time(redis: RedisServer, start: Starter) -> None:
    fleet = [await start(redis) for _ in range(3)]
    inside = most = served = 0

    async def visit(process: Process) -> None:
        nonlocal inside, most, served
        async with process.once.slot("logins", "tenant/pbx", 4, WAIT):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1
            served += 1

    await asyncio.gather(*(visit(fleet[number % 3]) for number in range(30)))
    assert (most, served) == (4, 30)
    assert not [name for name in redis.names() if ":slot:" in name]


async def test_places_of_different_subjects_are_different(process: Process) -> None:
    async with process.once.slot("logins", "a", 1, WAIT), process.once.slot("logins", "b", 1, WAIT):
        with pytest.raises(Unavailable):
            async with process.once.slot("logins", "a", 1, timedelta(0)):
                pytest.fail("the place is taken")


async def test_a_place_is_free_after_an_error_inside(process: Process) -> None:
    for _ in range(3):
        with pytest.raises(LookupError):
            async with process.once.slot("logins", "a", 1, timedelta(0)):
                raise LookupError


async def test_a_place_is_free_after_a_cancellation(process: Process) -> None:
    async def stay() -> None:
        async with process.once.slot("logins", "a", 1, WAIT):
            await asyncio.Event().wait()

    for pause in (0.0, 0.001, 0.002, 0.05):
        staying = asyncio.ensure_future(stay())
        await asyncio.sleep(pause)
        staying.cancel()
        await asyncio.wait([staying])
    async with process.once.slot("logins", "a", 1, timedelta(seconds=1)):
        assert staying.cancelled()


async def test_a_dead_holders_place_is_free_after_the_lease(
    redis: RedisServer, start: Starter, clock: MovableClock
) -> None:
    one, other = await start(redis), await start(redis)
    await one.once._take_place(one.naming.names.slot("logins", "a"), "the dead", 1)
    clock.move(LEASE - timedelta(seconds=1))
    with pytest.raises(Unavailable):
        async with other.once.slot("logins", "a", 1, timedelta(0)):
            pytest.fail("the lease still runs")
    clock.move(timedelta(seconds=1))
    async with other.once.slot("logins", "a", 1, timedelta(0)):
        assert [name for name in redis.names() if ":slot:" in name]


async def test_waiting_ends(process: Process) -> None:
    loop = asyncio.get_running_loop()
    async with process.once.slot("logins", "a", 1, WAIT):
        began = loop.time()
        with pytest.raises(Unavailable):
            async with process.once.slot("logins", "a", 1, timedelta(seconds=0.15)):
                pytest.fail("the place is taken")
        assert 0.1 < loop.time() - began < 0.6
