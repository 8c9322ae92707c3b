"""B1: from a PBX's POST to the card in the chat at 50 calls a second. B2: a group of 200 people rings, within Teams' limits."""

import asyncio
import contextlib
import math
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bridge.clock import SystemClock
from bridge.model.ids import PbxId, PersonId, SessionId, TenantId, UserKey
from bridge.model.pbx import CallbackMode, PbxAccess, PbxEntry, Session, TlsMode, TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.settings import read_settings
from bridge.store.database import Database
from bridge.store.stores import Stores
from infra.bench.children import child
from infra.bench.figures import Figure
from infra.bench.plan import LOAD_CORE, TINY, Plan, allow_many_files, pin, read_plan
from infra.bench.product import HOST, environment, redis_server
from infra.demo import free_port
from infra.simulator.microsoft import Fault, MicrosoftSimulator, Recorded
from infra.simulator.microsoft.cloud import MicrosoftSettings
from infra.simulator.microsoft.limits import PER_TENANT
from infra.simulator.microsoft.population import Population, Tenant, User

CONNECTOR = 0.1
"""Seconds the connector takes for each request."""
CALLS_A_SECOND, RING_FOR = 50, 2.0
P99 = 150.0
TENANTS, OF_EACH = 10, 30
GROUP, SMALL_GROUP = 200, 60
PATIENCE = 60.0
MOST_POSTS = 40
PBX = PbxId("bench")
NUMBER = "+4930123456"
RINGING = "Incoming call"


@dataclass(slots=True)
class Member:
    """Somebody with a chat and a sign-in; ``place`` is where their PBX posts events."""

    user: User
    conversation: str
    place: str
    calls: int = 0
    version: int = 0

    def event(self, state: str, group: str = "") -> bytes:
        """One event of their present call, as an HTTP request."""
        self.calls += state == "RINGING"
        call = f"{self.calls:08d}-0000-4000-8000-{abs(hash(self.user.id)) % 10**12:012d}"
        members = {"id": call, "state": state, "callerNumber": NUMBER, "callerName": "Max", "groupID": group}
        fields = "".join(f"<member><name>{k}</name><value>{v}</value></member>" for k, v in members.items())
        body = (
            "<?xml version='1.0'?><methodCall><methodName>ucp.v30.events.call.receiveCallState</methodName><params><param>"
            f"<value><struct>{fields}</struct></value></param></params></methodCall>"
        )
        head = f"POST {self.place} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        return (head + body).encode()


