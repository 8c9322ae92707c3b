"""A person's own telephone presence, and how it follows from what the PBX says and from the live calls."""

from dataclasses import dataclass
from datetime import datetime

from bridge.model.calls import CallTable
from bridge.model.telephony import CallState, PbxUserState


@dataclass(frozen=True, slots=True)
class OwnPresence:
    """Telephone, do not disturb and chat state, where it comes from and since when."""

    telephony: str
    dnd: bool | None
    chat: str
    message: str
    source: str
    """``pbx`` (it said so) or ``calls`` (it follows from a live call)."""
    since: datetime

    def same_as(self, other: "OwnPresence | None") -> bool:
        """Tell whether nothing but the time differs."""
        if other is None:
            return False
        return (self.telephony, self.dnd, self.chat, self.message) == (
            other.telephony,
            other.dnd,
            other.chat,
            other.message,
        )


def merge(
    reported: PbxUserState, calls: CallTable, dnd_set: bool | None, at: datetime, before: OwnPresence | None = None
) -> OwnPresence:
    """Merge the PBX's answer with the live calls: a call we know of is newer than a state that was asked for earlier.

    ``dnd_set`` is what was last set through us and counts only when the PBX does not tell.
    """
    telephony, source = reported.telephony, "pbx"
    live = {call.state for call in calls.live()}
    if live - {CallState.RINGING}:
        telephony, source = "active", "calls"
    elif live:
        telephony, source = "ringing", "calls"
    dnd = reported.dnd if reported.dnd is not None else dnd_set
    merged = OwnPresence(telephony, dnd, reported.chat, reported.message, source, at)
    return before if before is not None and merged.same_as(before) else merged
