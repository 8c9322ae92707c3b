"""Goes the keeper's rounds: claims what is due and visits it, so many at once and no more."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from bridge.errors import BridgeError
from bridge.logs import logger
from bridge.model.ids import UserHandle

AT_ONCE: Final = 64
PAUSE: Final = 0.1
VISIT_LIMIT: Final = 40.0
"""Seconds after which a visit is given up; its lease has run out by then and another process may be at it."""

_log = logger(__name__)


class Visitor(Protocol):
    """Somebody who knows what is due and what to do about it; the keeper for one."""

    async def claim(self, limit: int) -> tuple[UserHandle, ...]: ...
    async def visit(self, handle: UserHandle) -> None: ...


class Rounds:
    """Owns a visitor's tasks: ``start`` and ``stop`` them. ``count`` hears of each visit's outcome; with nothing due the next
    look is after ``pause`` seconds."""

    def __init__(self, visitor: Visitor, count: Callable[[str], None], *, pause: float = PAUSE) -> None:
        self._visitor = visitor
        self._count = count
        self._pause = pause
        self._visits: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._away = False

    async def start(self) -> None:
        """Begin to go round."""
        self._task = asyncio.create_task(self._go(), name="keeper-rounds")

    async def stop(self) -> None:
        """Claim nothing more and give up running visits; their leases let others take over."""
        tasks = [task for task in (self._task, *self._visits) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _go(self) -> None:
        while True:
            claimed = await self._claimed()
            for handle in claimed:
                visit = asyncio.create_task(self._visit(handle), name="keeper-visit")
                self._visits.add(visit)
                visit.add_done_callback(self._visits.discard)
            if not claimed:
                await asyncio.sleep(self._pause)

    async def _claimed(self) -> tuple[UserHandle, ...]:
        free = AT_ONCE - len(self._visits)
        if free <= 0:
            return ()
        try:
            claimed = await self._visitor.claim(free)
        except BridgeError:
            if not self._away:
                _log.warning("keeper_store_away")
            self._away = True
            await asyncio.sleep(10 * PAUSE)
            return ()
        if self._away:
            _log.info("keeper_store_back")
            self._away = False
        return claimed

    async def _visit(self, handle: UserHandle) -> None:
        try:
            async with asyncio.timeout(VISIT_LIMIT):
                await self._visitor.visit(handle)
            self._count("done")
        except BridgeError as error:
            self._count(error.code)
        except TimeoutError:
            self._count("timeout")
        except Exception as error:  # noqa: BLE001 - one sign-in's fault must not end the rounds of all others
            self._count("fault")
            _log.error("visit_crashed", exc_info=error, handle=handle)
