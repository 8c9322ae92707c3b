"""P9: the longest stall of the event loop while Redis hangs and while a PBX hangs, beside an idle loop."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Any

from infra.bench.figures import Figure
from infra.bench.http_load import Answered, load
from infra.bench.idle import longest_idle_stall, stall_row
from infra.bench.plan import LOAD_CORE, Plan, allow_many_files, pin, read_plan
from infra.bench.product import Town, town

CONNECTIONS = 32
STUCK = 32
ANSWER_WITHIN = 1.0
"""Seconds within which a request is refused while Redis hangs."""
_NEITHER: tuple[int, ...] = (200, 503)


async def measure(plan: Plan) -> list[Figure]:
    """One row for each kind of hang."""
    people = min(plan.people, 100)
    async with town(people, STUCK) as ours:
        reads = [resident.get("/api/v1/session") for resident in ours.residents]
        await load(ours.port, reads, CONNECTIONS, max(plan.slice, 0.3))
        await ours.process.ask(do="look")
        by_redis = [await _while_redis_hangs(ours, reads, plan) for _ in range(plan.rounds)]
        await load(ours.port, reads, CONNECTIONS, 0.2, expected=_NEITHER)
        await ours.process.ask(do="look")
        by_pbx = [await _while_pbx_hangs(ours, reads, plan) for _ in range(plan.rounds)]
    idle = await longest_idle_stall(plan.slice * plan.rounds)
    slowest = max(float(told["slowest"]) for told in by_redis)
    refused = sum(int(told["refused"]) for told in by_redis)
    note = f"{refused} requests refused, the slowest after {slowest:.2f} s"
    return [
        stall_row("Redis hangs", by_redis, idle, note, sound=slowest <= ANSWER_WITHIN),
        stall_row("PBX hangs", by_pbx, idle, f"{STUCK} requests to it under way"),
    ]


async def _while_redis_hangs(ours: Town, reads: list[bytes], plan: Plan) -> dict[str, Any]:
    with _hung(ours.redis):
        answered = await load(ours.port, reads, CONNECTIONS, max(plan.slice, 0.1), expected=(503,))
    await _redis_is_back(ours, reads)
    told = await ours.process.ask(do="look")
    return {**told, "slowest": max(answered.took, default=0.0), "refused": answered.count}


async def _redis_is_back(ours: Town, reads: list[bytes]) -> None:
    async with asyncio.timeout(10):
        while not (await load(ours.port, reads[:1], 1, 0.05, expected=(200,))).count:
            pass


@contextlib.contextmanager
def _hung(process: asyncio.subprocess.Process) -> Iterator[None]:
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


async def _while_pbx_hangs(ours: Town, reads: list[bytes], plan: Plan) -> dict[str, Any]:
    """Some ask for their phones and wait for a PBX that is silent; the others read their session meanwhile."""
    waiting = [await asyncio.open_connection("127.0.0.1", ours.port) for _ in ours.stuck]
    for (_, writer), resident in zip(waiting, ours.stuck, strict=True):
        writer.write(resident.get("/api/v1/phones"))
    answered: Answered = await load(ours.port, reads, CONNECTIONS, plan.slice)
    assert not answered.odd, answered.odd
    for _, writer in waiting:
        writer.close()
    return await ours.process.ask(do="look")


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    allow_many_files()
    pin(LOAD_CORE)
    for figure in asyncio.run(measure(chosen)):
        print(figure.line(), flush=True)
