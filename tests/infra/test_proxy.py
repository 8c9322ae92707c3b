"""The reverse proxy's configuration under a real nginx: what it passes on, what it refuses, what it never writes down."""

import asyncio
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.infra.conftest import free_port

CONFIGURATION = Path(__file__).parents[2] / "infra" / "container" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CANARY = "canary-7f3a"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx-light)")


@dataclass
class Process:
    """Stands for one process of the service: notes what arrives, answers with its name."""

    name: str
    seen: list[web.Request] = field(default_factory=list)
    cuts: bool = False
    """Whether it closes the connection instead of answering."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        await request.read()
        if self.cuts and request.transport:
            request.transport.abort()
        return web.Response(text=self.name)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"event: snapshot\n\n")
        await asyncio.Event().wait()
        return response

    def application(self) -> web.Application:
        application = web.Application(client_max_size=2**20)
        application.router.add_get("/api/v1/events", self.stream)
        application.router.add_route("*", "/{path:.*}", self.answer)
        return application


@dataclass
class Proxy:
    """A running nginx and what it has written."""

    url: str
    tls: ssl.SSLContext
    home: Path
    processes: list[Process]

    @asynccontextmanager
    async def http(self) -> AsyncIterator[aiohttp.ClientSession]:
        connector = aiohttp.TCPConnector(ssl=self.tls)
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(self.url, connector=connector, timeout=timeout) as session:
            yield session

    async def status(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
        async with self.http() as http, http.request(method, path, data=body, headers=headers) as response:
            return response.status

    def written(self) -> str:
        return (self.home / "out").read_text(encoding="utf-8") + (self.home / "err").read_text(encoding="utf-8")

    async def lines(self, count: int) -> list[str]:
        """Wait until the access log has so many lines."""
        for _ in range(250):
            lines = (self.home / "out").read_text(encoding="utf-8").splitlines()
            if len(lines) >= count:
                return lines
            await asyncio.sleep(0.02)
        raise AssertionError(f"the access log has {len(lines)} lines, {count} were expected")


def configure(home: Path, port: int, processes: list[TestServer]) -> None:
    """Put the paths and names of this machine in the place of the container's."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    places = {
        "/run/secrets/tls_certificate": f"{home}/tls.crt", "/run/secrets/tls_key": f"{home}/tls.key", "/tmp/": f"{home}/",
        "/dev/stdout": f"{home}/out", "/dev/stderr": f"{home}/err", "listen 8443": f"listen 127.0.0.1:{port}",
        "worker_processes auto": "worker_processes 1", "worker_rlimit_nofile 65536": "worker_rlimit_nofile 1024",
        "worker_connections 16384": "worker_connections 512",
    }  # fmt: skip
    for number, process in enumerate(processes, start=1):
        places[f"bridge-{number}:3978"] = f"127.0.0.1:{process.port}"
    assert all(ours in text for ours in places)
    text = re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)
    (home / "nginx.conf").write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(tmp_path / "tls.key")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(tmp_path / "tls.crt", append=True)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    (tmp_path / "out").touch()
    return tmp_path


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[list[Process], list[TestServer]]]:
    processes = [Process("one"), Process("two")]
    async with AsyncExitStack() as stack:
        yield processes, [await stack.enter_async_context(TestServer(process.application())) for process in processes]


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[None]:
    nginx = await asyncio.create_subprocess_exec(*command(home))
    try:
        yield
    finally:
        if nginx.returncode is None:
            nginx.terminate()
        await asyncio.wait_for(nginx.wait(), 10)


@pytest.fixture
async def proxy(home: Path) -> AsyncIterator[Proxy]:
    async with serving() as (processes, servers):
        port = free_port()
        configure(home, port, servers)
        async with running(home):
            await listening(port)
            tls = ssl.create_default_context(cafile=str(home / "authority.pem"))
            yield Proxy(f"https://localhost:{port}", tls, home, processes)


