"""The way to Redis: one deadline, one error, no write twice, back as soon as Redis is."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from bridge.errors import EndReason, Unavailable
from bridge.model import calls
from bridge.model.ids import CallId
from bridge.model.messages import LineChanged
from bridge.secret import Secret
from bridge.service.ports import NoSession, Pulse
from bridge.store.commands import Script
from bridge.store.connection import Connection, _parsed
from tests.servers import RedisServer, free_port
from tests.store.conftest import Starter
from tests.stores import MovableClock, Process, a_pbx, a_session, user

LONGEST = 1.0


@pytest.fixture
async def connection(own_redis: RedisServer) -> AsyncIterator[Connection]:
    connection = Connection(own_redis.url)
    connection.start()
    yield connection
    await connection.stop()


class Cutter:
    """Passes everything to the server and back, but cuts the line instead of passing the next answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cut_next = False

    @contextlib.asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Secret]:
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0, ssl=tls)
        async with server:
            scheme, port = "rediss" if tls else "redis", server.sockets[0].getsockname()[1]
            yield Secret(f"{scheme}://127.0.0.1:{port}/0")

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        asking = asyncio.ensure_future(self._copy(reader, back))
        while data := await there.read(65536):
            if self.cut_next:
                self.cut_next = False
                break
            writer.write(data)
        asking.cancel()
        for end in (writer, back):
            end.close()

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()


@pytest.fixture
async def cut(redis: RedisServer) -> AsyncIterator[tuple[Connection, Cutter]]:
    """A connection whose next answer can be lost on the way."""
    cutter = Cutter(redis.port)
    async with cutter.running() as url:
        connection = Connection(url)
        connection.start()
        await connection.write("SET", "sfb:test", 0, "PX", 60_000)
        yield connection, cutter
        await connection.stop()


async def test_a_write_whose_answer_is_lost_is_not_repeated(cut: tuple[Connection, Cutter], redis: RedisServer) -> None:
    connection, cutter = cut
    cutter.cut_next = True
    with pytest.raises(Unavailable):
        await connection.write("INCR", "sfb:test")
    assert await connection.read("GET", "sfb:test") == b"1"


async def test_a_read_whose_answer_is_lost_is_repeated_once(cut: tuple[Connection, Cutter]) -> None:
    connection, cutter = cut
    cutter.cut_next = True
    assert await connection.read("GET", "sfb:test") == b"0"


async def test_an_idle_connection_that_was_closed_costs_no_write(
    connection: Connection, own_redis: RedisServer
) -> None:
    await connection.write("SET", "sfb:test", 1, "PX", 60_000)
    own_redis.restart()
    await asyncio.sleep(0.05)
    assert await connection.write("SET", "sfb:test", 2, "PX", 60_000) == b"OK"


async def test_many_at_once_share_trips_and_get_their_own_answers(
    connection: Connection, own_redis: RedisServer
) -> None:
    await asyncio.gather(
        *(connection.write("SET", f"sfb:test:{number}", number, "PX", 60_000) for number in range(500))
    )
    found = await asyncio.gather(*(connection.read("GET", f"sfb:test:{number}") for number in range(500)))
    assert found == [str(number).encode() for number in range(500)]
    assert own_redis.run("INFO", "clients").count(b"connected_clients:4") == 1, "three lanes and this look"


async def test_a_refusal_of_one_spares_the_others_in_the_same_trip(connection: Connection) -> None:
    await connection.write("SET", "sfb:test", "word", "PX", 60_000)
    outcomes = await asyncio.gather(
        connection.read("GET", "sfb:test"),
        connection.write("INCR", "sfb:test"),
        connection.read("GET", "sfb:test"),
        return_exceptions=True,
    )
    assert outcomes[0] == outcomes[2] == b"word"
    assert isinstance(outcomes[1], Unavailable)


async def test_who_gives_up_waiting_disturbs_nobody(connection: Connection) -> None:
    reads = [asyncio.ensure_future(connection.read("PING")) for _ in range(100)]
    await asyncio.sleep(0)
    for read in reads[::2]:
        read.cancel()
    answers = await asyncio.gather(*reads, return_exceptions=True)
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])
    assert set(map(str, answers[1::2])) == {"b'PONG'"}


async def test_a_program_is_found_again_after_the_server_forgot_it(
    connection: Connection, own_redis: RedisServer
) -> None:
    script = Script("return ARGV[1] .. 'x'")
    for _ in range(2):
        assert await connection.call(script, [], "a") == b"ax"
        own_redis.run("SCRIPT", "FLUSH")
    replies = await connection.run([("PING",), script.command([], "b"), ("PING",)])
    assert replies == [b"PONG", b"bx", b"PONG"]


async def _subscribed(process: Process) -> None:
    async with process.feed.subscribe(user()):
        pass


async def _placed(process: Process) -> None:
    async with process.once.slot("logins", "a/b", 4, timedelta(seconds=0.2)):
        pass


Use = Callable[[Process], Awaitable[object]]


