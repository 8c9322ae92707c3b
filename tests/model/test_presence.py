"""Own presence follows from what the PBX says and from the live calls."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.model.calls import Call, CallTable
from bridge.model.ids import CallId
from bridge.model.presence import follow, merge
from bridge.model.telephony import CallState, Direction, Party, PbxUserState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FREE = PbxUserState("available", "away", "im Lager", None)


def table(*states: CallState) -> CallTable:
    made = [Call(CallId(str(number)), state, Direction.INBOUND, Party(), NOW) for number, state in enumerate(states)]
    return CallTable(tuple(made), 1)


@pytest.mark.parametrize(
    ("states", "telephony", "source"),
    [
        ((), "available", "pbx"),
        ((CallState.RINGING,), "ringing", "calls"),
        ((CallState.RINGING, CallState.CONNECTED), "active", "calls"),
        ((CallState.HELD,), "active", "calls"),
        ((CallState.ENDED,), "available", "pbx"),
    ],
)
def test_a_call_we_know_of_is_newer_than_what_was_asked(
    states: tuple[CallState, ...], telephony: str, source: str
) -> None:
    presence = merge(FREE, table(*states), None, NOW)
    assert (presence.telephony, presence.source, presence.chat, presence.message) == (
        telephony,
        source,
        "away",
        "im Lager",
    )


@pytest.mark.parametrize(
    ("told", "set_here", "shown"), [(None, None, None), (None, True, True), (False, True, False), (True, None, True)]
)
def test_do_not_disturb_is_what_the_pbx_tells_else_what_was_set_here(
    told: bool | None, set_here: bool | None, shown: bool | None
) -> None:
    reported = PbxUserState("available", "available", "", told)
    assert merge(reported, CallTable(), set_here, NOW).dnd is shown


def test_since_stays_true_while_nothing_changes() -> None:
    first = merge(FREE, CallTable(), None, NOW)
    later = merge(FREE, CallTable(), None, NOW + timedelta(minutes=5), first)
    assert later.since == NOW
    busy = merge(FREE, table(CallState.CONNECTED), None, NOW + timedelta(minutes=6), later)
    assert busy.since == NOW + timedelta(minutes=6)


def test_presence_follows_the_calls_before_the_pbx_is_asked_again() -> None:
    free = merge(FREE, CallTable(), None, NOW)
    ringing = follow(free, table(CallState.RINGING), NOW)
    assert (ringing.telephony, ringing.source) == ("ringing", "calls")
    talking = follow(ringing, table(CallState.CONNECTED), NOW + timedelta(seconds=5))
    assert (talking.telephony, talking.since) == ("active", NOW + timedelta(seconds=5))
    assert follow(talking, table(CallState.HELD), NOW + timedelta(seconds=9)) is talking
    over = follow(talking, table(CallState.ENDED), NOW + timedelta(seconds=20))
    assert (over.telephony, over.source, over.chat) == ("available", "pbx", "away")


def test_a_state_said_during_a_call_does_not_outlive_it() -> None:
    said_while_talking = PbxUserState("active", "away", "", None)
    talking = merge(said_while_talking, table(CallState.CONNECTED), None, NOW)
    assert follow(talking, table(CallState.ENDED), NOW).telephony == "available"
    elsewhere = merge(said_while_talking, CallTable(), None, NOW)
    assert follow(elsewhere, CallTable(), NOW).telephony == "active"