def command(home: Path, *more: str) -> list[str]:
    user = "user root; " if os.geteuid() == 0 else ""
    return [
        str(NGINX),
        "-c",
        f"{home}/nginx.conf",
        "-p",
        str(home),
        "-e",
        f"{home}/err",
        "-g",
        f"{user}daemon off;",
        *more,
    ]


async def listening(port: int) -> None:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise AssertionError("nginx does not listen")


async def test_nginx_takes_the_configuration(home: Path) -> None:
    async with serving() as (_, servers):
        configure(home, free_port(), servers)
        done = await asyncio.to_thread(subprocess.run, command(home, "-t"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


async def test_both_processes_get_requests_and_are_told_who_really_asks(proxy: Proxy) -> None:
    for _ in range(4):
        assert (
            await proxy.status(
                "GET", "/api/v1/session", headers={"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "http"}
            )
            == 200
        )
    assert all(process.seen for process in proxy.processes)
    for request in proxy.processes[0].seen + proxy.processes[1].seen:
        assert request.headers.getall("X-Forwarded-For") == ["127.0.0.1"]
        assert request.headers.getall("X-Forwarded-Proto") == ["https"]
        assert request.headers["Host"] == "localhost"


async def test_neither_query_nor_capability_nor_address_is_written_down(proxy: Proxy) -> None:
    assert await proxy.status("GET", f"/api/v1/contacts?q={CANARY}", headers={"Referer": f"https://{CANARY}/"}) == 200
    assert await proxy.status("POST", f"/uci/{CANARY}?token={CANARY}", b"<a/>") == 200
    for process in proxy.processes:
        process.cuts = True
    assert await proxy.status("GET", f"/api/v1/contacts?q={CANARY}") == 502
    assert await proxy.status("POST", f"/uci/{CANARY}?token={CANARY}", b"x" * 70_000) == 413
    assert await proxy.status("GET", f"/{CANARY * 2000}") in {400, 414}
    lines = await proxy.lines(4)
    assert len(lines) >= 4
    assert '"path":"/api/v1/contacts","status":200' in lines[0]
    assert '"path":"/uci/***","status":200' in lines[1]
    assert CANARY not in "\n".join(lines[:4])
    assert "127.0.0.1:" in lines[0], "the process that answered is named"
    assert '"127.0.0.1"' not in proxy.written()
    assert CANARY not in (proxy.home / "err").read_text(encoding="utf-8")


async def test_the_first_event_of_a_stream_comes_at_once(proxy: Proxy) -> None:
    async with proxy.http() as http, http.get("/api/v1/events") as response:
        first = await asyncio.wait_for(response.content.readline(), 2)
    assert first == b"event: snapshot\n"


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/uci/a", 65_536, 200),
        ("/uci/a", 65_537, 413),
        ("/api/v1/calls", 262_144, 200),
        ("/api/messages", 262_145, 413),
    ],
)
async def test_bodies_are_bounded(proxy: Proxy, path: str, size: int, status: int) -> None:
    assert await proxy.status("POST", path, b"x" * size) == status


@pytest.mark.parametrize("path", ["/", "/metrics", "/admin", "/app.py", "/tab/../metrics"])
async def test_what_is_not_for_the_outside_is_not_there(proxy: Proxy, path: str) -> None:
    assert await proxy.status("GET", path) == 404
    assert not any(process.seen for process in proxy.processes)


async def test_with_one_process_gone_reads_go_on_and_nothing_is_done_twice(proxy: Proxy) -> None:
    dying, living = proxy.processes
    dying.cuts = True
    assert [await proxy.status("GET", "/tab/") for _ in range(4)] == [200] * 4
    dying.cuts, living.cuts = True, True
    for process in proxy.processes:
        process.seen.clear()
    assert await proxy.status("POST", "/api/v1/calls", b"{}") == 502
    assert len(dying.seen) + len(living.seen) <= 1
