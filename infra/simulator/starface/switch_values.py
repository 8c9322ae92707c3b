"""Switches from and to text and JSON, for the command line, configuration files and the control interface."""

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from infra.simulator.starface.switches import Switches

_HINTS: dict[str, Any] = get_type_hints(Switches)


class UnknownSwitchError(ValueError):
    """A switch or one of its alternatives does not exist."""


def change_switches(switches: Switches, changes: Mapping[str, object]) -> Switches:
    """A copy with some switches set; values may be text (`http_401`, `false`, `20`, `never`) or JSON values.

    Raises UnknownSwitchError, naming what is allowed.
    """
    values: dict[str, Any] = {name: _value(name, raw) for name, raw in changes.items()}
    return replace(switches, **values)


def switch_from_text(text: str) -> tuple[str, str]:
    """Split `name=value`. Raises UnknownSwitchError."""
    name, separator, value = text.partition("=")
    if not separator:
        raise UnknownSwitchError(f"{text!r}: write name=value")
    return name.strip(), value.strip()


def switches_as_json(switches: Switches) -> dict[str, object]:
    """Name and value of every switch."""
    return {each.name: _plain(getattr(switches, each.name)) for each in fields(switches)}


def switch_alternatives() -> dict[str, list[str]]:
    """Name of every switch with the values it may have; numbers have no list."""
    return {name: _alternatives(hint) for name, hint in _HINTS.items()}


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    return value


def _alternatives(hint: object) -> list[str]:
    if hint is bool:
        return ["true", "false"]
    if get_origin(hint) is frozenset:
        return _alternatives(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return [str(each) for each in hint]
    return []


def _value(name: str, raw: object) -> object:
    hint = _HINTS.get(name)
    if hint is None:
        raise UnknownSwitchError(f"There is no switch {name!r}; there are: {', '.join(sorted(_HINTS))}")
    try:
        return _convert(hint, raw)
    except (ValueError, TypeError):
        allowed = ", ".join(_alternatives(hint)) or "a number"
        raise UnknownSwitchError(f"The switch {name} cannot be {raw!r}; allowed: {allowed}") from None


def _convert(hint: object, raw: object) -> object:
    if isinstance(hint, UnionType):
        return None if raw in {None, "never", "none", ""} else _convert(get_args(hint)[0], raw)
    if hint is bool:
        return _boolean(raw)
    if get_origin(hint) is frozenset:
        return frozenset(get_args(hint)[0](each) for each in _members(raw))
    if isinstance(raw, bool) or not callable(hint):
        raise TypeError
    return cast("object", hint(raw))


def _boolean(raw: object) -> bool:
    known = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
    if str(raw).lower() not in known:
        raise ValueError
    return known[str(raw).lower()]


def _members(raw: object) -> list[str]:
    if isinstance(raw, str):
        return [each.strip() for each in raw.split(",") if each.strip()]
    if isinstance(raw, list | tuple | set | frozenset):
        return [str(each) for each in raw]
    raise TypeError
