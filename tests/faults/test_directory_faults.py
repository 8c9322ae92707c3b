"""The tenant directory is away: nobody new gets in, whoever is signed in goes on telephoning."""

import asyncio
import time
from pathlib import Path

import pytest

from bridge.store.directory import CACHED_FOR
from infra.simulator.microsoft.population import HENRIK, JONAS
from tests.faults.crowd import urls
from tests.harness import World, until


def ruin(folder: Path) -> dict[Path, bytes]:
    """Overwrite the database with something that is none; give what stood there."""
    kept = {path: path.read_bytes() for path in folder.glob("directory.db*")}
    for path in kept:
        path.write_bytes(b"this is no database " * 4096)
    return kept


async def parts(world: World, url: str) -> tuple[int, dict[str, str]]:
    async with world.http.get(f"{url}/readyz") as response:
        return response.status, (await response.json())["parts"]


@pytest.mark.slow
async def test_sessions_go_on_while_the_directory_is_away(two: World, tmp_path: Path) -> None:
    anna, henrik = two.person(), two.person(HENRIK, urls(two)[1])
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        kept = await asyncio.to_thread(ruin, tmp_path)
        away = time.monotonic()
        for url in urls(two):
            assert await parts(two, url) == (503, {"redis": "ok", "directory": "unavailable"})
        unknown = await henrik.ask("GET", "/session")
        assert (unknown.status, unknown.code, unknown.headers["Retry-After"]) == (503, "unavailable", "1")
        refused = await anna.ask("POST", "/admin/pbxs", {"name": "x", "host": "127.0.0.1", "tls": "off"})
        assert (refused.status, refused.code) == (503, "unavailable")
        await until(lambda: time.monotonic() > away + CACHED_FOR)
        placed = await anna.call("030 23125-800")
        assert placed.status == 202
        call = placed.body["id"]
        await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "connected")
        assert (await anna.ask("POST", f"/calls/{call}/hangup")).status == 202
        await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ended")
        assert (await two.person(JONAS).sign_in("0002")).status == 201, "what was known a moment ago will do"
        for path, content in kept.items():
            await asyncio.to_thread(path.write_bytes, content)

        async def back() -> bool:
            return await parts(two, urls(two)[0]) == (200, {"redis": "ok", "directory": "ok"})

        await until(back)
        assert (await henrik.ask("GET", "/session")).code == "tenant_unknown"
