"""The simulated chat channel: its published keys, and the activities that it posts to the bot."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from infra.simulator.microsoft.activities import ActivityWriter, execute_value, query_value, task_value
from infra.simulator.microsoft.conversations import Activity, Conversation, Conversations
from infra.simulator.microsoft.identity import identity_error
from infra.simulator.microsoft.misbehaviour import Misbehaviour
from infra.simulator.microsoft.population import User
from infra.simulator.microsoft.tokens import ChannelMint

ENDORSEMENTS = ["msteams"]
PATIENCE = 15.0
"""Seconds that Teams waits for a bot's answer."""
QUERY_PATIENCE = 5.0
"""Seconds that Teams waits for the answer to a search."""
DELIVERIES_KEPT = 20_000
ANSWER_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one activity that was posted to the bot.

    `status` is 0 when there was no HTTP answer (refused, cut, too late); `body` is the decoded JSON answer, or the text
    when it is no JSON, or None when it is empty. `seconds` is the time until the answer.
    """

    activity: Activity
    status: int
    body: Any
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether the bot took it."""
        return 200 <= self.status < 300


class Channel:
    """Posts what people do in the chat to the bot.

    Attributes:
        endpoint: where the bot listens; None until somebody sets it.
        fetches: how often `metadata` and `keys` were asked for.
        faults: what goes wrong with the published metadata and keys; places are `metadata` and `keys`.
        deliveries: everything that was posted with what came back, oldest first.
        repeats: how often Teams posts the same activity again when the bot fails to take it.
    """

    def __init__(
        self, base: str, mint: ChannelMint, writer: ActivityWriter, conversations: Conversations, endpoint: str | None
    ) -> None:
        self._base = base
        self._mint = mint
        self._writer = writer
        self._conversations = conversations
        self._http: aiohttp.ClientSession | None = None
        self.endpoint = endpoint
        self.fetches: Counter[str] = Counter()
        self.faults = Misbehaviour(identity_error)
        self.deliveries: deque[Delivery] = deque(maxlen=DELIVERIES_KEPT)
        self.endorsements = list(ENDORSEMENTS)
        self.repeats = 0

    async def start(self) -> None:
        """Open the connections to the bot."""
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """Close the connections to the bot."""
        if self._http is not None:
            await self._http.close()

    # Published keys

    def routes(self) -> list[web.RouteDef]:
        """OpenID metadata and keys of the channel."""
        return [
            web.get("/channel/v1/.well-known/openidconfiguration", self._metadata),
            web.get("/channel/v1/.well-known/keys", self._keys),
        ]

    async def _metadata(self, request: web.Request) -> web.Response:
        self.fetches["metadata"] += 1
        failed = await self.faults.meet(request, {"metadata"})
        return failed or web.json_response(
            {
                "issuer": self._mint.issuer,
                "authorization_endpoint": "https://invalid.example/",
                "jwks_uri": f"{self._base}/channel/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _keys(self, request: web.Request) -> web.Response:
        self.fetches["keys"] += 1
        failed = await self.faults.meet(request, {"keys"})
        keys = [key.published(endorsements=self.endorsements) for key in self._mint.keys.keys]
        return failed or web.json_response({"keys": keys})

    # What people do

    def conversation(self, user: User) -> Conversation:
        """The person's chat with the bot."""
        return self._conversations.of(user)

    async def install(self, user: User) -> list[Delivery]:
        """Add the app for a person: Teams tells the bot with two activities, installationUpdate and conversationUpdate."""
        chat = self.conversation(user)
        chat.installed = True
        chat.tell("installation", {"installed": True})
        return [
            await self.deliver(self._writer.installation(user, chat.id, "add")),
            await self.deliver(self._writer.members_added(user, chat.id)),
        ]

    async def uninstall(self, user: User) -> Delivery:
        """Remove the app for a person; from now on the connector refuses the bot's messages to them."""
        chat = self.conversation(user)
        chat.installed = False
        chat.tell("installation", {"installed": False})
        return await self.deliver(self._writer.installation(user, chat.id, "remove"))

    async def say(self, user: User, text: str, **fields: Any) -> Delivery:
        """A person types a message; `fields` add to the activity or replace parts of it (`locale`, `replyToId` …)."""
        return await self._post_message(user, self._writer.message(user, self.conversation(user).id, text, **fields))

    async def submit(self, user: User, value: object, reply_to: str) -> Delivery:
        """A person clicks Action.Submit of the card in message `reply_to`."""
        return await self.deliver(self._writer.card_submission(user, self.conversation(user).id, value, reply_to))

    async def _post_message(self, user: User, activity: Activity) -> Delivery:
        self.conversation(user).add(activity, by_bot=False)
        return await self.deliver(activity)

    async def invoke(self, user: User, name: str, value: object, reply_to: str | None = None) -> Delivery:
        """Post an invoke of any name; the answer is in the delivery's `body`."""
        chat = self.conversation(user)
        patience = QUERY_PATIENCE if name.startswith("composeExtension/") else PATIENCE
        return await self.deliver(self._writer.invoke(user, chat.id, name, value, reply_to), patience=patience)

    async def execute(self, user: User, verb: str, data: object, reply_to: str, *, trigger: str = "manual") -> Delivery:
        """A person clicks Action.Execute of the card in message `reply_to`."""
        return await self.invoke(user, "adaptiveCard/action", execute_value(verb, data, trigger=trigger), reply_to)

    async def fetch_task(self, user: User, data: object, reply_to: str | None = None) -> Delivery:
        """A person clicks a button that opens a dialog."""
        return await self.invoke(user, "task/fetch", task_value(data), reply_to)

    async def submit_task(self, user: User, data: object) -> Delivery:
        """A person finishes a dialog."""
        return await self.invoke(user, "task/submit", task_value(data))

    async def query(self, user: User, command_id: str, text: str) -> Delivery:
        """A person types into the search extension."""
        return await self.invoke(user, "composeExtension/query", query_value(command_id, text))

    # Delivery

    async def deliver(self, activity: Activity, *, token: str | None = None, patience: float = PATIENCE) -> Delivery:
        """Post an activity, signed unless `token` is given; repeat it as Teams does if `repeats` says so."""
        delivery = await self._post(activity, token, patience)
        for _ in range(self.repeats):
            if delivery.accepted or 400 <= delivery.status < 500:
                break
            delivery = await self._post(activity, token, patience)
        return delivery

    async def repeat(self, delivery: Delivery, times: int = 1, *, at_once: bool = False) -> list[Delivery]:
        """Post the same activity again, with the same id and a fresh token, as Teams does after a lost answer."""
        posts = [self._post(delivery.activity, None, PATIENCE) for _ in range(times)]
        return list(await asyncio.gather(*posts)) if at_once else [await post for post in posts]

    async def _post(self, activity: Activity, token: str | None, patience: float) -> Delivery:
        if self._http is None or self.endpoint is None:
            return self._note(Delivery(activity, 0, "no bot endpoint", 0.0))
        loop = asyncio.get_running_loop()
        started = loop.time()
        headers = self.headers(activity, token)
        data = json.dumps(activity, ensure_ascii=False).encode()
        try:
            async with asyncio.timeout(patience), self._http.post(self.endpoint, data=data, headers=headers) as answer:
                status, body = answer.status, decoded(await read_bounded(answer.content))
        except (aiohttp.ClientError, TimeoutError) as error:
            status, body = 0, type(error).__name__
        return self._note(Delivery(activity, status, body, loop.time() - started))

    def headers(self, activity: Activity, token: str | None = None) -> dict[str, str]:
        """The headers of a genuine post."""
        return {
            "Authorization": f"Bearer {token or self._mint.token(activity['serviceUrl'])}",
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)",
            "x-ms-tenant-id": str(activity.get("conversation", {}).get("tenantId", "")),
        }

    def _note(self, delivery: Delivery) -> Delivery:
        self.deliveries.append(delivery)
        return delivery


async def read_bounded(stream: aiohttp.StreamReader) -> bytes:
    """Read to the end, but never more than ANSWER_LIMIT bytes."""
    body = bytearray()
    while len(body) < ANSWER_LIMIT and (chunk := await stream.read(ANSWER_LIMIT - len(body))):
        body += chunk
    return bytes(body)


def decoded(body: bytes) -> object:
    """JSON, or text, or None when empty."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
