"""Order within a lane, none between lanes, bounds, and an end."""

from __future__ import annotations

import asyncio

from bot.lanes import MAXIMUM_PER_LANE, Lanes


async def test_a_lane_keeps_its_order_and_does_not_hold_up_others() -> None:
    lanes, done, gate = Lanes(), list[str](), asyncio.Event()

    async def waits() -> None:
        await gate.wait()
        done.append("a1")

    async def notes(name: str) -> None:
        done.append(name)

    assert lanes.put("a", waits)
    assert lanes.put("a", lambda: notes("a2"))
    assert lanes.put("b", lambda: notes("b1"))
    await asyncio.sleep(0.01)
    assert done == ["b1"]
    gate.set()
    await lanes.stop()
    assert done == ["b1", "a1", "a2"]
    assert lanes.pending == 0


async def test_work_that_fails_or_takes_too_long_does_not_end_its_lane() -> None:
    lanes, done = Lanes(deadline=0.02), list[str]()

    async def fails() -> None:
        raise ValueError("no")

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def works() -> None:
        done.append("done")

    for work in (fails, hangs, works):
        assert lanes.put("a", work)
    await lanes.stop(patience=2)
    assert done == ["done"]
    assert lanes.pending == 0


async def test_there_is_room_for_so_much_and_no_more() -> None:
    lanes, gate = Lanes(maximum=60), asyncio.Event()

    async def waits() -> None:
        await gate.wait()

    accepted = [lanes.put("a", waits) for _ in range(70)]
    assert sum(accepted) == MAXIMUM_PER_LANE
    assert sum(lanes.put(f"lane {number}", waits) for number in range(70)) == 60 - MAXIMUM_PER_LANE
    gate.set()
    await lanes.stop()
    assert lanes.pending == 0


async def test_stopping_gives_up_what_does_not_end_and_takes_nothing_more() -> None:
    lanes, cancelled = Lanes(), list[str]()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("yes")
            raise

    lanes.put("a", hangs)
    lanes.put("a", hangs)
    await asyncio.sleep(0)
    await lanes.stop(patience=0.02)
    assert cancelled == ["yes"]
    assert lanes.pending == 0
    assert not lanes.put("a", hangs)
