"""XML-RPC: bytes ↔ values. Strict in what it sends, lenient in what it takes, one error for everything unreadable.

Values are ``str``, ``bool``, ``int``, ``float``, aware ``datetime`` (UTC), ``bytes``, ``None``, lists and dictionaries
(UCI reference, section 1.3). What comes from outside is bounded before it is understood: in bytes, in depth and in kind
(no document type, no entity, UTF-8 only), so that a hostile body costs microseconds.
"""

import binascii
import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Final
from xml.etree import ElementTree as ET

from bridge.starface.moments import read_date

Value = str | bool | int | float | datetime | bytes | None | list["Value"] | dict[str, "Value"]
Sent = str | bool | int | float | datetime | bytes | Sequence["Sent"] | Mapping[str, "Sent"]

EVENT_LIMIT: Final = 64 * 1024
"""Most bytes of an event; decoding them on the event loop takes less than a millisecond or two."""

ANSWER_LIMIT: Final = 2 * 1024 * 1024
"""Most bytes of an answer; above :data:`EVENT_LIMIT` it belongs into a thread."""

DEPTH_LIMIT: Final = 32
ATTRIBUTE_LIMIT: Final = 20_000
"""XML-RPC has no attributes; the parser reads each tag in one go, so that a tag with very many would hold everybody up."""

_SHORTEST_TAG: Final = 5
"""Every tag of XML-RPC with its share of content is longer on average."""

_SMALL: Final = 8 * 1024
_CHUNK: Final = 64 * 1024
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_USUAL_START: Final = b'<?xml version="1.0" encoding="UTF-8"?>'
_ENCODINGS: Final = frozenset({b"utf-8", b"utf8", b"us-ascii"})
_UNSENDABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,19}\s*")
_INT4: Final = range(-(2**31), 2**31)
_INT8: Final = range(-(2**63), 2**63)


class WireError(ValueError):
    """A body that is no XML-RPC message, or a value that XML-RPC cannot carry. Holds nothing of the body."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The other side's refusal. ``text`` comes from a peer: look into it, never show it."""

    code: int
    text: str = field(repr=False)


# ------------------------------------------------------------------ writing


def encode_call(method: str, params: Sequence[Sent] = ()) -> bytes:
    """Write a ``methodCall``.

    Raises:
        WireError: for a value or a character that XML-RPC cannot carry.
    """
    root = ET.Element("methodCall")
    ET.SubElement(root, "methodName").text = _text(method)
    _add_params(root, params)
    return _bytes(root)


def encode_answer(value: Sent) -> bytes:
    """Write a ``methodResponse`` with one value. Raises :class:`WireError` as :func:`encode_call`."""
    root = ET.Element("methodResponse")
    _add_params(root, (value,))
    return _bytes(root)


def _add_params(root: ET.Element, params: Sequence[Sent]) -> None:
    parent = ET.SubElement(root, "params")
    for param in params:
        _add_value(ET.SubElement(parent, "param"), param, 0)


