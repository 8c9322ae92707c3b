"""The simulated connector records, refuses and throttles as the real one does."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import jwt
import pytest

from infra.simulator.microsoft import Fault, MicrosoftSimulator
from infra.simulator.microsoft.misbehaviour import Misbehaviour
from tests.simulator.microsoft.conftest import Client, Recorder

TEXT = {"type": "message", "text": "Grüße"}


async def installed(ms: MicrosoftSimulator, alias: str = "anna.schmidt") -> str:
    """Install the app for a person and return the conversation id."""
    user = ms.user(alias)
    await ms.channel.install(user)
    return ms.conversations.of(user).id


async def struck(faults: Misbehaviour) -> None:
    """Wait until a fault has hit a request."""
    async with asyncio.timeout(5):
        while faults.hits == 0:  # noqa: ASYNC110 - a counter that another task raises within milliseconds
            await asyncio.sleep(0.01)


async def test_send_edit_delete_are_recorded_in_order(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    status, sent, _ = await client.connector("POST", f"/{chat}/activities", TEXT)
    assert status == 201
    path = f"/{chat}/activities/{sent['id']}"
    assert (await client.connector("PUT", path, {"type": "message", "text": "zwei"}))[0] == 200
    assert (await client.connector("PUT", path, {"type": "message", "text": "drei"}))[0] == 200
    message = ms.conversations.of(ms.user("anna.schmidt")).messages[-1]
    assert [version["text"] for version in message.versions] == ["Grüße", "zwei", "drei"]
    assert [record.activity["text"] for record in ms.connector.edits if record.activity] == ["zwei", "drei"]
    assert (await client.connector("DELETE", path))[0] == 200
    assert message.deleted
    assert (await client.connector("PUT", path, TEXT))[0] == 404
    assert [record.operation for record in ms.connector.requests] == ["send", "edit", "edit", "delete", "edit"]


async def test_only_the_bots_own_token_from_its_home_tenant_is_accepted(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    anna = ms.user("anna.schmidt")
    bad = [
        await client.app_token("https://graph.microsoft.com"),
        await client.app_token("https://api.botframework.com", tenant=anna.tenant.id),
        await client.app_token("https://api.botframework.com", tenant="botframework.com"),
        ms.sso_token(anna),
        ms.channel_token(),
        "nonsense",
    ]
    statuses = [(await client.connector("POST", f"/{chat}/activities", TEXT, token=token))[0] for token in bad]
    assert statuses == [401] * len(bad)
    assert ms.connector.sent == []
    assert [record.token for record in ms.connector.requests] == [None] * len(bad)


async def test_expired_token_is_refused(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    token = await client.app_token("https://api.botframework.com")
    ms.clock.advance(4000)
    assert (await client.connector("POST", f"/{chat}/activities", TEXT, token=token))[0] == 401


async def test_uninstalled_people_cannot_be_written_to(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    await ms.channel.uninstall(ms.user("anna.schmidt"))
    status, body, _ = await client.connector("POST", f"/{chat}/activities", TEXT)
    assert (status, body["error"]["code"]) == (403, "BotNotInConversationRoster")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "no type"}, 400),
        ([1], 400),
        ({"type": "message", "text": "A" * 60_000}, 413),
    ],
)
async def test_bad_activities_are_refused(ms: MicrosoftSimulator, client: Client, body: Any, status: int) -> None:
    chat = await installed(ms)
    assert (await client.connector("POST", f"/{chat}/activities", body))[0] == status


async def test_unknown_conversation_is_not_found(client: Client) -> None:
    assert (await client.connector("POST", "/a:unknown/activities", TEXT))[0] == 404


@pytest.mark.parametrize("status", [403, 404, 412, 429, 502])
async def test_ordered_refusals_strike_one_conversation_only(
    ms: MicrosoftSimulator, client: Client, status: int
) -> None:
    anna, jonas = await installed(ms), await installed(ms, "jonas.weber")
    ms.connector.faults.add(Fault(status=status, retry_after=2, where=anna, times=1))
    assert (await client.connector("POST", f"/{jonas}/activities", TEXT))[0] == 201
    answered, body, headers = await client.connector("POST", f"/{anna}/activities", TEXT)
    assert (answered, headers["Retry-After"]) == (status, "2")
    assert body["error"]["code"]
    assert (await client.connector("POST", f"/{anna}/activities", TEXT))[0] == 201
    assert [record.status for record in ms.connector.requests] == [201, status, 201]


async def test_a_fault_after_the_work_leaves_the_effect(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    ms.connector.faults.add(Fault(status=502, after=True, times=1))
    assert (await client.connector("POST", f"/{chat}/activities", TEXT))[0] == 502
    assert len(ms.conversations.of(ms.user("anna.schmidt")).messages) == 1


async def test_a_hang_lasts_until_the_caller_gives_up(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    token = await client.app_token("https://api.botframework.com")
    ms.connector.faults.add(Fault(hang=True, where=chat))
    pending = asyncio.ensure_future(client.connector("POST", f"/{chat}/activities", TEXT, token=token))
    await struck(ms.connector.faults)
    _, still_waiting = await asyncio.wait({pending}, timeout=0.1)
    assert still_waiting
    pending.cancel()
    ms.connector.faults.clear(chat)
    assert (await client.connector("POST", f"/{chat}/activities", TEXT, token=token))[0] == 201
    assert ms.connector.faults.hits == 1


async def test_published_limits_hold_per_conversation_and_per_tenant(ms: MicrosoftSimulator, client: Client) -> None:
    ms.connector.enforce_limits = True
    chat = await installed(ms)
    token = await client.app_token("https://api.botframework.com")
    answers = [await client.connector("POST", f"/{chat}/activities", TEXT, token=token) for _ in range(8)]
    assert [status for status, _, _ in answers] == [201] * 7 + [429]
    assert int(answers[-1][2]["Retry-After"]) >= 1
    ms.clock.advance(1.01)
    assert (await client.connector("POST", f"/{chat}/activities", TEXT, token=token))[0] == 201
    assert (await client.connector("POST", f"/{chat}/activities", TEXT, token=token))[0] == 429


async def test_creating_a_conversation_needs_the_app_installed(ms: MicrosoftSimulator, client: Client) -> None:
    jonas = ms.user("jonas.weber")
    body = {
        "isGroup": False,
        "bot": {"id": f"28:{ms.settings.app_id}"},
        "members": [{"id": jonas.id}],
        "tenantId": jonas.tenant.id,
        "channelData": {"tenant": {"id": jonas.tenant.id}},
    }
    assert (await client.connector("POST", "", body))[0] == 403
    chat = await installed(ms, "jonas.weber")
    status, created, _ = await client.connector("POST", "", body)
    assert (status, created["id"], created["serviceUrl"]) == (201, chat, ms.service_url)
    assert (await client.connector("POST", "", {**body, "tenantId": ms.settings.home_tenant}))[0] == 403
    assert (await client.connector("POST", "", {**body, "members": [{"id": jonas.principal_name}]}))[0] == 400


async def test_members_are_named(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    anna = ms.user("anna.schmidt")
    _, members, _ = await client.connector("GET", f"/{chat}/members")
    assert [m["aadObjectId"] for m in members] == [anna.id]
    status, one, _ = await client.connector("GET", f"/{chat}/members/{anna.channel_id}")
    assert (status, one["tenantId"]) == (200, anna.tenant.id)
    assert (await client.connector("GET", f"/{chat}/members/29:nobody"))[0] == 404


async def test_waiting_for_messages_sees_them_and_gives_up_in_time(ms: MicrosoftSimulator, client: Client) -> None:
    chat = await installed(ms)
    waiting = asyncio.ensure_future(ms.connector.wait_for_messages(1, within=3))
    await client.connector("POST", f"/{chat}/activities", {"type": "typing"})
    assert not waiting.done()
    await client.connector("POST", f"/{chat}/activities", TEXT)
    assert [record.activity for record in await waiting] == [TEXT]
    with pytest.raises(TimeoutError):
        await ms.connector.wait_for_messages(2, within=0.05)


async def test_deliveries_are_signed_for_their_service_url(
    ms: MicrosoftSimulator, client: Client, recorder: Recorder
) -> None:
    await installed(ms)
    delivery = await ms.channel.say(ms.user("anna.schmidt"), "Hilfe")
    assert delivery.accepted
    async with client.http.get(ms.channel_metadata_url) as answer:
        metadata = await answer.json()
    async with client.http.get(metadata["jwks_uri"]) as answer:
        published = {key["kid"]: key for key in (await answer.json())["keys"]}
    token = recorder.tokens[-1]
    key = published[jwt.get_unverified_header(token)["kid"]]
    assert key["endorsements"] == ["msteams"]
    claims = jwt.decode(token, jwt.PyJWK(key).key, ["RS256"], audience=ms.settings.app_id, issuer=metadata["issuer"])
    assert claims["serviceurl"] == recorder.seen[-1]["serviceUrl"] == ms.service_url


async def test_deliveries_repeat_the_same_activity(ms: MicrosoftSimulator, recorder: Recorder) -> None:
    ms.channel.repeats = 2
    recorder.statuses = [500, 500, 200]
    delivery = await ms.channel.say(ms.user("anna.schmidt"), "anrufen")
    assert delivery.accepted
    assert len({activity["id"] for activity in recorder.seen}) == 1
    assert len(recorder.seen) == 3
    await ms.channel.repeat(delivery, 2, at_once=True)
    assert len({activity["id"] for activity in recorder.seen}) == 1
    assert len(recorder.seen) == 5


async def test_kinds_of_activities_have_the_shape_of_teams(ms: MicrosoftSimulator, recorder: Recorder) -> None:
    anna = ms.user("anna.schmidt")
    await ms.channel.install(anna)
    await ms.channel.execute(anna, "hangup", {"callId": "7"}, "123")
    await ms.channel.fetch_task(anna, {"msteams": {"type": "task/fetch"}})
    await ms.channel.submit_task(anna, {"done": True})
    await ms.channel.query(anna, "search", "Mül")
    await ms.channel.submit(anna, {"remember": True}, "123")
    await ms.channel.uninstall(anna)
    kinds = [activity.get("name") or activity.get("action") or activity["type"] for activity in recorder.seen]
    assert kinds == [
        "add",
        "conversationUpdate",
        "adaptiveCard/action",
        "task/fetch",
        "task/submit",
        "composeExtension/query",
        "message",
        "remove",
    ]
    for activity in recorder.seen:
        assert activity["channelData"]["tenant"]["id"] == activity["conversation"]["tenantId"] == anna.tenant.id
        assert activity["from"]["aadObjectId"] == anna.id
    assert recorder.seen[2]["value"] == {
        "action": {"type": "Action.Execute", "verb": "hangup", "data": {"callId": "7"}},
        "trigger": "manual",
    }


async def test_an_unreachable_bot_is_no_exception(ms: MicrosoftSimulator) -> None:
    ms.channel.endpoint = "http://127.0.0.1:9/api/messages"
    delivery = await ms.channel.say(ms.user("anna.schmidt"), "hallo")
    assert (delivery.status, delivery.accepted) == (0, False)


async def test_metadata_faults_and_counters(ms: MicrosoftSimulator, client: Client) -> None:
    ms.channel.faults.add(Fault(delay=0.05, where="keys", times=1))
    ms.channel.endorsements = ["webchat"]
    started = asyncio.get_running_loop().time()
    async with client.http.get(f"{ms.base_url}/channel/v1/.well-known/keys") as answer:
        keys = (await answer.json())["keys"]
    assert asyncio.get_running_loop().time() - started >= 0.05
    assert keys[0]["endorsements"] == ["webchat"]
    assert ms.channel.fetches == {"keys": 1}


async def test_stopping_lets_hanging_requests_go(recorder: Recorder) -> None:
    async with MicrosoftSimulator(bot_endpoint=recorder.url) as ms, aiohttp.ClientSession() as http:
        ms.channel.faults.add(Fault(hang=True))
        pending = asyncio.ensure_future(http.get(ms.channel_metadata_url))
        await struck(ms.channel.faults)
        started = asyncio.get_running_loop().time()
        await ms.stop()
        assert asyncio.get_running_loop().time() - started < 2
        with pytest.raises(aiohttp.ClientError):
            await pending
