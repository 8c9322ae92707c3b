"""The simulated Bot Connector: takes what a bot sends, edits and deletes, and records all of it.

It accepts only the token that the simulated Entra gave the bot's own registration in its home tenant, as the real one does
for a single-tenant registration.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import web

from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.conversations import Activity, Conversation, Conversations
from infra.simulator.microsoft.keys import Claims
from infra.simulator.microsoft.ledger import Ledger, Recorded
from infra.simulator.microsoft.limits import PER_CONVERSATION, PER_TENANT, RateLimiter, retry_after
from infra.simulator.microsoft.misbehaviour import Fault, Misbehaviour
from infra.simulator.microsoft.population import Population, User
from infra.simulator.microsoft.tokens import CONNECTOR_AUDIENCE, EntraMint

MESSAGE_LIMIT = 100 * 1024
"""Bytes of one message with its cards, counted as UTF-16."""

_DEFAULT_CODES = {
    403: "MessageWritesBlocked",
    404: "ConversationNotFound",
    412: "PreconditionFailed",
    413: "MessageSizeTooBig",
    429: "TooManyRequests",
    502: "BadGateway",
}


def connector_error(code: str, message: str) -> dict[str, Any]:
    """The error body of the connector."""
    return {"error": {"code": code, "message": message}}


def fault_body(fault: Fault) -> dict[str, Any]:
    """The body of an ordered failure of the connector."""
    code = fault.code or _DEFAULT_CODES.get(fault.status or 0, "ServiceError")
    return connector_error(code, "Ordered by the simulator's operator.")


class Refusal(Exception):
    """The connector's answer to a request that it does not carry out."""

    def __init__(self, status: int, code: str, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.wait = status, code, message, wait

    def response(self) -> web.Response:
        """The HTTP answer."""
        headers = {} if self.wait is None else {"Retry-After": retry_after(self.wait)}
        return web.json_response(connector_error(self.code, self.message), status=self.status, headers=headers)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the token check."""

    request: web.Request
    operation: str
    conversation: Conversation | None
    body: Activity | None


Work = Callable[[Call], Awaitable[web.Response]]


class Connector(Ledger):
    """The bot's way into the chat.

    Attributes:
        faults: what goes wrong on command; places are operation names, conversation ids, user ids and tenant ids.
        enforce_limits: switches the published limits on (429 with Retry-After).
    """

    def __init__(
        self, mint: EntraMint, population: Population, conversations: Conversations, home_tenant: str, clock: Clock
    ) -> None:
        super().__init__()
        self._mint = mint
        self._population = population
        self._conversations = conversations
        self._home_tenant = home_tenant
        self._clock = clock
        self._sequence = 0
        self.faults = Misbehaviour(fault_body)
        self.enforce_limits = False
        self._per_conversation = RateLimiter(PER_CONVERSATION, clock)
        self._per_tenant = RateLimiter(PER_TENANT, clock)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The connector's routes below a path prefix such as `/emea`."""
        conversation = f"{prefix}/v3/conversations/{{conversation}}"
        return [
            web.post(f"{prefix}/v3/conversations", self._handler("create", self._create)),
            web.post(f"{conversation}/activities", self._handler("send", self._send)),
            web.post(f"{conversation}/activities/{{activity}}", self._handler("send", self._send)),
            web.put(f"{conversation}/activities/{{activity}}", self._handler("edit", self._edit)),
            web.delete(f"{conversation}/activities/{{activity}}", self._handler("delete", self._delete)),
            web.get(f"{conversation}/members", self._handler("members", self._members)),
            web.get(f"{conversation}/pagedmembers", self._handler("members", self._paged_members)),
            web.get(f"{conversation}/members/{{member}}", self._handler("members", self._member)),
        ]

    def _handler(self, operation: str, work: Work) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            body = await read_json(request) if request.method in {"POST", "PUT"} else None
            conversation = self._conversations.find(request.match_info.get("conversation", ""))
            call = Call(request, operation, conversation, body)
            claims = self._claims(request)
            response = await self._answer(call, work) if claims is not None else denied()
            await self._record(call, claims, response)
            return response

        return handle

    async def _answer(self, call: Call, work: Work) -> web.Response:
        places = self._places(call)
        failed = await self.faults.meet(call.request, places)
        if failed is not None:
            return failed
        try:
            self._check_conversation(call)
            self._check_limits(call)
            response = await work(call)
        except Refusal as refusal:
            return refusal.response()
        return await self.faults.meet(call.request, places, after=True) or response

    def _places(self, call: Call) -> set[str]:
        if call.conversation is None:
            return {call.operation}
        user = call.conversation.user
        return {call.operation, call.conversation.id, user.id, user.tenant.id}

    def _claims(self, request: web.Request) -> Claims | None:
        """The claims of the bearer token when it is the bot's own; None otherwise."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            key = self._mint.keys.find(jwt.get_unverified_header(token).get("kid"))
            if key is None or scheme.lower() != "bearer":
                return None
            options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
            claims = jwt.decode(
                token, key.private.public_key(), algorithms=["RS256"], audience=CONNECTOR_AUDIENCE, options=options
            )
        except jwt.PyJWTError:
            return None
        own = claims.get("appid") == self._mint.app_id and claims.get("tid") == self._home_tenant
        return claims if own and claims["exp"] > self._clock.now() else None

    async def _record(self, call: Call, claims: Claims | None, response: web.Response) -> None:
        activity_id = call.request.match_info.get("activity")
        if call.operation == "send" and response.status < 300 and isinstance(response.body, bytes):
            activity_id = json.loads(response.body)["id"]
        conversation_id = call.request.match_info.get("conversation")
        now = asyncio.get_running_loop().time()
        await self.note(Recorded(now, call.operation, conversation_id, activity_id, call.body, claims, response.status))

    def _check_conversation(self, call: Call) -> None:
        if call.operation == "create":
            return
        if call.conversation is None:
            raise Refusal(404, "ConversationNotFound", "Conversation not found.")
        if not call.conversation.installed:
            raise Refusal(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")

    def _check_limits(self, call: Call) -> None:
        if not self.enforce_limits or call.conversation is None:
            return
        tenant, thread = call.conversation.user.tenant.id, f"{call.operation}:{call.conversation.id}"
        wait = max(self._per_tenant.wait_for(tenant), self._per_conversation.wait_for(thread))
        if wait > 0:
            raise Refusal(429, "TooManyRequests", "Request rate is over the limit.", wait=wait)
        self._per_tenant.count(tenant)
        self._per_conversation.count(thread)

    async def _create(self, call: Call) -> web.Response:
        body = call.body or {}
        user = self._first_member(body)
        tenant_id = body.get("tenantId") or ((body.get("channelData") or {}).get("tenant") or {}).get("id")
        if tenant_id != user.tenant.id:
            raise Refusal(403, "BotNotInConversationRoster", "The member does not belong to this tenant.")
        conversation = self._conversations.of(user)
        if not conversation.installed:
            raise Refusal(403, "ForbiddenOperationException", "The bot is not installed in the user's personal scope.")
        base = str(call.request.url.origin())
        return web.json_response({"id": conversation.id, "activityId": None, "serviceUrl": f"{base}/emea/"}, status=201)

    def _first_member(self, body: Activity) -> User:
        members = body.get("members")
        if not isinstance(members, list) or len(members) != 1 or not isinstance(members[0], dict):
            raise Refusal(400, "BadArgument", "A personal conversation has exactly one member.")
        member_id = str(members[0].get("id"))
        try:
            user = self._population.user(member_id)
        except KeyError:
            raise Refusal(403, "BotNotInConversationRoster", "Unknown member.") from None
        if member_id not in {user.id, user.channel_id}:
            raise Refusal(400, "BadArgument", "A member is named by its channel id or its Entra object id.")
        return user

    async def _send(self, call: Call) -> web.Response:
        conversation, activity = expect_message(call)
        activity_id = self._next_id()
        if activity.get("type") == "typing":
            conversation.tell("typing", {"conversationId": conversation.id})
        else:
            replied = call.request.match_info.get("activity") or activity.get("replyToId")
            conversation.add({**activity, "id": activity_id, "replyToId": replied}, by_bot=True)
        return web.json_response({"id": activity_id}, status=201)

    def _next_id(self) -> str:
        """Activity ids as Teams gives them: milliseconds since the epoch; never the same twice."""
        self._sequence = max(self._sequence + 1, int(self._clock.now() * 1000))
        return str(self._sequence)

    async def _edit(self, call: Call) -> web.Response:
        conversation, activity = expect_message(call)
        message = conversation.find(call.request.match_info["activity"])
        if message is None or message.deleted:
            raise Refusal(404, "ActivityNotFoundInConversation", "Activity not found.")
        if not message.by_bot:
            raise Refusal(403, "BotCannotEditMessage", "A bot edits its own messages only.")
        conversation.edit(message, activity)
        return web.json_response({"id": message.id})

    async def _delete(self, call: Call) -> web.Response:
        if call.conversation is None:
            raise Refusal(404, "ConversationNotFound", "Conversation not found.")
        message = call.conversation.find(call.request.match_info["activity"])
        if message is None or message.deleted or not message.by_bot:
            raise Refusal(404, "ActivityNotFoundInConversation", "Activity not found.")
        call.conversation.delete(message)
        return web.Response(status=200)

    async def _members(self, call: Call) -> web.Response:
        return web.json_response([] if call.conversation is None else [member(call.conversation.user)])

    async def _paged_members(self, call: Call) -> web.Response:
        return web.json_response({"members": [] if call.conversation is None else [member(call.conversation.user)]})

    async def _member(self, call: Call) -> web.Response:
        wanted = call.request.match_info["member"]
        if call.conversation is None or wanted not in {call.conversation.user.id, call.conversation.user.channel_id}:
            raise Refusal(404, "MemberNotFoundInConversation", "The member is not in the conversation.")
        return web.json_response(member(call.conversation.user))


def expect_message(call: Call) -> tuple[Conversation, Activity]:
    """The conversation and the activity of a send or an edit, or a refusal in the connector's words."""
    if call.conversation is None:
        raise Refusal(404, "ConversationNotFound", "Conversation not found.")
    if call.body is None or call.body.get("type") not in {"message", "typing"}:
        raise Refusal(400, "BadSyntax", "Activity type is missing or unknown.")
    if len(json.dumps(call.body, ensure_ascii=False).encode("utf-16-le")) > MESSAGE_LIMIT:
        raise Refusal(413, "MessageSizeTooBig", "Message size too large.")
    return call.conversation, call.body


def denied() -> web.Response:
    """The answer to a missing or foreign token; the real connector says it in these words."""
    body = {"message": "Authorization has been denied for this request."}
    return web.json_response(body, status=401, headers={"WWW-Authenticate": "Bearer"})


async def read_json(request: web.Request) -> Activity | None:
    """The request's JSON object; None when it is none."""
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def member(user: User) -> dict[str, Any]:
    """A person as the connector's roster shows them."""
    given, _, surname = user.name.partition(" ")
    return {
        "id": user.channel_id,
        "name": user.name,
        "givenName": given,
        "surname": surname,
        "objectId": user.id,
        "aadObjectId": user.id,
        "email": user.principal_name,
        "userPrincipalName": user.principal_name,
        "tenantId": user.tenant.id,
        "userRole": "user",
    }
