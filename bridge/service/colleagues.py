"""Colleagues and their telephone state, live while somebody looks: told by events, or asked for by the keeper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bridge.model import colleagues
from bridge.model.colleagues import Colleague
from bridge.model.ids import UserHandle, UserKey
from bridge.model.messages import ColleaguesChanged
from bridge.model.pbx import Session
from bridge.model.telephony import Lamp
from bridge.service.announce import Announcer
from bridge.service.lines import COLLEAGUES, Line, Lines
from bridge.service.ports import Clock, DueWork, NoSession, Once, Sessions

MOST: Final = 1000
WATCH: Final = 90.0
"""Seconds for which one word of a reader counts; readers say it again every minute."""
KEPT: Final = timedelta(hours=1)
"""How long "since" is remembered after the last look."""
EVENT_SERVICE: Final = "functionkey"


class Colleagues:
    """Reads busy lamp fields and remembers, sealed, since when each has been as it is."""

    def __init__(
        self, *, lines: Lines, sessions: Sessions, once: Once, due: DueWork, announcer: Announcer, clock: Clock
    ) -> None:
        self._lines = lines
        self._sessions = sessions
        self._once = once
        self._due = due
        self._announcer = announcer
        self._clock = clock

    async def all(self, user: UserKey) -> tuple[Colleague, ...]:
        """Ask the PBX now.

        Raises:
            SignedOut: there is no live sign-in.
            NotOffered: the PBX has no function keys.
        """
        return await self._lines.use(user, self.look)

    async def look(self, line: Line) -> tuple[Colleague, ...]:
        """Ask the PBX, remember what it says and publish what is different from the last time."""
        lamps = (await line.pbx.lamps())[:MOST]
        before = await self._remembered(self._sessions.handle(line.session.user))
        after = colleagues.seen(before, lamps, self._clock.now())
        await self._note(line.session, before, after, after)
        return after

    async def lit(self, session: Session, lamp: Lamp) -> None:
        """Take the PBX's word that one lamp changed; without anybody having looked lately it is of no use."""
        before = await self._remembered(self._sessions.handle(session.user))
        if lamp.id not in before:
            return
        after = colleagues.seen(before, (lamp,), self._clock.now())
        await self._note(session, before, after, {**before, **_by_id(after)}.values())

    async def watch(self, user: UserKey) -> None:
        """Say that somebody looks at the colleagues now, so that they are kept fresh."""
        handle = self._sessions.handle(user)
        found = await self._sessions.by_handle(handle)
        if isinstance(found, NoSession):
            return
        now = self._clock.time()
        await self._sessions.change_pulse(found, lambda pulse: replace(pulse, watched_until=now + WATCH))
        await self._due.schedule(handle, now)

    async def _note(
        self,
        session: Session,
        before: Mapping[str, Colleague],
        looked_at: Sequence[Colleague],
        everybody: Iterable[Colleague],
    ) -> None:
        handle = self._sessions.handle(session.user)
        await self._once.keep(COLLEAGUES, handle, _written(everybody), KEPT, session.id)
        if different := colleagues.changed(before, looked_at):
            await self._announcer.publish(session.user, ColleaguesChanged(different))

    async def _remembered(self, handle: UserHandle) -> dict[str, Colleague]:
        return _by_id(_read(await self._once.kept(COLLEAGUES, handle)))


def told_by_events(session: Session) -> bool:
    """Whether the PBX accepted a subscription to the events of function keys."""
    return any(name.lower().endswith(f".{EVENT_SERVICE}") for name in session.event_services)


def _by_id(known: Iterable[Colleague]) -> dict[str, Colleague]:
    return {each.id: each for each in known}


def _written(known: Iterable[Colleague]) -> Mapping[str, object]:
    return {"all": [[each.id, each.name, each.number, each.state, each.since.timestamp()] for each in known]}


def _read(value: Mapping[str, object] | None) -> tuple[Colleague, ...]:
    rows = value.get("all") if value else None
    return tuple(
        Colleague(str(row[0]), str(row[1]), str(row[2]), str(row[3]), datetime.fromtimestamp(row[4], UTC))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, list) and len(row) == 5 and isinstance(row[4], int | float)
    )
