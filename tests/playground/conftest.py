"""The Microsoft 365 Agents Playground, a real local client of the chat, in headless Chromium, in front of the whole product.

It is installed for tests only, from ``package-lock.json``; where that is impossible these tests are skipped and say why.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA, SONNENTAL
from infra.simulator.starface import StarfaceSimulator
from tests.harness import World, free_port, until, world
from tests.playground.signing import SigningProxy, signing_proxy
from tests.servers import redis_server

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
CLIENT = HERE / "node_modules/@microsoft/m365agentsplayground/cli.js"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
INSTALL_WITHIN = 60.0
READY_WITHIN = 15.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Client:
    """The open page, and everything behind it."""

    page: Page
    world: World
    proxy: SigningProxy


@pytest.fixture(scope="session")
def client_script() -> Path:
    """The installed client."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    npm = BIN / "npm"
    if not npm.exists():
        pytest.skip("npm is not installed (make setup)")
    if not CLIENT.is_file():
        command = [str(npm), "ci", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(
                command, cwd=HERE, capture_output=True, text=True, timeout=INSTALL_WITHIN, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip("the Agents Playground could not be installed in time")
        if done.returncode or not CLIENT.is_file():
            pytest.skip(f"the Agents Playground could not be installed (npm ended with {done.returncode})")
    return CLIENT


def settings() -> str:
    """The client's own configuration: who is in front of it, in which tenant. JSON is YAML."""

    def person(number: int, **more: str) -> dict[str, str]:
        name = more.get("name", f"Person {number}")
        first, last = name.split(" ", 1)
        return {
            "id": f"person-{number}",
            "name": name,
            "userPrincipleName": f"person{number}@{SONNENTAL.domain}",
            "email": f"person{number}@{SONNENTAL.domain}",
            "aadObjectId": more.get("object", f"00000000-0000-4000-8000-00000000000{number}"),
            "givenName": first,
            "surname": last,
        }

    anna = person(0, name=ANNA.name, object=ANNA.id)
    team = {
        "id": "team-1",
        "name": "Team",
        "aadGroupId": "00000000-0000-4000-8000-0000000000aa",
        "channels": [{"id": "c-1", "name": "General"}],
    }
    return json.dumps(
        {
            "version": "0.1.1",
            "tenantId": SONNENTAL.id,
            "bot": {"id": "bot-1", "name": "STARFACE"},
            "currentUser": anna,
            "users": [person(number) for number in range(1, 6)],
            "personalChat": {"id": "personal-chat-1"},
            "groupChat": {"id": "group-chat-1", "name": "Group"},
            "team": team,
        }
    )


@contextlib.asynccontextmanager
async def playground(script: Path, folder: Path, bot: str) -> AsyncIterator[str]:
    """Run the client's server; give the address of its page."""
    port = free_port()
    (folder / ".m365agentsplayground.yml").write_text(settings(), encoding="utf-8")
    log = folder / "client.log"
    with log.open("wb") as sink:
        running = await asyncio.create_subprocess_exec(
            str(BIN / "node"), str(script), "start", "-e", bot, "-c", "msteams", "-p", str(port), "--dt",
            cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
            env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {"BROWSER": "none"},
        )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as http:

            async def ready() -> bool:
                assert running.returncode is None, log.read_text(errors="replace")[-500:]
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{port}/") as answer:
                        return answer.status == 200
                return False

            await until(ready, READY_WITHIN)
        yield f"http://localhost:{port}/"
    finally:
        if running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
        await running.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(client_script: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """Anna in front of the client, signed in to her phone system."""
    folder: Path = tmp_path_factory.mktemp("playground")
    async with contextlib.AsyncExitStack() as stack:
        redis = stack.enter_context(redis_server())
        microsoft = await stack.enter_async_context(MicrosoftSimulator())
        pbx = await stack.enter_async_context(StarfaceSimulator())
        database = f"sqlite+aiosqlite:///{folder}/directory.db"
        made = await stack.enter_async_context(world(redis.url.reveal(), database, microsoft, pbx))
        proxy, bot = await stack.enter_async_context(signing_proxy(microsoft, f"{made.url}/api/messages"))
        address = await stack.enter_async_context(playground(client_script, folder, bot))
        browser = await stack.enter_async_context(async_playwright())
        chromium = await browser.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        stack.push_async_callback(chromium.close)
        page = await chromium.new_page(viewport={"width": 1400, "height": 1000})
        await page.goto(address)
        yield Client(page, made, proxy)
