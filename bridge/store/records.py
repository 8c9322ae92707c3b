"""Messages and entries as compact bytes and back: JSON by position, the first item tells the form.

What cannot be read - another form, another program's value - raises :class:`RecordUnknown`, never anything else.
"""

import json
from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any, TypeVar

from bridge.errors import EndReason
from bridge.model.calls import Call, CallTable
from bridge.model.colleagues import Colleague
from bridge.model.ids import CallId, PbxId, SessionId
from bridge.model.messages import (
    CallInterrupted,
    CallMissed,
    CallsChanged,
    Change,
    ColleaguesChanged,
    LineChanged,
    PresenceChanged,
    Resync,
    SessionEnded,
    SessionOpened,
    VoicemailsChanged,
)
from bridge.model.pbx import PbxAccess, Session, TokenForm, UcpVersion
from bridge.model.presence import OwnPresence
from bridge.model.telephony import CallState, Direction, Party
from bridge.secret import Secret
from bridge.service.ports import NoSession, Pulse
from bridge.store.keys import user_key

T = TypeVar("T")

_FORM = 1
_STATES = {state.value: state for state in CallState}
_DIRECTIONS = {direction.value: direction for direction in Direction}
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class RecordUnknown(Exception):
    """Not in a form that this version of the program writes."""


def _reading(read: Callable[[list[Any]], T]) -> Callable[[bytes], T]:
    """Make a reader of one form; whatever does not fit becomes ``RecordUnknown``."""

    def reader(raw: bytes) -> T:
        try:
            form, *items = json.loads(raw)
            if form != _FORM:
                raise RecordUnknown
            return read(items)
        except (ValueError, TypeError, LookupError, OverflowError, AttributeError, RecursionError):
            raise RecordUnknown from None

    return reader


def _written(*items: object) -> bytes:
    return _dump((_FORM, *items)).encode()


