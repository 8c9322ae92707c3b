"""What a bot has asked of the connector: kept in order, looked at and waited for by tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from infra.simulator.microsoft.conversations import Activity
from infra.simulator.microsoft.keys import Claims

REQUESTS_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request of the bot: when, what, with which token, and how it was answered.

    `operation` is one of `create`, `send`, `edit`, `delete`, `members`. `at` is in seconds of the event loop's clock.
    """

    at: float
    operation: str
    conversation_id: str | None
    activity_id: str | None
    activity: Activity | None
    token: Claims | None
    status: int


class Ledger:
    """Every request of the bot in `requests`, refused ones included, oldest first."""

    def __init__(self) -> None:
        self._heard = asyncio.Condition()
        self.requests: deque[Recorded] = deque(maxlen=REQUESTS_KEPT)

    async def note(self, recorded: Recorded) -> None:
        """Keep a request and wake those who wait."""
        async with self._heard:
            self.requests.append(recorded)
            self._heard.notify_all()

    @property
    def sent(self) -> list[Recorded]:
        """The messages that were accepted, oldest first, typing indicators left out."""
        return [r for r in self._accepted("send") if r.activity is not None and r.activity.get("type") == "message"]

    @property
    def typing(self) -> list[Recorded]:
        """The typing indicators that were accepted."""
        return [r for r in self._accepted("send") if r.activity is not None and r.activity.get("type") == "typing"]

    @property
    def edits(self) -> list[Recorded]:
        """The edits that were accepted, oldest first."""
        return self._accepted("edit")

    @property
    def deletions(self) -> list[Recorded]:
        """The deletions that were accepted, oldest first."""
        return self._accepted("delete")

    def _accepted(self, operation: str) -> list[Recorded]:
        return [r for r in self.requests if r.operation == operation and r.status < 300]

    async def wait_for(self, condition: Callable[[Ledger], bool], *, within: float = 5.0) -> None:
        """Wait until the condition holds, looked at after each request of the bot.

        Raises:
            TimeoutError: it did not come true in `within` seconds.
        """
        async with asyncio.timeout(within), self._heard:
            await self._heard.wait_for(lambda: condition(self))

    async def wait_for_messages(self, count: int, *, within: float = 5.0) -> list[Recorded]:
        """Wait until the bot has sent at least `count` messages in all and return them."""
        await self.wait_for(lambda ledger: len(ledger.sent) >= count, within=within)
        return self.sent
