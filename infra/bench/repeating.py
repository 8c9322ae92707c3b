"""Rates of plain functions, alternating with a peer inside one process."""

import time
from collections.abc import Awaitable, Callable

from infra.bench.plan import Plan

_BATCH = 20
_WARM_UP = 200

Rates = tuple[list[float], list[float]]


def alternate(plan: Plan, ours: Callable[[], object], peer: Callable[[], object], warm_up: int = _WARM_UP) -> Rates:
    """Run both in turns; give calls per second of each round, ours and the peer's."""
    rates: Rates = ([], [])
    for _ in range(warm_up):
        ours(), peer()
    for is_peer in plan.turns():
        rates[is_peer].append(_rate(peer if is_peer else ours, plan.slice))
    return rates


def _rate(call: Callable[[], object], seconds: float) -> float:
    count, began = 0, time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        for _ in range(_BATCH):
            call()
        count += _BATCH
    return count / (now - began)


async def alternate_async(plan: Plan, ours: Callable[[], Awaitable[object]], peer: Callable[[], object]) -> Rates:
    """As :func:`alternate`, where ours is awaited."""
    rates: Rates = ([], [])
    for _ in range(_WARM_UP):
        await ours()
        peer()
    for is_peer in plan.turns():
        rates[is_peer].append(_rate(peer, plan.slice) if is_peer else await _rate_async(ours, plan.slice))
    return rates


async def _rate_async(call: Callable[[], Awaitable[object]], seconds: float) -> float:
    count, began = 0, time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        for _ in range(_BATCH):
            await call()
        count += _BATCH
    return count / (now - began)
