"""What of a call list is wanted."""

from dataclasses import dataclass
from datetime import datetime

from bridge.model.numbers import comparable
from bridge.model.spelling import folded
from bridge.model.telephony import HistoryEntry

NO_GROUP = "none"
"""In the place of a group's id: calls to the person themselves only."""


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Restrictions; an empty one does not restrict. ``terms`` are words of a name or digits of a number."""

    direction: str = ""
    """``inbound`` or ``outbound``."""
    result: str = ""
    """``answered`` or ``missed``."""
    group: str = ""
    """A group's id, or :data:`NO_GROUP`."""
    after: datetime | None = None
    before: datetime | None = None
    terms: str = ""


def fits(entry: HistoryEntry, terms: str, country: str) -> bool:
    """Whether every word begins a word of the other side's name, or the digits occur in its number."""
    if not any(map(str.isalpha, terms)):
        digits = "".join(filter(str.isdigit, terms))
        own = "".join(filter(str.isdigit, comparable(entry.remote.number, country)))
        whole = "".join(filter(str.isdigit, comparable(terms, country)))
        return bool(digits) and (digits.lstrip("0") in own or whole in own)
    name = folded(entry.remote.name).split()
    return all(any(own.startswith(word) for own in name) for word in folded(terms).split())
