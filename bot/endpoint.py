"""``POST /api/messages``: who may speak to the bot, what is an activity, what has been done already; then the turn.

An activity is taken only after token, channel, service URL, tenant and sender fit together. It is answered at once and worked
on afterwards, in the order of its conversation; invokes are answered with their result. What is refused causes nothing, least of
all a message.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity

from bot.activities import Incoming, read_incoming, to_activity
from bot.adapter import TeamsAdapter
from bot.caller import caller_of
from bot.dialogs import in_form_of
from bot.gates import ChannelTokens
from bot.handler import ChatHandler
from bot.lanes import Lanes
from bridge.errors import BadRequest, BridgeError, TenantUnknown, Unauthenticated, Unavailable
from bridge.logs import logger
from bridge.service.ports import Directory, Once
from bridge.texts import Catalogue

MAXIMUM_BODY = 256 * 1024
BODY_DEADLINE = 10.0
INVOKE_DEADLINE = 4.7
"""Seconds in which Teams wants the answer to a click; what takes longer goes on, and its card is edited."""
REMEMBERED = timedelta(minutes=10)
PATH = "/api/messages"
REPEATABLE = frozenset({"task/fetch", "task/submit", "composeExtension/query", "composeExtension/fetchTask"})
"""Invokes without an effect: a repeated one is simply answered again."""

_log = logger(__name__)
Answer = Callable[[], Awaitable[None]]


class _TooLarge(Exception):
    """The body is over the bound."""


class Messages:
    """The endpoint. It owns nothing; the lanes that work on what it takes are given."""

    def __init__(
        self,
        *,
        tokens: ChannelTokens,
        directory: Directory,
        once: Once,
        adapter: TeamsAdapter,
        handler: ChatHandler,
        lanes: Lanes,
        texts: Catalogue,
        invoke_deadline: float = INVOKE_DEADLINE,
    ) -> None:
        self._tokens = tokens
        self._directory = directory
        self._once = once
        self._adapter = adapter
        self._handler = handler
        self._lanes = lanes
        self._texts = texts
        self._invoke_deadline = invoke_deadline

    async def post(self, request: web.Request) -> web.Response:
        """Take one activity."""
        try:
            return await self._take(request)
        except _TooLarge:
            return refused(413, "too_large")
        except Unavailable as error:
            _log.warning("activity_not_taken", code=error.code, note=error.note)
            return refused(error.status, error.code, retry_after=5)
        except BridgeError as error:
            _log.info("activity_refused", status=error.status, code=error.code, note=error.note)
            return refused(error.status, error.code)
        except Exception as error:  # noqa: BLE001 - an unforeseen fault refuses the activity; Teams repeats it
            _log.error("activity_failed", error=type(error).__name__, exc_info=error)
            return refused(503, "unavailable", retry_after=5)

    async def _take(self, request: web.Request) -> web.Response:
        if (
            request.content_type != "application/json"
            or request.headers.get("Content-Encoding", "identity") != "identity"
        ):
            return refused(415, "unsupported_media_type")
        if (request.content_length or 0) > MAXIMUM_BODY:
            raise _TooLarge
        voucher = await self._tokens.check(request.headers.get("Authorization"))
        incoming = read_incoming(_decoded(await _body(request)))
        voucher.match(incoming.raw.get("channelId"), incoming.raw.get("serviceUrl"))
        activity = to_activity(incoming)
        if not await self._directory.knows(caller_of(activity).tenant):
            raise TenantUnknown
        if activity.type == "invoke":
            return await self._invoke(incoming, activity)
        return await self._accept(incoming, activity)

    async def _accept(self, incoming: Incoming, activity: Activity) -> web.Response:
        """Answer at once; an activity that was taken before is answered alike and causes nothing."""
        if await self._is_first(incoming) and not self._lanes.put(incoming.conversation, self._turn(activity)):
            await self._once.release("activity", _subject(incoming))
            raise Unavailable("too much work is waiting")
        return web.Response(status=202)

    async def _invoke(self, incoming: Incoming, activity: Activity) -> web.Response:
        """Answer with the result, or, when that takes long, with a sentence; the work goes on in its lane."""
        if activity.name not in REPEATABLE and not await self._is_first(incoming):
            return self._sentence(activity, "click-done")
        result: asyncio.Future[InvokeResponse | None] = asyncio.get_running_loop().create_future()
        if not self._lanes.put(f"invoke {incoming.id}", self._turn(activity, result)):
            await self._once.release("activity", _subject(incoming))
            raise Unavailable("too much work is waiting")
        try:
            async with asyncio.timeout(self._invoke_deadline):
                answer = await asyncio.shield(result)
        except TimeoutError:
            return self._sentence(activity, "click-working")
        if answer is None:
            return self._sentence(activity, "failed")
        return web.json_response(answer.body, status=answer.status)

    def _sentence(self, activity: Activity, name: str) -> web.Response:
        """Answer an invoke with a sentence, in the form that its kind wants."""
        text = self._texts.text(activity.locale, name)
        return web.json_response(in_form_of(activity.name or "", text))

    def _turn(self, activity: Activity, result: "asyncio.Future[InvokeResponse | None] | None" = None) -> Answer:
        async def turn() -> None:
            answer = None
            try:
                answer = await self._adapter.run(activity, self._logic)
            finally:
                if result is not None and not result.done():
                    result.set_result(answer)

        return turn

    async def _logic(self, context: TurnContext) -> None:
        await self._handler.on_turn(context)

    async def _is_first(self, incoming: Incoming) -> bool:
        return await self._once.claim("activity", _subject(incoming), REMEMBERED)


def _subject(incoming: Incoming) -> str:
    return f"{incoming.conversation}|{incoming.id}"


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > MAXIMUM_BODY:
                    raise _TooLarge
    except (TimeoutError, web.PayloadAccessError):
        raise BadRequest("the body did not arrive") from None
    return bytes(body)


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("the body is no JSON") from None


def refused(status: int, code: str, *, retry_after: int | None = None) -> web.Response:
    """An error answer in the channel's form."""
    headers = {"WWW-Authenticate": "Bearer"} if status == Unauthenticated.status else {}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web.json_response({"error": {"code": code}}, status=status, headers=headers)


def routes(messages: Messages) -> list[web.RouteDef]:
    """The chat face's routes."""
    return [web.post(PATH, messages.post)]
