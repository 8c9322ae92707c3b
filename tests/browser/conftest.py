"""A real Chromium with the Teams-like shell around the real product."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from bridge.service.keeper import Rhythm
from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.starface import StarfaceSimulator
from tab.pages import WEB
from tests.browser.teams import Teams
from tests.harness import World, world
from tests.servers import redis_server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    if not (WEB / "index.html").is_file():
        pytest.skip("the tab has not been built (make setup)")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator() as simulator:
        yield simulator


@pytest.fixture
async def one(tmp_path: Path, pbx: StarfaceSimulator) -> AsyncIterator[World]:
    with redis_server() as redis:
        async with MicrosoftSimulator() as microsoft:
            database = f"sqlite+aiosqlite:///{tmp_path}/directory.db"
            async with world(redis.url.reveal(), database, microsoft, pbx, shell=True, rhythm=Rhythm()) as made:
                yield made


@pytest.fixture
async def teams(browser: Browser, one: World) -> AsyncIterator[Teams]:
    """Anna in Teams, in English."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900})
    page = await context.new_page()
    opened = Teams(page, one)
    await opened.open()
    yield opened
    assert opened.complaints == []
    await context.close()
