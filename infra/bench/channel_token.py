"""P3: the full check of a channel token, beside PyJWT's bare decode with a ready key object."""

import asyncio
import contextlib
import json
from types import SimpleNamespace

import aiohttp
import jwt
from blockbuster import blockbuster_ctx

from bot.activities import read_incoming, to_activity
from bot.caller import caller_of
from bridge.microsoft.channel_token import LEEWAY, ChannelTokens
from bridge.microsoft.keys import KeyStore
from bridge.microsoft.service_hosts import ServiceHosts
from infra.bench.figures import Figure, compared
from infra.bench.plan import SERVER_CORE, Plan, pin, read_plan
from infra.bench.repeating import alternate_async
from infra.bench.turning.activity import activity
from infra.simulator.microsoft import MicrosoftSimulator

TARGET = 0.85
_WATCHED = 200


async def measure(plan: Plan) -> list[Figure]:
    """The one row."""
    async with contextlib.AsyncExitStack() as stack:
        microsoft = await stack.enter_async_context(MicrosoftSimulator())
        fetches: list[str] = []
        http = await stack.enter_async_context(aiohttp.ClientSession(trace_configs=[_noting(fetches)]))
        return [await _row(plan, microsoft, http, fetches)]


async def _row(plan: Plan, microsoft: MicrosoftSimulator, http: aiohttp.ClientSession, fetches: list[str]) -> Figure:
    told = {name: str(value) for name, value in microsoft.environment().items()}
    url = microsoft.service_url
    mint = microsoft.channel_mint
    token, key = mint.token(url), mint.keys.current.private.public_key()
    tokens = ChannelTokens(
        KeyStore(http),
        ServiceHosts(["127.0.0.1"]),
        metadata_url=told["BOT_OPENID_METADATA_URL"],
        issuer=mint.issuer,
        app_id=mint.app_id,
    )
    header, incoming = f"Bearer {token}", read_incoming(json.loads(activity(url)))
    asked = to_activity(incoming)

    async def ours() -> None:
        voucher = await tokens.check(header)
        voucher.match(incoming.raw.get("channelId"), incoming.raw.get("serviceUrl"))
        caller_of(asked)

    def peer() -> None:
        jwt.decode(token, key, algorithms=["RS256"], audience=mint.app_id, issuer=mint.issuer, leeway=LEEWAY)

    await ours()
    first = len(fetches)
    with blockbuster_ctx(["bridge", "bot"]):
        for _ in range(_WATCHED):
            await ours()
    rates = await alternate_async(plan, ours, peer)
    later = len(fetches) - first
    note = f"{later} fetches after the first check, no blocking call in {_WATCHED}"
    return compared(
        "P3 check of a channel token", *rates, limit=TARGET, against="bare PyJWT decode", note=note, sound=later == 0
    )


def _noting(fetches: list[str]) -> aiohttp.TraceConfig:
    async def note(_: aiohttp.ClientSession, __: SimpleNamespace, asked: aiohttp.TraceRequestStartParams) -> None:
        fetches.append(asked.url.path)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    return trace


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    pin(SERVER_CORE)
    for figure in asyncio.run(measure(chosen)):
        print(figure.line(), flush=True)
