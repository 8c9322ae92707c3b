"""A PBX on which nothing happens: it answers every question at once, and tells when it was asked last."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from bridge.starface.wire import Sent, decode_call, encode_answer

_LISTS = ("get", "list", "search")
_STATE = {"telephonyState": "available", "chatPresence": "AVAILABLE", "chatPresenceMessage": "", "avatarHash": ""}
_PATIENCE = 60.0


class QuietPbx:
    """Answers XML-RPC: states with a state, lists with nothing in them, everything else with yes."""

    def __init__(self) -> None:
        self.port = 0
        self._asked = 0.0

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["QuietPbx"]:
        """Serve on a port of this machine until the end of the block."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            await runner.cleanup()

    async def at_rest(self, quiet: float) -> None:
        """Wait until nobody has asked anything for ``quiet`` seconds."""
        loop = asyncio.get_running_loop()
        self._asked = loop.time()
        async with asyncio.timeout(_PATIENCE):
            while loop.time() - self._asked < quiet:  # noqa: ASYNC110 - silence sets no event
                await asyncio.sleep(quiet / 4)

    async def _answer(self, request: web.Request) -> web.Response:
        self._asked = asyncio.get_running_loop().time()
        method, _ = decode_call(await request.read())
        return web.Response(body=encode_answer(_said(method.rpartition(".")[2])), content_type="text/xml")


def _said(question: str) -> Sent:
    if question.lower().endswith("userstate"):
        return _STATE
    return [] if question.lower().startswith(_LISTS) else True
