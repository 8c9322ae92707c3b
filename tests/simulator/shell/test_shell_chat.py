"""The shell's chat shows and does what Teams' chat does."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.simulator.shell.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_first_visit_installs_the_app_once(stage: Stage) -> None:
    await stage.open()
    await stage.say("Hallo")
    await expect(stage.entry("Sie schrieben: Hallo")).to_be_visible()
    assert [a["type"] for a in stage.bot.seen] == ["installationUpdate", "conversationUpdate", "message"]
    await stage.page.reload()
    await expect(stage.entry("Sie schrieben: Hallo")).to_be_visible()
    assert len(stage.bot.seen) == 3


async def test_answers_are_marked_up_and_suggestions_can_be_clicked(stage: Stage) -> None:
    await stage.open()
    await stage.say("Hallo")
    await expect(stage.entry("Hallo").locator("strong")).to_have_text("Sie schrieben:")
    await stage.page.locator(".chip", has_text="help").click()
    await expect(stage.entry("Sie schrieben: help")).to_be_visible()
    assert stage.bot.seen[-1]["text"] == "help"
    assert stage.bot.seen[-1]["locale"] == "de-de"


async def test_markup_from_outside_stays_text(stage: Stage) -> None:
    await stage.open()
    await stage.say("<img src=x onerror=alert(1)> [click](javascript:alert(1)) ![p](https://x.example/p.png)")
    answer = stage.page.locator(".by-bot .bubble").last
    await expect(answer).to_contain_text("<img src=x onerror=alert(1)>")
    assert await answer.locator("img").count() == 0
    assert await answer.locator("a[href^='javascript']").count() == 0


async def test_edits_happen_in_place(stage: Stage) -> None:
    await stage.open()
    await stage.say("edit")
    await expect(stage.entry("verpasst")).to_contain_text("Bearbeitet")
    await expect(stage.page.locator(".by-bot")).to_have_count(1)


async def test_typing_is_shown_until_the_answer_comes(stage: Stage) -> None:
    await stage.open()
    await stage.say("typing")
    await expect(stage.page.locator(".chat-status")).to_contain_text("STARFACE schreibt")
    await stage.say("Hallo")
    await expect(stage.entry("Sie schrieben: Hallo")).to_be_visible()
    await expect(stage.page.locator(".chat-status")).not_to_contain_text("schreibt")


async def test_execute_replaces_the_card_and_sends_the_invoke_of_teams(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    await stage.page.locator(".card").get_by_role("button", name="Auflegen").click()
    await expect(stage.page.locator(".card")).to_contain_text("Anruf beendet")
    await expect(stage.page.locator(".card")).to_have_count(1)
    [invoke] = stage.bot.invokes("adaptiveCard/action")
    assert invoke["value"] == {
        "action": {"type": "Action.Execute", "verb": "hangup", "data": {"callId": "7"}},
        "trigger": "manual",
    }
    assert invoke["replyToId"] == stage.ms.connector.sent[-1].activity_id


async def test_a_dialog_of_the_bot_is_fetched_shown_and_submitted(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    await stage.page.get_by_role("button", name="Anmelden").click()
    await expect(stage.dialog.locator("#frame")).to_have_text("task")
    await stage.dialog.locator("#done").click()
    await expect(stage.page.locator(".dialog-content")).to_have_text("Gewählt: 42")
    [fetched], [submitted] = stage.bot.invokes("task/fetch"), stage.bot.invokes("task/submit")
    assert fetched["value"] == {
        "data": {"msteams": {"type": "task/fetch"}, "page": "sign-in"},
        "context": {"theme": "default"},
    }
    assert submitted["value"]["data"] == {"chosen": 42}
    await stage.page.keyboard.press("Escape")
    await expect(stage.page.locator(".dialog")).to_have_count(0)


async def test_a_plain_submit_becomes_a_message_with_the_data(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    await stage.page.get_by_role("button", name="Merken").click()
    await expect(stage.entry("gemerkt")).to_be_visible()
    assert stage.bot.seen[-1]["value"] == {"remember": True}


async def test_a_call_link_on_a_card_asks_as_teams_would(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    await stage.page.get_by_role("link", name="Öffnen").or_(stage.page.get_by_role("button", name="Öffnen")).click()
    await expect(stage.page.locator(".toast")).to_contain_text("Teams würde jetzt anrufen: +49721")


async def test_failures_are_said_in_plain_words(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    stage.bot.failing = True
    await stage.page.locator(".card").get_by_role("button", name="Auflegen").click()
    await expect(stage.page.locator(".remark")).to_have_text(
        "Die App ist nicht erreichbar. Versuchen Sie es noch einmal."
    )
    await stage.say("broken")
    await expect(stage.page.locator(".undelivered")).to_have_text("Nicht zugestellt")


async def test_a_card_newer_than_teams_knows_shows_its_fallback(stage: Stage) -> None:
    await stage.open()
    await stage.say("new card")
    await expect(stage.page.locator(".card-fallback")).to_have_text("zu neu")


async def test_removing_the_app_stops_the_bot_and_is_said(stage: Stage) -> None:
    await stage.open()
    await stage.page.get_by_role("button", name="App entfernen").click()
    await expect(stage.page.locator(".chat-status")).to_contain_text("nicht installiert")
    assert stage.bot.seen[-1]["action"] == "remove"


async def test_a_message_while_only_the_app_is_seen_is_announced(stage: Stage) -> None:
    await stage.open()
    await stage.page.locator(".for-app").click()
    await stage.ms.channel.say(stage.ms.user("anna.schmidt"), "Hallo")
    await expect(stage.page.locator(".unread")).to_have_text("1")
    await expect(stage.page.locator(".toast")).to_contain_text("Neue Nachricht von STARFACE")
    await stage.page.locator(".for-chat").click()
    await expect(stage.page.locator(".unread")).to_have_count(0)
    await expect(stage.entry("Sie schrieben: Hallo")).to_be_visible()
