"""A call's card through its life, through the whole product: PBX, service, queue, chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA
from infra.simulator.starface import StarfaceSimulator
from tests.bot.conftest import shown
from tests.harness import World, until, world
from tests.servers import RedisServer


@pytest.fixture
async def microsoft() -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator() as simulator:
        yield simulator


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator() as simulator:
        yield simulator


@pytest.fixture
async def town(
    redis_process: RedisServer, tmp_path: Path, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> AsyncIterator[World]:
    redis_process.flush()
    database = f"sqlite+aiosqlite:///{tmp_path}/directory.db"
    async with world(redis_process.url.reveal(), database, microsoft, pbx) as made:
        yield made


async def anna_ready(town: World) -> None:
    await town.microsoft.channel.install(ANNA)
    await town.microsoft.connector.wait_for_messages(1)
    assert (await town.person().sign_in()).status == 201


def cards(town: World) -> list[Any]:
    return list(town.microsoft.connector.sent[1:])


async def test_a_call_is_one_card_from_ringing_to_its_end(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number="+493023125777", name="Max *Müller*")
    await town.microsoft.connector.wait_for_messages(2)
    (card,) = cards(town)
    assert "Eingehender Anruf" in shown(card)
    town.pbx.answer("0001", call)
    await until(lambda: any("Im Gespräch" in shown(edit) for edit in town.microsoft.connector.edits))
    town.pbx.hang_up("0001", call)
    await until(lambda: any("beendet" in shown(edit) for edit in town.microsoft.connector.edits))
    assert {edit.activity_id for edit in town.microsoft.connector.edits} == {card.activity_id}
    assert len(cards(town)) == 1
