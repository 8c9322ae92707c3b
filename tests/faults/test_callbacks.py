"""Callbacks that fail, never arrive or come back: the picture stays true, by polling where it must be."""

import asyncio

import pytest

from bridge.model.pbx import CallbackMode
from bridge.service.ports import Pulse
from bridge.store.keys import user_key
from infra.simulator.microsoft.population import User
from infra.simulator.starface import StarfaceSimulator
from tests.faults.crowd import CALL_STATE, people
from tests.harness import Person, Stream, World, until

CALLER = "+49 30 23125 801"


async def pulse_of(world: World, person: Person) -> Pulse:
    """What the keeper has found out about this sign-in."""
    sessions = world.service.stores.sessions
    return await sessions.pulse(sessions.handle(user_key(person.user.tenant.id, person.user.id)))


async def pushed(world: World, person: Person) -> bool:
    return (await pulse_of(world, person)).pushing


async def polled(world: World, person: Person) -> bool:
    return not await pushed(world, person)


async def rings_and_ends(pbx: StarfaceSimulator, stream: Stream) -> None:
    call = pbx.ring("0001", from_number=CALLER)
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ringing")
    pbx.answer("0001", call)
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "connected")
    pbx.hang_up("0001", call)
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ended")


@pytest.mark.slow
async def test_callbacks_that_fail_and_come_back(one: World) -> None:
    """Once for each way in which a PBX may take it that its events do not arrive."""
    kinds = ("drop_event", "drop_session", "reset_event")
    await asyncio.gather(*(_fail_and_come_back(one, *pair) for pair in zip(kinds, people(3), strict=True)))


async def _fail_and_come_back(world: World, punished: str, user: User) -> None:
    async with StarfaceSimulator() as pbx:
        pbx.set(callback_failure=punished)
        await world.map_pbx(pbx, punished)
        person = world.person(user)
        await person.sign_in(pbx=punished)
        async with person.stream() as stream:
            await stream.wait_for("snapshot")
            await until(lambda: pushed(world, person))
            pbx.set(callback_timeout=0.0)
            await rings_and_ends(pbx, stream)
            await until(lambda: polled(world, person))
            pbx.set(callback_timeout=5.0)
            await until(lambda: pushed(world, person))
            pbx.recorder.clear()
            await rings_and_ends(pbx, stream)
            assert {sent.status for sent in pbx.callbacks if sent.method == CALL_STATE} == {200}
            assert (stream.of("session"), stream.of("notice")) == ([], [])


async def test_callbacks_that_never_arrive(one: World) -> None:
    anna = one.person()
    one.pbx.set(callback_timeout=0.0)
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        placed = (await anna.call("030 23125-800")).body["id"]
        await stream.wait_for("call", lambda data: data["id"] == placed and data["state"] == "connected")
        assert (await anna.ask("POST", f"/calls/{placed}/hangup")).status == 202
        await stream.wait_for("call", lambda data: data["id"] == placed and data["state"] == "ended")
        assert not await pushed(one, anna)
        assert stream.of("notice") == []


async def test_a_pbx_that_is_only_polled_is_told_no_place(one: World) -> None:
    await one.map_pbx(name="polled", callbacks=CallbackMode.POLL)
    anna = one.person()
    assert (await anna.sign_in(pbx="polled")).status == 201
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        await rings_and_ends(one.pbx, stream)
    assert [session.callback for session in one.pbx.pbx.sessions.of("0001")] == [None]
    assert one.pbx.callbacks == []


async def test_the_picture_is_right_whatever_the_order_of_events(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        for order in ("jitter", "duplicates", "empty_first_state"):
            one.pbx.set(callback_order=order)
            calls = [one.pbx.ring("0001", from_number=CALLER) for _ in range(4)]
            one.pbx.answer("0001", calls[0])
            for call in calls[1:]:
                one.pbx.hang_up("0001", call)
            await until(lambda call=calls[0]: shows(anna, call))
            one.pbx.hang_up("0001", calls[0])
            await until(lambda: shows(anna))
        for call in {data["id"] for data in stream.of("call")}:
            told = [data for data in stream.of("call") if data["id"] == call]
            versions = [data["version"] for data in told]
            assert versions == sorted(set(versions)), "nothing is told twice or backwards"
            assert "ended" not in [data["state"] for data in told[:-1]], "nothing comes back"


async def shows(person: Person, *calls: str) -> bool:
    shown = (await person.ask("GET", "/calls")).body["calls"]
    return [(call["id"], call["state"]) for call in shown] == [(call, "connected") for call in calls]


async def test_a_reset_by_the_pbx_is_mended_silently(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        for tell in (True, False):
            assert one.pbx.end_sessions("0001", tell=tell) == 1
            await until(lambda: one.pbx.pbx.sessions.of("0001"))
            await rings_and_ends(one.pbx, stream)
        await asyncio.sleep(0.1)
        assert (stream.of("session"), stream.of("notice")) == ([], [])
