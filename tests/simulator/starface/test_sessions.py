"""Sessions: how long they live, how many a user has, and how the PBX ends them."""

import xmlrpc.client

import aiohttp
import pytest

from infra.simulator.starface import StarfaceSimulator
from tests.simulator.starface.uci_client import Client, Listener, MakeClient, Until


async def test_a_session_ends_without_keep_alive(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.advance(59)
    assert await client.call("connection.keepAlive") is True
    pbx.advance(59)
    assert await client.call("connection.keepAlive") is True
    pbx.advance(61)
    assert await client.call("connection.keepAlive") is False


@pytest.mark.parametrize(("expiry", "pause", "alive"), [(20, 21, False), (20, 19, True), (None, 86_400, True)])
async def test_the_expiry_is_a_switch(
    pbx: StarfaceSimulator, client_of: MakeClient, expiry: float | None, pause: float, alive: bool
) -> None:
    pbx.set(keep_alive_expiry=expiry)
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.advance(pause)
    assert await client.call("connection.keepAlive") is alive


@pytest.mark.parametrize("extends", [True, False])
async def test_whether_other_requests_extend_a_session(
    pbx: StarfaceSimulator, client_of: MakeClient, extends: bool
) -> None:
    pbx.set(any_request_extends=extends)
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.advance(40)
    await client.call("call.getCallIds")
    pbx.advance(40)
    assert await client.call("connection.keepAlive") is extends


async def test_a_user_may_have_several_sessions_with_different_callbacks(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    plain, listening = client_of(pbx), client_of(pbx, "0001", listener)
    await listening.sign_in()
    await plain.call("connection.login")
    await plain.call("connection.logout")
    assert await listening.call("connection.keepAlive") is True
    pbx.ring("0001", from_number="+493023125801")
    await expect_soon(lambda: "RINGING" in listener.states())


async def test_a_second_login_may_displace_the_first(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(session_key="user")
    first = client_of(pbx, "0001", listener)
    await first.sign_in()
    await client_of(pbx).call("connection.login")
    assert len(pbx.pbx.sessions.of("0001")) == 1
    assert await first.call("connection.keepAlive") is False


async def test_the_same_callback_renews_a_session(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    await client.call("connection.login")
    assert [session.subscriptions for session in pbx.pbx.sessions.of("0001")] == [set()]


async def test_a_request_without_callback_parameters(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener
) -> None:
    await client_of(pbx, "0001", listener).sign_in()
    bare = client_of(pbx)
    assert await bare.call("connection.keepAlive") is True
    pbx.set(bare_request="own_session")
    assert await bare.call("connection.keepAlive") is False


async def test_the_pbx_ends_a_session_and_says_so(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    assert pbx.end_sessions("0001") == 1
    await expect_soon(lambda: [method for method, _ in listener.received] == ["ucp.v30.events.connection.reset"])
    assert await client.call("connection.keepAlive") is False
    pbx.ring("0001", from_number="+493023125801")
    await client.call("connection.keepAlive")
    assert listener.states() == []


async def test_the_reset_may_need_a_subscription(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(reset_needs_subscription=True)
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    pbx.end_sessions("0001")
    await client.sign_in("ucp.v30.events.call", "ucp.v30.events.connection")
    pbx.end_sessions("0001")
    await expect_soon(lambda: len(listener.named("connection.reset")) == 1)


async def test_a_restart_loses_sessions_and_calls(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.ring("0001", from_number="+493023125801")
    port = pbx.port
    await pbx.restart()
    assert (pbx.port, pbx.calls) == (port, [])
    assert await client.call("connection.keepAlive") is False
    with pytest.raises(xmlrpc.client.Fault, match="UcpNotConnectedException"):
        await client.call("call.getCallIds")


async def test_a_restart_may_keep_calls(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    call_id = pbx.ring("0001", from_number="+493023125801")
    await pbx.restart(keep_calls=True)
    await client.call("connection.login")
    assert await client.call("call.getCallIds") == [call_id]


async def test_a_machine_that_is_off_refuses_connections(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    await pbx.stop_listening()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.call("connection.keepAlive")
    await pbx.listen()
    assert await client.call("connection.keepAlive") is True


async def test_subscriptions_follow_what_is_provided(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    events = await client.call("service.getProvidedEvents")
    assert {"ucp.v30.events.call", "ucp.v30.events.userState", "ucp.v30.events.connection"} <= set(events)
    assert await client.call("service.providesEvents", "ucp.v30.events.fax") is False
    assert await client.call("service.providesRequests", "ucp.v30.requests.queue") is False
    assert await client.call("service.providesRequests", "ucp.v30.requests.callList") is True
    assert "ucp.v30.requests.voicemailList" in await client.call("service.getProvidedRequests")
    assert await client.call("service.subscribeEvents", "ucp.v30.events.weather") is False
    assert await client.call("service.subscribeEvents", "ucp.v30.events.call") is True
    assert await client.call("service.unsubscribeEvents", "ucp.v30.events.call") is True
    assert await client.call("service.unsubscribeEvents", "ucp.v30.events.call") is False


async def test_a_v20_client_logs_in_and_hears_of_calls(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, listener: Listener, expect_soon: Until
) -> None:
    client = Client(http, pbx.url, "0001", "Demo-0001!", listener)
    assert await client.call("ucp.v20.server.connection.login") is True
    services = ["ucp.v20.client.communication.call", "ucp.v20.client.connection"]
    assert await client.call("ucp.v20.server.connection.setProvidedServices", services) is True
    call_id = await client.call("ucp.v20.server.communication.call.placeCall", "+493023125800", "", "")
    await expect_soon(lambda: "CONNECTED" in listener.states(call_id))
    assert listener.states()[0] == "PROCEEDING"
    assert listener.received[0][0] == "ucp.v20.client.communication.call.receiveCallState"
    assert await client.call("ucp.v20.server.communication.call.hangupCall", call_id) is True
    assert await client.call("ucp.v20.server.communication.call.hangupCall", call_id) is False
    pbx.end_sessions()
    await expect_soon(lambda: listener.received[-1] == ("ucp.v20.client.connection.reset", ()))
    assert await client.call("ucp.v20.server.connection.logout") is True
