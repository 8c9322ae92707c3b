"""Limits on sign-in attempts: exact, shared by all processes, closed when Redis is away."""

import asyncio
from contextlib import nullcontext as does_not_raise
from datetime import timedelta

import pytest

from bridge.errors import TooManyAttempts, Unavailable
from bridge.model.ids import UserKey
from bridge.model.pbx import PbxEntry
from tests.servers import RedisServer
from tests.store.conftest import Starter
from tests.stores import MovableClock, Process, a_pbx, user

PBX = a_pbx()
ADDRESS = "192.0.2.1"
MINUTE = timedelta(minutes=1)


async def attempt(
    process: Process, who: UserKey | None = None, login: str = "0001", pbx: PbxEntry = PBX, address: str = ADDRESS
) -> None:
    """One attempt with a wrong password."""
    await process.throttle.admit_sign_in(who or user(), pbx, login, address)
    await process.throttle.sign_in_failed(who or user(), pbx, login, address)


async def refused(process: Process, who: UserKey | None = None, **where: str) -> int:
    """Seconds after which the next attempt is promised; it must be refused now."""
    with pytest.raises(TooManyAttempts) as caught:
        await process.throttle.admit_sign_in(
            who or user(), PBX, where.get("login", "0001"), where.get("address", ADDRESS)
        )
    return caught.value.retry_after


async def test_five_wrong_passwords_lock_a_person(process: Process) -> None:
    for _ in range(5):
        await attempt(process)
    assert await refused(process) == 60
    assert await refused(process, login="another", address="192.0.2.9") == 60


async def test_locks_grow_up_to_a_quarter_of_an_hour(process: Process, clock: MovableClock) -> None:
    for _ in range(5):
        await attempt(process, login="a", address="a")
    waits = []
    for number in range(6):
        waits.append(await refused(process, login=f"l{number}", address=f"a{number}"))
        clock.move(timedelta(seconds=waits[-1]))
        await attempt(process, login=f"l{number}", address=f"a{number}")
    assert waits == [60, 120, 240, 480, 900, 900]


async def test_a_lock_ends_to_the_second(process: Process, clock: MovableClock) -> None:
    for _ in range(5):
        await attempt(process)
    clock.move(timedelta(seconds=59.5))
    assert await refused(process) == 1
    clock.move(timedelta(seconds=0.5))
    await attempt(process)
    assert await refused(process) == 120


async def test_an_hour_later_all_is_forgotten(process: Process, clock: MovableClock, redis: RedisServer) -> None:
    for _ in range(5):
        await attempt(process)
    clock.move(timedelta(hours=1, seconds=1))
    redis.age(timedelta(hours=1, seconds=1))
    for _ in range(5):
        await attempt(process)
    assert await refused(process) == 60


async def test_four_wrong_and_a_right_one_start_afresh(process: Process) -> None:
    for _ in range(2):
        for _ in range(4):
            await attempt(process, login=f"{_}")
        await process.throttle.admit_sign_in(user(), PBX, "0001", ADDRESS)
        await process.throttle.sign_in_succeeded(user())
    with does_not_raise():
        await attempt(process)


async def test_fifty_at_once_over_four_processes_let_five_through(redis: RedisServer, start: Starter) -> None:
    fleet = [await start(redis) for _ in range(4)]
    passed = 0

    async def guess(process: Process) -> None:
        nonlocal passed
        try:
            await process.throttle.admit_sign_in(user(), PBX, "0001", ADDRESS)
        except TooManyAttempts:
            return
        passed += 1
        await asyncio.sleep(0.01)
        await process.throttle.sign_in_failed(user(), PBX, "0001", ADDRESS)

    for _ in range(4):
        await asyncio.gather(*(guess(fleet[number % 4]) for number in range(50)))
    assert passed == 5


async def test_ten_failures_lock_a_login_whoever_tries(process: Process, clock: MovableClock) -> None:
    for number in range(10):
        await attempt(process, user(f"person-{number}"), address=f"192.0.2.{number}")
        clock.move(timedelta(seconds=10))
    assert await refused(process, user("person-99"), address="192.0.2.99") == 3500
    await attempt(process, user("person-99"), login="0002")
    await attempt(process, user("person-98"), pbx=a_pbx(pbx="pbx-2"), address="192.0.2.98")
    clock.move(timedelta(seconds=3500))
    await attempt(process, user("person-97"), address="192.0.2.97")


async def test_a_login_in_another_spelling_is_the_same_login(process: Process) -> None:
    for number in range(10):
        await attempt(
            process, user(f"person-{number}"), login=("Anna", " anna", "ANNA ")[number % 3], address=f"{number}"
        )
    assert await refused(process, user("person-99"), login="anna", address="x") > 3000


async def test_right_passwords_do_not_lock_a_login(process: Process, clock: MovableClock) -> None:
    for number in range(30):
        who = user(f"person-{number}")
        with does_not_raise():
            await process.throttle.admit_sign_in(who, PBX, "0001", f"{number}")
        await process.throttle.sign_in_succeeded(who)
        clock.move(timedelta(seconds=7))


