"""XML-RPC as the PBX writes and reads it, on the standard library's `xmlrpc.client`."""

import datetime as dt
import xmlrpc.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from infra.simulator.starface.switches import CallTimestamp, Dates, LoginResult, Switches, VoidResult

PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'


class Special(Enum):
    """Results whose wire form is a switch."""

    VOID = "void"
    LOGGED_IN = "logged in"


VOID = Special.VOID
LOGGED_IN = Special.LOGGED_IN


@dataclass(frozen=True, slots=True)
class WireTime:
    """A moment in seconds since 1970; the `timestamp` of a call has a switch of its own."""

    seconds: float
    of_call: bool = False


@dataclass(frozen=True, slots=True)
class FaultError(Exception):
    """To be answered as an XML-RPC fault."""

    code: int
    text: str


class UnreadableError(ValueError):
    """A body that is no XML-RPC call."""


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A value whose element name is prescribed, such as `i4`."""

    tag: str
    text: str


class _Marshaller(xmlrpc.client.Marshaller):
    dispatch: dict[Any, Callable[..., None]] = dict(xmlrpc.client.Marshaller.dispatch)  # noqa: RUF012 - the base class's protocol

    def dump_tagged(self, value: _Tagged, write: Callable[[str], object]) -> None:
        write(f"<value><{value.tag}>{escape(value.text)}</{value.tag}></value>\n")

    dispatch[_Tagged] = dump_tagged


def read_call(body: bytes) -> tuple[str, tuple[Any, ...]]:
    """Method name and parameters of a `methodCall`. Raises UnreadableError."""
    if b"<!DOCTYPE" in body:
        raise UnreadableError("document type declarations are refused")
    try:
        params, method = xmlrpc.client.loads(body)
    except (ExpatError, xmlrpc.client.Error, ValueError, TypeError, LookupError, AttributeError) as error:
        raise UnreadableError(str(error)) from error
    if not method:
        raise UnreadableError("no method name")
    return method, params


def write_call(method: str, params: Sequence[Any], switches: Switches) -> bytes:
    """A `methodCall`, as sent in callbacks."""
    body = f"<methodCall><methodName>{escape(method)}</methodName>{_params(params, switches)}</methodCall>"
    return (PROLOGUE + body).encode()


def write_result(value: object, switches: Switches) -> bytes:
    """A `methodResponse` with one value, or without where the switches say so."""
    if (value is VOID and switches.void_result is VoidResult.MISSING) or (
        value is LOGGED_IN and switches.login_result is LoginResult.MISSING
    ):
        return f"{PROLOGUE}<methodResponse><params/></methodResponse>".encode()
    return f"{PROLOGUE}<methodResponse>{_params([value], switches)}</methodResponse>".encode()


def write_fault(fault: FaultError) -> bytes:
    """A `methodResponse` that is a fault."""
    body = _Marshaller("utf-8").dumps(xmlrpc.client.Fault(fault.code, fault.text))
    return f"{PROLOGUE}<methodResponse>{body}</methodResponse>".encode()


def read_time(value: xmlrpc.client.DateTime) -> float:
    """A `dateTime.iso8601` without zone, taken as UTC, in seconds since 1970. Raises FaultError."""
    try:
        moment = dt.datetime.strptime(str(value.value), "%Y%m%dT%H:%M:%S").replace(tzinfo=dt.UTC)
    except ValueError:
        raise FaultError(0, f"java.lang.IllegalArgumentException: {value.value}") from None
    return moment.timestamp()


def _params(values: Sequence[Any], switches: Switches) -> str:
    plain = tuple(_plain(each, switches) for each in values)
    return _Marshaller("utf-8", allow_none=True).dumps(plain)  # type: ignore[arg-type] # values are plain by now


def _plain(value: object, switches: Switches) -> object:
    if isinstance(value, dict):
        return {name: _plain(each, switches) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, switches) for each in value]
    if isinstance(value, WireTime):
        return _time(value, switches)
    if isinstance(value, Special):
        return _special(value, switches)
    return str(value) if isinstance(value, str) else value


def _special(value: Special, switches: Switches) -> object:
    if value is LOGGED_IN:
        return True if switches.login_result is LoginResult.BOOLEAN else _Tagged("i4", "1")
    return {VoidResult.TRUE: True, VoidResult.NIL: None}.get(switches.void_result, "")


def _time(value: WireTime, switches: Switches) -> object:
    milliseconds = str(int(value.seconds * 1000))
    if value.of_call and switches.call_timestamp is CallTimestamp.MILLISECONDS:
        return _Tagged("i8", milliseconds)
    if value.of_call and switches.call_timestamp is CallTimestamp.MILLISECONDS_TEXT:
        return milliseconds
    moment = dt.datetime.fromtimestamp(value.seconds, dt.UTC)
    if switches.dates is Dates.LOCAL:
        moment = moment.astimezone()
    text = moment.strftime("%Y%m%dT%H:%M:%S")
    as_text = switches.dates is Dates.TEXT or (value.of_call and switches.call_timestamp is CallTimestamp.TEXT)
    return text if as_text else xmlrpc.client.DateTime(text)
