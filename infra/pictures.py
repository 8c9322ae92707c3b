"""``make pictures``: the product as people see it, photographed in Chromium through the demo, into ``docs/images``."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from playwright.async_api import Browser, FrameLocator, Page, async_playwright

from infra.demo import HOST, free_port

FOLDER = Path(__file__).parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ANNA = "anna.schmidt@sonnental.example"
READY_WITHIN = 60.0
SETTLE_MS = 700


class Studio:
    """The running demo and a browser."""

    def __init__(self, browser: Browser, http: aiohttp.ClientSession, port: int, starface_port: int) -> None:
        self._browser = browser
        self._http = http
        self._url = f"http://{HOST}:{port}"
        self._control = f"http://{HOST}:{starface_port}/_control/api"

    async def phone(self, action: str, **what: str) -> None:
        """Make the simulated phone system do something for Anna; what is not possible now is not done."""
        body = {"login": "0001", "target": "0001", **what}
        async with self._http.post(f"{self._control}/{action}", json=body) as answer:
            await answer.read()

    @contextlib.asynccontextmanager
    async def page(self, width: int = 1400, height: int = 860, **wishes: str) -> AsyncIterator[Page]:
        """Open the shell in a fresh browser profile."""
        context = await self._browser.new_context(viewport={"width": width, "height": height})
        page = await context.new_page()
        await page.goto(f"{self._url}/?{urlencode({'user': ANNA, 'locale': 'en-us', **wishes})}")
        yield page
        await context.close()


def tab_of(page: Page) -> FrameLocator:
    """The product's tab inside the shell."""
    return page.frame_locator(".tab-frame")


async def shoot(page: Page, name: str) -> None:
    """Take one picture after things have come to rest."""
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=FOLDER / f"{name}.png")
    sys.stdout.write(f"docs/images/{name}.png\n")


async def sign_in(page: Page) -> None:
    """Sign in to the tab in English."""
    tab = tab_of(page)
    await tab.get_by_label("Login").fill("0001")
    await tab.get_by_label("Password", exact=True).fill("Demo-0001!")
    await tab.get_by_role("button", name="Sign in", exact=True).click()
    await tab.get_by_role("button", name="Call with STARFACE").wait_for()


async def say(page: Page, text: str) -> None:
    """Write to the bot."""
    await page.locator(".composer textarea").fill(text)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(2 * SETTLE_MS)


async def first_visit(studio: Studio) -> None:
    """The sign-in page, then both faces with a call that is connected."""
    async with studio.page() as page:
        await tab_of(page).get_by_label("Login").wait_for()
        await shoot(page, "sign-in")
        await sign_in(page)
        await studio.phone("ring", **{"from": "+493023125777", "name": "Max Müller"})
        await tab_of(page).get_by_text("Max Müller").first.wait_for()
        await shoot(page, "ringing")
        await studio.phone("answer")
        await tab_of(page).get_by_text("Connected").first.wait_for()
        await say(page, "calls")
        await shoot(page, "both-faces")
        await studio.phone("hangup")
        await say(page, "help")
        await shoot(page, "chat-help")


async def looks(studio: Studio) -> None:
    """The same tab in the other themes, small, and in German."""
    await studio.phone("ring", **{"from": "+493023125778", "name": "Bäckerei Kranz"})
    await studio.phone("answer")
    for name, wishes in (
        ("dark-german", {"theme": "dark", "locale": "de-de", "view": "app"}),
        ("contrast", {"theme": "contrast", "view": "app"}),
        ("mobile", {"client": "mobile", "view": "app"}),
        ("mobile-dark-german", {"client": "mobile", "view": "app", "theme": "dark", "locale": "de-de"}),
    ):
        async with studio.page(1000 if "mobile" not in name else 480, 860, **wishes) as page:
            await tab_of(page).get_by_text("Bäckerei Kranz").first.wait_for()
            await shoot(page, name)
    await studio.phone("hangup")


async def asked_again(studio: Studio) -> None:
    """The overlay that keeps what was typed, and the card in the chat."""
    async with studio.page() as page:
        await tab_of(page).get_by_label("Call a number").fill("030 23125-100")
        await studio.phone("password", password="Changed-0001!")  # noqa: S106 - a demo password
        await tab_of(page).get_by_role("button", name="Call with STARFACE").click()
        await tab_of(page).get_by_role("dialog").wait_for()
        await page.wait_for_timeout(4 * SETTLE_MS)
        await shoot(page, "asked-again")


@contextlib.asynccontextmanager
async def demo() -> AsyncIterator[tuple[int, int]]:
    """Run the demo on free ports."""
    ports = free_port(0), free_port(0)
    told = os.environ | {"PORT": str(ports[0]), "STARFACE_PORT": str(ports[1])}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.demo",
        env=told,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(READY_WITHIN), aiohttp.ClientSession() as http:
            while not await _is_ready(http, ports[0]):  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.2)
        yield ports
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(http: aiohttp.ClientSession, port: int) -> bool:
    with contextlib.suppress(aiohttp.ClientError, json.JSONDecodeError):
        async with http.get(f"http://{HOST}:{port}/readyz") as answer:
            return answer.status == 200
    return False


async def run() -> None:
    """Take all pictures."""
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    async with demo() as (port, starface_port), aiohttp.ClientSession() as http, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        studio = Studio(browser, http, port, starface_port)
        for scene in (first_visit, looks, asked_again):
            await scene(studio)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(run())
