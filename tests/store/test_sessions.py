"""Sign-ins: found, prolonged, ended exactly once, and never brought back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.errors import EndReason, Unavailable
from bridge.model import calls
from bridge.model.ids import CallId
from bridge.model.pbx import Session
from bridge.secret import Secret
from bridge.service.ports import NoSession, Pulse
from bridge.store import keys
from tests.servers import RedisServer
from tests.store.conftest import Starter
from tests.stores import ABSOLUTE, IDLE, MovableClock, Process, a_pbx, a_session, user

HOUR = timedelta(hours=1)


@pytest.fixture
def session(clock: MovableClock) -> Session:
    return a_session(clock)


def left(server: RedisServer, name: str) -> float:
    """Seconds a key has left."""
    with server.client() as client:
        return float(client.pttl(name)) / 1000


async def test_who_never_signed_in_has_no_session(process: Process) -> None:
    assert await process.sessions.read(user()) == NoSession(EndReason.NEVER)
    assert await process.sessions.by_handle(process.sessions.handle(user())) == NoSession(EndReason.NEVER)


async def test_a_sign_in_is_found_by_person_and_by_handle(process: Process, session: Session) -> None:
    await process.sessions.open(session)
    assert await process.sessions.read(session.user) == session
    assert await process.sessions.by_handle(process.sessions.handle(session.user)) == session


async def test_it_is_found_by_another_process(redis: RedisServer, start: Starter, session: Session) -> None:
    one, other = await start(redis), await start(redis)
    await one.sessions.open(session)
    assert await other.sessions.read(session.user) == session
    assert await other.sessions.read(session.user) == session


async def test_the_same_person_id_in_another_tenant_is_somebody_else(process: Process, session: Session) -> None:
    await process.sessions.open(session)
    stranger = user(session.user.person, tenant="bbbb2222")
    assert await process.sessions.read(stranger) == NoSession(EndReason.NEVER)


async def test_a_read_is_one_trip_of_one_command(process: Process, redis: RedisServer, session: Session) -> None:
    await process.sessions.open(session)
    async with redis.monitored() as lines:
        for _ in range(5):
            await process.sessions.read(session.user)
    assert len(lines) == 5
    assert all(b'"GETEX"' in line for line in lines)


async def test_the_first_read_of_another_process_learns_the_end(
    redis: RedisServer, start: Starter, session: Session
) -> None:
    one, other = await start(redis), await start(redis)
    await one.sessions.open(session)
    await other.sessions.read(session.user)
    async with redis.monitored() as lines:
        await other.sessions.read(session.user)
    assert [line for line in lines if b'"GETEX"' in line] == lines


async def test_use_prolongs_up_to_the_idle_end(process: Process, redis: RedisServer, session: Session) -> None:
    await process.sessions.open(session)
    name = keys.session(process.sessions.handle(session.user))
    redis.age(IDLE - timedelta(minutes=1))
    process.clock.move(IDLE - timedelta(minutes=1))
    assert left(redis, name) < 61
    assert await process.sessions.read(session.user) == session
    assert left(redis, name) == pytest.approx(IDLE.total_seconds(), abs=2)


async def test_use_never_prolongs_beyond_the_absolute_end(
    process: Process, redis: RedisServer, session: Session
) -> None:
    await process.sessions.open(session)
    name = keys.session(process.sessions.handle(session.user))
    for _ in range(5):
        redis.age(2 * HOUR)
        process.clock.move(2 * HOUR)
        assert await process.sessions.read(session.user) == session
    assert left(redis, name) == pytest.approx(2 * 3600, abs=2)
    process.clock.move(2 * HOUR)
    assert await process.sessions.read(session.user) == _expired(session)
    redis.age(2 * HOUR)
    assert await process.sessions.read(session.user) == _expired(session)


async def test_a_look_by_handle_does_not_prolong(process: Process, redis: RedisServer, session: Session) -> None:
    await process.sessions.open(session)
    handle = process.sessions.handle(session.user)
    redis.age(HOUR)
    await process.sessions.by_handle(handle)
    await process.tables.with_session(handle)
    assert left(redis, keys.session(handle)) < (IDLE - HOUR).total_seconds() + 1


async def test_idleness_ends_it_and_says_whose_it_was(process: Process, redis: RedisServer, session: Session) -> None:
    await process.sessions.open(session)
    await process.sessions.set_pulse(session, Pulse(pushing=True))
    await process.tables.update(session, lambda table: calls.expect(table, CallId("c"), "1", process.clock.now()))
    redis.age(IDLE)
    process.clock.move(IDLE)
    assert await process.sessions.read(session.user) == _expired(session)
    assert await process.sessions.by_handle(process.sessions.handle(session.user)) == _expired(session)
    assert redis.names() & {f(process.sessions.handle(session.user)) for f in (keys.calls, keys.pulse)} == set()


async def test_a_night_later_the_morning_still_says_expired(
    process: Process, redis: RedisServer, session: Session
) -> None:
    await process.sessions.open(session)
    redis.age(ABSOLUTE + timedelta(hours=11))
    assert await process.sessions.read(session.user) == _expired(session)
    redis.age(timedelta(hours=2))
    assert await process.sessions.read(session.user) == NoSession(EndReason.NEVER)


@pytest.mark.parametrize("reason", [EndReason.REVOKED, EndReason.REJECTED, EndReason.EXPIRED])
async def test_the_end_is_told(process: Process, session: Session, reason: EndReason) -> None:
    await process.sessions.open(session)
    assert await process.sessions.end(session, reason)
    assert await process.sessions.read(session.user) == NoSession(reason, session.user, session.pbx, session.id)


async def test_it_ends_once_whoever_asks(redis: RedisServer, start: Starter, session: Session) -> None:
    one, other = await start(redis), await start(redis)
    await one.sessions.open(session)
    await other.sessions.read(session.user)
    ends = [process.sessions.end(session, EndReason.REJECTED) for process in (one, other) for _ in range(25)]
    assert sum(await asyncio.gather(*ends)) == 1
    assert (await other.sessions.read(session.user)).reason is EndReason.REJECTED  # type: ignore[union-attr]


async def test_a_sign_out_leaves_no_trace(process: Process, redis: RedisServer, session: Session) -> None:
    before = redis.names()
    await process.sessions.open(session)
    handle = process.sessions.handle(session.user)
    await process.sessions.set_pulse(session, Pulse())
    await process.tables.update(session, lambda table: calls.expect(table, CallId("c"), "1", process.clock.now()))
    await process.due.schedule(handle, process.clock.time())
    await process.once.keep("interrupted", handle, {"number": "1"}, timedelta(minutes=5))
    await process.once.claim("command", f"{handle}/key", timedelta(minutes=10))
    assert len(redis.names() - before) == 9
    await process.sessions.end(session, EndReason.REVOKED)
    assert redis.names() - before == {keys.reason(handle)}
    assert left(redis, keys.reason(handle)) < 60


async def test_what_was_interrupted_survives_a_rejection(process: Process, session: Session) -> None:
    await process.sessions.open(session)
    handle = process.sessions.handle(session.user)
    await process.once.keep("interrupted", handle, {"number": "1"}, timedelta(minutes=5))
    await process.sessions.end(session, EndReason.REJECTED)
    assert await process.once.take("interrupted", handle) == {"number": "1"}


async def test_an_old_end_spares_the_new_sign_in(process: Process, redis: RedisServer, clock: MovableClock) -> None:
    old, new = a_session(clock), a_session(clock, identity="sign-in-2")
    await process.sessions.open(old)
    await process.sessions.open(new)
    await process.due.schedule(process.sessions.handle(new.user), clock.time())
    assert not await process.sessions.end(old, EndReason.REJECTED)
    assert await process.sessions.read(new.user) == new
    assert await process.sessions.of_pbx(new.user.tenant, new.pbx) == (process.sessions.handle(new.user),)
    assert keys.DUE in redis.names()


async def test_a_new_sign_in_starts_afresh(process: Process, clock: MovableClock) -> None:
    old, new = a_session(clock), a_session(clock, identity="sign-in-2", pbx="pbx-2")
    await process.sessions.open(old)
    await process.tables.update(old, lambda table: calls.expect(table, CallId("c"), "1", clock.now()))
    await process.sessions.set_pulse(old, Pulse(pushing=True))
    await process.sessions.open(new)
    handle = process.sessions.handle(new.user)
    assert (await process.tables.with_session(handle))[1].calls == ()
    assert await process.sessions.pulse(handle) == Pulse()
    await process.sessions.set_pulse(old, Pulse(failures=7))
    assert await process.sessions.pulse(handle) == Pulse()


async def test_a_hint_of_an_older_sign_in_is_corrected(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    one, other = await start(redis), await start(redis)
    long, short = a_session(clock), a_session(clock, identity="sign-in-2", life=HOUR)
    name = keys.session(one.sessions.handle(long.user))
    await one.sessions.open(long)
    await one.sessions.read(long.user)
    await other.sessions.open(short)
    assert await one.sessions.read(long.user) == short
    assert left(redis, name) == pytest.approx(3600, abs=2)
    await other.sessions.open(long)
    assert await other.sessions.read(long.user) == long
    assert await one.sessions.read(long.user) == long
    assert left(redis, name) == pytest.approx(IDLE.total_seconds(), abs=2)


async def test_a_hint_that_has_passed_does_no_harm(redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    one, other = await start(redis), await start(redis)
    first = a_session(clock, life=HOUR)
    await one.sessions.open(first)
    clock.move(HOUR)
    second = a_session(clock, identity="sign-in-2")
    await other.sessions.open(second)
    assert await one.sessions.read(first.user) == second
    assert left(redis, keys.session(one.sessions.handle(first.user))) == pytest.approx(IDLE.total_seconds(), abs=2)


async def test_a_refreshed_access_is_written_without_prolonging(
    process: Process, redis: RedisServer, session: Session
) -> None:
    await process.sessions.open(session)
    redis.age(HOUR)
    renewed = replace(session, access=replace(session.access, token=Secret("a-new-token")))
    assert await process.sessions.renew(renewed)
    assert left(redis, keys.session(process.sessions.handle(session.user))) < 3 * 3600 + 1
    assert await process.sessions.read(session.user) == renewed


async def test_nothing_is_renewed_after_the_end(process: Process, session: Session) -> None:
    await process.sessions.open(session)
    await process.sessions.end(session, EndReason.REVOKED)
    assert not await process.sessions.renew(session)
    assert isinstance(await process.sessions.read(session.user), NoSession)


async def test_pulse_is_remembered_as_long_as_the_sign_in(
    process: Process, redis: RedisServer, session: Session
) -> None:
    handle = process.sessions.handle(session.user)
    assert await process.sessions.pulse(handle) == Pulse()
    await process.sessions.set_pulse(session, Pulse(failures=1))
    assert await process.sessions.pulse(handle) == Pulse(), "there is no sign-in to remember it for"
    await process.sessions.open(session)
    pulse = Pulse(pushing=True, last_push=1.25, dnd=False)
    await process.sessions.set_pulse(session, pulse)
    assert await process.sessions.pulse(handle) == pulse
    assert left(redis, keys.pulse(handle)) <= left(redis, keys.session(handle)) + 0.1


async def test_people_of_a_pbx(process: Process, clock: MovableClock) -> None:
    people = [a_session(clock, user(f"person-{number}"), identity=f"s{number}") for number in range(3)]
    elsewhere = a_session(clock, user("person-9"), identity="s9", pbx="pbx-2")
    for session in (*people, elsewhere):
        await process.sessions.open(session)
    await process.sessions.end(people[0], EndReason.REVOKED)
    entry = a_pbx()
    found = await process.sessions.of_pbx(entry.tenant, entry.id)
    assert set(found) == {process.sessions.handle(session.user) for session in people[1:]}
    clock.move(ABSOLUTE + HOUR)
    assert await process.sessions.of_pbx(entry.tenant, entry.id) == ()


async def test_two_swapped_values_are_no_sign_ins(process: Process, redis: RedisServer, clock: MovableClock) -> None:
    one, other = a_session(clock, user("one")), a_session(clock, user("other"), identity="sign-in-2")
    await process.sessions.open(one)
    await process.sessions.open(other)
    names = [keys.session(process.sessions.handle(session.user)) for session in (one, other)]
    with redis.client() as client:
        first, second = client.mget(names)
        client.mset({names[0]: second, names[1]: first})
    for session in (one, other):
        found = await process.sessions.read(session.user)
        assert isinstance(found, NoSession)
        assert found.reason is EndReason.EXPIRED
    assert process.broken == 2


async def test_a_tag_of_another_sign_in_is_noticed(process: Process, redis: RedisServer, session: Session) -> None:
    await process.sessions.open(session)
    name = keys.session(process.sessions.handle(session.user))
    with redis.client() as client:
        client.setrange(name, 0, b"another tag, yes")
    assert isinstance(await process.sessions.read(session.user), NoSession)


async def test_without_a_replica_an_end_is_not_confirmed(redis: RedisServer, start: Starter, session: Session) -> None:
    process = await start(redis, replicated=True)
    await process.sessions.open(session)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await process.sessions.end(session, EndReason.REVOKED)
    assert await process.sessions.read(session.user) == NoSession(
        EndReason.REVOKED, session.user, session.pbx, session.id
    )


def _expired(session: Session) -> NoSession:
    return NoSession(EndReason.EXPIRED, session.user, session.pbx, session.id)
