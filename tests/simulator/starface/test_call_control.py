"""What users do with their calls: hold, forward, transfer, join, take from voicemail."""

import xmlrpc.client

import pytest

from infra.simulator.starface import CallActionError, StarfaceSimulator
from tests.simulator.starface.uci_client import OUTSIDE, Client, Listener, MakeClient, Until


@pytest.fixture
async def client(pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener) -> Client:
    signed_in = client_of(pbx, "0001", listener)
    await signed_in.sign_in()
    return signed_in


def newest_result(pbx: StarfaceSimulator, login: str = "0001") -> str:
    return pbx.pbx.lists.of(pbx.users[login])[-1].result.value


def talk(pbx: StarfaceSimulator, login: str = "0001") -> str:
    """Let an inbound call be answered."""
    call_id = pbx.ring(login, from_number=OUTSIDE)
    pbx.answer(login, call_id)
    return call_id


async def test_hold_and_resume(pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until) -> None:
    call_id = talk(pbx)
    await client.call("call.hold", call_id)
    await expect_soon(lambda: listener.sequence()[-1:] == ["PARKED"])
    pbx.resume("0001")
    await expect_soon(lambda: listener.sequence()[-1:] == ["CONNECTED"])


async def test_hold_of_a_held_call(pbx: StarfaceSimulator, client: Client, expect_soon: Until) -> None:
    call_id = talk(pbx)
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
    pbx: StarfaceSimulator, client: Client, expect_soon: Until
) -> None:
    first = talk(pbx)
    second = await client.call("call.placeCallWithPhone", "11", "", "")
    await expect_soon(lambda: bool(pbx.pbx.calls.of("0002")))
    pbx.answer("0002")
    states = {each: (await client.call("call.getCallState", each))["state"] for each in (first, second)}
    assert states == {first: "PARKED", second: "CONSULT"}
    assert (await client.call("call.getCallState", second))["referenceOfConsultation"] == first


async def test_a_consultation_may_show_as_connected(pbx: StarfaceSimulator, client: Client, expect_soon: Until) -> None:
    pbx.set(consultation="connected")
    talk(pbx)
    second = await client.call("call.placeCallWithPhone", "11", "", "")
    await expect_soon(lambda: bool(pbx.pbx.calls.of("0002")))
    pbx.answer("0002")
    assert (await client.call("call.getCallState", second))["state"] == "CONNECTED"


async def test_a_ringing_call_is_deflected(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    await client.call("call.forward", call_id, "12")
    await expect_soon(lambda: listener.sequence()[-1:] == ["HANGUP"])
    call, leg = pbx.pbx.calls.of("0003")[0]
    assert (call.id, leg.login, call.forward_type.value) == (call_id, "0003", "CFI")


@pytest.mark.parametrize("renamed", [False, True])
async def test_an_established_call_is_transferred_blindly(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until, renamed: bool
) -> None:
    pbx.set(forward_changes_id=renamed)
    call_id = pbx.place("0002", "10")
    await expect_soon(lambda: bool(pbx.pbx.calls.of("0001")))
    pbx.answer("0001")
    await client.call("call.forward", call_id, "12")
    await expect_soon(lambda: listener.sequence()[-1:] == ["HANGUP"])
    (waiting, leg), (ringing, _) = pbx.pbx.calls.of("0002")[0], pbx.pbx.calls.of("0003")[0]
    assert waiting is ringing
    assert (waiting.id != call_id, waiting.forward_type.value) == (renamed, "BLINDTRANSFER")
    await expect_soon(lambda: leg.state.value == "RINGBACK")
    pbx.answer("0003")
    assert leg.state.value == "CONNECTED"


async def test_an_attended_transfer_changes_the_id(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    first = await client.call("call.placeCallWithPhone", "11", "", "")
    await expect_soon(lambda: bool(pbx.pbx.calls.of("0002")))
    pbx.answer("0002")
    second = pbx.place("0002", "12")
    await expect_soon(lambda: bool(pbx.pbx.calls.of("0003")))
    pbx.answer("0003")
    assert pbx.transfer("0002", second, first) == second
    await expect_soon(lambda: listener.named("callChangesIdEvent") == [{"oldId": first, "newId": second}])
    await expect_soon(lambda: listener.states(second) == ["CONNECTED"])
    assert await client.call("call.getCallIds") == [second]
    assert pbx.pbx.calls.of("0002") == []


async def test_a_conference_joins_two_calls(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    await client.call("service.subscribeEvents", "ucp.v30.events.conferencecall")
    first = talk(pbx)
    pbx.hold("0001")
    second = talk(pbx)
    await client.call("call.conference", [first, second], "")
    await expect_soon(lambda: len(listener.named("conferencecall.receiveConfrenceCallState")) == 2)
    structs = [await client.call("call.getCallState", each) for each in (first, second)]
    assert {each["state"] for each in structs} == {"CONFERENCE_ACTIVE"}
    assert len({each["conferenceRoomId"] for each in structs}) == 1


async def test_voicemail_takes_a_message_and_the_lamp_goes_on(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    await client.call("service.subscribeEvents", "ucp.v30.events.voicemailList")
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    pbx.send_to_voicemail("0001")
    await expect_soon(lambda: listener.sequence()[-1:] == ["VOICEMAIL_LINKED"])
    pbx.advance(5)
    await expect_soon(lambda: bool(listener.named("newMessageWaitingIndicationEvent")))
    assert listener.sequence(call_id)[-1:] == ["HANGUP"]
    assert listener.named("newMessageWaitingIndicationEvent")[0]["newMessages"] == 1
    assert listener.named("newVoicemailListEntry")[0]["callerNumber"] == "00493023125801"


async def test_a_caller_is_grabbed_from_voicemail(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    pbx.send_to_voicemail("0001")
    await client.call("call.grabVoicemailBoxCallerWithPhone", call_id, "")
    await expect_soon(lambda: listener.sequence()[-1:] == ["CONNECTED"])


async def test_the_own_mailbox_is_called(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    await client.call("call.callVoicemailBox", "")
    await expect_soon(lambda: listener.sequence() == ["OUTGOING", "VOICEMAIL_MAIN"])


async def test_do_not_disturb_lets_nothing_ring(pbx: StarfaceSimulator, client: Client, listener: Listener) -> None:
    await client.call("userState.setDoNotDisturbSetting", True)
    pbx.ring("0001", from_number=OUTSIDE)
    assert (pbx.calls, newest_result(pbx)) == ([], "MISSED")
    await client.call("connection.keepAlive")
    assert listener.states() == []


async def test_probable_methods_exist_only_by_switch(
    pbx: StarfaceSimulator, client: Client, expect_soon: Until
) -> None:
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
