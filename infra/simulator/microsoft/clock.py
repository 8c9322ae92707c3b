"""The simulated cloud's time: real time plus whatever a test moved it by."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, movable forwards and backwards without waiting."""

    def __init__(self) -> None:
        self._shift = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as this cloud sees them."""
        return time.time() + self._shift

    def advance(self, seconds: float) -> None:
        """Move the time by so many seconds."""
        self._shift += seconds

    def timestamp(self) -> str:
        """Now in the form that Teams puts into activities: `2026-11-22T20:18:03.123Z`."""
        moment = datetime.fromtimestamp(self.now(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
