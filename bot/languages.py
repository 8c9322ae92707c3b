"""The language a person chose in the chat; without a choice it is that of their client."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.conversations import Subject
from bridge.errors import BridgeError
from bridge.model.ids import UserKey
from bridge.service.ports import Once
from bridge.texts import LANGUAGES

KEPT: Final = timedelta(days=30)
FRESH_FOR: Final = 60.0
"""Seconds for which another process's choice may go unnoticed: a turn should not wait for Redis to learn a language."""
PEOPLE: Final = 20_000
_PURPOSE: Final = "language"


class Languages:
    """Remembers choices; ``clock`` gives monotonic seconds."""

    def __init__(self, once: Once, subject: Subject, clock: Callable[[], float]) -> None:
        self._once = once
        self._subject = subject
        self._clock = clock
        self._known: OrderedDict[UserKey, tuple[float, str]] = OrderedDict()

    async def of(self, user: UserKey, client: str) -> str:
        """Give the language to answer in; ``client`` is the locale of the person's client."""
        at, known = self._known.get(user, (-FRESH_FOR, ""))
        if self._clock() - at >= FRESH_FOR:
            known = await self._chosen(user)
            self._note(user, known)
        return known or client

    async def choose(self, user: UserKey, language: str) -> None:
        """Answer in ``language`` from now on; the empty one is the client's. Raises ``Unavailable``."""
        if language in LANGUAGES:
            await self._once.keep(_PURPOSE, self._subject(user), {"language": language}, KEPT)
        else:
            await self._once.take(_PURPOSE, self._subject(user))
        self._note(user, language if language in LANGUAGES else "")

    async def chosen(self, user: UserKey) -> str:
        """Give the choice, empty when there is none."""
        return await self._chosen(user)

    async def _chosen(self, user: UserKey) -> str:
        try:
            kept = await self._once.kept(_PURPOSE, self._subject(user))
        except BridgeError:
            return ""  # the client's language will do
        language = kept.get("language") if kept else None
        return language if isinstance(language, str) and language in LANGUAGES else ""

    def _note(self, user: UserKey, language: str) -> None:
        self._known.pop(user, None)
        self._known[user] = (self._clock(), language)
        if len(self._known) > PEOPLE:
            self._known.popitem(last=False)
