"""Tells everybody who wants to know about a change: the feed (every tab of the person) and the listeners (the chat face)."""

from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.model.ids import UserKey
from bridge.model.messages import Change
from bridge.service.ports import Feed, NoticeListener

_log = logger(__name__)


class Announcer:
    """Publishes a change and hands it to the listeners. Announcing is comfort: its failure never undoes what happened."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._listeners: list[NoticeListener] = []

    def listen(self, listener: NoticeListener) -> None:
        """Add somebody who is told of every announced change."""
        self._listeners.append(listener)

    async def publish(self, user: UserKey, change: Change) -> None:
        """Publish to the person's tabs and tell the listeners."""
        try:
            await self._feed.publish(user, change)
        except Unavailable:
            _log.warning("change_not_published", state=type(change).__name__)
        await self.tell(user, change)

    async def tell(self, user: UserKey, change: Change) -> None:
        """Tell only the listeners, for what reached the feed already."""
        for listener in self._listeners:
            try:
                await listener(user, change)
            except Exception as error:  # noqa: BLE001 - a face that fails must not stop the PBX's event or the keeper
                _log.warning("listener_failed", state=type(change).__name__, error=type(error).__name__)
