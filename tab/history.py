"""The call list in the tab: pages with filters, deletion, calling back, a copy as CSV."""

import csv
import io
import re
from collections.abc import Iterable
from contextlib import aclosing
from datetime import UTC
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from bridge.errors import BridgeError
from bridge.model.history import HistoryFilter
from bridge.model.telephony import HistoryEntry
from bridge.service.call_list import CallList
from bridge.texts import Catalogue, shared
from tab.incoming import Incoming
from tab.operation import PBX, Operation
from tab.schema import CallPlaced, Query, Remote, Shape, Sparse

LARGEST_PAGE: Final = 500
CSV: Final = "text/csv"
_COLUMNS: Final = ("started", "direction", "result", "number", "name", "group", "duration")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that a spreadsheet takes for a formula, or skips in search of one."""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


def _iso(value: object) -> object:
    """Refuse what is no ISO 8601: a bare number would be taken for seconds since 1970."""
    if isinstance(value, str) and not _DATE.match(value):
        raise ValueError("no ISO 8601")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_iso)]
_lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
Group = Annotated[str, StringConstraints(max_length=128, pattern=r"^[\x20-\x7e]*$")]
Terms = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$", strip_whitespace=True)]


class FilterQuery(Query):
    """Which calls; ``group`` is a group's id, or ``none`` for calls to oneself; times are ISO 8601 with a zone."""

    direction: Annotated[Literal["", "inbound", "outbound"], _lower] = ""
    result: Annotated[Literal["", "answered", "missed"], _lower] = ""
    group: Group = ""
    start: Moment | None = Field(default=None, alias="from")
    end: Moment | None = Field(default=None, alias="to")
    q: Terms = ""


class HistoryQuery(FilterQuery):
    """Which calls, and which page of them."""

    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


class HistoryEntryView(Sparse):
    """One call of the past. ``duration`` in seconds, ringing included; ``group`` is a group's id."""

    id: str
    direction: Literal["inbound", "outbound"]
    result: Literal["answered", "missed"]
    started_at: AwareDatetime | None = None
    duration: int
    remote: Remote
    group: str | None = None


class HistoryView(Shape):
    """A page, newest first, and how many calls fit in all."""

    entries: list[HistoryEntryView]
    total: int


OPERATIONS: Final = (
    Operation(
        "list_history", "GET", "/api/v1/history", "Calls of the past, newest first", query=HistoryQuery,
        answer=HistoryView, refusals=(*PBX, "not_found"), tag="history",
    ),
    Operation(
        "copy_history", "GET", "/api/v1/history.csv", "The newest 10,000 calls that fit, as a table", query=FilterQuery,
        media=CSV, refusals=(*PBX, "not_found"), tag="history",
    ),
    Operation(
        "delete_history_entry", "DELETE", "/api/v1/history/{id}", "Take a call off the list", status=204,
        refusals=(*PBX, "not_found"), tag="history", parameters=("id",),
    ),
    Operation(
        "call_back", "POST", "/api/v1/history/{id}/callback", "Call the other side of an entry", status=202,
        answer=CallPlaced, refusals=(*PBX, "not_found", "busy"), tag="history", parameters=("id",),
    ),
)  # fmt: skip


class HistoryActs:
    """What the operations above do."""

    def __init__(self, calls: CallList, texts: Catalogue | None = None) -> None:
        self._calls = calls
        self._texts = texts or shared()

    async def list_history(self, incoming: Incoming) -> HistoryView:
        """GET /history."""
        query: HistoryQuery = incoming.query
        page = await self._calls.page(incoming.key, _filter(query), offset=query.offset, limit=query.limit)
        return HistoryView(entries=[_view(entry) for entry in page.entries], total=page.total)

    async def delete_history_entry(self, incoming: Incoming) -> None:
        """DELETE /history/{id}."""
        await self._calls.remove(incoming.key, incoming.parameter)

    async def call_back(self, incoming: Incoming) -> CallPlaced:
        """POST /history/{id}/callback."""
        return CallPlaced(id=await self._calls.call_back(incoming.key, incoming.parameter))

    async def copy_history(self, incoming: Incoming) -> web.StreamResponse:
        """GET /history.csv."""
        async with aclosing(self._calls.copy(incoming.key, _filter(incoming.query))) as pieces:
            first = await anext(pieces, None) or ()  # with an empty tuple as its default, anext raises SystemError
            response = web.StreamResponse(headers={"Cache-Control": "no-store"})
            response.headers["Content-Disposition"] = 'attachment; filename="calls.csv"'
            response.content_type, response.charset = CSV, "utf-8"
            await response.prepare(incoming.request)
            try:
                await response.write(b"\xef\xbb\xbf" + self._table(incoming.language, first, heading=True))
                async for piece in pieces:
                    await response.write(self._table(incoming.language, piece))
            except BridgeError:  # half a table must not look like a whole one
                if incoming.request.transport is not None:
                    incoming.request.transport.abort()
            return response

    def _table(self, language: str, entries: Iterable[HistoryEntry], *, heading: bool = False) -> bytes:
        """Rows in the reader's words; a German spreadsheet separates by semicolon."""
        text = io.StringIO()
        table = csv.writer(text, delimiter=";" if language == "de" else ",")
        if heading:
            table.writerow([self._texts.text(language, f"column-{name}") for name in _COLUMNS])
        for entry in entries:
            table.writerow([guarded(value) for value in self._row(language, entry)])
        return text.getvalue().encode()

    def _row(self, language: str, entry: HistoryEntry) -> tuple[str, ...]:
        started = entry.started_at.astimezone(UTC).isoformat(timespec="seconds") if entry.started_at else ""
        words = (
            self._texts.text(language, f"direction-{entry.direction.value}"),
            self._texts.text(language, f"result-{_result(entry)}"),
        )
        return (started, *words, entry.remote.number, entry.remote.name, entry.group, str(entry.duration))


def guarded(value: str) -> str:
    """Give a cell that no spreadsheet calculates."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def _filter(query: FilterQuery) -> HistoryFilter:
    return HistoryFilter(query.direction, query.result, query.group, query.start, query.end, query.q)


def _result(entry: HistoryEntry) -> Literal["answered", "missed"]:
    return "answered" if entry.answered else "missed"


def _view(entry: HistoryEntry) -> HistoryEntryView:
    return HistoryEntryView(
        id=entry.id,
        direction=entry.direction.value,
        result=_result(entry),
        started_at=entry.started_at,
        duration=entry.duration,
        remote=Remote(number=entry.remote.number, name=entry.remote.name),
        group=entry.group or None,
    )
