"""From the bytes that a PBX posts to an event of the model (UCI reference, section 5). The HTTP route is elsewhere."""

from collections.abc import Sequence
from typing import Final

from bridge.model.telephony import (
    LampReport,
    PbxConnectionReset,
    PbxEvent,
    PresenceHint,
    VoicemailHint,
)
from bridge.starface.key_structs import read_lamps
from bridge.starface.methods import CALL_EVENTS
from bridge.starface.structs import read_call, read_renamed, read_waiting
from bridge.starface.wire import Value, decode_call, encode_answer

_CALL_STATES: Final = frozenset(f"{service}.receiveCallState" for service in CALL_EVENTS.values())
_CALL_STATE: Final = "receivecallstate"
_CHANGED_ID: Final = "callchangesidevent"
_MESSAGES: Final = "newmessagewaitingindicationevent"
_RESET: Final = "reset"
_CALL_SERVICES: Final = frozenset({"call"})
_KEYS: Final = "functionkey"
_VOICEMAILS: Final = "voicemaillist"
_HINTS: Final = frozenset({"userstate", _KEYS, "redirect"})
"""Services whose events say that something of the person's own changed; what, a question tells better."""

_ANSWER: Final = encode_answer("")


def decode_event(body: bytes) -> tuple[str, PbxEvent | None]:
    """Give the method's name and what it means; ``None`` for a method that is of no use here.

    Raises:
        WireError: the body is no readable ``methodCall``.
    """
    method, params = decode_call(body)
    return method, _event(method, params)


def answer_ok() -> bytes:
    """The ``methodResponse`` for every event that was taken; no PBX looks into it."""
    return _ANSWER


def _event(method: str, params: Sequence[Value]) -> PbxEvent | None:
    if method in _CALL_STATES and params:
        return read_call(params[0])
    if not method.startswith("ucp."):
        return None
    service, _, name = method.lower().rpartition(".")
    service = service.rpartition(".")[2]
    if service in _CALL_SERVICES:
        return _call_event(name, params)
    if service == "connection" and name == _RESET:
        return PbxConnectionReset()
    return _own_event(service, params)


def _own_event(service: str, params: Sequence[Value]) -> PbxEvent | None:
    if service == _VOICEMAILS:
        return VoicemailHint()
    if service == _KEYS and (lamps := read_lamps(list(params[:1]))):
        return LampReport(lamps[0])
    return PresenceHint() if service in _HINTS else None


def _call_event(name: str, params: Sequence[Value]) -> PbxEvent | None:
    if name == _CALL_STATE:
        return read_call(params[0]) if params else None
    if name == _CHANGED_ID:
        return read_renamed(params)
    return read_waiting(params) if name == _MESSAGES else None
