"""``POST /uci/<handle>.<secret>``: where PBXs post the events of a sign-in. Proves, decodes and hands over, within a second."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import StreamReader, web

from bridge.errors import BridgeError, NotFound, TooManyAttempts, Unauthenticated
from bridge.model.ids import UserHandle
from bridge.service.intake import Intake
from bridge.starface.push import answer_ok, decode_event
from bridge.starface.wire import EVENT_LIMIT, WireError

LOGIN: Final = "de.vertico.starface.user"
TOKEN: Final = "de.vertico.starface.auth"  # noqa: S105 - the name of a query parameter
PATIENCE: Final = 10.0
_LONGEST_PATH = 128


class Receiver:
    """The route for events of all PBXs. Refusals have constant bodies and tell nothing about what exists."""

    def __init__(self, intake: Intake, count: Callable[[str], None]) -> None:
        self._intake = intake
        self._count = count

    def routes(self) -> list[web.RouteDef]:
        """The one route; whatever path a PBX adds behind the place is not ours."""
        return [web.post("/uci/{place}", self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            return await self._taken(request)
        except (NotFound, Unauthenticated, TooManyAttempts) as error:
            self._count(error.code)
            return web.Response(status=error.status)
        except WireError:
            self._count("bad_request")
            return web.Response(status=400)
        except BridgeError as error:
            self._count(error.code)
            return web.Response(status=503, headers={"Retry-After": "1"})

    async def _taken(self, request: web.Request) -> web.Response:
        handle, dot, secret = request.match_info["place"].partition(".")
        if not dot or len(handle) + len(secret) > _LONGEST_PATH:
            raise NotFound
        body = await _body(request)
        _, event = decode_event(body)
        query = request.query
        await self._intake.receive(
            UserHandle(handle), secret, login=query.get(LOGIN), token=query.get(TOKEN), event=event
        )
        self._count("taken" if event is not None else "ignored")
        return web.Response(body=answer_ok(), content_type="text/xml", charset="utf-8")


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > EVENT_LIMIT:
        raise WireError("larger than an event is")
    content = request.content
    if content.is_eof():  # it came together with the head, as nearly all do
        body = content.read_nowait(EVENT_LIMIT + 1)
    else:
        body = await _late_body(content)
    if len(body) > EVENT_LIMIT:
        raise WireError("larger than an event is")
    return body


async def _late_body(content: StreamReader) -> bytes:
    try:
        async with asyncio.timeout(PATIENCE):
            body = await content.read(EVENT_LIMIT + 1)
            while len(body) <= EVENT_LIMIT and (more := await content.read(EVENT_LIMIT + 1 - len(body))):
                body += more
    except TimeoutError:
        raise WireError("an event that does not end") from None
    return body
