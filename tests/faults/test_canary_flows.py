"""The canary net over real flows: a person whose password, login, callers and token are canaries does and suffers everything."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from infra.simulator.microsoft.population import ANNA
from infra.simulator.starface import PbxConfig, StarfaceSimulator, demo_population
from tests.canary import NAME, NUMBER, PASSWORD, RUN, Net
from tests.faults.crowd import place_of, post_event, ringing, token_of
from tests.harness import Answer, Person, World
from tests.servers import RedisServer

LOGIN = f"kanari{RUN}"


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    population = demo_population()
    population.users[0].login, population.users[0].password = LOGIN, PASSWORD
    async with StarfaceSimulator(PbxConfig(population=population)) as simulator:
        yield simulator


async def pages(made: World, net: Net) -> None:
    """Keep what anybody may read."""
    for path in ("/metrics", "/readyz", "/healthz", "/api/openapi.json"):
        async with made.http.get(made.url + path) as answer:
            net.keep(path, await answer.read())


def keep(net: Net, *answers: Answer) -> None:
    """Keep the bodies of refusals: what somebody sent must not come back, nor what a peer said."""
    for answer in answers:
        assert answer.status >= 400
        net.keep("refusals", f"{answer.body} {answer.headers}")


async def refusals(made: World, anna: Person, net: Net) -> None:
    """Every way to send a secret to the wrong place."""
    session = {"pbxId": "demo", "login": LOGIN, "password": PASSWORD}
    wrong = [{**session, "extra": PASSWORD}, {**session, PASSWORD: 1}, {"password": PASSWORD}, [PASSWORD], PASSWORD]
    keep(net, *[await anna.ask("POST", "/session", body) for body in wrong])
    keep(net, await anna.ask("POST", "/session", {**session, "pbxId": PASSWORD}))
    keep(net, await anna.ask("POST", "/session", {**session, "login": f"{LOGIN}x"}))
    keep(net, await anna.ask("POST", "/calls", {"number": f"{NUMBER}; DROP"}))
    keep(net, await anna.ask("POST", "/calls", {"number": NUMBER, "phoneId": "nicht-da", "name": NAME}))
    keep(net, await anna.ask("POST", "/calls/nicht-da/forward", {"target": NUMBER}))
    keep(net, await anna.ask("POST", "/admin/pbxs", {"name": NAME, "host": "169.254.169.254"}))
    keep(net, await anna.ask("GET", f"/history?q={PASSWORD}&unknown={PASSWORD}"))
    for data in (f'{{"password":"{PASSWORD}"'.encode(), PASSWORD.encode("utf-16")):
        headers = {"Authorization": f"Bearer {anna.token}", "Content-Type": "application/json"}
        async with made.http.post(f"{made.url}/api/v1/session", data=data, headers=headers) as answer:
            net.keep("refusals", await answer.read())
    place, token = place_of(made.pbx, LOGIN), token_of(made.pbx, LOGIN)
    for body in (NAME.encode(), ringing(made.pbx, "x", NUMBER)[:-30], f"<a>{PASSWORD}</a>".encode()):
        net.keep("refusals", (await post_event(made, place, body, login=LOGIN, token=token))[1])
    net.keep("refusals", (await post_event(made, place, ringing(made.pbx, "x"), login=LOGIN, token=f"{token}x"))[1])
    async with made.http.get(f"{made.url}/uci/{token}?password={PASSWORD}") as answer:
        net.keep("refusals", await answer.read())


async def odd_answers(made: World, anna: Person, net: Net) -> None:
    """A PBX that fails in every way while it is told numbers."""
    for kind in ("html", "redirect", "half_body", "german_fault", "http_500", "oversize", "reset"):
        made.pbx.misbehave(kind, "*.call.placeCallWithPhone", times=1)
        keep(net, await anna.call(NUMBER))
    made.pbx.behave()


async def test_nothing_of_a_person_escapes(one: World, redis: RedisServer, net: Net, tmp_path: Path) -> None:
    anna = one.person()
    async with redis.monitored() as lines:
        assert (await anna.sign_in(LOGIN, PASSWORD)).status == 201
        for what, value in {
            "token": token_of(one.pbx, LOGIN),
            "digest": token_of(one.pbx, LOGIN).partition(":")[2],
            "login": LOGIN,
            "secret": place_of(one.pbx, LOGIN).rpartition(".")[2],
            "bearer": anna.token,
            "oid": ANNA.id,
        }.items():
            net.watch(what, value)
        async with anna.stream() as stream:
            await stream.wait_for("snapshot")
            call = one.pbx.ring(LOGIN, from_number=NUMBER, name=NAME)
            await stream.wait_for("call", lambda data: data["remote"] == {"number": NUMBER, "name": NAME})
            one.pbx.hang_up(LOGIN, call)
            await stream.wait_for("call", lambda data: data["state"] == "ended")
            await refusals(one, anna, net)
            await odd_answers(one, anna, net)
        await one.microsoft.channel.say(ANNA, f"call {NUMBER}")
        await pages(one, net)
        net.keep("dump", dump(redis))
        net.keep("database", await asyncio.to_thread(database, tmp_path))
        await one.pbx.stop_listening()
        keep(net, await anna.call(NUMBER))
        redis.hang()
        keep(net, await anna.sign_in(LOGIN, PASSWORD))
        redis.resume()
        one.pbx.change_password(LOGIN, "other")
        await one.pbx.listen()
        keep(net, await anna.call(NUMBER))
        await anna.ask("DELETE", "/session")
        net.keep("dump", dump(redis))
    net.keep("monitor", b"\n".join(lines))
    assert b"sfb:session" in net.evidence("dump")
    assert b"sfb:session" in net.evidence("monitor")
    assert b"127.0.0.1" in net.evidence("database")
    assert b"http_requests_total" in net.evidence("/metrics")
    assert b"sign_in" in net.evidence("log-of-this-process") or b"signed_in" in net.evidence("log-of-this-process")
    assert net.search() == []


def database(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("directory.db*"))


def dump(redis: RedisServer) -> bytes:
    with redis.client() as client:
        return b"\n".join(name + b" " + (client.dump(name) or b"") for name in client.scan_iter(count=1000))


async def test_a_token_in_the_query_is_no_token(one: World, net: Net) -> None:
    anna = one.person()
    for name in ("token", "access_token", "authorization"):
        url = f"{one.url}/api/v1/session?{name}={anna.token}"
        async with one.http.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            assert answer.status == 401
            net.keep("refusals", await answer.read())
