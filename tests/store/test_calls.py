"""Tables of calls: changed by many at once, lost by none, never brought back after a sign-out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.errors import EndReason, SignedOut
from bridge.model import calls
from bridge.model.calls import CallTable
from bridge.model.ids import CallId
from bridge.model.pbx import Session
from bridge.service.ports import NoSession
from bridge.store import keys
from tests.servers import RedisServer
from tests.store.conftest import Starter
from tests.stores import MovableClock, Process, a_session, user


@pytest.fixture
async def session(process: Process) -> Session:
    session = a_session(process.clock)
    await process.sessions.open(session)
    return session


def placing(process: Process, call: str) -> Callable[[CallTable], CallTable]:
    return lambda table: calls.expect(table, CallId(call), "00493012345", process.clock.now())


async def test_without_calls_the_table_is_empty(process: Process, session: Session) -> None:
    assert await process.tables.read(session.user) == CallTable()
    assert await process.tables.with_session(process.sessions.handle(session.user)) == (session, CallTable())


async def test_a_change_is_there_for_all(
    process: Process, session: Session, redis: RedisServer, start: Starter
) -> None:
    before, after = await process.tables.update(session, placing(process, "a"))
    assert before == CallTable()
    assert [call.id for call in after.calls] == ["a"]
    other = await start(redis)
    assert await other.tables.read(session.user) == after
    assert await other.tables.with_session(process.sessions.handle(session.user)) == (session, after)


async def test_no_change_writes_nothing(process: Process, session: Session, redis: RedisServer) -> None:
    _, known = await process.tables.update(session, placing(process, "a"))
    async with redis.monitored() as lines:
        for change in (lambda table: table, replace):
            before, after = await process.tables.update(session, change, known)
            assert before == after == known
    assert lines == []


async def test_an_event_costs_two_trips(process: Process, session: Session, redis: RedisServer) -> None:
    handle = process.sessions.handle(session.user)
    await process.tables.update(session, placing(process, "warm"))
    async with redis.monitored() as lines:
        found, known = await process.tables.with_session(handle)
        assert found == session
        await process.tables.update(session, placing(process, "a"), known)
    assert len([line for line in lines if b" lua]" not in line]) == 2


async def test_what_many_change_at_once_is_all_there(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    one, other = await start(redis), await start(redis)
    session = a_session(clock)
    await one.sessions.open(session)
    named = [(process, f"{number}") for number, process in enumerate([one, other] * 12)]
    await asyncio.gather(*(process.tables.update(session, placing(process, call)) for process, call in named))
    table = await one.tables.read(session.user)
    assert {call.id for call in table.calls} == {call for _, call in named}
    assert table.version == len(named)
    assert one.tables._turns == other.tables._turns == {}


async def test_versions_are_published_in_order(
    process: Process, session: Session, redis: RedisServer, start: Starter
) -> None:
    other = await start(redis)
    async with other.feed.subscribe(session.user) as changes:
        updates = [process.tables.update(session, placing(process, f"{number}")) for number in range(20)]
        await asyncio.gather(*updates)
        async with asyncio.timeout(2):
            versions = [(await anext(changes)).table.version for _ in range(20)]  # type: ignore[union-attr]
    assert versions == list(range(1, 21))


async def test_a_known_table_that_is_old_costs_only_another_try(process: Process, session: Session) -> None:
    handle = process.sessions.handle(session.user)
    _, known = await process.tables.with_session(handle)
    await process.tables.update(session, placing(process, "a"))
    before, after = await process.tables.update(session, placing(process, "b"), known)
    assert [call.id for call in before.calls] == ["a"]
    assert [call.id for call in after.calls] == ["a", "b"]


async def test_the_result_may_be_used_for_the_next_change(
    process: Process, session: Session, redis: RedisServer
) -> None:
    _, known = await process.tables.update(session, placing(process, "a"))
    async with redis.monitored() as lines:
        await process.tables.update(session, placing(process, "b"), known)
    assert len([line for line in lines if b" lua]" not in line]) == 1


async def test_a_signed_out_persons_table_does_not_come_back(
    process: Process, session: Session, redis: RedisServer
) -> None:
    _, known = await process.tables.update(session, placing(process, "a"))
    await process.sessions.end(session, EndReason.REVOKED)
    for table in (known, None):
        with pytest.raises(SignedOut) as caught:
            await process.tables.update(session, placing(process, "b"), table)
        assert caught.value.reason is EndReason.REVOKED
    assert keys.calls(process.sessions.handle(session.user)) not in redis.names()


async def test_a_change_for_an_older_sign_in_is_refused(process: Process, session: Session) -> None:
    newer = a_session(process.clock, identity="sign-in-2")
    await process.sessions.open(newer)
    with pytest.raises(SignedOut):
        await process.tables.update(session, placing(process, "a"))
    assert await process.tables.read(session.user) == CallTable()


async def test_an_ended_table_lives_shortly_a_live_one_long(
    process: Process, session: Session, redis: RedisServer
) -> None:
    name = keys.calls(process.sessions.handle(session.user))
    await process.tables.update(session, placing(process, "a"))
    with redis.client() as client:
        assert client.ttl(name) > 3 * 3600
        await process.tables.update(session, lambda table: calls.end(table, CallId("a"), process.clock.now()))
        assert 60 < client.ttl(name) <= 120


async def test_a_table_never_outlives_the_sign_in(process: Process, redis: RedisServer) -> None:
    session = a_session(process.clock, user("short"), life=timedelta(minutes=3))
    await process.sessions.open(session)
    await process.tables.update(session, placing(process, "a"))
    with redis.client() as client:
        assert client.pttl(keys.calls(process.sessions.handle(session.user))) <= 180_000


async def test_a_table_that_cannot_be_opened_is_replaced(
    process: Process, session: Session, redis: RedisServer
) -> None:
    await process.tables.update(session, placing(process, "a"))
    name = keys.calls(process.sessions.handle(session.user))
    with redis.client() as client:
        client.setrange(name, 60, b"\0\0\0\0")
    assert await process.tables.read(session.user) == CallTable()
    await process.tables.update(session, placing(process, "b"))
    assert [call.id for call in (await process.tables.read(session.user)).calls] == ["b"]


async def test_nobody_signed_in(process: Process) -> None:
    assert await process.tables.with_session(process.sessions.handle(user())) == (
        NoSession(EndReason.NEVER),
        CallTable(),
    )
