"""The product as two processes of the operating system behind a load balancer: either does, one may die at any moment."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA
from infra.simulator.starface import StarfaceSimulator
from tests.canary import NAME, NUMBER, PASSWORD, Net
from tests.faults.balancer import balanced
from tests.harness import ROOT, Person, Stream, environment, free_port, process, until
from tests.servers import RedisServer

pytestmark = pytest.mark.slow


@dataclass
class Pair:
    """Two processes, their ports, and Anna at each of them."""

    first: asyncio.subprocess.Process
    second: asyncio.subprocess.Process
    here: Person
    there: Person
    pbx_id: str


@pytest.fixture
async def pair(
    redis: RedisServer,
    database_url: str,
    microsoft: MicrosoftSimulator,
    pbx: StarfaceSimulator,
    net: Net,
    tmp_path: Path,
) -> AsyncIterator[Pair]:
    pbx.change_password("0001", PASSWORD)
    public, *ports = (free_port() for _ in range(3))
    told = environment(redis.url.reveal(), database_url, microsoft, public)
    logs = [tmp_path / f"process-{port}.log" for port in ports]
    for log in (*logs, tmp_path / "directory.db"):
        net.keep_file(log)
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        first = await stack.enter_async_context(process(told, ports[0], logs[0]))
        second = await stack.enter_async_context(process(told, ports[1], logs[1]))
        await stack.enter_async_context(balanced(public, ports))
        anna = [Person(http, f"http://127.0.0.1:{port}", microsoft.sso_token(ANNA), ANNA) for port in ports]
        body = {"name": "STARFACE", "host": "127.0.0.1", "port": pbx.port, "tls": "off"}
        mapped = await anna[0].ask("POST", "/admin/pbxs", body)
        assert mapped.status == 201, mapped.body
        yield Pair(first, second, anna[0], anna[1], str(mapped.body["id"]))


async def state_of(stream: Stream, call: str, state: str) -> None:
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == state)


def told_once(stream: Stream) -> bool:
    told = [(data["id"], data["version"]) for data in stream.of("call")]
    return len(told) == len(set(told))


async def test_one_is_killed_in_the_middle_of_a_call(pair: Pair, pbx: StarfaceSimulator, net: Net) -> None:
    here, there = pair.here, pair.there
    assert (await here.sign_in(password=PASSWORD, pbx=pair.pbx_id)).status == 201
    async with contextlib.AsyncExitStack() as stack:
        dying = await stack.enter_async_context(here.stream())
        stream = await stack.enter_async_context(there.stream())
        for each in (dying, stream):
            assert (await each.wait_for("snapshot"))["session"]["state"] == "signed_in"
        placed = await there.call("030 23125-800")
        assert placed.status == 202
        call = placed.body["id"]
        for each in (dying, stream):
            await state_of(each, call, "connected")
        pair.first.send_signal(signal.SIGKILL)
        await asyncio.wait_for(dying.ended.wait(), 10)
        again = await stack.enter_async_context(there.stream())
        snapshot = await again.wait_for("snapshot")
        assert [(known["id"], known["state"]) for known in snapshot["calls"]] == [(call, "connected")]
        net.watch("token", pbx.pbx.sessions.of("0001")[-1].credential)
        looked = len(pbx.recorder.requests_named("call.getCallIds"))
        await until(lambda: len(pbx.recorder.requests_named("call.getCallIds")) > looked, within=20)
        second = pbx.ring("0001", from_number=NUMBER, name=NAME)
        for each in (again, stream):
            await state_of(each, second, "ringing")
        for each in (call, second):
            assert (await there.ask("POST", f"/calls/{each}/hangup")).status == 202
            await state_of(stream, each, "ended")
            await state_of(again, each, "ended")
        assert all(told_once(each) for each in (dying, stream, again))
        assert stream.of("session") == []
    assert [call for call in pbx.calls if call.legs] == []


async def test_sigterm_ends_in_order(pair: Pair, pbx: StarfaceSimulator) -> None:
    here, there = pair.here, pair.there
    await here.sign_in(password=PASSWORD, pbx=pair.pbx_id)
    async with here.stream() as stream, there.stream() as other:
        await stream.wait_for("snapshot")
        await other.wait_for("snapshot")
        pbx.misbehave("delay", "*.call.placeCallWithPhone", seconds=1.0, times=1)
        working = asyncio.create_task(here.call("030 23125-800"))
        await until(lambda: pbx.recorder.requests_named("call.placeCallWithPhone"))
        began = time.monotonic()
        pair.first.send_signal(signal.SIGTERM)
        told = await stream.wait_for("notice")
        assert told["code"] == "reconnect"
        assert len(stream.retries) == 2
        assert 500 <= stream.retries[-1] <= 5000
        answer = await working
        assert answer.status == 202
        await asyncio.wait_for(stream.ended.wait(), 10)
        assert await asyncio.wait_for(pair.first.wait(), 10) == 0
        assert time.monotonic() - began < 10
        with pytest.raises(aiohttp.ClientConnectionError):
            await here.ask("GET", "/session")
        await state_of(other, answer.body["id"], "connected")
        assert (await there.ask("POST", f"/calls/{answer.body['id']}/hangup")).status == 202
        await state_of(other, answer.body["id"], "ended")


async def started(told: dict[str, str]) -> tuple[int, bytes]:
    """Start production mode and wait for its end; give exit code and all it wrote."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "app.py"), env={"PATH": os.environ["PATH"], **told}, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    written, _ = await asyncio.wait_for(running.communicate(), 20)
    assert running.returncode is not None
    return running.returncode, written


async def test_it_refuses_to_start_with_every_fault_at_once_and_shows_no_value(microsoft: MicrosoftSimulator) -> None:
    secret = "Geheim-Kanari-4711"
    told = environment(f"http://{secret}@x", f"mysql://{secret}", microsoft, 3978) | {
        "PUBLIC_URL": f"http://{secret}.example",
        "PORT": secret,
        "SESSION_KEYS": f"{secret},{secret}",
        "SESSION_TTL": "-1",
        "MICROSOFT_APP_ID": "",
        "MICROSOFT_APP_TENANT_ID": secret,
        "MICROSOFT_APP_PASSWORD": "",
        "ALLOW_PRIVATE_PBX": "yes",
        "LOG_FORMAT": secret,
    }
    code, written = await started(told)
    assert code == 2
    assert secret.encode() not in written
    assert secret.lower().encode() not in written.lower()
    lines = written.decode().splitlines()
    faulty = {line.split()[0].rstrip(":") for line in lines}
    assert faulty == {*told, "REDIS_URL", "DATABASE_URL"} & faulty
    assert faulty >= {
        "REDIS_URL", "DATABASE_URL", "PUBLIC_URL", "PORT", "SESSION_KEYS", "SESSION_TTL", "MICROSOFT_APP_ID",
        "MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_PASSWORD", "ALLOW_PRIVATE_PBX", "LOG_FORMAT",
    }  # fmt: skip
    assert len(lines) == len(faulty) + 1, "one line for each fault; both keys are wrong"


async def test_nothing_required_may_be_empty(microsoft: MicrosoftSimulator) -> None:
    told = environment("redis://127.0.0.1:1/0", "sqlite+aiosqlite:////tmp/none.db", microsoft, 3978)
    names = ["MICROSOFT_APP_ID", "SESSION_KEYS", "REDIS_URL", "DATABASE_URL", "PUBLIC_URL"]
    for name, (code, written) in zip(
        names, await asyncio.gather(*(started(told | {name: " "}) for name in names)), strict=True
    ):
        assert (code, written.decode().splitlines()) == (2, [f"{name} is required"])
