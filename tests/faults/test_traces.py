"""What Redis sees and keeps of a person: nothing readable, nothing for ever, nothing after they have signed out."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from app import Service, prepare
from bridge.settings import read_settings
from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA, JONAS
from infra.simulator.starface import PbxConfig, StarfaceSimulator, demo_population
from tests.canary import NAME, NUMBER, PASSWORD, RUN, Net
from tests.faults.balancer import balanced
from tests.faults.crowd import BEATING, place_of, token_of, urls
from tests.harness import BRISK, Person, World, free_port, new_keys, until, world
from tests.servers import RedisServer

LOGIN = f"login{RUN}"


@asynccontextmanager
async def another(made: World, **changes: str) -> AsyncIterator[str]:
    """One more process on the same stores, with changes to its environment; give its URL."""
    port = free_port()
    prepared = await asyncio.to_thread(prepare, read_settings(made.environment | {"PORT": str(port)} | changes))
    async with Service(replace(prepared, rhythm=BRISK)).running():
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    """A PBX on which Anna's login and password are canaries."""
    population = demo_population()
    population.users[0].login, population.users[0].password = LOGIN, PASSWORD
    async with StarfaceSimulator(PbxConfig(population=population)) as simulator:
        yield simulator


async def telephone(made: World, person: Person) -> None:
    """Everything that leaves something in Redis: a stream, calls both ways, a repeat, a search for words nobody finds."""
    async with person.stream() as stream:
        await stream.wait_for("snapshot")
        call = made.pbx.ring(LOGIN, from_number=NUMBER, name=NAME)
        await stream.wait_for("call", lambda data: data["remote"] == {"number": NUMBER, "name": NAME})
        made.pbx.answer(LOGIN, call)
        await stream.wait_for("call", lambda data: data["state"] == "connected")
        assert (await person.ask("POST", f"/calls/{call}/hangup")).status == 202
        await stream.wait_for("call", lambda data: data["state"] == "ended")
        placed = await person.ask("POST", "/calls", {"number": NUMBER}, **{"Idempotency-Key": "one"})
        assert placed.status == 202
        await stream.wait_for("call", lambda data: data["id"] == placed.body["id"] and data["remote"]["number"])
        assert (await person.ask("PUT", "/presence/dnd", {"enabled": True})).status == 200
        assert (await person.ask("POST", f"/calls/{placed.body['id']}/hangup")).status == 202
        await stream.wait_for("call", lambda data: data["id"] == placed.body["id"] and data["state"] == "ended")


def dump(redis: RedisServer) -> dict[bytes, bytes]:
    with redis.client() as client:
        return {name: client.dump(name) or b"" for name in client.scan_iter(count=1000)}


async def test_redis_sees_nothing_readable_and_keeps_nothing_for_ever(one: World, redis: RedisServer) -> None:
    own, anna = Net(), one.person()
    async with redis.monitored() as lines:
        assert (await anna.sign_in("0002")).status == 201
        await anna.sign_in(LOGIN, "wrong")
        assert (await anna.sign_in(LOGIN, PASSWORD)).status == 201
        for what, value in {
            "token": token_of(one.pbx, LOGIN),
            "digest": token_of(one.pbx, LOGIN).partition(":")[2],
            "login": LOGIN,
            "tid": ANNA.tenant.id,
            "oid": ANNA.id,
            "secret": place_of(one.pbx, LOGIN).rpartition(".")[2],
        }.items():
            own.watch(what, value)
        await telephone(one, anna)
        one.pbx.change_password(LOGIN, "other")
        refused = await anna.call(NUMBER)
        assert refused.body["reason"] == "rejected"
        with redis.client() as client:
            immortal = [name for name in client.scan_iter() if client.pttl(name) == -1]
        own.keep("dump", b"\n".join(name + b" " + value for name, value in dump(redis).items()))
    own.keep("monitor", b"\n".join(lines))
    assert immortal == []
    assert own.search() == []
    seen = own.evidence("monitor")
    assert seen.count(b"sfb:session") > 10, "the net hung where the fish are"


