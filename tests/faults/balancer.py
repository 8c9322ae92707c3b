"""A load balancer of forty lines: each new connection goes to the next process that accepts one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

PIECE = 65536


class Balancer:
    """Forwards TCP connections to ``ports`` of 127.0.0.1 in turn; one that refuses is skipped."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = list(ports)
        self._turn = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until either side ends."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            upstream = await self._connected()
            if upstream is not None:
                with contextlib.closing(upstream[1]):
                    await asyncio.gather(_copied(reader, upstream[1]), _copied(upstream[0], writer))
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self.ports:
            self._turn += 1
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self.ports[self._turn % len(self.ports)])
        return None

    async def stop(self) -> None:
        """Cut what is still open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def balanced(port: int, ports: Sequence[int]) -> AsyncIterator[Balancer]:
    """Listen on ``port`` for as long as the block lasts."""
    balancer = Balancer(ports)
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", port)
    try:
        yield balancer
    finally:
        server.close()
        await balancer.stop()
