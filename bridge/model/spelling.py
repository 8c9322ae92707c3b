"""Words as people type them: without regard to case, accents and umlauts, and with a slip of the finger or two."""

import unicodedata
from typing import Final

_LETTERS: Final = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "ø": "oe",
        "æ": "ae",
        "œ": "oe",
        "å": "a",
        "ł": "l",
        "đ": "d",
        "ı": "i",
    }
)
_SURE, _LONG = 4, 7
"""From how many letters on one slip, and two, still tell which word is meant."""


def folded(text: str) -> str:
    """Give the words of a text in the one form in which they are compared: small letters and digits, single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def slips(word: str) -> int:
    """Give how many slips a word may hold and still be recognised: none below four letters, two from seven on."""
    return (len(word) >= _SURE) + (len(word) >= _LONG)


def apart(one: str, other: str, at_most: int) -> int | None:
    """Give how many slips two words are apart (a letter too many, too few, another, or two swapped); ``None`` over ``at_most``."""
    if abs(len(one) - len(other)) > at_most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > at_most:
            return None
    return row[-1] if row[-1] <= at_most else None
