"""The chat through a real client: welcome, commands, a call's card from ringing to its end, undo, and the search extension.

The client shows no dialogs (``task/fetch``) and reads no manifest; both are tried elsewhere (``tests/browser`` and
``tests/manifest``).
"""

import pytest
from playwright.async_api import Locator, expect

from tests.harness import until
from tests.playground.conftest import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMANDS = (
    ("help", "What I understand"),
    ("status", "You are signed in to"),
    ("calls", "You have no calls"),
    ("find lena", "Lena Köhler"),
    ("who is 12", "Colleague"),
    ("presence of lena", "Lena Köhler – available"),
    ("colleagues", "Mehmet Yılmaz – available"),
    ("am i reachable?", "Are you reachable?"),
    ("phones", "Your phones"),
    ("redirects", "No redirect is on."),
    ("history", "Your last calls"),
    ("notices", "What I tell you"),
    ("language", "In which language shall I answer?"),
    ("conference", "at least two calls"),
    ("hold", "no call that can be put on hold"),
    ("forward to lena", "no call that can be forwarded"),
    ("hang up", "You have no calls"),
    ("call zaphod", "I found nobody"),
    ("dnd until soon", "I did not understand the time"),
    ("tell me a joke", "I did not understand that"),
)


async def say(client: Client, text: str) -> None:
    box = client.page.locator("[contenteditable=true]").first
    await box.click()
    await client.page.keyboard.insert_text(text)
    await client.page.get_by_role("button", name="Send Message").click()


def newest(client: Client, text: str) -> Locator:
    return client.page.get_by_text(text).last


async def test_the_welcome_comes_once_and_every_signature_is_accepted(client: Client) -> None:
    await expect(newest(client, "Hello! I connect Teams")).to_be_visible(timeout=10_000)
    assert [status for _, status in client.proxy.posted] == [202] * len(client.proxy.posted)
    await client.page.reload()
    await expect(client.page.locator("[contenteditable=true]").first).to_be_visible()
    await until(lambda: [name for name, _ in client.proxy.posted].count("installationUpdate") == 2)
    await say(client, "thanks")
    await expect(newest(client, "You are welcome!")).to_be_visible(timeout=10_000)
    assert await client.page.get_by_text("Hello! I connect Teams").count() <= 1


async def test_every_command_is_answered(client: Client) -> None:
    assert (await client.world.person().sign_in()).status == 201
    for text, answer in COMMANDS:
        shown = await client.page.get_by_text(answer).count()
        await say(client, text)
        await expect(client.page.get_by_text(answer).nth(shown)).to_be_visible(timeout=8_000)
    assert {status for _, status in client.proxy.posted} == {202}


async def test_a_setting_is_undone_in_its_place(client: Client) -> None:
    await say(client, "do not disturb until 15:00")
    await expect(newest(client, "Do not disturb is on until")).to_be_visible()
    assert client.world.pbx.users["0001"].dnd
    await client.page.get_by_role("button", name="Undo").last.click()
    await expect(newest(client, "Undone: everything is as it was before.")).to_be_visible()
    assert not client.world.pbx.users["0001"].dnd
    assert ("adaptiveCard/action", 200) in client.proxy.posted


async def test_the_card_of_a_call_lives_from_ringing_to_its_end(client: Client) -> None:
    call = client.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    await expect(newest(client, "Incoming call")).to_be_visible()
    client.world.pbx.answer("0001", call)
    await expect(newest(client, "On a call")).to_be_visible(timeout=10_000)
    await client.page.get_by_role("button", name="Hang up").last.click()
    await until(lambda: not client.world.pbx.pbx.calls.of("0001"))
    await expect(client.page.get_by_text("On a call")).to_have_count(0)


async def test_a_call_is_placed_and_ended_with_buttons(client: Client) -> None:
    await say(client, "call Lena Köhler")
    await expect(
        client.page.get_by_role("heading", name="Calling Lena").or_(newest(client, "It rings at the other end"))
    ).to_be_visible(timeout=10_000)
    await until(lambda: client.world.pbx.pbx.calls.of("0001"))
    await client.page.get_by_role("button", name="Hang up").last.click()
    await until(lambda: not client.world.pbx.pbx.calls.of("0001"))


async def test_the_search_beside_the_compose_box_gives_a_card_that_calls(client: Client) -> None:
    await client.page.get_by_role("button", name="Trigger Message Extension App").click()
    await client.page.get_by_text("Search Command").first.click()
    await client.page.get_by_placeholder("Enter a search term").press_sequentially("jonas")
    found = client.page.get_by_text("11 · available")
    await expect(found).to_be_visible(timeout=8_000)
    await found.click()
    await client.page.get_by_role("button", name="Send Message").click()
    await client.page.get_by_role("button", name="Call 11 with STARFACE").last.click()
    await until(lambda: client.world.pbx.pbx.calls.of("0001"))
    assert {status for name, status in client.proxy.posted if name == "composeExtension/query"} == {200}
