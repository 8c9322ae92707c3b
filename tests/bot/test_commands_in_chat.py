"""Every command over real HTTP, in both languages, signed in and not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import EndReason, PbxBusy, PbxTimeout, PbxUnreachable, Unavailable
from bridge.model.calls import CallTable
from bridge.model.messages import PlaceCall
from bridge.model.telephony import Party
from tests.bot.card_rules import faults_of
from tests.bot.conftest import Chat, card_of, shown
from tests.canary import NAME, NUMBER, PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="package")

ENGLISH = {"locale": "en-US"}
ALL_COMMANDS = (
    "help",
    "hilfe",
    "status",
    "calls",
    "anrufe",
    "hang up",
    "auflegen",
    "sign in",
    "anmelden",
    "call 0721 1",
    "0721 123",
)


@pytest.mark.parametrize(("text", "locale", "word"), [("help", "en-US", "hang up"), ("Hilfe", "de-DE", "auflegen")])
async def test_help_shows_every_command_in_the_persons_language(chat: Chat, text: str, locale: str, word: str) -> None:
    sent = await chat.say(text, locale=locale)
    assert word in shown(sent)
    assert chat.verbs(sent)[1:] == ["status", "calls"]


@pytest.mark.parametrize(
    "text",
    ["call +49 721 123-45", "anrufen 0721 12345", "Bitte ruf 0721/12345 an", "<at>STARFACE</at> call 0721 12345"],
)
async def test_call_places_exactly_one_call_and_its_card_can_hang_up(chat: Chat, text: str) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say(text)
    (placed,) = chat.desk.placed
    assert placed.user == chat.user
    assert "12345" in placed.number.replace("-", "")
    assert placed.number in shown(sent)
    assert chat.action(sent, "hang_up")["data"]["call"] == "placed-1"
    assert len(chat.ms.connector.typing) == 1


async def test_call_without_sign_in_asks_for_it_and_keeps_the_call(chat: Chat) -> None:
    sent = await chat.say("call 0721 4711", **ENGLISH)
    assert "five minutes" in shown(sent)
    assert "0721 4711" in shown(sent)
    assert chat.desk.kept[chat.user] == PlaceCall(chat.user, "0721 4711")
    assert chat.desk.placed == []
    (button,) = card_of(sent)["actions"]
    assert button["data"] == {"msteams": {"type": "task/fetch"}, "dialog": "sign_in"}


@pytest.mark.parametrize(
    ("reason", "word"), [(EndReason.EXPIRED, "time was up"), (EndReason.REJECTED, "password was changed")]
)
async def test_the_sign_in_card_says_why(chat: Chat, reason: EndReason, word: str) -> None:
    chat.desk.reasons[chat.user] = reason
    assert word in shown(await chat.say("calls", **ENGLISH))


async def test_status_tells_pbx_end_and_own_state(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.dnd = True
    text = shown(await chat.say("status", **ENGLISH))
    assert "Zentrale \\*Nord\\*" in text
    assert "{{DATE(2026-11-23T00:00:00Z, SHORT)}}" in text
    assert "available" in text
    assert "Do not disturb is on" in text


async def test_status_without_the_pbx_still_answers(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.refuse["presence"] = PbxUnreachable()
    assert "cannot be read" in shown(await chat.say("status", **ENGLISH))


async def test_status_when_signed_out_leads_to_the_sign_in(chat: Chat) -> None:
    assert "Please sign in to STARFACE first" in shown(await chat.say("status", **ENGLISH))


@pytest.mark.parametrize("text", ["status", "sign in"])
async def test_without_a_pbx_the_person_is_told_whom_to_ask(chat: Chat, text: str) -> None:
    chat.desk.pbxs = False
    assert "administrator" in shown(await chat.say(text, **ENGLISH))


@pytest.mark.parametrize(
    ("text", "locale", "word"), [("sign out", "en", "signed out"), ("abmelden", "de-AT", "abgemeldet")]
)
async def test_sign_out(chat: Chat, text: str, locale: str, word: str) -> None:
    chat.desk.sign_in(chat.user)
    assert word in shown(await chat.say(text, locale=locale))
    assert chat.desk.signed_out == [chat.user]
    assert shown(await chat.say("sign out", **ENGLISH)) == "You were not signed in."


async def test_calls_lists_them_with_a_button_each(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    assert shown(await chat.say("calls", **ENGLISH)) == "You have no calls at the moment."
    for number in ("0721 1", "0721 2"):
        chat.desk.add_call(chat.user, number)
    sent = await chat.say("Anrufe")
    assert chat.verbs(sent) == ["hang_up", "hang_up"]
    assert "0721 1" in shown(sent)


async def test_more_calls_than_buttons_still_make_a_card(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    for number in range(9):
        chat.desk.add_call(chat.user, f"0721 {number}")
    sent = await chat.say("calls", **ENGLISH)
    assert len(chat.verbs(sent)) == 5
    assert "And 4 more" in shown(sent)


@pytest.mark.parametrize("text", ["hang up", "auflegen"])
async def test_hang_up_ends_the_only_call(chat: Chat, text: str) -> None:
    chat.desk.sign_in(chat.user)
    call = chat.desk.add_call(chat.user, "0721 1")
    await chat.say(text)
    assert [command.call for command in chat.desk.hung_up] == [call]


async def test_hang_up_asks_which_when_there_are_several(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.add_call(chat.user, "0721 1")
    second = chat.desk.add_call(chat.user, "0721 2")
    sent = await chat.say("hang up", **ENGLISH)
    assert "Which call" in shown(sent)
    assert chat.desk.hung_up == []
    data = card_of(sent)["body"][2]["items"][1]["actions"][0]["data"]
    body = (await chat.ms.channel.execute(chat.anna, "hang_up", data, str(sent.activity_id))).body
    assert body["type"] == "application/vnd.microsoft.card.adaptive"
    assert [command.call for command in chat.desk.hung_up] == [second]


async def test_a_number_alone_is_only_offered(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    sent = await chat.say("+49 721 123456")
    assert chat.desk.placed == []
    body = await chat.click(sent, "call")
    assert body["value"]["type"] == "AdaptiveCard"
    assert [command.number for command in chat.desk.placed] == ["+49 721 123456"]


@pytest.mark.parametrize(
    "text", [f"my password is {PASSWORD}", f"login 0001 {PASSWORD}", f"Kennwort: {PASSWORD}", "PIN 1234"]
)
async def test_what_looks_like_a_password_is_warned_of_and_not_used(chat: Chat, text: str) -> None:
    sent = await chat.say(text, **ENGLISH)
    assert "never send logins" in shown(sent)
    assert text not in str(sent.activity)
    assert chat.desk.asked == 0


@pytest.mark.parametrize(
    "text", ["what's the weather", "A" * 20_000, "<b>bold</b>", "**[x](javascript:1)**", "call nobody", "call"]
)
async def test_unknown_lines_get_a_short_helpful_answer(chat: Chat, text: str) -> None:
    sent = await chat.say(text, **ENGLISH)
    answer = shown(sent)
    assert "call" in answer
    assert len(answer) < 250
    assert sent.activity is not None
    assert sent.activity["textFormat"] == "plain"
    assert chat.desk.placed == []


async def test_an_empty_message_is_answered(chat: Chat) -> None:
    assert "help" in shown(await chat.say("", **ENGLISH))
    assert shown(await chat.say("danke")) == "Gern geschehen!"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (PbxBusy(), "cannot place the call"),
        (PbxTimeout(), "did not answer in time"),
        (Unavailable(), "briefly unavailable"),
    ],
)
async def test_refusals_are_told_in_plain_words(chat: Chat, error: PbxBusy, word: str) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.refuse["place"] = error
    assert word in shown(await chat.say("call 0721 1", **ENGLISH))


async def test_a_fault_of_ours_is_told_and_the_chat_goes_on(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.refuse["place"] = RuntimeError("boom")  # type: ignore[assignment]  # nothing a use case may raise
    assert "went wrong" in shown(await chat.say("call 0721 1", **ENGLISH))
    assert "What I understand" in shown(await chat.say("help", **ENGLISH))


@pytest.mark.parametrize("kind", ["groupChat", "channel"])
async def test_elsewhere_than_in_the_personal_chat_nothing_of_calls_is_shown(chat: Chat, kind: str) -> None:
    chat.desk.sign_in(chat.user)
    conversation = {
        "id": chat.ms.channel.conversation(chat.anna).id,
        "conversationType": kind,
        "tenantId": chat.anna.tenant.id,
    }
    for text in ("calls", "call 0721 1", "status"):
        sent = await chat.say(text, conversation=conversation, **ENGLISH)
        assert "personal chat only" in shown(sent)
    assert chat.desk.asked == 0


async def test_every_card_keeps_the_rules_of_adaptive_cards(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.add_call(chat.user, "0721 1")
    chat.desk.add_call(chat.user, "0721 2")
    for text in ALL_COMMANDS:
        await chat.say(text)
    chat.desk.live.clear()
    for text in ALL_COMMANDS:
        await chat.say(text)
    cards = [card_of(sent) for sent in chat.ms.connector.sent if sent.activity and sent.activity.get("attachments")]
    assert len(cards) >= 14
    assert [faults_of(card) for card in cards] == [[]] * len(cards)


async def test_messages_are_answered_in_their_order(chat: Chat) -> None:
    chat.desk.sign_in(chat.user)
    chat.desk.slow["place"] = 0.1
    await chat.ms.channel.say(chat.anna, "call 0721 1")
    await chat.ms.channel.say(chat.anna, "hang up")
    await chat.ms.connector.wait_for_messages(2)
    assert [command.call for command in chat.desk.hung_up] == ["placed-1"]


async def test_numbers_and_names_are_shown_and_leave_no_other_trace(chat: Chat) -> None:
    """The canary net around all tests finds them if a log line holds them."""
    chat.desk.sign_in(chat.user)
    assert NUMBER in shown(await chat.say(f"call {NUMBER}"))
    call = chat.desk.table(chat.user).calls[0]
    chat.desk.tables[chat.user] = CallTable((replace(call, remote=Party(NUMBER, NAME)),), 2)
    assert NAME in shown(await chat.say("calls"))
    chat.desk.refuse["place"] = RuntimeError(f"{NAME} {NUMBER} {PASSWORD}")  # type: ignore[assignment]  # as above
    assert "schiefgegangen" in shown(await chat.say(f"call {NUMBER}"))
