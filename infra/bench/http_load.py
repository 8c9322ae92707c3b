"""A raw HTTP client for load: keep-alive connections, each with one request under way, bounded in time.

It looks at an answer no closer than it must (status, length), so that it costs far less than what it measures.
"""

import asyncio
import itertools
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

LONGEST = 30.0
_PATIENCE = 15.0


@dataclass(slots=True)
class Answered:
    """What came back: how many within how many seconds, how long each took, and the statuses that were not expected."""

    count: int = 0
    seconds: float = 0.0
    took: list[float] = field(default_factory=list)
    odd: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Expected answers a second."""
        return self.count / self.seconds if self.seconds else 0.0


class _Line(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], until: float, expected: Container[int], answered: Answered) -> None:
        self._requests = requests
        self._until = until
        self._expected = expected
        self._answered = answered
        self._buffer = b""
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        end = answer_end(buffer)
        if end > len(buffer) or not end:
            self._buffer = buffer
            return
        self._buffer = b""
        self._count(int(buffer[9:12]))
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.done.done():
            self.done.set_result(None)

    def _next(self) -> None:
        self._began = time.perf_counter()
        if self._began >= self._until:
            self._transport.close()
            return
        self._transport.write(next(self._requests))

    def _count(self, status: int) -> None:
        if status in self._expected:
            self._answered.count += 1
            self._answered.took.append(time.perf_counter() - self._began)
        else:
            self._answered.odd[status] = self._answered.odd.get(status, 0) + 1


def answer_end(buffer: bytes) -> int:
    """Give where the first answer in ``buffer`` ends (it may be beyond what has come), 0 while its head is incomplete."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    at = buffer.find(b"Content-Length: ", 0, head)
    if at < 0:
        return head + 4
    return head + 4 + int(buffer[at + 16 : buffer.find(b"\r", at)])


async def load(
    port: int, requests: Sequence[bytes], connections: int, seconds: float, *, expected: Container[int] = (200,)
) -> Answered:
    """Send ``requests`` in turn over ``connections`` to a port of this machine for ``seconds``."""
    answered, began = Answered(), time.perf_counter()
    until = began + min(seconds, LONGEST)
    turns = itertools.cycle(requests)
    loop = asyncio.get_running_loop()
    lines = [_Line(turns, until, expected, answered) for _ in range(connections)]
    for line in lines:
        await loop.create_connection(lambda line=line: line, "127.0.0.1", port)  # type: ignore[misc]  # a default binds it
    async with asyncio.timeout(seconds + _PATIENCE):
        await asyncio.gather(*(line.done for line in lines))
    answered.seconds = time.perf_counter() - began
    return answered