def _add_value(parent: ET.Element, sent: Sent, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise WireError("the value is nested too deeply")
    value = ET.SubElement(parent, "value")
    match sent:
        case Mapping():
            _add_struct(ET.SubElement(value, "struct"), sent, depth)
        case Sequence() if not isinstance(sent, str | bytes | bytearray | memoryview):
            data = ET.SubElement(ET.SubElement(value, "array"), "data")
            for item in sent:
                _add_value(data, item, depth + 1)
        case _:
            tag, text = _scalar(sent)
            ET.SubElement(value, tag).text = text


def _scalar(sent: Sent) -> tuple[str, str]:
    match sent:
        case str():
            return "string", _text(sent)
        case bool():
            return "boolean", "1" if sent else "0"
        case int() if sent in _INT4:
            return "i4", str(sent)
        case float() if isfinite(sent):
            return "double", f"{sent:f}"
        case datetime() if sent.tzinfo is not None:
            return "dateTime.iso8601", _date_text(sent)
        case bytes():
            return "base64", binascii.b2a_base64(sent, newline=False).decode("ascii")
        case _:
            raise WireError("XML-RPC cannot carry this value")


def _add_struct(struct: ET.Element, sent: Mapping[str, Sent], depth: int) -> None:
    for name, member_value in sent.items():
        member = ET.SubElement(struct, "member")
        ET.SubElement(member, "name").text = _text(name)
        _add_value(member, member_value, depth + 1)


def _text(text: str) -> str:
    """Refuse what XML cannot carry, and the carriage return, which every reader would turn into a line feed."""
    if _UNSENDABLE.search(text):
        raise WireError("XML cannot carry this text")
    return text


def _date_text(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y%m%dT%H:%M:%S}".rjust(17, "0")


def _bytes(root: ET.Element) -> bytes:
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


# ------------------------------------------------------------------ reading


def decode_call(body: bytes, limit: int = EVENT_LIMIT) -> tuple[str, tuple[Value, ...]]:
    """Read a ``methodCall`` into its method name and parameters.

    Raises:
        WireError: for anything else, whatever the bytes are.
    """
    root = _tree(body, limit, "methodCall")
    method = (root[0].text or "").strip() if len(root) and root[0].tag == "methodName" else ""
    if not method:
        raise WireError("the call names no method")
    params = root[1] if len(root) > 1 else ()
    return method, tuple([_read(param[0], 0) for param in params if len(param)])


def decode_answer(body: bytes, limit: int = ANSWER_LIMIT) -> Value | Fault:
    """Read a ``methodResponse``: its value, ``None`` when it has no parameters, or the fault.

    Raises:
        WireError: for anything else, whatever the bytes are.
    """
    if len(body) <= _SMALL:
        return _answer(_tree(body, limit, "methodResponse"))
    with _collector_paused():
        return _answer(_tree(body, limit, "methodResponse"))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cycle collector from walking a tree that holds no cycles again and again while it grows.

    What grows is bounded by the limits of this file. Several threads may do this at once: whoever found the collector on turns it
    on again, the others leave it as it is.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _answer(root: ET.Element) -> Value | Fault:
    value = root.find("params/param/value")
    if value is not None:
        return _read(value, 0)
    fault = root.find("fault/value")
    if fault is not None:
        return _fault(_read(fault, 0))
    if len(root) == 0 or root.find("params") is not None:
        return None
    raise WireError("the answer has neither parameters nor a fault")


def _tree(body: bytes, limit: int, tag: str) -> ET.Element:
    if len(body) > limit:
        raise WireError("the body is too large")
    if b"!" in body and (b"<!D" in body or b"<!E" in body):  # the first test alone decides nearly always, and fast
        raise WireError("document types and entities are refused")
    if (
        b"\0" in body
    ):  # UTF-16, which the parser would take from its byte order mark alone and which hides all of the above
        raise WireError("only UTF-8 is read")
    if not body.startswith(_USUAL_START) and _declared(body) not in _ENCODINGS:
        raise WireError("only UTF-8 is read")
    if len(body) > _SMALL:
        _refuse_odd_markup(body)
    root = _parse(body)
    if root.tag != tag:
        raise WireError(f"the root is no {tag}")
    return root


def _declared(body: bytes) -> bytes:
    declared = _DECLARATION.match(body.removeprefix(b"\xef\xbb\xbf"))
    return declared[1].lower() if declared else b"utf-8"


def _refuse_odd_markup(body: bytes) -> None:
    """Refuse what no XML-RPC message looks like and what costs much memory or holds everybody up."""
    if body.count(b"=") > ATTRIBUTE_LIMIT:
        raise WireError("the body has too many attributes")
    if body.count(b"<") * _SHORTEST_TAG > len(body):
        raise WireError("the body has too many tags")


def _parse(body: bytes) -> ET.Element:
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314 - the guards of _tree come first
    root: ET.Element | None = None
    try:
        if len(body) <= _CHUNK:
            parser.feed(body)
        else:  # in pieces, so that a large answer that is read in a thread leaves the event loop its turns
            for start in range(0, len(body), _CHUNK):
                parser.feed(body[start : start + _CHUNK])
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError, AssertionError):
        root = None
    if root is None:
        raise WireError("the body is no well-formed XML")
    return root


