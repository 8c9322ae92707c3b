"""The stand-in for the chat connector: answers every POST with an id and counts requests and connections."""

import asyncio
import itertools

from aiohttp import web

from infra.bench.answering import answer_questions


async def main() -> None:
    """Serve until the input ends."""
    seen = {"requests": 0, "connections": 0}
    numbers = itertools.count(1)
    known: set[int] = set()

    async def post(request: web.Request) -> web.Response:
        await request.read()
        seen["requests"] += 1
        if id(request.protocol) not in known:
            known.add(id(request.protocol))
            seen["connections"] += 1
        return web.json_response({"id": f"m{next(numbers)}"})

    app = web.Application()
    app.router.add_post("/{rest:.*}", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def count() -> dict[str, int]:
        told = dict(seen)
        seen.update(requests=0, connections=0)
        known.clear()
        return told

    await answer_questions({"count": count}, port=runner.addresses[0][1])


if __name__ == "__main__":
    asyncio.run(main())
