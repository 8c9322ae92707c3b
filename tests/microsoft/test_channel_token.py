"""The channel's token and the hosts it may name."""

from __future__ import annotations

import time

import pytest

from bridge.errors import Unauthenticated
from bridge.microsoft.channel_token import ChannelTokens
from bridge.microsoft.service_hosts import ServiceHosts
from tests.microsoft.conftest import World

pytestmark = pytest.mark.asyncio(loop_scope="package")


def tokens_of(world: World) -> ChannelTokens:
    return ChannelTokens(
        world.keys,
        ServiceHosts(["127.0.0.1"]),
        metadata_url=world.ms.channel_metadata_url,
        issuer=world.ms.settings.channel_issuer,
        app_id=world.ms.settings.app_id,
    )


async def test_a_good_token_vouches_for_its_service_url_and_channel(world: World) -> None:
    claims = await tokens_of(world).check(f"Bearer {world.ms.channel_token()}")
    claims.match("msteams", world.ms.service_url)
    for channel, url in (
        ("webchat", world.ms.service_url),
        (None, world.ms.service_url),
        (["msteams"], world.ms.service_url),
        ("msteams", world.ms.service_url.rstrip("/")),
        ("msteams", None),
    ):
        with pytest.raises(Unauthenticated):
            claims.match(channel, url)


async def test_a_key_without_endorsement_vouches_for_nothing(world: World) -> None:
    world.ms.channel.endorsements = ["webchat"]
    try:
        claims = await tokens_of(world).check(f"Bearer {world.ms.channel_token()}")
    finally:
        world.ms.channel.endorsements = ["msteams"]
    with pytest.raises(Unauthenticated):
        claims.match("msteams", world.ms.service_url)


@pytest.mark.parametrize(("past", "good"), [(290, True), (301, False)])
async def test_five_minutes_of_clock_difference_are_allowed(world: World, past: int, good: bool) -> None:
    now = int(time.time())
    header = f"Bearer {world.ms.channel_token(nbf=now - 4000, exp=now - past)}"
    if good:
        assert await tokens_of(world).check(header)
        return
    with pytest.raises(Unauthenticated):
        await tokens_of(world).check(header)


async def test_forged_headers_are_not_remembered(world: World) -> None:
    tokens = tokens_of(world)
    for number in range(100):
        forged = world.ms.channel_mint.token(world.ms.service_url, key=world.ms.stranger_key).split(".")
        header = world.ms.stranger_key.sign({}, kid=f"{number}").split(".")[0]
        with pytest.raises(Unauthenticated):
            await tokens.check(f"Bearer {header}.{forged[1]}.{forged[2]}")
    assert tokens._key_ids == {}
    assert world.ms.channel.fetches["keys"] <= 2


async def test_an_empty_app_id_is_not_accepted(world: World) -> None:
    with pytest.raises(ValueError, match="empty app id"):
        ChannelTokens(world.keys, ServiceHosts([]), metadata_url="u", issuer="i", app_id="")
