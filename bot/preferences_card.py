"""The card on which a person chooses what they are told: a switch for each kind, quiet hours, a time for the digest (pure)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.cards import Cards
from bot.elements import Json, act, heading, paragraph
from bridge.service.notice_choices import Choices, Kind

_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-9]{2})?")
_FROM, _TO, _DIGEST = "quiet_from", "quiet_to", "digest"


def choices_card(cards: Cards, choices: Choices, nonce: str, actions: Sequence[Json] = ()) -> Json:
    """The card with everything as it is now; ``actions`` stand beside the button that saves."""
    begin, end = choices.quiet or (None, None)
    body = [
        heading(cards.say("notices-title")),
        *(_switch(kind.value, cards.say(f"notices-{kind.value}"), on=choices.wants(kind)) for kind in Kind),
        _time(_FROM, cards.say("notices-quiet-from"), begin),
        _time(_TO, cards.say("notices-quiet-to"), end),
        _time(_DIGEST, cards.say("notices-digest-label"), choices.digest),
        paragraph(cards.say("notices-how"), subtle=True),
    ]
    save = act(cards.say("notices-save"), "notices", {"nonce": nonce}, style="positive")
    return cards.frame(body, [save, *actions])


def changes_of(fields: Mapping[str, object]) -> dict[str, object]:
    """Read what was filled in: the fields of :class:`Choices`; what a client leaves out or garbles stays as it is."""
    changes: dict[str, object] = {
        kind.value: fields[kind.value] == "true" for kind in Kind if fields.get(kind.value) in {"true", "false"}
    }
    if _FROM in fields or _TO in fields:
        begin, end = minute_of(fields.get(_FROM)), minute_of(fields.get(_TO))
        changes["quiet"] = None if begin is None or end is None or begin == end else (begin, end)
    if _DIGEST in fields:
        changes["digest"] = minute_of(fields[_DIGEST])
    return changes


def minute_of(text: object) -> int | None:
    """Read a time of the day (``HH:MM``) as minutes after midnight."""
    found = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def _switch(name: str, title: str, *, on: bool) -> Json:
    value = "true" if on else "false"
    return {"type": "Input.Toggle", "id": name, "title": title, "value": value, "wrap": True}


def _time(name: str, label: str, minute: int | None) -> Json:
    field: Json = {"type": "Input.Time", "id": name, "label": label}
    return field if minute is None else {**field, "value": f"{minute // 60:02d}:{minute % 60:02d}"}
