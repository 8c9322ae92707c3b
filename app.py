"""The composition root: settings → objects → routes → run. ``python app.py`` serves, ``python app.py tenants …`` administers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from bot.desk import desk_of
from bot.face import ChatFace, chat_texts
from bridge.clock import SystemClock
from bridge.logs import logger, set_up_logs
from bridge.microsoft.gates import MicrosoftGates
from bridge.service.keeper import Rhythm
from bridge.service.presence_sync_parts import Beat, Teams
from bridge.service.rounds import Rounds
from bridge.service.use_cases import UseCases, rules_of
from bridge.settings import Settings, SettingsRefused, read_settings
from bridge.starface.address import AddressPolicy
from bridge.starface.gate import StarfaceGate
from bridge.starface.net import open_wire
from bridge.starface.own_places import address_policy
from bridge.starface.receiver import Receiver
from bridge.store import operator
from bridge.store.database import Database
from bridge.store.stores import Stores
from bridge.texts import Catalogue, shared
from tab.face import TabFace
from tab.health import LoopWatch, Meters
from tab.pages import Page, Pages, read_pages
from tab.server import application, listening, spare_the_collector, told_to_stop

_log = logger("app")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What touches the disk, done once and before the event loop runs."""

    settings: Settings
    database: Database
    pages: Mapping[str, Page]
    chat_texts: Catalogue
    policy: AddressPolicy
    rhythm: Rhythm = field(default_factory=Rhythm)
    beat: Beat = field(default_factory=Beat)


def prepare(settings: Settings) -> Prepared:
    """Read the built front-end and all sentences, load the database's driver, resolve where we ourselves listen."""
    shared()
    return Prepared(settings, Database(settings.database_url), read_pages(), chat_texts(), address_policy(settings))


class Service:
    """Everything of one process. Make it inside a running event loop, then serve it with :meth:`running`."""

    def __init__(self, prepared: Prepared) -> None:
        self.settings = settings = prepared.settings
        self._prepared = prepared
        self.meters = Meters()
        clock = SystemClock()
        self.stores = Stores(settings, clock, prepared.database, self.meters.count)
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
        self.wire = open_wire(prepared.policy)
        self.microsoft = MicrosoftGates(self.http, settings, self.meters.count)
        teams = Teams(self.microsoft.graph, self.meters, prepared.beat, settings.shortest_sign_in)
        self.use_cases = UseCases(
            self.stores, StarfaceGate(self.wire, clock), teams, clock, rules_of(settings, prepared.rhythm)
        )
        self.chat = self._chat()
        self.use_cases.announcer.listen(self.chat.notices)
        rounds = Rounds(self.use_cases.keeper, lambda outcome: self.meters.visits.labels(outcome).inc())
        takebacks = Rounds(self.use_cases.takebacks, lambda _: None, pause=1.0)
        presence = self.use_cases.presence.rounds
        self._parts = (self.stores, LoopWatch(self.meters), rounds, takebacks, self.chat, presence)
        self.web = self._web()

    def _chat(self) -> ChatFace:
        return ChatFace(
            http=self.http,
            channel_tokens=self.microsoft.channel_tokens,
            connector_tokens=self.microsoft.connector_tokens,
            hosts=self.microsoft.hosts,
            directory=self.stores.directory,
            once=self.stores.once,
            subject=self.stores.sessions.handle,
            desk=desk_of(self.use_cases),
            outbox=self.stores.outbox,
            aftermath=self.use_cases.aftermath,
            public_url=self.settings.public_url,
            texts=self._prepared.chat_texts,
        )

    def _web(self) -> web.Application:
        tab = TabFace(
            tokens=self.microsoft.tab_tokens,
            cases=self.use_cases,
            sessions=self.stores.sessions,
            feed=self.stores.feed,
            once=self.stores.once,
            meters=self.meters,
            pages=Pages(self._prepared.pages, frame_self=self.settings.is_loopback, facts=self.settings.page_facts),
        )
        receiver = Receiver(self.use_cases.intake, lambda outcome: self.meters.events.labels(outcome).inc())
        parts = {"redis": self.stores.ping, "directory": self.stores.directory.ping}
        return application((tab, receiver, self.chat), self.meters, parts, on_drain=tab.close)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the end of the block, then drain: no new requests, streams told to come again, work finished."""
        async with AsyncExitStack() as stack:
            for close in (self.http.close, self.wire.close, self.microsoft.stop):
                stack.push_async_callback(close)
            for part in self._parts:
                await part.start()
                stack.push_async_callback(part.stop)
            await stack.enter_async_context(listening(self.web, self.settings.host, self.settings.port))
            _log.info("serving", port=self.settings.port)
            yield
            _log.info("draining")


async def serve(prepared: Prepared) -> int:
    """Serve until SIGTERM or SIGINT."""
    async with Service(prepared).running():
        spare_the_collector()
        await told_to_stop()
    return 0


def main(arguments: Sequence[str]) -> int:
    """Start production mode, or do what the operator asks; exit code 2 when the environment is refused."""
    try:
        settings = read_settings(os.environ)
    except SettingsRefused as refused:
        sys.stderr.write("".join(f"{fault}\n" for fault in refused.faults))
        return 2
    set_up_logs(settings.log_level, settings.log_format)
    return asyncio.run(operator.run(arguments, settings) if arguments else serve(prepare(settings)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
