"""Recordings of voicemail messages: from wherever a PBX says they lie, but only ever from the mapped PBX itself.

How a PBX hands them out is not public beyond the names of two requests (UCI reference, sections 4.11 and 13). Of the address that
it names only the path counts: host, port and protection are those that an administrator mapped. Where the address by itself is
refused, the credentials of every other request are added; where that is refused too, the file is asked for as part of an answer.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from bridge.errors import BridgeError, NotFound, NotOffered
from bridge.model.pbx import PbxEntry
from bridge.model.spans import Span, read_content_range
from bridge.service.ports import Recording
from bridge.starface.errors import (
    AnswerHtml,
    AnswerHttpError,
    AnswerRedirected,
    AnswerTooLarge,
    AnswerUnexpected,
    PbxStarting,
)
from bridge.starface.net import Wire
from bridge.starface.services import VoicemailListService

MOST: Final = 64 * 1024 * 1024
"""Bytes of a recording: an hour and more in telephone quality."""
_LONGEST_ADDRESS: Final = 2048
_SAFE: Final = "/-._~!$&'()*+,;=:@%"
_MEDIA: Final = {
    **dict.fromkeys(("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"), "audio/wav"),
    **dict.fromkeys(("audio/mpeg", "audio/mp3", "audio/x-mp3"), "audio/mpeg"),
    **dict.fromkeys(("audio/ogg", "application/ogg", "audio/opus"), "audio/ogg"),
}
_BY_NAME: Final = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "opus": "audio/ogg"}
_BY_BEGINNING: Final = {b"RIFF": "audio/wav", b"OggS": "audio/ogg", b"ID3": "audio/mpeg", b"\xff\xfb": "audio/mpeg"}
_ANY: Final = "application/octet-stream"
_NO_PIECES: Final[tuple[bytes, ...]] = ()


class Recordings:
    """Opens recordings of one person."""

    def __init__(
        self, wire: Wire, pbx: PbxEntry, service: VoicemailListService, credentials: Mapping[str, str]
    ) -> None:
        """``credentials``: the query parameters that say who asks."""
        self._wire = wire
        self._pbx = pbx
        self._service = service
        self._credentials = urlencode(credentials, quote_via=quote, safe="")

    @asynccontextmanager
    async def open(self, message: str, span: Span | None) -> AsyncIterator[Recording]:
        """Open a recording or a part of it.

        Raises:
            NotFound: there is no such file.
            NotOffered: the PBX hands out no recordings.
        """
        async with AsyncExitStack() as stack:
            response = await self._opened(stack, message, span)
            if response is None:
                yield _from_memory(await self._service.file(message), span)
            else:
                yield _from_response(response, span)

    async def _opened(self, stack: AsyncExitStack, message: str, span: Span | None) -> aiohttp.ClientResponse | None:
        try:
            path, query = _place(await self._service.file_url(message))
        except NotOffered:
            return None
        headers = {"Range": span.header} if span else {}
        for written in (query, "&".join(filter(None, (query, self._credentials)))):
            response = await stack.enter_async_context(self._wire.download(self._pbx, path, written, headers))
            if response.status not in {401, 403}:
                return response
            response.close()
        return None


def _place(address: str) -> tuple[str, str]:
    """Give path and query of the address that a PBX names, percent-encoded; its host is of no importance."""
    if not address or len(address) > _LONGEST_ADDRESS or not address.isprintable():
        raise AnswerUnexpected("the PBX names no address of a recording")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise AnswerUnexpected("the PBX names no address of a recording") from None
    return "/" + quote(parts.path.lstrip("/"), safe=_SAFE), quote(parts.query, safe=_SAFE + "?")


def _from_response(response: aiohttp.ClientResponse, span: Span | None) -> Recording:
    if refusal := _refusal(response):
        raise refusal
    media, length = _media(response), response.content_length
    if response.status == 416:
        return Recording(416, media, 0, 0, None, _nothing())
    if (length or 0) > MOST:
        raise AnswerTooLarge("the recording is too large")
    part = read_content_range(response.headers.get("Content-Range", "")) if response.status == 206 else None
    if response.status == 206 and part is None:
        raise AnswerUnexpected("a part of a recording that does not say which")
    if part is not None:
        return Recording(206, media, part[0], part[1], part[2], _pieces(response, 0, part[1]))
    if span is None or length is None:
        return Recording(200, media, 0, length, length, _pieces(response, 0, length))
    return _cut(span, media, length, lambda first, size: _pieces(response, first, size))


def _from_memory(content: bytes, span: Span | None) -> Recording:
    if not content:
        raise NotFound("there is no recording")
    media = next((kind for start, kind in _BY_BEGINNING.items() if content.startswith(start)), _ANY)
    if span is None:
        return Recording(200, media, 0, len(content), len(content), _whole(content))
    return _cut(span, media, len(content), lambda first, size: _whole(content[first : first + size]))


def _cut(span: Span, media: str, total: int, pieces: Callable[[int, int], AsyncIterator[bytes]]) -> Recording:
    """Cut a part out of a whole file, for a PBX that gives no parts."""
    found = span.within(total)
    if found is None:
        return Recording(416, media, 0, 0, total, _nothing())
    return Recording(206, media, *found, total, pieces(*found))


async def _pieces(response: aiohttp.ClientResponse, skip: int, size: int | None) -> AsyncIterator[bytes]:
    """Bytes of a body after the first ``skip``, ``size`` of them, and never more than a recording has.

    Raises:
        AnswerTooLarge: also when more comes than was announced.
    """
    left, seen = MOST if size is None else size, 0
    async for piece in response.content.iter_any():
        seen += len(piece)
        if seen > MOST:
            raise AnswerTooLarge("the recording is too large")
        wanted = piece[max(0, skip - (seen - len(piece))) :][:left]
        left -= len(wanted)
        if wanted:
            yield wanted
        if left <= 0:
            response.close()
            return


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _nothing() -> AsyncIterator[bytes]:
    for piece in _NO_PIECES:
        yield piece


def _media(response: aiohttp.ClientResponse) -> str:
    """Give the type from what the PBX says or, where that says nothing, from the file's name."""
    said = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return _MEDIA.get(said) or _BY_NAME.get(response.url.path.rpartition(".")[2].lower(), _ANY)


def _refusal(response: aiohttp.ClientResponse) -> BridgeError | None:
    match response.status:
        case 404 | 410:
            return NotFound("there is no recording")
        case 502 | 503 | 504:
            return PbxStarting("nothing stands behind the PBX's front end")
        case status if 300 <= status < 400:
            return AnswerRedirected("a redirect")
        case status if status >= 400 and status != 416:
            return AnswerHttpError(f"HTTP {status}")
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        return AnswerHtml("a page instead of a recording")
    return None
