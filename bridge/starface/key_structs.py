"""Function keys from the wire's structs: busy lamp fields, and keys that do something (UCI reference, section 10)."""

from typing import Final

from bridge.model.telephony import FunctionKey, Lamp
from bridge.starface.structs import Members, structs_in
from bridge.starface.wire import Value

_LAMP_TYPES: Final = frozenset({"BUSYLAMPFIELD", "BLF"})


def read_lamps(value: Value) -> tuple[Lamp, ...]:
    """Read the busy lamp fields among the function keys (UCI reference, section 10)."""
    keys = structs_in(value, "entries", "functionKeys", "keys")
    return tuple(lamp for members in keys if (lamp := _lamp(members)) is not None)


def _lamp(members: Members) -> Lamp | None:
    key = members.text("id", "functionKeyId", "keyId")
    kind = members.text("type", "functionKeyType", "keyType").upper().replace("_", "")
    if not key or kind not in _LAMP_TYPES:
        return None
    return Lamp(
        id=key,
        name=members.text("name", "displayName", "label", "displayInformation"),
        number=members.number("number", "phoneNumber", "extension"),
        state=members.text("state", "telephonyState", "lampState", "keyState", "functionKeyState").lower(),
        image=members.text("imageHash"),
    )


def read_keys(value: Value) -> tuple[FunctionKey, ...]:
    """Read the keys that do something by themselves (UCI reference, section 10); those that only mean a telephone stay out."""
    keys = structs_in(value, "entries", "functionKeys", "keys")
    return tuple(key for members in keys if (key := _key(members)) is not None)


def _key(members: Members) -> FunctionKey | None:
    key = members.text("id", "functionKeyId", "keyId")
    kind = _KEY_KINDS.get(members.text("type", "functionKeyType", "keyType").upper().replace("_", ""))
    if not key or kind is None:
        return None
    state = members.first("active", "state", "telephonyState", "keyState", "functionKeyState")
    return FunctionKey(
        id=key,
        name=members.text("name", "displayName", "label", "displayInformation"),
        kind=kind,
        active=_SWITCHED.get(str(state).strip().lower()),
        number=members.number("number", "phoneNumber", "directCallTargetnumber"),
    )


_KEY_KINDS: Final = {
    "MODULEACTIVATION": "module",
    "SIGNALNUMBER": "signal_number",
    "QUICKDIAL": "quick_dial",
    "DONOTDISTURB": "do_not_disturb",
    "FORWARD": "forward",
    "FORWARDNUMBER": "forward_number",
    "GROUPLOGIN": "group_login",
    "PARKANDORBIT": "park_and_orbit",
}
_SWITCHED: Final = {
    **dict.fromkeys(("on", "true", "1", "active", "enabled", "logged_on", "loggedon"), True),
    **dict.fromkeys(("off", "false", "0", "inactive", "disabled", "logged_off", "loggedoff"), False),
}
