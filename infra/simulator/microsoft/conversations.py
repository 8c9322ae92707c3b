"""The personal chats between people and the bot: what was said, what was edited, who is listening.

A conversation is kept as the person would see it; every change is told to the readers of its stream.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.population import Population, User

Activity = dict[str, Any]

MESSAGES_KEPT = 400
READER_QUEUE = 500


@dataclass
class Message:
    """One entry of a chat. `activity` is its newest form, `versions` all forms in the order in which they came."""

    id: str
    by_bot: bool
    activity: Activity
    at: str
    versions: list[Activity] = field(default_factory=list)
    deleted: bool = False

    def as_json(self) -> dict[str, Any]:
        """The entry for the shell and for the control interface."""
        return {
            "id": self.id,
            "from": "bot" if self.by_bot else "user",
            "at": self.at,
            "activity": self.activity,
            "edits": len(self.versions) - 1,
            "deleted": self.deleted,
        }


class Conversation:
    """One chat between a person and the bot.

    Attributes:
        installed: whether the person has the app; the bot may write only then.
    """

    def __init__(self, user: User, clock: Clock) -> None:
        digest = hashlib.sha256(f"chat:{user.tenant.id}:{user.id}".encode()).hexdigest()
        self.id = f"a:1{digest[:56]}"
        self.user = user
        self.installed = False
        self._clock = clock
        self._messages: deque[Message] = deque(maxlen=MESSAGES_KEPT)
        self._readers: set[asyncio.Queue[dict[str, Any]]] = set()
        self._sequence = 0

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything that is kept of the chat, oldest first, deleted entries included."""
        return tuple(self._messages)

    def find(self, message_id: str) -> Message | None:
        """The entry with this activity id."""
        return next((message for message in reversed(self._messages) if message.id == message_id), None)

    def add(self, activity: Activity, *, by_bot: bool) -> Message:
        """Append an entry and tell the readers."""
        message = Message(activity["id"], by_bot, activity, self._clock.timestamp(), [activity])
        self._messages.append(message)
        self.tell("message", message.as_json())
        return message

    def edit(self, message: Message, activity: Activity) -> None:
        """Give an entry its new form, in its old place."""
        message.activity = {**activity, "id": message.id}
        message.versions.append(message.activity)
        self.tell("update", message.as_json())

    def delete(self, message: Message) -> None:
        """Take an entry away; its place stays known."""
        message.deleted = True
        self.tell("delete", message.as_json())

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Hand a change to every reader; one that has fallen too far behind is given a fresh start instead."""
        self._sequence += 1
        event = {"id": self._sequence, "event": kind, "data": data}
        for queue in self._readers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(self._snapshot())
            else:
                queue.put_nowait(event)

    def as_json(self) -> dict[str, Any]:
        """The whole chat as the shell shows it."""
        return {
            "conversationId": self.id,
            "userId": self.user.id,
            "installed": self.installed,
            "messages": [message.as_json() for message in self._messages],
        }

    def _snapshot(self) -> dict[str, Any]:
        return {"id": self._sequence, "event": "snapshot", "data": self.as_json()}

    async def changes(self) -> AsyncGenerator[dict[str, Any], None]:
        """First a `snapshot`, then `message`, `update`, `delete`, `typing` and `installation` as they happen."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(READER_QUEUE)
        queue.put_nowait(self._snapshot())
        self._readers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._readers.discard(queue)


class Conversations:
    """All chats of the simulated cloud, one for each person."""

    def __init__(self, population: Population, clock: Clock) -> None:
        chats = [Conversation(user, clock) for user in population.users]
        self._by_user = {chat.user.id: chat for chat in chats}
        self._by_id = {chat.id: chat for chat in chats}

    def of(self, user: User) -> Conversation:
        """The chat of a person; it exists from the start, without entries."""
        return self._by_user[user.id]

    def find(self, conversation_id: str) -> Conversation | None:
        """The chat with this conversation id."""
        return self._by_id.get(conversation_id)
