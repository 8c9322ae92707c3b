"""The line to a PBX: policy at the socket, TLS, bounds, and what must not leak."""

import asyncio
import gzip
import hashlib
import socket
import ssl
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.errors import BridgeError, PbxAddressForbidden, PbxProtocol, PbxTimeout, PbxUnreachable
from bridge.model.ids import CallId
from bridge.model.pbx import PbxEntry, TlsMode
from bridge.secret import Secret
from bridge.starface.address import AddressPolicy
from bridge.starface.dialogue import Credentials, Dialogue
from bridge.starface.errors import (
    AddressRefused,
    AnswerCompressed,
    AnswerCutShort,
    AnswerHtml,
    AnswerMalformed,
    AnswerNotHttp,
    AnswerRedirected,
    AnswerTimedOut,
    AnswerTooLarge,
    CertificateNotPinned,
    ConnectionCut,
    ConnectionRefused,
    NameNotResolved,
    TlsFailed,
)
from bridge.starface.net import Answer, Bounds, Form, Lookup, Wire, open_wire
from bridge.starface.services import CallService, ConnectionService
from bridge.starface.wire import encode_answer
from tests.starface.conftest import QUICK, BenchMaker, Handler, Talker, entry, until
from tests.starface.test_address import ALWAYS, ODD_SPELLINGS

Serve = Callable[[Handler], Awaitable[int]]
Talk = Callable[[Talker], Awaitable[int]]
SMALL = Bounds(connect=0.5, total=0.8, answer=4096)
TOKEN = "0001:geheim+/=%26kanari"


def names(*addresses: str) -> Lookup:
    """A name service that gives these addresses for every name."""

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return lookup


@dataclass
class Canary:
    """A listener on a denied address that counts who comes."""

    port: int
    accepted: int = 0


@pytest.fixture
async def canary(stack: AsyncExitStack) -> Canary:
    found = Canary(0)

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.accepted += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    stack.callback(server.close)
    found.port = int(server.sockets[0].getsockname()[1])
    return found


async def ask(wire: Wire, pbx: PbxEntry) -> Answer:
    return await wire.send(pbx, "POST", "/xml-rpc", Form(b"x"), query={"de.vertico.starface.auth": TOKEN})


# ------------------------------------------------------------------ the address policy at the socket

LITERALS = ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::ffff:7f00:1", "0.0.0.0", "::", "::1"]
LITERALS += ["[::1]", "0:0:0:0:0:0:0:1", "2002:7f00:1::1", "64:ff9b::7f00:1", "::127.0.0.1", "LOCALHOST", "localhost."]
SPELLINGS = list(dict.fromkeys([*LITERALS, *ODD_SPELLINGS, *ALWAYS]))


def test_there_are_enough_spellings() -> None:
    assert len(SPELLINGS) >= 60


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_denied_host_is_mapped_or_connected(
    stack: AsyncExitStack, canary: Canary, host: str
) -> None:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(), QUICK, lookup=names("127.0.0.1")))
    pbx = entry(canary.port, host=host)
    with pytest.raises(PbxAddressForbidden):
        await wire.admit(host, canary.port)
    for tls in (TlsMode.OFF, TlsMode.REQUIRED):
        with pytest.raises(PbxAddressForbidden):
            await ask(wire, PbxEntry(pbx.tenant, pbx.id, pbx.name, host, pbx.port, tls, primary=True))
    with pytest.raises(PbxAddressForbidden):
        await wire.certificate(pbx)
    assert canary.accepted == 0


@pytest.mark.parametrize("address", [each for each in [*LITERALS[:13], *ALWAYS] if not each.startswith("[")])
async def test_no_answer_of_a_name_service_leads_to_a_denied_address(
    stack: AsyncExitStack, canary: Canary, address: str
) -> None:
    for lookup in (names(address), names("93.184.216.34", address), names(address, "93.184.216.34")):
        async with open_wire(AddressPolicy(), QUICK, lookup=lookup) as wire:
            pbx = entry(canary.port, host="pbx.example.com")
            with pytest.raises(PbxAddressForbidden):
                await wire.admit(pbx.host, pbx.port)
            with pytest.raises(PbxAddressForbidden):
                await ask(wire, pbx)
    assert canary.accepted == 0


@pytest.mark.parametrize("address", ["93.184.216.34", "127.0.0.1"])
async def test_the_socket_refuses_what_a_name_service_slips_past(
    stack: AsyncExitStack, canary: Canary, address: str
) -> None:
    """The connector's own check, without any check of names before it."""
    wire = await stack.enter_async_context(
        open_wire(AddressPolicy(own_endpoints=frozenset({("127.0.0.1", canary.port)}), allow_loopback=True), QUICK)
    )
    with pytest.raises(AddressRefused):
        wire._open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", canary.port)))
    with pytest.raises(AddressRefused):
        await ask(wire, entry(canary.port))
    assert canary.accepted == 0


