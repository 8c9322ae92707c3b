"""How long an event loop stands still: a task that sleeps 5 ms and notes how much later it wakes. Standard library only."""

import asyncio
import time

BEAT = 0.005


class Watch:
    """The longest stall since the last look, and how much of it this thread itself was computing (the rest it was kept waiting)."""

    def __init__(self) -> None:
        self._longest = self._computing = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Watch":
        self._task = asyncio.create_task(self._run(), name="stall-watch")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def look(self) -> dict[str, float]:
        """Give both in milliseconds and begin anew."""
        told = {"stall": self._longest * 1000, "computing": self._computing * 1000}
        self._longest = self._computing = 0.0
        return told

    async def _run(self) -> None:
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BEAT)
            late = time.perf_counter() - before - BEAT
            if late > self._longest:
                self._longest, self._computing = late, time.thread_time() - used
