"""Telephone numbers: stored as `+<country><national>` or as short extensions, shown as the switch says."""

import re

from infra.simulator.starface.switches import NumberFormat

COUNTRY = "49"
AREA = "30"
LONGEST_EXTENSION = 4

_NOISE = re.compile(r"[\s()./\-\u00a0]")
_DIALLABLE = re.compile(r"\+?[0-9*#]+")


def parse_dialled(text: str) -> str | None:
    """What a person or client dialled, in stored form; None when it is no number.

    `+49 (30) 23125-001`, `004930…` and `030…` become `+4930…`; up to four digits and `*9…` stay as they are.
    """
    number = _NOISE.sub("", text.replace("(0)", ""))
    if not _DIALLABLE.fullmatch(number):
        return None
    if number.startswith(("+", "*", "#")):
        return number
    if number.startswith("00"):
        return "+" + number[2:]
    if len(number) <= LONGEST_EXTENSION:
        return number
    return f"+{COUNTRY}{number[1:]}" if number.startswith("0") else f"+{COUNTRY}{AREA}{number}"


def format_number(number: str, form: NumberFormat) -> str:
    """A stored number as the PBX writes it on the wire; extensions stay short (UCI reference, section 6.1)."""
    if not number.startswith("+") or form is NumberFormat.PLUS:
        return number
    if form is NumberFormat.NATIONAL and number.startswith("+" + COUNTRY):
        return "0" + number[1 + len(COUNTRY) :]
    return "00" + number[1:]