class Exchange:
    """The PBX's side: connections on which events are posted, each answered before its next one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self, connections: int = 32) -> None:
        for _ in range(connections):
            line = await asyncio.open_connection(HOST, self._port)
            self._writers.append(line[1])
            self._free.put_nowait(line)

    def close(self) -> None:
        for writer in self._writers:
            writer.close()

    async def post(self, event: bytes) -> None:
        """Post one event; one that is not taken, because the machine is too busy, is posted again."""
        for _ in range(MOST_POSTS):
            if await self._taken(event):
                return
            await asyncio.sleep(0.05)
        raise RuntimeError("the product takes no events")

    async def _taken(self, event: bytes) -> bool:
        reader, writer = await self._free.get()
        writer.write(event)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        self._free.put_nowait((reader, writer))
        return head[9:12] == b"200"


@dataclass(frozen=True, slots=True)
class Firm:
    """The running product with everybody in it."""

    microsoft: MicrosoftSimulator
    exchange: Exchange
    members: Sequence[Member]
    group: Sequence[Member]

    def begin(self) -> None:
        """Forget what was asked of the connector so far; from now on it takes its time and insists on its limits."""
        connector = self.microsoft.connector
        connector.faults.clear()
        connector.faults.add(Fault(delay=CONNECTOR))
        connector.enforce_limits = True
        connector.requests.clear()

    def asked(self) -> list[Recorded]:
        """What was asked of the connector."""
        return list(self.microsoft.connector.requests)

    async def until(self, count: int, operation: str) -> None:
        """Wait until so many requests of a kind were accepted."""
        await self.microsoft.connector.wait_for(
            lambda ledger: sum(r.operation == operation and r.status < 300 for r in ledger.requests) >= count,
            within=PATIENCE,
        )

    def stale(self, members: Sequence[Member]) -> int:
        """Cards that still say that it rings."""
        shown = [m.activity for each in members for m in self.microsoft.channel.conversation(each.user).messages]
        return sum(str(activity.get("summary", "")).startswith(RINGING) for activity in shown)


def people(plan: Plan) -> tuple[list[User], list[User]]:
    """Those of many tenants for B1, and the group of one tenant for B2."""
    tenants = [Tenant(str(uuid.UUID(int=n + 1, version=4)), f"Tenant {n}", f"t{n}.example") for n in range(TENANTS + 1)]
    size = SMALL_GROUP if plan == TINY else GROUP
    of_each = 3 if plan == TINY else OF_EACH
    owners = [tenants[n % TENANTS] for n in range(TENANTS * of_each)] + [tenants[TENANTS]] * size
    users = [
        User(str(uuid.UUID(int=n + 1000, version=4)), owner, f"Person {n}", f"person{n}", locale="en-US")
        for n, owner in enumerate(owners)
    ]
    return users[: TENANTS * of_each], users[TENANTS * of_each :]


@contextlib.asynccontextmanager
async def firm(plan: Plan) -> AsyncIterator[Firm]:
    """Run the product, a Microsoft side, and a PBX that knows of every call that a colleague took it."""
    many, group = people(plan)
    users = [*many, *group]
    tenants = tuple(dict.fromkeys(user.tenant for user in users))
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        redis_port, _ = await stack.enter_async_context(redis_server())
        population = Population(tenants=tenants, users=tuple(users))
        microsoft = await stack.enter_async_context(MicrosoftSimulator(MicrosoftSettings(population=population)))
        pbx = await asyncio.start_server(_call_list, HOST, 0)
        stack.callback(pbx.close)
        port = free_port(0)
        told = environment(redis_port, folder, microsoft.environment(), port)
        places = await _settled(told, users, pbx.sockets[0].getsockname()[1])
        process = await stack.enter_async_context(child("infra.bench.watched", environment=told))
        await process.ready()
        microsoft.channel.endpoint = f"http://{HOST}:{port}/api/messages"
        for user in users:
            await microsoft.channel.install(user)
        await microsoft.connector.wait_for_messages(len(users), within=PATIENCE)
        exchange = Exchange(port)
        await exchange.open()
        stack.callback(exchange.close)
        members = [Member(user, microsoft.channel.conversation(user).id, places[user.id]) for user in users]
        yield Firm(microsoft, exchange, members[: len(many)], members[len(many) :])


async def _settled(told: dict[str, str], users: Sequence[User], pbx_port: int) -> dict[str, str]:
    """Map the PBX for every tenant and sign everybody in, through the product's own stores; give the callback paths."""
    settings = read_settings(told)
    stores = Stores(settings, SystemClock(), await asyncio.to_thread(Database, settings.database_url))
    await stores.start()
    try:
        for tenant in dict.fromkeys(user.tenant.id for user in users):
            await stores.directory.register(TenantId(tenant))
            push = CallbackMode.PUSH
            entry = PbxEntry(TenantId(tenant), PBX, "bench", HOST, pbx_port, TlsMode.OFF, primary=True, callbacks=push)
            await stores.directory.add(entry)
        return {user.id: await _signed_in(stores, user, number) for number, user in enumerate(users)}
    finally:
        await stores.stop()


async def _signed_in(stores: Stores, user: User, number: int) -> str:
    key, login, now = UserKey(TenantId(user.tenant.id), PersonId(user.id)), f"{number:05d}", SystemClock().now()
    secret = uuid.uuid4().hex
    session = Session(
        id=SessionId(uuid.uuid4().hex),
        user=key,
        pbx=PBX,
        access=PbxAccess(login, Secret(f"{login}:{'a' * 128}"), TokenForm.SHA512, UcpVersion.V30),
        callback_secret=Secret(secret),
        created_at=now,
        ends_at=now + timedelta(hours=12),
        own_numbers=(login,),
    )
    await stores.sessions.open(session)
    query = f"de.vertico.starface.user={login}&de.vertico.starface.auth={login}%3A{'a' * 128}"
    return f"/uci/{stores.sessions.handle(key)}.{secret}?{query}"


