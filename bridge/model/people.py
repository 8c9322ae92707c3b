"""Who can be called: colleagues, entries of the address book, numbers of recent calls; and who of them is meant by a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum

from bridge.model.numbers import comparable
from bridge.model.spelling import apart, folded, slips
from bridge.model.telephony import Contact, HistoryEntry, Lamp

SHORTEST_NUMBER = 3
"""Fewer digits than this are looked for in names only."""


class Source(StrEnum):
    """Where somebody is known from; the first that knows a person names them."""

    COLLEAGUE = "colleague"
    CONTACT = "contact"
    RECENT = "recent"


_ORDER = {Source.COLLEAGUE: 0, Source.CONTACT: 1, Source.RECENT: 2}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be called. ``name`` is empty for a number that nobody has named."""

    name: str
    numbers: tuple[str, ...]
    source: Source
    company: str = ""
    state: str = ""
    """A colleague's telephone state in the PBX's word, lower case; empty for everybody else."""
    spoken_at: datetime | None = None
    """When the newest call with this person began."""


class Fit(IntEnum):
    """How well somebody fits a text, the best first."""

    NAMED = 0
    """Every word is a word of their name (or the text is their number)."""
    BEGUN = 1
    """Every word is the beginning of a word of their name or company."""
    HELD = 2
    """Every word, or the digits, occur somewhere in name, company or number."""
    MISSPELT = 3
    """Every word is a slip or two away from a word of their name."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who may be meant."""

    person: Person
    fit: Fit


def from_lamps(lamps: Iterable[Lamp]) -> tuple[Person, ...]:
    """Colleagues on busy lamp fields."""
    return tuple(
        Person(lamp.name, (lamp.number,) if lamp.number else (), Source.COLLEAGUE, state=lamp.state) for lamp in lamps
    )


def from_contacts(contacts: Iterable[Contact]) -> tuple[Person, ...]:
    """Entries of the address book that have a number."""
    return tuple(
        Person(contact.name, contact.numbers, Source.CONTACT, contact.company)
        for contact in contacts
        if contact.numbers
    )


def from_history(entries: Iterable[HistoryEntry]) -> tuple[Person, ...]:
    """The other sides of recent calls, each number once, with its newest call."""
    newest: dict[str, Person] = {}
    for entry in entries:
        number = entry.remote.number
        if number and number not in newest:
            newest[number] = Person(entry.remote.name, (number,), Source.RECENT, spoken_at=entry.started_at)
    return tuple(newest.values())


def merged(people: Iterable[Person], country: str) -> tuple[Person, ...]:
    """Make one of those who have the same name, or a number and no name of their own."""
    known: dict[str, Person] = {}
    by_number: dict[str, str] = {}
    for person in sorted(people, key=lambda each: _ORDER[each.source]):
        own = " ".join(sorted(folded(person.name).split()))
        numbers = [comparable(number, country) for number in person.numbers]
        called = own or next((by_number[number] for number in numbers if number in by_number), "")
        key = called or "#" + "".join(numbers[:1])
        known[key] = _joined(known[key], person, country) if key in known else person
        by_number.update((number, key) for number in numbers if number not in by_number)
    return tuple(known.values())


def _joined(one: Person, other: Person, country: str) -> Person:
    has = {comparable(number, country) for number in one.numbers}
    more = tuple(number for number in other.numbers if comparable(number, country) not in has)
    spoken = max((at for at in (one.spoken_at, other.spoken_at) if at is not None), default=None)
    return replace(one, numbers=(*one.numbers, *more), company=one.company or other.company, spoken_at=spoken)


def find(people: Sequence[Person], text: str, country: str) -> tuple[Found, ...]:
    """Give who may be meant by a name, a part of one, or a number, the likeliest first."""
    wanted = folded(text).split()
    digits = "".join(filter(str.isdigit, text)) if not any(map(str.isalpha, text)) else ""
    if not wanted and not digits:
        return ()
    number = comparable(text, country) if digits else ""
    found = [
        Found(person, fit) for person in people if (fit := _fit(person, wanted, digits, number, country)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.fit, _ORDER[each.person.source], folded(each.person.name))))


def _fit(person: Person, wanted: list[str], digits: str, number: str, country: str) -> Fit | None:
    if digits:
        return _fit_of_number(person, digits, number, country)
    name = folded(person.name).split()
    words = [*name, *folded(person.company).split()]
    if all(word in name for word in wanted):
        return Fit.NAMED
    if all(any(own.startswith(word) for own in words) for word in wanted):
        return Fit.BEGUN
    if all(any(word in own for own in words) for word in wanted):
        return Fit.HELD
    return Fit.MISSPELT if all(any(_close(word, own) for own in name) for word in wanted) else None


def _close(word: str, own: str) -> bool:
    return word == own or apart(word, own, slips(word)) is not None


def _fit_of_number(person: Person, digits: str, number: str, country: str) -> Fit | None:
    own = [comparable(each, country) for each in person.numbers]
    if number in own:
        return Fit.NAMED
    national = digits.lstrip("0")
    held = len(national) >= SHORTEST_NUMBER and any(national in each for each in own)
    return Fit.HELD if held else None
