"""Nothing of a person can be read from what goes to Redis or lies there, and everything there ends by itself."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

from bridge.errors import EndReason
from bridge.model import calls
from bridge.model.ids import CallId
from bridge.model.messages import CallMissed, PresenceChanged, SessionEnded
from bridge.model.presence import OwnPresence
from bridge.model.telephony import CallReport, CallState, Party
from bridge.secret import Secret
from bridge.service.ports import Pulse
from bridge.store import keys
from tests.canary import NAME, NUMBER, PASSWORD, encodings
from tests.servers import RedisServer
from tests.stores import MovableClock, Process, a_pbx, a_session, user

TENANT, PERSON = "7f3a9c52-1111-4d4e-9a9a-canary-tenant", "0b1c2d3e-2222-4e4e-8b8b-canary-person"
LOGIN, PBX, CALL, ADDRESS = "canary-login-0815", "canary-pbx-4711", "canary-call-id-99", "203.0.113.254"
CANARIES = (TENANT, PERSON, LOGIN, PBX, CALL, ADDRESS, PASSWORD, NUMBER, NAME)


async def live(process: Process) -> None:
    """Everything that happens in the life of a sign-in, with canaries wherever somebody's data goes."""
    clock, who = process.clock, user(PERSON, TENANT)
    entry = a_pbx(TENANT, PBX)
    handle = process.sessions.handle(who)
    session = a_session(clock, who, pbx=PBX, token=f"{LOGIN}:{PASSWORD}", login=LOGIN)
    session = replace(session, own_numbers=(NUMBER,), callback_secret=Secret(PASSWORD))
    await process.throttle.admit_sign_in(who, entry, LOGIN, ADDRESS)
    await process.throttle.sign_in_failed(who, entry, LOGIN, ADDRESS)
    await process.throttle.admit("check", TENANT, 10, timedelta(minutes=1))
    async with process.once.slot("logins", f"{TENANT}/{PBX}", 4, timedelta(seconds=1)):
        await process.sessions.open(session)
    await process.sessions.read(who)
    await process.sessions.renew(session)
    await process.sessions.set_pulse(session, Pulse(pushing=True))
    await process.due.schedule(handle, clock.time())
    await process.due.claim(5, timedelta(seconds=15))
    await process.once.claim("activity", f"{TENANT}/{CALL}", timedelta(minutes=10))
    await process.once.keep("interrupted", handle, {"number": NUMBER}, timedelta(minutes=5))
    report = CallReport(CallId(CALL), CallState.RINGING, caller=Party(NUMBER, NAME))
    async with process.feed.subscribe(who) as changes:
        _, table = await process.tables.update(session, lambda known: calls.apply(known, report, clock.now()))
        await process.feed.publish(who, CallMissed(table.calls[0]))
        presence = OwnPresence("active", None, "online", NAME, "pbx", clock.now())
        await process.feed.publish(who, PresenceChanged(presence))
        async with asyncio.timeout(2):
            heard = [await anext(changes) for _ in range(3)]
    assert NAME in repr(heard[0]), "the reader does see the name"
    await process.news.tell(entry.tenant)


def found(content: bytes) -> list[str]:
    """Which canaries stand in it, and how; MONITOR escapes bytes, which is undone."""
    plain = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), content)
    return [
        f"{canary} as {kind}"
        for canary in CANARIES
        for kind, needle in encodings(canary).items()
        if needle in content or needle in plain
    ]


async def test_nothing_can_be_read_on_the_way_or_where_it_lies(process: Process, redis: RedisServer) -> None:
    async with redis.monitored() as lines:
        await live(process)
    assert len(lines) > 30
    assert found(b"".join(lines)) == []
    with redis.client() as client:
        lying = b"\n".join(name.encode() + client.dump(name) for name in sorted(redis.names()))
    assert found(lying) == []


def test_the_search_finds_what_is_there() -> None:
    assert found(f"SET x {NUMBER}".encode())
    assert found(b"".join(b"\\x%02x" % byte for byte in NAME.encode()))


async def test_everything_that_lies_there_ends(process: Process, redis: RedisServer) -> None:
    await live(process)
    with redis.client() as client:
        lives = {name: client.pttl(name) for name in redis.names()}
    kinds = {name.split(":")[1] for name in lives}
    assert kinds == {
        "calls", "claim", "due", "kept", "limit", "naming", "people", "pulse", "reason", "session", "traces",
    }  # fmt: skip
    assert [name for name, life in lives.items() if life <= 0] == []
    of_people = {name: life for name, life in lives.items() if name.split(":")[1] not in {"naming", "people", "due"}}
    assert max(of_people.values()) <= timedelta(hours=24).total_seconds() * 1000
    redis.age(timedelta(days=33))
    assert redis.names() == set()


async def test_a_week_leaves_as_much_as_a_day(process: Process, redis: RedisServer, clock: MovableClock) -> None:
    sizes = []
    for day in range(7):
        for number in range(20):
            session = a_session(clock, user(f"person-{number}"), identity=f"s-{day}-{number}")
            await process.sessions.open(session)
            await process.sessions.set_pulse(session, Pulse())
            await process.tables.update(
                session, lambda table, call=f"c{day}": calls.expect(table, CallId(call), "1", clock.now())
            )
            if number % 2:
                await process.sessions.end(session, EndReason.REVOKED)
        sizes.append(len(redis.names()))
        clock.move(timedelta(days=1))
        redis.age(timedelta(days=1))
    assert sizes == [sizes[0]] * 7
    with redis.client() as client:
        people = process.naming.names.pbx_people(session.user.tenant, session.pbx)
        assert client.zcard(people) == 10, "entries of those who let their sign-in expire are gone"


async def test_what_was_published_can_be_opened_by_nobody_else(process: Process, redis: RedisServer) -> None:
    async with redis.monitored() as lines:
        await process.feed.publish(user(), SessionEnded(a_pbx().id, EndReason.REJECTED))
    (line,) = lines
    assert b'"PUBLISH"' in line
    assert keys.feed_channel(process.sessions.handle(user())).encode() in line
    assert b"rejected" not in line


async def test_values_of_one_person_cannot_take_each_others_place(
    process: Process, redis: RedisServer, clock: MovableClock
) -> None:
    session = a_session(clock)
    await process.sessions.open(session)
    await process.sessions.set_pulse(session, Pulse(failures=9))
    handle = process.sessions.handle(session.user)
    with redis.client() as client:
        client.set(keys.calls(handle), client.get(keys.pulse(handle)), px=60_000)
    assert (await process.tables.read(session.user)).calls == ()
    assert process.broken == 1
