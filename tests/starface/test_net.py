"""The line to a PBX: bounds on time and bytes, a class for every way to fail, and what goes out."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from bridge.errors import BridgeError, PbxAddressForbidden, PbxProtocol, PbxTimeout
from bridge.model.ids import CallId
from bridge.secret import Secret
from bridge.starface.address import AddressPolicy
from bridge.starface.dialogue import Credentials, Dialogue
from bridge.starface.errors import (
    AnswerCompressed,
    AnswerCutShort,
    AnswerHtml,
    AnswerMalformed,
    AnswerNotHttp,
    AnswerRedirected,
    AnswerTimedOut,
    AnswerTooLarge,
    ConnectionCut,
    ConnectionRefused,
    NameNotResolved,
)
from bridge.starface.net import Bounds, Lookup, Wire, open_wire
from bridge.starface.services import CallService, ConnectionService
from bridge.starface.wire import encode_answer
from tests.starface.conftest import (
    QUICK,
    TOKEN,
    Canary,
    Handler,
    Talker,
    ask,
    assert_nothing_leaks,
    entry,
    names,
    until,
)

Serve = Callable[[Handler], Awaitable[int]]
Talk = Callable[[Talker], Awaitable[int]]
SMALL = Bounds(connect=0.5, total=0.8, answer=4096)


# ------------------------------------------------------------------ every way to fail has its class


async def test_nobody_listens(quick_wire: Wire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefused):
            await ask(quick_wire, entry(taken.getsockname()[1]))


async def test_a_filtered_port_is_as_good_as_a_closed_one(stack: AsyncExitStack) -> None:
    """A listener with a full queue answers no more connection attempts."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        await asyncio.sleep(0.05)
        wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), SMALL))
        with pytest.raises(ConnectionRefused):
            await ask(wire, entry(full.getsockname()[1]))


async def _failing_lookup(_host: str, _port: int) -> Sequence[str]:
    raise socket.gaierror(-2, "Name or service not known: secret.example")


async def _slow_lookup(_host: str, _port: int) -> Sequence[str]:
    await asyncio.sleep(60)
    return ()


@pytest.mark.parametrize("lookup", [_failing_lookup, _slow_lookup, names()])
async def test_a_name_without_address(stack: AsyncExitStack, lookup: Lookup) -> None:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(), SMALL, lookup=lookup))
    pbx = entry(80, host="secret.example")
    with pytest.raises(NameNotResolved):
        await ask(wire, pbx)
    with pytest.raises(NameNotResolved):
        await wire.admit(pbx.host, pbx.port)


async def test_the_systems_names_are_asked_in_threads(stack: AsyncExitStack) -> None:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True)))
    host = socket.gethostname()
    with pytest.raises((PbxAddressForbidden, NameNotResolved)):
        await wire.admit("no-such-host.invalid", 80)
    try:
        assert await wire.admit(host, 80)
    except PbxAddressForbidden:
        assert host


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def _trickling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _slow_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: 1\r\nX-Slower: 2\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


def _saying(data: bytes) -> Talker:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        await reader.read(-1)

    return talk


async def _endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n" + b" " * 1024 + b"\r\n")
        await writer.drain()


async def _resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


BOMB = gzip.compress(b"0" * 50_000_000)
_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)
RAW: list[tuple[str, Talker, type[BridgeError]]] = [
    ("silence", _silent, AnswerTimedOut),
    ("one byte at a time", _trickling, AnswerTimedOut),
    ("a header that never ends", _slow_header, AnswerTimedOut),
    ("no HTTP", _saying(b"SSH-2.0-OpenSSH_9.6\r\n"), AnswerNotHttp),
    ("a foreign protocol", _saying(b"-ERR unknown command\r\n"), AnswerNotHttp),
    ("half a body", _saying(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<?xml"), AnswerCutShort),
    ("half a chunk", _saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n<?xml"), AnswerCutShort),
    ("nothing", _saying(b""), ConnectionCut),
    ("a reset", _resetting, ConnectionCut),
    ("endless", _endless, AnswerTooLarge),
    ("a large body", _saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), AnswerTooLarge),
    ("a gzip bomb", _saying(_GZIP + BOMB), AnswerCompressed),
    ("another compression", _saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc"), AnswerCompressed),
    ("long header lines", _saying(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"), AnswerNotHttp),
    ("a broken length", _saying(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), AnswerNotHttp),
]  # fmt: skip


@pytest.mark.parametrize(("talker", "expected"), [case[1:] for case in RAW], ids=[case[0] for case in RAW])
async def test_whatever_a_peer_does_it_is_bounded_and_named(
    stack: AsyncExitStack, talked: Talk, talker: Talker, expected: type[BridgeError]
) -> None:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), SMALL))
    pbx = entry(await talked(talker))
    begun = asyncio.get_running_loop().time()
    with pytest.raises(BridgeError) as caught:
        await ask(wire, pbx)
    assert type(caught.value) is expected
    assert asyncio.get_running_loop().time() - begun < 2.0
    assert_nothing_leaks(caught.value, str(pbx.port))


async def test_after_trouble_the_next_request_goes_over_a_new_line(stack: AsyncExitStack, talked: Talk) -> None:
    turns: Iterator[Talker] = iter([_silent, _saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(turns)(reader, writer)

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), SMALL))
    pbx = entry(await talked(talk))
    with pytest.raises(PbxTimeout):
        await ask(wire, pbx)
    assert (await ask(wire, pbx)).status == 400


async def test_a_lost_answer_to_a_question_is_asked_for_again_and_a_command_never(
    stack: AsyncExitStack, talked: Talk
) -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        seen.append(await reader.readexactly(length))
        if len(seen) > 1:
            body = encode_answer([])
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), SMALL))
    calls = CallService(Dialogue(wire, entry(await talked(talk)), Credentials("0001", Secret(TOKEN))))
    assert await calls.ids() == ()
    assert len(seen) == 2
    seen.clear()
    with pytest.raises(ConnectionCut):
        await calls.place("10", None, CallId("c"))
    assert len(seen) == 1