def _read(value: ET.Element, depth: int) -> Value:
    """Read a ``value`` element; untyped text is a string."""
    if len(value) == 0:
        return value.text or ""
    typed = value[0]
    tag = typed.tag
    if tag == "string":
        return typed.text or ""
    if tag == "struct":
        return _struct(typed, depth + 1)
    if tag == "array":
        return _array(typed, depth + 1)
    scalar = _SCALARS.get(tag) or _SCALARS.get(_local(typed))
    if scalar is None:
        raise WireError("a value of an unknown type")
    return scalar(typed.text or "")


def _struct(struct: ET.Element, depth: int) -> dict[str, Value]:
    if depth > DEPTH_LIMIT:
        raise WireError("the value is nested too deeply")
    members: dict[str, Value] = {}
    for member in struct:
        try:
            name, value = member[0], member[1]
            typed = value[0]
        except IndexError:
            name, value = _named(member)
            members[name.text or ""] = _read(value, depth)
            continue
        # The commonest values, read here: a call of its own would cost as much as the rest of the member.
        scalar = _SCALARS.get(typed.tag)
        members[name.text or ""] = scalar(typed.text or "") if scalar else _read(value, depth)
    return members


def _named(member: ET.Element) -> tuple[ET.Element, ET.Element]:
    """Find name and value of a member whose value is untyped, or that does not simply hold the two in order."""
    name, value = member.find("name"), member.find("value")
    if name is None or value is None:
        raise WireError("a member without name or value")
    return name, value


def _array(array: ET.Element, depth: int) -> list[Value]:
    if depth > DEPTH_LIMIT:
        raise WireError("the value is nested too deeply")
    return [_read(value, depth) for data in array for value in data]


def _integer(text: str) -> int:
    if len(text) < 10 and text.isascii() and text.isdigit():
        return int(text)
    number = int(text) if _INTEGER.fullmatch(text) else None
    if number is None or number not in _INT8:
        raise WireError("an integer that is none")
    return number


def _boolean(text: str) -> bool:
    match text.strip().lower():
        case "1" | "true":
            return True
        case "0" | "false":
            return False
        case _:
            raise WireError("a boolean that is none")


def _double(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise WireError("a double that is none")
    return number


def _base64(text: str) -> bytes:
    try:
        data = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None:
        raise WireError("base64 that is none")
    return data


def _date_or_text(text: str) -> datetime | str:
    """Read a date; one that cannot be read stays text, because a call without its time is better than no call."""
    return read_date(text) or text.strip()


def _nothing(text: str) -> None:
    """A nil holds nothing, whatever stands in it."""
    del text


_SCALARS: Final[Mapping[str, Callable[[str], Value]]] = {
    "string": str,
    "i4": _integer,
    "int": _integer,
    "i8": _integer,
    "i1": _integer,
    "i2": _integer,
    "boolean": _boolean,
    "double": _double,
    "float": _double,
    "dateTime.iso8601": _date_or_text,
    "dateTime": _date_or_text,
    "base64": _base64,
    "nil": _nothing,
}


def _local(element: ET.Element) -> str:
    """The tag without its namespace; extensions of Apache XML-RPC come in one."""
    return element.tag.rpartition("}")[2]


def _fault(value: Value) -> Fault:
    struct = value if isinstance(value, dict) else {}
    code, text = struct.get("faultCode"), struct.get("faultString")
    return Fault(code if isinstance(code, int) else 0, text if isinstance(text, str) else "")
