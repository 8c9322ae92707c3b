"""From posted bytes to the model's events."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.model.ids import CallId
from bridge.model.telephony import (
    CallbackProof,
    CallRenamed,
    CallReport,
    CallState,
    Direction,
    Party,
    PbxConnectionReset,
    PbxEvent,
    PresenceHint,
)
from bridge.service.ports import Callback
from bridge.starface.push import answer_ok, decode_event
from bridge.starface.wire import WireError, decode_answer, encode_call
from tests.starface.conftest import BenchMaker, until

FOLDER = Path(__file__).parent.parent / "wire"
CALL, OTHER = CallId("7f0c9c1e-5a0e-4a8c-9a0e-0d6f8f0a1b2c"), CallId("0a9d2b44-1c1f-4c39-8b8e-7a1f8f0a9e11")
RINGING = CallReport(
    call=CALL,
    state=CallState.RINGING,
    caller=Party("+4917123456789"),
    called=Party("+497114605430"),
    at=datetime(2024, 5, 7, 9, 15, 2, tzinfo=UTC),
    direction=Direction.INBOUND,
)
DIALING = replace(RINGING, state=CallState.DIALING, direction=Direction.OUTBOUND)

RECORDED: dict[str, PbxEvent | None] = {
    "event_ringing": RINGING,
    "event_ringing_v22": RINGING,
    "event_proceeding_v20": DIALING,
    "event_mixed_case_state": DIALING,
    "event_empty_state": replace(RINGING, state=None, direction=None),
    "event_unknown_state": replace(RINGING, state=CallState.OTHER, direction=None),
    "event_with_names": replace(
        RINGING,
        state=CallState.CONNECTED,
        direction=None,
        caller=Party("+4917123456789", "Max Müller & Söhne"),
        connected_at=datetime(2024, 5, 7, 9, 15, 12, tzinfo=UTC),
    ),
    "event_capital_groupID": replace(RINGING, group="2001"),
    "event_camel_groupId": replace(RINGING, group="2001"),
    "event_lower_groupid": replace(RINGING, group="2001"),
    "event_timestamp_text": RINGING,
    "event_timestamp_milliseconds": RINGING,
    "event_timestamp_milliseconds_text": RINGING,
    "event_timestamp_with_zone": RINGING,
    "event_timestamp_unreadable": replace(RINGING, at=None),
    "event_untyped_values": RINGING,
    "event_nil_names": RINGING,
    "event_extension_nil": RINGING,
    "event_plus_number": RINGING,
    "event_national_number": replace(RINGING, caller=Party("017123456789")),
    "event_internal_number": replace(RINGING, caller=Party("11"), called=Party("10")),
    "event_hangup": replace(RINGING, state=CallState.ENDED, direction=None),
    "event_renamed_short": CallRenamed(CALL, OTHER),
    "event_renamed_long": CallRenamed(CALL, OTHER),
    "event_renamed_two_texts": CallRenamed(CALL, OTHER),
    "event_message_waiting": CallbackProof("box-0001"),
    "event_reset_v20": PbxConnectionReset(),
    "event_reset_v30": PbxConnectionReset(),
    "event_user_state": PresenceHint(),
    "event_function_key": PresenceHint(),
    "event_queue": None,
    "event_of_a_module": None,
}


def test_every_recorded_event_has_its_expectation() -> None:
    assert {path.stem for path in FOLDER.glob("event_*.xml")} == set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_event_means(name: str) -> None:
    method, event = decode_event((FOLDER / f"{name}.xml").read_bytes())
    assert event == RECORDED[name]
    assert method


@pytest.mark.parametrize(
    ("state", "expected", "direction"),
    [
        ("REQUESTED", CallState.DIALING, Direction.OUTBOUND),
        ("PROCEEDING", CallState.DIALING, Direction.OUTBOUND),
        ("OUTGOING", CallState.DIALING, Direction.OUTBOUND),
        ("INCOMING", CallState.RINGING, Direction.INBOUND),
        ("RINGING", CallState.RINGING, Direction.INBOUND),
        ("RINGBACK", CallState.RINGBACK, Direction.OUTBOUND),
        ("CONNECTED", CallState.CONNECTED, None),
        ("PARKED", CallState.HELD, None),
        ("CONSULT", CallState.CONSULTING, None),
        ("CONFERENCE_ACTIVE", CallState.CONFERENCE, None),
        ("CONFERENCE_INACTIVE", CallState.CONFERENCE, None),
        ("CONFERENCE_CONSULT", CallState.CONFERENCE, None),
        ("VOICEMAIL_LINKED", CallState.VOICEMAIL, None),
        ("Voicemail_Main", CallState.VOICEMAIL, None),
        ("CCBS", CallState.OTHER, None),
        ("LOGIN_LOGOUT", CallState.OTHER, None),
        ("MUSICONHOLD_TEST", CallState.OTHER, None),
        ("hangup", CallState.ENDED, None),
        ("", None, None),
        ("  ", None, None),
    ],
)
def test_each_state_of_the_wire_has_one_of_ours(
    state: str, expected: CallState | None, direction: Direction | None
) -> None:
    _, event = decode_event(encode_call("ucp.v30.events.call.receiveCallState", [{"id": "c", "state": state}]))
    assert event == CallReport(CallId("c"), expected, direction=direction)


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title])
def test_members_are_found_in_any_case(spelling: object) -> None:
    assert callable(spelling)
    struct = {"id": "c", "state": "RINGING", "callerNumber": "11", "calledName": "Eva", "groupId": "2001"}
    odd = {spelling(name): value for name, value in struct.items()}
    _, event = decode_event(encode_call("ucp.v30.events.call.receiveCallState", [odd]))
    assert event == CallReport(
        CallId("c"), CallState.RINGING, Party("11"), Party("", "Eva"), group="2001", direction=Direction.INBOUND
    )


@pytest.mark.parametrize(
    "params",
    [[], ["text"], [{}], [{"state": "RINGING"}], [{"id": ""}], [{"id": 7, "state": "RINGING"}], [["c"]]],
)
def test_a_call_event_without_a_call_means_nothing(params: list[object]) -> None:
    _, event = decode_event(encode_call("ucp.v30.events.call.receiveCallState", params))  # type: ignore[arg-type] # odd on purpose
    assert event is None


@pytest.mark.parametrize("params", [[], ["one"], [{}], [{"oldId": "a"}], [{"a": "b", "c": "d"}], ["a", "b", "c"]])
def test_a_renaming_without_two_ids_means_nothing(params: list[object]) -> None:
    _, event = decode_event(encode_call("ucp.v30.events.call.callChangesIdEvent", params))  # type: ignore[arg-type] # odd on purpose
    assert event is None


@pytest.mark.parametrize(
    "method",
    [
        "ucp.v30.events.call.other",
        "call.receiveCallState",
        "Instance.ucp.events.call.reset",
        "ucp.",
        "ucp.v30.events.fax.reset",
    ],
)
def test_methods_of_no_use_mean_nothing(method: str) -> None:
    assert decode_event(encode_call(method, [{"id": "c", "state": "RINGING"}])) == (method, None)


WORDS = st.sampled_from(["id", "state", "timestamp", "callerNumber", "oldId", "newId", "RINGING", "", "00", "+49"])
JUNK = st.recursive(
    WORDS | st.booleans() | st.integers(-(2**31), 2**31 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.sampled_from(sorted({decode_event((FOLDER / f"{name}.xml").read_bytes())[0] for name in RECORDED})),
    st.lists(JUNK, max_size=3),
)
def test_whatever_an_event_holds_it_is_read(method: str, params: list[object]) -> None:
    named, event = decode_event(encode_call(method, params))  # type: ignore[arg-type] # odd on purpose
    assert named == method
    assert event is None or isinstance(event, PbxEvent)


def test_what_is_no_call_is_a_wire_error() -> None:
    with pytest.raises(WireError):
        decode_event(b"<methodResponse/>")


def test_the_answer_is_an_xml_rpc_answer() -> None:
    assert decode_answer(answer_ok()) == ""


@pytest.mark.parametrize("version", ["v30", "v22", "v20"])
async def test_events_that_a_pbx_posts_are_read(bench_of: BenchMaker, served: object, version: str) -> None:
    assert callable(served)
    events: list[PbxEvent | None] = []

    async def take(request: web.Request) -> web.Response:
        events.append(decode_event(await request.read())[1])
        return web.Response(body=answer_ok(), content_type="text/xml")

    port = await served(take)
    bench = await bench_of()
    callback = Callback("http", "127.0.0.1", port, "/uci/handle.secret")
    line = await bench.line(callback=callback)
    if version != "v30":
        await line.log_out()
        signed_in = await bench.sign_in()
        access = replace(signed_in.access, ucp=type(signed_in.access.ucp)(version))
        line = bench.gate.line(bench.entry, access, callback)
        assert await line.log_in()
    call = CallId(bench.pbx.ring("0001", from_number="+493023125801"))
    await until(lambda: any(isinstance(event, CallReport) and event.state is CallState.RINGING for event in events))
    bench.pbx.answer("0001")
    bench.pbx.hang_up("0001")
    await until(lambda: any(isinstance(event, CallReport) and event.state is CallState.ENDED for event in events))
    reports = [event for event in events if isinstance(event, CallReport)]
    assert {report.call for report in reports} == {call}
    assert {report.caller.number for report in reports} == {"+493023125801"}
