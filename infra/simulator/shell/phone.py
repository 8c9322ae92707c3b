"""The phone strip's way to the simulated STARFACE: a few actions of its control interface, on the shell's own origin.

A page may not call another origin's control interface by itself; this passes on what the strip needs and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

ACTIONS = frozenset({"ring", "answer", "hangup", "remote-answer"})
DEADLINE = aiohttp.ClientTimeout(total=4)


class PhoneProxy:
    """Routes below `/shell/phone`. `control_url` is the base of the simulated STARFACE's control interface."""

    def __init__(self, control_url: str) -> None:
        self._base = control_url.rstrip("/")

    def routes(self) -> list[web.RouteDef]:
        """`GET /shell/phone/{login}` and `POST /shell/phone/{login}/{action}`."""
        return [
            web.get("/shell/phone/{login}", self._calls),
            web.post("/shell/phone/{login}/{action}", self._act),
        ]

    async def _calls(self, request: web.Request) -> web.Response:
        """`{"calls": [{"id", "state", "ownPhoneRings", "number", "name"}]}`, newest last."""
        status, state = await self._ask("GET", "state")
        if status != 200:
            return web.json_response(state, status=status)
        return web.json_response({"calls": calls_of(request.match_info["login"], state)})

    async def _act(self, request: web.Request) -> web.Response:
        action = request.match_info["action"]
        if action not in ACTIONS or request.content_type != "application/json":
            return web.json_response({"error": "no such action"}, status=404)
        body = await request.json()
        login = request.match_info["login"]
        wanted = {"login": login, "target": login, **(body if isinstance(body, dict) else {})}
        status, answer = await self._ask("POST", action, wanted)
        return web.json_response(answer, status=status)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of the control interface; 502 when it does not answer in time."""
        try:
            async with (
                aiohttp.ClientSession(timeout=DEADLINE) as http,
                http.request(method, f"{self._base}/{path}", json=body) as answer,
            ):
                return answer.status, await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 502, {"error": "unreachable"}


def calls_of(login: str, state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The calls of one login out of the control interface's `state`."""
    shown = []
    for call in state.get("calls", []):
        leg = next((leg for leg in call["legs"] if leg["login"] == login), None)
        if leg is None:
            continue
        outbound = call["caller"].get("login") == login
        other = call["called"] if outbound else call["caller"]
        shown.append(
            {
                "id": call["id"],
                "state": leg["state"],
                "ownPhoneRings": leg["ownPhoneRings"],
                "outbound": outbound,
                "number": other["number"],
                "name": other["name"],
            }
        )
    return shown
