"""Whether the process lives, whether it can serve, and what it counts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bridge.errors import BridgeError

PATIENCE = 1.0
_BEAT = 0.05


class Meters:
    """Everything the process counts; labels come from fixed sets only, never from a person or peer."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("http_requests", "Requests", "route", "method", "status")
        self._seconds = Histogram(
            "http_request_seconds", "Time to answer", ["route"], registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )  # fmt: skip
        self.events = self._counter("pbx_events", "Events posted by PBXs", "outcome")
        self.visits = self._counter("keeper_visits", "Visits of the keeper", "outcome")
        self.happened = self._counter("happened", "Things worth an alarm or a graph", "what")
        self._presence = Histogram(
            "presence_change_seconds", "Time from a change on one side to its effect on the other", ["way"],
            registry=self.registry, buckets=(0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 90),
        )  # fmt: skip
        self.streams = Gauge("streams_open", "Event streams open", registry=self.registry)
        self.loop_lag_max = Gauge(
            "loop_lag_max_seconds", "Longest stall of the event loop so far", registry=self.registry
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request by its route pattern."""
        self._requests.labels(route or "unknown", method if method in _METHODS else "other", str(status)).inc()
        self._seconds.labels(route or "unknown").observe(seconds)

    def presence(self, way: str, seconds: float) -> None:
        """Count a change of presence, ``to_teams`` or ``to_pbx``."""
        self._presence.labels(way).observe(seconds)

    def count(self, what: str) -> None:
        """Count something by a constant name."""
        self.happened.labels(what).inc()


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class LoopWatch:
    """Measures how late the event loop wakes: the longest stall since the start."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._task: asyncio.Task[None] | None = None
        self.longest = 0.0

    async def start(self) -> None:
        """Begin to measure."""
        self._task = asyncio.create_task(self._watch(), name="loop-watch")

    async def stop(self) -> None:
        """Stop measuring."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_BEAT)
            lag = time.perf_counter() - before - _BEAT
            if lag > self.longest:
                self.longest = lag
                self._meters.loop_lag_max.set(lag)


Part = Callable[[], Awaitable[None]]


def health_routes(meters: Meters, parts: Mapping[str, Part]) -> list[web.RouteDef]:
    """Routes ``/healthz``, ``/readyz`` and ``/metrics``; ``parts`` are what the service cannot do without."""

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        names = list(parts)
        states = await asyncio.gather(*(_state(parts[name]) for name in names))
        good = all(state == "ok" for state in states)
        body = {"status": "ok" if good else "unavailable", "parts": dict(zip(names, states, strict=True))}
        return web.json_response(body, status=200 if good else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(meters.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]


async def _state(part: Part) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await part()
    except (BridgeError, TimeoutError):
        return "unavailable"
    return "ok"