async def test_a_pbx_is_asked_sixty_times_a_minute(process: Process, clock: MovableClock) -> None:
    for number in range(60):
        await process.throttle.admit_sign_in(user(f"person-{number}"), PBX, f"{number}", f"{number}")
        clock.move(timedelta(seconds=0.5))
    assert await refused(process, user("person-99"), login="99", address="99") == 30
    await attempt(process, user("person-99"), pbx=a_pbx(pbx="pbx-2"))
    clock.move(timedelta(seconds=30))
    await attempt(process, user("person-98"), login="98", address="98")


@pytest.mark.parametrize(
    ("addresses", "free"),
    [
        (["192.0.2.1"], "192.0.2.2"),
        (["2001:db8::1", "2001:db8::2:3"], "2001:db8:0:1::1"),
        (["192.0.2.1", "::ffff:192.0.2.1"], "::ffff:192.0.2.2"),
        (["no address"], ""),
    ],
)
async def test_an_address_may_fail_thirty_times(
    process: Process, clock: MovableClock, addresses: list[str], free: str
) -> None:
    for number in range(30):
        where = addresses[number % len(addresses)]
        await attempt(process, user(f"person-{number}"), login=f"{number}", address=where)
    assert await refused(process, user("person-99"), login="99", address=addresses[0]) == 300
    await attempt(process, user("person-98"), login="98", address=free)
    clock.move(timedelta(minutes=5))
    await attempt(process, user("person-97"), login="97", address=addresses[0])


async def test_an_office_behind_one_address_signs_in_within_minutes(process: Process, clock: MovableClock) -> None:
    for number in range(200):
        who = user(f"person-{number}")
        if number % 10 == 0:
            await attempt(process, who, login=f"{number}")
        with does_not_raise():
            await process.throttle.admit_sign_in(who, PBX, f"{number}", ADDRESS)
        await process.throttle.sign_in_succeeded(who)
        clock.move(timedelta(seconds=1.5))


async def test_what_was_refused_does_not_count(process: Process, clock: MovableClock) -> None:
    for _ in range(5):
        await attempt(process)
    for _ in range(200):
        await refused(process)
    clock.move(MINUTE)
    with does_not_raise():
        await attempt(process)
        await attempt(process, user("person-2"), login="0002")


async def test_an_undecided_attempt_gives_its_place_back(process: Process) -> None:
    for _ in range(20):
        await process.throttle.admit_sign_in(user(), PBX, "0001", "x")
        await process.throttle.sign_in_undecided(user(), PBX, "0001")
    for _ in range(5):
        await attempt(process, login="0002")
    assert await refused(process) == 60


async def test_an_undecided_one_does_not_shorten_a_longer_lock(process: Process, clock: MovableClock) -> None:
    for _ in range(5):
        await attempt(process)
    clock.move(MINUTE)
    await process.throttle.admit_sign_in(user(), PBX, "0001", ADDRESS)
    await process.throttle.sign_in_undecided(user(), PBX, "0001")
    await attempt(process)
    assert await refused(process) == 120


async def test_one_that_died_half_way_has_counted(process: Process) -> None:
    for _ in range(5):
        await process.throttle.admit_sign_in(user(), PBX, "0001", ADDRESS)
    assert await refused(process) == 60


async def test_another_person_signs_in_meanwhile(process: Process) -> None:
    for _ in range(5):
        await attempt(process)
    with does_not_raise():
        await attempt(process, user("colleague"), login="0002")
        await attempt(process, user(tenant="bbbb2222"), pbx=a_pbx("bbbb2222"))


async def test_without_redis_nobody_is_admitted(own_redis: RedisServer, start: Starter) -> None:
    process = await start(own_redis)
    await attempt(process)
    own_redis.kill()
    for _ in range(3):
        with pytest.raises(Unavailable):
            await process.throttle.admit_sign_in(user(), PBX, "0001", ADDRESS)


async def test_a_plain_limit(process: Process, clock: MovableClock) -> None:
    for _ in range(10):
        await process.throttle.admit("check", "tenant-1", 10, MINUTE)
        clock.move(timedelta(seconds=2))
    with pytest.raises(TooManyAttempts) as caught:
        await process.throttle.admit("check", "tenant-1", 10, MINUTE)
    assert caught.value.retry_after == 40
    await process.throttle.admit("check", "tenant-2", 10, MINUTE)
    await process.throttle.admit("other", "tenant-1", 10, MINUTE)
    clock.move(timedelta(seconds=40))
    await process.throttle.admit("check", "tenant-1", 10, MINUTE)


async def test_counting_is_one_trip(process: Process, redis: RedisServer) -> None:
    await attempt(process)
    async with redis.monitored() as lines:
        await process.throttle.admit_sign_in(user(), PBX, "0001", ADDRESS)
    assert len([line for line in lines if b" lua]" not in line]) == 1
