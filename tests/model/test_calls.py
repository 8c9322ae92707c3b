"""The call table comes out right whatever order, loss and repetition the PBX's events arrive in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.model import calls
from bridge.model.calls import CallTable, apply, expect
from bridge.model.ids import CallId
from bridge.model.telephony import (
    CallAction,
    CallbackProof,
    CallRenamed,
    CallReport,
    CallsListed,
    CallState,
    Direction,
    Party,
    PbxConnectionReset,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ONE = CallId("one")
CALLER = Party("+4971112345", "Max Müller")
OWN = Party("10", "Anna")


def report(state: CallState | None, *, at: int | None = 0, call: CallId = ONE, **more: object) -> CallReport:
    stamp = None if at is None else NOW + timedelta(seconds=at)
    direction = {CallState.RINGING: Direction.INBOUND, CallState.DIALING: Direction.OUTBOUND}.get(
        state or CallState.OTHER
    )
    parties = {"caller": CALLER, "called": OWN} | more
    return CallReport(call, state, at=stamp, direction=direction, **parties)  # type: ignore[arg-type]


def after(*events: object, table: CallTable | None = None, seconds: float = 0) -> CallTable:
    table = table or CallTable()
    for event in events:
        table = apply(table, event, NOW + timedelta(seconds=seconds), ["10"])  # type: ignore[arg-type]
    return table


def test_a_first_report_makes_a_call_with_its_other_side() -> None:
    (call,) = after(report(CallState.RINGING)).calls
    assert (call.state, call.direction, call.remote) == (CallState.RINGING, Direction.INBOUND, CALLER)
    assert call.version == 1


def test_the_same_event_twice_changes_nothing() -> None:
    once = after(report(CallState.RINGING))
    assert after(report(CallState.RINGING), table=once) is once


def test_a_name_that_arrives_later_is_filled_in_and_never_emptied() -> None:
    table = after(
        report(CallState.RINGING, caller=Party("+4971112345")),
        report(CallState.RINGING, at=1),
        report(CallState.CONNECTED, at=2, caller=Party("", "")),
    )
    assert table.calls[0].remote == CALLER
    assert table.calls[0].state is CallState.CONNECTED


def test_an_empty_state_brings_names_but_makes_no_call() -> None:
    assert after(report(None)).calls == ()
    ringing = after(report(CallState.RINGING, caller=Party("+4971112345")), report(None))
    assert ringing.calls[0].remote.name == "Max Müller"


def test_a_late_event_does_not_turn_time_back() -> None:
    table = after(report(CallState.CONNECTED, at=5), report(CallState.RINGING, at=1))
    assert table.calls[0].state is CallState.CONNECTED


def test_without_stamps_the_rank_of_the_state_decides() -> None:
    table = after(report(CallState.CONNECTED, at=None), report(CallState.RINGING, at=None))
    assert table.calls[0].state is CallState.CONNECTED


def test_hold_and_resume_without_stamps_are_both_believed() -> None:
    held = after(report(CallState.CONNECTED, at=None), report(CallState.HELD, at=None))
    assert held.calls[0].state is CallState.HELD
    assert after(report(CallState.CONNECTED, at=None), table=held).calls[0].state is CallState.CONNECTED


def test_an_ended_call_never_comes_back() -> None:
    ended = after(report(CallState.RINGING), report(CallState.ENDED, at=3))
    assert after(report(CallState.CONNECTED, at=9), table=ended) is ended
    assert ended.calls[0].missed


def test_an_answered_call_is_not_missed() -> None:
    table = after(report(CallState.RINGING), report(CallState.CONNECTED, at=1), report(CallState.ENDED, at=2))
    assert not table.calls[0].missed
    assert table.calls[0].actions == ()


def test_an_end_for_an_unknown_call_is_nothing() -> None:
    assert after(report(CallState.ENDED)) == CallTable()


def test_a_list_ends_what_it_does_not_hold_but_not_a_call_that_has_just_begun() -> None:
    table = after(report(CallState.CONNECTED))
    assert after(CallsListed(()), table=table, seconds=1).live()
    assert not after(CallsListed(()), table=table, seconds=5).live()


def test_a_list_brings_calls_that_no_event_told() -> None:
    table = after(CallsListed((report(CallState.CONNECTED), report(CallState.RINGING, call=CallId("two")))))
    assert [call.id for call in table.live()] == ["one", "two"]


def test_a_new_id_keeps_the_call_and_leads_from_the_old_one() -> None:
    table = after(report(CallState.CONNECTED), CallRenamed(ONE, CallId("new")), report(CallState.HELD, at=4))
    assert [call.id for call in table.calls] == ["new"]
    assert table.get(ONE) == table.get(CallId("new"))
    assert table.calls[0].state is CallState.HELD


def test_a_new_id_that_was_already_heard_of_becomes_one_call() -> None:
    table = after(
        report(CallState.CONNECTED), report(CallState.CONNECTED, call=CallId("new")), CallRenamed(ONE, CallId("new"))
    )
    assert [call.id for call in table.calls] == ["new"]


def test_a_placed_call_is_outbound_even_though_the_own_phone_rings_first() -> None:
    table = expect(CallTable(), ONE, "004971199", NOW)
    table = after(report(CallState.RINGING, caller=Party("10", "Anna"), called=Party("10")), table=table)
    assert table.calls[0].direction is Direction.OUTBOUND
    table = after(report(CallState.RINGBACK, at=1, caller=OWN, called=Party("+4971199", "Praxis")), table=table)
    assert table.calls[0].remote.name == "Praxis"


def test_an_event_that_was_faster_than_the_answer_to_place_call() -> None:
    table = after(report(CallState.RINGING, caller=Party("10"), called=Party("10")))
    table = expect(table, ONE, "004971199", NOW)
    assert table.calls[0].direction is Direction.OUTBOUND
    assert table.calls[0].remote.number == "004971199"


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (CallState.RINGING, (CallAction.HANGUP, CallAction.FORWARD)),
        (CallState.CONNECTED, (CallAction.HANGUP, CallAction.HOLD, CallAction.FORWARD, CallAction.CONFERENCE)),
        (CallState.HELD, (CallAction.HANGUP, CallAction.FORWARD, CallAction.CONFERENCE)),
        (CallState.OTHER, (CallAction.HANGUP,)),
    ],
)
def test_what_may_be_done_follows_from_the_state(state: CallState, actions: tuple[CallAction, ...]) -> None:
    assert after(replace(report(state), direction=Direction.INBOUND)).calls[0].actions == actions


def test_ended_calls_leave_after_a_while_and_their_aliases_with_them() -> None:
    table = after(report(CallState.CONNECTED), CallRenamed(ONE, CallId("new")), report(CallState.ENDED, at=1))
    kept = after(CallbackProof(), table=table, seconds=60)
    assert len(kept.calls) == 1
    gone = after(PbxConnectionReset(), table=table, seconds=120)
    assert (gone.calls, gone.aliases) == ((), ())


def test_a_flood_of_calls_is_bounded() -> None:
    table = after(*(report(CallState.RINGING, call=CallId(str(number))) for number in range(200)))
    assert len(table.calls) == calls.MAXIMUM_CALLS


HISTORY = (CallState.RINGING, CallState.CONNECTED, CallState.HELD, CallState.CONNECTED, CallState.ENDED)


@settings(max_examples=500, deadline=None)
@given(data=st.data(), length=st.integers(1, len(HISTORY)))
def test_disorder_ends_in_the_same_picture_as_the_pbx_itself(data: st.DataObject, length: int) -> None:
    """Doubled, shuffled, half of it lost, empty states in between: after the next list the table shows what is."""
    true_events = [report(state, at=second) for second, state in enumerate(HISTORY[:length])]
    sent = data.draw(st.lists(st.sampled_from([*true_events, report(None)]), max_size=20))
    table, seen = CallTable(), [0]
    for event in sent:
        table = apply(table, event, NOW, ["10"])
        versions = [call.version for call in table.calls]
        assert not versions or versions[0] >= seen[-1]
        seen += versions
    ended = HISTORY[length - 1] is CallState.ENDED
    truth = CallsListed(()) if ended else CallsListed((true_events[-1],))
    table = apply(table, truth, NOW + timedelta(seconds=10), ["10"])
    assert [call.state for call in table.live()] == ([] if ended else [HISTORY[length - 1]])


@settings(max_examples=300, deadline=None)
@given(late=st.lists(st.sampled_from(HISTORY), max_size=6))
def test_the_end_wins_whatever_comes_after_it(late: list[CallState]) -> None:
    ended = after(report(CallState.RINGING), report(CallState.ENDED, at=1))
    assert after(*(report(state, at=second + 2) for second, state in enumerate(late)), table=ended) is ended


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(st.sampled_from([*HISTORY, CallState.OTHER, CallState.VOICEMAIL]), max_size=12))
def test_version_grows_exactly_with_what_is_visible(steps: list[CallState]) -> None:
    table = CallTable()
    for second, state in enumerate(steps):
        before, table = table, apply(table, report(state, at=second), NOW, ["10"])
        old, new = before.get(ONE), table.get(ONE)
        if old is None or new is None:
            continue
        visible = (old.state, old.remote, old.connected_at, old.direction) != (
            new.state,
            new.remote,
            new.connected_at,
            new.direction,
        )
        assert new.version == old.version + visible
        assert (table.version > before.version) == visible
