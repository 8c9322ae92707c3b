"""A line of chat as words: without markup, in the one spelling that the commands are written in (pure, never raises)."""

import html
import re
import unicodedata
from typing import Final

MAXIMUM_READ = 400
"""Characters of a message that are looked at; no command is longer."""
MAXIMUM_NUMBER = 40

QUOTES: Final = " \t\"'„“”‚‘’«»`"
_POLITE: Final = re.compile(
    r"^(?:(?:please|bitte|mal|can you|could you|kannst du|koennen sie)\s+)+|(?:\s+(?:please|bitte|mal|now|jetzt))+$"
)
_NUMBER: Final = re.compile(r"[+(\[*#]?[\d\s()\[\]/.*#+-]*\d[\d\s()\[\]/.*#-]*")
_TAG: Final = re.compile(r"<at\b[^>]*>.{0,200}?</at>|<[^<>]{0,200}>", re.DOTALL)
_LETTERS: Final = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "'": "", "’": "", "‘": "",
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)  # fmt: skip


def bare(text: str) -> str:
    """Without mentions, markup, doubled white space and the quotes and full stop around a command."""
    without_tags = _TAG.sub(" ", text[: 8 * MAXIMUM_READ])
    readable = unicodedata.normalize("NFKC", html.unescape(without_tags))
    shown = "".join(character if character.isprintable() else " " for character in readable)
    return " ".join(shown.split()).strip(QUOTES).rstrip("!.").rstrip()


def spelled(text: str) -> str:
    """In small letters, umlauts as two."""
    return text.casefold().translate(_LETTERS)


def plain(written: str) -> str:
    """As :func:`spelled`, and without "please" and the question mark at the end."""
    folded = spelled(written).lstrip("/").strip(QUOTES)
    unasked = folded.rstrip("?!. ") or folded
    return _POLITE.sub("", unasked).strip(QUOTES) or unasked


def as_written(words: str, written: str) -> str:
    """Give a part of the plain words as the person wrote it: a name is shown and searched in its own spelling."""
    wanted, own = words.split(), written.split()
    folded = [spelled(word).strip(QUOTES + "?!.,:") for word in own]
    for start in range(len(own) - len(wanted) + 1):
        if folded[start : start + len(wanted)] == wanted:
            return " ".join(own[start : start + len(wanted)]).strip(QUOTES + "?!.,:")
    return words


def is_number(text: str) -> bool:
    """Whether a text holds a telephone number and nothing else."""
    return len(text) <= MAXIMUM_NUMBER and text.isascii() and _NUMBER.fullmatch(text) is not None
