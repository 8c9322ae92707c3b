"""The simulated Microsoft Graph: presence of people, read and written by apps and by people."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import web

from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.connector import read_json
from infra.simulator.microsoft.keys import Claims
from infra.simulator.microsoft.limits import GRAPH_PRESENCE, RateLimiter, retry_after
from infra.simulator.microsoft.misbehaviour import Fault, Misbehaviour
from infra.simulator.microsoft.population import Population, User
from infra.simulator.microsoft.presence import Presence, PresenceRefused
from infra.simulator.microsoft.tokens import GRAPH_AUDIENCE, EntraMint

IDS_AT_ONCE = 650
REQUESTS_KEPT = 20_000

_DEFAULT_CODES = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "NotFound",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}


def graph_error(code: str, message: str) -> dict[str, Any]:
    """The error body of Graph."""
    return {"error": {"code": code, "message": message, "innerError": {"date": "2026-01-01T00:00:00"}}}


def fault_body(fault: Fault) -> dict[str, Any]:
    """The body of an ordered failure of Graph."""
    return graph_error(
        fault.code or _DEFAULT_CODES.get(fault.status or 0, "generalException"), "Ordered by the operator."
    )


class Refusal(Exception):
    """Graph's answer to a request that it does not carry out."""

    def __init__(self, status: int, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.wait = status, message, wait

    def response(self) -> web.Response:
        """The HTTP answer."""
        headers = {} if self.wait is None else {"Retry-After": retry_after(self.wait)}
        return web.json_response(
            graph_error(_DEFAULT_CODES[self.status], self.message), status=self.status, headers=headers
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to Graph as it was answered. `at` is in seconds of the event loop's clock."""

    at: float
    operation: str
    user_id: str | None
    body: dict[str, Any] | None
    token: Claims | None
    status: int


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose token has been checked. `user` is the person in the path, or the caller for `/me`."""

    claims: Claims
    user: User | None
    body: dict[str, Any]


Work = Callable[[Call], dict[str, Any] | None]
Rights = tuple[str, ...]
Handler = Callable[[web.Request], Awaitable[web.Response]]

READ = ("Presence.Read.All", "Presence.ReadWrite.All", "Presence.Read", "Presence.ReadWrite")
WRITE = ("Presence.ReadWrite.All", "Presence.ReadWrite")


class Graph:
    """Presence of all people of the simulated cloud.

    Attributes:
        requests: every request, refused ones included, oldest first.
        faults: what goes wrong on command; places are operation names, user ids and tenant ids.
        enforce_limits: switches the published limit on (1,500 requests in 30 s for an app and a tenant).
    """

    def __init__(self, mint: EntraMint, population: Population, clock: Clock) -> None:
        self._mint = mint
        self._population = population
        self._clock = clock
        self._presence = {user.id: Presence(clock) for user in population.users}
        self._limiter = RateLimiter(GRAPH_PRESENCE, clock)
        self.requests: deque[Asked] = deque(maxlen=REQUESTS_KEPT)
        self.faults = Misbehaviour(fault_body)
        self.enforce_limits = False

    def presence(self, user: User) -> Presence:
        """The presence of a person with all its sources."""
        return self._presence[user.id]

    def set_teams_presence(self, user: User, availability: str | None, activity: str | None = None) -> None:
        """What the person's own Teams client says from now on; None means that no client is running."""
        self.presence(user).set_teams(availability, activity)

    def routes(self) -> list[web.RouteDef]:
        """The presence part of Graph's version 1.0."""
        user = "/v1.0/users/{user}/presence"
        return [
            web.post("/v1.0/communications/getPresencesByUserId", self._handler("list", READ, self._list)),
            web.get("/v1.0/me/presence", self._handler("read", READ, self._read)),
            web.get(user, self._handler("read", READ, self._read)),
            web.get("/v1.0/communications/presences/{user}", self._handler("read", READ, self._read)),
            web.post(f"{user}/setPresence", self._handler("set", WRITE, self._set)),
            web.post(f"{user}/clearPresence", self._handler("clear", WRITE, self._clear)),
            web.post(f"{user}/setUserPreferredPresence", self._handler("prefer", WRITE, self._prefer)),
            web.post(f"{user}/clearUserPreferredPresence", self._handler("unprefer", WRITE, self._unprefer)),
        ]

    def _handler(self, operation: str, rights: Rights, work: Work) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            claims = self._claims(request)
            body = await read_json(request) if request.method == "POST" else None
            places = {operation, request.match_info.get("user", ""), str((claims or {}).get("tid"))}
            response = await self.faults.meet(request, places)
            response = response or self._answer(request, rights, work, claims, body or {})
            now = asyncio.get_running_loop().time()
            self.requests.append(Asked(now, operation, request.match_info.get("user"), body, claims, response.status))
            return response

        return handle

    def _answer(
        self, request: web.Request, rights: Rights, work: Work, claims: Claims | None, body: dict[str, Any]
    ) -> web.Response:
        if claims is None:
            return Refusal(401, "Access token is empty, expired or not meant for Microsoft Graph.").response()
        try:
            self._check_limit(str(claims.get("tid")))
            user = self._user(request, claims)
            check_right(claims, rights, user)
            answer = work(Call(claims, user, body))
        except Refusal as refusal:
            return refusal.response()
        except PresenceRefused as error:
            return Refusal(400, str(error)).response()
        return web.Response(status=200) if answer is None else web.json_response(answer)

    def _claims(self, request: web.Request) -> Claims | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            key = self._mint.keys.find(jwt.get_unverified_header(token).get("kid"))
            if key is None or scheme.lower() != "bearer":
                return None
            options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
            public = key.private.public_key()
            claims = jwt.decode(token, public, algorithms=["RS256"], audience=GRAPH_AUDIENCE, options=options)
        except jwt.PyJWTError:
            return None
        return claims if claims["exp"] > self._clock.now() else None

    def _check_limit(self, tenant: str) -> None:
        if not self.enforce_limits:
            return
        wait = self._limiter.wait_for(tenant)
        if wait > 0:
            raise Refusal(429, "Too many requests.", wait=wait)
        self._limiter.count(tenant)

    def _user(self, request: web.Request, claims: Claims) -> User | None:
        wanted = request.match_info.get("user") or (
            claims.get("oid") if request.path.endswith("/me/presence") else None
        )
        if wanted is None:
            return None
        try:
            user = self._population.user(wanted)
        except KeyError:
            raise Refusal(404, "The user does not exist.") from None
        if user.tenant.id != claims.get("tid"):
            raise Refusal(404, "The user does not exist in this tenant.")
        return user

    def _list(self, call: Call) -> dict[str, Any]:
        ids = call.body.get("ids")
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise Refusal(400, "ids must be a list of user ids.")
        if len(ids) > IDS_AT_ONCE:
            raise Refusal(400, f"At most {IDS_AT_ONCE} ids are allowed.")
        known = [user for user in self._population.users if user.id in ids and user.tenant.id == call.claims.get("tid")]
        return {"value": [self._as_json(user) for user in known]}

    def _read(self, call: Call) -> dict[str, Any]:
        return self._as_json(person(call))

    def _as_json(self, user: User) -> dict[str, Any]:
        availability, activity = self.presence(user).current()
        return {
            "id": user.id,
            "availability": availability,
            "activity": activity,
            "statusMessage": None,
            "outOfOfficeSettings": {"message": None, "isOutOfOffice": False},
        }

    def _set(self, call: Call) -> None:
        session_id, availability, activity = (
            text(call.body, name) for name in ("sessionId", "availability", "activity")
        )
        if session_id != call.claims.get("appid"):
            raise Refusal(400, "sessionId must be the id of the calling app.")
        self.presence(person(call)).set_session(session_id, availability, activity, call.body.get("expirationDuration"))

    def _clear(self, call: Call) -> None:
        if not self.presence(person(call)).clear_session(text(call.body, "sessionId")):
            raise Refusal(404, "There is no such presence session.")

    def _prefer(self, call: Call) -> None:
        availability, activity = text(call.body, "availability"), text(call.body, "activity")
        self.presence(person(call)).prefer(availability, activity, call.body.get("expirationDuration"))

    def _unprefer(self, call: Call) -> None:
        self.presence(person(call)).forget_preferred()


def check_right(claims: Claims, rights: Rights, user: User | None) -> None:
    """Refuse with 403 unless the token carries one of the rights.

    App tokens need the form that ends in `.All`; a person's token may do with the short form for the person's own presence.
    """
    if claims.get("idtyp") == "app":
        held = {role for role in claims.get("roles", []) if role.endswith(".All")}
    else:
        own = user is not None and user.id == claims.get("oid")
        held = {scope for scope in str(claims.get("scp", "")).split() if own or scope.endswith(".All")}
    if held.isdisjoint(rights):
        raise Refusal(403, "Insufficient privileges to complete the operation.")


def person(call: Call) -> User:
    """The person whom the request is about."""
    if call.user is None:
        raise Refusal(404, "The user does not exist.")
    return call.user


def text(body: dict[str, Any], name: str) -> str:
    """A required string of the body."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(400, f"{name} is required.")
    return value
