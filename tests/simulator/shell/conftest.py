"""A stage for the shell: the simulated Microsoft side, a page with the unmodified teams-js as tab, a tiny bot, Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from infra.simulator.microsoft import DEMO_POPULATION, MicrosoftSimulator
from infra.simulator.shell import ShellConfig, shell_routes, users_of
from infra.simulator.shell.routes import DIST
from tests.simulator.shell.tiny_bot import TinyBot

PAGES = Path(__file__).parent / "pages"
TEAMS_JS = DIST.parent / "node_modules/@microsoft/teams-js/dist/umd/MicrosoftTeams.min.js"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Stage:
    """The shell with its surroundings. `phone` holds the commands that the phone strip sent."""

    origin: str
    ms: MicrosoftSimulator
    bot: TinyBot
    page: Page
    phone: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def open(self, **choices: str) -> None:
        """Open the shell; `choices` are those of its address line."""
        query = "&".join(f"{k}={v}" for k, v in {"locale": "de-de", "theme": "default", **choices}.items())
        await self.page.goto(f"{self.origin}/?{query}")

    @property
    def tab(self) -> Any:
        """The tab's frame."""
        return self.page.frame_locator(".tab-frame")

    async def say(self, text: str) -> None:
        """Type into the chat."""
        await self.page.locator(".composer textarea").fill(text)
        await self.page.keyboard.press("Enter")


async def start_site(stage: Stage, bot: TinyBot, ms: MicrosoftSimulator) -> web.AppRunner:
    """Serve shell, test tab, bot endpoint and a recorder in place of the phone system's control interface."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def command(request: web.Request) -> web.Response:
        stage.phone.append((request.match_info["command"], await request.json()))
        return web.json_response({})

    async def tab(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGES / "tab.html")

    async def library(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(TEAMS_JS)

    app.add_routes(
        [web.post("/pbx/{command}", command), web.get("/tab/", tab), web.get("/tab/MicrosoftTeams.min.js", library)]
    )
    app.router.add_post("/api/messages", bot.handle)
    app.router.add_static("/tab", PAGES)
    config = ShellConfig(ms.control_url, "/pbx", ms.settings.app_id, users_of(DEMO_POPULATION))
    app.add_routes(shell_routes(config))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stage.origin = bot.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    if not (DIST / "index.html").exists() or not TEAMS_JS.exists():
        pytest.skip("the shell has not been built (npm ci && npm run build in infra/simulator/shell)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    bot = TinyBot()
    async with MicrosoftSimulator() as ms:
        bot.ms = ms
        page = await browser.new_page(viewport={"width": 1360, "height": 820})
        page.set_default_timeout(8000)
        stage = Stage("", ms, bot, page)
        runner = await start_site(stage, bot, ms)
        ms.channel.endpoint = f"{stage.origin}/api/messages"
        yield stage
        await page.close()
        await runner.cleanup()
