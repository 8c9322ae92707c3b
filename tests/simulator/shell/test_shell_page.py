"""Layout, keyboard, phone strip and routes of the shell."""

from __future__ import annotations

import json
import re
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from infra.simulator.shell import ShellConfig, shell_routes
from infra.simulator.shell.phone import calls_of
from infra.simulator.shell.routes import content_security_policy
from tests.simulator.shell.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
TEXTS = Path("infra/simulator/shell/texts")


@pytest.mark.browser
async def test_the_phone_rings_is_answered_and_hung_up(stage: Stage) -> None:
    await stage.open()
    status, strip = stage.page.locator(".phone-status"), stage.page.locator(".phone-strip")
    await expect(status).to_have_text("Ruhe")
    await expect(strip.locator("[data-command=answer]")).to_be_disabled()
    await strip.get_by_role("button", name="Klingeln lassen").click()
    await expect(status).to_contain_text("Max Müller · +493023125801 – klingelt")
    await strip.get_by_role("button", name="Abnehmen").click()
    await expect(status).to_contain_text("verbunden")
    await strip.get_by_role("button", name="Auflegen").click()
    await expect(status).to_have_text("Ruhe")


@pytest.mark.browser
async def test_a_refusing_or_absent_phone_system_is_said(stage: Stage) -> None:
    await stage.open()
    await stage.page.locator("input[name=number]").fill("keine Nummer")
    await stage.page.locator("[data-command=ring]").click()
    await expect(stage.page.locator(".phone-status")).to_contain_text("lehnt ab")
    await stage.pbx.stop()
    await expect(stage.page.locator(".phone-status")).to_have_text("Die simulierte Telefonanlage antwortet nicht.")
    stage.complaints = [
        text for text in stage.complaints if "status of 409" not in text and "status of 502" not in text
    ]


@pytest.mark.browser
async def test_people_without_a_phone_have_no_buttons(stage: Stage) -> None:
    await stage.open(user="mira.kowalski@nordwind.example")
    await expect(stage.page.locator(".phone-title")).to_contain_text("Mira Kowalski hat kein simuliertes Telefon")
    await expect(stage.page.locator("[data-command=ring]")).to_be_hidden()


@pytest.mark.browser
async def test_on_a_phone_one_switches_between_app_and_chat(stage: Stage) -> None:
    await stage.open(client="mobile")
    await expect(stage.page.locator(".chat-pane")).to_be_hidden()
    await stage.page.locator(".for-chat").click()
    await expect(stage.page.locator(".chat-pane")).to_be_visible()
    await expect(stage.page.locator(".tab-pane")).to_be_hidden()
    await stage.page.locator(".controls-button").click()
    await stage.page.locator("select[name=theme]").select_option("dark")
    await expect(stage.shown("theme")).to_have_text("dark")


