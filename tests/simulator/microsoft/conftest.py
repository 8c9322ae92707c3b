"""A started simulator, a plain HTTP client, and a recorder that stands where a bot would listen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from infra.simulator.microsoft import MicrosoftSimulator


@dataclass
class Recorder:
    """Takes every activity; `statuses` are answered in turn, then 200 with `body`."""

    url: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    body: Any = None

    async def handle(self, request: web.Request) -> web.Response:
        self.seen.append(await request.json())
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.json_response(self.body, status=status)


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = web.Application()
    app.router.add_post("/api/messages", recorder.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    recorder.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
    yield recorder
    await runner.cleanup()


@pytest.fixture
async def ms(recorder: Recorder) -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator(bot_endpoint=recorder.url) as simulator:
        yield simulator


@dataclass
class Client:
    """What a bot would do: fetch a token, call the connector and Graph."""

    http: aiohttp.ClientSession
    ms: MicrosoftSimulator

    async def grant(self, tenant: str, **form: str) -> tuple[int, dict[str, Any]]:
        """Ask the token endpoint; client id and secret are filled in."""
        settings = self.ms.settings
        full = {"client_id": settings.app_id, "client_secret": settings.app_secret, **form}
        url = f"{self.ms.base_url}/{tenant}/oauth2/v2.0/token"
        async with self.http.post(url, data={k: v for k, v in full.items() if v}) as answer:
            return answer.status, await answer.json()

    async def app_token(self, resource: str, tenant: str | None = None) -> str:
        """A token of the client-credentials grant."""
        status, body = await self.grant(
            tenant or self.ms.settings.home_tenant, grant_type="client_credentials", scope=f"{resource}/.default"
        )
        assert status == 200, body
        return str(body["access_token"])

    async def connector(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any, Any]:
        """Call the connector; returns status, JSON body (or None), headers."""
        token = token or await self.app_token("https://api.botframework.com")
        return await self.ask(method, f"{self.ms.service_url}v3/conversations{path}", body, token)

    async def graph(self, method: str, path: str, body: Any = None, *, token: str) -> tuple[int, Any, Any]:
        """Call Graph; returns status, JSON body (or None), headers."""
        return await self.ask(method, f"{self.ms.graph_url}{path}", body, token)

    async def ask(self, method: str, url: str, body: Any, token: str) -> tuple[int, Any, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            parsed = await answer.json() if text else None
            return answer.status, parsed, answer.headers


@pytest.fixture
async def client(ms: MicrosoftSimulator) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        yield Client(http, ms)
