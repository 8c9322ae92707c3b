"""The chat face as one object: everything of this room put together, started and stopped."""

from pathlib import Path

import aiohttp
from aiohttp import web

from bot.adapter import TeamsAdapter
from bot.answers import Answers
from bot.clicks import Clicks
from bot.connector import Connector
from bot.conversations import Conversations, Subject
from bot.desk import Desk
from bot.dialogs import Dialogs
from bot.endpoint import Messages, routes
from bot.gates import ChannelTokens, HostList, TokenSource
from bot.handler import ChatHandler
from bot.lanes import Lanes
from bot.notices import ChatNotices
from bridge.service.ports import Directory, Once
from bridge.texts import Catalogue

TEXTS = Path(__file__).parent / "texts"


def chat_texts() -> Catalogue:
    """Read the sentences of the chat from their files: before the event loop runs."""
    return Catalogue(TEXTS)


class ChatFace:
    """Takes activities, answers them, and tells people about changes.

    ``notices`` is to be given to the announcer as a listener; ``routes`` to the application. ``subject`` gives a person's handle.
    """

    def __init__(
        self,
        *,
        http: aiohttp.ClientSession,
        channel_tokens: ChannelTokens,
        connector_tokens: TokenSource,
        hosts: HostList,
        directory: Directory,
        once: Once,
        subject: Subject,
        desk: Desk,
        public_url: str,
        texts: Catalogue,
    ) -> None:
        self._lanes = Lanes()
        self.connector = Connector(http, connector_tokens, hosts)
        conversations = Conversations(once, subject)
        answers = Answers(desk, texts)
        handler = ChatHandler(
            answers=answers,
            clicks=Clicks(answers, desk, once, subject),
            dialogs=Dialogs(public_url),
            desk=desk,
            conversations=conversations,
            once=once,
            subject=subject,
            connector=self.connector,
            lanes=self._lanes,
        )
        self._messages = Messages(
            tokens=channel_tokens,
            directory=directory,
            once=once,
            adapter=TeamsAdapter(self.connector, handler.on_failure),
            handler=handler,
            lanes=self._lanes,
            texts=texts,
        )
        self.notices = ChatNotices(
            desk=desk,
            conversations=conversations,
            connector=self.connector,
            once=once,
            subject=subject,
            lanes=self._lanes,
            texts=texts,
        )

    def routes(self) -> list[web.RouteDef]:
        """What the application listens to for the chat."""
        return routes(self._messages)

    @property
    def pending(self) -> int:
        """Activities and notices that are being worked on."""
        return self._lanes.pending

    async def stop(self) -> None:
        """Take nothing more and finish what was taken, within seconds."""
        self.notices.stop()
        await self._lanes.stop()
