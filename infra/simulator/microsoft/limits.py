"""The connector's published limits (Teams platform notes, section 5.4), as sliding windows."""

from __future__ import annotations

import math
from collections import defaultdict, deque

from infra.simulator.microsoft.clock import Clock

PER_CONVERSATION = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
PER_TENANT = ((50, 1.0),)
GRAPH_PRESENCE = ((1500, 30.0),)

Windows = tuple[tuple[int, float], ...]
"""Pairs of (requests allowed, seconds)."""


class RateLimiter:
    """Counts accepted requests for each key and says how long a further one has to wait."""

    def __init__(self, windows: Windows, clock: Clock) -> None:
        self._windows = windows
        self._clock = clock
        self._accepted: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=max(n for n, _ in windows)))

    def wait_for(self, key: str) -> float:
        """Seconds until one more request would be accepted for this key; 0 when it would be now. Counts nothing."""
        now = self._clock.now()
        times = self._accepted[key]
        waits = [times[-count] + seconds - now for count, seconds in self._windows if len(times) >= count]
        return max([0.0, *waits])

    def count(self, key: str) -> None:
        """Note one accepted request."""
        self._accepted[key].append(self._clock.now())


def retry_after(seconds: float) -> str:
    """A Retry-After value: whole seconds, at least one."""
    return str(max(1, math.ceil(seconds)))