# ------------------------------------------------------------------ what goes out


async def test_a_request_carries_what_it_must_and_no_more(stack: AsyncExitStack, served: Serve) -> None:
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        response = web.Response(body=encode_answer(True), content_type="text/xml")
        response.set_cookie("JSESSIONID", "5A1F")
        return response

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    connection = ConnectionService(Dialogue(wire, entry(await served(answer)), Credentials("0001", Secret(TOKEN))))
    assert await connection.login() is True
    assert await connection.keep_alive() is True
    for request in seen:
        assert request.raw_path.startswith("/xml-rpc?de.vertico.starface.user=0001&de.vertico.starface.auth=0001%3A")
        assert request.query["de.vertico.starface.auth"] == TOKEN
        assert request.headers["Content-Type"] == "text/xml; charset=UTF-8"
        assert request.headers["Accept-Encoding"] == "identity"
        assert "Cookie" not in request.headers
        assert "Python" not in request.headers["User-Agent"]


async def test_proxies_of_the_environment_are_not_asked(
    stack: AsyncExitStack, served: Serve, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{canary.port}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{canary.port}")

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=400)

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    assert (await ask(wire, entry(await served(answer)))).status == 400
    assert canary.accepted == 0


async def test_no_more_connections_than_allowed_go_to_one_host(stack: AsyncExitStack, served: Serve) -> None:
    busy, most = 0, 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal busy, most
        busy, most = busy + 1, max(most, busy + 1)
        await asyncio.sleep(0.01)
        busy -= 1
        return web.Response(status=400)

    bounds = Bounds(per_host=3)
    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), bounds))
    pbx = entry(await served(answer))
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(ask(wire, pbx))
    assert most == 3


async def test_sockets_notice_a_vanished_peer(stack: AsyncExitStack) -> None:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True)))
    with wire._open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))) as made:
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


async def test_nothing_is_left_after_closing(served: Serve) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=400)

    port = await served(answer)
    before = asyncio.all_tasks()
    async with open_wire(AddressPolicy(allow_loopback=True)) as wire:
        await ask(wire, entry(port))
    assert wire._session.closed
    await until(lambda: asyncio.all_tasks() <= before)


# ------------------------------------------------------------------ answers of the right protocol, of the wrong kind


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (lambda: web.Response(text="<!DOCTYPE html><html></html>", content_type="text/html"), AnswerHtml),
        (lambda: web.Response(text="\n <HTML></HTML>", content_type="text/xml"), AnswerHtml),
        (lambda: web.Response(text="<x/>", content_type="text/html"), AnswerHtml),
        (lambda: web.Response(status=302, headers={"Location": "/login"}), AnswerRedirected),
        (lambda: web.Response(status=200), AnswerMalformed),
        (lambda: web.Response(text="OK"), AnswerMalformed),
        (lambda: web.Response(text="{}", content_type="application/json"), AnswerMalformed),
    ],
)
async def test_an_answer_that_is_no_xml_rpc(
    stack: AsyncExitStack, served: Serve, response: Callable[[], web.Response], expected: type[BridgeError]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return response()

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    pbx = entry(await served(answer))
    with pytest.raises(PbxProtocol) as caught:
        await CallService(Dialogue(wire, pbx, Credentials("0001", Secret(TOKEN)))).ids()
    assert type(caught.value) is expected
    assert_nothing_leaks(caught.value, str(pbx.port))


async def test_a_large_answer_is_read_in_a_thread(stack: AsyncExitStack, served: Serve) -> None:
    ids = [f"call-{number:06d}" for number in range(4000)]
    body = encode_answer(ids)
    assert len(body) > 64 * 1024

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/xml")

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    calls = CallService(Dialogue(wire, entry(await served(answer)), Credentials("0001", Secret(TOKEN))))
    assert list(await calls.ids()) == ids
