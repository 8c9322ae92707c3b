"""Calls from begin to end: who hears of what, what the list says, and which switch changes it."""

import xmlrpc.client

import pytest

from infra.simulator.starface import Behaviour, Outside, StarfaceSimulator
from infra.simulator.starface.calls import ListResult
from tests.simulator.starface.uci_client import OUTSIDE, Client, Listener, MakeClient, Until


@pytest.fixture
async def client(pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener) -> Client:
    signed_in = client_of(pbx, "0001", listener)
    await signed_in.sign_in()
    return signed_in


def newest_result(pbx: StarfaceSimulator, login: str = "0001") -> str:
    return pbx.pbx.lists.of(pbx.users[login])[-1].result.value


async def test_a_missed_call(pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until) -> None:
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: listener.sequence() == ["INCOMING", "RINGING"])
    pbx.miss("0001")
    await expect_soon(lambda: listener.sequence() == ["INCOMING", "RINGING", "HANGUP"])
    entry = pbx.pbx.lists.of(pbx.users["0001"])[-1]
    assert (entry.result, entry.description, entry.caller_number) == (ListResult.MISSED, "Max Müller", OUTSIDE)


async def test_a_call_that_nobody_answers_ends_by_itself(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: len(listener.states()) == 3)
    pbx.advance(31)
    await expect_soon(lambda: listener.sequence()[-1:] == ["HANGUP"])
    assert newest_result(pbx) == "MISSED"


async def test_incoming_may_be_skipped(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(incoming_state=False)
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: listener.sequence() == ["RINGING"])


async def test_names_may_come_at_once(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(name_resolution="at_once")
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: listener.states() == ["INCOMING", "RINGING"])
    assert {each["callerName"] for each in listener.named("receiveCallState")} == {"Max Müller"}


@pytest.mark.parametrize(("alternative", "state"), [("upper", "RINGING"), ("mixed", "Ringing")])
async def test_the_case_of_states(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until, *, alternative: str, state: str
) -> None:
    pbx.set(state_case=alternative)
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: state in listener.states())


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
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    pbx.users["0001"].pick_up_after = None
    call_id = await client.call("call.placeCallWithPhone", "11", "SIP/0001-app", "")
    await expect_soon(lambda: listener.sequence() == ["OUTGOING"])
    assert pbx.pbx.calls.of("0002") == []
    pbx.answer("0001", call_id)
    await expect_soon(lambda: listener.sequence() == ["OUTGOING", "RINGBACK"])
    assert pbx.pbx.calls.of("0001")[0][1].phone == "SIP/0001-app"
    pbx.answer("0002")
    await expect_soon(lambda: listener.sequence() == ["OUTGOING", "RINGBACK", "CONNECTED"])


async def test_the_own_phone_may_show_as_ringing_or_not_at_all(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(own_phone="first_ringing")
    first = await client.call("call.placeCallWithPhone", "+493023125800", "", "")
    await expect_soon(lambda: listener.sequence(first)[-1:] == ["CONNECTED"])
    assert listener.sequence(first) == ["RINGING", "OUTGOING", "RINGBACK", "CONNECTED"]
    pbx.hang_up("0001")
    pbx.set(own_phone="immediate")
    pbx.users["0001"].pick_up_after = None
    second = await client.call("call.placeCallWithPhone", "+493023125800", "", "")
    await expect_soon(lambda: listener.sequence(second) == ["OUTGOING", "RINGBACK", "CONNECTED"])


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
    expect_soon: Until,
    *,
    behaviour: Behaviour,
    states: list[str],
) -> None:
    pbx.pbx.accounts.set_outside(Outside("+493023125999", "Jemand", behaviour, after=0.01))
    call_id = await client.call("call.placeCallWithPhone", "030 23125-999", "", "")
    await expect_soon(lambda: listener.sequence(call_id) == states)
    if behaviour is Behaviour.NEVER_ANSWERS:
        pbx.remote_answers("0001")
        await expect_soon(lambda: listener.sequence(call_id)[-1:] == ["CONNECTED"])


async def test_somebody_outside_may_hang_up(
    pbx: StarfaceSimulator, client: Client, listener: Listener, expect_soon: Until
) -> None:
    pbx.pbx.accounts.set_outside(Outside("+493023125999", "Zeitansage", after=0.01, hangs_up_after=0.01))
    call_id = await client.call("call.placeCallWithPhone", "+493023125999", "", "")
    await expect_soon(lambda: listener.sequence(call_id) == ["OUTGOING", "RINGBACK", "CONNECTED", "HANGUP"])
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
    pbx: StarfaceSimulator, client: Client, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    colleague = client_of(pbx, "0002")
    await colleague.call("connection.login")
    call_id = pbx.ring("Vertrieb", from_number=OUTSIDE)
    await expect_soon(lambda: listener.sequence() == ["INCOMING", "RINGING"])
    assert await colleague.call("call.getCallIds") == [call_id]
    pbx.answer("0002", phone_id="SIP/0002-app")
    await expect_soon(lambda: listener.sequence() == ["INCOMING", "RINGING", "HANGUP"])
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
    pbx: StarfaceSimulator, client: Client, client_of: MakeClient, expect_soon: Until
) -> None:
    colleague = client_of(pbx, "0002")
    await colleague.call("connection.login")
    call_id = await client.call("call.placeCallWithPhone", "11", "", "")
    await expect_soon(lambda: bool(pbx.pbx.calls.of("0002")))
    assert await colleague.call("call.getCallIds") == [call_id]
    pbx.answer("0002")
    seen = await colleague.call("call.getCallState", call_id)
    assert (seen["callerName"], seen["calledName"]) == ("Anna Schmidt", "Jonas Weber")
    pbx.hang_up("0002")
    assert await client.call("call.getCallIds") == []
