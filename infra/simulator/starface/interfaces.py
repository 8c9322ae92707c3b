"""All interfaces of the PBX in one web application."""

from typing import Protocol

from aiohttp import web

from infra.simulator.starface import methods_call, methods_connection, methods_phone
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.rpc import MOST_BYTES, RpcEndpoint

TABLES = (
    methods_connection.connection,
    methods_connection.service,
    methods_connection.system,
    methods_connection.legacy,
    methods_call.call,
    methods_phone.phone,
)


class Machine(Protocol):
    """The running simulator as its control interface needs it."""

    @property
    def pbx(self) -> Pbx: ...

    async def restart(self, *, keep_calls: bool = False, down_for: float = 0.0) -> None: ...


def build_application(machine: Machine) -> web.Application:
    """The application that a simulator serves."""
    application = web.Application(client_max_size=MOST_BYTES)
    application.on_response_prepare.append(_name_server)
    application.router.add_post("/xml-rpc", RpcEndpoint(machine.pbx, TABLES).handle)
    return application


async def _name_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "Apache-Coyote/1.1"
