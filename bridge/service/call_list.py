"""The call list with everything that can be done to it: search, take off, call back, copy out.

A PBX restricts its list by direction, result, group and time, not by name or number; those are looked for here, page by page.
"""

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from bridge.errors import BadRequest, NotFound, NotOffered
from bridge.model.history import NO_GROUP, HistoryFilter, fits
from bridge.model.ids import CallId, PhoneId, UserKey
from bridge.model.numbers import dial_string
from bridge.model.telephony import HistoryEntry, HistoryPage
from bridge.service.control import Control
from bridge.service.lines import Line, Lines
from bridge.service.ports import Clock, Once, Sessions

MOST: Final = 10_000
"""Entries that are looked through, and copied out, at most: the newest ones."""
PIECE: Final = 500
"""Entries asked for at once; some 400 bytes of a PBX's answer each."""
_PBX_NO_GROUP: Final = "NON_GROUP"
_WAIT: Final = timedelta(seconds=10)


class CallList:
    """Every method raises ``SignedOut`` without a live sign-in and ``PbxPermission`` without the right to the list."""

    def __init__(self, *, lines: Lines, control: Control, sessions: Sessions, once: Once, clock: Clock) -> None:
        self._lines = lines
        self._control = control
        self._sessions = sessions
        self._once = once
        self._clock = clock

    async def page(self, user: UserKey, wanted: HistoryFilter, *, offset: int, limit: int) -> HistoryPage:
        """Give a page, newest first, and how many entries fit in all; with terms, of the newest :data:`MOST`."""
        if not wanted.terms:
            return await self._lines.use(user, lambda line: _piece(line, wanted, offset, limit))
        async with (
            self._once.slot("call_list", self._sessions.handle(user), 1, _WAIT),
            aclosing(self._pieces(user, wanted)) as pieces,
        ):
            found = [entry async for piece in pieces for entry in piece]
        return HistoryPage(tuple(found[offset : offset + limit]), len(found))

    async def copy(self, user: UserKey, wanted: HistoryFilter) -> AsyncGenerator[tuple[HistoryEntry, ...], None]:
        """Give the newest :data:`MOST` entries that fit, piece by piece."""
        async with (
            self._once.slot("call_list", self._sessions.handle(user), 1, _WAIT),
            aclosing(self._pieces(user, wanted)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def remove(self, user: UserKey, entry: str) -> None:
        """Take an entry off the list.

        Raises:
            NotFound: it is not there (any more).
        """

        async def take(line: Line) -> None:
            await self._entry(line, entry)
            await line.pbx.delete_history([entry])

        await self._lines.use(user, take)

    async def call_back(self, user: UserKey, entry: str, phone: PhoneId | None = None) -> CallId:
        """Call the other side of an entry; give the id of the call.

        Raises:
            NotFound: the entry is not there (any more).
            BadRequest: the other side showed no number.
            PbxBusy: the PBX refuses to place a call now.
        """
        wished = CallId(str(uuid.uuid4()))

        async def dial(line: Line) -> CallId:
            number = (await self._entry(line, entry)).remote.number
            if not number:
                raise BadRequest("the caller showed no number")
            try:
                placed = await line.pbx.call_back(entry, phone, wished)
            except NotOffered:
                placed = await line.pbx.place_call(dial_string(number, line.session.country), phone, wished)
            await self._control.expect(line, placed, number)
            return placed

        return await self._lines.use(user, dial)

    async def _pieces(self, user: UserKey, wanted: HistoryFilter) -> AsyncGenerator[tuple[HistoryEntry, ...], None]:
        """The whole list as it is now, bounded; calls that end meanwhile do not shift it."""
        asked = replace(wanted, before=wanted.before or self._clock.now())
        country = (await self._lines.open(user)).session.country
        offset, total = 0, 1
        while offset < min(total, MOST):
            start, size = offset, min(PIECE, MOST - offset)
            page = await self._lines.use(user, partial(_piece, wanted=asked, offset=start, limit=size))
            if not page.entries:
                return
            offset, total = offset + len(page.entries), page.total
            yield tuple(each for each in page.entries if not wanted.terms or fits(each, wanted.terms, country))

    async def _entry(self, line: Line, entry: str) -> HistoryEntry:
        offset, total = 0, 1
        while offset < min(total, MOST):
            page = await line.pbx.history(offset=offset, limit=PIECE)
            for each in page.entries:
                if each.id == entry:
                    return each
            offset, total = offset + max(1, len(page.entries)), page.total
        raise NotFound("no such entry in the call list")


async def _piece(line: Line, wanted: HistoryFilter, offset: int, limit: int) -> HistoryPage:
    return await line.pbx.history(
        direction=wanted.direction,
        result=wanted.result,
        group=_PBX_NO_GROUP if wanted.group == NO_GROUP else wanted.group,
        before=wanted.before,
        after=wanted.after,
        offset=offset,
        limit=limit,
    )
