"""Buttons and the sign-in dialog, as Teams sends them."""

from __future__ import annotations

import pytest

from bridge.errors import EndReason, PbxBusy, PbxTimeout
from bridge.model.messages import PlaceCall
from tests.bot.card_rules import faults_of
from tests.bot.conftest import PUBLIC_URL, Chat, card_of, shown, texts_of
from tests.bot.desk import user_key

pytestmark = pytest.mark.asyncio(loop_scope="package")
EN = {"locale": "en-US"}
CARD = "application/vnd.microsoft.card.adaptive"
TOAST = "application/vnd.microsoft.activity.message"


async def test_hanging_up_replaces_the_card_here_and_on_other_devices(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("call 0721 1", **EN)
    body = await chat.click(sent, "hang_up")
    assert (body["statusCode"], body["type"]) == (200, CARD)
    assert faults_of(body["value"]) == []
    assert [command.call for command in chat.desk.hung_up] == ["placed-1"]
    await chat.ms.connector.wait_for(lambda connector: len(connector.edits) == 1)
    edit = chat.ms.connector.edits[0]
    assert edit.activity_id == sent.activity_id
    assert card_of(edit) == body["value"]


async def test_a_double_click_acts_once(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711")
    await chat.click(sent, "call")
    again = await chat.click(sent, "call")
    assert again["type"] == TOAST
    assert len(chat.desk.placed) == 1


async def test_a_repeated_invoke_acts_once_and_is_answered(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711", **EN)
    data = chat.action(sent, "call")["data"]
    first = await chat.ms.channel.execute(chat.anna, "call", data, str(sent.activity_id))
    repeats = await chat.ms.channel.repeat(first, 4, at_once=True)
    assert {repeat.status for repeat in repeats} == {200}
    assert {repeat.body["type"] for repeat in repeats} == {TOAST}
    assert len(chat.desk.placed) == 1


async def test_a_refusal_leaves_the_card_and_the_button_may_be_pressed_again(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711", **EN)
    chat.desk.refuse["place"] = PbxBusy()
    assert "gerade nicht aufbauen" in (await chat.click(sent, "call"))["value"]
    chat.desk.refuse.clear()
    assert (await chat.click(sent, "call"))["type"] == CARD
    assert len(chat.desk.placed) == 1


async def test_after_a_time_out_the_button_stays_used(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711", **EN)
    chat.desk.refuse["place"] = PbxTimeout()
    await chat.click(sent, "call")
    chat.desk.refuse.clear()
    assert (await chat.click(sent, "call"))["type"] == TOAST
    assert chat.desk.placed == []


async def test_a_late_click_on_a_call_that_is_over_changes_nothing(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("call 0721 1", **EN)
    chat.desk.tables.clear()
    assert "schon vorbei" in texts_of((await chat.click(sent, "hang_up"))["value"])
    assert chat.desk.hung_up == []


async def test_somebody_else_cannot_act_on_a_persons_call(chat: Chat) -> None:
    jonas = chat.ms.user("jonas.weber")
    chat.desk.sign_in(chat.user)
    chat.desk.sign_in(user_key(jonas))
    sent = await chat.say("call 0721 1", **EN)
    data = chat.action(sent, "hang_up")["data"]
    delivery = await chat.ms.channel.execute(jonas, "hang_up", data, str(sent.activity_id))
    assert delivery.status == 200
    assert chat.desk.hung_up == []


@pytest.mark.parametrize("verb", ["reboot", "", "hang_up ", "__class__"])
async def test_unknown_verbs_get_a_sentence(chat: Chat, verb: str) -> None:
    delivery = await chat.ms.channel.execute(chat.anna, verb, {"nonce": "n"}, "1")
    assert delivery.status == 200
    assert delivery.body["type"] == TOAST
    assert chat.desk.asked == 0


@pytest.mark.parametrize(
    "data",
    [{}, {"nonce": 1}, {"nonce": "n", "number": "call me"}, {"nonce": "n", "number": ["1"]}, {"nonce": "n" * 300}],
)
async def test_data_that_no_card_of_ours_holds_does_nothing(chat: Chat, data: dict[str, object]) -> None:
    chat.desk.sign_in(chat.user)
    delivery = await chat.ms.channel.execute(chat.anna, "call", data, "1")
    assert delivery.body["type"] == TOAST
    assert chat.desk.placed == []


async def test_clients_without_universal_actions_submit_instead(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711", **EN)
    fallback = chat.action(sent, "call")["fallback"]
    assert fallback["type"] == "Action.Submit"
    await chat.ms.channel.submit(chat.anna, fallback["data"], str(sent.activity_id))
    await chat.ms.connector.wait_for(lambda connector: len(connector.edits) == 1)
    assert chat.ms.connector.edits[0].activity_id == sent.activity_id
    assert len(chat.desk.placed) == 1


@pytest.mark.parametrize(("verb", "word"), [("status", "Status"), ("calls", "no calls"), ("sign_out", "signed out")])
async def test_asking_buttons_are_answered_with_a_message(chat: Chat, verb: str, word: str) -> None:
    chat.desk.sign_in(chat.user)
    before = len(chat.ms.connector.sent)
    await chat.ms.channel.deliver(
        {
            **chat.ms.activities.card_submission(
                chat.anna, chat.ms.channel.conversation(chat.anna).id, {"verb": verb}, "1"
            ),
            **EN,
        }
    )
    assert word in shown((await chat.ms.connector.wait_for_messages(before + 1))[-1])


async def test_a_slow_pbx_does_not_make_teams_wait(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.face._messages._invoke_deadline = 0.05
    sent = await chat.say("0721 4711", **EN)
    chat.desk.slow["place"] = 0.15
    assert "noch dabei" in (await chat.click(sent, "call"))["value"]
    await chat.ms.connector.wait_for(lambda connector: len(connector.edits) == 1)
    assert "0721 4711" in shown(chat.ms.connector.edits[0])


async def test_the_sign_in_button_opens_the_page_of_the_tab(chat: Chat) -> None:
    sent = await chat.say("sign in", **EN)
    (button,) = card_of(sent)["actions"]
    delivery = await chat.ms.channel.fetch_task(chat.anna, button["data"], str(sent.activity_id))
    task = delivery.body["task"]
    assert delivery.status == 200
    assert task["type"] == "continue"
    assert task["value"]["url"] == f"{PUBLIC_URL}/tab/sign-in.html"
    assert task["value"]["title"] == "An STARFACE anmelden"
    assert task["value"]["width"] > 300


@pytest.mark.parametrize("data", [{}, None, {"dialog": "other"}, ["x"]])
async def test_an_unknown_dialog_is_told_so(chat: Chat, data: object) -> None:
    delivery = await chat.ms.channel.fetch_task(chat.anna, data)
    assert delivery.body["task"]["type"] == "message"


async def test_a_closed_dialog_is_not_believed(chat: Chat) -> None:
    assert "noch nicht" in (await chat.ms.channel.submit_task(chat.anna, {"signedIn": True})).body["task"]["value"]
    chat.desk.sign_in(chat.user)
    assert "Sie sind angemeldet" in (await chat.ms.channel.submit_task(chat.anna, {})).body["task"]["value"]


async def test_a_click_without_sign_in_becomes_the_way_to_one(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("0721 4711", **EN)
    chat.desk.live.clear()
    chat.desk.reasons[chat.user] = EndReason.EXPIRED
    body = await chat.click(sent, "call")
    assert "sign in" in texts_of(body["value"]).lower() or "anmelden" in texts_of(body["value"]).lower()
    assert chat.desk.kept[chat.user] == PlaceCall(chat.user, "0721 4711")


async def test_the_kept_call_is_carried_out_on_one_click(chat: Chat) -> None:
    await chat.say("call 0721 4711", **EN)
    chat.desk.sign_in(chat.user)
    offer = {"nonce": "n1", "verb": "resume"}
    body = (await chat.ms.channel.execute(chat.anna, "resume", offer, "1")).body
    assert "0721 4711" in texts_of(body["value"])
    assert [command.number for command in chat.desk.placed] == ["0721 4711"]
    gone = (await chat.ms.channel.execute(chat.anna, "resume", {"nonce": "n2"}, "1")).body
    assert gone["type"] == TOAST


async def test_the_kept_call_can_be_dropped(chat: Chat) -> None:
    await chat.say("call 0721 4711", **EN)
    body = (await chat.ms.channel.execute(chat.anna, "drop", {"nonce": "n1"}, "1")).body
    assert body["type"] == CARD
    assert chat.desk.kept == {}


@pytest.mark.parametrize("name", ["task/submit", "adaptiveCard/action"])
async def test_a_fault_of_ours_is_answered_in_the_form_of_the_invoke(chat: Chat, name: str) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.refuse["view"] = chat.desk.refuse["place"] = RuntimeError("boom")  # type: ignore[assignment]  # our own fault
    value = {"action": {"verb": "call", "data": {"nonce": "n", "number": "0721 1"}}, "data": {}}
    delivery = await chat.ms.channel.invoke(chat.anna, name, value)
    assert delivery.status == 200
    text = delivery.body["task"]["value"] if name == "task/submit" else delivery.body["value"]
    assert "schiefgegangen" in text
