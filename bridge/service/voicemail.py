"""Messages in a person's voicemail boxes: read, hear, move, delete."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bridge.errors import NotFound, PbxFault
from bridge.model.ids import UserKey
from bridge.model.spans import Span
from bridge.model.telephony import Mailbox, Voicemail
from bridge.service.lines import Line, Lines
from bridge.service.ports import Pbx, Recording

INBOX: Final = "INBOX"
MOST_WAITING: Final = 100
"""New messages are counted up to here."""
_PIECE, _MOST = 500, 2000


@dataclass(frozen=True, slots=True)
class VoicemailPage:
    """Boxes, a page of messages, and what waits."""

    boxes: tuple[Mailbox, ...]
    messages: tuple[Voicemail, ...]
    more: bool
    """There are messages after this page."""
    waiting: Mapping[str, int]
    """New messages by box, up to :data:`MOST_WAITING` in all."""


class Voicemails:
    """Every method raises ``SignedOut`` without a live sign-in and ``PbxPermission`` without the right to voicemail."""

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

    async def page(self, user: UserKey, *, mailbox: str, folder: str, offset: int, limit: int) -> VoicemailPage:
        """Give a page, newest first, with all boxes and what waits in them."""

        async def read(line: Line) -> VoicemailPage:
            boxes, found, new = await asyncio.gather(
                line.pbx.mailboxes(),
                line.pbx.voicemails(mailbox, folder, offset, limit + 1),
                line.pbx.voicemails("", INBOX, 0, MOST_WAITING),
            )
            waiting = Counter(message.mailbox for message in new)
            return VoicemailPage(boxes, found[:limit], len(found) > limit, waiting)

        return await self._lines.use(user, read)

    async def move(self, user: UserKey, message: str, folder: str) -> None:
        """Put a message into a folder.

        Raises:
            NotFound: the message is not there (any more).
        """

        async def put(line: Line) -> None:
            async with _of_message(line.pbx, message):
                await line.pbx.move_voicemail(message, folder)

        await self._lines.use(user, put)

    async def delete(self, user: UserKey, message: str) -> None:
        """Delete a message. Raises as :meth:`move`."""

        async def remove(line: Line) -> None:
            async with _of_message(line.pbx, message):
                await line.pbx.delete_voicemail(message)

        await self._lines.use(user, remove)

    @asynccontextmanager
    async def recording(self, user: UserKey, message: str, span: Span | None) -> AsyncIterator[Recording]:
        """Open what was recorded, or a part of it. Raises as :meth:`move`."""
        async with AsyncExitStack() as stack:

            async def begin(line: Line) -> Recording:
                async with _of_message(line.pbx, message):
                    return await stack.enter_async_context(line.pbx.recording(message, span))

            yield await self._lines.use(user, begin)


@asynccontextmanager
async def _of_message(pbx: Pbx, message: str) -> AsyncIterator[None]:
    """Turn a fault that explains nothing into ``NotFound`` when the PBX no longer lists the message."""
    try:
        yield
    except PbxFault:
        if await _is_listed(pbx, message):
            raise
        raise NotFound("no such message") from None


async def _is_listed(pbx: Pbx, message: str) -> bool:
    for offset in range(0, _MOST, _PIECE):
        found = await pbx.voicemails("", "", offset, _PIECE)
        if any(each.id == message for each in found):
            return True
        if len(found) < _PIECE:
            return False
    return False
