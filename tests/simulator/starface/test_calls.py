"""Calls from begin to end: who hears of what, what the list says, and which switch changes it."""

import xmlrpc.client
from itertools import groupby

import pytest

from infra.simulator.starface import Behaviour, CallActionError, Outside, StarfaceSimulator
from infra.simulator.starface.calls import ListResult
from tests.simulator.starface.uci_client import Client, Listener, MakeClient, Until

OUTSIDE = "+493023125801"


@pytest.fixture
async def client(pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener) -> Client:
    signed_in = client_of(pbx, "0001", listener)
    await signed_in.sign_in()
    return signed_in


def sequence(listener: Listener, call_id: str = "") -> list[str]:
    """States in order without repetitions."""
    return [state for state, _ in groupby(listener.states(call_id))]


def newest_result(pbx: StarfaceSimulator, login: str = "0001") -> str:
    return pbx.pbx.lists.of(pbx.users[login])[-1].result.value


async def talk(pbx: StarfaceSimulator, until: Until, login: str = "0001") -> str:
    """Let an inbound call be answered."""
    call_id = pbx.ring(login, from_number=OUTSIDE)
    pbx.answer(login, call_id)
    return call_id


async def test_a_missed_call(pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until) -> None:
    pbx.ring("0001", from_number=OUTSIDE)
    await until(lambda: sequence(listener) == ["INCOMING", "RINGING"])
    pbx.miss("0001")
    await until(lambda: sequence(listener) == ["INCOMING", "RINGING", "HANGUP"])
    entry = pbx.pbx.lists.of(pbx.users["0001"])[-1]
    assert (entry.result, entry.description, entry.caller_number) == (ListResult.MISSED, "Max Müller", OUTSIDE)