def _stamp(time: datetime | None) -> float | None:
    return time.timestamp() if time is not None else None


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _maybe_time(stamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if stamp is not None else None


# ------------------------------------------------------------------ sign-ins


def write_session(session: Session) -> bytes:
    """Write a sign-in with its token: only ever to be sealed."""
    access = session.access
    return _written(
        session.id,
        session.user.tenant,
        session.user.person,
        session.pbx,
        [
            access.login,
            access.token.reveal(),
            access.form,
            access.ucp,
            access.server_version,
            access.refresh_token.reveal() if access.refresh_token is not None else None,
            _stamp(access.token_ends_at),
            access.rest_token.reveal() if access.rest_token is not None else None,
        ],
        session.callback_secret.reveal(),
        session.created_at.timestamp(),
        session.ends_at.timestamp(),
        session.country,
        session.own_numbers,
        session.event_services,
    )


def _session(items: list[Any]) -> Session:
    identity, tenant, person, pbx, access, callback, created, ends, country, numbers, services = items
    login, token, form, ucp, version, refresh, token_ends, *later = access
    return Session(
        id=SessionId(identity),
        user=user_key(tenant, person),
        pbx=PbxId(pbx),
        access=PbxAccess(
            login=login,
            token=Secret(token),
            form=TokenForm(form),
            ucp=UcpVersion(ucp),
            server_version=version,
            refresh_token=Secret(refresh) if refresh is not None else None,
            token_ends_at=_maybe_time(token_ends),
            rest_token=Secret(later[0]) if later and later[0] is not None else None,
        ),
        callback_secret=Secret(callback),
        created_at=_time(created),
        ends_at=_time(ends),
        country=country,
        own_numbers=tuple(numbers),
        event_services=tuple(services),
    )


def write_reason(session: Session, reason: EndReason) -> bytes:
    """Write why there is no sign-in and whose it was."""
    return _written(reason, session.user.tenant, session.user.person, session.pbx, session.id)


def _reason(items: list[Any]) -> NoSession:
    reason, tenant, person, pbx, identity = items
    return NoSession(EndReason(reason), user_key(tenant, person), PbxId(pbx), SessionId(identity))


def write_pulse(pulse: Pulse) -> bytes:
    """Write the keeper's notes."""
    return _written(*astuple(pulse))


read_session = _reading(_session)
read_reason = _reading(_reason)
read_pulse = _reading(lambda items: Pulse(*items))

# ------------------------------------------------------------------ calls


def write_table(table: CallTable) -> bytes:
    """Write a whole table of calls."""
    return _written(*_table_items(table))


def _table_items(table: CallTable) -> tuple[object, ...]:
    return table.version, table.aliases, [_call_items(call) for call in table.calls]


def _table(items: list[Any]) -> CallTable:
    version, aliases, calls = items
    return CallTable(tuple(map(_call, calls)), version, tuple((CallId(old), CallId(new)) for old, new in aliases))


def _call_items(call: Call) -> tuple[object, ...]:
    return (
        call.id,
        call.state,
        call.direction,
        call.remote.number,
        call.remote.name,
        call.started_at.timestamp(),
        call.version,
        call.group,
        _stamp(call.connected_at),
        _stamp(call.ended_at),
        _stamp(call.reported_at),
        call.placed_here,
    )


def _call(items: list[Any]) -> Call:
    identity, state, direction, number, name, started, version, group, connected, ended, reported, placed = items
    return Call(
        CallId(identity),
        _STATES[state],
        _DIRECTIONS[direction],
        Party(number, name),
        _time(started),
        version,
        group,
        _maybe_time(connected),
        _maybe_time(ended),
        _maybe_time(reported),
        placed,
    )


read_table = _reading(_table)

# ------------------------------------------------------------------ changes


def write_change(change: Change) -> bytes:
    """Write what happened to a person's sign-in, calls or presence."""
    return _written(*_change_items(change))


def _change_items(change: Change) -> tuple[object, ...]:
    match change:
        case CallsChanged(table):
            items: tuple[object, ...] = ("calls", *_table_items(table))
        case CallMissed(call, proven, voicemail):
            items = ("missed", _call_items(call), proven, voicemail)
        case SessionOpened(pbx):
            items = ("opened", pbx)
        case SessionEnded(pbx, reason):
            items = ("ended", pbx, reason)
        case PresenceChanged(own):
            said = (own.telephony, own.dnd, own.chat, own.message, own.source)
            items = ("presence", *said, own.since.timestamp(), own.reported)
        case ColleaguesChanged(colleagues):
            items = (
                "colleagues",
                *((each.id, each.name, each.number, each.state, each.since.timestamp()) for each in colleagues),
            )
        case VoicemailsChanged():
            items = ("voicemails",)
        case LineChanged(code):
            items = ("line", code)
        case Resync() | CallInterrupted():  # the latter is told within a process only
            items = ("resync",)
    return items


def _presence(items: list[Any]) -> Change:
    telephony, dnd, chat, message, source, since, reported = items
    return PresenceChanged(OwnPresence(telephony, dnd, chat, message, source, _time(since), reported))


def _colleagues(items: list[Any]) -> Change:
    rows = [(identity, name, number, state, _time(since)) for identity, name, number, state, since in items]
    return ColleaguesChanged(tuple(Colleague(*row) for row in rows))


_CHANGES: dict[str, Callable[[list[Any]], Change]] = {
    "calls": lambda items: CallsChanged(_table(items)),
    "missed": lambda items: CallMissed(_call(items[0]), *map(bool, items[1:3])),
    "opened": lambda items: SessionOpened(PbxId(items[0])),
    "ended": lambda items: SessionEnded(PbxId(items[0]), EndReason(items[1])),
    "presence": _presence,
    "colleagues": _colleagues,
    "voicemails": lambda _: VoicemailsChanged(),
    "line": lambda items: LineChanged(items[0]),
    "resync": lambda _: Resync(),
}

read_change = _reading(lambda items: _CHANGES[items[0]](items[1:]))

# ------------------------------------------------------------------ small values


def write_value(value: object) -> bytes:
    """Write a small mapping of JSON values."""
    return _written(value)


def _value(items: list[Any]) -> dict[str, object]:
    (value,) = items
    if not isinstance(value, dict):
        raise RecordUnknown
    return value


read_value = _reading(_value)
