"""All stores of a process together: they start whatever is away, and find it when it comes."""

import asyncio
from pathlib import Path

import pytest

from bridge.errors import Unavailable
from bridge.model.ids import TenantId
from bridge.settings import Settings, read_settings
from bridge.store import keys
from bridge.store.database import Database
from bridge.store.stores import Stores
from tests.servers import RedisServer, until
from tests.stores import MovableClock, a_session, user


def settings(redis: RedisServer, folder: Path) -> Settings:
    """What the environment of production says."""
    return read_settings(
        {
            "PUBLIC_URL": "https://bridge.example.org",
            "REDIS_URL": redis.url.reveal(),
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/directory.sqlite",
            "SESSION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
            "MICROSOFT_APP_ID": "00000000-0000-4000-8000-000000000001",
            "MICROSOFT_APP_TENANT_ID": "00000000-0000-4000-8000-000000000002",
            "MICROSOFT_APP_PASSWORD": "of-the-app",
        }
    )


async def test_all_start_and_stop_together(redis: RedisServer, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    configured = settings(redis, tmp_path)
    counted: list[str] = []
    whole = Stores(configured, MovableClock(), Database(configured.database_url), counted.append)
    await whole.start()
    await whole.ping()
    await whole.directory.register(TenantId("tenant"))
    session = a_session(MovableClock())
    await whole.sessions.open(session)
    with redis.client() as client:
        client.setrange(keys.session(whole.sessions.handle(user())), 40, b"\0\0\0")
    assert await whole.sessions.read(user()) != session
    assert counted == ["seal_broken"]
    await whole.stop()
    assert asyncio.all_tasks() == before


@pytest.mark.slow
async def test_they_wait_for_what_is_away(own_redis: RedisServer, tmp_path: Path) -> None:
    own_redis.kill()
    folder = tmp_path / "mounted-later"
    configured = settings(own_redis, folder)
    whole = Stores(configured, MovableClock(), Database(configured.database_url), again=0.05)
    await whole.start()
    for use in (whole.ping, whole.directory.ping):
        with pytest.raises(Unavailable):
            await use()
    own_redis.start()
    folder.mkdir()
    await until((folder / "directory.sqlite").exists)
    async with asyncio.timeout(5):
        while not await _works(whole):  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.02)
    await whole.stop()


async def _works(whole: Stores) -> bool:
    try:
        await whole.ping()
        await whole.directory.register(TenantId("tenant"))
    except Unavailable:
        return False
    return await whole.directory.knows(TenantId("tenant"))
