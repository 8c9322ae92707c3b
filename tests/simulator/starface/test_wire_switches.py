"""Each switch of requests and answers changes what is seen on the wire, and nothing else does."""

import datetime as dt
import re
import xmlrpc.client
from dataclasses import fields
from pathlib import Path

import aiohttp
import pytest

from infra.simulator.starface import StarfaceSimulator, Switches, UnknownSwitchError
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switch_values import switch_alternatives
from tests.simulator.starface.uci_client import Client, MakeClient


@pytest.fixture
async def client(pbx: StarfaceSimulator, client_of: MakeClient) -> Client:
    signed_in = client_of(pbx)
    await signed_in.call("connection.login")
    return signed_in


def test_every_switch_is_tried_by_a_test() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    untried = [each.name for each in fields(Switches) if not re.search(rf"\b{each.name}=", sources)]
    assert untried == []


def test_a_switch_that_does_not_exist_is_refused_by_name() -> None:
    simulator = StarfaceSimulator()
    with pytest.raises(UnknownSwitchError, match="no switch 'colour'"):
        simulator.set(colour="blue")
    with pytest.raises(UnknownSwitchError, match="http_401"):
        simulator.set(bad_token="perhaps")
    assert simulator.switches == Switches()


def test_every_alternative_of_every_switch_can_be_set_by_its_text() -> None:
    for name, alternatives in switch_alternatives().items():
        for each in alternatives:
            changed = SwitchPanel().change({name: each})
            assert getattr(changed, name) in {each, each == "true", frozenset({each})}
    texts = {"keep_alive_expiry": "never", "callback_timeout": "0.5", "no_session_code": "7"}
    numbers = SwitchPanel().change(texts)
    assert (numbers.keep_alive_expiry, numbers.callback_timeout, numbers.no_session_code) == (None, 0.5, 7)


@pytest.mark.parametrize(
    ("alternative", "sign"),
    [("boolean", b"<boolean>1</boolean>"), ("i4", b"<i4>1</i4>"), ("missing", b"<params/>")],
)
async def test_the_result_of_login(pbx: StarfaceSimulator, client: Client, alternative: str, sign: bytes) -> None:
    pbx.set(login_result=alternative)
    await client.call("connection.login")
    assert sign in client.raw


@pytest.mark.parametrize(
    ("alternative", "sign"),
    [
        ("empty_string", b"<string></string>"),
        ("nil", b"<nil/>"),
        ("true", b"<boolean>1</boolean>"),
        ("missing", b"<params/>"),
    ],
)
async def test_the_result_of_nothing(pbx: StarfaceSimulator, client: Client, alternative: str, sign: bytes) -> None:
    pbx.set(void_result=alternative)
    await client.call("phone.setCallWaitingIndication", False)
    assert sign in client.raw
    assert pbx.users["0001"].call_waiting is False