async def test_signing_out_leaves_no_trace(one: World, redis: RedisServer) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await jonas.sign_in("0002")
    await until(lambda: jonas_is_settled(one))
    before = set(dump(redis))
    assert (await anna.sign_in(LOGIN, PASSWORD)).status == 201
    handle = place_of(one.pbx, LOGIN).rpartition("/")[2].partition(".")[0].encode()
    await telephone(one, anna)
    kept = dump(redis)
    assert [name for name in kept if handle in name]
    assert (await anna.ask("DELETE", "/session")).status == 204
    left = {name.split(b":")[1] for name in dump(redis) if handle in name}
    assert left <= {b"reason", b"slot"}, "only why, for the other tabs, and a place just left; both only for a moment"
    await asyncio.to_thread(redis.age, timedelta(seconds=60))
    # a visit that was under way may put its next date down once more; that date is at most half a minute ahead
    await until(lambda: traces_of(handle, redis) == [], within=3)
    assert [name for name in set(dump(redis)) - before if not name.startswith(BEATING)] == []
    assert (await anna.ask("GET", "/session")).body["reason"] == "never"
    assert (await jonas.ask("GET", "/session")).body["state"] == "signed_in"


def traces_of(handle: bytes, redis: RedisServer) -> list[bytes]:
    return [name for name, value in dump(redis).items() if handle in name or handle in value]


def jonas_is_settled(made: World) -> bool:
    return len(made.pbx.recorder.requests_named("keepAlive")) > 1


@pytest.mark.slow
async def test_keys_are_rotated_in_three_steps_without_a_sign_out(
    redis: RedisServer, database_url: str, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> None:
    """As the operator's guide says: ``old`` → ``old,new`` → ``new,old`` → ``new``, two processes at work in each step."""
    old, new, public = new_keys(), new_keys(), free_port()
    steps = [old, f"{old},{new}", f"{new},{old}", new]
    shared = redis.url.reveal(), database_url, microsoft, pbx
    async with balanced(public, []) as balancer:
        for before, after in itertools.pairwise(steps):
            told = {"SESSION_KEYS": before, "PUBLIC_URL": f"http://127.0.0.1:{public}"}
            async with (
                world(*shared, mapped=before == old, **told) as made,
                another(made, SESSION_KEYS=after) as second,
            ):
                first = urls(made)[0]
                balancer.ports[:] = [int(url.rpartition(":")[2]) for url in (first, second)]
                if before == old:
                    assert (await made.person(url=first).sign_in(LOGIN, PASSWORD)).status == 201
                    assert (await made.person(JONAS, first).sign_in("0002")).status == 201
                for url in (first, second, first):
                    state = await made.person(url=url).ask("GET", "/session")
                    assert state.body["state"] == "signed_in"
                await calls_on_both(made, made.person(url=first), made.person(url=second))
                if after == new:
                    stranger = made.person(JONAS, second)
                    untouched = await stranger.ask("GET", "/phones")
                    assert (untouched.status, untouched.code) == (401, "signed_out"), "nobody touched this one"
                    assert (await stranger.sign_in("0002")).status == 201


async def calls_on_both(made: World, here: Person, there: Person) -> None:
    async with here.stream() as stream, there.stream() as other:
        await stream.wait_for("snapshot")
        await other.wait_for("snapshot")
        call = made.pbx.ring(LOGIN, from_number=NUMBER)
        for each in (stream, other):
            await each.wait_for("call", lambda data: data["id"] == call and data["state"] == "ringing")
        assert (await there.ask("POST", f"/calls/{call}/hangup")).status == 202
        for each in (stream, other):
            await each.wait_for("call", lambda data: data["id"] == call and data["state"] == "ended")


@pytest.mark.parametrize("kind", ["session", "calls", "pulse", "reason"])
async def test_swapped_values_are_no_sign_in_and_no_fault(one: World, redis: RedisServer, kind: str) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await anna.sign_in(LOGIN, PASSWORD)
    await jonas.sign_in("0002")
    one.pbx.ring(LOGIN, from_number=NUMBER)
    one.pbx.ring("0002", from_number=NUMBER)
    handles = [place_of(one.pbx, login).rpartition("/")[2].partition(".")[0] for login in (LOGIN, "0002")]
    first, second = (f"sfb:{kind}:{{{handle}}}" for handle in handles)
    await until(lambda: {first, second} <= redis.names())
    one.pbx.end_sessions()
    redis.run("EVAL", _SWAP, "2", first, second)
    for person in (anna, jonas):
        state = await person.ask("GET", "/session")
        assert (state.status, state.body["state"]) == (200, "signed_out" if kind == "session" else "signed_in")
        calls = await person.ask("GET", "/calls")
        assert calls.status == (401 if kind == "session" else 200)
    assert (await anna.sign_in(LOGIN, PASSWORD)).status == 201
    async with one.http.get(f"{one.url}/metrics") as response:
        text = await response.text()
    assert 'outcome="fault"' not in text
    assert 'status="500"' not in text


_SWAP = """
local one, two = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
redis.call('SET', KEYS[1], two, 'KEEPTTL')
redis.call('SET', KEYS[2], one, 'KEEPTTL')
return 1
"""
