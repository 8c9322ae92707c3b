"""A minimal UCI client for the tests of the simulator, written on aiohttp and `xmlrpc.client` only."""

import xmlrpc.client
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from infra.simulator.starface.authentication import sha512_token

PREFIX = "de.vertico.starface."
OUTSIDE = "+493023125801"
V30 = "ucp.v30.requests."

Until = Callable[[Callable[[], bool]], Awaitable[None]]
MakeClient = Callable[..., "Client"]


@dataclass
class Listener:
    """A callback endpoint; keeps what arrives and answers with the status that a test wants."""

    received: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    port: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        params, method = xmlrpc.client.loads(await request.read())
        self.received.append((method or "", params))
        self.queries.append(dict(request.query))
        body = xmlrpc.client.dumps((True,), methodresponse=True)
        return web.Response(text=body, content_type="text/xml", status=self.status)

    def states(self, call_id: str = "") -> list[str]:
        structs = [params[0] for method, params in self.received if method.endswith("receiveCallState")]
        return [each["state"] for each in structs if call_id in {"", each["id"]}]

    def sequence(self, call_id: str = "") -> list[str]:
        """States in order without repetitions."""
        return [state for state, _ in groupby(self.states(call_id))]

    def named(self, ending: str) -> list[Any]:
        return [params[0] if params else None for method, params in self.received if method.endswith(ending)]


@dataclass
class Client:
    """Sends XML-RPC as one user."""

    http: aiohttp.ClientSession
    url: str
    login: str
    password: str
    listener: Listener | None = None
    token: Callable[[str, str], str] = sha512_token
    jwt: str = ""
    send_user: bool = True
    scheme: str = "http"
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def query(self) -> dict[str, str]:
        query = {PREFIX + "jwt": self.jwt} if self.jwt else {PREFIX + "auth": self.token(self.login, self.password)}
        if self.send_user and not self.jwt:
            query[PREFIX + "user"] = self.login
        if self.listener is not None:
            query |= {
                PREFIX + "callback.host": "127.0.0.1",
                PREFIX + "callback.port": str(self.listener.port),
                PREFIX + "callback.path": "/uci/cb",
                PREFIX + "callback.type": self.scheme,
            }
        return query

    async def post(self, body: bytes) -> aiohttp.ClientResponse:
        url = f"{self.url}/xml-rpc?{urlencode(self.query())}"
        async with self.http.post(url, data=body, allow_redirects=False) as answer:
            self.raw = await answer.read()
            self.headers = dict(answer.headers)
            return answer

    async def call(self, method: str, *params: Any) -> Any:
        """The decoded result; raises Fault for faults and AssertionError for anything that is no XML-RPC."""
        name = method if method.startswith("ucp.") else V30 + method
        answer = await self.post(xmlrpc.client.dumps(params, name, allow_none=True).encode())
        assert answer.status == 200, answer.status
        result, _ = xmlrpc.client.loads(self.raw)
        return result[0] if result else None

    async def sign_in(self, *services: str) -> None:
        assert await self.call("connection.login") is True
        for service in services or ("ucp.v30.events.call",):
            assert await self.call("service.subscribeEvents", service) is True
