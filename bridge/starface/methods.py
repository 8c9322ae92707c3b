"""Every method name of UCP in one table: which generation knows which request, and which event means what.

A request is named here as the present generation names it, ``service.method``. The generations differ in the prefix, in two
renamed requests of the oldest one, and in what they lack (UCI reference, sections 3.1, 4 and 5.3).
"""

from typing import Final

from bridge.errors import NotOffered
from bridge.model.pbx import UcpVersion

GENERATIONS: Final = (UcpVersion.V30, UcpVersion.V22, UcpVersion.V20)
"""Newest first: the order in which they are tried."""

_V20: Final = {
    "connection.login": "ucp.v20.server.connection.login",
    "connection.logout": "ucp.v20.server.connection.logout",
    "connection.keepAlive": "ucp.v20.server.connection.probe",
    "service.setProvidedServices": "ucp.v20.server.connection.setProvidedServices",
    "call.getCallIds": "ucp.v20.server.communication.call.getCallIds",
    "call.getCallState": "ucp.v20.server.communication.call.getCallState",
    "call.placeCallWithPhone": "ucp.v20.server.communication.call.placeCall",
    "call.hangupCall": "ucp.v20.server.communication.call.hangupCall",
    "phone.getPhoneIds": "ucp.v20.server.communication.call.getPhoneIds",
}
_V30_ONLY: Final = frozenset(
    {
        "call.hold",
        "call.forward",
        "call.conference",
        "call.monitor",
        "call.callVoicemailBox",
        "call.grabVoicemailBoxCallerWithPhone",
        "call.getCurrentMessageWaitingState",
        "call.getImageOfHash",
        "callList.placeCallbackCallWithPhone",
        "functionKey.getALLFunctionKeys",
        "functionKey.searchFunctionKeys",
    }
)
_REPEATABLE: Final = ("get", "provides", "search", "keepAlive")

CALL_EVENTS: Final = {
    UcpVersion.V30: "ucp.v30.events.call",
    UcpVersion.V22: "ucp.v22.events.call",
    UcpVersion.V20: "ucp.v20.client.communication.call",
}
V20_SERVICES: Final = (CALL_EVENTS[UcpVersion.V20], "ucp.v20.client.connection")
"""What a client of the oldest generation announces that it implements."""

WANTED_EVENTS: Final = frozenset({"userstate", "functionkey", "connection", "redirect", "group", "voicemaillist"})
"""Last parts of the event services worth a subscription besides calls, lower case; which of them exist only a PBX tells."""


def wire_name(request: str, generation: UcpVersion) -> str:
    """Give the name on the wire of a request, e.g. ``call.hold``.

    Raises:
        NotOffered: when this generation has no such request.
    """
    if generation is UcpVersion.V20:
        name = _V20.get(request)
        if name is None:
            raise NotOffered("the PBX's generation has no such request")
        return name
    if generation is UcpVersion.V22 and request in _V30_ONLY:
        raise NotOffered("the PBX's generation has no such request")
    return f"ucp.{generation}.requests.{request}"


def is_repeatable(request: str) -> bool:
    """Tell whether a request only asks, so that it may be sent again when its answer was lost."""
    return request.partition(".")[2].startswith(_REPEATABLE)
