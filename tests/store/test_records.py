"""Every message survives being written and read; anything else is refused with one error."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import EndReason
from bridge.model.calls import Call, CallTable
from bridge.model.ids import CallId, PbxId
from bridge.model.messages import (
    CallMissed,
    CallsChanged,
    Change,
    LineChanged,
    PresenceChanged,
    Resync,
    SessionEnded,
    SessionOpened,
)
from bridge.model.presence import OwnPresence
from bridge.model.telephony import CallState, Direction, Party
from bridge.secret import Secret
from bridge.service.ports import NoSession, Pulse
from bridge.store import records
from bridge.store.records import RecordUnknown
from tests.stores import MovableClock, a_session

times = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
texts = st.text(max_size=20)
calls = st.builds(
    Call,
    id=texts.map(CallId),
    state=st.sampled_from(CallState),
    direction=st.sampled_from(Direction),
    remote=st.builds(Party, texts, texts),
    started_at=times,
    version=st.integers(1, 10_000),
    group=texts,
    connected_at=st.none() | times,
    ended_at=st.none() | times,
    reported_at=st.none() | times,
    placed_here=st.booleans(),
)
aliases = st.lists(st.tuples(texts.map(CallId), texts.map(CallId)), max_size=3).map(tuple)
tables = st.builds(CallTable, st.lists(calls, max_size=4).map(tuple), st.integers(0, 10_000), aliases)
presences = st.builds(OwnPresence, texts, st.none() | st.booleans(), texts, texts, texts, times)
changes = st.one_of(
    st.builds(CallsChanged, tables),
    st.builds(CallMissed, calls),
    st.builds(SessionOpened, texts.map(PbxId)),
    st.builds(SessionEnded, texts.map(PbxId), st.sampled_from(EndReason)),
    st.builds(PresenceChanged, presences),
    st.builds(LineChanged, texts),
    st.just(Resync()),
)


@given(tables)
@settings(max_examples=150, deadline=None)
def test_a_table_survives(table: CallTable) -> None:
    assert records.read_table(records.write_table(table)) == table


@given(changes)
@settings(max_examples=150, deadline=None)
def test_a_change_survives(change: Change) -> None:
    assert records.read_change(records.write_change(change)) == change


def test_a_session_survives_with_all_it_may_hold() -> None:
    clock = MovableClock()
    plain = a_session(clock)
    jwt = replace(plain.access, refresh_token=Secret("renew-me"), token_ends_at=clock.now() + timedelta(minutes=5))
    for session in (plain, replace(plain, access=jwt, country="AT", own_numbers=(), event_services=())):
        assert records.read_session(records.write_session(session)) == session


def test_reason_and_pulse_survive() -> None:
    session = a_session(MovableClock())
    reason = records.read_reason(records.write_reason(session, EndReason.REJECTED))
    assert reason == NoSession(EndReason.REJECTED, session.user, session.pbx, session.id)
    pulse = Pulse(
        pushing=True,
        last_push=1.5,
        last_keep_alive=2.5,
        last_probe=3.5,
        doubts=2,
        failures=1,
        unreachable_since=9.0,
        dnd=True,
    )
    assert records.read_pulse(records.write_pulse(pulse)) == pulse


@given(
    st.binary(max_size=60)
    | st.sampled_from([b"[]", b"[1]", b"[2,1]", b"{}", b"null", b"[1,[[[[]]]]]", b'[1,"calls",1,[],[[1]]]'])
)
@settings(max_examples=200, deadline=None)
def test_anything_else_is_refused_with_one_error(raw: bytes) -> None:
    for read in (records.read_session, records.read_table, records.read_change, records.read_reason):
        with pytest.raises(RecordUnknown):
            read(raw)


def test_an_array_of_a_million_levels_is_refused() -> None:
    with pytest.raises(RecordUnknown):
        records.read_table(b"[" * 1_000_000)


def test_the_token_of_the_address_book_is_kept_with_the_sign_in(clock: MovableClock) -> None:
    session = a_session(clock)
    opened = replace(session, access=replace(session.access, rest_token=Secret("of-the-address-book")))
    assert records.read_session(records.write_session(opened)) == opened


def test_a_sign_in_written_before_there_was_one_is_still_read(clock: MovableClock) -> None:
    session = a_session(clock)
    items = json.loads(records.write_session(session))
    access = next(item for item in items if isinstance(item, list) and session.access.login in item)
    assert access.pop() is None
    assert records.read_session(json.dumps(items).encode()) == session
