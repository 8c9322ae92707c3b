"""Redis is killed, hangs, fills up or forgets everything: the worst that may follow is "please sign in again"."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from infra.simulator.microsoft.population import JONAS
from infra.simulator.starface import PbxConfig, StarfaceSimulator, demo_population
from tests.faults.crowd import people, spread, urls
from tests.harness import Answer, Person, World, until
from tests.servers import RedisServer

PBXS, EACH = 4, 20


@pytest.mark.slow
async def test_killed_during_eighty_sign_ins(two: World, redis: RedisServer) -> None:
    async with contextlib.AsyncExitStack() as stack:
        pbxs = []
        for number in range(PBXS):
            config = PbxConfig(population=demo_population(users=EACH))
            pbx = await stack.enter_async_context(StarfaceSimulator(config))
            pbx.misbehave("delay", "*.connection.login", seconds=0.05)
            await two.map_pbx(pbx, f"pbx-{number}")
            pbxs.append(pbx)
        persons = spread(two, people(PBXS * EACH))
        places = [(number % PBXS, f"{number // PBXS + 1:04d}") for number in range(len(persons))]
        answers: dict[int, Answer] = {}

        async def sign_in(number: int) -> None:
            pbx, login = places[number]
            answers[number] = await persons[number].sign_in(login, pbx=f"pbx-{pbx}")

        signing_in = asyncio.gather(*(sign_in(number) for number in range(len(persons))))
        await until(lambda: len(answers) >= 25)
        redis.kill()
        await asyncio.sleep(0.19)
        await asyncio.to_thread(redis.start)
        back = time.monotonic()
        await signing_in
        states = await asyncio.gather(*(settled(person) for person in persons))
        assert time.monotonic() - back < 5
        assert Counter(answer.status for answer in answers.values()).keys() <= {201, 503}
        assert {answer.code for answer in answers.values() if answer.status == 503} <= {"unavailable"}
        usable = await asyncio.gather(*(person.ask("GET", "/phones") for person in persons))
        for number, (state, used) in enumerate(zip(states, usable, strict=True)):
            said = (answers[number].status, state, used.status)
            assert said in {(201, "signed_in", 200), (201, "signed_out", 401), (503, "signed_out", 401)}, said
        left_behind = [
            places[number]
            for number, answer in answers.items()
            if answer.status == 503 and pbxs[places[number][0]].pbx.sessions.of(places[number][1])
        ]
        assert left_behind == [], "whoever was refused has no session at the PBX either"
        for pbx in pbxs:
            pbx.advance(61)
        live = {places[number] for number, state in enumerate(states) if state == "signed_in"}
        await until(lambda: sessions_of(pbxs) == live)


async def settled(person: Person) -> str:
    """The state of a person's sign-in as soon as the product can tell, which Redis' return allows."""

    async def told() -> Any:
        answer = await person.ask("GET", "/session")
        return answer.status == 200 and answer.body["state"]

    return str(await until(told, within=5))


def sessions_of(pbxs: list[StarfaceSimulator]) -> set[tuple[int, str]]:
    return {(number, session.login) for number, pbx in enumerate(pbxs) for session in pbx.pbx.sessions.all()}


@pytest.mark.slow
async def test_hanging_under_load_every_answer_is_quick(two: World, redis: RedisServer) -> None:
    persons = spread(two, people(6))
    for index, person in enumerate(persons, start=1):
        assert (await person.sign_in(f"{index:04d}")).status == 201
    async with persons[0].stream() as stream:
        await stream.wait_for("snapshot")
        await asyncio.sleep(0.1)
        base = tasks()
        redis.hang()
        slowest, answers = 0.0, []

        async def timed(person: Person, method: str, path: str, body: Any) -> None:
            nonlocal slowest
            began = time.monotonic()
            answers.append(await person.ask(method, path, body))
            slowest = max(slowest, time.monotonic() - began)

        asks = [("GET", "/session", None), ("GET", "/calls", None), ("POST", "/calls", {"number": "10"})]
        for _ in range(10):
            await asyncio.gather(*(timed(person, *ask) for person in persons for ask in asks))
        assert len(answers) == 180
        assert slowest <= 1.0
        assert {(answer.status, answer.code, answer.headers["Retry-After"]) for answer in answers} == {
            (503, "unavailable", "1")
        }
        assert not [request for request in two.pbx.requests if "placeCall" in request.method]
        for url in urls(two):
            async with two.http.get(f"{url}/readyz") as response:
                told = {"status": "unavailable", "parts": {"redis": "unavailable", "directory": "ok"}}
                assert (response.status, await response.json()) == (503, told)
        redis.resume()
        await until(lambda: tasks() <= base, within=2)
        assert (await persons[0].ask("GET", "/session")).body["state"] == "signed_in"
        assert not stream.ended.is_set()
        call = two.pbx.ring("0001", from_number="+49 30 23125 801")
        await until(lambda: shown(stream.events, call))
        for url in urls(two):
            async with two.http.get(f"{url}/readyz") as response:
                assert response.status == 200


def tasks() -> int:
    """Tasks of this process without those that wait for the next request of an open connection."""
    return sum("RequestHandler" not in repr(task.get_coro()) for task in asyncio.all_tasks())


def shown(events: list[tuple[str, Any]], call: str) -> bool:
    """Whether a call reached the reader, as an event or in a new snapshot."""
    told = [data for name, data in events if name == "call"]
    told += [each for name, data in events if name == "snapshot" for each in data["calls"]]
    return any(each["id"] == call for each in told)


@pytest.mark.parametrize("loss", ["FLUSHALL", "kill"])
async def test_open_streams_show_that_everything_is_gone(two: World, redis: RedisServer, loss: str) -> None:
    anna, jonas = spread(two, [two.person().user, JONAS])
    await anna.sign_in("0001")
    await jonas.sign_in("0002")
    async with anna.stream() as stream, jonas.stream() as other:
        for each in (stream, other):
            assert (await each.wait_for("snapshot"))["session"]["state"] == "signed_in"
        await asyncio.to_thread(redis.flush if loss == "FLUSHALL" else redis.restart)
        gone = time.monotonic()
        for each in (stream, other):
            await until(lambda each=each: state_shown(each.events) == "signed_out", within=5)
        assert time.monotonic() - gone < 5
        assert not stream.ended.is_set()
        assert (await anna.sign_in("0001")).status == 201
        await until(lambda: state_shown(stream.events) == "signed_in")
        call = two.pbx.ring("0001", from_number="+49 30 23125 801")
        await stream.wait_for("call", lambda data: data["id"] == call)


def state_shown(events: list[tuple[str, Any]]) -> str:
    """What a reader takes the sign-in for after these events."""
    sessions = [
        data if name == "session" else data["session"] for name, data in events if name in {"session", "snapshot"}
    ]
    return str(sessions[-1]["state"]) if sessions else ""


async def test_a_full_redis_leaves_nothing_half_written(one: World, redis: RedisServer) -> None:
    anna = one.person()
    redis.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
    one.pbx.misbehave("delay", "*.connection.login", seconds=0.15)
    before = redis.names()
    signing_in = asyncio.create_task(anna.sign_in())
    await until(lambda: one.pbx.recorder.logins.in_flight)
    redis.run("CONFIG", "SET", "maxmemory", "1")
    answer = await signing_in
    assert (answer.status, answer.code) == (503, "unavailable")
    assert {name.split(":")[1] for name in redis.names() - before} <= {"limit", "slot"}
    assert one.pbx.pbx.sessions.all() == []
    refused = await anna.sign_in()
    assert (refused.status, refused.code) == (503, "unavailable")
    assert one.pbx.pbx.sessions.all() == []
    redis.run("CONFIG", "SET", "maxmemory", "0")
    assert (await anna.sign_in()).status == 201
    assert (await anna.call("030 23125-800")).status == 202


async def test_a_redis_that_is_away_at_the_start_is_waited_for(one: World, redis: RedisServer) -> None:
    redis.kill()
    async with one.http.get(f"{one.url}/readyz") as response:
        assert response.status == 503
    async with one.http.get(f"{one.url}/healthz") as response:
        assert response.status == 200
    await asyncio.to_thread(redis.start)

    async def ready() -> bool:
        async with one.http.get(f"{one.url}/readyz") as response:
            return response.status == 200

    await until(ready, within=3)


async def test_whoever_leaves_during_a_sign_in_leaves_nothing_at_the_pbx(one: World) -> None:
    one.pbx.misbehave("delay", "*.phone.*", seconds=0.05)
    persons = spread(one, people(6))
    for number, person in enumerate(persons, start=1):
        login = f"{number:04d}"
        signing_in = asyncio.create_task(person.sign_in(login))
        await until(lambda login=login: one.pbx.pbx.sessions.of(login))
        await asyncio.sleep(0.02 * number)
        signing_in.cancel()
        await asyncio.gather(signing_in, return_exceptions=True)
    await asyncio.sleep(0.19)

    async def live() -> set[str]:
        states = [(await person.ask("GET", "/session")).body["state"] for person in persons]
        return {f"{number:04d}" for number, state in enumerate(states, start=1) if state == "signed_in"}

    await until(lambda: agree(one, live))


async def agree(world: World, live: Callable[[], Awaitable[set[str]]]) -> bool:
    return {session.login for session in world.pbx.pbx.sessions.all()} == await live()
