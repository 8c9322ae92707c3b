"""Messages in a person's voicemail boxes."""

from bridge.model.ids import UserKey
from bridge.model.telephony import Mailbox, Voicemail
from bridge.service.lines import Lines


class Voicemails:
    """Reads the boxes; every method raises ``SignedOut`` without a live sign-in."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def boxes(self, user: UserKey) -> tuple[Mailbox, ...]:
        """Give the person's boxes."""
        return await self._lines.use(user, lambda line: line.pbx.mailboxes())

    async def messages(
        self, user: UserKey, *, mailbox: str = "", folder: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[Voicemail, ...]:
        """Give messages, newest first, of one box or all."""
        return await self._lines.use(
            user, lambda line: line.pbx.voicemails(mailbox=mailbox, folder=folder, offset=offset, limit=limit)
        )
