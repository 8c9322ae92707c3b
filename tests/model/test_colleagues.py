"""Colleagues on busy lamp fields: state and since when."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.model.colleagues import changed, seen, state_of
from bridge.model.telephony import Lamp

NOW = datetime(2024, 5, 7, 9, 15, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
JONAS = Lamp("k1", "Jonas Weber", "11", "available")
LENA = Lamp("k2", "Lena Köhler", "12", "AVAILABLE")


def test_who_is_seen_first_is_so_since_now() -> None:
    first = seen({}, (JONAS, LENA), NOW)
    assert [(each.state, each.since) for each in first] == [("available", NOW)] * 2
    assert changed({}, first) == ()


def test_since_stays_while_the_state_does_and_moves_with_it() -> None:
    before = {each.id: each for each in seen({}, (JONAS, LENA), NOW)}
    ringing = Lamp("k1", "Jonas Weber", "11", "RINGING")
    after = seen(before, (ringing, LENA), LATER)
    assert [(each.state, each.since) for each in after] == [("ringing", LATER), ("available", NOW)]
    assert [each.id for each in changed(before, after)] == ["k1"]


def test_an_event_without_name_and_number_leaves_them() -> None:
    before = {each.id: each for each in seen({}, (JONAS,), NOW)}
    (after,) = seen(before, (Lamp("k1", "", "", "active"),), LATER)
    assert (after.name, after.number, after.state) == ("Jonas Weber", "11", "active")


@pytest.mark.parametrize(
    ("word", "state"),
    [("ACTIVE", "active"), ("busy", "active"), ("In-Use", "unknown"), ("not inuse", "available"), ("", "unknown")],
)
def test_words_of_a_pbx(word: str, state: str) -> None:
    assert state_of(word) == state
