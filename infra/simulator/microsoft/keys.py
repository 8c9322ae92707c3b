"""Signing keys: RSA pairs, the published key sets, rotation on command."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.api_jws import PyJWS

Claims = dict[str, Any]

_JWS = PyJWS()


def base64url(data: bytes) -> str:
    """Base64 for URLs without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64url_number(number: int) -> str:
    """An RSA number as RFC 7518 wants it in a key: big-endian octets, base64url."""
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One RSA pair with its key id."""

    kid: str
    private: rsa.RSAPrivateKey

    def sign(self, claims: Claims, *, algorithm: str = "RS256", **headers: Any) -> str:
        """A compact signed token; `headers` are added to `alg`, `typ` and `kid` or replace them."""
        payload = json.dumps(claims, separators=(",", ":")).encode()
        # below the layer that checks claims: forged tokens carry what that layer refuses to write
        return _JWS.encode(
            payload, self.private, algorithm=algorithm, headers={"typ": "JWT", "kid": self.kid, **headers}
        )

    def public_pem(self) -> bytes:
        """The public half as PEM (what a careless verifier could take for an HMAC secret)."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def published(self, **extra: Any) -> dict[str, Any]:
        """The public half as an entry of a JSON key set; `extra` adds fields such as `endorsements`."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": base64url_number(numbers.n),
            "e": base64url_number(numbers.e),
            **extra,
        }


async def generate_key() -> SigningKey:
    """A fresh 2048-bit key, made off the event loop; the key id is the thumbprint of its public half."""
    private = await asyncio.to_thread(rsa.generate_private_key, public_exponent=65537, key_size=2048)
    number = private.public_key().public_numbers().n
    thumbprint = hashlib.sha256(base64url_number(number).encode()).digest()[:20]
    return SigningKey(base64url(thumbprint), private)


class KeyRing:
    """The keys of one issuer: the first signs, all are published."""

    def __init__(self, first: SigningKey) -> None:
        self._keys = [first]

    @property
    def current(self) -> SigningKey:
        """The key that signs now."""
        return self._keys[0]

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """Everything that is published, newest first."""
        return tuple(self._keys)

    async def rotate(self, *, keep: int = 1) -> SigningKey:
        """Sign with a new key from now on; `keep` older ones stay published (0 withdraws them all at once)."""
        self._keys = [await generate_key(), *self._keys[:keep]]
        return self.current

    def find(self, kid: object) -> SigningKey | None:
        """The published key with this id."""
        return next((key for key in self._keys if key.kid == kid), None)