USES: dict[str, Use] = {
    "read a sign-in": lambda process: process.sessions.read(user()),
    "look by handle": lambda process: process.sessions.by_handle(process.sessions.handle(user())),
    "open a sign-in": lambda process: process.sessions.open(a_session(process.clock)),
    "end a sign-in": lambda process: process.sessions.end(a_session(process.clock), EndReason.REVOKED),
    "people of a PBX": lambda process: process.sessions.of_pbx(a_pbx().tenant, a_pbx().id),
    "write a pulse": lambda process: process.sessions.set_pulse(a_session(process.clock), Pulse()),
    "read calls": lambda process: process.tables.with_session(process.sessions.handle(user())),
    "update calls": lambda process: process.tables.update(
        a_session(process.clock), lambda table: calls.expect(table, CallId("c"), "1", process.clock.now())
    ),
    "publish": lambda process: process.feed.publish(user(), LineChanged("push")),
    "subscribe": _subscribed,
    "admit a sign-in": lambda process: process.throttle.admit_sign_in(user(), a_pbx(), "0001", "192.0.2.1"),
    "claim": lambda process: process.once.claim("activity", "1", timedelta(minutes=1)),
    "keep": lambda process: process.once.keep("answer", "1", {}, timedelta(minutes=1)),
    "take": lambda process: process.once.take("answer", "1"),
    "take a place": _placed,
    "claim due work": lambda process: process.due.claim(5, timedelta(seconds=5)),
    "ping": lambda process: process.connection.ping(),
}


@pytest.mark.parametrize("trouble", ["killed", "hung"])
async def test_every_use_ends_in_time_with_one_error(own_redis: RedisServer, start: Starter, trouble: str) -> None:
    process = await start(own_redis)
    await process.connection.ping()
    own_redis.kill() if trouble == "killed" else own_redis.hang()
    outcomes = await asyncio.gather(*(_timed(use(process)) for use in USES.values()))
    assert {name: type(error) for name, (error, _) in zip(USES, outcomes, strict=True)} == dict.fromkeys(
        USES, Unavailable
    )
    assert max(seconds for _, seconds in outcomes) <= LONGEST


async def _timed(use: Awaitable[object]) -> tuple[BaseException | None, float]:
    began = time.monotonic()
    try:
        await use
    except Exception as error:  # noqa: BLE001 - the kind of error is what is looked at
        return error, time.monotonic() - began
    return None, time.monotonic() - began


@pytest.mark.slow
async def test_a_hang_under_load_leaves_no_pile(own_redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    process = await start(own_redis)
    session = a_session(clock)
    await process.sessions.open(session)
    before = len(asyncio.all_tasks())
    own_redis.hang()
    outcomes: list[tuple[BaseException | None, float]] = []
    for _ in range(3):
        outcomes += await asyncio.gather(*(_timed(process.sessions.read(session.user)) for _ in range(40)))
    assert {type(error) for error, _ in outcomes} == {Unavailable}
    assert max(seconds for _, seconds in outcomes) <= LONGEST
    own_redis.resume()
    async with asyncio.timeout(2):
        while await _failed(process.sessions.read(session.user)):  # noqa: ASYNC110 - Redis sets no event
            await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks()) <= before


async def test_back_at_once_when_redis_is(own_redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    process = await start(own_redis)
    session = a_session(clock)
    await process.sessions.open(session)
    own_redis.kill()
    with pytest.raises(Unavailable):
        await process.sessions.read(session.user)
    own_redis.start()
    assert await process.sessions.read(session.user) == NoSession(EndReason.NEVER), "what was lost is not written back"


async def test_a_full_redis_takes_nothing_half(own_redis: RedisServer, start: Starter, clock: MovableClock) -> None:
    process = await start(own_redis)
    own_redis.run("CONFIG", "SET", "maxmemory", "1")
    before = own_redis.names()
    with pytest.raises(Unavailable):
        await process.sessions.open(a_session(clock))
    own_redis.run("CONFIG", "SET", "maxmemory", "0")
    assert own_redis.names() == before
    assert await process.sessions.read(user()) == NoSession(EndReason.NEVER)


async def test_over_tls_and_only_with_a_trusted_certificate(redis: RedisServer, tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    for name, ca in (("ours", authority), ("another", stranger)):
        ca.cert_pem.write_to_path(str(tmp_path / name))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with Cutter(redis.port).running(context) as url:
        trusting = Connection(Secret(f"{url.reveal()}?ssl_ca_certs={tmp_path / 'ours'}"))
        trusting.start()
        await trusting.ping()
        connection = await trusting.subscriber()
        await connection.connect()
        await connection.disconnect()
        await trusting.stop()
        doubting = Connection(Secret(f"{url.reveal()}?ssl_ca_certs={tmp_path / 'another'}"))
        doubting.start()
        with pytest.raises(Unavailable):
            await doubting.ping()
        await doubting.stop()


async def test_nobody_listens() -> None:
    connection = Connection(Secret(f"redis://127.0.0.1:{free_port()}/0"))
    connection.start()
    with pytest.raises(Unavailable) as caught:
        await connection.ping()
    await connection.stop()
    assert "127.0.0.1" not in str(caught.value)
    assert caught.value.__cause__ is None


async def _failed(use: Awaitable[object]) -> bool:
    try:
        await use
    except Unavailable:
        return True
    return False


@pytest.mark.parametrize(
    ("url", "address", "clustered"),
    [
        ("redis://h:1/0", "redis://h:1/0", False),
        ("rediss://u:p@h:1/0?ssl_cert_reqs=none", "rediss://u:p@h:1/0?ssl_cert_reqs=none", False),
        ("redis+cluster://h:1", "redis://h:1", True),
        ("rediss+cluster://u:p@h:1", "rediss://u:p@h:1", True),
        ("redis://h:1/0?cluster=true", "redis://h:1/0", True),
        ("redis://h:1/0?cluster=false&max=1", "redis://h:1/0?max=1", False),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1", False),
    ],
)
def test_urls(url: str, address: str, clustered: bool) -> None:
    assert _parsed(url) == (address, clustered)
