"""On Redis Cluster: every command's keys share a slot, and all stores work as on one server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from bridge.errors import EndReason, Unavailable
from bridge.model import calls
from bridge.model.ids import CallId
from bridge.model.messages import CallsChanged, LineChanged
from bridge.secret import Secret
from bridge.service.outbox import Address, Letter, Result, Shown
from bridge.service.ports import NoSession, Pulse
from tests.servers import RedisServer, free_port, redis_server, until
from tests.stores import MovableClock, Process, a_pbx, a_session, running, user


def _options() -> tuple[str, ...]:
    return "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-port", str(free_port())


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisServer]:
    """One node that has all slots and refuses what crosses them, as each node of a larger cluster does."""
    with redis_server(*_options()) as server:
        server.run("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        yield server


@pytest.fixture
async def process(cluster: RedisServer, clock: MovableClock) -> AsyncIterator[Process]:
    await until(lambda: b"cluster_state:ok" in cluster.run("CLUSTER", "INFO"), 10)
    cluster.flush()
    async with running(Process(Secret(f"redis+cluster://127.0.0.1:{cluster.port}"), clock)) as process:
        await until(lambda: process.naming._names is not None)
        yield process


async def test_a_sign_in_lives_and_ends(process: Process) -> None:
    session = a_session(process.clock)
    handle = process.sessions.handle(session.user)
    await process.sessions.open(session)
    assert await process.sessions.read(session.user) == session
    assert await process.sessions.renew(session)
    await process.sessions.set_pulse(session, Pulse(failures=2))
    assert await process.sessions.pulse(handle) == Pulse(failures=2)
    await process.due.schedule(handle, process.clock.time())
    assert await process.due.claim(1, timedelta(seconds=15)) == (handle,)
    await process.once.keep("interrupted", handle, {"number": "1"}, timedelta(minutes=5))
    assert await process.sessions.of_pbx(session.user.tenant, session.pbx) == (handle,)
    assert await process.sessions.end(session, EndReason.REVOKED)
    assert not await process.sessions.end(session, EndReason.REVOKED)
    assert await process.once.kept("interrupted", handle) is None
    assert await process.sessions.of_pbx(session.user.tenant, session.pbx) == ()
    assert isinstance(await process.sessions.read(session.user), NoSession)


async def test_calls_reach_readers(process: Process) -> None:
    session = a_session(process.clock)
    await process.sessions.open(session)
    async with process.feed.subscribe(session.user) as changes:
        _, known = await process.tables.with_session(process.sessions.handle(session.user))
        _, after = await process.tables.update(
            session, lambda table: calls.expect(table, CallId("c"), "1", process.clock.now()), known
        )
        await process.feed.publish(session.user, LineChanged("push"))
        async with asyncio.timeout(2):
            assert [await anext(changes) for _ in range(2)] == [CallsChanged(after), LineChanged("push")]


async def test_messages_are_queued_taken_and_settled(process: Process) -> None:
    who, outbox = user(), process.outbox
    letter = Letter("call/1", 1, Address("https://smba.example/", "a:1", "28:bot"), {"type": "message"}, 60.0)
    assert await outbox.put(who, letter)
    assert await outbox.due_offices(5) == ()
    claimed = await outbox.claim(outbox.office(who), 5)
    (errand,) = await outbox.take(claimed.rounds)
    assert (errand.user, errand.letter, errand.shown) == (who, letter, None)
    shown = Shown("call/1", letter.address, "17")
    await outbox.settle(errand, Result.SHOWN, shown)
    assert await outbox.all_shown(who) == (shown,)
    assert (await outbox.claim(outbox.office(who), 5)).rounds == ()
    async with asyncio.timeout(5):
        while not (found := await outbox.due_offices(5)):  # noqa: ASYNC110 - Redis tells nobody when its time has come
            await asyncio.sleep(0.02)
    assert found == (outbox.office(who),)
    assert (await outbox.claim(found[0], 5)).next_in is None
    await outbox.drop_all(who)
    assert await outbox.shown(who, "call/1") is None


async def test_limits_claims_and_places(process: Process) -> None:
    for _ in range(5):
        await process.throttle.admit_sign_in(user(), a_pbx(), "0001", "192.0.2.1")
        await process.throttle.sign_in_failed(user(), a_pbx(), "0001", "192.0.2.1")
    await process.throttle.sign_in_undecided(user(), a_pbx(), "0001")
    await process.throttle.sign_in_succeeded(user())
    await process.throttle.admit("check", "t", 1, timedelta(minutes=1))
    assert await process.once.claim("activity", "a", timedelta(minutes=1))
    assert not await process.once.claim("activity", "a", timedelta(minutes=1))
    await process.once.release("activity", "a")
    async with process.once.slot("logins", "a/b", 1, timedelta(seconds=1)):
        await process.once.keep("answer", "x", {"a": 1}, timedelta(minutes=1))
    assert await process.once.take("answer", "x") == {"a": 1}


async def test_an_end_without_replica_is_not_confirmed(cluster: RedisServer, clock: MovableClock) -> None:
    url = Secret(f"redis://127.0.0.1:{cluster.port}?cluster=true")
    async with running(Process(url, clock, replicated=True)) as process:
        await until(lambda: process.naming._names is not None)
        session = a_session(clock)
        await process.sessions.open(session)
        with pytest.raises(Unavailable):
            await process.sessions.end(session, EndReason.REVOKED)
        assert isinstance(await process.sessions.read(session.user), NoSession)


async def test_a_cluster_that_is_away(clock: MovableClock) -> None:
    with redis_server(*_options()) as server:
        url = Secret(f"redis+cluster://127.0.0.1:{server.port}")
        server.kill()
        async with running(Process(url, clock)) as process, asyncio.timeout(1):
            with pytest.raises(Unavailable):
                await process.connection.ping()
