"""The feed: every change reaches every reader, or the reader is told that something may be missing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.errors import EndReason, Unavailable
from bridge.model.calls import CallTable
from bridge.model.ids import PbxId, TenantId
from bridge.model.messages import CallsChanged, Change, LineChanged, Resync, SessionEnded
from bridge.store import keys
from bridge.store.feed import BACKLOG
from tests.servers import RedisServer, until
from tests.store.conftest import Starter
from tests.stores import MovableClock, Process, a_session, user

ENDED = SessionEnded(PbxId("pbx-1"), EndReason.REJECTED)


async def heard(changes: AsyncIterator[Change], count: int = 1, deadline: float = 5.0) -> list[Change]:
    async with asyncio.timeout(deadline):
        return [await anext(changes) for _ in range(count)]


async def test_a_change_reaches_every_process(redis: RedisServer, start: Starter) -> None:
    one, other = await start(redis), await start(redis)
    async with one.feed.subscribe(user()) as here, other.feed.subscribe(user()) as there:
        await one.feed.publish(user(), ENDED)
        assert await heard(here) == await heard(there) == [ENDED]


async def test_several_readers_in_one_process_hear_each_change_once(process: Process) -> None:
    async with process.feed.subscribe(user()) as first:
        async with process.feed.subscribe(user()) as second:
            await process.feed.publish(user(), LineChanged("push"))
            assert await heard(first) == await heard(second) == [LineChanged("push")]
        await process.feed.publish(user(), LineChanged("poll"))
        assert await heard(first) == [LineChanged("poll")]
        assert process.feed._rooms[process.sessions.handle(user())].readers


async def test_nobody_hears_another_person(process: Process) -> None:
    async with process.feed.subscribe(user("one")) as one, process.feed.subscribe(user("two")) as two:
        await process.feed.publish(user("one"), LineChanged("push"))
        await process.feed.publish(user("two"), LineChanged("poll"))
        assert await heard(one) == [LineChanged("push")]
        assert await heard(two) == [LineChanged("poll")]


async def test_what_is_published_after_subscribing_is_heard(process: Process) -> None:
    for _ in range(30):
        async with process.feed.subscribe(user()) as changes:
            await process.feed.publish(user(), ENDED)
            assert await heard(changes) == [ENDED]


async def test_a_left_channel_is_unsubscribed(process: Process, redis: RedisServer) -> None:
    async with process.feed.subscribe(user()):
        assert b":1\r\n" in redis.run("PUBSUB", "NUMSUB", keys.feed_channel(process.sessions.handle(user())))
    await until(lambda: b":0\r\n" in redis.run("PUBSUB", "NUMSUB", keys.feed_channel(process.sessions.handle(user()))))
    assert process.feed._rooms == {}
    assert process.subscriber._channels == {}


async def test_a_reader_that_lags_gets_one_resync(process: Process) -> None:
    async with process.feed.subscribe(user()) as slow, process.feed.subscribe(user()) as quick:
        for number in range(BACKLOG + 10):
            await process.feed.publish(user(), CallsChanged(CallTable(version=number)))
            assert await heard(quick) == [CallsChanged(CallTable(version=number))]
        got = await heard(slow, 10)
    assert got == [Resync(), *(CallsChanged(CallTable(version=BACKLOG + 1 + number)) for number in range(9))]


@pytest.mark.parametrize("trouble", ["killed", "cut"])
async def test_a_lost_connection_means_resync_and_goes_on(own_redis: RedisServer, start: Starter, trouble: str) -> None:
    one, other = await start(own_redis), await start(own_redis)
    async with one.feed.subscribe(user("a")) as first, one.feed.subscribe(user("b")) as second:
        if trouble == "killed":
            own_redis.restart()
        else:
            own_redis.run("CLIENT", "KILL", "TYPE", "pubsub")
        assert await heard(first) == await heard(second) == [Resync()]
        await _published(other, LineChanged("push"))
        assert await heard(first) == [LineChanged("push")]


async def _published(process: Process, change: Change) -> None:
    """Publish once Redis is back for this process."""
    async with asyncio.timeout(3):
        while True:
            try:
                return await process.feed.publish(user("a"), change)
            except Unavailable:
                await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_a_hung_redis_is_noticed(own_redis: RedisServer, start: Starter) -> None:
    process = await start(own_redis)
    async with process.feed.subscribe(user()) as changes:
        own_redis.hang()
        await until(lambda: process.subscriber._live is None, 5)
        own_redis.resume()
        assert await heard(changes) == [Resync()]


async def test_subscribing_while_redis_is_away_is_unavailable(own_redis: RedisServer, start: Starter) -> None:
    process = await start(own_redis)
    own_redis.kill()
    with pytest.raises(Unavailable):
        async with process.feed.subscribe(user()):
            pytest.fail("there is nobody to confirm")
    assert process.feed._rooms == {}
    assert process.subscriber._channels == {}


async def test_a_payload_that_cannot_be_opened_means_resync(process: Process, redis: RedisServer) -> None:
    channel = keys.feed_channel(process.sessions.handle(user()))
    async with process.feed.subscribe(user()) as changes:
        for payload in ("", "t", "cnonsense", "x"):
            redis.run("PUBLISH", channel, payload)
            assert await heard(changes) == [Resync()]


async def test_a_published_table_cannot_be_played_to_somebody_else(
    process: Process, redis: RedisServer, clock: MovableClock
) -> None:
    session = a_session(clock)
    await process.sessions.open(session)
    other = user("other")
    async with process.feed.subscribe(other) as changes, redis.monitored() as _:
        _, table = await process.tables.update(session, lambda known: replace(known, version=known.version + 1))
        with redis.client() as client:
            blob = client.get(keys.calls(process.sessions.handle(session.user)))
            client.publish(keys.feed_channel(process.sessions.handle(other)), b"t" + blob)
        assert table.version == 1
        assert await heard(changes) == [Resync()]


async def test_readers_end_when_the_feed_is_closed(process: Process) -> None:
    async with process.feed.subscribe(user()) as changes:
        await process.feed.publish(user(), ENDED)
        await until(lambda: bool(process.feed._rooms[process.sessions.handle(user())].readers[0]._waiting))
        process.feed.close()
        async with asyncio.timeout(1):
            assert [change async for change in changes] == [Resync()]


async def test_many_come_and_go_at_once(process: Process) -> None:
    async def visit(number: int) -> None:
        who = user(f"person-{number % 5}")
        async with process.feed.subscribe(who) as changes:
            await process.feed.publish(who, LineChanged("push"))
            assert LineChanged("push") in await heard(changes)

    for _ in range(5):
        await asyncio.gather(*(visit(number) for number in range(30)))
    await until(lambda: process.subscriber._channels == {})
    assert not process.subscriber._asked


async def test_news_of_the_directory_reach_other_processes(redis: RedisServer, start: Starter) -> None:
    one, other = await start(redis), await start(redis)
    told: list[TenantId | None] = []
    await other.news.start(told.append)
    await one.news.tell(TenantId("tenant-1"))
    await until(lambda: told == ["tenant-1"])
    redis.run("PUBLISH", keys.DIRECTORY_CHANNEL, "nonsense")
    await until(lambda: told == ["tenant-1", None])


async def test_stopping_leaves_no_task_behind(redis: RedisServer, clock: MovableClock) -> None:
    before = asyncio.all_tasks()
    process = Process(redis.url, clock)
    await process.start()
    async with process.feed.subscribe(user()):
        assert len(asyncio.all_tasks()) > len(before)
    await process.stop()
    assert asyncio.all_tasks() == before
