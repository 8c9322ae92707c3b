"""POST /xml-rpc: who asks, what for, and the answer in the form that the switches say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from infra.simulator.starface.codec import FaultError, UnreadableError, read_call, write_fault, write_result
from infra.simulator.starface.config import FIRST_OAUTH
from infra.simulator.starface.faulty_answers import answer_with, html_answer, redirect_answer, reset_connection
from infra.simulator.starface.method_table import Context, Method, MethodTable, resolve_name
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import User
from infra.simulator.starface.recorder import LoginCount, RequestSeen
from infra.simulator.starface.sessions import CallbackTarget
from infra.simulator.starface.switches import BadToken, ContentType, NoSession, UnknownMethod

PREFIX = "de.vertico.starface."
MOST_BYTES = 4 * 1024 * 1024

_REFUSED = FaultError(0, "UciIllegalAccessException: authentication failed")


@dataclass(frozen=True, slots=True)
class Caller:
    """What the URL says about who asks; `user` is None when the token fits nobody."""

    user: User | None
    login: str
    credential: str
    by_jwt: bool
    callback: CallbackTarget | None


class RpcEndpoint:
    """Answers XML-RPC for one PBX."""

    def __init__(self, pbx: Pbx, tables: Iterable[MethodTable]) -> None:
        self._pbx = pbx
        self._methods = {name: method for table in tables for name, method in table.methods.items()}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            name, params = read_call(await request.read())
        except UnreadableError:
            return web.Response(status=400, headers={"Connection": "close"})
        caller = identify(self._pbx, request.query)
        self._pbx.recorder.requests.append(RequestSeen(self._pbx.clock.now(), name, caller.login, params))
        if not name.endswith(".connection.login"):
            return await self._deliver(request, name, params, caller)
        return await self._deliver_login(request, name, params, caller)

    async def _deliver_login(
        self, request: web.Request, name: str, params: tuple[Any, ...], caller: Caller
    ) -> web.StreamResponse:
        known = caller.login if caller.login in self._pbx.accounts.users else ""
        counts: list[LoginCount] = [self._pbx.recorder.logins, self._pbx.recorder.login_count(known)]
        for count in counts:
            count.begin(refused=caller.user is None)
        try:
            return await self._deliver(request, name, params, caller)
        finally:
            for count in counts:
                count.end()

    async def _deliver(
        self, request: web.Request, name: str, params: tuple[Any, ...], caller: Caller
    ) -> web.StreamResponse:
        async def answer() -> web.Response:
            return self._answer(request, name, params, caller)

        return await answer_with(request, self._pbx.misbehaviours.take(name), answer)

    def _answer(self, request: web.Request, name: str, params: tuple[Any, ...], caller: Caller) -> web.Response:
        user = caller.user
        response = self._run(name, params, caller, user) if user else self._refuse(request, name)
        if self._pbx.switches.cookies and "JSESSIONID" not in request.cookies:
            response.set_cookie("JSESSIONID", "5A1F0B7C", httponly=True)
        return response

    def _run(self, name: str, params: tuple[Any, ...], caller: Caller, user: User) -> web.Response:
        switches = self._pbx.switches
        resolved = resolve_name(name)
        method = self._method(resolved)
        if resolved is None or method is None:
            if switches.unknown_method is UnknownMethod.HTTP_500:
                return web.Response(status=500, text="Internal Server Error")
            code = 5 if switches.unknown_method is UnknownMethod.FAULT_5 else 0
            return self._xml(write_fault(FaultError(code, f"No such handler: {name}")))
        try:
            context = self._context(resolved, method, caller, user)
            return self._xml(write_result(method.call(context, *method.arguments(params, switches)), switches))
        except FaultError as fault:
            return self._xml(write_fault(fault))

    def _method(self, resolved: tuple[int, str] | None) -> Method | None:
        switches = self._pbx.switches
        if resolved is None or (resolved[0] < 30 and not switches.old_names):
            return None
        method = self._methods.get(resolved[1])
        if method is None or resolved[0] < method.since or resolved[1].partition(".")[0] in switches.missing_services:
            return None
        return method if method.extra is None or method.extra in switches.extra_call_methods else None

    def _context(self, resolved: tuple[int, str], method: Method, caller: Caller, user: User) -> Context:
        """Check right and session. Raises FaultError."""
        for right in ("login", method.right):
            if right and right not in user.rights:
                raise FaultError(0, f"UciIllegalAccessException: user {user.login} lacks the right {right}")
        session = self._pbx.sessions.find(user.login, caller.callback)
        if session is None and method.needs_session:
            raise self._not_connected()
        if session is not None and self._pbx.switches.any_request_extends:
            self._pbx.sessions.touch(session)
        return Context(self._pbx, user, session, resolved[0], caller.callback, caller.credential, caller.by_jwt)

    def _not_connected(self) -> FaultError:
        switches = self._pbx.switches
        text = "de.starface.integration.uci.java.v30.exceptions.UcpNotConnectedException: not connected"
        plain = switches.no_session is NoSession.FAULT_WITHOUT_CLASS
        return FaultError(switches.no_session_code, "not connected" if plain else text)

    def _refuse(self, request: web.Request, name: str) -> web.Response:
        switches = self._pbx.switches
        answers: dict[BadToken, Callable[[], web.Response]] = {
            BadToken.HTTP_401: lambda: web.Response(status=401),
            BadToken.HTTP_403: lambda: web.Response(status=403),
            BadToken.REDIRECT: redirect_answer,
            BadToken.HTML: html_answer,
            BadToken.RESET: lambda: reset_connection(request),
            BadToken.FAULT: lambda: self._xml(write_fault(_REFUSED)),
            BadToken.LOGIN_FALSE: lambda: self._answer_false(name),
        }
        return answers[switches.bad_token]()

    def _answer_false(self, name: str) -> web.Response:
        if name.endswith((".login", ".keepAlive", ".probe")):
            return self._xml(write_result(value=False, switches=self._pbx.switches))
        return self._xml(write_fault(self._not_connected()))

    def _xml(self, body: bytes) -> web.Response:
        response = web.Response(body=body)
        form = self._pbx.switches.content_type
        if form is ContentType.NONE:
            response.headers["Content-Type"] = ""
        else:
            response.headers["Content-Type"] = form.value
        return response


def identify(pbx: Pbx, query: Mapping[str, str]) -> Caller:
    """Whose request this is, by token or JWT (UCI reference, section 1.2)."""
    callback = _callback(query)
    token, login = query.get(PREFIX + "auth", ""), query.get(PREFIX + "user", "")
    access_token = query.get(PREFIX + "jwt", "")
    if access_token and not token:
        owner = pbx.tokens.login_of(access_token) if pbx.config.version_numbers >= FIRST_OAUTH else None
        user = pbx.accounts.users.get(owner or "")
        return Caller(user, owner or login, access_token, by_jwt=True, callback=callback)
    user = pbx.authenticator.user_of_token(token, login, pbx.switches) if token else None
    claimed = user.login if user else login or token.partition(":")[0][:64]
    return Caller(user, claimed, token, by_jwt=False, callback=callback)


def _callback(query: Mapping[str, str]) -> CallbackTarget | None:
    host, port = query.get(PREFIX + "callback.host", ""), query.get(PREFIX + "callback.port", "")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        return None
    path = query.get(PREFIX + "callback.path", "/")
    scheme = "https" if query.get(PREFIX + "callback.type") == "https" else "http"
    return CallbackTarget(scheme, host, int(port), path if path.startswith("/") else "/" + path)
