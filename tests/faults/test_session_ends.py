"""A sign-in ends once, whatever the cause: one event with the right reason on every stream, over two processes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import JONAS
from infra.simulator.starface import StarfaceSimulator
from tests.faults.crowd import urls
from tests.harness import Person, World, until, world
from tests.servers import RedisServer

Cause = Callable[[World, Person], Awaitable[object]]


async def signs_out(_: World, person: Person) -> None:
    assert (await person.ask("DELETE", "/session")).status == 204


async def pbx_removed(made: World, _: Person) -> None:
    assert (await made.person(url=urls(made)[1]).ask("DELETE", "/admin/pbxs/demo")).status == 204


async def pbx_moved(made: World, _: Person) -> None:
    changed = await made.person(url=urls(made)[1]).ask("PATCH", "/admin/pbxs/demo", {"host": "127.0.0.2"})
    assert changed.status == 200


async def password_changed(made: World, _: Person) -> None:
    made.pbx.change_password("0002", "Neu-0002!")


async def user_removed(made: World, _: Person) -> None:
    made.pbx.remove_user("0002")


async def nothing(_: World, __: Person) -> None:
    """Time alone."""


@asynccontextmanager
async def watched(made: World, cause: Cause, reason: str) -> AsyncIterator[Person]:
    """Sign Jonas in, let it end, and see that each of two streams is told exactly once."""
    here, there = (made.person(JONAS, url) for url in urls(made))
    assert (await here.sign_in("0002")).status == 201
    async with here.stream() as stream, there.stream() as other:
        for each in (stream, other):
            assert (await each.wait_for("snapshot"))["session"]["state"] == "signed_in"
        await cause(made, here)
        for each in (stream, other):
            ended = await each.wait_for("session")
            assert (ended["state"], ended["reason"], ended["pbx"], ended["expiresAt"]) == (
                "signed_out", reason, None, None,
            )  # fmt: skip
        for person in (here, there):
            shown = (await person.ask("GET", "/session")).body
            assert (shown["state"], shown["reason"]) == ("signed_out", reason)
            refused = await person.ask("GET", "/phones")
            assert (refused.status, refused.code, refused.body["reason"]) == (401, "signed_out", reason)
        yield here
        await asyncio.sleep(0.19)
        assert [len(each.of("session")) for each in (stream, other)] == [1, 1]
        assert [len(each.of("notice")) for each in (stream, other)] == [0, 0]


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (signs_out, "revoked"),
        (pbx_removed, "revoked"),
        (pbx_moved, "revoked"),
        (password_changed, "rejected"),
        (user_removed, "rejected"),
    ],
)
async def test_an_end_that_somebody_caused(two: World, cause: Cause, reason: str) -> None:
    async with watched(two, cause, reason):
        if reason == "revoked":
            await until(lambda: two.pbx.pbx.sessions.of("0002") == [])


@pytest.mark.slow
@pytest.mark.parametrize("life", [{"SESSION_TTL": "2"}, {"SESSION_IDLE_TTL": "2"}], ids=["absolute", "idle"])
async def test_an_end_that_time_brings(
    redis: RedisServer, database_url: str, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator, life: dict[str, str]
) -> None:
    async with (
        world(redis.url.reveal(), database_url, microsoft, pbx, processes=2, **life) as made,
        watched(made, nothing, "expired") as jonas,
    ):
        assert (await jonas.ask("GET", "/calls")).code == "signed_out"


@pytest.mark.slow
async def test_use_prolongs_the_idle_end_but_not_the_absolute_one(
    redis: RedisServer, database_url: str, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> None:
    life = {"SESSION_TTL": "4", "SESSION_IDLE_TTL": "1"}
    async with world(redis.url.reveal(), database_url, microsoft, pbx, processes=2, **life) as made:
        here, there = (made.person(JONAS, url) for url in urls(made))
        await here.sign_in("0002")
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def ended() -> bool:
            for person in (here, there):
                if (await person.ask("GET", "/session")).body["state"] == "signed_out":
                    return True
            return False

        await until(ended, within=6)
        assert 3.5 < loop.time() - began < 5
