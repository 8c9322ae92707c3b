"""Many raw readers of event streams in one process: they note when each event arrived, and what is missing or out of order."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_STAMP = re.compile(rb"@(\d{10}\.\d{6});(\d{6});(\d{10})@")
_AT_ONCE = 32
_PATIENCE = 30.0


@dataclass(slots=True)
class Arrivals:
    """What came in at all readers of one server."""

    delays: list[float] = field(default_factory=list)
    """Seconds from the sender to the reader."""
    counts: dict[int, int] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)
    disordered: int = 0
    last: float = 0.0

    def begin(self) -> None:
        """Forget the delays and the disorder, keep who has what."""
        self.delays.clear()
        self.disordered = 0

    def note(self, now: float, sent: float, person: int, number: int) -> None:
        """Take one event."""
        self.last = now
        self.delays.append(now - sent)
        self.counts[person] = self.counts.get(person, 0) + 1
        if number <= self.newest.get(person, -1):
            self.disordered += 1
        else:
            self.newest[person] = number


class Stream(asyncio.Protocol):
    """One open event stream."""

    def __init__(self, arrivals: Arrivals, ask: bytes) -> None:
        self._arrivals = arrivals
        self._ask = ask
        self._tail = b""
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._ask)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        text = self._tail + data if self._tail else data
        end = text.rfind(b"\n\n") + 2
        if end < 2:
            self._tail = text
            return
        self._tail = text[end:]
        if not self.begun.done() and b"event: snapshot" in text:
            self.begun.set_result(None)
        for sent, person, number in _STAMP.findall(text, 0, end):
            self._arrivals.note(now, float(sent), int(person), int(number))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.begun.done():
            self.begun.set_exception(exc or ConnectionError(f"no stream: {self._tail[:200]!r}"))

    def close(self) -> None:
        """Leave."""
        self._transport.close()


async def open_streams(port: int, asks: Sequence[bytes]) -> tuple[Arrivals, list[Stream]]:
    """Open a stream for each request and wait until all have their snapshot."""
    arrivals, places = Arrivals(), asyncio.Semaphore(_AT_ONCE)
    loop = asyncio.get_running_loop()

    async def opened(ask: bytes) -> Stream:
        async with places, asyncio.timeout(_PATIENCE):
            _, stream = await loop.create_connection(lambda: Stream(arrivals, ask), "127.0.0.1", port)
            await stream.begun
        return stream

    return arrivals, await asyncio.gather(*map(opened, asks))
