"""The main job in a real browser, through the Teams-like shell: sign in, call, be called, hang up, be asked again."""

from playwright.async_api import expect

from tests.browser.teams import Teams
from tests.harness import pick_up


async def test_sign_in_call_be_called_and_hang_up(teams: Teams) -> None:
    await teams.sign_in(password="not-the-password")
    await teams.sees("STARFACE does not know this combination")
    await teams.sign_in()
    await teams.sees("Available")

    await teams.tab.get_by_label("Call a number").fill("030 23125-100")
    await teams.tab.get_by_role("button", name="Call with STARFACE").click()
    await pick_up(teams.world.pbx, "0001")
    await teams.sees("Connected")
    await teams.tab.get_by_role("button", name="Hang up").click()
    await teams.sees("No calls", within=15)

    teams.world.pbx.ring("0001", from_number="+493023125777", name="Max Müller")
    await teams.sees("Max Müller")
    await teams.sees("Phone is ringing")
    await pick_up(teams.world.pbx, "0001")
    await teams.sees("Connected")
    teams.world.pbx.hang_up("0001")
    await teams.sees("No calls", within=15)
    assert teams.world.pbx.calls == []


async def test_being_asked_again_keeps_what_was_typed_and_carries_on(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await teams.tab.get_by_label("Call a number").fill("030 23125-100")
    teams.world.pbx.change_password("0001", "Neu-0001!")
    await teams.tab.get_by_role("button", name="Call with STARFACE").click()
    overlay = teams.tab.get_by_role("dialog")
    await expect(overlay.get_by_text("Was your password changed?")).to_be_visible()
    await overlay.get_by_label("Login").fill("0001")
    await overlay.get_by_label("Password", exact=True).fill("Neu-0001!")
    await overlay.get_by_role("button", name="Sign in", exact=True).click()
    await expect(overlay).to_be_hidden()
    await expect(teams.tab.get_by_label("Call a number")).to_have_value("030 23125-100")
    await teams.sees("You wanted to call")
    await teams.tab.locator("[data-bar=resume_offer]").get_by_role("button", name="Call with STARFACE").click()
    await pick_up(teams.world.pbx, "0001")
    await teams.sees("Connected")


async def test_the_chat_signs_in_through_a_dialog_and_places_the_call_that_waited(teams: Teams) -> None:
    await teams.say("call 030 23125-100")
    sign_in = teams.page.locator(".card").last.get_by_role("button", name="Sign in")
    await sign_in.click()
    await teams.sign_in(teams.dialog)
    await teams.sees("Available")
    await expect(teams.page.locator(".card", has_text="23125").last).to_be_visible()


async def test_german_dark_and_small(teams: Teams) -> None:
    await teams.open(locale="de-de", theme="dark", client="mobile", view="app")
    frame = teams.tab
    await frame.get_by_label("Login").fill("0001")
    await frame.get_by_label("Passwort", exact=True).fill("Demo-0001!")
    await frame.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(frame.get_by_role("button", name="Mit STARFACE anrufen")).to_be_visible()
    width = await frame.locator("body").evaluate("body => body.scrollWidth - body.clientWidth")
    assert width <= 0
