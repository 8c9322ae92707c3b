"""P5: from a PBX's POST to a byte at the tab through Redis, 1,000 people with open streams, beside the minimal path."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.bench.calls import Caller
from infra.bench.children import child
from infra.bench.figures import Figure, compared
from infra.bench.idle import longest_idle_stall, stall_row
from infra.bench.plan import LOAD_CORE, Plan, allow_many_files, pin, read_plan
from infra.bench.posting import CONNECTIONS, Office
from infra.bench.product import HOST, Town, redis_server, town
from infra.bench.readers import Arrivals, open_streams

P50, P99, SATURATION = 1.5, 2.0, 0.5
RATES = (200, 1000)
SLICES = 2.0
"""A rate is kept for so many of the plan's slices."""
EVENTS_A_SECOND = 25
"""Of one person, at most: half of what the product takes for a telephone."""
SETTLE = 2.0
PEER = "minimal path through Redis"


@dataclass(slots=True)
class Side:
    """One of the two servers with its readers, its PBX connections, and what the rounds gave."""

    arrivals: Arrivals
    office: Office
    callers: list[Caller]
    p50: dict[int, list[float]] = field(default_factory=lambda: {rate: [] for rate in RATES})
    p99: dict[int, list[float]] = field(default_factory=lambda: {rate: [] for rate in RATES})
    saturation: list[float] = field(default_factory=list)
    events: int = 0
    lost: int = 0
    disordered: int = 0

    async def keep(self, rate: int, plan: Plan) -> None:
        """One round at a fixed rate."""
        possible = min(rate, plan.people * EVENTS_A_SECOND)
        self.arrivals.begin()
        await self.office.by_clock(possible, plan.slice * SLICES)
        await self._account()
        delays = sorted(self.arrivals.delays) or [0.0]
        self.p50[rate].append(delays[len(delays) // 2] * 1000)
        self.p99[rate].append(delays[int(len(delays) * 0.99)] * 1000)

    async def saturate(self, plan: Plan) -> None:
        """One round as fast as it goes."""
        began = asyncio.get_running_loop().time()
        self.arrivals.begin()
        await self.office.closed_loop(plan.slice)
        lasted = asyncio.get_running_loop().time() - began
        await self._account()
        self.saturation.append(len(self.arrivals.delays) / lasted)

    async def _account(self) -> None:
        """Wait for what is under way; what has not come then is lost."""
        deadline = asyncio.get_running_loop().time() + SETTLE
        while self._missing() and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - readers set no event
            await asyncio.sleep(0.01)
        self.lost += self._missing()
        self.disordered += self.arrivals.disordered
        self.events += len(self.arrivals.delays)
        self.arrivals.counts = {caller.number: caller.sent for caller in self.callers}

    def _missing(self) -> int:
        return sum(max(0, caller.sent - self.arrivals.counts.get(caller.number, 0)) for caller in self.callers)


async def side(stack: contextlib.AsyncExitStack, port: int, targets: Sequence[str], asks: Sequence[bytes]) -> Side:
    """Open all streams and the PBX's connections of one server."""
    callers = [Caller(number, target, HOST) for number, target in enumerate(targets)]
    arrivals, streams = await open_streams(port, asks)
    office = Office(callers)
    await office.open(port)
    stack.callback(office.close)
    for stream in streams:
        stack.callback(stream.close)
    return Side(arrivals, office, callers)


async def measure(plan: Plan) -> list[Figure]:
    """All rows of the path, and the longest stall meanwhile."""
    async with contextlib.AsyncExitStack() as stack:
        redis_port, _ = await stack.enter_async_context(redis_server())
        minimal = await stack.enter_async_context(
            child("infra.bench.reference_path", environment={"REDIS_PORT": str(redis_port)})
        )
        port = (await minimal.ready())["port"]
        product = await stack.enter_async_context(town(plan.people))
        people = range(plan.people)
        asks = [f"GET /events/{number} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode() for number in people]
        peer = await side(stack, port, [f"/uci/{number}" for number in people], asks)
        places = [resident.place for resident in product.residents]
        ours = await side(stack, product.port, places, [one.get("/api/v1/events") for one in product.residents])
        await product.pbx.at_rest(1.0)
        stalls = await _rounds(plan, ours, peer, product)
    idle = await longest_idle_stall(plan.slice * plan.rounds)
    return [*_rows(plan, ours, peer), stall_row(f"events to {plan.people} streams", stalls, idle)]


async def _rounds(plan: Plan, ours: Side, peer: Side, product: Town) -> list[dict[str, Any]]:
    for each in (peer, ours):
        await each.keep(RATES[0], plan)
        for figures in (each.p50, each.p99):
            figures[RATES[0]].clear()
    await product.process.ask(do="look")
    stalls: list[dict[str, Any]] = []
    for is_peer in plan.turns():
        each = peer if is_peer else ours
        for rate in RATES:
            await each.keep(rate, plan)
        await each.saturate(plan)
        if not is_peer:
            stalls.append(await product.process.ask(do="look"))
    return stalls


def _rows(plan: Plan, ours: Side, peer: Side) -> list[Figure]:
    whole = not (ours.lost or ours.disordered or ours.office.refused)
    note = f"{plan.people} people; {ours.events} events, {ours.lost} lost, {ours.disordered} out of order"
    if ours.office.refused:
        note += f", refused {ours.office.refused}"
    rows = []
    for rate in RATES:
        told: dict[str, Any] = {"sense": "at most", "unit": "ms", "against": PEER, "sound": whole}
        at = f"at {rate}/s"
        rows.append(
            compared(f"P5 event to tab, p50 {at}", ours.p50[rate], peer.p50[rate], limit=P50, note=note, **told)
        )
        rows.append(compared(f"P5 event to tab, p99 {at}", ours.p99[rate], peer.p99[rate], limit=P99, **told))
    full = compared(
        "P5 events, saturation", ours.saturation, peer.saturation, limit=SATURATION, against=PEER,
        note=f"{CONNECTIONS} connections in a closed loop", sound=whole,
    )  # fmt: skip
    return [*rows, full]


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    allow_many_files()
    pin(LOAD_CORE)
    for figure in asyncio.run(measure(chosen)):
        print(figure.line(), flush=True)
