"""What every request passes: an id, a deadline for its body, headers, a problem instead of an exception, a count."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from bridge.errors import BridgeError
from tab.health import Meters
from tab.problems import REQUEST_ID, language, new_request_id, of_crash, of_http_error, problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def gate(meters: Meters) -> Middleware:
    """Give the one middleware of the service."""

    @web.middleware
    async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = new_request_id()
        request[REQUEST_ID] = request_id
        began = time.perf_counter()
        response = await _answered(request, handler, request_id)
        resource = request.match_info.route.resource
        meters.request(
            resource.canonical if resource else "", request.method, response.status, time.perf_counter() - began
        )
        return response

    return pass_through


async def _answered(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except BridgeError as error:
        return problem(error, language(request), request_id)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _http_problem(request, error, request_id)
    except Exception as error:  # noqa: BLE001 - the last place where a fault of ours becomes an answer
        return problem(of_crash(error, request_id), language(request), request_id)


def _http_problem(request: web.Request, error: web.HTTPException, request_id: str) -> web.Response:
    response = problem(of_http_error(error), language(request), request_id)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add what every answer carries; runs when the headers are about to be sent."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    response.headers.pop("Server", None)
