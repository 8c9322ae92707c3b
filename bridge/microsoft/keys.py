"""Public keys of token issuers: OpenID metadata and key sets, read asynchronously and kept."""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.errors import TooManyAttempts, Unavailable

DEADLINE = 5.0
"""Seconds for metadata and keys together."""
MAXIMUM_ANSWER = 256 * 1024
MAXIMUM_KEYS = 100
MINIMUM_BITS = 2048
LIFE = 24 * 3600.0
"""Seconds after which keys are read again although nothing is missing."""
REFRESH_GAP = 30.0
"""Least time in seconds between two readings for the sake of an unknown key id."""
RETRY_GAP = 2.0
"""Least time between two attempts as long as no key at all is known."""
ISSUERS_KEPT = 512
BURST, PER_SECOND = 20.0, 1 / 3
"""Readings that callers who proved nothing may cause: so many at once, and so many a second in the long run."""

Outcome = Callable[[str], None]
"""Told ``read``, ``unknown_issuer`` or ``failed`` for each reading."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """One published key. ``issuer`` is the issuer that Entra names beside some keys, else ``None``."""

    id: str
    public: RSAPublicKey
    endorsements: frozenset[str] = frozenset()
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer's name and keys by key id."""

    name: str
    keys: Mapping[str, VerifyingKey]


@dataclass(slots=True)
class _Shelf:
    """What is known of one metadata URL. ``denied``: its host says that there is no such issuer."""

    issuer: Issuer | None = None
    read_at: float = float("-inf")
    tried_at: float = float("-inf")
    missed_at: float = float("-inf")
    """When it was last read for the sake of an unknown key id: a first reading does not delay the one after a rotation."""
    denied: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def misses(self, kid: str) -> bool:
        return self.issuer is None or kid not in self.issuer.keys


class _Unreadable(Exception):
    """No usable answer."""


class _NoSuchIssuer(Exception):
    """The metadata's host answers that it knows no such issuer."""


