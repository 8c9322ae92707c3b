"""A person's own telephone presence, and how it follows from what the PBX says and from the live calls."""

from dataclasses import dataclass, replace
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
    reported: str = ""
    """What the PBX itself said last about the telephone, without what follows from calls."""

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
    dnd = reported.dnd if reported.dnd is not None else dnd_set
    said = OwnPresence(reported.telephony, dnd, reported.chat, reported.message, "pbx", at, reported.telephony)
    merged = _with_calls(said, calls, at)
    return before if before is not None and merged.same_as(before) else merged


def follow(presence: OwnPresence, calls: CallTable, at: datetime) -> OwnPresence:
    """Give the presence after the calls changed, before the PBX is asked again; the same object when nothing shows."""
    base = presence.reported
    if presence.source == "calls" and not calls.live() and base in _BUSY:
        base = "available"  # it was said during a call that is over now
    said = replace(presence, telephony=base, source="pbx", since=at)
    followed = _with_calls(said, calls, at)
    return presence if followed.same_as(presence) else followed


_BUSY = frozenset({"ringing", "active"})


def _with_calls(said: OwnPresence, calls: CallTable, at: datetime) -> OwnPresence:
    live = {call.state for call in calls.live()}
    if live - {CallState.RINGING}:
        return replace(said, telephony="active", source="calls", since=at)
    if live:
        return replace(said, telephony="ringing", source="calls", since=at)
    return said
