"""What is refused at the door, what is taken once, what is answered how; over real HTTP."""

from __future__ import annotations

import asyncio
import io
import json
import time
from typing import Any

import pytest

from bridge.errors import Unavailable
from infra.simulator.microsoft import Fault
from tests.bot.conftest import Chat

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def post(chat: Chat, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    async with chat.http.post(chat.url, data=io.BytesIO(body), headers=headers) as answer:
        return answer.status, await answer.read()


async def test_forged_requests_are_refused_and_cause_nothing(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    forged = chat.ms.forged_channel_requests(chat.anna)
    assert len(forged) >= 60
    wrong, times = {}, []
    for request in forged:
        started = time.perf_counter()
        status, _ = await post(chat, request.body, request.headers)
        times.append(time.perf_counter() - started)
        if status not in request.acceptable:
            wrong[request.name] = status
    await chat.settle()
    assert wrong == {}
    assert chat.desk.asked == 0
    assert chat.once.claims == set()
    assert list(chat.ms.connector.requests) == []
    assert sorted(times)[len(times) // 2] < 0.05


async def test_random_key_ids_cause_at_most_one_fetch_and_genuine_messages_pass(chat: Chat) -> None:
    await chat.say("help")
    before = chat.ms.channel.fetches["keys"]
    activity = chat.ms.activities.message(chat.anna, chat.ms.channel.conversation(chat.anna).id, "help")
    body = json.dumps(activity).encode()
    for number in range(300):
        token = chat.ms.channel_mint.token(chat.ms.service_url, key=chat.ms.stranger_key)
        head, claims, signature = token.split(".")
        forged = chat.ms.stranger_key.sign({"n": number}, kid=f"kid-{number}").split(".")[0]
        headers = {"Authorization": f"Bearer {forged}.{claims}.{signature}", "Content-Type": "application/json"}
        assert (await post(chat, body, headers))[0] == 401
        assert head != forged
    assert chat.ms.channel.fetches["keys"] - before <= 1
    await chat.say("help")


async def test_a_good_activity_is_answered_at_once(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.slow["place"] = 0.15
    delivery = await chat.ms.channel.say(chat.anna, "call 0721 1")
    assert delivery.status == 202
    assert delivery.seconds < 0.12
    assert chat.desk.placed == []
    await chat.ms.connector.wait_for_messages(1)


async def test_repeats_of_an_activity_have_one_effect(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    delivery = await chat.ms.channel.say(chat.anna, "call 0721 1")
    repeats = await chat.ms.channel.repeat(delivery, 9, at_once=True)
    repeats += await chat.ms.channel.repeat(delivery, 2)
    await chat.settle()
    assert {repeat.status for repeat in repeats} == {202}
    assert len(chat.desk.placed) == 1
    assert len(chat.ms.connector.sent) == 1


async def test_the_same_id_in_another_conversation_is_another_activity(chat: Chat) -> None:
    first = await chat.ms.channel.say(chat.anna, "help")
    jonas = chat.ms.user("jonas.weber")
    await chat.ms.channel.say(jonas, "help", id=first.activity["id"])
    await chat.ms.connector.wait_for_messages(2)


@pytest.mark.parametrize("store", ["once", "directory"])
async def test_a_store_that_is_away_means_try_again(chat: Chat, store: str) -> None:
    if store == "once":
        chat.once.away = Unavailable()
    else:
        chat.directory.away = Unavailable()
    delivery = await chat.ms.channel.say(chat.anna, "help")
    assert delivery.status == 503
    chat.once.away = chat.directory.away = None
    assert (await chat.ms.channel.repeat(delivery))[0].status == 202
    await chat.ms.connector.wait_for_messages(1)


async def test_a_tenant_that_has_not_been_onboarded_gets_no_answer(chat: Chat) -> None:
    delivery = await chat.ms.channel.say(chat.ms.user("henrik.petersen"), "help")
    assert delivery.status == 403
    assert delivery.body == {"error": {"code": "tenant_unknown"}}
    assert list(chat.ms.connector.requests) == []


async def test_keys_that_rotate_at_the_issuer_refuse_nobody(chat: Chat) -> None:
    await chat.say("help")
    await chat.ms.channel_keys.rotate()
    await chat.say("help")
    assert chat.ms.channel.fetches["keys"] >= 1


async def test_an_issuer_that_is_away_means_try_again_only_without_keys(chat: Chat) -> None:
    chat.ms.channel.faults.add(Fault(status=503))
    assert (await chat.ms.channel.say(chat.anna, "help")).status == 503
    chat.ms.channel.faults.clear()


@pytest.mark.parametrize("name", ["composeExtension/queryLink", "signin/verifyState", "no/such/invoke", ""])
async def test_unknown_invokes_are_refused_clearly(chat: Chat, name: str) -> None:
    delivery = await chat.ms.channel.invoke(chat.anna, name, {})
    assert delivery.status == 400
    assert delivery.body["error"]["message"]


@pytest.mark.parametrize("value", [None, [], "text", 5, {"action": "x"}, {"action": {"verb": ["call"], "data": 1}}])
async def test_invokes_with_odd_values_get_a_sentence(chat: Chat, value: Any) -> None:
    delivery = await chat.ms.channel.invoke(chat.anna, "adaptiveCard/action", value)
    assert delivery.status == 200
    assert delivery.body["type"] == "application/vnd.microsoft.activity.message"


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ["x"]},
        {"from": "anna"},
        {"recipient": 3},
        {"membersAdded": {}},
        {"locale": 1},
        {"id": 12},
        {"type": ["message"]},
    ],
)
async def test_fields_of_a_wrong_type_are_no_activity(chat: Chat, fields: dict[str, Any]) -> None:
    activity = chat.ms.activities.message(chat.anna, chat.ms.channel.conversation(chat.anna).id, "help")
    delivery = await chat.ms.channel.deliver({**activity, **fields})
    assert delivery.status == 400
    await chat.settle()
    assert chat.ms.connector.sent == []


@pytest.mark.parametrize(
    "kind", ["messageReaction", "typing", "event", "endOfConversation", "somethingNew", "messageUpdate"]
)
async def test_activities_of_no_interest_are_taken_in_silence(chat: Chat, kind: str) -> None:
    activity = chat.ms.activities.envelope(chat.anna, chat.ms.channel.conversation(chat.anna).id, kind)
    assert (await chat.ms.channel.deliver(activity)).status == 202
    await chat.settle()
    assert list(chat.ms.connector.requests) == []


async def test_a_body_that_never_ends_is_cut_off_at_the_bound(chat: Chat) -> None:
    async def endless() -> Any:
        for _ in range(64):
            yield b"A" * 16_384

    headers = chat.ms.channel.headers({"serviceUrl": chat.ms.service_url, "conversation": {}})
    async with chat.http.post(chat.url, data=endless(), headers=headers) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x"])
async def test_packed_bodies_are_not_unpacked(chat: Chat, coding: str) -> None:
    activity = chat.ms.activities.message(chat.anna, chat.ms.channel.conversation(chat.anna).id, "help")
    headers = {**chat.ms.channel.headers(activity), "Content-Encoding": coding}
    status, _ = await post(chat, b"\x1f\x8b no such thing", headers)
    assert status in {400, 415}


async def test_stopping_finishes_what_was_taken_and_takes_nothing_more(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.slow["place"] = 0.1
    assert (await chat.ms.channel.say(chat.anna, "call 0721 1")).status == 202
    stopping = asyncio.create_task(chat.face.stop())
    await asyncio.sleep(0)
    assert (await chat.ms.channel.say(chat.anna, "help")).status == 503
    await stopping
    assert len(chat.desk.placed) == 1
    assert len(chat.ms.connector.sent) == 1
