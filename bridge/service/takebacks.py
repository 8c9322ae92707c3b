"""Takes back what was set for a time, whichever process is free when the time has come.

Only what is still as it was set is taken back: who changed it meanwhile has the last word.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bridge.errors import BridgeError, PbxSessionLost, SignedOut, Unavailable
from bridge.logs import logger
from bridge.model.ids import UserHandle
from bridge.model.messages import PresenceChanged
from bridge.model.telephony import Redirect
from bridge.service.announce import Announcer
from bridge.service.lines import Line, Lines
from bridge.service.ports import NoSession, Sessions
from bridge.service.presence import Presences
from bridge.service.redirects import Changed, take_back
from bridge.service.reminders import Reminders, Temporary

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
        if kind is Temporary.REDIRECTS:
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


def written_changes(changes: Sequence[Changed]) -> list[list[dict[str, object]]]:
    """Write changes of rules as JSON values, to be sealed."""
    return [[_written(change.before), _written(change.after)] for change in changes]


def read_changes(value: object) -> tuple[Changed, ...]:
    """Read what :func:`written_changes` wrote; what is not of that form is left out."""
    pairs = value if isinstance(value, list) else []
    read = [(_read(pair[0]), _read(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    return tuple(Changed(before, after) for before, after in read if before is not None and after is not None)


def _written(rule: Redirect) -> dict[str, object]:
    return {
        "id": rule.id,
        "number": rule.number,
        "trigger": rule.trigger,
        "enabled": rule.enabled,
        "to": rule.to,
        "target": rule.target,
        "timeout": rule.timeout,
    }


def _read(value: object) -> Redirect | None:
    if not isinstance(value, dict):
        return None
    texts = [value.get(name) for name in ("id", "number", "trigger", "to", "target")]
    enabled, timeout = value.get("enabled"), value.get("timeout")
    if (
        not all(isinstance(text, str) for text in texts)
        or not isinstance(enabled, bool)
        or not isinstance(timeout, int)
    ):
        return None
    rule, number, trigger, to, target = map(str, texts)
    return Redirect(rule, number, False, trigger, enabled, to, target, timeout)  # noqa: FBT003 - the rules of own numbers
