"""Work in order: one lane for each conversation, many lanes at once, all of it owned and bounded."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from bridge.logs import logger

MAXIMUM_PENDING = 2000
MAXIMUM_PER_LANE = 50
DEADLINE = 30.0
"""Seconds for one piece of work."""
PATIENCE = 6.0
"""Seconds that :meth:`Lanes.stop` waits for what was accepted."""

Work = Callable[[], Awaitable[None]]
_log = logger(__name__)


class Lanes:
    """Runs what is put into a lane one after the other, and lanes side by side."""

    def __init__(self, *, maximum: int = MAXIMUM_PENDING, deadline: float = DEADLINE) -> None:
        self._maximum = maximum
        self._deadline = deadline
        self._waiting: dict[str, deque[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending = 0
        self._open = True

    @property
    def pending(self) -> int:
        """Pieces of work accepted and not yet done."""
        return self._pending

    def put(self, lane: str, work: Work) -> bool:
        """Accept work for a lane; ``False`` when there is no room or the lanes have been stopped."""
        waiting = self._waiting.get(lane)
        if not self._open or self._pending >= self._maximum or (waiting and len(waiting) >= MAXIMUM_PER_LANE):
            return False
        self._pending += 1
        if waiting is not None:
            waiting.append(work)
            return True
        self._waiting[lane] = deque([work])
        task = asyncio.get_running_loop().create_task(self._run(lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def stop(self, patience: float = PATIENCE) -> None:
        """Accept nothing more, let what was accepted end, give up what takes longer than ``patience`` seconds."""
        self._open = False
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=patience)
        for task in late:
            task.cancel()
        if late:
            _log.warning("work_given_up", count=len(late))
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, lane: str) -> None:
        waiting = self._waiting[lane]
        try:
            while waiting:
                await self._do(waiting.popleft())
        finally:
            self._pending -= len(waiting)
            del self._waiting[lane]

    async def _do(self, work: Work) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await work()
        except Exception as error:  # noqa: BLE001 - one piece of work must never end the lane of a conversation
            _log.error("work_failed", error=type(error).__name__, exc_info=error)
        finally:
            self._pending -= 1
