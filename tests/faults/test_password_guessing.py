"""Nobody guesses a password through us: the PBX sees few wrong ones, others are not held up, and without Redis it sees none."""

import asyncio
import time

import pytest

from infra.simulator.microsoft.population import JONAS, LENA, SOPHIE
from tests.faults.crowd import people, spread, urls
from tests.harness import Answer, Person, World, until
from tests.servers import RedisServer


def tries(world: World, login: str) -> int:
    """Requests of any kind that carried a token of this login: a PBX may count each wrong one as an attempt."""
    return sum(request.login == login for request in world.pbx.recorder.requests)


async def acquaint(world: World) -> float:
    """Let somebody sign in through each process, so that it knows how this PBX wants its tokens; give how long that took."""
    began = time.monotonic()
    for url in urls(world):
        assert (await world.person(SOPHIE, url).sign_in("0005")).status == 201
    return (time.monotonic() - began) / len(urls(world))


async def guess(person: Person, many: int, at_once: int, answers: list[Answer]) -> None:
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with gate:
            answers.append(await person.sign_in("0001", f"wrong-{number}"))

    await asyncio.gather(*(one(number) for number in range(many)))


@pytest.mark.slow
async def test_two_hundred_guesses_over_two_processes_reach_the_pbx_five_times(two: World) -> None:
    alone = await acquaint(two)
    first, second = (two.person(url=url) for url in urls(two))
    colleague = two.person(JONAS, urls(two)[1])
    answers: list[Answer] = []
    first_guess = time.monotonic()
    guessing = asyncio.gather(guess(first, 100, 25, answers), guess(second, 100, 25, answers))
    await until(lambda: len(answers) >= 40)
    began = time.monotonic()
    assert (await colleague.sign_in("0002")).status == 201
    assert time.monotonic() - began < max(1.0, 5 * alone), "on a machine that is busy anyway it takes longer even alone"
    await guessing
    told = [answer for answer in answers if answer.status == 401]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(told) <= 5
    assert len(told) + len(refused) == 200
    assert {answer.code for answer in told} == {"pbx_credentials_rejected"}
    assert {answer.code for answer in refused} == {"too_many_attempts"}
    passed = time.monotonic() - first_guess
    # one that began a moment before the lock was set waits that moment longer, and whole seconds are rounded up
    assert all(59 - passed <= int(answer.headers["Retry-After"]) <= 61 for answer in refused)
    assert 1 <= tries(two, "0001") <= 5
    assert (await first.sign_in()).status == 429, "the right password has to wait as well"
    assert (await colleague.call("10")).status == 202


async def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(one: World) -> None:
    await acquaint(one)
    anna, jonas = one.person(), one.person(JONAS)
    wrong, unknown = await anna.sign_in("0001", "wrong"), await jonas.sign_in("9999", "wrong")
    for answer in (wrong, unknown):
        del answer.body["requestId"]
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body)
    named = [{name for name in answer.headers if name != "Date"} for answer in (wrong, unknown)]
    assert named[0] == named[1]
    assert [tries(one, "0001"), tries(one, "9999")] == [1, 1]


async def test_many_people_together_get_ten_guesses_at_one_login(two: World) -> None:
    await acquaint(two)
    answers = [await person.sign_in("0003", f"wrong-{number}") for number, person in enumerate(spread(two, people(14)))]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 4
    assert int(answers[-1].headers["Retry-After"]) > 3000
    assert tries(two, "0003") == 10
    assert (await two.person(LENA).sign_in("0004")).status == 201


async def test_no_password_is_passed_on_while_redis_is_away(one: World, redis: RedisServer) -> None:
    await acquaint(one)
    anna = one.person()
    await anna.sign_in(password="wrong")
    assert tries(one, "0001") == 1
    redis.kill()
    answers: list[Answer] = []
    await guess(anna, 20, 10, answers)
    for answer in answers:
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "unavailable", "1")
    assert tries(one, "0001") == 1
    await asyncio.to_thread(redis.start)
    assert (await anna.sign_in(password="wrong")).status == 401


async def test_an_outage_of_the_pbx_locks_nobody_out(one: World) -> None:
    await acquaint(one)
    anna = one.person()
    await one.pbx.stop_listening()
    answers = [await anna.sign_in() for _ in range(8)]
    assert {answer.code for answer in answers} == {"pbx_unreachable"}
    await one.pbx.listen()
    assert (await anna.sign_in()).status == 201
