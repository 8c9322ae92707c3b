"""The rules of Adaptive Cards 1.5 for the parts the bot uses, and those of Teams: what breaks one is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

COLOURS = {"default", "positive", "destructive"}
FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "AdaptiveCard": {"$schema": str, "type": str, "version": str, "lang": str, "body": list, "actions": list, "refresh": dict},
    "TextBlock": {
        "type": str, "text": str, "wrap": bool, "weight": str, "size": str, "style": str, "isSubtle": bool,
    },
    "Container": {"type": str, "items": list, "separator": bool, "spacing": str},
    "ActionSet": {"type": str, "actions": list},
    "Action.Submit": {"type": str, "title": str, "style": str, "data": dict},
    "Action.Execute": {"type": str, "title": str, "style": str, "verb": str, "data": dict, "fallback": dict},
    "Action.ShowCard": {"type": str, "title": str, "card": dict},
    "Input.Toggle": {"type": str, "id": str, "title": str, "value": str, "wrap": bool},
    "Input.Time": {"type": str, "id": str, "label": str, "value": str},
    "Input.Text": {
        "type": str, "id": str, "label": str, "placeholder": str, "style": str, "maxLength": int, "isRequired": bool,
        "errorMessage": str,
    },
}  # fmt: skip
REQUIRED = {
    "AdaptiveCard": {"type", "version", "body"},
    "TextBlock": {"type", "text"},
    "Container": {"type", "items"},
    "ActionSet": {"type", "actions"},
    "Action.Submit": {"type", "title"},
    "Action.Execute": {"type", "title", "verb"},
    "Action.ShowCard": {"card", "title", "type"},
    "Input.Text": {"id", "label", "type"},
    "Input.Toggle": {"id", "title", "type"},
    "Input.Time": {"id", "label", "type"},
}
MESSAGE_LIMIT = 100 * 1024


def faults_of(card: Any) -> list[str]:
    """Everything that is wrong with a card."""
    faults = list(_part(card, "card"))
    if card.get("type") != "AdaptiveCard" or card.get("version") != "1.5":
        faults.append("not a card of version 1.5")
    if _actions(card) > 6:
        faults.append("more than six actions")
    if len(json.dumps(card).encode("utf-16-le")) > MESSAGE_LIMIT:
        faults.append("larger than a message may be")
    return faults


def _part(part: Any, place: str) -> Iterator[str]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in FIELDS:
        yield f"{place}: unknown type {kind}"
        return
    for name in REQUIRED[kind] - set(part):
        yield f"{place}: {kind} without {name}"
    for name, value in part.items():
        yield from _field(kind, name, value, f"{place}.{name}")


def _field(kind: str, name: str, value: Any, place: str) -> Iterator[str]:
    expected = FIELDS[kind].get(name)
    if expected is None or not isinstance(value, expected):
        yield f"{place}: not a field of {kind}"
    elif isinstance(value, str) and name in {"text", "title"} and not value.strip():
        yield f"{place}: empty"
    elif name == "style" and kind.startswith("Action.") and value not in COLOURS:
        yield f"{place}: unknown style"
    elif name in {"body", "items", "actions"}:
        for number, item in enumerate(value):
            yield from _part(item, f"{place}[{number}]")
    elif name == "card":
        yield from _part(value, place)
    elif name == "refresh":
        yield from _part(value.get("action"), f"{place}.action")
        if not value.get("userIds") or set(value) != {"action", "userIds"}:
            yield f"{place}: a refresh names who may ask for it"
    elif name == "fallback":
        yield from _part(value, place)


def _actions(part: Any) -> int:
    if isinstance(part, list):
        return sum(map(_actions, part))
    if not isinstance(part, dict):
        return 0
    if str(part.get("type", "")).startswith("Action."):
        return 1
    return sum(_actions(part.get(name)) for name in ("body", "items", "actions"))
