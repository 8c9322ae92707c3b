"""A person's own presence: asked of the PBX, merged with the live calls, and remembered so that "since" stays true."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bridge.errors import BridgeError
from bridge.model.calls import CallTable
from bridge.model.ids import UserKey
from bridge.model.pbx import Session
from bridge.model.presence import OwnPresence, merge
from bridge.model.telephony import PbxUserState
from bridge.service.lines import PRESENCE, Line
from bridge.service.ports import CallTables, Clock, Once, Sessions

_KEPT = timedelta(hours=12)
_PATIENCE = 2.5
"""Seconds a snapshot waits for the PBX before it shows what was known last."""

UNKNOWN = PbxUserState(telephony="unknown", chat="unknown")


DndListener = Callable[[Session, bool], Awaitable[None]]


class Presences:
    """Asks for, merges and remembers own presence."""

    def __init__(self, *, tables: CallTables, sessions: Sessions, once: Once, clock: Clock) -> None:
        self._tables = tables
        self._sessions = sessions
        self._once = once
        self._clock = clock
        self._listeners: list[DndListener] = []

    def when_chosen(self, listener: DndListener) -> None:
        """Add somebody who hears when a person switches do not disturb through us; it raises nothing."""
        self._listeners.append(listener)

    async def ask(self, line: Line) -> tuple[OwnPresence, bool]:
        """Ask the PBX; give the presence and whether it differs from the one remembered."""
        reported = await line.pbx.user_state()
        return await self._merged(line.session, reported)

    async def glance(self, line: Line) -> OwnPresence:
        """Ask, but not for long: what was known last will do when the PBX is slow or away."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return (await self.ask(line))[0]
        except (BridgeError, TimeoutError):
            remembered = await self.remembered(line.session.user)
            return remembered or merge(UNKNOWN, CallTable(), None, self._clock.now())

    async def remembered(self, user: UserKey) -> OwnPresence | None:
        """Give what was known last."""
        return _read(await self._once.kept(PRESENCE, self._sessions.handle(user)))

    async def remember_dnd(self, session: Session, *, enabled: bool, by_person: bool = True) -> None:
        """Note what was set through us, for PBXs that do not tell; ``by_person``: it was their own wish."""
        if by_person:
            for listener in self._listeners:
                await listener(session, enabled)
        await self._sessions.change_pulse(session, lambda pulse: replace(pulse, dnd=enabled))

    async def _merged(self, session: Session, reported: PbxUserState) -> tuple[OwnPresence, bool]:
        handle = self._sessions.handle(session.user)
        table = await self._tables.read(session.user)
        before = await self.remembered(session.user)
        pulse = await self._sessions.pulse(handle) if reported.dnd is None else None
        dnd_set = pulse.dnd if pulse else None
        presence = merge(reported, table, dnd_set, self._clock.now(), before)
        changed = not presence.same_as(before)
        if changed:
            await self._once.keep(PRESENCE, handle, _written(presence), _KEPT, session.id)
        return presence, changed


def _written(presence: OwnPresence) -> Mapping[str, object]:
    return {
        "telephony": presence.telephony,
        "dnd": presence.dnd,
        "chat": presence.chat,
        "message": presence.message,
        "source": presence.source,
        "since": presence.since.timestamp(),
        "reported": presence.reported,
    }


def _read(value: Mapping[str, object] | None) -> OwnPresence | None:
    if value is None:
        return None
    since, dnd = value.get("since"), value.get("dnd")
    if not isinstance(since, int | float):
        return None
    words = [str(value.get(name) or "") for name in ("telephony", "chat", "message", "source", "reported")]
    return OwnPresence(
        telephony=words[0],
        dnd=dnd if isinstance(dnd, bool) else None,
        chat=words[1],
        message=words[2],
        source=words[3],
        since=datetime.fromtimestamp(since, UTC),
        reported=words[4],
    )
