"""What a person wants: a line of text becomes an intent (pure, never raises).

A call is meant only where the line begins with, or in German ends with, a word for calling and holds nothing else but a number:
"please do not call 112" is no call. A number alone is only an offer.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAXIMUM_READ = 400
"""Characters of a message that are looked at; no command is longer."""
MAXIMUM_NUMBER = 40


class Want(StrEnum):
    """What a message asks for."""

    NOTHING = "nothing"
    HELP = "help"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    STATUS = "status"
    CALLS = "calls"
    CALL = "call"
    CALL_WHOM = "call_whom"
    CALL_NAME = "call_name"
    NUMBER = "number"
    HANG_UP = "hang_up"
    SECRET = "secret"  # noqa: S105 - a kind of message, not a password
    THANKS = "thanks"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Intent:
    """One command; ``number`` as the person wrote it, for ``CALL`` and ``NUMBER``."""

    want: Want
    number: str = ""


_PHRASES: Final[dict[Want, tuple[str, ...]]] = {
    Want.HELP: (
        "help", "hi", "hello", "hey", "start", "menu", "commands", "what can you do", "?", "hilfe", "hallo", "moin", "servus",
        "guten tag", "guten morgen", "befehle", "menue", "was kannst du", "was koennen sie",
    ),
    Want.SIGN_IN: (
        "sign in", "signin", "log in", "login", "log on", "logon", "connect", "anmelden", "melde mich an", "einloggen",
        "anmeldung", "an starface anmelden", "mich anmelden", "verbinden",
    ),
    Want.SIGN_OUT: (
        "sign out", "signout", "log out", "logout", "log off", "logoff", "disconnect", "abmelden", "melde mich ab", "ausloggen",
        "abmeldung", "mich abmelden",
    ),
    Want.STATUS: (
        "status", "state", "my status", "am i signed in", "who am i", "mein status", "zustand", "bin ich angemeldet", "wer bin ich",
    ),
    Want.CALLS: (
        "calls", "my calls", "active calls", "show calls", "list calls", "current calls", "anrufe", "meine anrufe",
        "aktive anrufe", "gespraeche", "meine gespraeche", "laufende gespraeche", "telefonate", "zeige anrufe",
    ),
    Want.HANG_UP: (
        "hang up", "hangup", "end call", "end the call", "end my call", "stop call", "drop call", "auflegen", "leg auf", "lege auf",
        "einhaengen", "anruf beenden", "gespraech beenden", "beende anruf", "beende den anruf", "beende das gespraech",
    ),
    Want.CALL_WHOM: ("call", "dial", "phone", "anrufen", "anruf", "waehlen", "telefonieren"),
    Want.THANKS: ("thanks", "thank you", "thx", "danke", "vielen dank", "danke schoen", "dankeschoen"),
}  # fmt: skip
_EXACT: Final = {phrase: want for want, phrases in _PHRASES.items() for phrase in phrases}

_POLITE: Final = re.compile(
    r"^(?:(?:please|bitte|mal|can you|could you|kannst du|koennen sie)\s+)+|(?:\s+(?:please|bitte|mal|now|jetzt))+$"
)
_CALL_FIRST: Final = re.compile(
    r"^(?:call|dial|phone|ring|anruf(?:en?)?|waehlen?|telefonier(?:e|en)?)(?=[\s:+(\d*#])[\s:]*(?P<rest>.+)$"
)
_CALL_AROUND: Final = re.compile(r"^(?:rufe?|klingle?)\s+(?P<rest>.+?)\s+an$")
_CALL_LAST: Final = re.compile(r"^(?P<rest>[^a-z]+?)\s+(?:anrufen|waehlen|call|dial)$")
_FILLER: Final = re.compile(
    r"^(?:(?:bitte|please|mal|die|the|nummer|number|no\.?|nr\.?|unter|bei|to)\s+)+|^tel:\s*|\s+(?:an|bitte|please)$"
)
_NUMBER: Final = re.compile(r"[+(*#]?[\d\s()/.*#+-]*\d[\d\s()/.*#-]*")
_SECRET: Final = re.compile(
    r"\b(?:pass ?wor[dt]|passwd|pwd|kennwort|passphrase|geheimwort|pin|zugangsdaten|credentials?|benutzername|user ?name)\b"
)
_SIGN_IN_WITH_MORE: Final = re.compile(r"^(?:sign ?in|log ?in|log ?on|anmelden|einloggen|login)[\s:=]+(?P<rest>.+)$")
_HARMLESS: Final = re.compile(
    r"^(?:(?:to|at|with|bei|an|in|mit|der|die|das|the|my|me|mich|meine[rm]?|please|bitte|again|erneut|wieder|neu|starface|"
    r"phone|system|telefonanlage|account|konto|now|jetzt|dialog|page|seite|card|karte)\s*)+$"
)
_TAG: Final = re.compile(r"<at\b[^>]*>.{0,200}?</at>|<[^<>]{0,200}>", re.DOTALL)
_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")}
)
_QUOTES: Final = " \t\"'„“”‚‘’«»`"


def read_command(text: object) -> Intent:
    """Give the intent of a message's text; of several lines and of markup only the words count."""
    if not isinstance(text, str):
        return Intent(Want.NOTHING)
    written = _bare(text)
    if not written:
        return Intent(Want.NOTHING)
    if len(written) > MAXIMUM_READ:
        return Intent(Want.SECRET if _SECRET.search(_plain(written[:MAXIMUM_READ])) else Want.UNKNOWN)
    words = _plain(written)
    exact = _EXACT.get(words)
    return Intent(exact) if exact is not None else _secret(words) or _call(words) or Intent(Want.UNKNOWN)


def _bare(text: str) -> str:
    """Without mentions, markup, doubled white space and the quotes and full stop around a command."""
    without_tags = _TAG.sub(" ", text[: 8 * MAXIMUM_READ])
    readable = unicodedata.normalize("NFKC", html.unescape(without_tags))
    shown = "".join(character if character.isprintable() else " " for character in readable)
    return " ".join(shown.split()).strip(_QUOTES).rstrip("!.").rstrip()


def _plain(written: str) -> str:
    folded = written.casefold().translate(_UMLAUTS).lstrip("/").strip(_QUOTES)
    return _POLITE.sub("", folded).strip(_QUOTES) or folded


def _secret(words: str) -> Intent | None:
    """Anything that names a password, or gives more than a wish with "sign in", is not read any further."""
    if _SECRET.search(words):
        return Intent(Want.SECRET)
    more = _SIGN_IN_WITH_MORE.match(words)
    if more is None:
        return None
    return Intent(Want.SIGN_IN if _HARMLESS.match(more["rest"]) else Want.SECRET)


def _call(words: str) -> Intent | None:
    for form in (_CALL_FIRST, _CALL_AROUND, _CALL_LAST):
        found = form.match(words)
        if found is not None:
            rest = _FILLER.sub("", _FILLER.sub("", found["rest"].strip(_QUOTES))).strip(_QUOTES)
            return Intent(Want.CALL, rest) if is_number(rest) else Intent(Want.CALL_NAME)
    return Intent(Want.NUMBER, words) if is_number(words) and sum(map(str.isdigit, words)) > 2 else None


def is_number(text: str) -> bool:
    """Whether a text holds a telephone number and nothing else."""
    return len(text) <= MAXIMUM_NUMBER and text.isascii() and _NUMBER.fullmatch(text) is not None
