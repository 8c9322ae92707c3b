"""A process whose event loop does nothing: what the machine alone makes a loop stand still."""

import asyncio
from collections.abc import Sequence
from typing import Any

from infra.bench.answering import answer_questions
from infra.bench.children import child
from infra.bench.figures import Figure
from infra.bench.watch import Watch

TARGET, NEVER_OVER = 10.0, 50.0
"""Times the idle loop's longest stall; milliseconds."""


async def longest_idle_stall(seconds: float) -> float:
    """Give the longest stall (ms) of an idle loop on the server's core within ``seconds``."""
    async with child("infra.bench.idle") as process:
        await process.ready()
        return float((await process.ask(do="idle", seconds=seconds))["stall"])


def stall_row(
    during: str, stalls: Sequence[dict[str, Any]], idle: float, note: str = "", *, sound: bool = True
) -> Figure:
    """A row P9 from what the watch in the server said, one look for each round."""
    worst = max(stalls, key=lambda told: float(told["stall"]))
    longest = float(worst["stall"])
    remark = f"computing itself in {float(worst['computing']):.1f} ms of it; never over {NEVER_OVER:.0f} ms"
    return Figure(
        f"P9 longest stall, {during}", longest, idle, longest / idle if idle else None, TARGET, "at most", "ms",
        against="idle loop", note="; ".join(filter(None, (remark, note))), sound=sound and longest <= NEVER_OVER,
    )  # fmt: skip


async def main() -> None:
    """Watch nothing happen, when asked."""
    async with Watch() as watch:

        async def idle(seconds: float) -> dict[str, float]:
            watch.look()
            await asyncio.sleep(seconds)
            return watch.look()

        await answer_questions({"idle": idle}, ready=True)


if __name__ == "__main__":
    asyncio.run(main())
