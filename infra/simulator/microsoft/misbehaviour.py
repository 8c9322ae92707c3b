"""What a surface of the cloud does wrong on command: refuse, throttle, delay, hang, cut the line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Fault:
    """One ordered misbehaviour.

    Attributes:
        status: answer with this HTTP status instead of doing the work; None lets the work be done (after `delay`).
        code: the error code in the body; each surface has its own default for a status.
        retry_after: value of the Retry-After header, in seconds.
        delay: wait so many seconds first.
        hang: never answer; the connection is dropped when the fault is cleared or the simulator stops.
        cut: close the connection without an answer.
        where: one operation name, conversation id, user id or tenant id; None means everywhere.
        times: how many requests are hit; None means until cleared.
        after: do the work and then spoil the answer (the effect has happened, the caller cannot know).
    """

    status: int | None = None
    code: str | None = None
    retry_after: float | None = None
    delay: float = 0.0
    hang: bool = False
    cut: bool = False
    where: str | None = None
    times: int | None = None
    after: bool = False

    def hits(self, places: Iterable[str]) -> bool:
        """Whether a request that touches these places is meant."""
        return self.where is None or self.where in places


class _Armed:
    """A fault with what is left of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self.over = asyncio.Event()

    def take(self) -> bool:
        """Use it once; True when nothing is left afterwards."""
        if self.left is not None:
            self.left -= 1
        return self.left is not None and self.left <= 0


ErrorBody = Callable[[Fault], dict[str, Any]]


class Misbehaviour:
    """The faults of one surface, oldest first; `hits` counts how often one struck."""

    def __init__(self, error_body: ErrorBody) -> None:
        self._error_body = error_body
        self._armed: list[_Armed] = []
        self._hanging: set[_Armed] = set()
        self.hits = 0

    def add(self, fault: Fault) -> None:
        """Arm a fault; it joins those already armed."""
        self._armed.append(_Armed(fault))

    def clear(self, where: str | None = None) -> None:
        """Disarm everything, or only what was ordered for one place; hanging requests are let go."""
        gone = [armed for armed in [*self._armed, *self._hanging] if where is None or armed.fault.where == where]
        self._armed = [armed for armed in self._armed if armed not in gone]
        for armed in gone:
            armed.over.set()

    def listing(self) -> list[dict[str, Any]]:
        """The armed faults with what is left of each, as JSON values."""
        return [{**asdict(armed.fault), "left": armed.left} for armed in self._armed]

    async def meet(self, request: web.Request, places: Iterable[str], *, after: bool = False) -> web.Response | None:
        """Let the first fitting fault strike.

        Returns the error answer, or None when the work may be done. For `cut` and `hang` the line is already closed
        when this returns; what it returns then reaches nobody.
        """
        armed = self._fitting(places, after=after)
        if armed is None:
            return None
        self.hits += 1
        if armed.take():
            self._armed.remove(armed)
        return await self._strike(armed, request)

    def _fitting(self, places: Iterable[str], *, after: bool) -> _Armed | None:
        places = set(places)
        return next((a for a in self._armed if a.fault.after is after and a.fault.hits(places)), None)

    async def _strike(self, armed: _Armed, request: web.Request) -> web.Response | None:
        fault = armed.fault
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.hang:
            await self._wait_until_over(armed)
        if fault.hang or fault.cut:
            return cut_line(request)
        if fault.status is None:
            return None
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        return web.json_response(self._error_body(fault), status=fault.status, headers=headers)

    async def _wait_until_over(self, armed: _Armed) -> None:
        self._hanging.add(armed)
        try:
            await armed.over.wait()
        finally:
            self._hanging.discard(armed)


def cut_line(request: web.Request) -> web.Response:
    """Close the caller's connection without an answer; the returned response goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
