"""Voicemail in the tab: boxes and messages, what was recorded, folders."""

import asyncio
from datetime import datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import BeforeValidator, Field, StringConstraints

from bridge.errors import BridgeError
from bridge.model.spans import read_span
from bridge.model.telephony import Voicemail
from bridge.service.ports import Recording
from bridge.service.voicemail import VoicemailPage, Voicemails
from tab.incoming import Incoming
from tab.operation import PBX, Operation
from tab.schema import Query, Remote, Shape, Sparse

LARGEST_PAGE: Final = 200
AUDIO: Final = "audio/*"
WRITE_PATIENCE: Final = 30.0
"""Seconds in which a listener takes a piece; one who takes none is gone."""

_ENDINGS: Final = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg"}
_lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
BoxId = Annotated[str, StringConstraints(max_length=128, pattern=r"^[\x20-\x7e]*$")]
Folder = Literal["inbox", "private", "old"]


class MailboxView(Shape):
    """A voicemail box. ``waiting``: new messages, counted up to 100 over all boxes."""

    id: str
    name: str
    waiting: int


class VoicemailView(Sparse):
    """One message; ``duration`` in seconds. Other words than ``inbox``, ``private`` and ``old`` name folders of that PBX."""

    id: str
    mailbox: str
    mailbox_name: str
    folder: str
    started_at: datetime | None = None
    duration: int
    remote: Remote


class VoicemailList(Shape):
    """Boxes, and a page of messages, newest first; ``more``: there are messages after it."""

    mailboxes: list[MailboxView]
    messages: list[VoicemailView]
    more: bool


class VoicemailQuery(Query):
    """Which messages: of one box or all, of one folder or all."""

    mailbox: BoxId = ""
    folder: Annotated[Literal["", "inbox", "private", "old"], _lower] = ""
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


class AudioQuery(Query):
    """``download=true``: to be saved as a file."""

    download: bool = False


class MoveRequest(Shape):
    """The folder to put a message into; one that was heard lies in ``old``."""

    folder: Folder


OPERATIONS: Final = (
    Operation(
        "list_voicemail", "GET", "/api/v1/voicemail", "Voicemail boxes and messages", query=VoicemailQuery,
        answer=VoicemailList, refusals=(*PBX, "not_found"), tag="voicemail",
    ),
    Operation(
        "hear_voicemail", "GET", "/api/v1/voicemail/{id}/audio",
        "What was recorded; with a Range header a part of it (206, or 416 when nothing of it is there)", query=AudioQuery,
        media=AUDIO, refusals=(*PBX, "not_found"), tag="voicemail", parameters=("id",),
    ),
    Operation(
        "move_voicemail", "PATCH", "/api/v1/voicemail/{id}", "Put a message into a folder", status=204, body=MoveRequest,
        refusals=(*PBX, "not_found"), tag="voicemail", parameters=("id",),
    ),
    Operation(
        "delete_voicemail", "DELETE", "/api/v1/voicemail/{id}", "Delete a message", status=204,
        refusals=(*PBX, "not_found"), tag="voicemail", parameters=("id",),
    ),
)  # fmt: skip


class VoicemailActs:
    """What the operations above do."""

    def __init__(self, voicemails: Voicemails) -> None:
        self._voicemails = voicemails

    async def list_voicemail(self, incoming: Incoming) -> VoicemailList:
        """GET /voicemail."""
        query: VoicemailQuery = incoming.query
        page = await self._voicemails.page(
            incoming.key, mailbox=query.mailbox, folder=query.folder.upper(), offset=query.offset, limit=query.limit
        )
        return _list(page)

    async def move_voicemail(self, incoming: Incoming) -> None:
        """PATCH /voicemail/{id}."""
        body: MoveRequest = incoming.body
        await self._voicemails.move(incoming.key, incoming.parameter, body.folder.upper())

    async def delete_voicemail(self, incoming: Incoming) -> None:
        """DELETE /voicemail/{id}."""
        await self._voicemails.delete(incoming.key, incoming.parameter)

    async def hear_voicemail(self, incoming: Incoming) -> web.StreamResponse:
        """GET /voicemail/{id}/audio."""
        query: AudioQuery = incoming.query
        span = read_span(incoming.request.headers.get("Range"))
        response: web.StreamResponse | None = None
        try:
            async with self._voicemails.recording(incoming.key, incoming.parameter, span) as recording:
                response = _response(recording, download=query.download)
                await response.prepare(incoming.request)
                async for piece in recording.pieces:
                    async with asyncio.timeout(WRITE_PATIENCE):
                        await response.write(piece)
        except (BridgeError, TimeoutError):
            if response is None or not response.prepared:
                raise
            if incoming.request.transport is not None:  # half a recording must not look like a whole one
                incoming.request.transport.abort()
        return response


def _response(recording: Recording, *, download: bool) -> web.StreamResponse:
    headers = {"Cache-Control": "no-store", "Accept-Ranges": "bytes", "Content-Type": recording.media}
    name = f"voicemail.{_ENDINGS.get(recording.media, 'bin')}"
    headers["Content-Disposition"] = f'attachment; filename="{name}"' if download else "inline"
    if recording.status == 206 and recording.size is not None:
        last, total = recording.first + recording.size - 1, "*" if recording.total is None else recording.total
        headers["Content-Range"] = f"bytes {recording.first}-{last}/{total}"
    elif recording.status == 416:
        headers["Content-Range"] = f"bytes */{'*' if recording.total is None else recording.total}"
    if recording.size is not None:
        headers["Content-Length"] = str(recording.size)
    return web.StreamResponse(status=recording.status, headers=headers)


def _list(page: VoicemailPage) -> VoicemailList:
    return VoicemailList(
        mailboxes=[
            MailboxView(id=box.id, name=box.name, waiting=page.waiting.get(box.id, 0)) for box in page.boxes if box.id
        ],
        messages=[_view(message) for message in page.messages],
        more=page.more,
    )


def _view(message: Voicemail) -> VoicemailView:
    return VoicemailView(
        id=message.id,
        mailbox=message.mailbox,
        mailbox_name=message.mailbox_name,
        folder=message.folder.lower(),
        started_at=message.started_at,
        duration=message.duration,
        remote=Remote(number=message.remote.number, name=message.remote.name),
    )
