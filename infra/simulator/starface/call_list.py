"""The call list: one entry for each user who took part in a call that ended."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from infra.simulator.starface.calls import Direction, ListResult
from infra.simulator.starface.demo import TRUNK
from infra.simulator.starface.population import Contact, User

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry; `started` in seconds since 1970, `duration` in seconds including ringing."""

    id: str
    direction: Direction
    result: ListResult
    started: float
    duration: int
    caller_number: str
    called_number: str
    description: str
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What `getCallList` asks for (UCI reference, section 8); empty texts do not restrict."""

    before: float
    after: float
    direction: str = ""
    result: str = ""
    group: str = ""
    order: str = ""
    descending: bool = True
    offset: int = 0
    limit: int = 100


_ORDERS: dict[str, Callable[[ListEntry], object]] = {
    "": attrgetter("started"),
    "startTime": attrgetter("started"),
    "id": attrgetter("id"),
    "direction": attrgetter("direction"),
    "result": attrgetter("result"),
    "duration": attrgetter("duration"),
    "callerNumber": attrgetter("caller_number"),
    "calledNumber": attrgetter("called_number"),
    "callDescription": attrgetter("description"),
    "groupId": attrgetter("group_id"),
}


class UnknownOrderError(ValueError):
    """The list cannot be ordered by that property."""


class CallLists:
    """One list per user, filled with invented entries when it is first looked at."""

    def __init__(self, now: Callable[[], float], contacts: list[Contact], initial: int, seed: int) -> None:
        self._now = now
        self._contacts = contacts
        self._initial = initial
        self._seed = seed
        self._entries: dict[str, list[ListEntry]] = {}

    def of(self, user: User) -> list[ListEntry]:
        if user.login not in self._entries:
            self._entries[user.login] = []
            self.generate(user, self._initial)
        return self._entries[user.login]

    def add(self, user: User, entry: ListEntry) -> None:
        self.of(user).append(entry)

    def find(self, user: User, entry_id: str) -> ListEntry | None:
        return next((each for each in self.of(user) if each.id == entry_id), None)

    def delete(self, user: User, entry_ids: set[str]) -> None:
        self._entries[user.login] = [each for each in self.of(user) if each.id not in entry_ids]

    def generate(self, user: User, count: int) -> None:
        """Add invented entries from the last 30 days, the same ones at every start."""
        chance = random.Random(f"{self._seed}-{user.login}-{count}")
        self.of(user).extend(self._invent(user, chance) for _ in range(count))

    def query(self, user: User, query: ListQuery) -> tuple[list[ListEntry], int]:
        """One page and the number of all entries that fit. Raises UnknownOrderError."""
        if query.order not in _ORDERS:
            raise UnknownOrderError(query.order)
        fitting = [each for each in self.of(user) if _fits(each, query)]
        fitting.sort(key=_ORDERS[query.order], reverse=query.descending)  # type: ignore[arg-type] # texts or numbers, never mixed
        return fitting[query.offset : query.offset + query.limit], len(fitting)

    def _invent(self, user: User, chance: random.Random) -> ListEntry:
        contact = chance.choice(self._contacts) if self._contacts else None
        number = chance.choice(contact.numbers) if contact else f"{TRUNK}{chance.randrange(600, 800)}"
        inbound = chance.random() < 0.6
        answered = chance.random() < 0.75
        own = user.external[0] if user.external else user.internal
        return ListEntry(
            id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            result=ListResult.ANSWERED if answered else ListResult.MISSED,
            started=self._now() - chance.uniform(600, 30 * DAY),
            duration=chance.randrange(20, 900) if answered else chance.randrange(3, 30),
            caller_number=number if inbound else own,
            called_number=own if inbound else number,
            description=f"{contact.first_name} {contact.last_name}" if contact else "",
        )


def _fits(entry: ListEntry, query: ListQuery) -> bool:
    group_fits = query.group in {"", entry.group_id} or (query.group == "NON_GROUP" and not entry.group_id)
    return (
        query.after <= entry.started <= query.before
        and query.direction in {"", entry.direction}
        and query.result in {"", entry.result}
        and group_fits
    )
