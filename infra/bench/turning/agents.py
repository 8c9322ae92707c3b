"""The Microsoft 365 Agents SDK's turn: its adapter for aiohttp and its own connector client, as its documentation sets them up."""

import asyncio
import json
import logging
from typing import cast

from aiohttp import web
from microsoft_agents.activity import Activity
from microsoft_agents.hosting.aiohttp import CloudAdapter
from microsoft_agents.hosting.core import Agent, TurnContext
from microsoft_agents.hosting.core.authorization import ClaimsIdentity, Connections

from infra.bench.turning.activity import REPLY
from infra.bench.turning.worker import work


class Nothing(Agent):  # type: ignore[misc]  # known only in the peers' environment
    """A handler that does nothing."""

    async def on_turn(self, context: TurnContext) -> None:
        """Do nothing."""


class AgentsTurns:
    """See :class:`infra.bench.turning.worker.Turns`. An identity without claims is the SDK's own form of no authentication."""

    def __init__(self) -> None:
        self._adapter = CloudAdapter(connection_manager=cast("Connections", object()))
        self._nothing = Nothing()

    async def receive(self, body: bytes) -> None:
        """A turn without a reply."""
        activity = Activity.model_validate(json.loads(body))
        await self._adapter.process_activity(ClaimsIdentity(), activity, self._nothing.on_turn)

    async def echo(self, body: bytes) -> None:
        """A turn with one reply."""
        activity = Activity.model_validate(json.loads(body))
        await self._adapter.process_activity(ClaimsIdentity(), activity, self._reply)

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


async def made(_: str) -> AgentsTurns:
    """Build it."""
    return AgentsTurns()


if __name__ == "__main__":
    logging.disable(
        logging.WARNING
    )  # without authentication it warns at each turn; writing that down is not to count against it
    asyncio.run(work(made))
