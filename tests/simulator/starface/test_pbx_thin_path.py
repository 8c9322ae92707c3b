"""The shortest way through the PBX: sign in, be called, call, hang up."""

from infra.simulator.starface import StarfaceSimulator
from tests.simulator.starface.uci_client import Listener, MakeClient, Until


async def test_a_user_signs_in_and_stays_signed_in_by_keep_alive(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    assert await client.call("connection.keepAlive") is False
    assert await client.call("connection.login") is True
    assert await client.call("connection.keepAlive") is True
    assert await client.call("system.getServerVersion") == "8.1.2.2"
    await client.call("connection.logout")
    assert await client.call("connection.keepAlive") is False


async def test_an_arriving_call_is_told_to_the_callback(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    call_id = pbx.ring("0001", from_number="+49 711 123456", name="Max Müller")
    await expect_soon(lambda: listener.states() == ["INCOMING", "RINGING", "RINGING"])
    structs = listener.named("call.receiveCallState")
    assert [each["callerName"] for each in structs] == ["", "", "Max Müller"]
    assert structs[-1]["callerNumber"] == "0049711123456"
    assert structs[-1]["calledNumber"] == "10"
    assert listener.queries[0] == {
        "de.vertico.starface.user": "0001",
        "de.vertico.starface.auth": client.query()["de.vertico.starface.auth"],
    }
    assert await client.call("call.getCallIds") == [call_id]
    pbx.answer("0001")
    await expect_soon(lambda: listener.states()[-1] == "CONNECTED")
    assert (await client.call("call.getCallState", call_id))["state"] == "CONNECTED"


async def test_a_placed_call_rings_and_connects_and_can_be_hung_up(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    call_id = await client.call("call.placeCallWithPhone", "+49 30 23125-800", "", "")
    assert call_id
    await expect_soon(lambda: "CONNECTED" in listener.states(call_id))
    assert await client.call("call.hangupCall", call_id) == ""
    await expect_soon(lambda: "HANGUP" in listener.states(call_id))
    assert list(dict.fromkeys(listener.states(call_id))) == ["OUTGOING", "RINGBACK", "CONNECTED", "HANGUP"]
    assert await client.call("call.getCallIds") == []
    assert await client.call("call.getCallState", call_id) == {}
