"""Notices that Redis lost everything although no connection was cut: emptied by hand, or restarted behind a proxy.

Sign-ins, due work and calls are gone then, so nobody visits anybody and nothing is published any more: open streams would show
a picture of yesterday. One random mark, which every process expects to find again, tells.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable

from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.store import keys
from bridge.store.background import Background
from bridge.store.commands import blob
from bridge.store.connection import Connection

LOOK_EVERY = 2.0
"""Seconds between two looks: one trip of each process."""

_log = logger(__name__)


class LossWatch:
    """Looks for the mark; tells its listeners when another one lies there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._mark: bytes | None = None
        self._listeners: list[Callable[[], None]] = []
        self._looking = Background(self._look_forever, "redis-loss")

    def on_loss(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each loss; it may neither wait nor raise."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin to look."""
        self._looking.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._looking.stop()

    async def look(self) -> None:
        """Compare the mark with the one seen last; leave one where there is none.

        Raises:
            Unavailable: Redis does not answer, so nothing is known.
        """
        life = int(keys.MARK_LIFE.total_seconds())
        fresh = ("SET", keys.MARK, secrets.token_hex(8), "NX", "EX", life)
        _, _, found = await self._connection.run([fresh, ("EXPIRE", keys.MARK, life), ("GET", keys.MARK)])
        before, self._mark = self._mark, blob(found)
        if before is not None and before != self._mark:
            _log.warning("redis_lost_everything")
            for listener in self._listeners:
                listener()

    async def _look_forever(self) -> None:
        while True:
            with contextlib.suppress(Unavailable):
                await self.look()
            await asyncio.sleep(LOOK_EVERY)
