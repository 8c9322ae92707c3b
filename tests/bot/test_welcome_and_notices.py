"""What the bot says of its own accord: welcome once, ended sign-ins once for each cause and never into a call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.errors import EndReason
from bridge.model.calls import CallTable
from bridge.model.ids import PbxId
from bridge.model.messages import CallsChanged, PlaceCall, Resync, SessionEnded, SessionOpened
from infra.simulator.microsoft import Fault
from tests.bot.card_rules import faults_of
from tests.bot.conftest import Chat, card_of, handle_of, shown

pytestmark = pytest.mark.asyncio(loop_scope="package")
PBX = PbxId("p1")
EXPIRED = SessionEnded(PBX, EndReason.EXPIRED)
EN = {"locale": "en-US"}


async def talk(chat: Chat, *numbers: str) -> None:
    """Tell the notices that Anna has calls with these numbers now."""
    chat.desk.tables[chat.user] = CallTable()
    for number in numbers:
        chat.desk.add_call(chat.user, number)
    await chat.face.notices(chat.user, CallsChanged(chat.desk.table(chat.user)))
    await chat.settle()


async def test_the_welcome_comes_once_whatever_is_repeated(chat: Chat) -> None:
    for _ in range(3):
        assert all(delivery.accepted for delivery in await chat.ms.channel.install(chat.anna))
    await chat.settle()
    (sent,) = chat.ms.connector.sent
    assert "nie ein Passwort" in shown(sent)
    assert "Administration" in shown(sent)
    assert faults_of(card_of(sent)) == []


async def test_a_welcome_that_could_not_be_sent_comes_with_the_next_activity(chat: Chat) -> None:
    chat.ms.connector.faults.add(Fault(status=500, where="send", times=1))
    await chat.ms.channel.install(chat.anna)
    await chat.settle()
    assert len(chat.ms.connector.sent) == 1


async def test_an_upgrade_is_not_welcomed(chat: Chat) -> None:
    conversation = chat.ms.channel.conversation(chat.anna).id
    await chat.ms.channel.deliver(chat.ms.activities.installation(chat.anna, conversation, "add-upgrade"))
    await chat.settle()
    assert chat.ms.connector.sent == []


@pytest.mark.parametrize("way", ["installationUpdate", "conversationUpdate"])
async def test_removing_the_app_signs_out_and_leaves_nothing(chat: Chat, way: str) -> None:
    await chat.ms.channel.install(chat.anna)
    await chat.settle()
    await chat.say("call 0721 1")
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711")
    await chat.click(sent, "call")
    await chat.settle()
    assert chat.once.of(handle_of(chat.user))
    count = len(chat.ms.connector.sent)
    if way == "installationUpdate":
        await chat.ms.channel.uninstall(chat.anna)
    else:
        activity = chat.ms.activities.members_added(chat.anna, chat.ms.channel.conversation(chat.anna).id)
        await chat.ms.channel.deliver({**activity, "membersRemoved": [chat.ms.activities.bot()], "membersAdded": None})
    await chat.settle()
    assert chat.desk.signed_out == [chat.user]
    assert chat.desk.kept == {}
    # the clicked card's claim goes with the sign-out, in the store itself
    assert [key[0] for key in chat.once.of(handle_of(chat.user)) if key[0] != "card"] == []
    assert len(chat.ms.connector.sent) == count


async def test_everything_that_is_remembered_of_a_person_has_an_end(chat: Chat) -> None:
    await chat.ms.channel.install(chat.anna)
    await chat.say("sign in")
    await talk(chat, "0721 1")
    assert len(chat.once.lives) >= 4
    long = {"conversation": 30, "notice_choices": 30, "chat_region": 30}
    for (purpose, _), life in chat.once.lives.items():
        assert 0 < life.total_seconds() <= long.get(purpose, 1) * 24 * 3600, purpose


@pytest.mark.parametrize(
    ("reason", "word"), [(EndReason.EXPIRED, "nach Ablauf"), (EndReason.REJECTED, "Passwort geändert")]
)
async def test_an_ended_sign_in_is_told_once_for_each_cause(chat: Chat, reason: EndReason, word: str) -> None:
    await chat.say("help")
    for _ in range(3):
        await chat.face.notices(chat.user, SessionEnded(PBX, reason))
    await chat.settle()
    assert len(chat.ms.connector.sent) == 2
    sent = chat.ms.connector.sent[-1]
    assert word in shown(sent)
    assert card_of(sent)["actions"][0]["data"]["msteams"] == {"type": "task/fetch"}
    chat.desk.sign_in(chat.user)
    await chat.face.notices(chat.user, SessionOpened(PBX))
    await chat.face.notices(chat.user, SessionEnded(PBX, reason))
    await chat.settle()
    assert len(chat.ms.connector.sent) == 3


async def test_who_signs_out_is_not_told_that_they_did(chat: Chat) -> None:
    await chat.say("help")
    await chat.face.notices(chat.user, SessionEnded(PBX, EndReason.REVOKED))
    await chat.face.notices(chat.user, Resync())
    await chat.settle()
    assert len(chat.ms.connector.sent) == 1


async def test_after_the_sign_in_the_card_is_withdrawn_on_every_device(chat: Chat) -> None:
    await chat.say("help", **EN)
    await chat.face.notices(chat.user, EXPIRED)
    prompt = (await chat.ms.connector.wait_for_messages(2))[-1]
    chat.desk.sign_in(chat.user)
    await chat.face.notices(chat.user, SessionOpened(PBX))
    await chat.settle()
    (edit,) = chat.ms.connector.edits
    assert edit.activity_id == prompt.activity_id
    assert "Signed in" in shown(edit)
    assert card_of(edit).get("actions") is None
    await chat.face.notices(chat.user, SessionOpened(PBX))
    await chat.settle()
    assert len(chat.ms.connector.edits) == 1


async def test_the_withdrawn_card_offers_what_had_to_wait(chat: Chat) -> None:
    asked = await chat.say("call 0721 4711", **EN)
    await chat.settle()
    chat.desk.sign_in(chat.user)
    await chat.face.notices(chat.user, SessionOpened(PBX))
    await chat.settle()
    (edit,) = chat.ms.connector.edits
    assert edit.activity_id == asked.activity_id
    assert "0721 4711" in shown(edit)
    assert faults_of(card_of(edit)) == []
    body = await chat.click(edit, "resume")
    assert body["value"]["type"] == "AdaptiveCard"
    assert chat.desk.placed == [PlaceCall(chat.user, "0721 4711")]
    assert (await chat.click(edit, "resume"))["type"].endswith("message")
    assert len(chat.desk.placed) == 1


async def test_nothing_is_said_into_a_call(chat: Chat) -> None:
    await chat.say("help")
    await talk(chat, "0721 1")
    await chat.face.notices(chat.user, EXPIRED)
    await chat.settle()
    assert len(chat.ms.connector.sent) == 1
    await talk(chat, "0721 1", "0721 2")
    assert len(chat.ms.connector.sent) == 1
    await talk(chat)
    assert len(chat.ms.connector.sent) == 2


async def test_a_call_whose_end_is_never_heard_of_does_not_hold_the_notice_back_for_ever(chat: Chat) -> None:
    chat.face.notices._after_call = 0.05
    await chat.say("help")
    await talk(chat, "0721 1")
    await chat.face.notices(chat.user, EXPIRED)
    await chat.settle()
    assert len(chat.ms.connector.sent) == 1
    await chat.ms.connector.wait_for_messages(2, within=2)


async def test_a_sign_in_during_the_call_makes_the_notice_needless(chat: Chat) -> None:
    await chat.say("help")
    await talk(chat, "0721 1")
    await chat.face.notices(chat.user, EXPIRED)
    chat.desk.sign_in(chat.user)
    await chat.face.notices(chat.user, SessionOpened(PBX))
    await talk(chat)
    assert len(chat.ms.connector.sent) == 1


async def test_who_never_opened_the_chat_is_not_written_to(chat: Chat) -> None:
    await chat.face.notices(chat.user, EXPIRED)
    await chat.settle()
    assert list(chat.ms.connector.requests) == []


async def test_a_chat_that_is_gone_is_opened_anew_by_object_id(chat: Chat) -> None:
    await chat.say("help")
    chat.once.values["conversation", handle_of(chat.user)]["conversation"] = "a:gone"
    await chat.face.notices(chat.user, EXPIRED)
    await chat.settle()
    operations = [(r.operation, r.status) for r in chat.ms.connector.requests][-3:]
    assert operations == [("send", 404), ("create", 201), ("send", 201)]


async def test_a_person_who_blocked_the_bot_is_left_alone(chat: Chat) -> None:
    await chat.say("help")
    chat.ms.connector.faults.add(Fault(status=403, where="send"))
    await chat.face.notices(chat.user, EXPIRED)
    await chat.settle()
    tried = len(chat.ms.connector.requests)
    chat.ms.connector.faults.clear()
    await chat.face.notices(chat.user, SessionOpened(PBX))
    await chat.face.notices(chat.user, EXPIRED)
    await chat.settle()
    assert len(chat.ms.connector.requests) == tried
    assert [key for key in chat.once.values if key[0] == "conversation"] == []
    await chat.say("help")
    assert ("conversation", handle_of(chat.user)) in chat.once.values


async def test_many_changes_of_calls_cost_nothing_but_the_first_and_the_last(chat: Chat) -> None:
    await talk(chat, "0721 1")
    uses: list[Any] = []
    keep = chat.once.keep

    async def counted(*args: Any) -> None:
        uses.append(args)
        await keep(*args)

    chat.once.keep = counted  # type: ignore[method-assign]  # counts the uses of our own stand-in
    for _ in range(500):
        await chat.face.notices(chat.user, CallsChanged(chat.desk.table(chat.user)))
    await asyncio.sleep(0)
    assert uses == []
    assert chat.face.pending == 0
