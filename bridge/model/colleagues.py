"""Colleagues on busy lamp fields: their telephone state, and since when it has been so.

A PBX tells the state of a lamp, never since when. So "since" is the moment at which a change was seen here; for a colleague
who is seen for the first time it is that moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bridge.model.telephony import Lamp

UNKNOWN: Final = "unknown"
_STATES: Final = {
    "available": ("available", "idle", "free", "not_inuse", "registered"),
    "ringing": ("ringing", "incoming", "ring"),
    "active": ("active", "busy", "inuse", "connected", "talking", "ringback", "outgoing"),
    "queue_pause": ("queue_pause", "pause"),
    "unavailable": ("unavailable", "unregistered", "offline"),
}
_KNOWN: Final = {word: state for state, words in _STATES.items() for word in words}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody on a busy lamp field."""

    id: str
    name: str
    number: str
    state: str
    """``available``, ``ringing``, ``active``, ``queue_pause``, ``unavailable`` or ``unknown``."""
    since: datetime


def seen(before: Mapping[str, Colleague], lamps: Iterable[Lamp], at: datetime) -> tuple[Colleague, ...]:
    """Give the colleagues of these lamps; who has the state they had before has had it since then."""
    return tuple(_seen(before.get(lamp.id), lamp, at) for lamp in lamps)


def changed(before: Mapping[str, Colleague], after: Iterable[Colleague]) -> tuple[Colleague, ...]:
    """Give those who were known before and are different now."""
    return tuple(each for each in after if each.id in before and each != before[each.id])


def state_of(word: str) -> str:
    """Read a PBX's word for the state of a lamp; the words are not public (UCI reference, sections 7 and 10)."""
    return _KNOWN.get(word.strip().lower().replace("-", "_").replace(" ", "_"), UNKNOWN)


def _seen(known: Colleague | None, lamp: Lamp, at: datetime) -> Colleague:
    state = state_of(lamp.state)
    if known is None:
        return Colleague(lamp.id, lamp.name, lamp.number, state, at)
    since = known.since if known.state == state else at
    return replace(known, name=lamp.name or known.name, number=lamp.number or known.number, state=state, since=since)
