"""What of a call list fits the words one looks for."""

import pytest

from bridge.model.history import fits
from bridge.model.telephony import Direction, HistoryEntry, Party


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ("koeh", True), ("köhler lena", True), ("LEN", True), ("hler", False), ("lena weber", False), ("030 23125", True),
        ("+49 30 23125-777", True), ("004930", True), ("777", True), ("0", True),
        ("12340", False), ("", False), ("0171", False), ("-", False),
    ],
)  # fmt: skip
def test_name_and_number(terms: str, found: bool) -> None:
    entry = HistoryEntry("1", Direction.INBOUND, True, None, 3, Party("+493023125777", "Lena Köhler"))
    assert fits(entry, terms, "DE") is found
