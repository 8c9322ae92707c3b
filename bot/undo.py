"""What a person changed in the chat can be taken back for ten minutes, once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from bot.conversations import Subject
from bot.elements import plain
from bot.reply import Reply, Turn, new_nonce
from bridge.errors import BridgeError
from bridge.model.ids import UserKey
from bridge.service.ports import Once

KEPT: Final = timedelta(minutes=10)
_PURPOSE: Final = "undo"


class Undo:
    """Keeps, sealed, how things were; each under the nonce of the card that offers to take them back."""

    def __init__(self, once: Once, subject: Subject) -> None:
        self._once = once
        self._subject = subject

    async def changed(self, turn: Turn, text: str, before: Mapping[str, object], more: Sequence[str] = ()) -> Reply:
        """Say what was changed, with a way back; without one, if it cannot be remembered."""
        nonce = new_nonce()
        try:
            await self.keep(turn.user, nonce, before)
        except BridgeError:
            return Reply(plain(text), turn.cards.notice(text))
        return Reply(plain(text), turn.cards.changed(text, nonce, more))

    async def keep(self, user: UserKey, nonce: str, before: Mapping[str, object]) -> None:
        """Remember how it was. Raises ``Unavailable``."""
        await self._once.keep(_PURPOSE, self._place(user, nonce), before, KEPT)

    async def take(self, user: UserKey, nonce: str) -> Mapping[str, object] | None:
        """Give it to the first who asks; ``None`` when the time is over or it was taken back."""
        return await self._once.take(_PURPOSE, self._place(user, nonce))

    def _place(self, user: UserKey, nonce: str) -> str:
        return f"{self._subject(user)}/{nonce}"
