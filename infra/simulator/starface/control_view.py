"""What the control interface shows of a PBX, as JSON; never a password, token or callback path."""

import xmlrpc.client
from dataclasses import asdict
from typing import Any

from infra.simulator.starface.calls import Call
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import User
from infra.simulator.starface.recorder import CallbackSent, RequestSeen
from infra.simulator.starface.sessions import Session
from infra.simulator.starface.switch_values import switches_as_json

Json = dict[str, Any]

MOST_USERS = 200


def pbx_view(pbx: Pbx) -> Json:
    """Everything that lives on the PBX now."""
    return {
        "version": pbx.config.version,
        "now": pbx.clock.now(),
        "users": user_views(pbx),
        "groups": [
            {"id": each.id, "name": each.name, "number": each.internal, "loggedOn": sorted(each.logged_on)}
            for each in pbx.accounts.groups.values()
        ],
        "calls": [_call_view(each) for each in pbx.calls.all()],
        "sessions": [_session_view(each) for each in pbx.sessions.all()[:MOST_USERS]],
        "switches": switches_as_json(pbx.switches),
        "misbehaviours": [asdict(each) for each in pbx.misbehaviours.active],
        "logins": {
            "attempts": pbx.recorder.logins.attempts,
            "refused": pbx.recorder.logins.refused,
            "mostInFlight": pbx.recorder.logins.most_in_flight,
        },
    }


def user_views(pbx: Pbx) -> list[Json]:
    """The first 200 users."""
    return [_user_view(pbx, each) for each in list(pbx.accounts.users.values())[:MOST_USERS]]


def request_view(seen: RequestSeen) -> Json:
    """One recorded request."""
    return {"at": seen.at, "method": seen.method, "login": seen.login, "params": _plain(seen.params)}


def callback_view(sent: CallbackSent) -> Json:
    """One recorded event."""
    return {
        "at": sent.at,
        "method": sent.method,
        "login": sent.login,
        "params": _plain(sent.params),
        "status": sent.status,
        "error": sent.error,
    }


def _user_view(pbx: Pbx, user: User) -> Json:
    return {
        "login": user.login,
        "name": user.name,
        "internal": user.internal,
        "external": user.external,
        "telephony": pbx.calls.telephony_state(user).value,
        "dnd": user.dnd,
        "sessions": len(pbx.sessions.of(user.login)),
        "phones": [each.id for each in user.phones],
        "primaryPhone": user.primary_phone,
    }


def _call_view(call: Call) -> Json:
    return {
        "id": call.id,
        "caller": asdict(call.caller),
        "called": asdict(call.called),
        "group": call.group_id,
        "legs": [
            {"login": leg.login, "state": leg.state.value, "phone": leg.phone, "ownPhoneRings": leg.own_phone_rings}
            for leg in call.legs.values()
        ],
    }


def _session_view(session: Session) -> Json:
    target = session.callback
    return {
        "login": session.login,
        "version": session.version,
        "byJwt": session.by_jwt,
        "callback": f"{target.scheme}://{target.host}:{target.port}" if target else "",
        "subscriptions": sorted(session.subscriptions),
        "lastSeen": session.last_seen,
    }


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes | xmlrpc.client.Binary):
        return "(binary)"
    return value if isinstance(value, str | int | float | bool | None) else str(value)
