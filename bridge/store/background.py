"""One background task and its owner: what is started here is stopped here."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

from bridge.logs import logger

BREATH = 1.0
"""Seconds before work that failed is begun anew."""

_log = logger(__name__)


class Background:
    """Owns one task that runs until :meth:`stop`; work that fails unexpectedly is logged and begun anew."""

    def __init__(self, work: Callable[[], Coroutine[object, object, None]], name: str) -> None:
        self._work = work
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; a second call does nothing while the first task runs."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Cancel the task and wait for its end."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                return await self._work()
            except Exception as error:  # noqa: BLE001 - nobody awaits this task: it would die unseen and everything with it
                _log.error("background_work_failed", part=self._name, error=type(error).__name__)
            await asyncio.sleep(BREATH)
