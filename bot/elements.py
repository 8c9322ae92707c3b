"""The parts of an Adaptive Card, version 1.5, as plain JSON values (pure).

Texts of the catalogue may hold markdown; what comes from a PBX, a directory or a person passes through :func:`literal` first.
"""

import re
from collections.abc import Mapping, Sequence

Json = dict[str, object]

VERSION = "1.5"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
MAXIMUM_ACTIONS = 6
"""More buttons than this on one card are refused in the store's review (Teams platform notes, section 5.1)."""
MAXIMUM_LITERAL = 120

_MARKS = re.compile(r"([\\`*_\[\]<>~|!#{}])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|[-+=])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def literal(value: str) -> str:
    """Give a text from outside so that a card shows it as it is: on one line, cut, markdown escaped, no direction marks."""
    flat = _CONTROL.sub(" ", value).strip()
    cut = flat if len(flat) <= MAXIMUM_LITERAL else flat[: MAXIMUM_LITERAL - 1] + "…"
    escaped = _MARKS.sub(r"\\\1", cut)
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", escaped)


def plain(value: str) -> str:
    """The same for places that know no markdown: button titles and plain messages."""
    flat = _CONTROL.sub(" ", value).strip()
    return flat if len(flat) <= MAXIMUM_LITERAL else flat[: MAXIMUM_LITERAL - 1] + "…"


def paragraph(text: str, *, subtle: bool = False) -> Json:
    """A paragraph; the text wraps."""
    block: Json = {"type": "TextBlock", "text": text, "wrap": True}
    return {**block, "isSubtle": True} if subtle else block


def heading(text: str) -> Json:
    """The card's title, announced as a heading by screen readers."""
    return {
        "type": "TextBlock",
        "text": text,
        "wrap": True,
        "weight": "Bolder",
        "size": "Medium",
        "style": "heading",
    }


def group(items: Sequence[Json]) -> Json:
    """Parts that belong together, set off from what stands before."""
    return {"type": "Container", "items": list(items), "separator": True, "spacing": "Medium"}


def ask(title: str, verb: str, data: Mapping[str, object] | None = None, *, style: str = "default") -> Json:
    """A button that asks for something and is answered with a new message."""
    return {"type": "Action.Submit", "title": plain(title), "style": style, "data": {**(data or {}), "verb": verb}}


def act(title: str, verb: str, data: Mapping[str, object], *, style: str = "default") -> Json:
    """A button that changes something and whose card is replaced; clients without Universal Actions submit instead."""
    payload = {**data, "verb": verb}
    fallback = {"type": "Action.Submit", "title": plain(title), "style": style, "data": payload}
    return {
        "type": "Action.Execute",
        "title": plain(title),
        "style": style,
        "verb": verb,
        "data": payload,
        "fallback": fallback,
    }


def open_dialog(title: str, name: str) -> Json:
    """A button that makes Teams ask the bot for the dialog ``name`` (invoke ``task/fetch``)."""
    data = {"msteams": {"type": "task/fetch"}, "dialog": name}
    return {"type": "Action.Submit", "title": plain(title), "style": "positive", "data": data}


def buttons(actions: Sequence[Json]) -> Json:
    """Buttons inside the body, next to what they belong to."""
    return {"type": "ActionSet", "actions": list(actions)}


def card(body: Sequence[Json], actions: Sequence[Json] = (), *, language: str) -> Json:
    """A whole card."""
    whole: Json = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": language,
        "body": list(body),
    }
    return {**whole, "actions": list(actions[:MAXIMUM_ACTIONS])} if actions else whole
