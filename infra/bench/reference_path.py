"""The least that leads an event from a PBX to a tab through Redis: what P5 is measured against.

POST XML-RPC → ``xmlrpc.client.loads`` → JSON → publish → subscribe → a server-sent event. It proves nobody's identity, keeps
nothing, orders nothing, seals nothing and forgets whoever is slow; a product cannot be like this, only measure itself by it.
"""

import asyncio
import json
import os
import xmlrpc.client

from aiohttp import web
from redis.asyncio import Redis

from infra.bench.answering import answer_questions
from infra.bench.plan import allow_many_files

OK = xmlrpc.client.dumps(("",), methodresponse=True).encode()


async def main() -> None:
    """Serve until the input ends."""
    redis = Redis(port=int(os.environ["REDIS_PORT"]), protocol=2)
    readers: dict[str, asyncio.Queue[bytes]] = {}

    async def post(request: web.Request) -> web.Response:
        (params, _) = xmlrpc.client.loads(await request.read())
        call = {name: str(value) for name, value in params[0].items()}  # type: ignore[union-attr]  # a struct, here
        await redis.publish(f"person:{request.match_info['person']}", json.dumps(call))
        return web.Response(body=OK, content_type="text/xml")

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue = readers[request.match_info["person"]] = asyncio.Queue()
        await response.write(b"event: snapshot\ndata: {}\n\n")
        while True:
            await response.write(b"event: call\ndata: " + await queue.get() + b"\n\n")

    async def listen() -> None:
        subscription = redis.pubsub()
        await subscription.psubscribe("person:*")
        async for message in subscription.listen():
            if message["type"] == "pmessage":
                readers[message["channel"].decode().partition(":")[2]].put_nowait(message["data"])

    app = web.Application()
    app.add_routes([web.post("/uci/{person}", post), web.get("/events/{person}", stream)])
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    listening = asyncio.create_task(listen())
    await answer_questions({}, port=runner.addresses[0][1])
    listening.cancel()


if __name__ == "__main__":
    allow_many_files()
    asyncio.run(main())
