"""All interfaces of the PBX in one web application."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from infra.simulator.starface import (
    methods_call,
    methods_call_list,
    methods_connection,
    methods_function_key,
    methods_group,
    methods_phone,
    methods_redirect,
    methods_user_state,
    methods_voicemail,
)
from infra.simulator.starface.control import ControlInterface, Machine
from infra.simulator.starface.faulty_answers import answer_with
from infra.simulator.starface.oauth import OAuthInterface
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.recorder import RequestSeen
from infra.simulator.starface.recording_files import RecordingFiles
from infra.simulator.starface.rest import RestInterface
from infra.simulator.starface.rpc import MOST_BYTES, RpcEndpoint

TABLES = (
    methods_connection.connection,
    methods_connection.service,
    methods_connection.system,
    methods_connection.legacy,
    methods_call.call,
    methods_phone.phone,
    methods_user_state.user_state,
    methods_call_list.call_list,
    methods_redirect.redirect,
    methods_function_key.function_key,
    methods_group.group,
    methods_voicemail.voicemail_list,
)

_PAGE = Path(__file__).with_name("control_page.html").read_text("utf-8")
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PBX_KEY = web.AppKey("pbx", Pbx)


def build_application(machine: Machine) -> web.Application:
    """The application that a simulator serves."""
    application = web.Application(client_max_size=MOST_BYTES, middlewares=[_misbehave_in_rest])
    application[PBX_KEY] = machine.pbx
    application.on_response_prepare.append(_name_server)
    application.router.add_post("/xml-rpc", RpcEndpoint(machine.pbx, TABLES).handle)
    RestInterface(machine.pbx).add_routes(application.router)
    OAuthInterface(machine.pbx).add_routes(application.router)
    RecordingFiles(machine.pbx).add_routes(application.router)
    ControlInterface(machine).add_routes(application.router)
    application.router.add_get("/_control/", _show_control_page)
    application.router.add_get("/_control", _point_to_control_page)
    return application


@web.middleware
async def _misbehave_in_rest(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Record REST and OAuth requests, and apply misbehaviours named such as `GET /rest/*`."""
    if not request.path.startswith(("/rest/", "/auth/", "/.well-known/", "/voicemail/")):
        return await handler(request)
    pbx = request.app[PBX_KEY]
    name = f"{request.method} {request.path}"
    pbx.recorder.requests.append(RequestSeen(pbx.clock.now(), name, ""))
    return await answer_with(request, pbx.misbehaviours.take(name), lambda: handler(request))


async def _show_control_page(_request: web.Request) -> web.Response:
    headers = {"Content-Security-Policy": _PAGE_POLICY}
    return web.Response(text=_PAGE, content_type="text/html", headers=headers)


async def _point_to_control_page(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/_control/")


async def _name_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "Apache-Coyote/1.1"
