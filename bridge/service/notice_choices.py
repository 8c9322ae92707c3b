"""What a person wants to be told in the chat, and when not: kept sealed, thirty days from the last use, gone at a sign-out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bridge.errors import BadRequest
from bridge.model.ids import UserKey
from bridge.service.ports import Clock, Once

KEPT: Final = timedelta(days=30)
RENEWED_AFTER: Final = timedelta(days=1)
MINUTES_OF_A_DAY: Final = 24 * 60
NIGHT: Final = (20 * 60, 7 * 60)
"""From when until when nobody is asked to sign in again, unless a call fails for it; minutes after midnight where they are."""
_PURPOSE = "notice_choices"


class Kind(StrEnum):
    """What the bot tells of its own accord."""

    INCOMING = "incoming"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    SIGN_IN = "sign_in"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Choices:
    """One person's choices.

    Everything is on at first: each of these is one message for something that concerns only this person, a call's whole life is
    one card, and one word turns each of them off.
    """

    incoming: bool = True
    missed: bool = True
    voicemail: bool = True
    sign_in: bool = True
    presence: bool = True
    quiet: tuple[int, int] | None = None
    """From and until, minutes after midnight where the person is; until is not included and may be on the next day."""
    digest: int | None = None
    """Minutes after midnight at which missed calls are told together, once a day; ``None``: each at once."""

    def wants(self, kind: Kind) -> bool:
        """Whether a kind is on."""
        return bool(getattr(self, kind.value))


_KINDS = frozenset(kind.value for kind in Kind)
Changes = Mapping[str, object]


class Preferences:
    """Reads and changes choices. ``subject`` gives a person's handle, so that the choices go with their other traces."""

    def __init__(self, once: Once, subject: Callable[[UserKey], str], clock: Clock) -> None:
        self._once = once
        self._subject = subject
        self._clock = clock

    async def of(self, user: UserKey) -> Choices:
        """Give a person's choices; asking renews them. Raises ``Unavailable``."""
        kept = await self._once.kept(_PURPOSE, self._subject(user))
        if kept is None:
            return Choices()
        choices = _read(kept)
        written = kept.get("at")
        if not isinstance(written, int | float) or self._clock.time() - written > RENEWED_AFTER.total_seconds():
            await self._keep(user, choices)
        return choices

    async def change(self, user: UserKey, changes: Changes) -> Choices:
        """Change what is named in ``changes`` (fields of :class:`Choices`) and give the choices after it.

        Raises:
            BadRequest: a field there is not, or a value it cannot have; nothing was changed.
            Unavailable: nothing was changed.
        """
        choices = changed(await self.of(user), changes)
        await self._keep(user, choices)
        return choices

    async def forget(self, user: UserKey) -> None:
        """Go back to how it is at first."""
        await self._once.take(_PURPOSE, self._subject(user))

    async def _keep(self, user: UserKey, choices: Choices) -> None:
        value = {**asdict(choices), "at": self._clock.time()}
        await self._once.keep(_PURPOSE, self._subject(user), value, KEPT)


def changed(choices: Choices, changes: Changes) -> Choices:
    """Give the choices after changes; ``BadRequest`` as in :meth:`Preferences.change`."""
    fields: dict[str, object] = {}
    for name, value in changes.items():
        if name in _KINDS:
            fields[name] = _flag(value)
        elif name == "quiet":
            fields[name] = _span(value)
        elif name == "digest":
            fields[name] = None if value is None else _minute(value)
        else:
            raise BadRequest("there is no such notice")
    return replace(choices, **fields)  # type: ignore[arg-type]  # each value was checked above


def seconds_left(span: tuple[int, int] | None, local: datetime) -> float:
    """Seconds until a daily span ends, seen from a local time; 0 outside of it. Right on the days on which clocks are put."""
    if span is None or span[0] == span[1]:
        return 0.0
    begin, end = span
    minute = local.hour * 60 + local.minute
    inside = begin <= minute < end if begin < end else minute >= begin or minute < end
    return seconds_until(end, local) if inside else 0.0


def seconds_until(minute: int, local: datetime) -> float:
    """Seconds until a minute of the day comes next, seen from a local time with its zone."""
    day = local if local.hour * 60 + local.minute < minute else local + timedelta(days=1)
    then = day.replace(hour=minute // 60 % 24, minute=minute % 60, second=0, microsecond=0)
    return max(0.0, then.timestamp() - local.timestamp())


def _read(kept: Mapping[str, object]) -> Choices:
    """Read what was kept; what cannot be read is as it is at first."""
    try:
        return changed(Choices(), {name: value for name, value in kept.items() if name != "at"})
    except BadRequest:
        return Choices()


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadRequest("a notice is on or off")
    return value


def _minute(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MINUTES_OF_A_DAY:
        raise BadRequest("that is no time of the day")
    return value


def _span(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise BadRequest("quiet hours have a beginning and an end")
    begin, end = (_minute(part) for part in value)
    if begin == end:
        raise BadRequest("quiet hours end at another time than they begin")
    return begin, end
