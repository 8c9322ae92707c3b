"""Stands between a local chat client and the bot and signs what the client posts, as Teams' own channel would.

So the bot keeps its authentication on. The keys are those of the simulated channel, whose metadata the bot was told to trust.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from bot.extension import PEOPLE
from infra.simulator.microsoft import MicrosoftSimulator


class SigningProxy:
    """Takes activities of the client, signs each for its own service URL, and passes them on."""

    def __init__(self, http: aiohttp.ClientSession, microsoft: MicrosoftSimulator, bot: str) -> None:
        self._http = http
        self._microsoft = microsoft
        self._bot = bot
        self.posted: list[tuple[str, int]] = []

    async def post(self, request: web.Request) -> web.Response:
        """Sign and forward; give the bot's answer."""
        activity: dict[str, Any] = await request.json()
        activity["serviceUrl"] = str(activity["serviceUrl"]).replace("//localhost:", "//127.0.0.1:")
        if activity.get("name") == "composeExtension/query":
            _as_in_the_manifest(activity["value"])
        headers = self._microsoft.channel.headers(activity)
        async with self._http.post(self._bot, json=activity, headers=headers) as answer:
            body = await answer.read()
            self.posted.append((str(activity.get("name") or activity["type"]), answer.status))
            return web.Response(body=body, status=answer.status, content_type=answer.content_type)


def _as_in_the_manifest(query: dict[str, Any]) -> None:
    """Name the command and its parameter, as Teams does: this client reads no manifest."""
    query.setdefault("commandId", PEOPLE)
    for parameter in query.get("parameters", []):
        parameter.setdefault("name", "searchText")


@asynccontextmanager
async def signing_proxy(microsoft: MicrosoftSimulator, bot: str) -> AsyncIterator[tuple[SigningProxy, str]]:
    """Run the proxy until the end of the block; gives it and its URL."""
    async with aiohttp.ClientSession() as http:
        proxy = SigningProxy(http, microsoft, bot)
        app = web.Application()
        app.router.add_post("/api/messages", proxy.post)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield proxy, f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
        finally:
            await runner.cleanup()
