"""The whole simulated Microsoft side in one object: identity, chat channel, connector, Graph, control interface.

async with MicrosoftSimulator(bot_endpoint="http://127.0.0.1:3978/api/messages") as ms:
    token = ms.sso_token(ms.user("anna.schmidt"))
    delivery = await ms.channel.say(ms.user("anna.schmidt"), "help")
    sent = await ms.connector.wait_for_messages(1)
"""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self

from aiohttp import web

from infra.simulator.microsoft.activities import ActivityWriter
from infra.simulator.microsoft.channel import Channel
from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.cloud import Cloud, MicrosoftSettings
from infra.simulator.microsoft.connector import Connector
from infra.simulator.microsoft.control import Control
from infra.simulator.microsoft.conversations import Conversations
from infra.simulator.microsoft.graph import Graph
from infra.simulator.microsoft.identity import Identity
from infra.simulator.microsoft.keys import KeyRing, generate_key
from infra.simulator.microsoft.loopback import only_loopback
from infra.simulator.microsoft.tokens import ChannelMint, EntraMint

BODY_LIMIT = 1 << 20


class MicrosoftSimulator(Cloud):
    """An asynchronous context manager; its parts exist between `start` and `stop`."""

    def __init__(self, settings: MicrosoftSettings | None = None, *, bot_endpoint: str | None = None) -> None:
        self.settings = settings or MicrosoftSettings()
        self._first_endpoint = bot_endpoint or self.settings.bot_endpoint
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Make the keys, listen, and be ready. Raises OSError when the port is taken."""
        listener = socket.create_server((self.settings.host, self.settings.port), backlog=512)
        self.base_url = f"http://{self.settings.host}:{listener.getsockname()[1]}"
        made = self.settings.keys or await asyncio.gather(generate_key(), generate_key(), generate_key())
        entra, channel, self.stranger_key = made
        self.entra_keys, self.channel_keys = KeyRing(entra), KeyRing(channel)
        self._assemble()
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[only_loopback])
        control = Control(self)
        app.add_routes([*self.connector.routes(""), *self.connector.routes("/emea"), *self.channel.routes()])
        app.add_routes([*self.graph.routes(), *control.routes(), *self.identity.routes()])
        app.on_shutdown.append(control.close)
        await self.channel.start()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()

    def _assemble(self) -> None:
        s, self.clock = self.settings, Clock()
        self.entra = EntraMint(self.base_url, s.app_id, self.entra_keys, self.clock)
        self.channel_mint = ChannelMint(s.channel_issuer, s.app_id, self.channel_keys, self.clock)
        self.conversations = Conversations(s.population, self.clock)
        self.activities = ActivityWriter(s.app_id, self.service_url, self.clock)
        self.identity = Identity(self.entra, s.population, s.app_secret, s.home_tenant, self.clock)
        if s.app_certificate is not None:
            self.identity.trust_certificate(s.app_certificate)
        self.channel = Channel(
            self.base_url, self.channel_mint, self.activities, self.conversations, self._first_endpoint
        )
        self.connector = Connector(self.entra, s.population, self.conversations, s.home_tenant, self.clock)
        self.graph = Graph(self.entra, s.population, self.clock)

    async def stop(self) -> None:
        """Let hanging requests go, close all connections."""
        if self._runner is None:
            return
        for surface in (self.identity, self.channel, self.connector, self.graph):
            surface.faults.clear()
        await self.channel.stop()
        await self._runner.cleanup()
        self._runner = None
