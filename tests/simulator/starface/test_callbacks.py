"""How events reach a client, and what happens when they do not."""

import asyncio
import ssl
import xmlrpc.client
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

from infra.simulator.starface import PbxConfig, StarfaceSimulator
from infra.simulator.starface.codec import write_call
from tests.simulator.starface.uci_client import OUTSIDE, PREFIX, Client, Listener, MakeClient, Until


async def ring_and_hang_up(pbx: StarfaceSimulator) -> None:
    """Two events at least: INCOMING and HANGUP."""
    pbx.ring("0001", from_number=OUTSIDE)
    pbx.hang_up("0001")


async def test_a_failed_event_is_dropped_and_the_session_stays(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    listener.status = 500
    for _ in range(3):
        await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(pbx.recorder.callbacks) == 6)
    assert {each.status for each in pbx.recorder.callbacks} == {500}
    assert await client.call("connection.keepAlive") is True


async def test_three_failures_may_end_the_session(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(callback_failure="drop_session")
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    listener.status = 500
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(listener.received) == 2)
    assert await client.call("connection.keepAlive") is True
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: pbx.pbx.sessions.of("0001") == [])
    assert len(listener.received) == 3
    assert await client.call("connection.keepAlive") is False


async def test_three_failures_may_bring_the_reset_event(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(callback_failure="reset_event")
    await client_of(pbx, "0001", listener).sign_in()
    listener.status = 500
    await ring_and_hang_up(pbx)
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: bool(listener.received) and listener.received[-1][0].endswith("connection.reset"))


async def test_an_unreachable_client_is_recorded_as_such(
    pbx: StarfaceSimulator, client_of: MakeClient, expect_soon: Until
) -> None:
    await client_of(pbx, "0001", Listener(port=1)).sign_in()
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(pbx.recorder.callbacks) == 2)
    assert {(each.status, each.error != "") for each in pbx.recorder.callbacks} == {(0, True)}


async def test_events_are_sent_again_as_often_as_the_switch_says(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(callback_retries=2)
    await client_of(pbx, "0001", listener).sign_in()
    listener.status = 503
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(listener.received) == 6)
    assert listener.states() == ["INCOMING"] * 3 + ["HANGUP"] * 3


async def test_a_silent_client_is_given_up_in_time(
    pbx: StarfaceSimulator, client_of: MakeClient, expect_soon: Until
) -> None:
    pbx.set(callback_timeout=0.05)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        await client_of(pbx, "0001", Listener(port=server.sockets[0].getsockname()[1])).sign_in()
        pbx.ring("0001", from_number=OUTSIDE)
        await expect_soon(lambda: [each.error for each in pbx.recorder.callbacks][:1] == ["TimeoutError"])


async def test_events_may_come_twice(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(callback_order="duplicates")
    await client_of(pbx, "0001", listener).sign_in()
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: listener.states() == ["INCOMING", "INCOMING", "HANGUP", "HANGUP"])


async def test_the_first_event_may_have_an_empty_state(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(callback_order="empty_first_state")
    await client_of(pbx, "0001", listener).sign_in()
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: listener.states() == ["", "INCOMING", "HANGUP"])


async def test_events_may_overtake_one_another(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(callback_order="jitter")
    await client_of(pbx, "0001", listener).sign_in()
    for _ in range(10):
        await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(listener.states()) == 20)
    assert sorted(listener.states()) == ["HANGUP"] * 10 + ["INCOMING"] * 10
    assert listener.states() != ["INCOMING", "HANGUP"] * 10


@pytest.mark.parametrize(
    ("alternative", "names"),
    [
        ("nothing", {"user"}),
        ("empty_auth", {"user", "auth"}),
        ("jwt", {"user", "jwt"}),
        ("jwt_as_auth", {"user", "auth"}),
    ],
)
async def test_what_a_callback_carries_after_a_login_by_jwt(
    http: aiohttp.ClientSession, listener: Listener, expect_soon: Until, alternative: str, names: set[str]
) -> None:
    async with StarfaceSimulator(PbxConfig(version="10.0.0.4")) as pbx:
        pbx.set(jwt_callback=alternative)
        token = pbx.pbx.tokens.issue("0001", "windows-app", "login")["access_token"]
        client = Client(http, pbx.url, "0001", "", listener, jwt=token)
        await client.sign_in()
        pbx.ring("0001", from_number=OUTSIDE)
        await expect_soon(lambda: bool(listener.queries))
    query = listener.queries[0]
    assert query.keys() == {PREFIX + each for each in names}
    assert (token in query.values()) == alternative.startswith("jwt")


