"""Readiness of a PBX, as an administrator is told."""

import hashlib
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.model.pbx import PbxEntry, TlsMode
from bridge.starface.address import AddressPolicy
from bridge.starface.check import check_pbx
from bridge.starface.net import Wire, open_wire
from tests.starface.conftest import QUICK, Bench, BenchMaker, Handler, entry

Serve = Callable[[Handler], Awaitable[int]]


async def grades(wire: Wire, pbx: PbxEntry, now: datetime | None = None) -> dict[str, str]:
    return {check.id: str(check.status) for check in await check_pbx(wire, pbx, now or datetime.now(UTC))}


async def test_a_pbx_without_tls(bench: Bench) -> None:
    assert {check.id: str(check.status) for check in await bench.gate.check(bench.entry)} == {
        "name": "pass",
        "address": "pass",
        "connection": "pass",
        "tls": "warn",
        "starface": "pass",
        "clock": "pass",
        "version": "warn",
        "rest": "pass",
    }
    assert not bench.pbx.recorder.logins.attempts


async def test_an_address_that_is_forbidden(bench: Bench) -> None:
    assert await grades(bench.wire, entry(80, host="169.254.169.254")) == {"address": "fail"}
    assert await grades(bench.wire, entry(80, host="0x7f.1")) == {"address": "fail"}


async def test_a_name_that_does_not_resolve(stack: AsyncExitStack) -> None:
    async def lookup(_host: str, _port: int) -> tuple[str, ...]:
        return ()

    wire = await stack.enter_async_context(open_wire(AddressPolicy(), QUICK, lookup=lookup))
    assert await grades(wire, entry(80, host="pbx.example")) == {"name": "fail"}


async def test_nobody_listens(quick_wire: Wire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = await grades(quick_wire, entry(taken.getsockname()[1]))
    assert found == {"name": "pass", "address": "pass", "connection": "fail"}


@pytest.mark.parametrize(
    ("status", "text"), [(200, "<html></html>"), (404, ""), (302, ""), (401, ""), (200, ""), (503, "")]
)
async def test_something_else_listens(quick_wire: Wire, served: Serve, status: int, text: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    found = await grades(quick_wire, entry(await served(answer)))
    assert found["starface"] == "fail"
    assert "version" not in found


async def test_something_that_is_no_http_listens(quick_wire: Wire, talked: Callable[..., Awaitable[int]]) -> None:
    async def talk(reader: object, writer: object) -> None:
        del reader
        writer.write(b"220 mail.example ESMTP\r\n" * 3)  # type: ignore[attr-defined] # a StreamWriter

    found = await grades(quick_wire, entry(await talked(talk)))
    assert "fail" in (found.get("starface"), found.get("connection"))


async def test_a_clock_that_is_off(bench: Bench) -> None:
    found = await grades(bench.wire, bench.entry, datetime.now(UTC) + timedelta(minutes=5))
    assert found["clock"] == "warn"


@pytest.mark.parametrize("date", ["", "soon", "Tue, 99 May 2024 09:15:02 GMT"])
async def test_a_clock_that_is_not_told(quick_wire: Wire, served: Serve, date: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=400, headers={"Date": date})

    assert "clock" not in await grades(quick_wire, entry(await served(answer)))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "pbx.pem"
    ends_at = datetime.now(UTC) + timedelta(days=100)
    issued = authority.issue_cert("127.0.0.1", not_after=ends_at)
    issued.private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


def _digest(pem: Path) -> str:
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.DER)).hexdigest()


async def test_certificates(bench_of: BenchMaker, certified: Path) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    pinned = replace(bench.entry, tls=TlsMode.PINNED, certificate_sha256=_digest(certified))
    found = await grades(bench.wire, pinned)
    assert (found["tls"], found["certificate"], found["starface"]) == ("pass", "pass", "pass")
    days = {check.id: check.fact for check in await check_pbx(bench.wire, pinned, datetime.now(UTC))}["certificate"]
    assert days == "99"
    late = await grades(bench.wire, pinned, datetime.now(UTC) + timedelta(days=90))
    assert late["certificate"] == "warn"
    other = await grades(bench.wire, replace(pinned, certificate_sha256="00" * 32))
    assert (other["tls"], other["certificate"]) == ("fail", "fail")
    untrusted = await grades(bench.wire, replace(pinned, tls=TlsMode.REQUIRED))
    assert (untrusted["tls"], untrusted["certificate"]) == ("fail", "pass")
    assert "starface" not in untrusted


async def test_a_pbx_that_tells_its_version_openly(quick_wire: Wire, served: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = b"<methodResponse><params><param><value>10.0.0.4</value></param></params></methodResponse>"
        if request.path != "/xml-rpc":
            return web.Response(status=404)
        return web.Response(body=body) if await request.read() else web.Response(status=400)

    checks = await check_pbx(quick_wire, entry(await served(answer)), datetime.now(UTC))
    told = {check.id: (str(check.status), check.fact) for check in checks}
    assert told["version"] == ("pass", "10.0.0.4")
    assert told["rest"] == ("warn", "")