async def test_a_call_that_nobody_answers_ends_by_itself(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    pbx.ring("0001", from_number=OUTSIDE)
    await until(lambda: len(listener.states()) == 3)
    pbx.advance(31)
    await until(lambda: sequence(listener)[-1:] == ["HANGUP"])
    assert newest_result(pbx) == "MISSED"


async def test_incoming_may_be_skipped(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    pbx.set(incoming_state=False)
    pbx.ring("0001", from_number=OUTSIDE)
    await until(lambda: sequence(listener) == ["RINGING"])


async def test_names_may_come_at_once(pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until) -> None:
    pbx.set(name_resolution="at_once")
    pbx.ring("0001", from_number=OUTSIDE)
    await until(lambda: listener.states() == ["INCOMING", "RINGING"])
    assert {each["callerName"] for each in listener.named("receiveCallState")} == {"Max Müller"}


@pytest.mark.parametrize(("alternative", "state"), [("upper", "RINGING"), ("mixed", "Ringing")])
async def test_the_case_of_states(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until, *, alternative: str, state: str
) -> None:
    pbx.set(state_case=alternative)
    pbx.ring("0001", from_number=OUTSIDE)
    await until(lambda: state in listener.states())


@pytest.mark.parametrize(
    ("alternative", "v30", "v22"),
    [
        ("by_version", "OUTGOING", "PROCEEDING"),
        ("outgoing", "OUTGOING", "OUTGOING"),
        ("proceeding", "PROCEEDING", "PROCEEDING"),
    ],
)
async def test_the_first_state_of_an_outgoing_call(
    pbx: StarfaceSimulator, client: Client, alternative: str, v30: str, v22: str
) -> None:
    pbx.set(dialling_state=alternative)
    pbx.users["0001"].pick_up_after = None
    call_id = await client.call("call.placeCallWithPhone", OUTSIDE, "", "")
    assert (await client.call("call.getCallState", call_id))["state"] == v30
    assert (await client.call("ucp.v22.requests.call.getCallState", call_id))["state"] == v22


async def test_the_own_phone_rings_before_the_other_side_is_dialled(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    pbx.users["0001"].pick_up_after = None
    call_id = await client.call("call.placeCallWithPhone", "11", "SIP/0001-app", "")
    await until(lambda: sequence(listener) == ["OUTGOING"])
    assert pbx.pbx.calls.of("0002") == []
    pbx.answer("0001", call_id)
    await until(lambda: sequence(listener) == ["OUTGOING", "RINGBACK"])
    assert pbx.pbx.calls.of("0001")[0][1].phone == "SIP/0001-app"
    pbx.answer("0002")
    await until(lambda: sequence(listener) == ["OUTGOING", "RINGBACK", "CONNECTED"])


async def test_the_own_phone_may_show_as_ringing_or_not_at_all(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    pbx.set(own_phone="first_ringing")
    first = await client.call("call.placeCallWithPhone", "+493023125800", "", "")
    await until(lambda: sequence(listener, first)[-1:] == ["CONNECTED"])
    assert sequence(listener, first) == ["RINGING", "OUTGOING", "RINGBACK", "CONNECTED"]
    pbx.hang_up("0001")
    pbx.set(own_phone="immediate")
    pbx.users["0001"].pick_up_after = None
    second = await client.call("call.placeCallWithPhone", "+493023125800", "", "")
    await until(lambda: sequence(listener, second) == ["OUTGOING", "RINGBACK", "CONNECTED"])


@pytest.mark.parametrize(
    ("behaviour", "states"),
    [
        (Behaviour.ANSWERS, ["OUTGOING", "RINGBACK", "CONNECTED"]),
        (Behaviour.BUSY, ["OUTGOING", "HANGUP"]),
        (Behaviour.REJECTS, ["OUTGOING", "RINGBACK", "HANGUP"]),
        (Behaviour.NEVER_ANSWERS, ["OUTGOING", "RINGBACK"]),
    ],
)
async def test_what_people_outside_do(
    pbx: StarfaceSimulator,
    client: Client,
    listener: Listener,
    until: Until,
    *,
    behaviour: Behaviour,
    states: list[str],
) -> None:
    pbx.pbx.accounts.set_outside(Outside("+493023125999", "Jemand", behaviour, after=0.01))
    call_id = await client.call("call.placeCallWithPhone", "030 23125-999", "", "")
    await until(lambda: sequence(listener, call_id) == states)
    if behaviour is Behaviour.NEVER_ANSWERS:
        pbx.remote_answers("0001")
        await until(lambda: sequence(listener, call_id)[-1:] == ["CONNECTED"])


async def test_somebody_outside_may_hang_up(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    pbx.pbx.accounts.set_outside(Outside("+493023125999", "Zeitansage", after=0.01, hangs_up_after=0.01))
    call_id = await client.call("call.placeCallWithPhone", "+493023125999", "", "")
    await until(lambda: sequence(listener, call_id) == ["OUTGOING", "RINGBACK", "CONNECTED", "HANGUP"])
    assert newest_result(pbx) == "ANSWERED"


async def test_a_second_place_call_is_rejected_while_the_first_is_under_way(
    pbx: StarfaceSimulator, client: Client
) -> None:
    pbx.users["0001"].pick_up_after = None
    assert await client.call("call.placeCallWithPhone", "11", "", "")
    assert await client.call("call.placeCallWithPhone", "12", "", "") == ""
    pbx.set(place_in_progress="fault")
    with pytest.raises(xmlrpc.client.Fault, match="in progress"):
        await client.call("call.placeCallWithPhone", "12", "", "")
    await client.call("call.hangupCall", pbx.calls[0].id)
    assert await client.call("call.placeCallWithPhone", "12", "", "wished-id") == "wished-id"


@pytest.mark.parametrize(("number", "phone"), [("", ""), ("abc", ""), ("11", "SIP/0002-desk")])
async def test_what_cannot_be_dialled_is_rejected(client: Client, number: str, phone: str) -> None:
    assert await client.call("call.placeCallWithPhone", number, phone, "") == ""


async def test_a_group_rings_all_members_and_one_answers(
    pbx: StarfaceSimulator, client: Client, client_of: MakeClient, listener: Listener, until: Until
) -> None:
    colleague = client_of(pbx, "0002")
    await colleague.call("connection.login")
    call_id = pbx.ring("Vertrieb", from_number=OUTSIDE)
    await until(lambda: sequence(listener) == ["INCOMING", "RINGING"])
    assert await colleague.call("call.getCallIds") == [call_id]
    pbx.answer("0002", phone_id="SIP/0002-app")
    await until(lambda: sequence(listener) == ["INCOMING", "RINGING", "HANGUP"])
    assert (await colleague.call("call.getCallState", call_id))["state"] == "CONNECTED"
    assert (await colleague.call("call.getCallState", call_id))["peerNames"] == ["SIP/0002-app"]


@pytest.mark.parametrize(
    ("alternative", "result"), [("answered", "ANSWERED"), ("missed", "MISSED"), ("no_entry", None)]
)
async def test_the_list_of_those_who_did_not_answer(
    pbx: StarfaceSimulator, alternative: str, result: str | None
) -> None:
    pbx.set(answered_elsewhere=alternative)
    before = len(pbx.pbx.lists.of(pbx.users["0001"]))
    pbx.ring("Vertrieb", from_number=OUTSIDE)
    pbx.answer("0002")
    added = pbx.pbx.lists.of(pbx.users["0001"])[before:]
    assert [each.result.value for each in added] == ([result] if result else [])
    assert [each.group_id for each in added] == (["2001"] if result else [])


async def test_one_member_rejects_and_the_others_go_on_ringing(pbx: StarfaceSimulator) -> None:
    pbx.ring("Vertrieb", from_number=OUTSIDE)
    pbx.hang_up("0001")
    assert [len(pbx.pbx.calls.of(login)) for login in ("0001", "0002", "0003")] == [0, 1, 1]
    pbx.hang_up("0002")
    pbx.hang_up("0003")
    assert pbx.calls == []


async def test_both_sides_of_an_internal_call_have_the_same_id(
    pbx: StarfaceSimulator, client: Client, client_of: MakeClient, until: Until
) -> None:
    colleague = client_of(pbx, "0002")
    await colleague.call("connection.login")
    call_id = await client.call("call.placeCallWithPhone", "11", "", "")
    await until(lambda: bool(pbx.pbx.calls.of("0002")))
    assert await colleague.call("call.getCallIds") == [call_id]
    pbx.answer("0002")
    seen = await colleague.call("call.getCallState", call_id)
    assert (seen["callerName"], seen["calledName"]) == ("Anna Schmidt", "Jonas Weber")
    pbx.hang_up("0002")
    assert await client.call("call.getCallIds") == []


async def test_hold_and_resume(pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until) -> None:
    call_id = await talk(pbx, until)
    await client.call("call.hold", call_id)
    await until(lambda: sequence(listener)[-1:] == ["PARKED"])
    pbx.resume("0001")
    await until(lambda: sequence(listener)[-1:] == ["CONNECTED"])


async def test_hold_of_a_held_call(pbx: StarfaceSimulator, client: Client, until: Until) -> None:
    call_id = await talk(pbx, until)
    state = "call.getCallState"
    await client.call("call.hold", call_id)
    await client.call("call.hold", call_id)
    assert (await client.call(state, call_id))["state"] == "PARKED"
    pbx.set(hold_again="resumes")
    await client.call("call.hold", call_id)
    assert (await client.call(state, call_id))["state"] == "CONNECTED"
    pbx.set(hold_again="fault")
    await client.call("call.hold", call_id)
    with pytest.raises(xmlrpc.client.Fault, match="already on hold"):
        await client.call("call.hold", call_id)


async def test_acting_on_a_call_that_is_not_there(pbx: StarfaceSimulator, client: Client) -> None:
    for method, params in (("hold", ("x",)), ("hangupCall", ("x",)), ("forward", ("x", "12")), ("hangupCall", ("",))):
        pbx.set(unknown_call="nothing")
        assert await client.call(f"call.{method}", *params) == ""
        pbx.set(unknown_call="fault")
        with pytest.raises(xmlrpc.client.Fault, match="UciException"):
            await client.call(f"call.{method}", *params)


async def test_a_second_call_holds_the_first_and_is_a_consultation(
    pbx: StarfaceSimulator, client: Client, until: Until
) -> None:
    first = await talk(pbx, until)
    second = await client.call("call.placeCallWithPhone", "11", "", "")
    await until(lambda: bool(pbx.pbx.calls.of("0002")))
    pbx.answer("0002")
    states = {each: (await client.call("call.getCallState", each))["state"] for each in (first, second)}
    assert states == {first: "PARKED", second: "CONSULT"}
    assert (await client.call("call.getCallState", second))["referenceOfConsultation"] == first


async def test_a_consultation_may_show_as_connected(pbx: StarfaceSimulator, client: Client, until: Until) -> None:
    pbx.set(consultation="connected")
    await talk(pbx, until)
    second = await client.call("call.placeCallWithPhone", "11", "", "")
    await until(lambda: bool(pbx.pbx.calls.of("0002")))
    pbx.answer("0002")
    assert (await client.call("call.getCallState", second))["state"] == "CONNECTED"


async def test_a_ringing_call_is_deflected(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    await client.call("call.forward", call_id, "12")
    await until(lambda: sequence(listener)[-1:] == ["HANGUP"])
    call, leg = pbx.pbx.calls.of("0003")[0]
    assert (call.id, leg.login, call.forward_type.value) == (call_id, "0003", "CFI")


@pytest.mark.parametrize("renamed", [False, True])
async def test_an_established_call_is_transferred_blindly(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until, renamed: bool
) -> None:
    pbx.set(forward_changes_id=renamed)
    call_id = pbx.place("0002", "10")
    await until(lambda: bool(pbx.pbx.calls.of("0001")))
    pbx.answer("0001")
    await client.call("call.forward", call_id, "12")
    await until(lambda: sequence(listener)[-1:] == ["HANGUP"])
    (waiting, leg), (ringing, _) = pbx.pbx.calls.of("0002")[0], pbx.pbx.calls.of("0003")[0]
    assert waiting is ringing
    assert (waiting.id != call_id, waiting.forward_type.value) == (renamed, "BLINDTRANSFER")
    await until(lambda: leg.state.value == "RINGBACK")
    pbx.answer("0003")
    assert leg.state.value == "CONNECTED"


async def test_an_attended_transfer_changes_the_id(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    first = await client.call("call.placeCallWithPhone", "11", "", "")
    await until(lambda: bool(pbx.pbx.calls.of("0002")))
    pbx.answer("0002")
    second = pbx.place("0002", "12")
    await until(lambda: bool(pbx.pbx.calls.of("0003")))
    pbx.answer("0003")
    assert pbx.transfer("0002", second, first) == second
    await until(lambda: listener.named("callChangesIdEvent") == [{"oldId": first, "newId": second}])
    await until(lambda: listener.states(second) == ["CONNECTED"])
    assert await client.call("call.getCallIds") == [second]
    assert pbx.pbx.calls.of("0002") == []


async def test_a_conference_joins_two_calls(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    await client.call("service.subscribeEvents", "ucp.v30.events.conferencecall")
    first = await talk(pbx, until)
    pbx.hold("0001")
    second = await talk(pbx, until)
    await client.call("call.conference", [first, second], "")
    await until(lambda: len(listener.named("conferencecall.receiveConfrenceCallState")) == 2)
    structs = [await client.call("call.getCallState", each) for each in (first, second)]
    assert {each["state"] for each in structs} == {"CONFERENCE_ACTIVE"}
    assert len({each["conferenceRoomId"] for each in structs}) == 1


async def test_voicemail_takes_a_message_and_the_lamp_goes_on(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    await client.call("service.subscribeEvents", "ucp.v30.events.voicemailList")
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    pbx.send_to_voicemail("0001")
    await until(lambda: sequence(listener)[-1:] == ["VOICEMAIL_LINKED"])
    pbx.advance(5)
    await until(lambda: bool(listener.named("newMessageWaitingIndicationEvent")))
    assert sequence(listener, call_id)[-1:] == ["HANGUP"]
    assert listener.named("newMessageWaitingIndicationEvent")[0]["newMessages"] == 1
    assert listener.named("newVoicemailListEntry")[0]["callerNumber"] == "00493023125801"


async def test_a_caller_is_grabbed_from_voicemail(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    pbx.send_to_voicemail("0001")
    await client.call("call.grabVoicemailBoxCallerWithPhone", call_id, "")
    await until(lambda: sequence(listener)[-1:] == ["CONNECTED"])


async def test_the_own_mailbox_is_called(
    pbx: StarfaceSimulator, client: Client, listener: Listener, until: Until
) -> None:
    await client.call("call.callVoicemailBox", "")
    await until(lambda: sequence(listener) == ["OUTGOING", "VOICEMAIL_MAIN"])


async def test_do_not_disturb_lets_nothing_ring(pbx: StarfaceSimulator, client: Client, listener: Listener) -> None:
    await client.call("userState.setDoNotDisturbSetting", True)
    pbx.ring("0001", from_number=OUTSIDE)
    assert (pbx.calls, newest_result(pbx)) == ([], "MISSED")
    await client.call("connection.keepAlive")
    assert listener.states() == []


async def test_probable_methods_exist_only_by_switch(pbx: StarfaceSimulator, client: Client, until: Until) -> None:
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    with pytest.raises(xmlrpc.client.Fault):
        await client.call("call.answer", call_id, "")
    pbx.set(extra_call_methods="answer,unhold,resume,sendDtmf,record,pickUp,transfer")
    await client.call("call.answer", call_id, "")
    for method in ("unhold", "resume"):
        await client.call("call.hold", call_id)
        await client.call(f"call.{method}", call_id)
        assert (await client.call("call.getCallState", call_id))["state"] == "CONNECTED"
    await client.call("call.sendDtmf", call_id, "1#")
    await client.call("call.record", call_id)
    await client.call("call.monitor", call_id)
    call = pbx.calls[0]
    assert (call.dtmf, call.recorded_by, call.monitored) == ("1#", "0001", True)
    ringing = pbx.ring("0002", from_number=OUTSIDE)
    await client.call("call.pickUp", ringing, "")
    assert pbx.pbx.calls.of("0002") == []
    await client.call("call.transfer", ringing, call_id)
    assert pbx.calls == []


async def test_scripts_refuse_what_cannot_be(pbx: StarfaceSimulator) -> None:
    for action in (pbx.answer, pbx.hold, pbx.resume, pbx.miss, pbx.hang_up, pbx.send_to_voicemail):
        with pytest.raises(CallActionError):
            action("0001")
    with pytest.raises(CallActionError):
        pbx.ring("nobody", from_number=OUTSIDE)
