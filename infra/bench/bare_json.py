"""The least an aiohttp handler can do: answer a small JSON object. What a read of the session is measured against."""

import asyncio

from aiohttp import web

from infra.bench.answering import answer_questions

ANSWER = {
    "state": "signed_in",
    "reason": None,
    "pbx": {"id": "bench", "name": "bench"},
    "expiresAt": "2026-11-22T12:00:00Z",
    "pbxs": [{"id": "bench", "name": "bench", "primary": True}, {"id": "hung", "name": "hung", "primary": False}],
}


async def main() -> None:
    """Serve until the input ends."""

    async def read(_: web.Request) -> web.Response:
        return web.json_response(ANSWER)

    app = web.Application()
    app.router.add_get("/api/v1/session", read)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await answer_questions({}, port=runner.addresses[0][1])


if __name__ == "__main__":
    asyncio.run(main())
