"""What a person may know of themselves: entries with their life, the end of all, diagnostics."""

import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.service.traces import KINDS
from bridge.version import VERSION
from infra.simulator.microsoft.population import JONAS
from tests.harness import Person, World, until
from tests.servers import RedisServer

ROOT = Path(__file__).parent.parent.parent


async def _busy(one: World, anna: Person) -> None:
    """Leave as much as a person can: calls, repeats, colleagues, a setting for a time, own presence."""
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        await anna.ask("GET", "/colleagues")
        placed = await anna.ask("POST", "/calls", {"number": "030 23125 100"}, **{"Idempotency-Key": "k"})
        assert placed.status == 202
        await stream.wait_for("call", lambda data: data["state"] == "connected")
        rule = (await anna.ask("GET", "/redirects")).body["redirects"][0]["id"]
        body = {"enabled": True, "to": "number", "target": "+493023125200", "until": "2099-01-01T00:00:00Z"}
        assert (await anna.ask("PUT", f"/redirects/{rule}", body)).status == 400
        body["until"] = _soon()
        assert (await anna.ask("PUT", f"/redirects/{rule}", body)).status == 200
        await anna.ask("PUT", "/presence/dnd", {"enabled": True})


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def _lying_about(redis: RedisServer, handle: str) -> list[str]:
    """Every key of a person, and every list of many in which they stand."""
    with redis.client() as client:
        names = [name.decode() for name in client.scan_iter(count=1000)]
        own = [name for name in names if f"{{{handle}}}" in name]
        lists = [name for name in names if client.type(name) == b"zset" and client.zscore(name, handle) is not None]
        return [*own, *lists]


async def test_every_entry_is_listed_with_its_life(one: World, redis: RedisServer) -> None:
    anna = one.person()
    assert (await anna.ask("GET", "/traces")).body == {"entries": []}
    await anna.sign_in()
    await _busy(one, anna)
    handle = _handle(one, redis)

    async def complete() -> bool:
        listed = (await anna.ask("GET", "/traces")).body["entries"]
        return len(listed) == len(_lying_about(redis, handle))

    await until(complete)
    listed = (await anna.ask("GET", "/traces")).body["entries"]
    kinds = Counter(entry["kind"] for entry in listed)
    assert set(kinds) <= set(KINDS)
    assert {"sign_in", "calls", "connection", "index", "own_presence", "colleagues", "timed_setting", "schedule",
            "signed_in_list", "sign_in_end", "short_note"} <= set(kinds)  # fmt: skip
    assert kinds["sign_in"] == 1
    assert all(entry.keys() == {"kind", "expiresIn"} and 0 < entry["expiresIn"] <= 3 * 86400 for entry in listed)


def _handle(one: World, redis: RedisServer) -> str:
    with redis.client() as client:
        (name,) = client.keys("sfb:session:*")
    return str(name.decode().partition("{")[2].rstrip("}"))


async def test_everything_is_removed_at_once(one: World, redis: RedisServer) -> None:
    anna, elsewhere, jonas = one.person(), one.person(), one.person(JONAS)
    await anna.sign_in()
    handle = _handle(one, redis)
    await jonas.sign_in("0002")
    await _busy(one, anna)
    async with elsewhere.stream() as stream:
        await stream.wait_for("snapshot")
        assert (await anna.ask("DELETE", "/traces")).status == 204
        await stream.wait_for("session", lambda data: data["state"] == "signed_out")
    assert (await elsewhere.ask("GET", "/calls")).code == "signed_out"
    assert (await anna.ask("GET", "/traces")).body == {"entries": []}
    assert _lying_about(redis, handle) == []
    assert (await jonas.ask("GET", "/calls")).status == 200
    assert (await anna.ask("DELETE", "/traces", **{"Idempotency-Key": "twice"})).status == 204
    assert _lying_about(redis, handle) == []


async def test_what_an_expired_sign_in_left_is_removed_too(one: World, redis: RedisServer) -> None:
    anna = one.person()
    await anna.sign_in()
    handle = _handle(one, redis)
    await anna.ask("POST", "/calls", {"number": "10"}, **{"Idempotency-Key": "k"})
    one.pbx.change_password("0001", "other")
    one.pbx.end_sessions("0001")
    assert (await anna.ask("POST", "/calls", {"number": "030 23125 100"})).code == "signed_out"
    left = (await anna.ask("GET", "/traces")).body["entries"]
    assert {"sign_in_end", "interrupted_call", "index"} <= {entry["kind"] for entry in left}
    assert (await anna.ask("DELETE", "/traces")).status == 204
    await until(lambda: _lying_about(redis, handle) == [])


async def test_diagnostics_tell_how_the_connection_does_and_nothing_else(one: World) -> None:
    anna = one.person()
    out = await anna.ask("GET", "/diagnostics")
    assert (out.body["connection"], out.body["events"], out.body["pbxVersion"]) == ("signed_out", None, None)
    await anna.sign_in()

    async def pushing() -> bool:
        return bool((await anna.ask("GET", "/diagnostics")).body["events"] == "push")

    await until(pushing)
    answer = await anna.ask("GET", "/diagnostics")
    assert answer.body.keys() == {
        "connection", "events", "lastEventAge", "lastKeepAliveAge", "serviceVersion", "pbxVersion", "protocol", "tls", "requestId"
    }  # fmt: skip
    assert (answer.body["connection"], answer.body["protocol"], answer.body["tls"]) == ("up", "v30", "off")
    assert answer.body["pbxVersion"] == one.pbx.config.version
    assert 0 <= answer.body["lastEventAge"] < 10
    assert answer.body["requestId"] == answer.headers["X-Request-Id"]
    text = str(answer.body)
    assert not [word for word in ("0001", "Schmidt", "127.0.0.1", "demo") if word in text]


async def test_diagnostics_tell_that_the_pbx_is_away(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    await one.pbx.stop_listening()

    async def lost() -> bool:
        return bool((await anna.ask("GET", "/diagnostics")).body["connection"] == "lost")

    await until(lost)


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == VERSION


@pytest.mark.parametrize("path", ["/traces", "/diagnostics"])
async def test_nobody_asks_about_somebody_else(one: World, path: str) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await anna.sign_in()
    told = (await jonas.ask("GET", path)).body
    assert told.get("entries", []) == []
    assert told.get("connection", "signed_out") == "signed_out"
