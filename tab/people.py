"""People of the tab: colleagues on busy lamp fields, the address book, and both with the recent calls in one search."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from bridge.model.colleagues import Colleague, state_of
from bridge.model.people import Person, Source
from bridge.model.telephony import Contact
from bridge.service.colleagues import Colleagues
from bridge.service.people import People
from tab.incoming import Incoming
from tab.operation import PBX, Operation
from tab.schema import Query, Shape, Sparse

CONTACTS: Final = 10
HITS: Final = 20
PATIENCE: Final = 1.0
"""Seconds for the address book in a search: who types wants to see something."""

Terms = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$", strip_whitespace=True)]
State = Literal["available", "ringing", "active", "queue_pause", "unavailable", "unknown"]


class ColleagueView(Shape):
    """Somebody on a busy lamp field. ``since``: when the service first saw this state."""

    id: str
    name: str
    number: str
    state: State
    since: datetime


class ColleagueList(Shape):
    """Everybody the person has a busy lamp field for."""

    colleagues: list[ColleagueView]


class ContactView(Shape):
    """An entry of the address book."""

    id: str
    name: str
    company: str
    numbers: list[str]


class ContactList(Shape):
    """The first entries that fit."""

    contacts: list[ContactView]


class ContactQuery(Query):
    """What to look for; without terms, the beginning of the address book."""

    q: Terms = ""


class Hit(Sparse):
    """Somebody who can be called. ``state`` is known of colleagues, ``spokenAt`` of those one spoke with lately."""

    source: Literal["colleague", "contact", "recent"]
    name: str
    company: str
    numbers: list[str]
    state: State | None = None
    spoken_at: datetime | None = None


class HitList(Shape):
    """The likeliest first."""

    results: list[Hit]


class SearchQuery(Query):
    """A name, part of one, or a number as people write it; without it, those spoken with last."""

    q: Terms = ""
    limit: Annotated[int, Field(ge=1, le=HITS)] = HITS


OPERATIONS: Final = (
    Operation(
        "list_colleagues", "GET", "/api/v1/colleagues", "Colleagues on busy lamp fields and their telephone state",
        answer=ColleagueList, refusals=(*PBX, "not_found"), tag="people",
    ),
    Operation(
        "find_contacts", "GET", "/api/v1/contacts", "Search the address book of the PBX, at most 10 entries",
        query=ContactQuery, answer=ContactList, refusals=(*PBX, "not_found"), tag="people",
    ),
    Operation(
        "search_people", "GET", "/api/v1/search", "Search colleagues, address book and recent calls as one",
        query=SearchQuery, answer=HitList, refusals=PBX, tag="people",
    ),
)  # fmt: skip


class PeopleActs:
    """What the operations above do."""

    def __init__(self, colleagues: Colleagues, people: People) -> None:
        self._colleagues = colleagues
        self._people = people

    async def list_colleagues(self, incoming: Incoming) -> ColleagueList:
        """GET /colleagues."""
        return ColleagueList(colleagues=[shown(each) for each in await self._colleagues.all(incoming.key)])

    async def find_contacts(self, incoming: Incoming) -> ContactList:
        """GET /contacts."""
        query: ContactQuery = incoming.query
        found = await self._people.contacts(incoming.key, query.q, CONTACTS)
        return ContactList(contacts=[_contact(each) for each in found[:CONTACTS]])

    async def search_people(self, incoming: Incoming) -> HitList:
        """GET /search."""
        query: SearchQuery = incoming.query
        if not query.q:
            return HitList(results=[_hit(each) for each in await self._people.recent(incoming.key, query.limit)])
        found = await self._people.search(incoming.key, query.q, query.limit, patience=PATIENCE)
        return HitList(results=[_hit(each.person) for each in found])


def shown(colleague: Colleague) -> ColleagueView:
    """A colleague as the tab sees them."""
    return ColleagueView.model_validate(
        {
            "id": colleague.id,
            "name": colleague.name,
            "number": colleague.number,
            "state": colleague.state,
            "since": colleague.since,
        }
    )


def _contact(contact: Contact) -> ContactView:
    return ContactView(id=contact.id, name=contact.name, company=contact.company, numbers=list(contact.numbers))


def _hit(person: Person) -> Hit:
    return Hit.model_validate(
        {
            "source": person.source.value,
            "name": person.name,
            "company": person.company,
            "numbers": list(person.numbers),
            "state": state_of(person.state) if person.source is Source.COLLEAGUE else None,
            "spoken_at": person.spoken_at,
        }
    )
