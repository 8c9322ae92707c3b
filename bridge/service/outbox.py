"""The outgoing messages of all people, as the port ``Outbox``: what each message is to show in the end, not each change of it.

A *letter* is the wished state of one message of one person. A newer letter for the same *slot* replaces an older one that has not
gone out; a message that is there already is edited. Whichever process is free carries the letters, within limits that all
processes share. An *office* is one tenant's queue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

from bridge.model.ids import UserHandle, UserKey

Office = NewType("Office", str)
"""Keyed hash of a tenant: the name of its queue."""

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Address:
    """A personal chat. ``conversation`` is empty when it has to be opened first, by the person's object id."""

    service_url: str
    conversation: str
    bot: str
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message is to show."""

    slot: str
    """Which message of this person, e.g. ``call/<id>``; at most 256 characters."""
    version: int
    """Grows; a letter whose version is not greater than the newest one of its slot is ignored."""
    address: Address
    activity: Json | None
    """``None`` removes the message."""
    life: float
    """Seconds after which nobody needs it any more, delivered or not; so long its message is remembered, to be edited."""
    only_edit: bool = False
    """Of use only if the message is there already: else it is dropped, with what had been meant to go before it."""
    fresh_for: float = 0.0
    """Seconds after which it is too late to show the message for the first time; 0: never."""
    not_for: float = 0.0
    """Seconds before which it is not to be sent."""
    live: bool = False
    """The message shows something that goes on, so it has to be edited when that can no longer be followed."""
    last: bool = False
    """After this the message is never edited again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that is in the chat."""

    slot: str
    address: Address
    activity_id: str
    live: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One person whose letters this process may look at now; the tenant's budget holds a place for one request."""

    office: Office
    handle: UserHandle
    lease: int
    place: str


@dataclass(frozen=True, slots=True)
class Errand:
    """One letter that this process alone may deliver now."""

    round: Round
    user: UserKey
    letter: Letter
    shown: Shown | None
    tries: int
    """How often it was tried in vain before."""


class Result(StrEnum):
    """What became of an errand."""

    SHOWN = "shown"
    """It is there as wished."""
    AGAIN = "again"
    """Not yet: try after a while."""
    GONE = "gone"
    """The message to be edited is not there any more."""
    GIVEN_UP = "given_up"
    """It will never get through."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whom to look after, and in how many seconds the office has work again (``None``: nothing waits)."""

    rounds: tuple[Round, ...]
    next_in: float | None


class Outbox(Protocol):
    """The queues. Every method may raise ``Unavailable``."""

    def office(self, user: UserKey) -> Office: ...

    async def put(self, user: UserKey, letter: Letter) -> bool:
        """Wish for a state. ``False``: it is older than what is known, or an edit of something never shown or wished for."""

    async def hasten(self, user: UserKey, slot: str) -> bool:
        """Let a waiting letter go now, whatever its ``not_for`` was. ``True`` when one waited."""

    async def adopt(self, user: UserKey, shown: Shown, version: int, life: float) -> Shown | None:
        """Take a message that went out by another way as that of its slot; give the one that the slot had before, if any."""

    async def shown(self, user: UserKey, slot: str) -> Shown | None:
        """The message of a slot."""

    async def all_shown(self, user: UserKey) -> tuple[Shown, ...]:
        """Every message of a person that may still be edited."""

    async def forget(self, user: UserKey, slot: str) -> None:
        """Never edit the message of a slot again: it serves another one now."""

    async def drop_all(self, user: UserKey) -> None:
        """Forget everything of a person: the app was removed, or writing is blocked."""

    async def due_offices(self, limit: int) -> tuple[Office, ...]:
        """Offices with work that nobody else has begun to look after."""

    async def claim(self, office: Office, limit: int) -> Claimed:
        """Take people of an office, as many as its tenant's budget allows."""

    async def take(self, rounds: Sequence[Round]) -> tuple[Errand, ...]:
        """Take the next letter of each; those with nothing to do now are given back."""

    async def settle(self, errand: Errand, result: Result, shown: Shown | None = None, wait: float = 0.0) -> None:
        """Say what became of an errand; ``wait`` in seconds goes with ``AGAIN``."""
