"""Whole journeys over the tab's pages, through the Teams-like shell and the whole product."""

import re

from playwright.async_api import expect

from tests.browser.teams import Teams
from tests.harness import pick_up, until

NAME = re.compile("^Name")
PHONE = re.compile("^Call a number")


async def turn(teams: Teams, page: str) -> None:
    """Turn to a page by its name in the navigation."""
    await teams.tab.get_by_role("navigation").get_by_role("button", name=page, exact=True).click()
    await expect(teams.tab.get_by_role("heading", name=page, level=1)).to_be_visible()


async def test_a_missed_call_is_called_back_from_the_call_list(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    call = teams.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    await teams.sees("Max Müller")
    teams.world.pbx.hang_up("0001", call)
    await teams.sees("Not answered here")
    await turn(teams, "History")
    await teams.tab.get_by_role("button", name="Missed", exact=True).click()
    await teams.tab.get_by_role("button", name="Call Max Müller back").first.click()
    strip = teams.tab.get_by_role("list", name="Live on your phone")
    await expect(strip.get_by_text("pick up")).to_be_visible()
    await pick_up(teams.world.pbx, "0001")
    await strip.get_by_role("button", name="Hang up").click()
    await until(lambda: not teams.world.pbx.calls)


async def test_an_entry_is_thrown_away_after_the_time_for_undo_and_not_before(teams: Teams) -> None:
    call = teams.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    teams.world.pbx.hang_up("0001", call)
    await teams.sign_in()
    await teams.sees("Available")
    await turn(teams, "History")
    delete = teams.tab.get_by_role("button", name="Delete Max Müller")
    await delete.click()
    await expect(delete).to_be_hidden()
    await teams.tab.get_by_role("button", name="Undo").click()
    await expect(delete).to_be_visible()
    await delete.click()
    await turn(teams, "Settings")
    await turn(teams, "History")
    await expect(delete).to_be_hidden()


async def test_being_called_while_on_another_page(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await turn(teams, "Colleagues")
    await expect(teams.tab.get_by_text("Jonas Weber")).to_be_visible()
    teams.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    strip = teams.tab.get_by_role("list", name="Live on your phone")
    await expect(strip.get_by_role("listitem", name="Max Müller")).to_be_visible()
    await strip.get_by_role("button", name="Show call").click()
    await expect(teams.tab.get_by_role("region", name="Live on your phone")).to_be_visible()
    await teams.tab.get_by_role("button", name="Decline").click()
    await until(lambda: not teams.world.pbx.calls)


async def test_a_colleague_is_found_by_name_and_called_by_keys_alone(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await teams.tab.get_by_label(PHONE).press("Alt+n")
    await teams.page.keyboard.type("koehl", delay=20)
    await expect(teams.tab.get_by_role("option", name="Lena Köhler").first).to_be_visible()
    await teams.page.keyboard.press("Enter")
    await expect(teams.tab.get_by_label(PHONE)).not_to_have_value("koehl")
    await teams.page.keyboard.press("Enter")
    await pick_up(teams.world.pbx, "0001")
    await teams.page.keyboard.press("Alt+x")
    await until(lambda: not teams.world.pbx.calls)


async def test_a_redirect_holds_until_a_time(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await turn(teams, "Redirects")
    await teams.sees("Nothing is redirected")
    await teams.tab.get_by_role("button", name=re.compile("^Change: At once")).first.click()
    target = teams.tab.get_by_role("combobox", name="Number or person")
    await target.fill("030 23125 803")
    await teams.tab.get_by_label("How long").select_option("hour")
    await teams.tab.get_by_role("button", name="Switch on").click()
    in_force = teams.tab.get_by_role("region", name="In force now")
    await expect(in_force).to_contain_text("+493023125803")
    await expect(in_force).to_contain_text("until")
    rules = [rule for rule in teams.world.pbx.users["0001"].redirects if rule.type == "ALWAYS"]
    assert [rule.destination for rule in rules if rule.enabled] == ["+493023125803"]
    await teams.tab.get_by_role("switch", name=re.compile("^At once")).first.click()
    await expect(in_force).to_contain_text("Nothing is redirected")
    assert not any(rule.enabled for rule in rules)


async def test_a_refused_redirect_comes_back_with_its_reason(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await turn(teams, "Redirects")
    await teams.sees("Nothing is redirected")
    teams.world.pbx.pbx.set_right("0001", "redirection", granted=False)
    switch = teams.tab.get_by_role("switch", name=re.compile("^At once")).first
    await switch.click()
    await expect(teams.tab.locator("[data-code=pbx_permission]")).to_contain_text("Not changed.")
    await expect(switch).not_to_be_checked()


async def test_two_calls_become_a_conference(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    first = teams.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    await pick_up(teams.world.pbx, "0001")
    await teams.sees("Connected")
    teams.world.pbx.ring("0001", from_number="+493023125802", name="Eva Lind")
    await teams.sees("Eva Lind")
    tiles = teams.tab.get_by_role("region", name="Live on your phone").get_by_role("listitem")
    await expect(tiles).to_have_count(2)
    await expect(tiles.first).to_have_attribute("aria-label", "Max Müller")
    teams.world.pbx.hold("0001", first)
    await pick_up(teams.world.pbx, "0001")
    await tiles.last.get_by_role("button", name="Conference").click()
    await teams.tab.get_by_role("button", name="Join now").click()
    await expect(tiles.last).to_have_attribute("data-state", "conference")


async def test_an_administrator_adds_a_phone_system_and_sees_the_checks(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await teams.tab.get_by_role("navigation").get_by_role("button", name="Administration").click()
    await teams.tab.get_by_role("button", name="Add phone system").click()
    await teams.tab.get_by_label(NAME).fill("Branch")
    port = teams.world.pbx.url.rsplit(":", 1)[1]
    await teams.tab.get_by_label("Host name").fill("127.0.0.1")
    await teams.tab.get_by_label(re.compile("^Port")).fill(port)
    await teams.tab.get_by_label("Encryption").select_option("off")
    await teams.tab.get_by_role("button", name="Save").click()
    card = teams.tab.get_by_role("listitem").filter(has=teams.tab.get_by_role("heading", name="Branch"))
    await card.get_by_role("button", name="Check connection").click()
    await expect(card.locator("[data-check=connection]")).to_have_attribute("data-status", "pass", timeout=30_000)
    await card.get_by_role("button", name="Change", exact=True).click()
    await card.get_by_label(NAME).fill("Branch in Kiel")
    await card.get_by_role("button", name="Save").click()
    await expect(teams.tab.get_by_role("heading", name="Branch in Kiel")).to_be_visible()


async def test_a_voicemail_is_heard_put_away_and_thrown_away(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await turn(teams, "Voicemail")
    await teams.sees("No messages")
    call = teams.world.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    teams.world.pbx.send_to_voicemail("0001", call)
    hear = teams.tab.get_by_role("button", name="Hear the message of Max Müller")
    await expect(hear).to_be_visible(timeout=15_000)
    await teams.sees("1 new message")
    await hear.click()
    player = teams.tab.locator("audio")
    await expect(player).to_have_js_property("readyState", 4, timeout=15_000)
    assert await player.evaluate("sound => sound.seekable.end(0) > 0")
    await teams.tab.get_by_role("combobox", name="Folder").select_option("private")
    await expect(teams.tab.locator("[data-message]")).to_have_attribute("data-folder", "private")
    await teams.sees("No new messages")
    await teams.tab.get_by_role("button", name="Delete Max Müller").click()
    await teams.sees("No messages")
    await teams.tab.get_by_role("button", name="Undo").click()
    await expect(hear).to_be_visible()


async def test_what_the_service_knows_is_shown_and_forgotten(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await turn(teams, "Settings")
    await teams.sees("Your sign-in to the phone system")
    await teams.tab.get_by_role("button", name="Forget everything").click()
    await teams.tab.get_by_role("button", name="Forget everything now").click()
    await expect(teams.tab.get_by_label("Login")).to_be_visible()
