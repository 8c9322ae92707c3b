"""The table of rules: every row, silence, choices of tenants and people, and what would be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bridge.model.presence_rules import (
    DEFAULT,
    DEFAULT_ROWS,
    LONGEST_TEXT,
    NO_CHOICES,
    NOTHING_KNOWN,
    SWITCHED_OFF,
    USUAL,
    Callers,
    Choices,
    ChoicesRefused,
    Decision,
    Dnd,
    Effect,
    PhonePresence,
    Rules,
    TeamsPresence,
    TeamsSession,
    checked,
    decide,
    dry_run,
    read,
    with_choices,
    written,
)
from bridge.texts import shared

ON, OFF, UNCHANGED = Dnd.ON, Dnd.OFF, Dnd.UNCHANGED
FREE = PhonePresence()

NAMES = ["version", "enabled", "blind", "rows", "in_call", "dnd", "text", "session"]


@pytest.mark.parametrize(
    ("availability", "activity", "rule", "dnd", "text"),
    [
        ("Available", "Available", "available", OFF, ""),
        ("Busy", "Busy", "busy", UNCHANGED, USUAL),
        ("BusyIdle", "Busy", "busy", UNCHANGED, USUAL),
        ("Busy", "InACall", "in_call", ON, USUAL),
        ("Busy", "InAConferenceCall", "in_call", ON, USUAL),
        ("Busy", "InAMeeting", "in_meeting", UNCHANGED, USUAL),
        ("DoNotDisturb", "DoNotDisturb", "do_not_disturb", ON, USUAL),
        ("DoNotDisturb", "UrgentInterruptionsOnly", "do_not_disturb", ON, USUAL),
        ("DoNotDisturb", "Presenting", "presenting", ON, USUAL),
        ("DoNotDisturb", "Focusing", "focusing", ON, USUAL),
        ("BeRightBack", "BeRightBack", "away", UNCHANGED, USUAL),
        ("Away", "Away", "away", UNCHANGED, USUAL),
        ("AvailableIdle", "Inactive", "away", UNCHANGED, USUAL),
        ("Offline", "Offline", "offline", UNCHANGED, ""),
        ("Offline", "OffWork", "offline", UNCHANGED, ""),
        ("PresenceUnknown", "PresenceUnknown", "offline", UNCHANGED, ""),
        ("Available", "OutOfOffice", "out_of_office", UNCHANGED, USUAL),
        ("Offline", "OutOfOffice", "out_of_office", UNCHANGED, USUAL),
    ],
)
def test_every_row_that_reads_teams(availability: str, activity: str, rule: str, dnd: Dnd, text: str) -> None:
    made = decide(DEFAULT, TeamsPresence(availability, activity), FREE)
    assert (made.dnd_rule, made.dnd, made.text_rule, made.text) == (rule, dnd, rule, text)
    assert made.session is TeamsSession.CLEAR


@pytest.mark.parametrize(
    ("phone", "rule", "session"),
    [
        (PhonePresence("available"), "phone_free", TeamsSession.CLEAR),
        (PhonePresence("ringing"), "phone_free", TeamsSession.CLEAR),
        (PhonePresence("active"), "phone_call", TeamsSession.IN_A_CALL),
        (PhonePresence("active", dnd=True), "phone_call", TeamsSession.IN_A_CALL),
        (PhonePresence("available", dnd=True), "phone_dnd", TeamsSession.DO_NOT_DISTURB),
        (PhonePresence("available", dnd=False), "phone_free", TeamsSession.CLEAR),
        (PhonePresence("available", dnd=None), "phone_free", TeamsSession.CLEAR),
    ],
)
@pytest.mark.parametrize("teams", [None, TeamsPresence("Available", "Available"), TeamsPresence("Busy", "InACall")])
def test_every_row_that_reads_starface(
    teams: TeamsPresence | None, phone: PhonePresence, rule: str, session: TeamsSession
) -> None:
    made = decide(DEFAULT, teams, phone)
    assert (made.session_rule, made.session) == (rule, session)


def test_nothing_ever_sets_available_in_teams() -> None:
    assert "available" not in {session.value for session in TeamsSession}


def test_unknown_words_of_teams_change_nothing() -> None:
    made = decide(DEFAULT, TeamsPresence("Dancing", "OnTheTable"), FREE)
    assert (made.dnd, made.text, made.dnd_rule) == (UNCHANGED, None, "")


def test_without_teams_state_what_rests_on_it_is_taken_back() -> None:
    made = decide(DEFAULT, None, FREE)
    assert (made.dnd, made.dnd_rule, made.text) == (OFF, NOTHING_KNOWN, "")


def test_switched_off_everything_is_taken_back() -> None:
    made = decide(Rules(enabled=False), TeamsPresence("Busy", "InACall"), PhonePresence("active"))
    assert made == Decision(OFF, SWITCHED_OFF, "", SWITCHED_OFF, TeamsSession.CLEAR, SWITCHED_OFF)


@pytest.mark.parametrize("row", [row for row in DEFAULT_ROWS if row.effect.text == USUAL], ids=lambda row: row.id)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_usual_text_has_a_sentence(row: object, language: str) -> None:
    identity = getattr(row, "id", "")
    assert 0 < len(shared().text(language, f"presence-text-{identity}")) <= LONGEST_TEXT


def test_a_tenant_chooses_and_a_person_chooses_upon_that() -> None:
    tenant = with_choices(DEFAULT, Choices(rows={"in_meeting": Effect(dnd=ON), "busy": Effect(text="Termin")}))
    assert decide(tenant, TeamsPresence("Busy", "InAMeeting"), FREE).dnd is ON
    person = with_choices(tenant, Choices(rows={"in_meeting": Effect(dnd=UNCHANGED, text="")}))
    made = decide(person, TeamsPresence("Busy", "InAMeeting"), FREE)
    assert (made.dnd, made.text) == (UNCHANGED, "")
    assert decide(person, TeamsPresence("Busy", "Busy"), FREE).text == "Termin"


def test_what_a_tenant_switched_off_no_person_switches_on() -> None:
    off = with_choices(DEFAULT, Choices(enabled=False))
    assert not with_choices(off, Choices(enabled=True)).enabled


@pytest.mark.parametrize(
    "rows",
    [
        {"no_such_row": Effect(dnd=ON)},
        {"in_call": Effect(session=TeamsSession.IN_A_CALL)},
        {"phone_call": Effect(dnd=ON)},
        {"phone_call": Effect(text="x")},
        {"phone_free": Effect(session=TeamsSession.IN_A_CALL)},
        {"in_call": Effect(text="x" * (LONGEST_TEXT + 1))},
    ],
)
def test_choices_that_do_not_fit_the_table_are_refused(rows: dict[str, Effect]) -> None:
    with pytest.raises(ChoicesRefused):
        checked(Choices(rows=rows))
    assert read({"version": 1, "rows": written(Choices(rows=rows))["rows"]}).rows == {}


EFFECTS = some.builds(
    Effect, some.none() | some.sampled_from(Dnd), some.none() | some.text(max_size=LONGEST_TEXT), some.none()
)
TEAMS_ROWS = some.sampled_from([row.id for row in DEFAULT_ROWS if row.side == "teams"])


@given(
    some.builds(
        Choices,
        some.integers(0, 10**6),
        some.none() | some.booleans(),
        some.none() | some.booleans(),
        some.dictionaries(TEAMS_ROWS, EFFECTS, max_size=5),
    )
)
def test_choices_come_back_as_they_were_written(choices: Choices) -> None:
    assert read(json.loads(json.dumps(written(choices)))) == choices


@given(
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(),
        lambda inner: some.lists(inner) | some.dictionaries(some.sampled_from(NAMES), inner),
        max_leaves=20,
    )
)
def test_whatever_lies_there_can_be_read(value: object) -> None:
    found = read(value)
    assert with_choices(DEFAULT, found).rows


@pytest.mark.parametrize(
    ("teams", "dnd_now", "ours", "callers"),
    [
        (TeamsPresence("Busy", "InACall"), False, False, Callers.REJECTED),
        (TeamsPresence("Busy", "InAMeeting"), False, False, Callers.RING),
        (TeamsPresence("Busy", "InAMeeting"), True, False, Callers.REJECTED),
        (TeamsPresence("Available", "Available"), True, False, Callers.REJECTED),
        (TeamsPresence("Available", "Available"), True, True, Callers.RING),
        (TeamsPresence("Busy", "InACall"), None, False, None),
    ],
)
def test_what_callers_would_meet(
    teams: TeamsPresence, dnd_now: bool | None, ours: bool, callers: Callers | None
) -> None:
    found = dry_run(DEFAULT, teams, PhonePresence("available", dnd_now), dnd_is_ours=ours)
    assert found.callers is callers
    assert NO_CHOICES.rows is None
