"""Simulated time, so that scripts and expiry can be tested without waiting."""

import asyncio
import time


class Clock:
    """Starts at the machine's time, runs `scale` times as fast and can be moved forward.

    All values are seconds; `now` is seconds since 1970 (UTC).
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._started = time.monotonic()
        self._epoch = time.time()
        self._offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return self._epoch + (time.monotonic() - self._started) * self._scale + self._offset

    def advance(self, seconds: float) -> None:
        """Move time forward; sleepers whose time has come wake at once."""
        self._offset += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        deadline = self.now() + seconds
        while (left := deadline - self.now()) > 0:
            await self._wait_for_move(left / self._scale)

    async def _wait_for_move(self, seconds: float) -> None:
        moved = self._moved
        try:
            async with asyncio.timeout(seconds):
                await moved.wait()
        except TimeoutError:
            return
