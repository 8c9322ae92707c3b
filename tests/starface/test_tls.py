"""TLS to a PBX: certificates that must hold, pinned ones, none at all."""

import hashlib
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.errors import PbxProtocol, PbxUnreachable
from bridge.model.pbx import TlsMode
from bridge.secret import Secret
from bridge.starface.address import AddressPolicy
from bridge.starface.errors import (
    CertificateNotPinned,
    TlsFailed,
)
from bridge.starface.net import open_wire
from tests.starface.conftest import QUICK, BenchMaker, ask, entry, names


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "pbx.pem"
    authority.issue_cert("127.0.0.1", "pbx.example.com").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def digest(pem: Path) -> str:
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.DER)).hexdigest()


async def test_a_certificate_is_required_to_hold(
    bench_of: BenchMaker, stack: AsyncExitStack, certified: Path, trust: ssl.SSLContext
) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    required = entry(bench.pbx.port, tls=TlsMode.REQUIRED)
    with pytest.raises(TlsFailed):
        await ask(bench.wire, required)
    policy = AddressPolicy(allow_loopback=True)
    trusting = await stack.enter_async_context(open_wire(policy, QUICK, trust=trust, lookup=names("127.0.0.1")))
    assert (await ask(trusting, required)).status == 400
    assert (await ask(trusting, entry(bench.pbx.port, tls=TlsMode.REQUIRED, host="pbx.example.com"))).status == 400
    with pytest.raises(TlsFailed):
        await ask(trusting, entry(bench.pbx.port, tls=TlsMode.REQUIRED, host="other.example.com"))


async def test_a_pinned_certificate_is_the_one_and_only(bench_of: BenchMaker, certified: Path) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    pinned = entry(bench.pbx.port, tls=TlsMode.PINNED, certificate_sha256=digest(certified))
    other = entry(bench.pbx.port, tls=TlsMode.PINNED, certificate_sha256="00" * 32)
    assert (await ask(bench.wire, pinned)).status == 400
    with pytest.raises(CertificateNotPinned):
        await ask(bench.wire, other)
    assert (await bench.gate.sign_in(pinned, "0001", Secret("Demo-0001!"), None)).access.login == "0001"
    assert [seen.method for seen in bench.pbx.recorder.requests if seen.login][:2] == [
        "ucp.v30.requests.system.getServerVersion",
        "ucp.v30.requests.connection.login",
    ]


async def test_a_certificate_is_shown_without_being_trusted(bench_of: BenchMaker, certified: Path) -> None:
    bench = await bench_of(tls_certificate=str(certified))
    shown = await bench.wire.certificate(entry(bench.pbx.port, tls=TlsMode.PINNED))
    assert hashlib.sha256(shown).hexdigest() == digest(certified)


async def test_plain_http_is_no_tls_and_tls_is_no_plain_http(bench_of: BenchMaker, certified: Path) -> None:
    plain = await bench_of()
    with pytest.raises(TlsFailed):
        await ask(plain.wire, entry(plain.pbx.port, tls=TlsMode.REQUIRED))
    with pytest.raises((TlsFailed, PbxUnreachable)):
        await plain.wire.certificate(entry(plain.pbx.port, tls=TlsMode.REQUIRED))
    secured = await bench_of(tls_certificate=str(certified))
    with pytest.raises((PbxUnreachable, PbxProtocol)):
        await ask(secured.wire, entry(secured.pbx.port, tls=TlsMode.OFF))
