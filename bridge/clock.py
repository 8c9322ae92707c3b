"""The system's clock as the use cases see it."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Wall time; durations inside a process are measured with the monotonic clock where they arise."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    def time(self) -> float:
        """Unix seconds."""
        return time.time()
