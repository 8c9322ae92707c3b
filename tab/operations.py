"""Every operation of ``/api/v1``; the lists and settings bring their own."""

from typing import Final

from tab import administration, history, keys, notices, own_data, people, presence, redirects, schema, voicemail
from tab.operation import PBX, Operation

__all__ = ["OPERATIONS", "Operation"]

_CALLS: Final = (
    Operation(
        "read_session", "GET", "/api/v1/session", "Who is signed in to which PBX, and until when",
        answer=schema.SessionState, tag="session",
    ),
    Operation(
        "sign_in", "POST", "/api/v1/session", "Sign in to a PBX; the password is used once and forgotten", status=201,
        body=schema.SignInRequest, answer=schema.SessionState, tag="session",
        refusals=("pbx_credentials_rejected", "pbx_permission", "not_found", "pbx_address_forbidden", "too_many_attempts",
                  "pbx_unreachable", "pbx_protocol", "pbx_timeout"),
    ),
    Operation(
        "sign_out", "DELETE", "/api/v1/session", "Sign out; every trace is removed", status=204, tag="session",
    ),
    Operation("list_calls", "GET", "/api/v1/calls", "Calls now", answer=schema.CallList, refusals=("signed_out",)),
    Operation(
        "place_call", "POST", "/api/v1/calls", "Call a number: the chosen phone rings first", status=202,
        body=schema.PlaceCallRequest, answer=schema.CallPlaced, refusals=(*PBX, "busy"),
    ),
    Operation(
        "hang_up", "POST", "/api/v1/calls/{id}/hangup", "End, reject or cancel a call", status=202,
        refusals=(*PBX, "not_found"), parameters=("id",),
    ),
    Operation(
        "hold", "POST", "/api/v1/calls/{id}/hold", "Put a call on hold", status=202,
        refusals=(*PBX, "not_found"), parameters=("id",),
    ),
    Operation(
        "forward", "POST", "/api/v1/calls/{id}/forward", "Send a call to another number", status=202,
        body=schema.ForwardRequest, refusals=(*PBX, "not_found"), parameters=("id",),
    ),
    Operation(
        "conference", "POST", "/api/v1/conference", "Join calls on one phone", status=202,
        body=schema.ConferenceRequest, refusals=(*PBX, "not_found"),
    ),
    Operation("list_phones", "GET", "/api/v1/phones", "One's phones", answer=schema.PhoneList, refusals=PBX, tag="phones"),
    Operation(
        "choose_phone", "PUT", "/api/v1/phones/primary", "Choose the phone that rings when none is named",
        body=schema.PrimaryPhoneRequest, answer=schema.PhoneList, refusals=(*PBX, "not_found"), tag="phones",
    ),
    Operation(
        "read_presence", "GET", "/api/v1/presence", "One's own state", answer=schema.PresenceView, refusals=PBX,
        tag="presence",
    ),
    Operation(
        "set_dnd", "PUT", "/api/v1/presence/dnd", "Switch do not disturb", body=schema.DoNotDisturbRequest,
        answer=schema.PresenceView, refusals=PBX, tag="presence",
    ),
    Operation(
        "read_interrupted", "GET", "/api/v1/interrupted", "What a sign-in stood in the way of, for five minutes",
        answer=schema.InterruptedView, tag="session",
    ),
    Operation(
        "resume_interrupted", "POST", "/api/v1/interrupted/resume", "Carry it on", status=202, answer=schema.CallPlaced,
        refusals=(*PBX, "busy", "not_found"), tag="session",
    ),
    Operation("drop_interrupted", "DELETE", "/api/v1/interrupted", "Forget it", status=204, tag="session"),
    Operation(
        "stream_events", "GET", "/api/v1/events", "Server-sent events: a snapshot, then what changes", stream=True,
        tag="session",
    ),
    Operation(
        "list_pbxs", "GET", "/api/v1/admin/pbxs", "PBXs of one's own tenant", answer=schema.PbxList,
        refusals=("not_admin",), tag="administration",
    ),
    Operation(
        "add_pbx", "POST", "/api/v1/admin/pbxs", "Map a PBX", status=201, body=schema.PbxRequest, answer=schema.PbxView,
        refusals=("not_admin", "pbx_address_forbidden"), tag="administration",
    ),
    Operation(
        "change_pbx", "PATCH", "/api/v1/admin/pbxs/{id}", "Change a mapping", body=schema.PbxChangeRequest,
        answer=schema.PbxView, refusals=("not_admin", "not_found", "pbx_address_forbidden"), tag="administration",
        parameters=("id",),
    ),
    Operation(
        "remove_pbx", "DELETE", "/api/v1/admin/pbxs/{id}", "Remove a mapping and end the sign-ins to it", status=204,
        refusals=("not_admin", "not_found"), tag="administration", parameters=("id",),
    ),
    Operation(
        "check_pbx", "POST", "/api/v1/admin/pbxs/{id}/check", "Try a mapping without anybody's credentials",
        answer=schema.CheckList, refusals=("not_admin", "not_found", "too_many_attempts"), tag="administration",
        parameters=("id",),
    ),
)  # fmt: skip

OPERATIONS: Final = (
    *_CALLS,
    *people.OPERATIONS,
    *history.OPERATIONS,
    *notices.OPERATIONS,
    *presence.OPERATIONS,
    *redirects.OPERATIONS,
    *keys.OPERATIONS,
    *voicemail.OPERATIONS,
    *own_data.OPERATIONS,
    *administration.OPERATIONS,
)
