"""Which XML-RPC methods exist, for which generation of clients, and how they are declared."""

import re
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.simulator.starface.codec import FaultError
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import User
from infra.simulator.starface.sessions import CallbackTarget, Session
from infra.simulator.starface.switches import ExtraCallMethod, NilParameter, Switches

_MODERN = re.compile(r"ucp\.v(22|30)\.requests\.(\w+\.\w+)")
_V22_CALLS = "ucp.v22.server.communication.call."

_OLD_NAMES = {
    "ucp.v20.server.connection.login": "connection.login",
    "ucp.v20.server.connection.probe": "connection.keepAlive",
    "ucp.v20.server.connection.logout": "connection.logout",
    "ucp.v20.server.connection.setProvidedServices": "legacy.setProvidedServices",
    "ucp.v20.server.communication.call.getPhoneIds": "phone.getPhoneIds",
    "ucp.v20.server.communication.call.getCallIds": "call.getCallIds",
    "ucp.v20.server.communication.call.getCallState": "call.getCallState",
    "ucp.v20.server.communication.call.placeCall": "call.placeCallWithPhone",
    "ucp.v20.server.communication.call.hangupCall": "call.hangupCall",
    "ucp.v22.server.connection.keepAlive": "connection.keepAlive",
    _V22_CALLS + "getPhoneIds": "phone.getPhoneIds",
    _V22_CALLS + "getCallIds": "call.getCallIds",
    _V22_CALLS + "getCallState": "call.getCallState",
    _V22_CALLS + "placeCall": "call.placeCallWithPhone",
    _V22_CALLS + "hangupCall": "call.hangupCall",
}
"""Names before v22 and the mixture that one client uses (UCI reference, sections 3.1 and 4.1)."""

_JAVA_NAMES = {
    str: "String",
    bool: "Boolean",
    int: "Integer",
    list: "List",
    dict: "Map",
    xmlrpc.client.DateTime: "Date",
    xmlrpc.client.Binary: "byte[]",
}


@dataclass(frozen=True, slots=True)
class Context:
    """A request: who sends it, on which session, in which generation of names."""

    pbx: Pbx
    user: User
    session: Session | None
    version: int
    callback: CallbackTarget | None
    credential: str
    by_jwt: bool


@dataclass(frozen=True, slots=True)
class Method:
    """A request method; `since` is the first generation that has it, `right` what the user needs."""

    call: Callable[..., Any]
    parameters: tuple[type, ...]
    since: int
    needs_session: bool
    right: str
    extra: ExtraCallMethod | None

    def arguments(self, params: tuple[Any, ...], switches: Switches) -> list[object]:
        """The parameters, checked as strictly as a Java signature. Raises FaultError."""
        values = [self._filled(value, wanted, switches) for value, wanted in zip(params, self.parameters, strict=False)]
        fits = len(params) == len(self.parameters) and all(
            type(value) is wanted for value, wanted in zip(values, self.parameters, strict=True)
        )
        if not fits:
            wanted_names = ", ".join(_JAVA_NAMES[each] for each in self.parameters)
            raise FaultError(0, f"No method matching arguments: expected ({wanted_names})")
        return values

    def _filled(self, value: object, wanted: type, switches: Switches) -> object:
        empty_counts = switches.nil_parameter is NilParameter.EMPTY and wanted in {str, bool, int, list, dict}
        return wanted() if value is None and empty_counts else value


class MethodTable:
    """The methods of one service, declared with a decorator."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.methods: dict[str, Method] = {}

    def method(
        self,
        name: str,
        *parameters: type,
        since: int = 22,
        needs_session: bool = True,
        right: str = "",
        extra: ExtraCallMethod | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a method by its wire name and parameter types."""

        def declare(call: Callable[..., Any]) -> Callable[..., Any]:
            self.methods[f"{self.service}.{name}"] = Method(call, parameters, since, needs_session, right, extra)
            return call

        return declare


def resolve_name(name: str) -> tuple[int, str] | None:
    """Generation and `service.method` of a wire name."""
    if name in _OLD_NAMES:
        return int(name[5:7]), _OLD_NAMES[name]
    found = _MODERN.fullmatch(name)
    if found is None or found[2].startswith("legacy."):
        return None
    return int(found[1]), found[2]
