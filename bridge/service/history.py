"""The call list of a person, as the PBX keeps it."""

from bridge.model.ids import UserKey
from bridge.model.telephony import Direction, HistoryEntry, HistoryPage
from bridge.service.lines import Lines


class History:
    """Reads and shortens the call list; every method raises ``SignedOut`` without a live sign-in."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def page(
        self, user: UserKey, *, direction: str = "", result: str = "", offset: int = 0, limit: int = 50
    ) -> HistoryPage:
        """Give a page, newest first. ``direction``: ``inbound`` or ``outbound``; ``result``: ``answered`` or ``missed``."""
        return await self._lines.use(
            user,
            lambda line: line.pbx.history(direction=direction, result=result, offset=offset, limit=limit),
        )

    async def missed(self, user: UserKey, limit: int = 50) -> HistoryPage:
        """Give the calls that nobody took."""
        return await self.page(user, direction=Direction.INBOUND, result="missed", limit=limit)

    async def last_dialled(self, user: UserKey) -> HistoryEntry | None:
        """Give the newest outgoing call that has a number."""
        page = await self.page(user, direction=Direction.OUTBOUND, limit=10)
        return next((entry for entry in page.entries if entry.remote.number), None)

    async def delete(self, user: UserKey, entry: str) -> None:
        """Take an entry off the list; one that is gone already is no error."""
        await self._lines.use(user, lambda line: line.pbx.delete_history([entry]))