async def test_a_request_without_a_session(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    stranger = client_of(pbx, "0002")
    with pytest.raises(xmlrpc.client.Fault, match="UcpNotConnectedException") as caught:
        await stranger.call("call.getCallIds")
    assert caught.value.faultCode == 0
    pbx.set(no_session="fault_without_class", no_session_code=42)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        await stranger.call("call.getCallIds")
    assert (caught.value.faultCode, caught.value.faultString) == (42, "not connected")


async def test_an_unknown_method(pbx: StarfaceSimulator, client: Client) -> None:
    for alternative, code in (("fault_5", 5), ("fault_0", 0)):
        pbx.set(unknown_method=alternative)
        with pytest.raises(xmlrpc.client.Fault) as caught:
            await client.call("call.levitate", "x")
        assert caught.value.faultCode == code
    pbx.set(unknown_method="http_500")
    answer = await client.post(xmlrpc.client.dumps((), "ucp.v30.requests.call.levitate").encode())
    assert answer.status == 500


async def test_old_names_are_answered_or_not(pbx: StarfaceSimulator, client: Client) -> None:
    phones = ["SIP/0001-desk", "SIP/0001-app"]
    for name in (
        "ucp.v20.server.communication.call.getPhoneIds",
        "ucp.v22.server.communication.call.getPhoneIds",
        "ucp.v22.requests.phone.getPhoneIds",
    ):
        pbx.set(old_names=True)
        assert await client.call(name) == phones
        pbx.set(old_names=False)
        with pytest.raises(xmlrpc.client.Fault):
            await client.call(name)
    assert await client.call("phone.getPhoneIds") == phones


async def test_additions_of_v30_are_unknown_to_older_names(client: Client) -> None:
    for name in ("ucp.v22.requests.call.hold", "ucp.v22.requests.functionKey.getALLFunctionKeys"):
        with pytest.raises(xmlrpc.client.Fault) as caught:
            await client.call(name, *([""] if name.endswith("hold") else []))
        assert caught.value.faultCode == 5
    assert await client.call("ucp.v20.server.connection.probe") is True
    assert await client.call("ucp.v22.server.connection.keepAlive") is True
    with pytest.raises(xmlrpc.client.Fault):
        await client.call("connection.setProvidedServices", [])


async def test_nil_among_the_parameters(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.users["0001"].pick_up_after = None
    assert await client.call("call.placeCallWithPhone", "11", None, None) != ""
    pbx.hang_up("0001")
    pbx.set(nil_parameter="fault")
    with pytest.raises(xmlrpc.client.Fault, match="No method matching"):
        await client.call("call.placeCallWithPhone", "11", None, None)


async def test_parameters_are_checked_like_a_java_signature(client: Client) -> None:
    for params in ((), ("11", ""), ("11", "", "", ""), ("11", 7, "")):
        with pytest.raises(xmlrpc.client.Fault, match="No method matching"):
            await client.call("call.placeCallWithPhone", *params)


@pytest.mark.parametrize(
    ("alternative", "header"), [("text/xml;charset=UTF-8",) * 2, ("application/xml",) * 2, ("none", "")]
)
async def test_the_content_type(pbx: StarfaceSimulator, client: Client, alternative: str, header: str) -> None:
    pbx.set(content_type=alternative)
    await client.call("connection.keepAlive")
    assert client.headers["Content-Type"] == header


async def test_cookies(pbx: StarfaceSimulator, client: Client) -> None:
    assert client.headers["Set-Cookie"].startswith("JSESSIONID=")
    pbx.set(cookies=False)
    await client.call("connection.keepAlive")
    assert "Set-Cookie" not in client.headers


async def test_dates(pbx: StarfaceSimulator, client: Client) -> None:
    moment = pbx.pbx.clock.now()
    utc = await _newest_start(client)
    assert re.fullmatch(r"\d{8}T\d\d:\d\d:\d\d", utc.value)
    assert b"<dateTime.iso8601>" in client.raw
    pbx.set(dates="text")
    assert await _newest_start(client) == utc.value
    pbx.set(dates="local")
    there = dt.datetime.strptime(utc.value, "%Y%m%dT%H:%M:%S").replace(tzinfo=dt.UTC)
    assert there.timestamp() < moment
    assert (await _newest_start(client)).value == there.astimezone().strftime("%Y%m%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("alternative", "sign"),
    [
        ("date", rb"<dateTime.iso8601>\d{8}T"),
        ("text", rb"<string>\d{8}T\d\d:"),
        ("milliseconds", rb"<i8>\d{13}</i8>"),
        ("milliseconds_text", rb"<string>\d{13}</string>"),
    ],
)
async def test_the_timestamp_of_a_call(pbx: StarfaceSimulator, client: Client, alternative: str, sign: bytes) -> None:
    pbx.set(call_timestamp=alternative)
    call_id = pbx.ring("0001", from_number="+493023125801")
    await client.call("call.getCallState", call_id)
    assert re.search(rb"<name>timestamp</name>\s*<value>" + sign, client.raw)


@pytest.mark.parametrize(
    ("alternative", "caller"),
    [("double_zero", "00493023125801"), ("plus", "+493023125801"), ("national", "03023125801")],
)
async def test_the_number_format(pbx: StarfaceSimulator, client: Client, alternative: str, caller: str) -> None:
    pbx.set(number_format=alternative)
    call_id = pbx.ring("0001", from_number="+493023125801")
    struct = await client.call("call.getCallState", call_id)
    assert (struct["callerNumber"], struct["calledNumber"]) == (caller, "10")


async def test_the_keys_of_a_call(pbx: StarfaceSimulator, client: Client) -> None:
    call_id = pbx.ring("Vertrieb", from_number="+493023125801")
    struct = await client.call("call.getCallState", call_id)
    assert struct["groupID"] == "2001"
    assert {"forwardType", "duration", "conferenceRoomId"} <= struct.keys()
    pbx.set(call_keys="confirmed", group_key="groupId")
    struct = await client.call("call.getCallState", call_id)
    parties = {"callerNumber", "callerName", "calledNumber", "calledName"}
    assert struct.keys() == {"id", "state", "timestamp", "groupId"} | parties


async def test_the_spelling_of_unconfirmed_structs(pbx: StarfaceSimulator, client: Client) -> None:
    keys, groups = await client.call("functionKey.getFunctionKeys"), await client.call("group.getGroupSettings")
    assert (keys[0]["state"], keys[0]["type"]) == ("AVAILABLE", "BUSY_LAMP_FIELD")
    assert (groups[0]["id"], groups[0]["loggedOn"]) == ("2001", True)
    pbx.set(struct_spelling="long")
    keys, groups = await client.call("functionKey.getFunctionKeys"), await client.call("group.getGroupSettings")
    assert (keys[0]["telephonyState"], keys[0]["functionKeyType"]) == ("AVAILABLE", "BUSY_LAMP_FIELD")
    assert (groups[0]["groupId"], groups[0]["active"]) == ("2001", True)


async def test_whether_the_user_state_tells_do_not_disturb(pbx: StarfaceSimulator, client: Client) -> None:
    assert "doNotDisturb" not in await client.call("userState.getUserState")
    pbx.set(user_state_tells_dnd=True)
    await client.call("userState.setDoNotDisturbSetting", True)
    assert (await client.call("userState.getUserState"))["doNotDisturb"] is True


@pytest.mark.parametrize("body", [b"", b"<methodCall>", b"\xff\xfe", b"<!DOCTYPE x><methodCall/>", b"{}"])
async def test_what_is_no_call_is_a_bad_request(pbx: StarfaceSimulator, client: Client, body: bytes) -> None:
    answer = await client.post(body)
    assert answer.status == 400
    assert answer.headers["Server"] == "Apache-Coyote/1.1"


async def test_the_path_answers_only_posts(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{pbx.url}/xml-rpc") as answer:
        assert answer.status == 405


async def _newest_start(client: Client) -> xmlrpc.client.DateTime:
    far, long_ago = xmlrpc.client.DateTime("20991231T00:00:00"), xmlrpc.client.DateTime("19990101T00:00:00")
    result = await client.call("callList.getCallList", far, long_ago, "", "", "", "startTime", "DESCENDING", 0, 1)
    start: xmlrpc.client.DateTime = result["entries"][0]["startTime"]
    return start


async def test_a_service_that_the_pbx_lacks(pbx: StarfaceSimulator, client: Client) -> None:
    await client.call("connection.login")
    pbx.set(missing_services="group,callList")
    with pytest.raises(xmlrpc.client.Fault, match="No such handler"):
        await client.call("group.getGroupSettings")
    assert await client.call("functionKey.getFunctionKeys")
