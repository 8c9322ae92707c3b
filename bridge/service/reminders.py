"""Settings that end at a time a person named: noted sealed in the store, so that any process takes them back.

The note lies with the person's other keys and goes with a sign-out; when it is due stands in a set that all processes look at.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bridge.model.ids import UserHandle, UserKey
from bridge.service.ports import Clock, DueWork, Once, Sessions

OVERDUE_KEPT: Final = timedelta(hours=12)
"""How long after its time a note is still good: over a night on which nobody was signed in."""
LEASE: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(hours=36)


class Temporary(StrEnum):
    """What may be set for a time."""

    DND = "dnd"
    REDIRECTS = "redirects"
    RULES = "rules"
    """Single redirect rules, each with a time of its own: ``{"each": {rule: [at, change]}}``."""


class Reminders:
    """At most one note of each kind for each person."""

    def __init__(self, once: Once, due: DueWork, sessions: Sessions, clock: Clock) -> None:
        self._once = once
        self._due = due
        self._sessions = sessions
        self._clock = clock

    async def set(self, user: UserKey, kind: Temporary, at: float, note: Mapping[str, object]) -> None:
        """Take something back at ``at`` (Unix seconds), replacing an older note of its kind."""
        handle = self._sessions.handle(user)
        life = timedelta(seconds=max(0.0, at - self._clock.time())) + OVERDUE_KEPT
        await self._once.keep(_purpose(kind), handle, {**note, "at": at}, life)
        await self._due.schedule(handle, at)

    async def cancel(self, user: UserKey, kind: Temporary) -> None:
        """It was changed by hand: forget the note."""
        await self._once.take(_purpose(kind), self._sessions.handle(user))

    async def ends_at(self, user: UserKey, kind: Temporary) -> float | None:
        """When something ends by itself, in Unix seconds; ``None`` when it does not."""
        note = await self._once.kept(_purpose(kind), self._sessions.handle(user))
        return _at(note) if note else None

    async def claim(self, limit: int) -> tuple[UserHandle, ...]:
        """Take up to ``limit`` people of whom a note is due."""
        return await self._due.claim(limit, LEASE)

    async def due(self, handle: UserHandle) -> tuple[dict[Temporary, Mapping[str, object]], float | None]:
        """Give the notes that are due, without taking them, and when the next one will be."""
        notes = {kind: await self._once.kept(_purpose(kind), handle) for kind in Temporary}
        known = {kind: note for kind, note in notes.items() if note is not None}
        now = self._clock.time()
        times = [time for note in known.values() for time in (_at(note), *(at for at, _ in _each(note).values()))]
        due = {kind: _changes_due(note, now) for kind, note in known.items() if _at(note) <= now}
        return due, min((at for at in times if at > now), default=None)

    async def done(self, handle: UserHandle, kind: Temporary) -> None:
        """Forget a note that was carried out; of single rules, those that were due."""
        note = await self._once.take(_purpose(kind), handle)
        now = self._clock.time()
        await self._keep_rules(handle, {rule: each for rule, each in _each(note).items() if each[0] > now})

    async def waiting(self, user: UserKey) -> dict[str, tuple[float, object]]:
        """Give the single rules that were changed for a time: when each ends, and what its change was."""
        return _each(await self._once.kept(_purpose(Temporary.RULES), self._sessions.handle(user)))

    async def wait(self, user: UserKey, rule: str, at: float | None, change: object) -> None:
        """Note that a single rule's change is to be taken back at ``at``, or with ``None`` that it stays."""
        known = await self.waiting(user)
        others = {each: value for each, value in known.items() if each != rule}
        if at is None and rule not in known:
            return
        handle = self._sessions.handle(user)
        if not await self._keep_rules(handle, others if at is None else {**others, rule: (at, change)}):
            await self._once.take(_purpose(Temporary.RULES), handle)

    async def _keep_rules(self, handle: UserHandle, rules: Mapping[str, tuple[float, object]]) -> bool:
        if not rules:
            return False
        first, last = min(at for at, _ in rules.values()), max(at for at, _ in rules.values())
        life = timedelta(seconds=max(0.0, last - self._clock.time())) + OVERDUE_KEPT
        note = {"each": {rule: list(each) for rule, each in rules.items()}, "at": first}
        await self._once.keep(_purpose(Temporary.RULES), handle, note, life)
        await self._due.schedule(handle, first)
        return True

    async def again(self, handle: UserHandle, after: float) -> None:
        """Look again in ``after`` seconds."""
        await self._due.schedule(handle, self._clock.time() + after)

    async def at(self, handle: UserHandle, when: float | None) -> None:
        """Look again at ``when``, or never."""
        await (self._due.drop(handle) if when is None else self._due.schedule(handle, when))


def _purpose(kind: Temporary) -> str:
    return f"temporary_{kind.value}"


def _each(note: Mapping[str, object] | None) -> dict[str, tuple[float, object]]:
    each = note.get("each") if note else None
    rows = each.items() if isinstance(each, dict) else ()
    return {
        str(rule): (float(row[0]), row[1])
        for rule, row in rows
        if isinstance(row, list) and len(row) == 2 and isinstance(row[0], int | float)
    }


def _changes_due(note: Mapping[str, object], now: float) -> Mapping[str, object]:
    rules = _each(note)
    return {**note, "changes": [change for at, change in rules.values() if at <= now]} if rules else note


def _at(note: Mapping[str, object]) -> float:
    at = note.get("at")
    return float(at) if isinstance(at, int | float) else 0.0
