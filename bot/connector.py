"""Sending to the chat: one pooled HTTP session, listed hosts only, our own token, deadlines, bounded tries.

Statuses and limits: Teams platform notes, section 5.4. Nothing is sent twice that may have arrived: after a lost answer a
new message is not repeated, an edit or a deletion is.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.gates import HostList, TokenSource
from bridge.errors import BridgeError
from bridge.logs import logger
from bridge.secret import Secret

REQUEST_DEADLINE = 5.0
"""Seconds for one try."""
BUDGET = 15.0
"""Seconds for a message with all its tries and waits."""
TRIES = 4
FIRST_WAIT, LONGEST_WAIT = 0.25, 4.0
AT_ONCE = 64
"""Requests under way; a person's own messages never wait for one another here, only for a free place."""
MAXIMUM_ANSWER = 64 * 1024
WORTH_ANOTHER_TRY = frozenset({412, 429, 502, 503, 504})
BLOCKED_CODES = frozenset({"MessageWritesBlocked", "ConversationBlockedByUser", "BotNotInConversationRoster"})

_log = logger(__name__)


class DeliveryFailed(Exception):
    """A message did not get through. ``status`` is the connector's, 0 without an answer."""

    def __init__(self, status: int = 0, code: str = "") -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.code = code


class HostRefused(DeliveryFailed):
    """The service URL is not one to which our token may go; nothing was sent."""


class WritesBlocked(DeliveryFailed):
    """The person has blocked or removed the bot: do not try again until they write."""


class MessageGone(DeliveryFailed):
    """The conversation or the message to be edited is not there (any more)."""


class MessageTooBig(DeliveryFailed):
    """The message with its cards is over the channel's limit."""


class Throttled(DeliveryFailed):
    """Too many messages, and the wait asked for does not fit into the budget. ``retry_after`` in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(429)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: Mapping[str, object]
    retry_after: float | None = None

    @property
    def code(self) -> str:
        error = self.body.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return code if isinstance(code, str) else ""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One request; ``repeatable`` when a second arrival does no harm."""

    method: str
    url: URL
    body: bytes | None
    repeatable: bool


class Connector:
    """Sends, edits and deletes activities.

    ``deadline`` is that of one try, in seconds, ``tries`` how often at most; ``pause`` and ``clock`` (monotonic seconds) can be
    replaced by moved time.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tokens: TokenSource,
        hosts: HostList,
        *,
        deadline: float = REQUEST_DEADLINE,
        tries: int = TRIES,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._hosts = hosts
        self._deadline = deadline
        self._tries = tries
        self._pause = pause
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    async def send(self, service_url: str, conversation: str, activity: Mapping[str, object]) -> str:
        """Post an activity; give its id."""
        url = self._url(service_url, "conversations", conversation, "activities")
        return _id(await self._deliver(_Parcel("POST", url, _written(activity), repeatable=False)))

    async def edit(self, service_url: str, conversation: str, activity_id: str, activity: Mapping[str, object]) -> None:
        """Replace an activity in its place."""
        url = self._url(service_url, "conversations", conversation, "activities", activity_id)
        await self._deliver(_Parcel("PUT", url, _written(activity), repeatable=True))

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> None:
        """Remove an activity."""
        url = self._url(service_url, "conversations", conversation, "activities", activity_id)
        await self._deliver(_Parcel("DELETE", url, None, repeatable=True))

    async def open_conversation(self, service_url: str, *, bot: str, person: str, tenant: str) -> str:
        """Open the personal chat with somebody by their Entra object id; give the conversation's id."""
        body = {
            "isGroup": False,
            "bot": {"id": bot},
            "members": [{"id": person}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        url = self._url(service_url, "conversations")
        return _id(await self._deliver(_Parcel("POST", url, _written(body), repeatable=True)))

    def _url(self, service_url: str, *path: str) -> URL:
        if not self._hosts.admit(service_url):
            raise HostRefused
        return URL("/".join((service_url.rstrip("/"), "v3", *(quote(part, safe="") for part in path))), encoded=True)

    async def _deliver(self, parcel: _Parcel) -> _Answer:
        """Try until it is done, refused for good, or the budget is used up."""
        ends_at = self._clock() + BUDGET
        for tried in range(1, self._tries + 1):
            answer = await self._try(parcel)
            if 200 <= answer.status < 300:
                return answer
            wait = self._wait(parcel, answer, tried)
            if wait is None or tried == self._tries or self._clock() + wait > ends_at:
                raise _failure(answer)
            _log.info("delivery_tried_again", status=answer.status, attempt=tried)
            await self._pause(wait)
        raise DeliveryFailed

    def _wait(self, parcel: _Parcel, answer: _Answer, tried: int) -> float | None:
        """Seconds until the next try, or ``None`` if there is to be none."""
        if answer.status == 401 and tried == 1:
            return 0.0  # the token has been given back; the next one is fresh
        if answer.status == 0 and not parcel.repeatable:
            return None
        if answer.status not in WORTH_ANOTHER_TRY and answer.status != 0:
            return None
        wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**tried))  # noqa: S311 - spreads tries, hides nothing
        return max(wait, answer.retry_after or 0.0)

    async def _try(self, parcel: _Parcel) -> _Answer:
        try:
            token = await self._tokens.get()
        except BridgeError:
            raise DeliveryFailed from None
        try:
            async with asyncio.timeout(self._deadline), self._places:
                answer = await self._request(parcel, token)
        except aiohttp.ClientConnectorError:
            return _Answer(503, {})  # no connection was made, so nothing can have arrived
        except (aiohttp.ClientError, TimeoutError):
            return _Answer(0, {})
        if answer.status == 401:
            self._tokens.reject(token)
        return answer

    async def _request(self, parcel: _Parcel, token: Secret) -> _Answer:
        headers = {"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"}
        async with self._http.request(
            parcel.method, parcel.url, data=parcel.body, headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.content.read(MAXIMUM_ANSWER)
            return _Answer(answer.status, _read(body), _seconds(answer.headers.get("Retry-After")))


def _written(activity: Mapping[str, object]) -> bytes:
    return json.dumps(activity, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _read(body: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _seconds(header: str | None) -> float | None:
    """Read a Retry-After in seconds; the form with a date is not used by the connector."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def _id(answer: _Answer) -> str:
    value = answer.body.get("id")
    return value if isinstance(value, str) else ""


def _failure(answer: _Answer) -> DeliveryFailed:
    match answer.status:
        case 403 if answer.code in BLOCKED_CODES:
            return WritesBlocked(403, answer.code)
        case 404:
            return MessageGone(404, answer.code)
        case 413:
            return MessageTooBig(413, answer.code)
        case 429:
            return Throttled(answer.retry_after or 0.0)
        case _:
            return DeliveryFailed(answer.status, answer.code)
