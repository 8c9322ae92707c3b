"""The chat face as one object: everything of this room put together, started and stopped."""

import time
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.adapter import TeamsAdapter
from bot.answers import Answers
from bot.clicks import Clicks
from bot.connector import Connector
from bot.conversations import Subject
from bot.desk import Desk
from bot.dialogs import Dialogs
from bot.endpoint import Messages, routes
from bot.extension import Extension
from bot.gates import ChannelTokens, HostList, TokenSource
from bot.handler import ChatHandler
from bot.lanes import Lanes
from bot.languages import Languages
from bot.own_accord import Means, OwnAccord
from bot.turns import Turns
from bot.undo import Undo
from bot.zones import Zones
from bridge.service.notice_aftermath import Aftermath
from bridge.service.outbox import Outbox
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
        outbox: Outbox,
        aftermath: Aftermath,
        public_url: str,
        texts: Catalogue,
    ) -> None:
        self._lanes = Lanes()
        self.connector = Connector(http, connector_tokens, hosts)
        zones, post = Zones(), Connector(http, connector_tokens, hosts, tries=1)
        own = OwnAccord(Means(desk, once, subject, outbox, post, aftermath, texts, zones), self._lanes)
        self.delivery, self.notices = own.delivery, own.notices
        undo, languages = Undo(once, subject), Languages(once, subject, time.monotonic)
        answers = Answers(desk, texts, undo, languages)
        clicks, dialogs = Clicks(answers, desk, once, subject), Dialogs(public_url)
        handler = ChatHandler(
            answers=answers,
            clicks=clicks,
            call_clicks=own.clicks(answers),
            notices=self.notices,
            dialogs=dialogs,
            extension=Extension(desk, clicks, dialogs),
            turns=Turns(answers, languages, zones, desk.lists.clock),
            desk=desk,
            conversations=own.conversations,
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

    def routes(self) -> list[web.RouteDef]:
        """What the application listens to for the chat."""
        return routes(self._messages)

    @property
    def pending(self) -> int:
        """Activities, notices and letters that are being worked on."""
        return self._lanes.pending + self.delivery.pending

    async def start(self) -> None:
        """Begin to deliver what waits for anybody to carry it."""
        self.delivery.start()

    async def stop(self) -> None:
        """Take nothing more and finish what was taken, within seconds; letters that wait are another process's."""
        await self._lanes.stop()
        await self.delivery.stop()
