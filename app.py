"""The composition root: settings → objects → routes → run. Nothing imports it but what starts the service.

``python app.py`` serves; ``python app.py tenants …`` is the operator's way to the directory (see ``--help``).
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from aiohttp import web

from bot.desk import Desk
from bot.face import ChatFace, chat_texts
from bridge.clock import SystemClock
from bridge.logs import logger, set_up_logs
from bridge.microsoft.channel_token import ChannelTokens
from bridge.microsoft.keys import KeyStore
from bridge.microsoft.outbound_token import ConnectorTokens, OutboundTokens
from bridge.microsoft.service_hosts import ServiceHosts
from bridge.microsoft.sso import SsoTokens
from bridge.secret import Secret
from bridge.service.keeper import Rhythm
from bridge.service.rounds import Rounds
from bridge.service.use_cases import Rules, UseCases
from bridge.settings import Settings, SettingsRefused, read_settings
from bridge.starface.address import AddressPolicy
from bridge.starface.gate import StarfaceGate
from bridge.starface.net import open_wire
from bridge.starface.receiver import Receiver
from bridge.store import operator
from bridge.store.database import Database
from bridge.store.stores import Stores
from bridge.texts import Catalogue, shared
from tab.face import TabFace
from tab.gate import add_headers, gate
from tab.health import LoopWatch, Meters, health_routes
from tab.pages import Page, Pages, read_pages

BODY_LIMIT = 512 * 1024
DRAIN = 7.0
_log = logger("app")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What touches the disk, done once and before the event loop runs."""

    settings: Settings
    database: Database
    pages: Mapping[str, Page]
    chat_texts: Catalogue
    rhythm: Rhythm = field(default_factory=Rhythm)


def prepare(settings: Settings) -> Prepared:
    """Read the built front-end and all sentences, and load the database's driver."""
    shared()
    return Prepared(settings, Database(settings.database_url), read_pages(), chat_texts())


class Service:
    """Everything of one process. Make it inside a running event loop, then serve it with :meth:`running`."""

    def __init__(self, prepared: Prepared) -> None:
        self.settings = settings = prepared.settings
        self._prepared = prepared
        self.meters = Meters()
        clock = SystemClock()
        self.stores = Stores(settings, clock, prepared.database)
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
        policy = AddressPolicy(allow_private=settings.allow_private_pbx, allow_loopback=settings.allow_loopback_pbx)
        self.wire = open_wire(policy)
        rules = Rules(
            public_url=settings.public_url,
            session_life=timedelta(seconds=settings.session_ttl),
            admin_roles=settings.admin_roles,
            onboarding_open=settings.onboarding_open,
            rhythm=prepared.rhythm,
        )
        self.use_cases = UseCases(self.stores, StarfaceGate(self.wire, clock), clock, rules)
        self._keys = KeyStore(self.http, told=lambda what: self.meters.count(f"keys_{what}"))
        self.outbound = OutboundTokens(
            authority=settings.entra_authority,
            app_id=settings.microsoft_app_id,
            credential=settings.microsoft_app_password or settings.microsoft_app_certificate or Secret(""),
        )
        self.chat = self._chat()
        self.use_cases.announcer.listen(self.chat.notices)
        self.rounds = Rounds(self.use_cases.keeper, lambda outcome: self.meters.visits.labels(outcome).inc())
        self.watch = LoopWatch(self.meters)
        self.web = self._web()

    def _chat(self) -> ChatFace:
        settings, cases = self.settings, self.use_cases
        hosts = ServiceHosts(settings.bot_service_hosts)
        return ChatFace(
            http=self.http,
            channel_tokens=ChannelTokens(
                self._keys,
                hosts,
                metadata_url=settings.bot_openid_metadata_url,
                issuer=settings.bot_token_issuer,
                app_id=settings.microsoft_app_id,
            ),
            connector_tokens=ConnectorTokens(self.outbound, settings.microsoft_app_tenant_id),
            hosts=hosts,
            directory=self.stores.directory,
            once=self.stores.once,
            subject=self.stores.sessions.handle,
            desk=Desk(cases.sign_ins, cases.control, cases.interrupted),
            public_url=settings.public_url,
            texts=self._prepared.chat_texts,
        )

    def _web(self) -> web.Application:
        cases, settings = self.use_cases, self.settings
        tokens = SsoTokens(
            self._keys,
            authority=settings.entra_authority,
            app_id=settings.microsoft_app_id,
            public_url=settings.public_url,
        )
        self.tab = TabFace(
            tokens=tokens,
            cases=cases,
            sessions=self.stores.sessions,
            feed=self.stores.feed,
            once=self.stores.once,
            meters=self.meters,
            pages=Pages(self._prepared.pages, frame_self=settings.is_loopback),
        )
        app = web.Application(middlewares=[gate(self.meters)], client_max_size=BODY_LIMIT)
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(lambda _: self.tab.close())
        receiver = Receiver(cases.intake, lambda outcome: self.meters.events.labels(outcome).inc())
        for face in (self.tab, receiver, self.chat):
            app.add_routes(face.routes())
        parts = {"redis": self.stores.ping, "directory": self.stores.directory.ping}
        app.add_routes(health_routes(self.meters, parts))
        return app

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the end of the block, then drain: no new requests, streams told to come again, work finished."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.http.close)
            stack.push_async_callback(self.wire.close)
            stack.push_async_callback(self.outbound.stop)
            await self.stores.start()
            stack.push_async_callback(self.stores.stop)
            for part in (self.watch, self.rounds):
                await part.start()
                stack.push_async_callback(part.stop)
            stack.push_async_callback(self.chat.stop)
            runner = web.AppRunner(self.web, handler_cancellation=True, access_log=None, shutdown_timeout=DRAIN)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, self.settings.host, self.settings.port, backlog=1024).start()
            _log.info("serving", port=self.settings.port)
            yield
            _log.info("draining")


async def serve(prepared: Prepared) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Service(prepared).running():
        await stop.wait()


def main(arguments: Sequence[str]) -> int:
    """Start production mode, or do what the operator asks; exit code 2 when the environment is refused."""
    try:
        settings = read_settings(os.environ)
    except SettingsRefused as refused:
        sys.stderr.write("".join(f"{fault}\n" for fault in refused.faults))
        return 2
    set_up_logs(settings.log_level, settings.log_format)
    if arguments:
        return asyncio.run(operator.run(arguments, settings))
    asyncio.run(serve(prepare(settings)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
