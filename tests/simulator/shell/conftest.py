"""A stage for the shell: simulated Microsoft and STARFACE, a page with the unmodified teams-js as tab, a tiny bot, Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, async_playwright

from infra.simulator.microsoft import DEMO_POPULATION, MicrosoftSettings, MicrosoftSimulator
from infra.simulator.microsoft.keys import SigningKey, generate_key
from infra.simulator.shell import ShellConfig, shell_routes, users_of
from infra.simulator.shell.routes import DIST
from infra.simulator.starface import StarfaceSimulator
from tests.simulator.shell.tiny_bot import TinyBot

Keys = tuple[SigningKey, SigningKey, SigningKey]
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
ARGUMENTS.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
HARMLESS = (
    "ERR_NAME_NOT_RESOLVED",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_NAME_RESOLUTION_FAILED",
    "can escape its sandboxing",
)
"""What the console may say: teams-js asks a public host for its list of origins, and the tab's frame has Teams' sandbox."""


@dataclass
class Stage:
    """The shell with its surroundings; `complaints` holds what the browser's console had to say."""

    origin: str
    ms: MicrosoftSimulator
    pbx: StarfaceSimulator
    bot: TinyBot
    page: Page
    complaints: list[str] = field(default_factory=list)

    async def open(self, **choices: str) -> None:
        """Open the shell and wait until its tab is there; `choices` are those of its address line."""
        query = "&".join(
            f"{k}={v}" for k, v in {"locale": "de-de", "theme": "default", "view": "both", **choices}.items()
        )
        await self.page.goto(f"{self.origin}/?{query}")
        await self.tab.locator("#state", has_text="ready").wait_for(state="attached")

    @property
    def tab(self) -> FrameLocator:
        """The tab's frame."""
        return self.page.frame_locator(".tab-frame")

    @property
    def dialog(self) -> FrameLocator:
        """The frame of the open dialog."""
        return self.page.frame_locator(".dialog-frame")

    def shown(self, id_: str) -> Locator:
        """One of the outputs of the test tab."""
        return self.tab.locator(f"#{id_}")

    def entry(self, text: str) -> Locator:
        """An entry of the chat with this text."""
        return self.page.locator(".entry", has_text=text)

    async def say(self, text: str) -> None:
        """Type into the chat."""
        await self.page.locator(".composer textarea").fill(text)
        await self.page.locator(".composer textarea").press("Enter")

    def listen(self, message: ConsoleMessage) -> None:
        """Keep what is no harmless remark."""
        if message.type in {"error", "warning"} and not any(part in message.text for part in HARMLESS):
            self.complaints.append(message.text)


async def start_site(stage: Stage) -> web.AppRunner:
    """Serve shell, test tab and bot endpoint on one origin, as the demo does."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def tab(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGES / "tab.html")

    async def library(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(TEAMS_JS)

    app.add_routes([web.get("/tab/", tab), web.get("/tab/MicrosoftTeams.min.js", library)])
    app.router.add_post("/api/messages", stage.bot.handle)
    app.router.add_static("/tab", PAGES)
    control = f"{stage.pbx.url}/_control/api"
    app.add_routes(
        shell_routes(ShellConfig(stage.ms.control_url, control, stage.ms.settings.app_id, users_of(DEMO_POPULATION)))
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stage.origin = stage.bot.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    stage.ms.channel.endpoint = f"{stage.origin}/api/messages"
    return runner


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    if not (DIST / "index.html").exists() or not TEAMS_JS.exists():
        pytest.skip("the shell has not been built (npm ci && npm run build in infra/simulator/shell)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def keys() -> Keys:
    """Made once: three key pairs cost more than a page."""
    return await generate_key(), await generate_key(), await generate_key()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser, keys: Keys) -> AsyncIterator[Stage]:
    async with MicrosoftSimulator(MicrosoftSettings(keys=keys)) as ms, StarfaceSimulator() as pbx:
        page = await browser.new_page(viewport={"width": 1360, "height": 820})
        page.set_default_timeout(8000)
        bot = TinyBot(ms)
        stage = Stage("", ms, pbx, bot, page)
        page.on("console", stage.listen)
        page.on("pageerror", lambda error: stage.complaints.append(str(error)))
        runner = await start_site(stage)
        yield stage
        await page.context.close()
        await runner.cleanup()
        assert stage.complaints == []