@pytest.mark.browser
async def test_nothing_sticks_out_sideways(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    await expect(stage.page.locator(".card")).to_be_visible()
    for width in (1920, 1024, 768, 360):
        await stage.page.set_viewport_size({"width": width, "height": 740})
        await expect(stage.page.locator("html")).to_have_attribute("data-layout", "wide" if width > 820 else "narrow")
        for view in ("app", "chat"):
            await stage.page.locator(f".for-{view}").click()
            assert await sticking_out(stage) == [], (width, view)
    await stage.page.locator(".controls-button").click()
    await stage.page.locator("select[name=client]").select_option("mobile")
    await expect(stage.page.locator(".composer")).to_be_in_viewport()
    assert await sticking_out(stage) == []


async def sticking_out(stage: Stage) -> list[str]:
    """What is drawn beyond the edges of the window; the chat's own entries scroll up and down."""
    found: list[str] = await stage.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, textarea, h2, .badge, .bubble')]
          .filter((e) => e.checkVisibility())
          .filter((e) => {
            const box = e.getBoundingClientRect();
            const tall = !e.closest('.entries') && (box.bottom > innerHeight + 1 || box.top < -1);
            return tall || box.right > innerWidth + 1 || box.left < -1;
          })
          .map((e) => e.outerHTML.slice(0, 80))"""
    )
    return found


@pytest.mark.browser
async def test_the_splitter_moves_with_the_keys(stage: Stage) -> None:
    await stage.open()
    splitter = stage.page.get_by_role("separator", name="Breite von App und Chat")
    before = await stage.page.locator(".tab-pane").bounding_box()
    await splitter.focus()
    for _ in range(5):
        await stage.page.keyboard.press("ArrowLeft")
    after = await stage.page.locator(".tab-pane").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] < before["width"] - 50
    await expect(splitter).to_have_attribute("aria-valuenow", "52")


@pytest.mark.browser
async def test_everything_that_can_be_operated_has_a_name(stage: Stage) -> None:
    await stage.open()
    await stage.say("card")
    await expect(stage.page.locator(".card")).to_be_visible()
    nameless = await stage.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, textarea, iframe, [role=separator]')]
          .filter((e) => e.checkVisibility())
          .filter((e) => !(e.getAttribute('aria-label') || e.title || e.textContent.trim()))
          .filter((e) => !e.closest('label')?.textContent.trim())
          .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert nameless == []


@pytest.mark.browser
async def test_the_choices_survive_a_reload(stage: Stage) -> None:
    await stage.open()
    await stage.page.locator("select[name=theme]").select_option("dark")
    await stage.page.locator("select[name=locale]").select_option("en-us")
    await stage.page.reload()
    await expect(stage.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(stage.page.locator(".composer textarea")).to_have_attribute("placeholder", "Type a message")


async def test_routes_serve_page_assets_and_settings(stage: Stage) -> None:
    async with aiohttp.ClientSession(stage.origin) as http:
        async with http.get("/") as page:
            assert (page.status, page.content_type) == (200, "text/html")
            assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        async with http.get("/shell/config.json") as answer:
            settings = await answer.json()
        async with http.get("/shell/package.json") as absent, http.get("/shell/..%2fpackage.json") as outside:
            assert (absent.status, outside.status) == (404, 404)
        async with http.post("/shell/phone/0001/restart", json={}) as forbidden:
            assert forbidden.status == 404
        async with http.post(
            "/shell/phone/0001/ring", data=b"{}", headers={"Content-Type": "text/plain"}
        ) as foreign_form:
            assert foreign_form.status == 404
    assert settings["microsoftControlUrl"] == stage.ms.control_url
    assert settings["starfaceControlUrl"] == "/shell/phone"
    assert settings["users"][0]["phoneLogin"] == "0001"


async def test_without_a_pbx_there_is_no_way_to_it() -> None:
    config = ShellConfig("http://127.0.0.1:5/_control/api", None, "app", ())
    paths = [route.path for route in shell_routes(config)]
    assert paths == ["/", "/shell/config.json", "/shell/{name}"]
    assert config.as_json()["starfaceControlUrl"] is None
    assert "connect-src 'self' http://127.0.0.1:5;" in content_security_policy(config)


async def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    german, english = (json.loads((TEXTS / f"{name}.json").read_text()) for name in ("de", "en"))
    assert german.keys() == english.keys()
    for key, text in german.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), key
        assert text.strip()
        assert english[key].strip()


async def test_calls_of_a_login_name_the_other_side() -> None:
    anna, max_ = {"number": "10", "name": "Anna", "login": "0001"}, {"number": "+4930", "name": "Max", "login": ""}
    leg = {"login": "0001", "state": "CONNECTED", "phone": None, "ownPhoneRings": False}
    calls = [
        {"id": "1", "caller": max_, "called": anna, "legs": [leg]},
        {"id": "2", "caller": anna, "called": max_, "legs": [leg]},
        {"id": "3", "caller": max_, "called": anna, "legs": [{**leg, "login": "0002"}]},
    ]
    shown = calls_of("0001", {"calls": calls})
    assert [(call["id"], call["number"], call["outbound"]) for call in shown] == [
        ("1", "+4930", False),
        ("2", "+4930", True),
    ]
