"""What a person wants: a line of text becomes an intent (pure, never raises).

A call is meant only where the line begins with, or in German ends with, a word for calling and holds nothing else but a number
or a name: "please do not call 112" is no call. A number alone is only an offer. A slip of the finger is forgiven in everything
but a call.
"""

import difflib
import re
from dataclasses import dataclass, replace
from typing import Final

from bot.phrases import (
    CALL_WORDS,
    EXACT,
    GERMAN,
    KNOWN,
    MAILBOX,
    NEGATIONS,
    OFF,
    OWN,
    PHRASES,
    PLACING,
    WITH_MORE,
    Want,
)
from bot.times import Until, read_clock, read_until
from bot.words import MAXIMUM_READ, QUOTES, as_written, bare, is_number, plain
from bridge.model.spelling import apart, slips

__all__ = ["Intent", "Want", "is_number", "nearest", "read_command"]


@dataclass(frozen=True, slots=True)
class Intent:
    """One command.

    ``number`` and ``name`` as the person wrote them (one of them is empty), ``until`` when it is to end, ``on`` whether something
    is switched on or off, ``kind`` which notices or which language, ``span`` the two times of day of quiet hours.
    """

    want: Want
    number: str = ""
    name: str = ""
    until: Until | None = None
    on: bool | None = None
    kind: str = ""
    span: tuple[tuple[int, int], tuple[int, int]] | None = None


_CALL_FIRST: Final = re.compile(
    r"^(?:call|dial|phone|ring|anruf(?:en?)?|waehlen?|telefonier(?:e|en)?)(?=[\s:+(\[\d*#])[\s:]*(?P<rest>.+)$"
)
_CALL_AROUND: Final = re.compile(r"^(?:rufe?|klingle?)\s+(?P<rest>.+?)\s+(?:an|zurueck)$")
_CALL_LAST: Final = re.compile(r"^(?P<rest>[^a-z]+?)\s+(?:anrufen|zurueckrufen|waehlen|call|dial)$")
_FILLER: Final = re.compile(
    r"^(?:(?:bitte|please|mal|back|die|den|the|nummer|number|no\.?(?=\s+[\d+(*#])|nr\.?|unter|bei|to|mit|frau|herrn?|mrs?\.?|ms\.?)\s+)+|^tel:\s*|\s+(?:an|bitte|please)$"
)
_SECRET: Final = re.compile(
    r"\b(?:pass ?wor[dt]|passwd|pwd|kennwort|passphrase|geheimwort|pin|zugangsdaten|credentials?|benutzername|user ?name)\b"
)
_SIGN_IN_WITH_MORE: Final = re.compile(r"^(?:sign ?in|log ?in|log ?on|anmelden|einloggen|login)[\s:=]+(?P<rest>.+)$")
_HARMLESS: Final = re.compile(
    r"^(?:(?:to|at|with|bei|an|in|mit|der|die|das|the|my|me|mich|meine[rm]?|please|bitte|again|erneut|wieder|neu|starface|"
    r"phone|system|telefonanlage|account|konto|now|jetzt|dialog|page|seite|card|karte)\s*)+$"
)
_CORRECTED_AT_MOST: Final = 3
_LONGEST_NAME: Final = 80
_SHORT: Final = 7


def read_command(text: object) -> Intent:
    """Give the intent of a message's text; of several lines and of markup only the words count."""
    if not isinstance(text, str):
        return Intent(Want.NOTHING)
    written = bare(text)
    if not written:
        return Intent(Want.NOTHING)
    if len(written) > MAXIMUM_READ:
        return Intent(Want.SECRET if _SECRET.search(plain(written[:MAXIMUM_READ])) else Want.UNKNOWN)
    words = plain(written)
    intent = _read(words) or _call(words) or _corrected(words)
    if intent is None:
        return Intent(Want.UNKNOWN)
    return replace(intent, name=as_written(intent.name, written)) if intent.name else intent


def nearest(text: object, count: int = 3) -> tuple[Want, ...]:
    """Give the commands that a line resembles most, then the usual ones."""
    words = plain(bare(text)) if isinstance(text, str) else ""
    best: dict[Want, float] = {}
    for phrase, want in EXACT.items():
        if want in _SUGGESTED:
            best[want] = max(best.get(want, 0.0), _likeness(words[:40], phrase))
    close = [want for want in sorted(best, key=lambda each: -best[each]) if best[want] >= 0.6]
    return tuple(dict.fromkeys((*close, Want.CALL_WHOM, Want.STATUS, Want.HELP)))[:count]


_SUGGESTED: Final = frozenset(PHRASES) - {Want.THANKS, Want.NOTHING}


def _likeness(words: str, phrase: str) -> float:
    """How much a line, or as many of its first words as the phrase has, resembles a phrase: 1 is the same."""
    head = " ".join(words.split()[: len(phrase.split())])
    return max(difflib.SequenceMatcher(None, part, phrase).ratio() for part in (head, words))


def _read(words: str) -> Intent | None:
    exact = EXACT.get(words)
    return Intent(exact) if exact is not None else _secret(words) or _with_more(words)


def _secret(words: str) -> Intent | None:
    """Anything that names a password, or gives more than a wish with "sign in", is not read any further."""
    if _SECRET.search(words):
        return Intent(Want.SECRET)
    more = _SIGN_IN_WITH_MORE.match(words)
    if more is None:
        return None
    return Intent(Want.SIGN_IN if _HARMLESS.match(more["rest"]) else Want.SECRET)


