"""The stock Bot Framework SDK's turn: its CloudAdapter without an app id, which switches its authentication off."""

import asyncio
import json
import logging

from aiohttp import web
from botbuilder.core import Bot, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity

from infra.bench.turning.activity import REPLY
from infra.bench.turning.worker import work


class NoCredential:
    """A configuration without an app registration."""

    APP_ID = ""
    APP_PASSWORD = ""
    APP_TYPE = "MultiTenant"
    APP_TENANTID = ""


class Nothing(Bot):
    """A handler that does nothing."""

    async def on_turn(self, context: TurnContext) -> None:
        """Do nothing."""


class StockTurns:
    """See :class:`infra.bench.turning.worker.Turns`."""

    def __init__(self) -> None:
        self._adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(NoCredential()))
        self._nothing = Nothing()

    async def receive(self, body: bytes) -> None:
        """A turn without a reply."""
        activity = Activity().deserialize(json.loads(body))  # type: ignore[no-untyped-call]  # the SDK has no types
        await self._adapter.process_activity("", activity, self._nothing.on_turn)

    async def echo(self, body: bytes) -> None:
        """A turn with one reply."""
        activity = Activity().deserialize(json.loads(body))  # type: ignore[no-untyped-call]  # the SDK has no types
        await self._adapter.process_activity("", activity, self._reply)

    async def serve(self) -> int:
        """Its own way from a request to a turn."""

        async def post(request: web.Request) -> web.StreamResponse:
            answer: web.Response = await self._adapter.process(request, self._nothing)
            return answer

        app = web.Application()
        app.router.add_post("/api/messages", post)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    async def _reply(self, context: TurnContext) -> None:
        await context.send_activity(REPLY)


async def made(_: str) -> StockTurns:
    """Build it."""
    return StockTurns()


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # as for its successor
    asyncio.run(work(made))
