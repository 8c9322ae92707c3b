"""Telephone numbers as people write them, as the PBX writes them, and as it expects them to be dialled.

A PBX writes external numbers with ``00`` and the country code and internal ones short (UCI reference, section 6.1). People
write whatever their address book holds. Reading numbers needs the numbering plans of the world: ``phonenumbers`` knows them.
"""

import re

import phonenumbers

from bridge.errors import BadRequest

MAXIMUM_WRITTEN = 64
_SHORT = 6
_NATIONAL_ONLY = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
    }
)
"""Service numbers that carriers often do not route in international form."""
_FEATURE = re.compile(r"[0-9*#]{1,32}")
_NOISE = re.compile(r"[\s()\[\]/.\u00a0\u2000-\u206f\u2212\u2010-\u2015-]+")
_OPTIONAL_ZERO = re.compile(r"^(\+|00)(\d[\d\s]*?)\s*\(0\)")


def dial_string(written: str, country: str) -> str:
    """Give the digits a PBX is told to dial for what a person wrote.

    External numbers become ``00`` + country code + national number, read in ``country`` where no code is given; short
    internal numbers, emergency numbers and feature codes stay as they are.

    Raises:
        BadRequest: when there is nothing to dial in it.
    """
    if len(written) > MAXIMUM_WRITTEN:
        raise BadRequest("the number is too long")
    text = written.strip()
    text = text[4:] if text.lower().startswith("tel:") else text
    text = _OPTIONAL_ZERO.sub(r"\1\2", text)
    bare = _NOISE.sub("", text)
    if _FEATURE.fullmatch(bare) and (len(bare) <= _SHORT or bare.startswith(("*", "#"))):
        return bare
    parsed = _parsed(text, country)
    if parsed is not None and phonenumbers.is_possible_number(parsed) and not _is_local(bare, parsed, country):
        return _external(parsed, country)
    if _FEATURE.fullmatch(bare):
        return bare
    raise BadRequest("there is no telephone number in it")


def canonical(number: str) -> str:
    """Give a PBX's number in the form shown to people and compared with others: external ones as ``+`` and digits."""
    bare = _NOISE.sub("", number)
    if bare.startswith("00") and bare[2:].isdigit() and len(bare) > _SHORT:
        return "+" + bare[2:]
    return bare or number.strip()


def comparable(number: str, country: str) -> str:
    """Give a number in the one form in which numbers from anywhere are compared; ``country`` is where it was written."""
    try:
        return canonical(dial_string(number, country))
    except BadRequest:
        return canonical(number)


def numbers_in(text: str, country: str, most: int = 5) -> tuple[str, ...]:
    """Give the telephone numbers in a text, as they are written there, each once; ``country`` is where it was written."""
    found = phonenumbers.PhoneNumberMatcher(text, country)
    distinct = {phonenumbers.format_number(each.number, phonenumbers.PhoneNumberFormat.E164): each for each in found}
    return tuple(" ".join(each.raw_string.split()) for each in distinct.values())[:most]


def country_of(number: str) -> str | None:
    """Give the ISO 3166 region of an international number (``+`` or ``00``), or ``None``."""
    parsed = _parsed(canonical(number), None)
    if parsed is None or not canonical(number).startswith("+"):
        return None
    region = phonenumbers.region_code_for_number(parsed)
    return region if isinstance(region, str) and len(region) == 2 else None


def shortened(number: str) -> str:
    """Give what a log line may hold of a number: at most its country code and the last two digits."""
    shown = canonical(number)
    return f"{shown[:3] if shown.startswith('+') else ''}…{shown[-2:]}" if len(shown) > 4 else "…"


def _is_local(bare: str, parsed: "phonenumbers.PhoneNumber", country: str) -> bool:
    """Tell whether a number was written without area code, which only the PBX knows how to complete."""
    if bare.startswith(("+", "00")):
        return False
    if phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) == "0":
        return not bare.startswith("0")
    return not phonenumbers.is_valid_number(parsed)


def _external(number: "phonenumbers.PhoneNumber", country: str) -> str:
    if number.extension:
        raise BadRequest("a number with an extension cannot be dialled in one go")
    at_home = number.country_code == phonenumbers.country_code_for_region(country)
    if at_home and phonenumbers.number_type(number) in _NATIONAL_ONLY:
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        return _NOISE.sub("", national)
    return "00" + phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def _parsed(text: str, country: str | None) -> "phonenumbers.PhoneNumber | None":
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
