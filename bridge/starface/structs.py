"""From the wire's structs to the model's types, whatever spelling, case or type of value a PBX chooses.

Member names are looked up without regard to case; where no source confirms a name, every likely one is tried (UCI reference,
sections 6 to 13). A struct that lacks what makes it useful is left out, never an error.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from bridge.model.ids import CallId, PhoneId
from bridge.model.numbers import canonical
from bridge.model.telephony import (
    CallbackProof,
    CallRenamed,
    CallReport,
    CallState,
    Direction,
    GroupMembership,
    HistoryEntry,
    HistoryPage,
    Mailbox,
    Party,
    PbxUserState,
    Phone,
    Redirect,
    Voicemail,
)
from bridge.starface.moments import read_date
from bridge.starface.wire import Value

Struct = Mapping[str, Value]

_STATES: Final = {
    "REQUESTED": (CallState.DIALING, Direction.OUTBOUND),
    "PROCEEDING": (CallState.DIALING, Direction.OUTBOUND),
    "OUTGOING": (CallState.DIALING, Direction.OUTBOUND),
    "INCOMING": (CallState.RINGING, Direction.INBOUND),
    "RINGING": (CallState.RINGING, Direction.INBOUND),
    "RINGBACK": (CallState.RINGBACK, Direction.OUTBOUND),
    "CONNECTED": (CallState.CONNECTED, None),
    "PARKED": (CallState.HELD, None),
    "CONSULT": (CallState.CONSULTING, None),
    "CONFERENCE_ACTIVE": (CallState.CONFERENCE, None),
    "CONFERENCE_INACTIVE": (CallState.CONFERENCE, None),
    "CONFERENCE_CONSULT": (CallState.CONFERENCE, None),
    "VOICEMAIL_LINKED": (CallState.VOICEMAIL, None),
    "VOICEMAIL_MAIN": (CallState.VOICEMAIL, None),
    "HANGUP": (CallState.ENDED, None),
}
_LATEST_MS: Final = 253_402_300_799_000


class Members:
    """A struct looked into without regard to the case of its member names."""

    __slots__ = ("_members",)

    def __init__(self, struct: Value) -> None:
        self._members = {name.lower(): value for name, value in struct.items()} if isinstance(struct, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._members)

    def first(self, *names: str) -> Value:
        """The first of these members that is there and not empty."""
        for name in names:
            value = self._members.get(name.lower())
            if value is not None and value != "":
                return value
        return None

    def text(self, *names: str) -> str:
        """As text; numbers in digits, anything else as nothing."""
        return _text(self.first(*names))

    def whole(self, *names: str) -> int:
        """As a whole number, 0 if it is none."""
        return read_whole(self.first(*names))

    def flag(self, *names: str) -> bool | None:
        """As a truth value, ``None`` if it is none."""
        return read_flag(self.first(*names))

    def moment(self, *names: str) -> datetime | None:
        """As a moment in UTC."""
        return read_moment(self.first(*names))

    def number(self, *names: str) -> str:
        """As a telephone number in the form shown to people."""
        return canonical(self.text(*names))

    def containing(self, part: str) -> str:
        """The text of the only or first member in whose name ``part`` occurs."""
        for name, value in self._members.items():
            if part in name and isinstance(value, str) and value:
                return value
        return ""


def read_whole(value: Value) -> int:
    """Read a whole number given as integer, double or text; 0 if it is none."""
    if isinstance(value, int | float):
        return int(value)
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def read_flag(value: Value) -> bool | None:
    """Read a truth value given as boolean, 0 or 1, or text; ``None`` if it is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in {0, 1}:
        return value == 1
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
    return None


