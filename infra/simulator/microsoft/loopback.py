"""The guard before the control interface: it acts for anybody without asking, so only this machine's pages may use it."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

PREFIX = "/_control/api"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this machine and nothing else."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_origin(origin: str) -> bool:
    """Whether an Origin header names a page that this machine serves."""
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and is_loopback(parts.hostname)


@web.middleware
async def only_loopback(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse control requests from elsewhere; add the CORS headers for loopback pages."""
    if not request.path.startswith(PREFIX):
        return await handler(request)
    origin = request.headers.get("Origin")
    if not is_loopback(urlsplit(f"//{request.host}").hostname) or (
        origin is not None and not is_loopback_origin(origin)
    ):
        return web.json_response({"error": "the control interface serves this machine only"}, status=403)
    response = web.Response(status=204) if request.method == "OPTIONS" else await handler(request)
    if origin is not None and not response.prepared:
        response.headers.update(cors(origin))
    return response


def cors(origin: str) -> dict[str, str]:
    """The headers that let one loopback page read an answer."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
