"""The control interface: what a person, a test or the command line makes the PBX do, as JSON over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiohttp import web

from infra.simulator.starface.accounts import UnknownAccountError
from infra.simulator.starface.control_view import callback_view, pbx_view, request_view, user_views
from infra.simulator.starface.handling import CallActionError
from infra.simulator.starface.misbehaviour import Kind, Misbehaviour
from infra.simulator.starface.numbers import parse_dialled
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import Behaviour, Outside
from infra.simulator.starface.switch_values import UnknownSwitchError, switch_alternatives, switches_as_json

RESTART_AFTER = 0.05
"""Seconds between the answer to a restart and the restart, so that the answer still gets out."""

Body = Mapping[str, Any]
Action = Callable[[Body], Awaitable[dict[str, Any]] | dict[str, Any]]


class Machine(Protocol):
    """The running simulator as its control interface needs it."""

    @property
    def pbx(self) -> Pbx: ...

    @property
    def url(self) -> str: ...

    async def restart(self, *, keep_calls: bool = False, down_for: float = 0.0) -> None: ...


class BadRequestError(ValueError):
    """The body of a control request does not fit."""


class ControlInterface:
    """`GET /_control/api/state`, `POST /_control/api/<action>`, `PATCH /_control/api/switches` and records."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._pbx = machine.pbx
        self._actions: dict[str, Action] = {**self._call_actions(), **self._pbx_actions()}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/_control/api/state", self._state)
        router.add_get("/_control/api/users", self._users)
        router.add_get("/_control/api/requests", self._requests)
        router.add_get("/_control/api/callbacks", self._callbacks)
        router.add_get("/_control/api/switches", self._switches)
        router.add_patch("/_control/api/switches", self._change_switches)
        router.add_post("/_control/api/{action}", self._act)

    def _call_actions(self) -> dict[str, Action]:
        pbx, do = self._pbx, self._pbx.handling
        return {
            "ring": lambda body: _id(
                pbx.ring(_text(body, "target"), from_number=_text(body, "from"), name=_text(body, "name", ""))
            ),
            "place": lambda body: _id(
                pbx.placing.place(pbx.accounts.user(_text(body, "login")), _text(body, "number"))
            ),
            "answer": lambda body: _id(do.answer(_text(body, "login"), _call(body), _text(body, "phone", ""))),
            "remote-answer": lambda body: _id(do.remote_answers(_text(body, "login"), _call(body))),
            "hangup": lambda body: _id(do.hang_up(_text(body, "login"), _call(body))),
            "hold": lambda body: _id(do.hold(_text(body, "login"), _call(body))),
            "resume": lambda body: _id(do.resume(_text(body, "login"), _call(body))),
            "miss": lambda body: _id(do.miss(_text(body, "login"), _call(body))),
            "voicemail": lambda body: _id(do.send_to_voicemail(_text(body, "login"), _call(body))),
            "forward": lambda body: _id(do.forward(_text(body, "login"), _text(body, "target"), _call(body))),
            "transfer": lambda body: _id(do.transfer(_text(body, "login"), _call(body), _text(body, "parkedId"))),
            "conference": lambda body: {"room": do.conference(_text(body, "login"), _texts(body, "callIds"))},
        }

    def _pbx_actions(self) -> dict[str, Action]:
        return {
            "restart": self._restart,
            "password": self._change_password,
            "remove-user": self._remove_user,
            "right": self._set_right,
            "end-sessions": self._end_sessions,
            "dnd": self._set_dnd,
            "advance": self._advance,
            "misbehave": self._misbehave,
            "behave": self._behave,
            "entries": self._generate_entries,
            "outside": self._set_outside,
            "clear-records": self._clear_records,
        }

    async def _act(self, request: web.Request) -> web.Response:
        action = self._actions.get(request.match_info["action"])
        if action is None:
            return _error(404, f"There is no action {request.match_info['action']}")
        try:
            result = action(await _body(request))
            return web.json_response(await result if isinstance(result, Awaitable) else result)
        except UnknownAccountError as error:
            return _error(404, str(error))
        except CallActionError as error:
            return _error(409, str(error))
        except (ValueError, TypeError) as error:
            return _error(400, str(error))

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response({"url": self._machine.url, **pbx_view(self._pbx)})

    async def _users(self, _request: web.Request) -> web.Response:
        return web.json_response({"users": user_views(self._pbx)})

    async def _requests(self, request: web.Request) -> web.Response:
        kept = list(self._pbx.recorder.requests)[-_limit(request) :]
        return web.json_response({"requests": [request_view(each) for each in kept]})

    async def _callbacks(self, request: web.Request) -> web.Response:
        kept = list(self._pbx.recorder.callbacks)[-_limit(request) :]
        return web.json_response({"callbacks": [callback_view(each) for each in kept]})

    async def _switches(self, _request: web.Request) -> web.Response:
        values = switches_as_json(self._pbx.switches)
        return web.json_response({"switches": values, "alternatives": switch_alternatives()})

    async def _change_switches(self, request: web.Request) -> web.Response:
        try:
            self._pbx.panel.change(await _body(request))
        except (UnknownSwitchError, BadRequestError) as error:
            return _error(400, str(error))
        return await self._switches(request)

    async def _restart(self, body: Body) -> dict[str, Any]:
        keep_calls, down_for = bool(body.get("keepCalls")), float(body.get("downFor", 0))

        async def restart() -> None:
            await asyncio.sleep(RESTART_AFTER)
            await self._machine.restart(keep_calls=keep_calls, down_for=down_for)

        self._pbx.tasks.start(restart())
        return {"restarting": True}

    def _change_password(self, body: Body) -> dict[str, Any]:
        self._pbx.change_password(_text(body, "login"), _text(body, "password"))
        return {"changed": True}

    def _remove_user(self, body: Body) -> dict[str, Any]:
        self._pbx.remove_user(_text(body, "login"))
        return {"removed": True}

    def _set_right(self, body: Body) -> dict[str, Any]:
        self._pbx.set_right(_text(body, "login"), _text(body, "right"), granted=bool(body.get("granted")))
        return {"changed": True}

    def _end_sessions(self, body: Body) -> dict[str, Any]:
        login = _text(body, "login", "") or None
        return {"ended": self._pbx.end_sessions(login, tell=bool(body.get("tell", True)))}

    def _set_dnd(self, body: Body) -> dict[str, Any]:
        self._pbx.set_dnd(_text(body, "login"), enabled=bool(body.get("enabled")))
        return {"changed": True}

    def _advance(self, body: Body) -> dict[str, Any]:
        self._pbx.clock.advance(float(body.get("seconds", 0)))
        return {"now": self._pbx.clock.now()}

    def _misbehave(self, body: Body) -> dict[str, Any]:
        times = body.get("times")
        fault = Misbehaviour(
            Kind(_text(body, "kind")),
            _text(body, "method", "*"),
            None if times is None else int(times),
            seconds=float(body.get("seconds", 1.0)),
            size=int(body.get("size", 8 * 1024 * 1024)),
            after_effect=bool(body.get("afterEffect")),
        )
        self._pbx.misbehaviours.add(fault)
        return {"active": len(self._pbx.misbehaviours.active)}

    def _behave(self, _body: Body) -> dict[str, Any]:
        self._pbx.misbehaviours.clear()
        return {"active": 0}

    def _generate_entries(self, body: Body) -> dict[str, Any]:
        user = self._pbx.accounts.user(_text(body, "login"))
        self._pbx.lists.generate(user, int(body.get("count", 10)))
        return {"entries": len(self._pbx.lists.of(user))}

    def _set_outside(self, body: Body) -> dict[str, Any]:
        number = parse_dialled(_text(body, "number"))
        if number is None:
            raise BadRequestError("number: not a telephone number")
        behaviour = Behaviour(_text(body, "behaviour", "answers"))
        outside = Outside(number, _text(body, "name", ""), behaviour, float(body.get("after", 0.1)))
        self._pbx.accounts.set_outside(outside)
        return {"number": number}

    def _clear_records(self, _body: Body) -> dict[str, Any]:
        self._pbx.recorder.clear()
        return {"cleared": True}


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise BadRequestError("Send application/json")
    try:
        body = await request.json()
    except ValueError as error:
        raise BadRequestError("The body is no JSON") from error
    if not isinstance(body, dict):
        raise BadRequestError("The body is no JSON object")
    return body


def _text(body: Body, name: str, otherwise: str | None = None) -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str):
        raise BadRequestError(f"{name}: a text is needed")
    return value


def _texts(body: Body, name: str) -> list[str]:
    value = body.get(name)
    if not isinstance(value, list):
        raise BadRequestError(f"{name}: a list is needed")
    return [str(each) for each in value]


def _call(body: Body) -> str:
    return _text(body, "callId", "")


def _id(call_id: str) -> dict[str, Any]:
    return {"callId": call_id}


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", "")
    return max(1, int(text)) if text.isdecimal() else 200


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
