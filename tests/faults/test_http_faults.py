"""Slow, half, garbled and never-reading peers on the HTTP side: bounded, and nobody else waits for them."""

import asyncio
import contextlib
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator

import pytest

from infra.simulator.microsoft.population import JONAS
from tests.harness import Person, World, until

BODY = json.dumps({"pbxId": "demo", "login": "0001", "password": "x"}).encode()


@contextlib.asynccontextmanager
async def raw(world: World, *, buffer: int = 0) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare TCP connection; ``buffer`` makes its receive window small."""
    line = socket.socket()
    if buffer:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", world.service.settings.port))
    reader, writer = await asyncio.open_connection(sock=line, limit=2**16)
    try:
        yield reader, writer
    finally:
        writer.close()


def head(person: Person, length: int, path: str = "/api/v1/session", *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {person.token}"]
    lines += ["Content-Type: application/json", f"Content-Length: {length}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


async def drip(writer: asyncio.StreamWriter, text: bytes) -> None:
    """Send a byte now and then until the other side has had enough."""
    with contextlib.suppress(OSError):
        for number in range(len(text)):
            writer.write(text[number : number + 1])
            await writer.drain()
            await asyncio.sleep(0.19)


@pytest.mark.slow
async def test_a_body_or_head_that_drips_is_cut_and_holds_up_nobody(one: World) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await jonas.sign_in("0002")
    async with contextlib.AsyncExitStack() as stack:
        dripping, ends = [], []
        for kind in ("body", "head", "event", "nothing") * 5:
            reader, writer = await stack.enter_async_context(raw(one))
            if kind == "body":
                writer.write(head(anna, 4000))
                dripping.append(asyncio.create_task(drip(writer, BODY + b" " * 4000)))
            elif kind == "event":
                writer.write(head(anna, 4000, "/uci/abc.def"))
                dripping.append(asyncio.create_task(drip(writer, b"<methodCall>" + b" " * 4000)))
            elif kind == "head":
                dripping.append(asyncio.create_task(drip(writer, head(anna, 10) * 10)))
            ends.append(asyncio.create_task(reader.read(12)))
        began, slowest = time.monotonic(), 0.0
        while not all(end.done() for end in ends):
            asked = time.monotonic()
            assert (await jonas.ask("GET", "/session")).status == 200
            slowest = max(slowest, time.monotonic() - asked)
            assert asked - began < 15, [end.done() for end in ends]
            await asyncio.sleep(0.1)
        assert slowest < 1
        answers = [_outcome(end) for end in ends]
        for number, kind in enumerate(("body", "head", "event", "nothing") * 5):
            allowed = {b"HTTP/1.1 400"} if kind in {"body", "event"} else {b"", b"HTTP/1.1 408", b"HTTP/1.1 400"}
            assert answers[number] in allowed, (kind, answers)
        for task in dripping:
            task.cancel()
        await asyncio.gather(*dripping, return_exceptions=True)


def _outcome(end: asyncio.Task[bytes]) -> bytes:
    return b"" if isinstance(end.exception(), ConnectionError) else end.result()


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"GET /%ff%fe%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /tab/..%2f..%2fapp.py HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /tab/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://169.254.169.254/latest HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n",
        b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n" * 1000,
    ],
    ids=lambda text: repr(text[:24]),
)
async def test_garbage_gets_a_plain_refusal_or_nothing(one: World, text: bytes) -> None:
    async with raw(one) as (reader, writer):
        writer.write(text)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(-1), 5)
    assert answer[:9] in {b"", b"HTTP/1.1 ", b"HTTP/1.0 "}
    assert answer[9:10] in {b"", b"3", b"4"}, answer[:200]
    assert b"Traceback" not in answer
    assert b"root:" not in answer
    assert b"import " not in answer


async def test_a_compressed_bomb_is_refused_unopened(one: World) -> None:
    anna = one.person()
    bomb = gzip.compress(b'{"a":"' + b"a" * 50_000_000)
    assert len(bomb) > 16 * 1024
    for body in (bomb, gzip.compress(BODY), b"no gzip"):
        for path in ("/api/v1/session", "/api/messages"):
            headers = {"Authorization": f"Bearer {anna.token}", "Content-Type": "application/json"}
            async with one.http.post(
                one.url + path, data=body, headers=headers | {"Content-Encoding": "gzip"}
            ) as answer:
                assert answer.status in {400, 401, 403, 413, 415}, path
    assert one.pbx.requests == []


@pytest.mark.slow
async def test_readers_that_never_read_delay_nobody(one: World) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await anna.sign_in()
    await jonas.sign_in("0002")
    ask = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {anna.token}\r\n\r\n".encode()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            _, writer = await stack.enter_async_context(raw(one, buffer=2048))
            writer.write(ask)
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # the transport of a socket can
        stream = await stack.enter_async_context(jonas.stream())
        await stream.wait_for("snapshot")
        for _ in range(6):
            calls = [one.pbx.ring("0001", from_number="+49 30 23125 801", name="X" * 20_000) for _ in range(4)]
            for call in calls:
                one.pbx.hang_up("0001", call)
            call, began = one.pbx.ring("0002", from_number="+49 30 23125 801"), time.monotonic()
            await stream.wait_for("call", lambda data, call=call: data["id"] == call)
            assert time.monotonic() - began < 1
            one.pbx.hang_up("0002", call)


async def test_a_fourth_stream_closes_the_oldest_with_a_word(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with contextlib.AsyncExitStack() as stack:
        streams = []
        for _ in range(4):
            streams.append(await stack.enter_async_context(anna.stream()))
            await streams[-1].wait_for("snapshot")
        assert (await streams[0].wait_for("notice"))["code"] == "reconnect"
        await asyncio.wait_for(streams[0].ended.wait(), 5)
        call = one.pbx.ring("0001", from_number="+49 30 23125 801")
        for stream in streams[1:]:
            await stream.wait_for("call", lambda data: data["id"] == call)
            assert not stream.ended.is_set()
        assert streams[0].of("call") == []


async def test_streams_that_come_and_go_leave_nothing_behind(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as first:
        await first.wait_for("snapshot")
    feed = one.service.stores.feed
    await until(lambda: not feed._rooms)
    base = len(asyncio.all_tasks())
    for _ in range(10):
        async with anna.stream() as stream:
            await stream.wait_for("snapshot")
    await until(lambda: not feed._rooms)
    await until(lambda: len(asyncio.all_tasks()) <= base + 3)