class KeyStore:
    """Issuers by metadata URL: one reading at a time for each, the last good keys kept while an issuer is away.

    ``clock`` gives monotonic seconds; ``deadline`` is that of one reading, in seconds.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        clock: Callable[[], float] = time.monotonic,
        told: Outcome | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._http = http
        self._deadline = deadline
        self._clock = clock
        self._told = told
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._allowance = BURST
        self._allowance_at = clock()

    async def issuer(self, metadata_url: str, kid: str, *, proven: bool = True) -> Issuer | None:
        """Give the issuer behind ``metadata_url``, read again if ``kid`` is unknown and that is due.

        ``proven=False`` draws on a small common allowance: for URLs that a caller chose who has proved nothing.
        ``None``: there is no such issuer. The key may still be missing from the answer.

        Raises:
            Unavailable: nothing is known and the issuer cannot be reached.
            TooManyAttempts: the allowance is used up.
        """
        shelf = self._shelf(metadata_url)
        reading = shelf.lock.locked()  # who misses a key waits for the reading under way, who has one does not
        if (reading and shelf.misses(kid)) or (not reading and self._is_due(shelf, kid)):
            async with shelf.lock:
                if self._is_due(shelf, kid):
                    self._draw(proven=proven)
                    if shelf.issuer is not None and shelf.misses(kid):
                        shelf.missed_at = self._clock()
                    await self._read_again(metadata_url, shelf)
        if shelf.issuer is None and not shelf.denied:
            raise Unavailable("the token issuer cannot be reached")
        return shelf.issuer

    def holds(self, metadata_url: str) -> bool:
        """Tell whether keys of this issuer are known."""
        shelf = self._shelves.get(metadata_url)
        return shelf is not None and shelf.issuer is not None

    def anywhere(self, kid: str) -> VerifyingKey | None:
        """A key with this id from any issuer: Entra signs for all tenants of a cloud with the same keys."""
        for shelf in self._shelves.values():
            if shelf.issuer is not None and (key := shelf.issuer.keys.get(kid)) is not None:
                return key
        return None

    def _shelf(self, metadata_url: str) -> _Shelf:
        shelf = self._shelves.setdefault(metadata_url, _Shelf())
        self._shelves.move_to_end(metadata_url)
        if len(self._shelves) > ISSUERS_KEPT:
            self._shelves.popitem(last=False)
        return shelf

    def _is_due(self, shelf: _Shelf, kid: str) -> bool:
        now = self._clock()
        if shelf.issuer is None:
            return now - shelf.tried_at >= (REFRESH_GAP if shelf.denied else RETRY_GAP)
        if shelf.misses(kid):
            return now - shelf.missed_at >= REFRESH_GAP
        return now - shelf.read_at >= LIFE and now - shelf.tried_at >= REFRESH_GAP

    def _draw(self, *, proven: bool) -> None:
        now = self._clock()
        self._allowance = min(BURST, self._allowance + (now - self._allowance_at) * PER_SECOND)
        self._allowance_at = now
        if proven:
            return
        if self._allowance < 1:
            raise TooManyAttempts(int(1 / PER_SECOND), "too many unknown issuers")
        self._allowance -= 1

    async def _read_again(self, metadata_url: str, shelf: _Shelf) -> None:
        shelf.tried_at = self._clock()  # first of all, so that a caller who goes away has used up the attempt as well
        try:
            shelf.issuer = await self._read(metadata_url)
        except _NoSuchIssuer:
            shelf.denied = True
            self._tell("unknown_issuer")
        except _Unreadable:
            self._tell("failed")
        else:
            shelf.denied = False
            shelf.read_at = self._clock()
            self._tell("read")

    def _tell(self, outcome: str) -> None:
        if self._told is not None:
            self._told(outcome)

    async def _read(self, metadata_url: str) -> Issuer:
        try:
            async with asyncio.timeout(self._deadline):
                metadata = await self._get(metadata_url)
                name, keys_url = metadata.get("issuer"), metadata.get("jwks_uri")
                if not isinstance(name, str) or not isinstance(keys_url, str) or not _fits(keys_url, metadata_url):
                    raise _Unreadable
                keys = read_keys(await self._get(keys_url))
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError):
            raise _Unreadable from None
        if not keys:
            raise _Unreadable
        return Issuer(name, MappingProxyType(keys))

    async def _get(self, url: str) -> Mapping[str, object]:
        async with self._http.get(
            url, allow_redirects=False, timeout=aiohttp.ClientTimeout(total=self._deadline)
        ) as answer:
            if answer.status in (400, 404):
                raise _NoSuchIssuer
            if answer.status != 200:
                raise _Unreadable
            body = await _bounded(answer)
        document = json.loads(body)
        if not isinstance(document, dict):
            raise _Unreadable
        return document


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > MAXIMUM_ANSWER:
            raise _Unreadable
    return bytes(body)


def _fits(keys_url: str, metadata_url: str) -> bool:
    """Keys come over https, or from the very origin of metadata that is itself on plain http (tests and demo)."""
    keys, metadata = urlsplit(keys_url), urlsplit(metadata_url)
    return keys.scheme == "https" or (keys.scheme, keys.netloc) == (metadata.scheme, metadata.netloc)


def read_keys(document: Mapping[str, object]) -> dict[str, VerifyingKey]:
    """Read the RSA signing keys of a JSON key set (RFC 7517); whatever is something else is passed over."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        return {}
    keys = (_read_key(entry) for entry in entries[:MAXIMUM_KEYS] if isinstance(entry, dict))
    return {key.id: key for key in keys if key is not None}


def _read_key(entry: dict[str, object]) -> VerifyingKey | None:
    kid, endorsements, issuer = entry.get("kid"), entry.get("endorsements"), entry.get("issuer")
    if not isinstance(kid, str) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
        return None
    try:
        public = jwt.PyJWK({"kty": "RSA", "n": entry.get("n"), "e": entry.get("e")}, algorithm="RS256").key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < MINIMUM_BITS:
        return None
    endorsed = frozenset(str(name) for name in endorsements) if isinstance(endorsements, list) else frozenset()
    return VerifyingKey(kid, public, endorsed, issuer if isinstance(issuer, str) else None)
