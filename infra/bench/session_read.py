"""P8: an authenticated ``GET /api/v1/session``, beside a bare aiohttp handler that answers JSON; and its trips to Redis."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from infra.bench.bare_json import ANSWER
from infra.bench.children import child
from infra.bench.figures import Figure, compared
from infra.bench.http_load import load
from infra.bench.idle import longest_idle_stall, stall_row
from infra.bench.plan import LOAD_CORE, Plan, allow_many_files, pin, read_plan
from infra.bench.product import HOST, Resident, Town, town

TARGET = 0.20
CONNECTIONS = 32
COUNTED = 200


async def measure(plan: Plan) -> list[Figure]:
    """The row of the rate, the row of the trips, and the longest stall meanwhile."""
    async with town(plan.people) as ours, child("infra.bench.bare_json") as bare:
        peer_port = (await bare.ready())["port"]
        asks = [resident.get("/api/v1/session") for resident in ours.residents]
        await _look_at_one(ours, asks[0])
        for port in (peer_port, ours.port):
            await load(port, asks, CONNECTIONS, max(plan.slice, len(asks) / 400))  # every token and sign-in seen once
        await ours.process.ask(do="look")
        rates: tuple[list[float], list[float]] = ([], [])
        stalls: list[dict[str, Any]] = []
        for is_peer in plan.turns():
            answered = await load(peer_port if is_peer else ours.port, asks, CONNECTIONS, plan.slice)
            assert not answered.odd, answered.odd
            rates[is_peer].append(answered.rate)
            if not is_peer:
                stalls.append(await ours.process.ask(do="look"))
        trips, what = await _trips(ours)
    idle = await longest_idle_stall(plan.slice * plan.rounds)
    note = f"{CONNECTIONS} connections, {len(asks)} people, {trips:g} trip(s) to Redis a read"
    return [
        compared(
            "P8 GET /api/v1/session",
            *rates,
            limit=TARGET,
            against="bare aiohttp JSON handler",
            note=note,
            sound=trips == 1,
        ),
        Figure(
            "P8 trips to Redis a read", trips, 1.0, trips, 1.0, "at most", "", against="one", note=f"MONITOR: {what}"
        ),
        stall_row("session reads", stalls, idle),
    ]


async def _look_at_one(ours: Town, ask: bytes) -> None:
    """The answer is the right one, and of the size of the peer's."""
    reader, writer = await asyncio.open_connection(HOST, ours.port)
    writer.write(ask)
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0])
    told = json.loads(await reader.readexactly(size))
    writer.close()
    assert told["state"] == "signed_in", told
    assert told.keys() == ANSWER.keys(), told


async def _trips(ours: Town) -> tuple[float, str]:
    """Count the commands that Redis runs for reads one after the other, of somebody whom this process knows.

    Those that name the person are theirs; the rest is what a process does of its own accord, unless there is one for each read.
    """
    person: Resident = ours.residents[0]
    async with _monitored(ours.redis_port) as lines:
        reader, writer = await asyncio.open_connection(HOST, ours.port)
        for _ in range(COUNTED):
            writer.write(person.get("/api/v1/session"))
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0]))
        writer.close()
    theirs = Counter(_name(line) for line in lines if person.handle.encode() in line)
    rest = len(lines) - theirs.total()
    kinds = ", ".join(f"{count} {name}" for name, count in theirs.items())
    return theirs.total() / COUNTED + rest // COUNTED, f"{kinds} for {COUNTED} reads, {rest} of the process's own"


def _name(line: bytes) -> str:
    return line.split(b'"')[1].decode()


@contextlib.asynccontextmanager
async def _monitored(port: int) -> AsyncIterator[list[bytes]]:
    """Every command the server runs while inside."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=2**24)
    writer.write(b"MONITOR\r\n")
    await reader.readline()
    lines: list[bytes] = []
    yield lines
    asking, told = await asyncio.open_connection(HOST, port)
    told.write(b"ECHO end\r\n")
    await asking.readline()
    while not (line := await reader.readline()).endswith(b'"ECHO" "end"\r\n'):
        lines.append(line)
    for one in (writer, told):
        one.close()


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    allow_many_files()
    pin(LOAD_CORE)
    for figure in asyncio.run(measure(chosen)):
        print(figure.line(), flush=True)
