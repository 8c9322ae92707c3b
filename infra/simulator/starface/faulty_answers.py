"""Writes answers that are wrong on purpose: late, broken, endless, or something else than was asked for."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from infra.simulator.starface.codec import FaultError, write_fault
from infra.simulator.starface.misbehaviour import Kind, Misbehaviour

LOGIN_PAGE = """<!DOCTYPE html><html><head><title>STARFACE</title></head><body>
<h1>STARFACE</h1><form action="/login" method="post"><input name="login"><input name="password" type="password">
<button>Anmelden</button></form></body></html>"""
GERMAN_FAULT = FaultError(0, "Die Anfrage konnte nicht verarbeitet werden: Zeitüberschreitung im Dienst „Anrufe“.")

_CHUNK = b" " * 4096
_LONGEST_HANG = 3600.0
_PAUSE_BETWEEN_CHUNKS = 0.01

Answer = Callable[[], Awaitable[web.StreamResponse]]
_Writer = Callable[[web.Request, Misbehaviour, web.StreamResponse], Awaitable[web.StreamResponse]]


def html_answer() -> web.Response:
    """The login page instead of XML."""
    return web.Response(text=LOGIN_PAGE, content_type="text/html")


def redirect_answer() -> web.Response:
    """A redirect to the login page."""
    return web.Response(status=302, headers={"Location": "/login"})


def reset_connection(request: web.Request) -> web.Response:
    """Cut the connection so that the client gets a TCP reset; the answer returned goes nowhere."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=503)


async def answer_with(request: web.Request, fault: Misbehaviour | None, answer: Answer) -> web.StreamResponse:
    """The real answer, or what the fault in force makes of it."""
    if fault is None:
        return await answer()
    if fault.kind is Kind.DELAY:
        await asyncio.sleep(fault.seconds)
        return await answer()
    real = await answer() if fault.takes_effect else web.Response()
    return await _WRITERS[fault.kind](request, fault, real)


def _plain(make: Callable[[], web.Response]) -> _Writer:
    async def write(_request: web.Request, _fault: Misbehaviour, _real: web.StreamResponse) -> web.StreamResponse:
        return make()

    return write


async def _hang(request: web.Request, _fault: Misbehaviour, _real: web.StreamResponse) -> web.StreamResponse:
    await asyncio.sleep(_LONGEST_HANG)
    return reset_connection(request)


async def _reset(request: web.Request, _fault: Misbehaviour, _real: web.StreamResponse) -> web.StreamResponse:
    return reset_connection(request)


async def _oversize(_request: web.Request, fault: Misbehaviour, _real: web.StreamResponse) -> web.StreamResponse:
    return web.Response(body=b"<methodResponse>" + b" " * fault.size, content_type="text/xml")


def _unavailable() -> web.Response:
    return web.Response(status=503, text="Service Unavailable", headers={"Retry-After": "5"})


def _german_fault() -> web.Response:
    return web.Response(body=write_fault(GERMAN_FAULT), content_type="text/xml", charset="utf-8")


def _body_of(answer: web.StreamResponse) -> bytes:
    body = answer.body if isinstance(answer, web.Response) else b""
    return body if isinstance(body, bytes) else b""


async def _half_body(request: web.Request, _fault: Misbehaviour, real: web.StreamResponse) -> web.StreamResponse:
    body = _body_of(real)
    stream = web.StreamResponse(status=real.status, headers={"Content-Type": "text/xml"})
    stream.content_length = len(body)
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return stream


async def _trickle(request: web.Request, fault: Misbehaviour, real: web.StreamResponse) -> web.StreamResponse:
    body = _body_of(real)
    stream = web.StreamResponse(status=real.status, headers={"Content-Type": "text/xml"})
    stream.content_length = len(body)
    await stream.prepare(request)
    for position in range(len(body)):
        await stream.write(body[position : position + 1])
        await asyncio.sleep(fault.seconds)
    return stream


async def _never_ending(request: web.Request, _fault: Misbehaviour, _real: web.StreamResponse) -> web.StreamResponse:
    stream = web.StreamResponse(headers={"Content-Type": "text/xml"})
    await stream.prepare(request)
    await stream.write(b"<?xml version='1.0'?><methodResponse>")
    while request.transport is not None and not request.transport.is_closing():
        await stream.write(_CHUNK)
        await asyncio.sleep(_PAUSE_BETWEEN_CHUNKS)
    return stream


_WRITERS: dict[Kind, _Writer] = {
    Kind.HANG: _hang,
    Kind.RESET: _reset,
    Kind.HALF_BODY: _half_body,
    Kind.HTML: _plain(html_answer),
    Kind.REDIRECT: _plain(redirect_answer),
    Kind.HTTP_500: _plain(lambda: web.Response(status=500, text="Internal Server Error")),
    Kind.HTTP_503: _plain(_unavailable),
    Kind.GERMAN_FAULT: _plain(_german_fault),
    Kind.OVERSIZE: _oversize,
    Kind.NEVER_ENDING: _never_ending,
    Kind.TRICKLE: _trickle,
}
