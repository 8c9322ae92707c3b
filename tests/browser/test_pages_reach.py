"""Every page in every theme: by a deep link, without a complaint of axe (WCAG 2.2 A and AA), and no wider than its window."""

import json
from typing import Final

import pytest
from playwright.async_api import Frame, expect

from tab.pages import WEB
from tests.browser.teams import Teams

AXE: Final = WEB.parent / "node_modules" / "axe-core" / "axe.min.js"
SCRIPT: Final = AXE.read_text() if AXE.is_file() else ""
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES: Final = {
    "phone": "Telefon",
    "colleagues": "Team",
    "history": "Anrufliste",
    "voicemail": "Voicemail",
    "redirects": "Umleitungen",
    "groups": "Gruppen",
    "settings": "Einstellungen",
    "administration": "Telefonanlagen",
}


async def frame_of(teams: Teams) -> Frame:
    """The tab's own frame, for scripts."""
    element = await teams.page.locator(".tab-frame").element_handle()
    frame = await element.content_frame() if element else None
    assert frame is not None
    return frame


async def complaints(frame: Frame) -> list[str]:
    """What axe finds wrong with a page: the rule and the first place."""
    await frame.evaluate(SCRIPT)
    found = await frame.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    return [f"{each['id']}: {json.dumps(each['nodes'][0]['target'])}" for each in found["violations"]]


async def at_rest(frame: Frame) -> None:
    """Wait until nothing is on its way any more and no animation changes a colour."""
    await expect(frame.locator("h1").last).to_be_attached()
    await frame.wait_for_function("document.querySelector('#boot') === null")
    await expect(frame.locator("[role=status][aria-label='Wird geladen …']")).to_have_count(0)
    await frame.evaluate("Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))")


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (make setup)")
@pytest.mark.parametrize("theme", ["default", "dark", "contrast"])
async def test_every_page_can_be_reached_by_everybody(teams: Teams, theme: str) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    wrong: dict[str, list[str]] = {}
    for page, title in PAGES.items():
        await teams.open(theme=theme, locale="de-de", subPage=page, view="app")
        frame = await frame_of(teams)
        await expect(frame.locator("h1", has_text=title)).to_be_attached()
        await at_rest(frame)
        if found := await complaints(frame):
            wrong[page] = found
    assert wrong == {}


async def test_german_dark_mobile_has_every_page_and_nothing_is_wider_than_the_screen(teams: Teams) -> None:
    await teams.sign_in()
    await teams.sees("Available")
    await teams.page.set_viewport_size({"width": 480, "height": 800})
    for page, title in PAGES.items():
        await teams.open(theme="dark", locale="de-de", client="mobile", view="app", subPage=page)
        frame = await frame_of(teams)
        await expect(frame.locator("h1", has_text=title)).to_be_attached()
        await at_rest(frame)
        assert await frame.evaluate("document.body.scrollWidth - document.body.clientWidth") <= 0, page
    more = frame.get_by_role("button", name="Mehr")
    await more.click()
    await frame.get_by_role("navigation").get_by_role("button", name="Umleitungen").click()
    await expect(frame.get_by_role("heading", name="Umleitungen", level=1)).to_be_visible()
    await expect(more).to_have_attribute("aria-expanded", "false")
