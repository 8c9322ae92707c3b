"""What all turn workers share: run turns for a while, one after the other or many at once, and count. Standard library only."""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from infra.bench.answering import answer_questions
from infra.bench.turning.activity import activity
from infra.bench.watch import BEAT, Watch

LONGEST_SLICE = 10.0


class Turns(Protocol):
    """A product's bot, built once."""

    async def receive(self, body: bytes) -> None:
        """One turn whose handler does nothing."""

    async def echo(self, body: bytes) -> None:
        """One turn whose handler sends one line."""

    async def serve(self) -> int:
        """Listen on a port of 127.0.0.1 and do receive turns with what is posted to /api/messages; give the port."""


async def repeat(turn: Callable[[], Awaitable[None]], seconds: float, at_once: int) -> dict[str, float]:
    """Run turns for ``seconds``; give rate, CPU per turn (ms), p99 of the duration (ms) and the longest stall (ms)."""
    took: list[float] = []
    end = time.perf_counter() + min(seconds, LONGEST_SLICE)

    async def one_after_the_other() -> None:
        while (began := time.perf_counter()) < end:
            await turn()
            took.append(time.perf_counter() - began)

    used, began = _cpu(), time.perf_counter()
    async with Watch() as watch:
        await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
        await asyncio.sleep(BEAT)
    lasted = time.perf_counter() - began - BEAT
    p99 = sorted(took)[min(len(took) - 1, int(len(took) * 0.99))]
    return {
        "rate": len(took) / lasted,
        "cpu": (_cpu() - used) / len(took) * 1000,
        "p99": p99 * 1000,
        **watch.look(),
    }


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def work(made: Callable[[str], Awaitable[Turns]]) -> None:
    """Build the bot for the connector named on the command line, then do what is asked."""
    service_url = sys.argv[1]
    turns, body = await made(service_url), activity(service_url)
    assert 1000 <= len(body) <= 1400, len(body)
    json.loads(body)

    async def receive(seconds: float, at_once: int = 1) -> dict[str, Any]:
        return await repeat(lambda: turns.receive(body), seconds, at_once)

    async def echo(seconds: float, at_once: int = 1) -> dict[str, Any]:
        return await repeat(lambda: turns.echo(body), seconds, at_once)

    async def serve() -> dict[str, Any]:
        return {"port": await turns.serve()}

    await answer_questions({"receive": receive, "echo": echo, "serve": serve}, ready=True)
