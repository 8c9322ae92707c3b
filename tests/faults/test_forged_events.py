"""Nobody without the PBX's secret makes a phone ring here: forged, replayed and hostile posts to ``/uci/…``."""

import asyncio
import gzip
import secrets
from collections.abc import Awaitable

import pytest

from infra.simulator.microsoft.population import JONAS
from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.codec import write_call
from tests.faults.crowd import CALL_STATE, at_rest, contents, place_of, post_event, ringing, token_of
from tests.harness import Stream, World, until
from tests.servers import RedisServer

FORGED_RUNS = 40
EMPTY = (404, b""), (401, b"")


async def test_forged_posts_change_nothing_and_tell_nothing(still: World, redis: RedisServer) -> None:
    anna, jonas, pbx = still.person(), still.person(JONAS), still.pbx
    await anna.sign_in()
    await jonas.sign_in("0002")
    old_place, old_token = place_of(pbx), token_of(pbx)
    await anna.ask("DELETE", "/session")
    await anna.sign_in()
    place, token, other = place_of(pbx), token_of(pbx), token_of(pbx, "0002")
    assert place != old_place
    handle, secret = place.rsplit("/", 1)[1].split(".")
    other_handle, other_secret = place_of(pbx, "0002").rsplit("/", 1)[1].split(".")
    body = ringing(pbx, "forged")
    kinds: dict[str, tuple[int, str, str, str]] = {
        "a random path": (404, f"/uci/{secrets.token_hex(13)}.{secrets.token_urlsafe(16)}", "0001", token),
        "the handle with a random secret": (404, f"/uci/{handle}.{secrets.token_urlsafe(16)}", "0001", token),
        "the handle with somebody else's secret": (404, f"/uci/{handle}.{other_secret}", "0001", token),
        "somebody else's handle with one's secret": (404, f"/uci/{other_handle}.{secret}", "0002", other),
        "no secret": (404, f"/uci/{handle}.", "0001", token),
        "no dot": (404, f"/uci/{handle}{secret}", "0001", token),
        "a longer secret": (404, f"{place}x", "0001", token),
        "a very long path": (404, f"/uci/{'a' * 7000}.b", "0001", token),
        "the path of an earlier sign-in": (404, old_place, "0001", old_token),
        "a wrong token": (401, place, "0001", f"0001:{secrets.token_hex(64)}"),
        "no token": (401, place, "0001", ""),
        "half a token": (401, place, "0001", token[:-1]),
        "a token that is not ASCII": (401, place, "0001", "0001:ä€"),
        "somebody else's valid token": (401, place, "0001", other),
        "somebody else's login and token": (401, place, "0002", other),
        "somebody else's login": (401, place, "0002", token),
    }
    async with anna.stream() as stream, jonas.stream() as watching:
        await stream.wait_for("snapshot")
        await watching.wait_for("snapshot")
        before, seen = await at_rest(redis), len(stream.events)
        for name, (status, path, login, proof) in kinds.items():
            posts = [post_event(still, path, body, login=login, token=proof) for _ in range(FORGED_RUNS)]
            assert set(await asyncio.gather(*posts)) == {(status, b"")}, name
        assert await asyncio.to_thread(contents, redis) == before
        assert (len(stream.events), len(watching.events)) == (seen, 1)
        assert await post_event(still, place, body, token=token) != (404, b"")
        assert (await stream.wait_for("call"))["id"] == "forged"


async def test_the_place_of_a_sign_in_is_dead_after_it(still: World) -> None:
    anna = still.person()
    await anna.sign_in()
    place, token = place_of(still.pbx), token_of(still.pbx)
    assert (await post_event(still, place, ringing(still.pbx, "one"), token=token))[0] == 200
    await anna.sign_in()
    assert await post_event(still, place, ringing(still.pbx, "two"), token=token) == (404, b"")
    newest = place_of(still.pbx)
    await anna.ask("DELETE", "/session")
    assert await post_event(still, newest, ringing(still.pbx, "three"), token=token) == (404, b"")
    assert (await anna.sign_in()).status == 201
    assert (await anna.ask("GET", "/calls")).body["calls"] == []


async def test_a_genuine_event_replayed_changes_nothing(still: World, redis: RedisServer) -> None:
    anna, pbx = still.person(), still.pbx
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        call = pbx.ring("0001", from_number="+49 30 23125 801")
        await stream.wait_for("call", lambda data: data["state"] == "ringing" and data["remote"]["name"])
        pbx.hang_up("0001", call)
        await stream.wait_for("call", lambda data: data["state"] == "ended")
        place, token = place_of(pbx), token_of(pbx)
        genuine = [sent for sent in pbx.callbacks if sent.method == CALL_STATE]
        assert len(genuine) >= 3
        await at_rest(redis)
        seen = len(stream.events)
        for sent in genuine * 10:
            body = write_call(sent.method, sent.params, pbx.switches)
            assert (await post_event(still, place, body, token=token))[0] == 200
        await at_rest(redis)
        assert stream.events[seen:] == []
    assert (await anna.ask("GET", "/calls")).body["calls"] == []


