"""Call list, redirects, function keys, groups, voicemail, phones and the user's own state."""

import xmlrpc.client
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.recordings import spoken
from tests.simulator.starface.uci_client import OUTSIDE, Client, Listener, MakeClient, Until

FUTURE = xmlrpc.client.DateTime("20991231T00:00:00")
PAST = xmlrpc.client.DateTime("19990101T00:00:00")


@pytest.fixture
async def client(pbx: StarfaceSimulator, client_of: MakeClient) -> Client:
    signed_in = client_of(pbx)
    await signed_in.call("connection.login")
    return signed_in


async def entries(client: Client, *, page: tuple[int, int] = (0, 100), **restrictions: str) -> dict[str, Any]:
    names = ("direction", "result", "group", "order", "order_direction")
    texts = [restrictions.get(name, "") for name in names]
    answer: dict[str, Any] = await client.call("callList.getCallList", FUTURE, PAST, *texts, *page)
    return answer


async def test_the_call_list_is_cut_into_pages(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.pbx.lists.generate(pbx.users["0001"], 30)
    first, second = await entries(client, page=(0, 25)), await entries(client, page=(25, 25))
    assert (first["totalCount"], len(first["entries"]), len(second["entries"])) == (42, 25, 17)
    assert not {each["id"] for each in first["entries"]} & {each["id"] for each in second["entries"]}
    assert first["entries"][0].keys() == {
        "id",
        "direction",
        "result",
        "startTime",
        "duration",
        "callerNumber",
        "calledNumber",
        "callDescription",
        "groupId",
    }


async def test_the_call_list_is_restricted_and_ordered(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.ring("Vertrieb", from_number=OUTSIDE)
    pbx.miss("0001")
    missed = await entries(client, direction="INBOUND", result="MISSED", group="2001")
    assert [each["callDescription"] for each in missed["entries"]] == ["Max Müller"]
    assert all(not each["groupId"] for each in (await entries(client, group="NON_GROUP"))["entries"])
    outbound = (await entries(client, direction="OUTBOUND"))["entries"]
    assert {each["direction"] for each in outbound} == {"OUTBOUND"}
    durations = [
        each["duration"] for each in (await entries(client, order="duration", order_direction="ASCENDING"))["entries"]
    ]
    assert durations == sorted(durations)
    with pytest.raises(xmlrpc.client.Fault, match="IllegalArgument"):
        await entries(client, order="colour")
    with pytest.raises(xmlrpc.client.Fault, match="IllegalArgument"):
        await entries(client, direction="SIDEWAYS")


async def test_the_time_bounds_come_before_first(client: Client) -> None:
    everything = ("", "", "", "", "", 0, 100)
    assert (await client.call("callList.getCallList", PAST, FUTURE, *everything))["totalCount"] == 0
    assert (await client.call("callList.getCallList", FUTURE, PAST, *everything))["totalCount"] == 12


async def test_entries_are_deleted_and_called_back(pbx: StarfaceSimulator, client: Client) -> None:
    ids = [each["id"] for each in (await entries(client))["entries"]]
    await client.call("callList.deleteCallListEntry", ids[0])
    await client.call("callList.deleteCallListEntries", ids[1:3])
    assert [each["id"] for each in (await entries(client))["entries"]] == ids[3:]
    call_id = await client.call("callList.placeCallbackCallWithPhone", ids[5], "", "")
    assert await client.call("call.getCallIds") == [call_id]
    assert await client.call("callList.placeCallbackCallWithPhone", ids[0], "", "") == ""


async def test_a_redirect_is_read_changed_and_followed(
    pbx: StarfaceSimulator, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in("ucp.v30.events.redirect")
    rules = await client.call("redirect.getRedirectSettings", "ALWAYS", "NON_GROUP", "calledNumber", "DESCENDING")
    assert [each["calledNumber"] for each in rules] == ["10", "00493023125001"]
    changed = {**rules[0], "enabled": True, "destination": "12"}
    await client.call("redirect.setRedirectSetting", changed)
    await expect_soon(lambda: [each["enabled"] for each in listener.named("receiveRedirectSetting")] == [True])
    assert (await client.call("userState.getUserState"))["redirectAlwaysActive"] is True
    pbx.ring("0001", from_number=OUTSIDE)
    assert (pbx.pbx.calls.of("0001"), len(pbx.pbx.calls.of("0003"))) == ([], 1)
    assert pbx.calls[0].forward_type.value == "CFU"


async def test_redirects_on_busy_and_after_a_time(pbx: StarfaceSimulator, client: Client, expect_soon: Until) -> None:
    rules = await client.call("redirect.getRedirectSettings", "", "", "", "")
    own = [{**each, "enabled": True} for each in rules if each["calledNumber"] == "10" and each["type"] != "ALWAYS"]
    await client.call("redirect.setRedirectSettings", own)
    await client.call("userState.setDoNotDisturbSetting", True)
    call_id = pbx.ring("0001", from_number=OUTSIDE)
    busy = await client.call("call.getCallState", call_id)
    assert (busy["state"], busy["forwardType"]) == ("VOICEMAIL_LINKED", "CFB")
    await client.call("userState.setDoNotDisturbSetting", False)
    pbx.ring("0001", from_number=OUTSIDE)
    await expect_soon(lambda: pbx.pbx.calls.of("0001")[-1][1].names_known)
    pbx.advance(21)
    await expect_soon(lambda: pbx.pbx.calls.of("0001")[-1][0].forward_type.value == "CFNR")


@pytest.mark.parametrize("broken", [{"id": "x"}, {"enabled": True, "destination": "abc"}, {"destinationType": "MOON"}])
async def test_a_redirect_that_does_not_fit_is_refused(client: Client, broken: dict[str, object]) -> None:
    rule = (await client.call("redirect.getRedirectSettings", "ALWAYS", "", "", ""))[0]
    with pytest.raises(xmlrpc.client.Fault, match="UciException"):
        await client.call("redirect.setRedirectSetting", {**rule, **broken})


async def test_function_keys_show_and_do(pbx: StarfaceSimulator, client: Client) -> None:
    keys = await client.call("functionKey.getFunctionKeys")
    lamp = next(each for each in keys if each["name"] == "Jonas Weber")
    assert (lamp["type"], lamp["state"], lamp["number"]) == ("BUSY_LAMP_FIELD", "AVAILABLE", "11")
    call_id = pbx.ring("0002", from_number=OUTSIDE)
    calls = await client.call("functionKey.getCallInfoForKey", lamp["id"])
    assert [each["id"] for each in calls] == [call_id]
    await client.call("functionKey.pressKey", lamp["id"], [])
    assert await client.call("call.getCallIds") == [call_id]
    contact = await client.call("functionKey.getContactInfoForKey", lamp["id"])
    assert contact["lastName"] == "Weber"
    found = await client.call("functionKey.searchFunctionKeys", "ruhe", "search-1")
    assert [each["type"] for each in found["functionKeys"]] == ["DO_NOT_DISTURB"]
    await client.call("functionKey.pressKey", found["functionKeys"][0]["id"], [])
    assert pbx.users["0001"].dnd is True
    everything = await client.call("functionKey.getALLFunctionKeys")
    assert len(everything["functionKeys"]) == len(keys)
    assert len(await client.call("functionKey.getRedirectSettingsForKey", lamp["id"])) == 6
    with pytest.raises(xmlrpc.client.Fault, match="no function key"):
        await client.call("functionKey.getImageForKey", "0002-blf-1")


async def test_avatars_are_found_by_hash(pbx: StarfaceSimulator, client: Client, client_of: MakeClient) -> None:
    image = await client.call("userState.getAvatarImage")
    assert image.data.startswith(b"\x89PNG")
    picture_hash = (await client.call("userState.getUserState"))["avatarHash"]
    assert (await client.call("call.getImageOfHash", picture_hash))["data"].data == image.data
    await client.call("userState.setAvatarImageFile", xmlrpc.client.Binary(b"new"))
    assert pbx.users["0001"].avatar == b"new"
    colleague = client_of(pbx, "0002")
    await colleague.call("connection.login")
    assert (await colleague.call("functionKey.getImageForKey", "0002-blf-1")).data == b"new"


async def test_a_user_logs_off_from_a_group(pbx: StarfaceSimulator, client: Client) -> None:
    group = (await client.call("group.getGroupSettings"))[0]
    assert (group["name"], group["loggedOn"]) == ("Vertrieb", True)
    await client.call("group.setGroupSetting", {**group, "loggedOn": False})
    pbx.ring("Vertrieb", from_number=OUTSIDE)
    assert [len(pbx.pbx.calls.of(login)) for login in ("0001", "0002")] == [0, 1]
    await client.call("group.setGroupSettings", [{**group, "loggedOn": True}])
    assert "0001" in pbx.pbx.accounts.groups["2001"].logged_on
    with pytest.raises(xmlrpc.client.Fault, match="in no group"):
        await client.call("group.setGroupSetting", {"id": "2002", "loggedOn": True})


async def test_the_voicemail_list(pbx: StarfaceSimulator, client: Client, expect_soon: Until) -> None:
    for _ in range(2):
        pbx.ring("0001", from_number=OUTSIDE)
        pbx.send_to_voicemail("0001")
    await client.call("connection.keepAlive")
    pbx.advance(2)
    await expect_soon(lambda: pbx.calls == [])
    assert await client.call("voicemailList.getMailboxes") == [{"id": "box-0001", "name": "Mailbox Anna Schmidt"}]
    listing = ("voicemailList.getVoicemailList", FUTURE, PAST, "", "INBOX", "startTime", "DESCENDING", 0, 10)
    first, second = await client.call(*listing)
    assert (first["callDescription"], first["mailboxName"]) == ("Max Müller", "Mailbox Anna Schmidt")
    await client.call("voicemailList.moveVoicemailListEntry", first["id"], "OLD")
    assert [each["id"] for each in await client.call(*listing)] == [second["id"]]
    await client.call("voicemailList.moveVoicemailListEntries", [first["id"]], "INBOX")
    assert f"/{first['id']}.wav" in await client.call("voicemailList.getVoicemailFileUrl", first["id"])
    await client.call("voicemailList.deleteVoicemailListEntry", first["id"])
    await client.call("voicemailList.deleteVoicemailListEntries", [second["id"]])
    assert await client.call(*listing) == []
    with pytest.raises(xmlrpc.client.Fault, match="no message"):
        await client.call("voicemailList.deleteVoicemailListEntry", first["id"])


async def test_a_mailbox_is_called_with_a_phone(pbx: StarfaceSimulator, client: Client, expect_soon: Until) -> None:
    call_id = await client.call("voicemailList.callMailboxWithPhone", "box-0001", "SIP/0001-app")
    await expect_soon(lambda: pbx.pbx.calls.of("0001")[0][1].state.value == "VOICEMAIL_MAIN")
    assert pbx.calls[0].id == call_id
    with pytest.raises(xmlrpc.client.Fault, match="no mailbox"):
        await client.call("voicemailList.callMailboxWithPhone", "box-0002", "")


async def test_phones_and_display_numbers(pbx: StarfaceSimulator, client: Client) -> None:
    assert await client.call("phone.getPhoneIds") == ["SIP/0001-desk", "SIP/0001-app"]
    await client.call("phone.setPrimaryPhoneId", "SIP/0001-app")
    assert await client.call("phone.getPrimaryPhoneId") == "SIP/0001-app"
    for foreign in ("SIP/0002-desk", ""):
        with pytest.raises(xmlrpc.client.Fault, match="no such phone"):
            await client.call("phone.setPrimaryPhoneId", foreign)
    numbers = await client.call("phone.getAvailableDisplayNumbers")
    assert [each["number"] for each in numbers] == ["00493023125001", "10"]
    await client.call("phone.setDisplayNumberId", numbers[1]["id"])
    assert await client.call("phone.getDisplayNumberId") == numbers[1]["id"]
    assert await client.call("phone.getCallWaitingIndication") is True


async def test_the_own_state_follows_calls_and_settings(pbx: StarfaceSimulator, client: Client) -> None:
    async def telephony() -> str:
        state: str = (await client.call("userState.getUserState"))["telephonyState"]
        return state

    assert await telephony() == "AVAILABLE"
    pbx.ring("0001", from_number=OUTSIDE)
    assert await telephony() == "RINGING"
    pbx.answer("0001")
    assert await telephony() == "ACTIVE"
    pbx.hang_up("0001")
    pbx.users["0001"].queue_pause = True
    assert await telephony() == "QUEUE_PAUSE"
    pbx.users["0001"].queue_pause = False
    for phone in pbx.users["0001"].phones:
        phone.registered = False
    assert await telephony() == "UNAVAILABLE"
    await client.call("userState.setChatPresenceMessage", "Mittag")
    assert (await client.call("userState.getUserState"))["chatPresenceMessage"] == "Mittag"


@pytest.mark.parametrize("opened_by", ["key_in_url", "uci_auth", "closed", "in_answer"])
async def test_a_recording_is_handed_out_as_the_switch_says(
    pbx: StarfaceSimulator, client: Client, http: aiohttp.ClientSession, opened_by: str
) -> None:
    pbx.set(voicemail_file=opened_by, voicemail_url="internal_name", voicemail_ranges=False)
    box = pbx.pbx.accounts.mailboxes["box-0001"]
    pbx.pbx.recordings.invent([box], pbx.pbx.accounts.contacts, 1)
    (message,) = box.messages
    content = spoken(message.duration)
    if opened_by == "in_answer":
        assert (await client.call("voicemailList.getVoicemailFile", message.id)).data == content
        return
    address = urlsplit(await client.call("voicemailList.getVoicemailFileUrl", message.id))
    assert address.hostname == "starface.internal"
    opens = opened_by == "key_in_url"
    query = f"?{address.query}" if opens else ""
    async with http.get(f"{pbx.url}{address.path}{query}", headers={"Range": "bytes=0-1"}) as response:
        assert response.status == (200 if opens else 403)
        assert not opens or await response.read() == content
