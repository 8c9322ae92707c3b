"""The control interface under `/_control/api`: what the shell page, demos and black-box checks drive the cloud with.

It acts for anybody without asking who calls, so it serves loopback only: requests whose `Host` or `Origin` names anything
else are refused, and cross-origin reading is allowed to loopback origins alone.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any, NoReturn

from aiohttp import web

from infra.simulator.microsoft.channel import Delivery
from infra.simulator.microsoft.cloud import Cloud
from infra.simulator.microsoft.connector import read_json
from infra.simulator.microsoft.loopback import PREFIX, cors
from infra.simulator.microsoft.misbehaviour import Fault, Misbehaviour
from infra.simulator.microsoft.population import User

HEARTBEAT = 10.0
"""Seconds between comments on a silent stream."""


class Control:
    """The routes. Answers are JSON; an unknown user is 404, a bad body 400."""

    def __init__(self, cloud: Cloud) -> None:
        self._ms = cloud
        self._closing = asyncio.Event()

    async def close(self, _app: web.Application) -> None:
        """End all streams."""
        self._closing.set()

    def routes(self) -> list[web.RouteDef]:
        """Everything below PREFIX."""
        user = f"{PREFIX}/users/{{user}}"
        return [
            web.get(f"{PREFIX}/state", self._state),
            web.put(f"{PREFIX}/bot-endpoint", self._bot_endpoint),
            web.post(f"{PREFIX}/keys/{{issuer}}/rotate", self._rotate),
            web.post(f"{PREFIX}/clock/advance", self._advance),
            web.get(f"{PREFIX}/sent", self._sent),
            web.get(f"{PREFIX}/deliveries", self._deliveries),
            web.get(f"{PREFIX}/forged", self._forged),
            web.get(f"{PREFIX}/misbehaviour", self._faults),
            web.post(f"{PREFIX}/misbehaviour/{{surface}}", self._add_fault),
            web.delete(f"{PREFIX}/misbehaviour/{{surface}}", self._clear_faults),
            web.post(f"{user}/token", self._token),
            web.post(f"{user}/install", self._install),
            web.post(f"{user}/uninstall", self._uninstall),
            web.post(f"{user}/message", self._message),
            web.post(f"{user}/submit", self._submit),
            web.post(f"{user}/invoke", self._invoke),
            web.get(f"{user}/conversation", self._conversation),
            web.get(f"{user}/stream", self._stream),
            web.get(f"{user}/presence", self._presence),
            web.put(f"{user}/presence", self._set_presence),
            web.options(f"{PREFIX}/{{anything:.*}}", self._preflight),
        ]

    async def _preflight(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    def _user(self, request: web.Request) -> User:
        """The person of the path, speaking the language of the query (`?locale=en-us`) or their own."""
        try:
            user = self._ms.user(request.match_info["user"])
            return replace(user, locale=request.query.get("locale", user.locale))
        except KeyError:
            raise web.HTTPNotFound(text='{"error": "unknown user"}', content_type="application/json") from None

    # The cloud as a whole

    async def _state(self, _request: web.Request) -> web.Response:
        ms = self._ms
        return web.json_response(
            {
                "appId": ms.settings.app_id,
                "serviceUrl": ms.service_url,
                "botEndpoint": ms.channel.endpoint,
                "users": [user_json(user) for user in ms.settings.population.users],
                "fetches": {"identity": dict(ms.identity.fetches), "channel": dict(ms.channel.fetches)},
                "sent": len(ms.connector.sent),
                "edits": len(ms.connector.edits),
            }
        )

    async def _bot_endpoint(self, request: web.Request) -> web.Response:
        self._ms.channel.endpoint = str((await body_of(request))["url"])
        return web.json_response({"url": self._ms.channel.endpoint})

    async def _rotate(self, request: web.Request) -> web.Response:
        rings = {"entra": self._ms.entra_keys, "channel": self._ms.channel_keys}
        ring = rings.get(request.match_info["issuer"])
        if ring is None:
            raise bad_request("issuer is entra or channel")
        body = await read_json(request) or {}
        key = await ring.rotate(keep=int(body.get("keep", 1)))
        return web.json_response({"kid": key.kid})

    async def _advance(self, request: web.Request) -> web.Response:
        self._ms.clock.advance(float((await body_of(request))["seconds"]))
        return web.json_response({"now": self._ms.clock.now()})

    async def _sent(self, _request: web.Request) -> web.Response:
        fields = ("at", "operation", "conversation_id", "activity_id", "activity", "status")
        return web.json_response([{name: getattr(r, name) for name in fields} for r in self._ms.connector.requests])

    async def _deliveries(self, _request: web.Request) -> web.Response:
        return web.json_response([{**outcome(d), "activity": d.activity} for d in self._ms.channel.deliveries])

    async def _forged(self, request: web.Request) -> web.Response:
        user = self._ms.user(request.query.get("user", "anna.schmidt"))
        return web.json_response({"sso": self._ms.forged_sso_tokens(user)})

    # Misbehaviour

    def _surfaces(self) -> dict[str, Misbehaviour]:
        ms = self._ms
        return {
            "identity": ms.identity.faults,
            "channel": ms.channel.faults,
            "connector": ms.connector.faults,
            "graph": ms.graph.faults,
        }

    def _surface(self, request: web.Request) -> Misbehaviour:
        surface = self._surfaces().get(request.match_info["surface"])
        if surface is None:
            raise bad_request("surface is identity, channel, connector or graph")
        return surface

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response({name: faults.listing() for name, faults in self._surfaces().items()})

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault(**await body_of(request))
        except TypeError as error:
            raise bad_request(str(error)) from None
        self._surface(request).add(fault)
        return web.json_response({"armed": True}, status=201)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._surface(request).clear(request.query.get("where"))
        return web.json_response({"armed": False})

    # One person

    async def _token(self, request: web.Request) -> web.Response:
        overrides = await read_json(request) or {}
        return web.json_response({"token": self._ms.sso_token(self._user(request), **overrides)})

    async def _install(self, request: web.Request) -> web.Response:
        return web.json_response([outcome(d) for d in await self._ms.channel.install(self._user(request))])

    async def _uninstall(self, request: web.Request) -> web.Response:
        return web.json_response(outcome(await self._ms.channel.uninstall(self._user(request))))

    async def _message(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        fields = {name: body[name] for name in ("locale", "replyToId") if name in body}
        return web.json_response(outcome(await self._ms.channel.say(self._user(request), str(body["text"]), **fields)))

    async def _submit(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        delivery = await self._ms.channel.submit(self._user(request), body.get("value"), str(body["replyToId"]))
        return web.json_response(outcome(delivery))

    async def _invoke(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        user = self._user(request)
        delivery = await self._ms.channel.invoke(user, str(body["name"]), body.get("value"), body.get("replyToId"))
        return web.json_response(outcome(delivery))

    async def _conversation(self, request: web.Request) -> web.Response:
        return web.json_response(self._ms.conversations.of(self._user(request)).as_json())

    async def _presence(self, request: web.Request) -> web.Response:
        availability, activity = self._ms.graph.presence(self._user(request)).current()
        return web.json_response({"availability": availability, "activity": activity})

    async def _set_presence(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        self._ms.graph.set_teams_presence(self._user(request), body.get("availability"), body.get("activity"))
        return await self._presence(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: a snapshot, then each change; a comment when nothing happens for a while."""
        conversation = self._ms.conversations.of(self._user(request))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        response.headers.update(cors(request.headers.get("Origin", "null")))
        await response.prepare(request)
        changes = conversation.changes()
        upcoming = asyncio.ensure_future(anext(changes))
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            while not self._closing.is_set() and connected(request):
                done, _ = await asyncio.wait(
                    {upcoming, closing}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
                )
                await response.write(event_bytes(upcoming.result()) if upcoming in done else b": still here\n\n")
                if upcoming in done:
                    upcoming = asyncio.ensure_future(anext(changes))
        except ConnectionResetError:
            pass  # the reader has gone
        finally:
            await cancelled(upcoming, closing)
            await changes.aclose()
        return response