def hostile_bodies() -> dict[str, bytes]:
    doctype = b'<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa">%s]><methodCall><methodName>&%s;</methodName></methodCall>'
    bombs = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(12))
    call = b"<methodCall><methodName>x</methodName><params><param><value>%s</value></param></params></methodCall>"
    nested = b"<array><data><value>" * 2000 + b"1" + b"</value></data></array>" * 2000
    return {
        "nothing": b"",
        "blanks": b"  \n",
        "text": b"RINGING",
        "a page": b"<html><body><form action='/login'></form></body></html>",
        "JSON": b'{"method":"x"}',
        "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><methodCall><methodName>x</methodName></methodCall>'.encode(
            "utf-16"
        ),
        "UTF-16 that says UTF-8": "<methodCall><methodName>x</methodName></methodCall>".encode("utf-16"),
        "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-methodCall+AD4-',
        "an invented encoding": b'<?xml version="1.0" encoding="UTF-4"?><methodCall/>',
        "a document type": doctype % (b"", b"a"),
        "an entity bomb": doctype % (bombs, b"n"),
        "an outside entity": b'<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + call % b"&a;",
        "an outside document type": b'<!DOCTYPE m SYSTEM "http://127.0.0.1:9/x.dtd">' + call % b"a",
        "deep nesting": call % nested,
        "too large": call % (b"a" * 100 * 1024),
        "half a body": ringing_half(),
        "an answer": b"<methodResponse><params/></methodResponse>",
        "a NUL": call % b"a\0b",
        "no UTF-8": call % b"\xff\xfe\xfd",
        "no method": b"<methodCall><params/></methodCall>",
        "a huge integer": call % (b"<int>" + b"9" * 10_000 + b"</int>"),
    }


def ringing_half() -> bytes:
    return b"<methodCall><methodName>" + CALL_STATE.encode() + b"</methodName><params><param><value><struct><member>"


@pytest.mark.parametrize("proven", [False, True], ids=["forged", "from the PBX"])
async def test_hostile_bodies_are_refused_plainly(still: World, redis: RedisServer, *, proven: bool) -> None:
    anna = still.person()
    await anna.sign_in()
    place, token = (place_of(still.pbx), token_of(still.pbx)) if proven else ("/uci/abc.def", "")
    before = await at_rest(redis)
    for name, body in hostile_bodies().items():
        assert await post_event(still, place, body, token=token) == (400, b""), name
    assert await asyncio.to_thread(contents, redis) == before


async def test_compressed_bodies_are_bounded_too(still: World) -> None:
    anna = still.person()
    await anna.sign_in()
    place, token = place_of(still.pbx), token_of(still.pbx)
    bomb = gzip.compress(b" " * 200 * 1024 * 1024, 9)
    for body in (bomb, b"no gzip at all", gzip.compress(b"<methodCall>")[:-9], b""):
        assert (await post_event(still, place, body, token=token, Content_Encoding="gzip"))[0] == 400


@pytest.mark.slow
async def test_genuine_events_are_delivered_during_an_attack(one: World) -> None:
    anna, pbx = one.person(), one.pbx
    await anna.sign_in()
    place = place_of(pbx)
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        attack = asyncio.gather(*(_attack(one, place, pbx) for _ in range(4)))
        for _ in range(8):
            await _rings_and_ends(pbx, stream)
        attack.cancel()
        await asyncio.gather(attack, return_exceptions=True)
        refused = [sent for sent in pbx.callbacks if sent.status != 200]
        assert refused == []
        assert {data["id"] for data in stream.of("call")} == {
            sent.params[0]["id"] for sent in pbx.callbacks if sent.method == CALL_STATE
        }


async def _attack(world: World, place: str, pbx: StarfaceSimulator) -> None:
    posts: list[Awaitable[tuple[int, bytes]]] = []
    while True:
        posts = [
            post_event(world, place, ringing(pbx, "forged"), token="0001:00"),
            post_event(world, "/uci/abc.def", b"<", token=""),
            post_event(world, f"/uci/{secrets.token_hex(13)}.x", ringing(pbx, "forged")),
        ]
        for status, body in await asyncio.gather(*posts):
            assert (status, body) in {*EMPTY, (400, b"")}


async def _rings_and_ends(pbx: StarfaceSimulator, stream: Stream) -> None:
    call = pbx.ring("0001", from_number="+49 30 23125 801")
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ringing", within=2)
    pbx.hang_up("0001", call)
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ended", within=2)
    await until(lambda: call not in {known.id for known in pbx.calls})
