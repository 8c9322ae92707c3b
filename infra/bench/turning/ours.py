"""Our turn: strict reading, the Bot SDK's turn context, our adapter and our sender."""

# ruff: noqa: ARG002 - stand-ins have the signatures of what they stand for

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp
from aiohttp import web
from botbuilder.core import TurnContext

from bot.activities import message, read_incoming, to_activity
from bot.adapter import TeamsAdapter
from bot.caller import caller_of
from bot.connector import Connector
from bot.endpoint import Messages, routes
from bot.face import chat_texts
from bot.lanes import Lanes
from bridge.microsoft.service_hosts import ServiceHosts
from bridge.secret import Secret
from infra.bench.turning.activity import REPLY
from infra.bench.turning.worker import work

Logic = Callable[[TurnContext], Awaitable[None]]


class FixedToken:
    """The bot's own token, at hand."""

    async def get(self) -> Secret:
        return Secret("at-hand")

    def reject(self, token: Secret) -> None:
        raise AssertionError("the stand-in refuses nothing")


class Everybody:
    """Authentication off: whoever posts is let in, every activity is the first of its kind, every tenant known."""

    async def check(self, authorization: str | None) -> "Everybody":
        return self

    def match(self, channel: object, service_url: object) -> None:
        return None

    async def knows(self, tenant: str) -> bool:
        return True

    async def claim(self, purpose: str, subject: str, life: timedelta) -> bool:
        return True


class OurTurns:
    """See :class:`infra.bench.turning.worker.Turns`."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        connector = Connector(http, FixedToken(), ServiceHosts(["127.0.0.1"]))
        self._adapter = TeamsAdapter(connector, self._failed)
        self._texts = chat_texts()
        self._lanes = Lanes()

    async def receive(self, body: bytes) -> None:
        """Read, find the caller, run."""
        await self._turn(body, self._nothing)

    async def echo(self, body: bytes) -> None:
        """The same with a reply."""
        await self._turn(body, self._reply)

    async def serve(self) -> int:
        """The product's own endpoint around a handler that does nothing."""
        everybody = Everybody()
        endpoint = Messages(
            tokens=everybody,
            directory=everybody,  # type: ignore[arg-type]  # so is the directory
            once=everybody,  # type: ignore[arg-type]  # and the memory of what was taken
            adapter=self._adapter,
            handler=self,  # type: ignore[arg-type]  # a handler that does nothing
            lanes=self._lanes,
            texts=self._texts,
        )
        app = web.Application()
        app.add_routes(routes(endpoint))
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    async def on_turn(self, context: TurnContext) -> None:
        """Do nothing with what the endpoint took."""
        await self._nothing(context)

    async def _turn(self, body: bytes, logic: Logic) -> None:
        activity = to_activity(read_incoming(json.loads(body)))
        caller_of(activity)
        await self._adapter.run(activity, logic)

    async def _nothing(self, context: TurnContext) -> None:
        return None

    async def _reply(self, context: TurnContext) -> None:
        await context.send_activity(message(REPLY))

    async def _failed(self, context: TurnContext, error: Exception) -> None:
        raise error


async def main() -> None:
    """Work until the input ends."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as http:

        async def made(_: str) -> OurTurns:
            return OurTurns(http)

        await work(made)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
