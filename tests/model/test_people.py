"""Who is meant: by name, part of a name, number, in whatever spelling; merged from everywhere, never guessed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.people import Fit, Person, Source, find, from_contacts, from_history, from_lamps, merged
from bridge.model.spelling import apart, folded, slips
from bridge.model.telephony import Contact, Direction, HistoryEntry, Lamp, Party

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PEOPLE = (
    Person("Anna Schmidt", ("10",), Source.COLLEAGUE),
    Person("Lena Köhler", ("12",), Source.COLLEAGUE),
    Person("Mehmet Yılmaz", ("13",), Source.COLLEAGUE),
    Person("Jürgen Groß", ("+493023125601", "+491713920001"), Source.CONTACT, "Bäckerei Kranz"),
    Person("Anna Müller", ("+493023125602",), Source.CONTACT, "Hafenkontor AG"),
    Person("", ("+493023125777",), Source.RECENT, spoken_at=NOON),
)


def named(text: str, fit: Fit | None = None) -> list[str]:
    found = find(PEOPLE, text, "DE")
    return [each.person.name or each.person.numbers[0] for each in found if fit is None or each.fit is fit]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("anna schmidt", ["Anna Schmidt"]),
        ("SCHMIDT, Anna", ["Anna Schmidt"]),
        ("Anna", ["Anna Schmidt", "Anna Müller"]),
        ("koehler", ["Lena Köhler"]),
        ("Köhler", ["Lena Köhler"]),
        ("yilmaz", ["Mehmet Yılmaz"]),
        ("juergen gross", ["Jürgen Groß"]),
        ("030 23125-777", ["+493023125777"]),
        ("(0171) 3920001", ["Jürgen Groß"]),
        ("0049 30 23125602", ["Anna Müller"]),
        ("12", ["Lena Köhler"]),
    ],
)
def test_whoever_is_named_is_found(text: str, names: list[str]) -> None:
    assert named(text, Fit.NAMED) == names


@pytest.mark.parametrize(
    ("text", "fit", "names"),
    [
        ("ann", Fit.BEGUN, ["Anna Schmidt", "Anna Müller"]),
        ("kranz", Fit.BEGUN, ["Jürgen Groß"]),
        ("midt", Fit.HELD, ["Anna Schmidt"]),
        ("Schmitd", Fit.MISSPELT, ["Anna Schmidt"]),
        ("kohler", Fit.MISSPELT, ["Lena Köhler"]),
        ("23125", Fit.HELD, ["+493023125777", "Anna Müller", "Jürgen Groß"]),
    ],
)
def test_what_only_resembles_somebody_says_so(text: str, fit: Fit, names: list[str]) -> None:
    assert sorted(named(text, fit)) == sorted(names)


@pytest.mark.parametrize("text", ["", "  ", "xyz", "not anna", "anna or lena", "Anna morgen", "99999999", "-", "%"])
def test_nobody_is_nobody(text: str) -> None:
    assert named(text) == []


def test_one_person_from_several_places_is_one() -> None:
    lamps = from_lamps([Lamp("k1", "Anna Schmidt", "10", "active")])
    contacts = from_contacts(
        [
            Contact("1", "Schmidt, Anna", "Nordlicht", ("+493023125001", "10")),
            Contact("2", "Jonas Weber", "", ()),
            Contact("3", "Max Müller", "", ("+493023125801",)),
        ]
    )
    calls = from_history(
        [
            HistoryEntry("1", Direction.INBOUND, True, NOON, 1, Party("+493023125801", "")),
            HistoryEntry("2", Direction.INBOUND, True, None, 1, Party("+493023125801", "Max")),
            HistoryEntry("3", Direction.INBOUND, False, NOON, 1, Party("", "")),
        ]
    )
    anna, maximilian = merged((*calls, *contacts, *lamps), "DE")
    assert (anna.name, anna.numbers, anna.source) == ("Anna Schmidt", ("10", "+493023125001"), Source.COLLEAGUE)
    assert (anna.company, anna.state) == ("Nordlicht", "active")
    assert (maximilian.name, maximilian.spoken_at) == ("Max Müller", NOON)


@given(st.text(max_size=40))
def test_no_text_makes_the_search_fail(text: str) -> None:
    assert all(each.person in PEOPLE for each in find(PEOPLE, text, "DE"))


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(alphabet="abc", max_size=8), st.text(alphabet="abc", max_size=8), st.integers(0, 3))
def test_slips_are_counted_alike_from_both_sides(one: str, other: str, at_most: int) -> None:
    found = apart(one, other, at_most)
    assert found == apart(other, one, at_most)
    assert (found == 0) == (one == other)
    assert found is None or found <= at_most


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("status", "staus", 1),
        ("status", "sttaus", 1),
        ("redirect", "redirct", 1),
        ("help", "hilfe", None),
        ("a", "", 1),
    ],
)
def test_slips(one: str, other: str, count: int | None) -> None:
    assert apart(one, other, 1) == count


def test_short_words_are_taken_at_their_word() -> None:
    assert [slips(word) for word in ("dnd", "help", "phones", "voicemail")] == [0, 1, 1, 2]