async def test_subscribers_of_two_generations_each_get_their_own(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in("ucp.v30.events.call", "ucp.v22.events.call")
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: len(listener.received) == 6)
    services = {method.removesuffix(".receiveCallState") for method, _ in listener.received}
    assert services == {"ucp.v22.events.call", "ucp.v30.events.call"}


async def test_lamps_and_own_state_light_up_for_those_who_subscribed(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    await client_of(pbx, "0001", listener).sign_in("ucp.v30.events.functionKey", "ucp.v30.events.userState")
    pbx.ring("0002", from_number=OUTSIDE)
    await expect_soon(lambda: [each["state"] for each in listener.named("receiveFunctionKeyState")] == ["RINGING"])
    pbx.answer("0002")
    pbx.hang_up("0002")
    await expect_soon(lambda: len(listener.named("receiveFunctionKeyState")) == 3)
    lamp = listener.named("receiveFunctionKeyState")
    assert [each["state"] for each in lamp] == ["RINGING", "ACTIVE", "AVAILABLE"]
    assert {each["name"] for each in lamp} == {"Jonas Weber"}
    assert listener.named("receiveUserState") == []
    pbx.pbx.set_dnd("0001", enabled=True)
    await expect_soon(lambda: len(listener.named("receiveUserState")) == 1)


async def test_unconfirmed_events_have_another_name_or_none(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    pbx.set(event_spelling="changed")
    client = client_of(pbx, "0001", listener)
    await client.sign_in("ucp.v30.events.userState")
    pbx.pbx.set_dnd("0001", enabled=True)
    await expect_soon(lambda: len(listener.named("userState.userStateChangedEvent")) == 1)
    pbx.set(event_spelling="absent")
    assert await client.call("service.subscribeEvents", "ucp.v30.events.userState") is False
    assert await client.call("service.getProvidedEvents") == [
        "ucp.v30.events.call",
        "ucp.v30.events.conferencecall",
    ]


async def test_the_message_waiting_state_is_pushed_on_request(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    await client.call("call.getCurrentMessageWaitingState")
    await expect_soon(lambda: len(listener.named("newMessageWaitingIndicationEvent")) == 1)
    expected = {"mailboxId": "box-0001", "mailboxName": "Mailbox Anna Schmidt", "newMessages": 0, "oldMessages": 0}
    assert listener.named("newMessageWaitingIndicationEvent") == [expected]


async def test_certificates_of_https_callbacks_are_checked_or_not(
    http: aiohttp.ClientSession, tmp_path: Path, expect_soon: Until
) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with StarfaceSimulator(PbxConfig(callback_ca=str(tmp_path / "ca.pem"))) as pbx:
        for issuer, checked, delivered in (
            (stranger, "unverified", True),
            (stranger, "verified", False),
            (authority, "verified", True),
        ):
            pbx.set(callback_tls=checked)
            pbx.recorder.clear()
            await _ring_over_https(pbx, http, issuer, expect_soon)
            assert (pbx.recorder.callbacks[0].status == 200) is delivered


async def _ring_over_https(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, issuer: trustme.CA, expect_soon: Until
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    listening = Listener()
    application = web.Application()
    application.router.add_post("/uci/cb", listening.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    listening.port = runner.addresses[0][1]
    client = Client(http, pbx.url, "0001", "Demo-0001!", listening, scheme="https")
    await client.sign_in()
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(pbx.recorder.callbacks) >= 2)
    await client.call("connection.logout")
    await runner.cleanup()


async def test_the_recorder_keeps_no_credential(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    await ring_and_hang_up(pbx)
    await expect_soon(lambda: len(pbx.recorder.callbacks) == 2)
    kept = repr(pbx.recorder)
    assert "0001" in kept
    assert "Demo-0001!" not in kept
    assert client.query()[PREFIX + "auth"].partition(":")[2] not in kept


def test_bodies_are_valid_xml_rpc() -> None:
    body = write_call(
        "ucp.v30.events.call.receiveCallState", [{"callerName": "<Müller & Söhne>"}], StarfaceSimulator().switches
    )
    params, method = xmlrpc.client.loads(body)
    assert (params, method) == (({"callerName": "<Müller & Söhne>"},), "ucp.v30.events.call.receiveCallState")
