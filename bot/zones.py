"""Time zones by the names that Teams gives (IANA), read from the machine's files once and off the event loop."""

import asyncio
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

USUAL: Final = "Europe/Berlin"
"""Where somebody is of whom we do not know it: most STARFACEs stand there."""
MAXIMUM: Final = 700
"""There are some 600 names; whoever makes up more gets the usual zone."""


class Zones:
    """Knows zones by name."""

    def __init__(self) -> None:
        self._known: dict[str, tzinfo] = {}

    async def local(self, moment: datetime, name: str) -> datetime:
        """Give a moment as clocks in a zone show it; of an unknown zone as in the usual one."""
        return moment.astimezone(await self._zone(name) or await self._zone(USUAL) or UTC)

    async def _zone(self, name: str) -> tzinfo | None:
        if name not in self._known:
            if not name or len(self._known) >= MAXIMUM:
                return None
            found = await asyncio.to_thread(_read, name)
            if found is None:
                return None
            self._known[name] = found
        return self._known[name]


def _read(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
