"""Which notices a person wants in the chat, and when not; the settings page reads and changes them."""

from typing import Annotated, Final

from pydantic import StringConstraints

from bridge.service.notice_choices import Choices, Preferences
from tab.incoming import Incoming
from tab.operation import Operation
from tab.schema import Shape

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class QuietHours(Shape):
    """From when until when nothing is told, where the person is; ``until`` may be on the next day."""

    since: Clock
    until: Clock


class NoticeChoices(Shape):
    """What is told. ``digest``: the time at which missed calls are told together, once a day; null: each at once."""

    incoming: bool
    missed: bool
    voicemail: bool
    sign_in: bool
    presence: bool
    quiet: QuietHours | None
    digest: Clock | None


class NoticeRequest(Shape):
    """What is to change; what is left out stays. Null ends the quiet hours or the digest."""

    incoming: bool | None = None
    missed: bool | None = None
    voicemail: bool | None = None
    sign_in: bool | None = None
    presence: bool | None = None
    quiet: QuietHours | None = None
    digest: Clock | None = None


OPERATIONS: Final = (
    Operation(
        "read_notices", "GET", "/api/v1/notices", "What the bot tells in the chat of its own accord", answer=NoticeChoices,
        tag="notices",
    ),
    Operation(
        "change_notices", "PUT", "/api/v1/notices", "Choose what the bot tells, quiet hours and the digest",
        body=NoticeRequest, answer=NoticeChoices, tag="notices",
    ),
)  # fmt: skip


class NoticeActs:
    """What the operations above do."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    async def read_notices(self, incoming: Incoming) -> NoticeChoices:
        """GET /notices."""
        return _shown(await self._preferences.of(incoming.key))

    async def change_notices(self, incoming: Incoming) -> NoticeChoices:
        """PUT /notices."""
        body: NoticeRequest = incoming.body
        return _shown(await self._preferences.change(incoming.key, _changes(body)))


def _changes(body: NoticeRequest) -> dict[str, object]:
    """Take what was named: a switch that is null stays, quiet hours and digest that are null end."""
    changes: dict[str, object] = {}
    for name in body.model_fields_set:
        value = getattr(body, name)
        if name == "quiet":
            changes[name] = (_minutes(value.since), _minutes(value.until)) if value is not None else None
        elif name == "digest":
            changes[name] = _minutes(value) if value is not None else None
        elif value is not None:
            changes[name] = value
    return changes


def _shown(choices: Choices) -> NoticeChoices:
    quiet = choices.quiet and QuietHours(since=_clock(choices.quiet[0]), until=_clock(choices.quiet[1]))
    return NoticeChoices(
        incoming=choices.incoming,
        missed=choices.missed,
        voicemail=choices.voicemail,
        sign_in=choices.sign_in,
        presence=choices.presence,
        quiet=quiet,
        digest=_clock(choices.digest) if choices.digest is not None else None,
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
