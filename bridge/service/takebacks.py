"""Takes back what was set for a time, whichever process is free when the time has come.

Only what is still as it was set is taken back: who changed it meanwhile has the last word.
"""

from collections.abc import Mapping
from typing import Final

from bridge.errors import BridgeError, PbxSessionLost, SignedOut, Unavailable
from bridge.logs import logger
from bridge.model.ids import UserHandle
from bridge.model.messages import PresenceChanged
from bridge.service.announce import Announcer
from bridge.service.lines import Line, Lines
from bridge.service.ports import NoSession, Sessions
from bridge.service.presence import Presences
from bridge.service.redirects import take_back
from bridge.service.reminders import Reminders, Temporary
from bridge.service.rule_changes import read_changes, written_changes

__all__ = ["AGAIN", "Takebacks", "read_changes", "written_changes"]

AGAIN: Final = 20.0
"""Seconds until the next try while the PBX is away or nobody is signed in."""
_log = logger(__name__)


class Takebacks:
    """A visitor for :class:`bridge.service.rounds.Rounds`."""

    def __init__(
        self, reminders: Reminders, sessions: Sessions, lines: Lines, presences: Presences, announcer: Announcer
    ) -> None:
        self._reminders = reminders
        self._sessions = sessions
        self._lines = lines
        self._presences = presences
        self._announcer = announcer

    async def claim(self, limit: int) -> tuple[UserHandle, ...]:
        """Take up to ``limit`` people of whom something is due."""
        return await self._reminders.claim(limit)

    async def visit(self, handle: UserHandle) -> None:
        """Take back what is due and say when to look again. Raises only ``Unavailable``."""
        due, later = await self._reminders.due(handle)
        if not due:
            await self._reminders.at(handle, later)
            return
        try:
            found = await self._sessions.by_handle(handle)
            if isinstance(found, NoSession):
                raise SignedOut(found.reason)
            await self._take_back(await self._lines.of(found), handle, due)
        except Unavailable:
            raise
        except BridgeError as error:
            _log.info("taken_back_later", handle=handle, code=error.code)
            await self._reminders.again(handle, AGAIN)
        else:
            await self._reminders.at(handle, later)

    async def _take_back(self, line: Line, handle: UserHandle, due: Mapping[Temporary, Mapping[str, object]]) -> None:
        for kind, note in due.items():
            try:
                await self._one(line, kind, note)
            except PbxSessionLost:
                await self._lines.log_in_again(line)
                await self._one(line, kind, note)
            await self._reminders.done(handle, kind)
            _log.info("taken_back", handle=handle, state=kind.value)

    async def _one(self, line: Line, kind: Temporary, note: Mapping[str, object]) -> None:
        if kind in {Temporary.REDIRECTS, Temporary.RULES}:
            await take_back(line, read_changes(note.get("changes")))
            return
        before, _ = await self._presences.ask(line)
        if before.dnd is False:
            return
        await line.pbx.set_dnd(enabled=False)
        await self._presences.remember_dnd(line.session, enabled=False)
        presence, changed = await self._presences.ask(line)
        if changed:
            await self._announcer.publish(line.session.user, PresenceChanged(presence))
