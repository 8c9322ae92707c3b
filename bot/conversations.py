"""Where to write to a person of one's own accord: sealed in Redis, for a day, renewed by every activity of theirs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from botbuilder.schema import Activity

from bridge.model.ids import UserKey
from bridge.service.ports import Once

LIFE = timedelta(hours=24)
Subject = Callable[[UserKey], str]
"""A person as the subject of claims and kept values: their handle, so that it all goes when they sign out."""

_CHAT, _PROMPT = "conversation", "sign_in_card"


@dataclass(frozen=True, slots=True)
class Chat:
    """A personal chat. ``conversation`` is empty when it has to be opened first."""

    service_url: str
    conversation: str
    bot: str
    locale: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of ours that can be edited."""

    service_url: str
    conversation: str
    activity: str
    locale: str


class Conversations:
    """Remembers, for each person, the chat with the bot and the newest card that asks for a sign-in."""

    def __init__(self, once: Once, subject: Subject) -> None:
        self._once = once
        self._subject = subject

    async def remember(self, user: UserKey, activity: Activity) -> None:
        """Note where this person just wrote from."""
        chat = Chat(activity.service_url, activity.conversation.id, activity.recipient.id, activity.locale or "")
        await self._once.keep(_CHAT, self._subject(user), asdict(chat), LIFE)

    async def find(self, user: UserKey) -> Chat | None:
        """Give the person's chat."""
        fields = _texts(
            await self._once.kept(_CHAT, self._subject(user)), "service_url", "conversation", "bot", "locale"
        )
        return Chat(*fields) if fields else None

    async def forget(self, user: UserKey) -> None:
        """Leave nothing behind: the app was removed, or writing is blocked."""
        await self._once.take(_CHAT, self._subject(user))
        await self._once.take(_PROMPT, self._subject(user))

    async def asked_to_sign_in(self, user: UserKey, posted: Posted) -> None:
        """Note the card that asks for a sign-in, to be edited after it."""
        await self._once.keep(_PROMPT, self._subject(user), asdict(posted), LIFE)

    async def take_prompt(self, user: UserKey) -> Posted | None:
        """Give that card and forget it, atomically."""
        fields = _texts(
            await self._once.take(_PROMPT, self._subject(user)), "service_url", "conversation", "activity", "locale"
        )
        return Posted(*fields) if fields else None


def _texts(value: object, *names: str) -> list[str] | None:
    if not isinstance(value, dict):
        return None
    fields = [value.get(name) for name in names]
    return [field for field in fields if isinstance(field, str)] if all(isinstance(f, str) for f in fields) else None