async def test_a_name_that_changes_its_mind_gains_nothing(stack: AsyncExitStack, canary: Canary, served: Serve) -> None:
    """Rebinding: 2,000 requests, 16 at a time, to a name that is allowed and denied in turn."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=encode_answer("ok"))

    port = await served(answer)
    turns = cycle(["127.0.0.1", "127.0.0.2"])

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return (next(turns),)

    denied = frozenset({"127.0.0.2"})
    policy = AddressPolicy(allow_loopback=True, own_addresses=denied)
    second = await asyncio.start_server(lambda _r, w: _count(canary, w), "127.0.0.2", port)
    stack.callback(second.close)
    outcomes: dict[str, int] = {"answered": 0, "refused": 0}
    wire = await stack.enter_async_context(open_wire(policy, lookup=lookup))
    connector = wire._session.connector
    assert connector is not None

    async def visit(number: int) -> None:
        for turn in range(125):
            # A new name each time: neither its addresses nor its connection are remembered.
            try:
                await ask(wire, entry(port, host=f"n{number}-{turn}.example"))
                outcomes["answered"] += 1
            except PbxAddressForbidden:
                outcomes["refused"] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(16):
            group.create_task(visit(number))
    assert outcomes == {"answered": 1000, "refused": 1000}
    assert canary.accepted == 0


def _count(canary: Canary, writer: asyncio.StreamWriter) -> None:
    canary.accepted += 1
    writer.close()


async def test_loopback_works_when_it_is_allowed_and_metadata_still_does_not(bench_of: BenchMaker) -> None:
    bench = await bench_of()
    assert (await bench.sign_in()).access.login == "0001"
    for address in ("169.254.169.254", "100.100.100.200"):
        with pytest.raises(PbxAddressForbidden):
            await ask(bench.wire, entry(80, host=address))


async def test_a_redirect_to_a_denied_host_is_not_followed(
    stack: AsyncExitStack, canary: Canary, served: Serve
) -> None:
    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{canary.port}/xml-rpc"})

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    answer = await ask(wire, entry(await served(redirect)))
    assert answer.status == 307
    assert canary.accepted == 0


# ------------------------------------------------------------------ TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "pbx.pem"
    authority.issue_cert("127.0.0.1", "pbx.example.com").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def digest(pem: Path) -> str:
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.DER)).hexdigest()


async def test_a_certificate_is_required_to_hold(
    bench_of: BenchMaker, stack: AsyncExitStack, certified: Path, trust: ssl.SSLContext
) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    required = entry(bench.pbx.port, tls=TlsMode.REQUIRED)
    with pytest.raises(TlsFailed):
        await ask(bench.wire, required)
    policy = AddressPolicy(allow_loopback=True)
    trusting = await stack.enter_async_context(open_wire(policy, QUICK, trust=trust, lookup=names("127.0.0.1")))
    assert (await ask(trusting, required)).status == 400
    assert (await ask(trusting, entry(bench.pbx.port, tls=TlsMode.REQUIRED, host="pbx.example.com"))).status == 400
    with pytest.raises(TlsFailed):
        await ask(trusting, entry(bench.pbx.port, tls=TlsMode.REQUIRED, host="other.example.com"))


async def test_a_pinned_certificate_is_the_one_and_only(bench_of: BenchMaker, certified: Path) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    pinned = entry(bench.pbx.port, tls=TlsMode.PINNED, certificate_sha256=digest(certified))
    other = entry(bench.pbx.port, tls=TlsMode.PINNED, certificate_sha256="00" * 32)
    assert (await ask(bench.wire, pinned)).status == 400
    with pytest.raises(CertificateNotPinned):
        await ask(bench.wire, other)
    assert (await bench.gate.sign_in(pinned, "0001", Secret("Demo-0001!"), None)).access.login == "0001"
    assert [seen.method for seen in bench.pbx.recorder.requests if seen.login][:2] == [
        "ucp.v30.requests.system.getServerVersion",
        "ucp.v30.requests.connection.login",
    ]


async def test_a_certificate_is_shown_without_being_trusted(bench_of: BenchMaker, certified: Path) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    shown = await bench.wire.certificate(entry(bench.pbx.port, tls=TlsMode.PINNED))
    assert hashlib.sha256(shown).hexdigest() == digest(certified)


async def test_plain_http_is_no_tls_and_tls_is_no_plain_http(bench_of: BenchMaker, certified: Path) -> None:
    plain = await bench_of()
    with pytest.raises(TlsFailed):
        await ask(plain.wire, entry(plain.pbx.port, tls=TlsMode.REQUIRED))
    with pytest.raises((TlsFailed, PbxUnreachable)):
        await plain.wire.certificate(entry(plain.pbx.port, tls=TlsMode.REQUIRED))
    secured = await bench_of(tls_certificate=str(certified))
    with pytest.raises((PbxUnreachable, PbxProtocol)):
        await ask(secured.wire, entry(secured.pbx.port, tls=TlsMode.OFF))


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
    _assert_nothing_leaks(caught.value, pbx.port)


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
    _assert_nothing_leaks(caught.value, pbx.port)


async def test_a_large_answer_is_read_in_a_thread(stack: AsyncExitStack, served: Serve) -> None:
    ids = [f"call-{number:06d}" for number in range(4000)]
    body = encode_answer(ids)
    assert len(body) > 64 * 1024

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/xml")

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    calls = CallService(Dialogue(wire, entry(await served(answer)), Credentials("0001", Secret(TOKEN))))
    assert list(await calls.ids()) == ids


def _assert_nothing_leaks(error: BaseException, port: int) -> None:
    """No text of the error or of anything it hangs together with holds a token, a URL, a host or a port."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None:
        chain.append(current)
        current = current.__cause__ or current.__context__
    shown = "\n".join(f"{link!r} {link} {link.args}" for link in chain) + "".join(traceback.format_exception(error))
    assert all(isinstance(link, BridgeError) for link in chain)
    for secret in ("geheim", "kanari", "127.0.0.1", str(port), "xml-rpc?", "starface.auth="):
        assert secret not in shown
