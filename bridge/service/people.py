"""Who can be called: busy lamp fields, recent calls and the PBX's address book, searched as one.

What a PBX told is remembered for half a minute in this process, for each sign-in apart, so that a search that is asked with every
letter typed costs the PBX next to nothing. It is gone with the process, never written anywhere, and never shown without a live
sign-in.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    NotOffered,
    PbxPermission,
    PbxSessionLost,
    PbxTimeout,
    PbxTrouble,
)
from bridge.model import people
from bridge.model.ids import SessionId, UserKey
from bridge.model.numbers import comparable
from bridge.model.people import Found, Person
from bridge.model.telephony import Contact, Lamp
from bridge.service.lines import Line, Lines
from bridge.service.ports import Clock

FRESH_FOR: Final = 30.0
"""Seconds for which what the PBX told is not asked again."""
PATIENCE: Final = 3.0
"""Seconds for which one source is waited for; a search shows what there is by then."""
RECENT_CALLS: Final = 100
FROM_ADDRESS_BOOK: Final = 20
SIGN_INS: Final = 2000
TERMS: Final = 40
"""How many sign-ins, and searched terms of each, are remembered at most."""
SHORTEST_TERM: Final = 2

T = TypeVar("T")


@dataclass(slots=True)
class _Shelf:
    """What one sign-in's PBX told lately."""

    known: tuple[Person, ...] = ()
    asked_at: float = -FRESH_FOR
    terms: OrderedDict[str, tuple[float, tuple[Contact, ...]]] = field(default_factory=OrderedDict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class People:
    """Searches; every method raises ``SignedOut`` without a live sign-in."""

    def __init__(self, lines: Lines, clock: Clock) -> None:
        self._lines = lines
        self._clock = clock
        self._shelves: OrderedDict[SessionId, _Shelf] = OrderedDict()

    async def search(
        self, user: UserKey, text: str, limit: int = 12, *, patience: float = PATIENCE
    ) -> tuple[Found, ...]:
        """Give who may be meant by a name, part of one, or a number, the likeliest first.

        ``patience``: seconds for the address book, which is asked for every text; the rest is remembered, once it is known.

        Raises:
            PbxTrouble: the PBX tells nothing at all now.
        """

        async def look(line: Line) -> tuple[Found, ...]:
            everybody = await self._everybody(line, text, patience)
            return people.find(everybody, text, line.session.country)[:limit]

        return await self._lines.use(user, look)

    async def recent(self, user: UserKey, limit: int = 12) -> tuple[Person, ...]:
        """Give the people spoken with last, the newest first."""

        async def look(line: Line) -> tuple[Person, ...]:
            everybody = await self._everybody(line, "")
            spoken = [(person.spoken_at, person) for person in everybody if person.spoken_at is not None]
            spoken.sort(key=lambda each: each[0], reverse=True)
            return tuple(person for _, person in spoken[:limit])

        return await self._lines.use(user, look)

    async def who_is(self, user: UserKey, number: str) -> tuple[Person, ...]:
        """Give everybody who has this number, however it was written."""

        async def look(line: Line) -> tuple[Person, ...]:
            country = line.session.country
            wanted = comparable(number, country)
            everybody = await self._everybody(line, wanted)
            return tuple(
                person for person in everybody if wanted in {comparable(own, country) for own in person.numbers}
            )

        return await self._lines.use(user, look)

    async def colleagues(self, user: UserKey) -> tuple[Lamp, ...]:
        """Ask the PBX for the busy lamp fields and their state now."""
        return await self._lines.use(user, lambda line: line.pbx.lamps())

    async def contacts(self, user: UserKey, terms: str, limit: int = FROM_ADDRESS_BOOK) -> tuple[Contact, ...]:
        """Search the address book.

        Raises:
            NotOffered: this sign-in has no way into it (any more).
        """
        return await self._lines.use(user, lambda line: line.pbx.contacts(terms, limit=limit))

    async def _everybody(self, line: Line, text: str, patience: float = PATIENCE) -> tuple[Person, ...]:
        """Everybody known without a search, and whom the address book has for ``text``."""
        shelf = self._shelf(line)
        _, found = await asyncio.gather(self._filled(shelf, line), self._from_address_book(shelf, line, text, patience))
        return people.merged((*shelf.known, *people.from_contacts(found)), line.session.country)

    async def _filled(self, shelf: _Shelf, line: Line) -> None:
        async with shelf.lock:
            if self._clock.time() - shelf.asked_at >= FRESH_FOR:
                await self._fill(shelf, line)

    async def _fill(self, shelf: _Shelf, line: Line) -> None:
        """Ask for lamps and calls; what one of them lacks is asked for again next time."""
        lamps, page = await asyncio.gather(
            _patiently(line.pbx.lamps, PATIENCE),
            _patiently(lambda: line.pbx.history(limit=RECENT_CALLS), PATIENCE),
        )
        if isinstance(lamps, BridgeError) and isinstance(page, BridgeError):
            raise lamps
        known = () if isinstance(lamps, BridgeError) else people.from_lamps(lamps)
        shelf.known = (*known, *(() if isinstance(page, BridgeError) else people.from_history(page.entries)))
        whole = not any(isinstance(told, PbxTrouble) for told in (lamps, page))
        shelf.asked_at = self._clock.time() if whole else -FRESH_FOR

    async def _from_address_book(self, shelf: _Shelf, line: Line, text: str, patience: float) -> tuple[Contact, ...]:
        """Ask for each spelling once; a PBX need not know that "ue" is "ü"."""
        spellings = [term for term in _spellings(text) if len(term) >= SHORTEST_TERM]
        asked = await asyncio.gather(*(self._term(shelf, line, term, patience) for term in spellings))
        return tuple(dict.fromkeys(contact for found in asked for contact in found))

    async def _term(self, shelf: _Shelf, line: Line, term: str, patience: float) -> tuple[Contact, ...]:
        now = self._clock.time()
        at, found = shelf.terms.get(term, (-FRESH_FOR, ()))
        if now - at < FRESH_FOR:
            return found
        told = await _patiently(lambda: line.pbx.contacts(term, limit=FROM_ADDRESS_BOOK), patience)
        if isinstance(told, BridgeError):
            return ()
        shelf.terms[term] = (now, told)
        while len(shelf.terms) > TERMS:
            shelf.terms.popitem(last=False)
        return told

    def _shelf(self, line: Line) -> _Shelf:
        shelf = self._shelves.pop(line.session.id, None) or _Shelf()
        self._shelves[line.session.id] = shelf
        while len(self._shelves) > SIGN_INS:
            self._shelves.popitem(last=False)
        oldest = next(iter(self._shelves))
        if self._clock.time() - self._shelves[oldest].asked_at > 10 * FRESH_FOR and oldest != line.session.id:
            del self._shelves[oldest]
        return shelf


async def _patiently(ask: Callable[[], Awaitable[T]], patience: float) -> T | BridgeError:
    """Give the answer, or what stood in its way; what ends a sign-in or mends one is raised, for the line to deal with."""
    try:
        async with asyncio.timeout(patience):
            return await ask()
    except (PbxSessionLost, CredentialsRejected):
        raise
    except (PbxTrouble, NotOffered, PbxPermission) as trouble:
        return trouble
    except TimeoutError:
        return PbxTimeout("a source of people")


_UMLAUTS: Final = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"))


def _spellings(text: str) -> Sequence[str]:
    """A term as written, and with umlauts where it has none; of a number the part that every notation shares."""
    if any(map(str.isalpha, text)):
        other = text.casefold()
        for plain, umlaut in _UMLAUTS:
            other = other.replace(plain, umlaut)
        return list(dict.fromkeys((text.strip(), other.strip())))
    digits = "".join(filter(str.isdigit, text))
    return [digits[-8:]]