def read_moment(value: Value) -> datetime | None:
    """Read a moment given as date, ISO text, or milliseconds since 1970 as number or text; without zone it is UTC."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        if (moment := read_date(value)) is not None and not value.strip().isdigit():
            return moment
        value = read_whole(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LATEST_MS:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def structs_in(value: Value, *names: str) -> list[Members]:
    """Give the structs of a list, or of the list in one of these members, or the only struct itself."""
    if isinstance(value, dict):
        inner = Members(value).first(*names) if names else None
        value = inner if isinstance(inner, list) else [value]
    return [Members(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def read_texts(value: Value) -> tuple[str, ...]:
    """Give the texts of a list; a single text counts as a list of one."""
    items = value if isinstance(value, list) else [value]
    return tuple(
        str(item) for item in items if isinstance(item, str | int) and item != "" and not isinstance(item, bool)
    )


# ------------------------------------------------------------------ calls


def read_call(value: Value, asked: CallId | None = None) -> CallReport | None:
    """Read CallProperties (UCI reference, section 6.1); ``None`` for the empty struct of a call that is over."""
    if not isinstance(value, dict):
        return None
    usual = "id" in value and "state" in value and "callerNumber" in value
    struct = value if usual else _respelled(value)
    call = struct.get("id") or asked
    if not struct or not isinstance(call, str) or not call:
        return None
    state, direction = _state(struct.get("state"))
    connected = struct.get("connectedTimestamp")
    group = struct.get("groupID") or struct.get("groupId") or struct.get("groupid")
    return CallReport(  # by position: this is the path of every event, and names cost a third more
        CallId(call),
        state,
        Party(_number(struct.get("callerNumber")), _text(struct.get("callerName"))),
        Party(_number(struct.get("calledNumber")), _text(struct.get("calledName"))),
        read_moment(struct.get("timestamp")),
        read_moment(connected) if connected else None,
        _text(group) if group else "",
        direction,
    )


_CALL_MEMBERS: Final = {
    name.lower(): name
    for name in (
        "id", "state", "timestamp", "connectedTimestamp", "callerNumber", "callerName", "calledNumber", "calledName", "groupId",
    )
} | {"callid": "id", "callstate": "state"}  # fmt: skip


def _respelled(struct: Struct) -> Struct:
    """Give the members of a call under the names in which they are known."""
    return {_CALL_MEMBERS.get(name.lower(), name): value for name, value in struct.items()}


def _state(written: Value) -> tuple[CallState | None, Direction | None]:
    if not isinstance(written, str):
        return (None, None)
    known = _STATES.get(written)
    if known is not None:
        return known
    name = written.strip().upper()
    return _STATES.get(name, (CallState.OTHER, None)) if name else (None, None)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _number(value: Value) -> str:
    text = _text(value)
    digits = text.removeprefix("+")
    if digits.isdecimal() and not digits.startswith(
        "00"
    ):  # nearly every number of an event, and written as it should be
        return text
    return canonical(text) if text else ""


def read_renamed(params: Iterable[Value]) -> CallRenamed | None:
    """Read old and new id of a call, as members whose names hold ``old`` and ``new``, or as two texts."""
    values = list(params)
    texts = [value for value in values if isinstance(value, str) and value]
    if len(texts) == 2:
        return CallRenamed(CallId(texts[0]), CallId(texts[1]))
    members = Members(values[0] if values else None)
    old, new = members.containing("old"), members.containing("new")
    return CallRenamed(CallId(old), CallId(new)) if old and new else None


def read_waiting(params: Iterable[Value]) -> CallbackProof:
    """Read an event of waiting messages: no name in it is public, so only whether it says something new can be told."""
    values = list(params)
    told = hashlib.sha256(repr(values).encode()).hexdigest()
    return CallbackProof(Members(values[0] if values else None).containing("id"), told)


# ------------------------------------------------------------------ the person's own things


def read_phones(ids: Value, primary: Value) -> tuple[Phone, ...]:
    """Read the phone ids; the name shown is the id without its technology (``SIP/desk`` → ``desk``)."""
    return tuple(Phone(PhoneId(phone), phone.partition("/")[2] or phone, phone == primary) for phone in read_texts(ids))


def read_user_state(value: Value) -> PbxUserState:
    """Read UserStateProperties (UCI reference, section 7); no key for do not disturb is confirmed."""
    members = Members(value)
    return PbxUserState(
        telephony=members.text("telephonyState").lower() or "unavailable",
        chat=members.text("chatPresence").lower(),
        message=members.text("chatPresenceMessage"),
        dnd=members.flag("doNotDisturb", "dnd", "doNotDisturbSetting", "doNotDisturbActive", "dndEnabled"),
    )


def read_display_numbers(value: Value) -> tuple[str, ...]:
    """Read the numbers this person may show; their spelling is that of events, so that they can be compared."""
    written = [members.number("number", "phoneNumber") for members in structs_in(value, "entries")]
    plain = [canonical(text) for text in read_texts(value)] if isinstance(value, list) else []
    return tuple(dict.fromkeys(number for number in [*written, *plain] if number))


def read_history(value: Value) -> HistoryPage:
    """Read a page of the call list (UCI reference, section 8)."""
    entries = tuple(_history_entry(members) for members in structs_in(value, "entries") if members.first("direction"))
    total = Members(value).whole("totalCount")
    return HistoryPage(entries, max(total, len(entries)))


def _history_entry(members: Members) -> HistoryEntry:
    inbound = members.text("direction").upper() != "OUTBOUND"
    number = members.number("callerNumber" if inbound else "calledNumber")
    return HistoryEntry(
        id=members.text("id", "callId", "entryId"),
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        answered=members.text("result").upper() == "ANSWERED",
        started_at=members.moment("startTime"),
        duration=members.whole("duration"),
        remote=Party(number, members.text("callDescription")),
        group=members.text("groupId"),
    )


def read_redirects(value: Value) -> tuple[Redirect, ...]:
    """Read redirect settings (UCI reference, section 9)."""
    return tuple(redirect for members in structs_in(value) if (redirect := _redirect(members)).number)


def redirect_id(members: Members) -> str:
    """Give the id of a redirect setting: its own, or number and trigger, of which there is exactly one."""
    return members.text("id", "redirectId") or f"{members.number('calledNumber')}/{members.text('type').lower()}"


def _redirect(members: Members) -> Redirect:
    mailboxes = structs_in(members.first("mailboxes"))
    to_voicemail = members.text("destinationType").upper() in {"VOICEMAIL", "MAILBOX"}
    target = members.text("destination") if to_voicemail else members.number("destination")
    return Redirect(
        id=redirect_id(members),
        number=members.number("calledNumber"),
        group=members.flag("groupRedirect") or False,
        trigger=members.text("type").lower(),
        enabled=members.flag("enabled") or False,
        to="voicemail" if to_voicemail else "number",
        target=target,
        timeout=members.whole("timeout"),
        mailboxes=tuple((mailbox.text("id"), mailbox.text("name")) for mailbox in mailboxes),
    )


GROUP_ID: Final = ("id", "groupId")
GROUP_FLAG: Final = ("loggedOn", "active", "loggedIn", "enabled", "logedOn", "isActive")


def read_groups(value: Value) -> tuple[GroupMembership, ...]:
    """Read group settings (UCI reference, section 4.9); the names of id and flag are not public."""
    return tuple(
        GroupMembership(
            id=members.text(*GROUP_ID),
            name=members.text("name", "groupName"),
            numbers=tuple(canonical(number) for number in read_texts(members.first("phoneNumbers", "numbers"))),
            active=members.flag(*GROUP_FLAG) or False,
        )
        for members in structs_in(value, "entries")
        if members.text(*GROUP_ID)
    )


def read_mailboxes(value: Value) -> tuple[Mailbox, ...]:
    """Read voicemail boxes (UCI reference, section 13)."""
    boxes = structs_in(value, "entries", "mailboxes")
    return tuple(Mailbox(box.text("id", "mailboxId"), box.text("name", "mailboxName")) for box in boxes if box)


def read_voicemails(value: Value) -> tuple[Voicemail, ...]:
    """Read entries of the voicemail list (UCI reference, section 13)."""
    return tuple(
        Voicemail(
            id=members.text("id"),
            mailbox=members.text("mailboxId"),
            mailbox_name=members.text("mailboxName"),
            folder=members.text("folder"),
            started_at=members.moment("startTime"),
            duration=members.whole("duration"),
            remote=Party(members.number("callerNumber"), members.text("callDescription", "callerName")),
        )
        for members in structs_in(value, "entries")
        if members.text("id")
    )
