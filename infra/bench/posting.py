"""The PBX's side of P5: 32 keep-alive connections that post events, by the clock or as fast as answers come.

Events of one call go out one after the other, each when the last was answered: two on their way at once could overtake each other
before they reach the server, and the fault would be the sender's.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from infra.bench.calls import Caller, in_turn
from infra.bench.http_load import answer_end

CONNECTIONS = 32
MOST_WAITING = 20_000
_PATIENCE = 15.0


class _Line(asyncio.Protocol):
    """One connection; ``done`` hears of each complete answer."""

    def __init__(self, office: "Office") -> None:
        self._office = office
        self._buffer = b""
        self._person = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def post(self, person: int, event: bytes) -> None:
        self._person = person
        self._transport.write(event)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = answer_end(self._buffer)
        if not end or end > len(self._buffer):
            return
        status, self._buffer = int(self._buffer[9:12]), b""
        self._office.answered(self, self._person, status)

    def close(self) -> None:
        self._transport.close()


class Office:
    """The connections to one server. Open one, then post by the clock (:meth:`by_clock`) or in a closed loop."""

    def __init__(self, callers: list[Caller]) -> None:
        self._callers = callers
        self._free: deque[_Line] = deque()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._behind: dict[int, deque[bytes]] = {}
        """Whose event is under way or waits for a connection, and what is to follow it."""
        self._lines: list[_Line] = []
        self._own: dict[_Line, deque[Caller]] = {}
        self._until = 0.0
        self._busy = 0
        self.refused: dict[int, int] = {}

    async def open(self, port: int) -> None:
        """Connect."""
        loop = asyncio.get_running_loop()
        for number in range(CONNECTIONS):
            _, line = await loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
            self._lines.append(line)
            self._free.append(line)
            self._own[line] = deque(self._callers[number::CONNECTIONS])

    def close(self) -> None:
        """Disconnect."""
        for line in self._lines:
            line.close()

    async def by_clock(self, rate: float, seconds: float) -> None:
        """Post ``rate`` events a second whether or not earlier ones were answered; everybody's call in turn."""
        everybody = in_turn(self._callers)
        loop = asyncio.get_running_loop()

        def post() -> None:
            caller = next(everybody)
            self._post(caller.number, caller.next_event())

        await asyncio.to_thread(_tick, lambda: loop.call_soon_threadsafe(post), rate, int(rate * seconds))
        await self._settled()

    async def closed_loop(self, seconds: float) -> None:
        """Post on every connection as soon as the last event was answered."""
        self._until = time.perf_counter() + seconds
        for line in tuple(self._free):
            self._free.remove(line)
            self._busy += 1
            self._next(line)
        await self._settled()

    def answered(self, line: _Line, person: int, status: int) -> None:
        """Take an answer, and give the connection its next event."""
        if status != 200:
            self.refused[status] = self.refused.get(status, 0) + 1
        self._follow(person)
        if time.perf_counter() < self._until:
            self._next(line)
        elif self._waiting:
            line.post(*self._waiting.popleft())
        else:
            self._busy -= 1
            self._free.append(line)

    def _follow(self, person: int) -> None:
        behind = self._behind.get(person)
        if behind:
            self._waiting.append((person, behind.popleft()))
        else:
            self._behind.pop(person, None)

    def _next(self, line: _Line) -> None:
        own = self._own[line]
        if not own:
            self._busy -= 1
            self._free.append(line)
            return
        line.post(own[0].number, own[0].next_event())
        own.rotate(-1)

    def _post(self, person: int, event: bytes) -> None:
        behind = self._behind.get(person)
        if behind is not None:
            behind.append(event)
            return
        self._behind[person] = deque()
        if self._free:
            self._busy += 1
            self._free.popleft().post(person, event)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append((person, event))
        else:
            raise RuntimeError("the server does not keep up at all")

    async def _settled(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            while self._busy or self._waiting:  # noqa: ASYNC110 - looked at rarely, and only when all is sent
                await asyncio.sleep(0.005)


def _tick(due: Callable[[], object], rate: float, count: int) -> None:
    """Call ``due`` so many times at an even pace. In a thread: an event loop's own timers wake to the millisecond only."""
    began = time.perf_counter()
    for number in range(count):
        wait = began + number / rate - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        due()
