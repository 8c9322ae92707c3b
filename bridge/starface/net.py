"""The only way out to a PBX: one shared HTTP session, the address policy at each socket, bounds on time and bytes, one error tree.

A request and its answer hold credentials, and so do the texts of most HTTP errors: no URL, host or body leaves this file in an
exception, not even in the chain of one (the error is raised outside the ``except`` block that caught its cause).
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from bridge.errors import BridgeError, PbxAddressForbidden
from bridge.model.pbx import PbxEntry, TlsMode
from bridge.starface.address import AddressPolicy, checked_host, is_address
from bridge.starface.errors import (
    AddressRefused,
    AnswerCompressed,
    AnswerCutShort,
    AnswerNotHttp,
    AnswerTimedOut,
    AnswerTooLarge,
    CertificateNotPinned,
    ConnectionCut,
    ConnectionRefused,
    NameNotResolved,
    TlsFailed,
)
from bridge.starface.names import CheckedNames, Lookup
from bridge.starface.wire import ANSWER_LIMIT

__all__ = ["Answer", "Bounds", "Form", "Lookup", "Wire", "open_wire", "translate"]

USER_AGENT: Final = "teams-integration-for-starface"
_USER_TIMEOUT_MS: Final = 10_000
_FILE_S: Final = 600.0
"""For a whole file, however slowly its listener takes it."""
_FILES_PER_HOST: Final = 4
"""Downloads go over connections of their own, so that none ever stands in the way of a call."""
_NAMES_KEPT_S: Final = 30
_IDLE_S: Final = 15.0
"""Shorter than the 20 s after which the PBX's server drops an idle connection, so that it is rarely used as it goes."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Times in seconds, sizes in bytes."""

    connect: float = 3.0
    total: float = 10.0
    answer: int = ANSWER_LIMIT
    per_host: int = 16
    connections: int = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, complete and within its bound. ``body`` may hold anything: it is never shown."""

    status: int
    content_type: str
    body: bytes = field(default=b"", repr=False)
    date: str = ""
    """The peer's own time, as its header says it."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a request sends: a body with its type and further headers."""

    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Wire:
    """The shared session. Made by :func:`open_wire` inside a running event loop; its owner closes it."""

    def __init__(
        self, policy: AddressPolicy, bounds: Bounds, lookup: Lookup | None, trust: ssl.SSLContext | None
    ) -> None:
        self.policy = policy
        self.bounds = bounds
        self._trust = trust or _system_trust()
        self._names = CheckedNames(policy, lookup, bounds.connect)
        self._session = _session(self._connector(bounds.per_host))
        self._files = _session(self._connector(_FILES_PER_HOST))

    def _connector(self, per_host: int) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            resolver=self._names,
            socket_factory=self._open_socket,
            ttl_dns_cache=_NAMES_KEPT_S,
            limit=self.bounds.connections,
            limit_per_host=per_host,
            keepalive_timeout=_IDLE_S,
        )

    async def close(self) -> None:
        """Close every connection and the threads that look up names."""
        await self._session.close()
        await self._files.close()
        await self._names.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def admit(self, host: str, port: int) -> tuple[str, ...]:
        """Give all addresses of a host.

        Raises:
            PbxAddressForbidden: when its spelling or any of its addresses is refused.
            NameNotResolved: when it has none.
        """
        name = checked_host(host)
        if not is_address(name):
            return await self._names.addresses(name, port)
        self.policy.check(name, port)
        return (name,)

    async def send(
        self,
        pbx: PbxEntry,
        method: str,
        path: str,
        form: Form,
        *,
        query: Mapping[str, str] | None = None,
        total: float | None = None,
    ) -> Answer:
        """Make one request and give its answer, whatever its status; redirects come back as they are.

        ``total`` shortens the time for the whole exchange.

        Raises:
            PbxAddressForbidden, PbxUnreachable, PbxTimeout, PbxProtocol: by their classes in this room.
        """
        url = _url(pbx, path, query or {})
        headers = {**form.headers, "Content-Type": form.content_type} if form.content_type else dict(form.headers)
        timeout = aiohttp.ClientTimeout(
            total=min(total or self.bounds.total, self.bounds.total), sock_connect=self.bounds.connect
        )
        failure: BridgeError
        try:
            async with self._session.request(
                method,
                url,
                data=form.body or None,
                headers=headers,
                ssl=self._tls(pbx),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return await self._read(response)
        except BridgeError as refusal:
            failure = type(refusal)(refusal.note)
        except Exception as error:  # noqa: BLE001 - whatever the HTTP library lets out may hold the URL and must not pass
            failure = translate(error)
        raise failure

    @asynccontextmanager
    async def download(
        self, pbx: PbxEntry, path: str, query: str, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make one GET request for a file, on connections apart from all others; ``query`` is written as it is to be sent.

        Raises as :meth:`send`, also for what goes wrong inside the block.
        """
        failure: BridgeError
        try:
            url = _written(pbx, path, query)
            timeout = aiohttp.ClientTimeout(
                total=_FILE_S, sock_connect=self.bounds.connect, sock_read=self.bounds.total, connect=self.bounds.total
            )
            async with self._files.get(
                url, headers=headers, ssl=self._tls(pbx), timeout=timeout, allow_redirects=False
            ) as response:
                yield response
                return
        except BridgeError as refusal:
            failure = type(refusal)(refusal.note)
        except (aiohttp.ClientError, OSError) as error:  # their texts hold the URL
            failure = translate(error)
        raise failure

    async def certificate(self, pbx: PbxEntry) -> bytes:
        """Give the certificate that a PBX shows (DER), without trusting it. Raises as :meth:`send`."""
        addresses = await self.admit(pbx.host, pbx.port)
        failure: BridgeError
        try:
            async with asyncio.timeout(self.bounds.connect):
                return await self._shown_certificate(addresses[0], pbx)
        except BridgeError as refusal:
            failure = type(refusal)(refusal.note)
        except TimeoutError:
            failure = ConnectionRefused("no connection within its time")
        except OSError as error:
            failure = translate(error)
        raise failure

    async def _shown_certificate(self, address: str, pbx: PbxEntry) -> bytes:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        plain = self._open_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, pbx.port)))
        plain.settimeout(0)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(plain, (address, pbx.port))
            _, writer = await asyncio.open_connection(
                sock=plain, ssl=_untrusting(), server_hostname=checked_host(pbx.host), limit=4096
            )
        except BaseException:
            plain.close()
            raise
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
        if not isinstance(shown, bytes):
            raise TlsFailed("the PBX shows no certificate")
        return shown

    def _open_socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """The one place at which a socket to a PBX begins to be: every name, cache and spelling ends here."""
        family, kind, protocol, _, address = info
        try:
            self.policy.check(str(address[0]), int(str(address[1])))
        except PbxAddressForbidden:
            raise _DeniedAddress("denied") from None
        fresh = socket.socket(family, kind, protocol)
        fresh.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; elsewhere a vanished peer is noticed later
            fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
        return fresh

    def _tls(self, pbx: PbxEntry) -> ssl.SSLContext | aiohttp.Fingerprint | bool:
        match pbx.tls:
            case TlsMode.OFF:
                return True
            case TlsMode.REQUIRED:
                return self._trust
            case TlsMode.PINNED:
                return _fingerprint(pbx.certificate_sha256 or "")

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        content_type = response.headers.get("Content-Type", "")[:100].lower()
        date = response.headers.get("Date", "")[:40]
        if 300 <= response.status < 400:
            response.close()
            return Answer(response.status, content_type, date=date)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            response.close()
            raise AnswerCompressed("the answer is compressed")
        return Answer(response.status, content_type, await _bounded(response, self.bounds.answer), date)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
    )


def open_wire(
    policy: AddressPolicy,
    bounds: Bounds | None = None,
    *,
    lookup: Lookup | None = None,
    trust: ssl.SSLContext | None = None,
) -> Wire:
    """Open the shared session; call it inside a running event loop and :meth:`Wire.close` it.

    ``lookup`` replaces the system's name service, ``trust`` the system's certificate authorities.
    """
    return Wire(policy, bounds or Bounds(), lookup, trust)


class _DeniedAddress(OSError):
    """The policy's refusal, in the form in which those who race several addresses pass it on."""


def translate(error: BaseException) -> BridgeError:
    """Give the class for an error of aiohttp, TLS or the system; its text holds URLs and hosts and is dropped."""
    if isinstance(getattr(error, "os_error", error), _DeniedAddress):
        return AddressRefused("the address policy denies an address of this host")
    for kinds, failure in _CAUSES:
        if isinstance(error, kinds):
            return failure(_SENTENCES[failure])
    return AnswerNotHttp(_SENTENCES[AnswerNotHttp])


_CAUSES: Final[tuple[tuple[tuple[type[BaseException], ...], type[BridgeError]], ...]] = (
    ((aiohttp.ServerFingerprintMismatch,), CertificateNotPinned),
    ((aiohttp.ConnectionTimeoutError,), ConnectionRefused),
    ((TimeoutError,), AnswerTimedOut),
    ((aiohttp.ClientConnectorDNSError,), NameNotResolved),
    ((aiohttp.ClientSSLError, ssl.SSLError), TlsFailed),
    ((aiohttp.ClientConnectorError,), ConnectionRefused),
    ((ConnectionRefusedError,), ConnectionRefused),
    ((aiohttp.ClientPayloadError,), AnswerCutShort),
    ((aiohttp.ClientResponseError,), AnswerNotHttp),
    ((aiohttp.ClientConnectionError, ConnectionError, EOFError), ConnectionCut),
    ((OSError,), ConnectionRefused),
)
_SENTENCES: Final[Mapping[type[BridgeError], str]] = {
    CertificateNotPinned: "another certificate than the pinned one",
    ConnectionRefused: "no connection",
    AnswerTimedOut: "no complete answer within its time",
    NameNotResolved: "no address for the name",
    TlsFailed: "no TLS connection, or a certificate that does not hold",
    AnswerCutShort: "the answer ended early",
    AnswerNotHttp: "the answer is no HTTP",
    ConnectionCut: "the connection ended before an answer",
}


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read a body up to ``limit`` bytes; one that is longer costs its connection, not our memory."""
    if (response.content_length or 0) > limit:
        response.close()
        raise AnswerTooLarge("the answer is too large")
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > limit:
            response.close()
            raise AnswerTooLarge("the answer is too large")
    return bytes(body)


def _url(pbx: PbxEntry, path: str, query: Mapping[str, str]) -> URL:
    # Everything is percent-encoded here: a token holds ":", "+", "/" and "=", and yarl leaves some of them as they are.
    return _written(pbx, path, urlencode(query, quote_via=quote, safe=""))


def _written(pbx: PbxEntry, path: str, written: str) -> URL:
    host = checked_host(pbx.host)
    scheme = "http" if pbx.tls is TlsMode.OFF else "https"
    bracketed = f"[{host}]" if ":" in host else host
    return URL.build(scheme=scheme, host=bracketed, port=pbx.port, path=path, query_string=written, encoded=True)


@lru_cache(maxsize=4096)
def _fingerprint(sha256: str) -> aiohttp.Fingerprint:
    """One object for each certificate: connections are shared by its identity."""
    return aiohttp.Fingerprint(bytes.fromhex(sha256))


@lru_cache(maxsize=1)
def _system_trust() -> ssl.SSLContext:
    """The system's certificate authorities, read once."""
    return ssl.create_default_context()


@lru_cache(maxsize=1)
def _untrusting() -> ssl.SSLContext:
    """For looking at a certificate only; nothing is ever sent on such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