async def cancelled(*tasks: asyncio.Future[Any]) -> None:
    """Cancel and wait until it has happened."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def connected(request: web.Request) -> bool:
    """Whether the reader's connection is still there."""
    return request.transport is not None and not request.transport.is_closing()


def event_bytes(event: dict[str, Any]) -> bytes:
    """One server-sent event."""
    data = json.dumps(event["data"], ensure_ascii=False)
    return f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()


def outcome(delivery: Delivery) -> dict[str, Any]:
    """What the bot answered to an activity."""
    return {
        "id": delivery.activity["id"],
        "status": delivery.status,
        "body": delivery.body,
        "seconds": delivery.seconds,
    }


def user_json(user: User) -> dict[str, Any]:
    """A person for the shell."""
    return {
        "id": user.id,
        "name": user.name,
        "principalName": user.principal_name,
        "tenantId": user.tenant.id,
        "tenantName": user.tenant.name,
        "isAdmin": user.is_admin,
        "locale": user.locale,
        "phoneLogin": user.phone_login,
    }


def bad_request(text: str) -> web.HTTPBadRequest:
    """A 400 with the reason as JSON."""
    return web.HTTPBadRequest(text=json.dumps({"error": text}), content_type="application/json")


class RequiredFields(dict[str, Any]):
    """A request body; a missing field is answered with 400 that names it."""

    def __missing__(self, name: str) -> NoReturn:
        raise bad_request(f"{name} is required")


async def body_of(request: web.Request) -> RequiredFields:
    """The JSON object of a request, or 400."""
    body = await read_json(request)
    if body is None:
        raise bad_request("a JSON object is required")
    return RequiredFields(body)
