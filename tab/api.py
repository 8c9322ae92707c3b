"""``/api/v1``: each operation turns a checked request into one command and its result into an answer."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from bridge.model.ids import CallId, PbxId, PhoneId
from bridge.model.messages import (
    ChoosePhone,
    Conference,
    Forward,
    HangUp,
    Hold,
    PlaceCall,
    SetDoNotDisturb,
    SignIn,
    SignOut,
)
from bridge.secret import Secret
from bridge.service.control import Control
from bridge.service.interrupted import Interrupted
from bridge.service.ports import Once, Sessions
from bridge.service.sign_in import SignIns
from tab import schema, views
from tab.identity import TeamsTokens, client_address
from tab.incoming import Act, Incoming, admitted, answered
from tab.openapi import document
from tab.operation import JSON, Operation
from tab.operations import OPERATIONS
from tab.repeats import Repeats


class Api:
    """Every operation but the stream, with whoever carries it out: an operation's name is the name of a method of one of them."""

    def __init__(self, *, tokens: TeamsTokens, sessions: Sessions, once: Once, acts: Sequence[object]) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._repeats = Repeats(once)
        self._acts = acts

    def routes(self) -> list[web.RouteDef]:
        """One route for each operation, and the OpenAPI page."""
        served = [operation for operation in OPERATIONS if not operation.stream]
        routes = [web.route(found.verb, found.path, self._handler(found, self._act(found.name))) for found in served]
        return [*routes, web.get("/api/openapi.json", _openapi)]

    def _act(self, name: str) -> Act:
        (owner,) = (each for each in self._acts if hasattr(each, name))
        act: Act = getattr(owner, name)
        return act

    def _handler(self, operation: Operation, act: Act):  # type: ignore[no-untyped-def]  # noqa: ANN202 - aiohttp's handler type
        async def handle(request: web.Request) -> web.StreamResponse:
            incoming = await admitted(request, operation, self._tokens)

            async def effect() -> web.Response:
                return answered(operation, await act(incoming))

            if operation.media != JSON:
                response: web.StreamResponse = await act(incoming)
                return response
            if not operation.repeatable:
                return await effect()
            return await self._repeats.answer(request, self._sessions.handle(incoming.key), effect)

        return handle


class TelephoneActs:
    """Session, calls, phones and presence."""

    def __init__(self, sign_ins: SignIns, control: Control, interrupted: Interrupted) -> None:
        self._sign_ins = sign_ins
        self._control = control
        self._interrupted = interrupted

    # -------------------------------------------------------------- session

    async def read_session(self, incoming: Incoming) -> schema.SessionState:
        """GET /session."""
        return views.session_state(await self._sign_ins.view(incoming.key))

    async def sign_in(self, incoming: Incoming) -> schema.SessionState:
        """POST /session."""
        body: schema.SignInRequest = incoming.body
        password, address = Secret(body.password), client_address(incoming.request)
        command = SignIn(incoming.key, PbxId(body.pbx_id), body.login, password, address)
        session = await self._sign_ins.sign_in(command)
        return views.session_state(await self._sign_ins.view_of(session))

    async def sign_out(self, incoming: Incoming) -> None:
        """DELETE /session."""
        await self._sign_ins.sign_out(SignOut(incoming.key))

    async def read_interrupted(self, incoming: Incoming) -> schema.InterruptedView:
        """GET /interrupted."""
        kept = await self._interrupted.kept(incoming.key)
        return schema.InterruptedView(action=schema.InterruptedCall(kind="call", number=kept.number) if kept else None)

    async def resume_interrupted(self, incoming: Incoming) -> schema.CallPlaced:
        """POST /interrupted/resume."""
        return schema.CallPlaced(id=await self._control.resume(incoming.key))

    async def drop_interrupted(self, incoming: Incoming) -> None:
        """DELETE /interrupted."""
        await self._interrupted.drop(incoming.key)

    # -------------------------------------------------------------- calls

    async def list_calls(self, incoming: Incoming) -> schema.CallList:
        """GET /calls."""
        return views.call_list(await self._control.calls(incoming.key))

    async def place_call(self, incoming: Incoming) -> schema.CallPlaced:
        """POST /calls."""
        body: schema.PlaceCallRequest = incoming.body
        phone = PhoneId(body.phone_id) if body.phone_id else None
        return schema.CallPlaced(id=await self._control.place(PlaceCall(incoming.key, body.number, phone)))

    async def hang_up(self, incoming: Incoming) -> None:
        """POST /calls/{id}/hangup."""
        await self._control.hang_up(HangUp(incoming.key, CallId(incoming.parameter)))

    async def hold(self, incoming: Incoming) -> None:
        """POST /calls/{id}/hold."""
        await self._control.hold(Hold(incoming.key, CallId(incoming.parameter)))

    async def forward(self, incoming: Incoming) -> None:
        """POST /calls/{id}/forward."""
        body: schema.ForwardRequest = incoming.body
        await self._control.forward(Forward(incoming.key, CallId(incoming.parameter), body.target))

    async def conference(self, incoming: Incoming) -> None:
        """POST /conference."""
        body: schema.ConferenceRequest = incoming.body
        phone = PhoneId(body.phone_id) if body.phone_id else None
        ids = tuple(dict.fromkeys(CallId(call) for call in body.call_ids))
        await self._control.conference(Conference(incoming.key, ids, phone))

    # -------------------------------------------------------------- phones and presence

    async def list_phones(self, incoming: Incoming) -> schema.PhoneList:
        """GET /phones."""
        return views.phone_list(await self._control.phones(incoming.key))

    async def choose_phone(self, incoming: Incoming) -> schema.PhoneList:
        """PUT /phones/primary."""
        body: schema.PrimaryPhoneRequest = incoming.body
        return views.phone_list(await self._control.choose_phone(ChoosePhone(incoming.key, PhoneId(body.id))))

    async def read_presence(self, incoming: Incoming) -> schema.PresenceView:
        """GET /presence."""
        return views.presence(await self._control.presence(incoming.key))

    async def set_dnd(self, incoming: Incoming) -> schema.PresenceView:
        """PUT /presence/dnd."""
        body: schema.DoNotDisturbRequest = incoming.body
        return views.presence(await self._control.set_dnd(SetDoNotDisturb(incoming.key, body.enabled)))


_ONE_DAY: Final = "public, max-age=300"


async def _openapi(_: web.Request) -> web.Response:
    return web.json_response(document(), headers={"Cache-Control": _ONE_DAY})
