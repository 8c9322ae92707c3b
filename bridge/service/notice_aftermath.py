"""What became of a call that rang and ended unanswered here: the PBX's call list knows who took it, its events do not say."""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bridge.errors import BridgeError
from bridge.model.calls import Call
from bridge.model.ids import UserKey
from bridge.model.messages import CallMissed
from bridge.model.numbers import canonical
from bridge.model.telephony import Direction, HistoryEntry, Voicemail
from bridge.service.lines import Lines

PATIENCE: Final = 6.0
"""Seconds for asking, all tries together."""
WRITTEN_AFTER: Final = 1.0
"""Seconds after which a PBX is asked once more, if its list did not hold the call yet."""
NEAR: Final = timedelta(minutes=2)
"""So far may an entry's start lie from when we first heard of the call."""
LOOKED_BACK: Final = timedelta(minutes=15)
LOOKED_AT: Final = 20


class Fate(StrEnum):
    """What became of a call."""

    MISSED = "missed"
    ELSEWHERE = "elsewhere"
    """A colleague, or another phone that tells us nothing, answered it."""
    DECLINED = "declined"
    """The person rejected it."""
    ENDED = "ended"
    """It is over, and more is not known."""


class Aftermath:
    """Asks the PBX, softly: what it does not say in time is not known."""

    def __init__(self, lines: Lines, *, written_after: float = WRITTEN_AFTER) -> None:
        self._lines = lines
        self._written_after = written_after

    async def of(self, user: UserKey, missed: CallMissed) -> Fate:
        """Give the fate of a call of which nobody here heard more than ringing."""
        entry = await self._entry(user, missed.call)
        if entry is not None:
            return Fate.ELSEWHERE if entry.answered else Fate.MISSED
        known = missed.proven and not missed.call.group
        return Fate.MISSED if known else Fate.ENDED

    async def message_left(self, user: UserKey, call: Call) -> Voicemail | None:
        """Give the message that the caller left, if there is one."""
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.sleep(self._written_after)
                found = await self._lines.use(user, lambda line: line.pbx.voicemails(limit=LOOKED_AT))
        except (BridgeError, TimeoutError):
            return None
        return next((message for message in found if _is_message_of(message, call)), None)

    async def _entry(self, user: UserKey, call: Call) -> HistoryEntry | None:
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._listed(user, call)
                if found is None:
                    await asyncio.sleep(self._written_after)
                    found = await self._listed(user, call)
                return found
        except (BridgeError, TimeoutError):
            return None

    async def _listed(self, user: UserKey, call: Call) -> HistoryEntry | None:
        after = call.started_at - LOOKED_BACK
        page = await self._lines.use(
            user, lambda line: line.pbx.history(direction="INBOUND", after=after, limit=LOOKED_AT)
        )
        return next((entry for entry in page.entries if _is_entry_of(entry, call)), None)


def _is_entry_of(entry: HistoryEntry, call: Call) -> bool:
    """Tell whether an entry is that of a call: its number where one is known, its group, and its start."""
    if entry.direction is not Direction.INBOUND or not _is_near(entry.started_at, call):
        return False
    if bool(call.group) and bool(entry.group) and call.group != entry.group:
        return False
    return canonical(entry.remote.number) == canonical(call.remote.number)


def _is_message_of(message: Voicemail, call: Call) -> bool:
    same = canonical(message.remote.number) == canonical(call.remote.number)
    return same and _is_near(message.started_at, call)


def _is_near(start: datetime | None, call: Call) -> bool:
    return start is None or abs(start - call.started_at) <= NEAR