def _with_more(words: str) -> Intent | None:
    """Commands that name somebody, something or a time."""
    rest, until, unread = read_until(words)
    for want, pattern in WITH_MORE:
        line = rest if want in _TIMED else words
        if (found := pattern.match(line)) is not None:
            intent = _ABOUT.get(want, _about_somebody)(want, found, until)
            if intent is not None:
                return Intent(Want.WHEN) if want in _TIMED and unread else intent
    return None


_TIMED: Final = frozenset({Want.DND, Want.REDIRECT, Want.FORWARD})


def _about_somebody(want: Want, found: re.Match[str], _: Until | None) -> Intent | None:
    more = _FILLER.sub("", found["more"].strip(QUOTES)).strip(QUOTES)
    if not more or len(more) > _LONGEST_NAME:
        return None
    if want is Want.PRESENCE and more in OWN:
        return Intent(Want.STATUS)
    number = is_number(more)
    if want is Want.WHO_IS and not number:
        want = Want.FIND
    return Intent(want, number=more if number else "", name="" if number else more)


def _somewhere(want: Want, found: re.Match[str], until: Until | None) -> Intent | None:
    """Where calls, or this call, are to go; what is to end at some time is a redirect, whatever it is called."""
    intent = _about_somebody(want, found, None)
    if intent is None:
        return None
    if want is Want.REDIRECT and intent.name in OFF:
        return Intent(Want.REDIRECT_OFF)
    want = Want.REDIRECT if until is not None else want
    if intent.name in MAILBOX:
        return Intent(want, kind="voicemail", until=until)
    return replace(intent, want=want, until=until)


def _dnd(want: Want, found: re.Match[str], until: Until | None) -> Intent | None:
    switch = found["switch"] or found["on"] or "on"
    return Intent(want, on=switch not in OFF, until=until if switch not in OFF else None)


def _notices(want: Want, found: re.Match[str], _: Until | None) -> Intent | None:
    return Intent(want, kind=found["kind"] or "", on=found["switch"] not in OFF)


def _quiet_hours(want: Want, found: re.Match[str], _: Until | None) -> Intent | None:
    if found["switch"]:
        return Intent(want, on=found["switch"] not in OFF)
    start, end = read_clock(found["start"]), read_clock(found["end"])
    return Intent(Want.WHEN) if start is None or end is None else Intent(want, on=True, span=(start, end))


def _digest(want: Want, found: re.Match[str], _: Until | None) -> Intent | None:
    if found["switch"]:
        return Intent(want, on=found["switch"] not in OFF)
    at = read_clock(found["start"])
    return Intent(Want.WHEN) if at is None else Intent(want, on=True, span=(at, at))


def _language(want: Want, found: re.Match[str], _: Until | None) -> Intent | None:
    return Intent(want, kind="de" if found["more"] in GERMAN else "en")


_ABOUT: Final = {
    Want.DND: _dnd,
    Want.REDIRECT: _somewhere,
    Want.FORWARD: _somewhere,
    Want.NOTICES: _notices,
    Want.QUIET_HOURS: _quiet_hours,
    Want.DIGEST: _digest,
    Want.LANGUAGE: _language,
}


def _call(words: str) -> Intent | None:
    for form in (_CALL_FIRST, _CALL_AROUND, _CALL_LAST):
        found = form.match(words)
        if found is not None:
            rest = _FILLER.sub("", _FILLER.sub("", found["rest"].strip(QUOTES))).strip(QUOTES)
            return _called(rest)
    return Intent(Want.NUMBER, words) if is_number(words) and sum(map(str.isdigit, words)) > 2 else None


def _called(rest: str) -> Intent | None:
    if is_number(rest):
        return Intent(Want.CALL, rest)
    if not rest or len(rest) > _LONGEST_NAME or not any(map(str.isalpha, rest)) or NEGATIONS & set(rest.split()):
        return None
    return Intent(Want.CALL_NAME, name=rest)


def _corrected(words: str) -> Intent | None:
    """Read the line once more as it was probably meant: as a whole, or with its first words mended; never as a call."""
    whole = _resembling(words)
    if whole is not None:
        return whole
    tokens = words.split()
    for index, token in enumerate(tokens[:_CORRECTED_AT_MOST]):
        meant = _meant(token)
        if meant is None:
            continue
        tokens[index] = meant
        intent = _read(" ".join(tokens))
        if intent is not None and intent.want not in PLACING:
            return intent
    return None


def _resembling(words: str) -> Intent | None:
    """Give the command that a whole line is a slip or two away from, if it is the only one and lets no telephone ring."""
    reach = slips(words)
    distances = [
        (far, want) for phrase, want in EXACT.items() if (far := _slips_apart(words, phrase, reach)) is not None
    ]
    nearest_by = min((far for far, _ in distances), default=None)
    wants = {want for far, want in distances if far == nearest_by}
    return Intent(wants.pop()) if reach and len(wants) == 1 and not wants & PLACING else None


def _meant(token: str) -> str | None:
    """Give the one known word that a word is nearest to, unless it might as well be a word for calling."""
    reach = slips(token)
    if not reach or not token.isalpha() or token in KNOWN or token in CALL_WORDS:
        return None
    distances = [(far, word) for word in KNOWN | CALL_WORDS if (far := _slips_apart(token, word, reach)) is not None]
    nearest_by = min((far for far, _ in distances), default=None)
    candidates = {word for far, word in distances if far == nearest_by}
    return candidates.pop() if len(candidates) == 1 and not candidates & CALL_WORDS else None


def _slips_apart(written: str, meant: str, reach: int) -> int | None:
    """As ``apart``, but of a short word at least the first letter has to be right: "bold" is not "hold"."""
    if len(written) < _SHORT and written[:1] != meant[:1]:
        return None
    return apart(written, meant, reach)
