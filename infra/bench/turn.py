"""P1, P2: a bot turn without and with a reply, beside the Microsoft 365 Agents SDK and the stock Bot Framework SDK."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping
from statistics import median

from infra.bench.children import Child, child
from infra.bench.figures import Figure, compared
from infra.bench.http_load import load
from infra.bench.peers import peers_python
from infra.bench.plan import LOAD_CORE, Plan, pin, read_plan
from infra.bench.turning.activity import activity

TARGET = 1.5
AGENTS, STOCK = "Microsoft 365 Agents SDK 1.9.0", "Bot Framework SDK 4.17.1, stock"
NO_PEER = "the peers' virtual environment is not installed (build/bench-venv)"
MOST_CONNECTIONS = 8
AT_ONCE, CONNECTIONS = 32, 16

Rates = Mapping[str, list[float]]


async def measure(plan: Plan) -> list[Figure]:
    """All rows of a turn."""
    python = peers_python(may_install=plan.may_install)
    async with contextlib.AsyncExitStack() as stack:
        connector = await stack.enter_async_context(child("infra.bench.turning.connector", core=LOAD_CORE))
        url = f"http://127.0.0.1:{(await connector.ready())['port']}/"
        workers = {"ours": await stack.enter_async_context(child("infra.bench.turning.ours", url))}
        if python is not None:
            for name, module in ((AGENTS, "agents"), (STOCK, "botbuilder")):
                running = child(f"infra.bench.turning.{module}", url, python=str(python))
                workers[name] = await stack.enter_async_context(running)
        for worker in workers.values():
            await worker.ready()
        return await _rows(plan, workers, connector, url)


async def _rows(plan: Plan, workers: Mapping[str, Child], connector: Child, url: str) -> list[Figure]:
    rows: list[Figure] = []
    for metric, deed, at_once, limit in (
        ("P1 bot turn, receive only", "receive", 1, TARGET),
        ("P2 bot turn, one reply", "echo", 1, TARGET),
        ("P2 one reply, 32 turns at once", "echo", AT_ONCE, None),
    ):
        rates, remark = await _alternate(plan, workers, connector, deed, at_once)
        rows += _compared(metric, rates, limit, remark)
    return [
        *rows,
        *_compared("P1 receive only, through HTTP", await _through_http(plan, workers, url), None, "16 connections"),
    ]


async def _alternate(
    plan: Plan, workers: Mapping[str, Child], connector: Child, deed: str, at_once: int
) -> tuple[Rates, str]:
    rates: defaultdict[str, list[float]] = defaultdict(list)
    stalls: list[float] = []
    cpu: list[float] = []
    connections = 0
    for worker in workers.values():
        await worker.ask(do=deed, seconds=plan.slice / 2, at_once=at_once)
    for number in range(plan.rounds):
        for name in sorted(workers, reverse=number % 2 == 0):
            await connector.ask(do="count")
            told = await workers[name].ask(do=deed, seconds=plan.slice, at_once=at_once)
            rates[name].append(told["rate"])
            if name == "ours":
                stalls.append(told["stall"])
                cpu.append(told["cpu"])
                connections = max(connections, (await connector.ask(do="count"))["connections"])
    remark = f"{median(cpu):.2f} ms CPU a turn"
    if deed == "echo":
        remark += f", longest stall {max(stalls):.1f} ms, {connections} connections"
        assert at_once > 1 or connections <= MOST_CONNECTIONS, "replies are to go through pooled connections"
    return rates, remark


async def _through_http(plan: Plan, workers: Mapping[str, Child], url: str) -> Rates:
    rates: defaultdict[str, list[float]] = defaultdict(list)
    ports = {name: (await worker.ask(do="serve"))["port"] for name, worker in workers.items()}
    body = activity(url)
    head = f"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    for number in range(plan.rounds):
        for name in sorted(ports, reverse=number % 2 == 0):
            answered = await load(
                ports[name], [head.encode() + body], CONNECTIONS, plan.slice, expected=range(200, 203)
            )
            assert not answered.odd, f"{name} answered {answered.odd}"
            rates[name].append(answered.rate)
    return rates


def _compared(metric: str, rates: Rates, limit: float | None, remark: str) -> list[Figure]:
    if AGENTS not in rates:
        return [Figure(metric, median(rates["ours"]), None, None, limit, against=AGENTS, note=f"{NO_PEER}; {remark}")]
    return [
        compared(metric, rates["ours"], rates[AGENTS], limit=limit, against=AGENTS, note=remark),
        compared(metric, rates["ours"], rates[STOCK], against=STOCK),
    ]


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    pin(LOAD_CORE)
    for figure in asyncio.run(measure(chosen)):
        print(figure.line(), flush=True)