async def _call_list(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer whatever is asked with a call list in which a colleague has answered the call."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
            writer.write(_listed())
            await writer.drain()
    writer.close()


def _listed() -> bytes:
    start = datetime.now(UTC).strftime("%Y%m%dT%H:%M:%S")
    entry = {"id": "1", "direction": "INBOUND", "result": "ANSWERED", "callerNumber": NUMBER, "groupId": ""}
    fields = "".join(f"<member><name>{k}</name><value>{v}</value></member>" for k, v in entry.items())
    fields += f"<member><name>startTime</name><value><dateTime.iso8601>{start}</dateTime.iso8601></value></member>"
    entries = f"<array><data><value><struct>{fields}</struct></value></data></array>"
    page = f"<struct><member><name>entries</name><value>{entries}</value></member></struct>"
    body = (
        f"<?xml version='1.0'?><methodResponse><params><param><value>{page}</value></param></params></methodResponse>"
    )
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def calls_by_the_clock(firm: Firm, plan: Plan) -> Figure:
    """B1: calls at a fixed rate, each ringing a while; from the event's POST to the connector's answer for the card."""
    await _calls_of_a_round(firm, replace(plan, slice=plan.slice / 6))  # warms up
    rounds = [await _calls_of_a_round(firm, plan) for _ in range(plan.rounds)]
    p99 = median(found.p99 for found in rounds)
    calls, refused, stale = (sum(getattr(found, name) for found in rounds) for name in ("calls", "refused", "stale"))
    p50 = median(found.p50 for found in rounds)
    ratios = [found.p99 / P99 for found in rounds]
    return Figure(
        f"B1 event to card sent, {CALLS_A_SECOND} calls/s, p99", p99, P99, median(ratios), 1.0, "at most", "ms",
        against=f"bound of {P99:.0f} ms", sound=refused == 0 and stale == 0, spread=(min(ratios), max(ratios)),
        note=f"{calls} calls, p50 {p50:.0f} ms, of which connector {CONNECTOR * 1000:.0f} ms; {refused} refused, {stale} stale",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of calls showed; times in milliseconds."""

    calls: int
    p50: float
    p99: float
    refused: int
    stale: int


async def _calls_of_a_round(firm: Firm, plan: Plan) -> Round:
    firm.begin()
    loop, posted = asyncio.get_running_loop(), dict[str, float]()
    count = min(len(firm.members), int(CALLS_A_SECOND * plan.slice * 6) or 1)

    began = loop.time()

    async def ring(number: int, member: Member) -> None:
        await asyncio.sleep(max(0.0, began + number / CALLS_A_SECOND - loop.time()))
        posted[member.conversation] = loop.time()
        await firm.exchange.post(member.event("RINGING"))
        await asyncio.sleep(RING_FOR)
        await firm.exchange.post(member.event("HANGUP"))

    await asyncio.gather(*(ring(number, member) for number, member in enumerate(firm.members[:count])))
    await firm.until(count, "edit")
    sent = {r.conversation_id: r.at for r in reversed(firm.asked()) if r.operation == "send" and r.status < 300}
    delays = sorted((sent[conversation] - at) * 1000 for conversation, at in posted.items())
    p50, p99 = delays[len(delays) // 2], delays[max(0, math.ceil(len(delays) * 0.99) - 1)]
    refused = sum(r.status >= 300 for r in firm.asked())
    return Round(count, p50, p99, refused, firm.stale(firm.members[:count]))


async def group_rings(firm: Firm) -> Figure:
    """B2: everybody's card is sent, then the call is taken by a colleague and every card is edited."""
    await asyncio.sleep(1.1)
    firm.begin()
    size, began = len(firm.group), time.perf_counter()
    await asyncio.gather(*(firm.exchange.post(member.event("RINGING", "7")) for member in firm.group))
    await firm.until(size, "send")
    sent = time.perf_counter() - began
    await asyncio.gather(*(firm.exchange.post(member.event("HANGUP", "7")) for member in firm.group))
    await firm.until(size, "edit")
    took = time.perf_counter() - began
    (most, window), *_ = PER_TENANT
    bound = (math.ceil(2 * size / most) - 1) * window + CONNECTOR
    asked, stale = firm.asked(), firm.stale(firm.group)
    refused = sum(r.status >= 300 for r in asked)
    return Figure(
        f"B2 group of {size}: all cards sent and edited", took, bound, took / bound, 1.25, "at most", "s",
        against=f"shortest that {most} requests/s allow",
        sound=refused == 0 and stale == 0 and len(asked) == 2 * size,
        note=f"sent after {sent:.1f} s; {len(asked)} requests, {refused} refused, {stale} stale",
    )  # fmt: skip


async def group_is_answered_early(firm: Firm) -> Figure:
    """B2: a colleague answers while most cards wait: those are never sent, those that stand are edited."""
    await asyncio.sleep(1.1)
    firm.begin()
    began = time.perf_counter()
    await asyncio.gather(*(firm.exchange.post(member.event("RINGING", "7")) for member in firm.group))
    await firm.until(min(len(firm.group), PER_TENANT[0][0]) // 2, "send")
    await asyncio.gather(*(firm.exchange.post(member.event("HANGUP", "7")) for member in firm.group))
    async with asyncio.timeout(PATIENCE):
        while firm.stale(firm.group):  # noqa: ASYNC110 - the ledger tells of requests, not of what stands
            await asyncio.sleep(0.02)
    took, asked = time.perf_counter() - began, firm.asked()
    sent = sum(r.operation == "send" for r in asked)
    refused = sum(r.status >= 300 for r in asked)
    (most, window), *_ = PER_TENANT
    bound = (math.ceil(2 * sent / most) - 1) * window + CONNECTOR
    return Figure(
        f"B2 group of {len(firm.group)}, answered at once", took, bound, took / bound, None, "at most", "s",
        against=f"shortest that {most} requests/s allow for the cards that were sent", sound=refused == 0,
        note=f"{sent} cards sent, {len(firm.group) - sent} never; {refused} refused, none stale",
    )  # fmt: skip


async def measure(plan: Plan) -> list[Figure]:
    """All rows."""
    async with firm(plan) as made:
        return [await calls_by_the_clock(made, plan), await group_rings(made), await group_is_answered_early(made)]


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    allow_many_files()
    pin(LOAD_CORE)
    for figure in asyncio.run(measure(chosen)):
        print(figure.line(), flush=True)
