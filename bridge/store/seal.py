"""Sealing of what rests in Redis: AES-256-GCM under a key of its own for each value.

Layout: version (1) ‖ key id (4) ‖ salt (32) ‖ nonce (12) ‖ ciphertext and tag. The key of a value is
HKDF-SHA256(master key, salt, info = name of its Redis key); version, key id and that name are authenticated with it. So
nonces cannot meet under one key, no value can be moved to another name, and any changed byte is noticed.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
ETAG_BYTES = 37
"""Length of the head that differs between any two sealed values: version, key id, salt."""

_VERSION = b"\x01"
_SALT_AT, _NONCE_AT, _BODY_AT = 5, 37, 49
_SHA256 = SHA256()


class SealBroken(Exception):
    """The value was not sealed by us for this name; says nothing about its content."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A value and whether it was sealed under a key that no longer seals."""

    value: bytes
    stale: bool


class Seal:
    """Seals with the first master key, opens with all of them."""

    def __init__(self, keys: Sequence[bytes], on_broken: Callable[[], None] = lambda: None) -> None:
        """``on_broken`` counts values that could not be opened.

        Raises:
            ValueError: no key, a key that is not 32 bytes long, or one that is there twice.
        """
        if not keys or any(len(key) != KEY_BYTES for key in keys) or len(set(keys)) != len(keys):
            raise ValueError("sealing needs different keys of 32 bytes")
        self._keys = {key_id(key): key for key in keys}
        self._first = key_id(keys[0])
        self._on_broken = on_broken

    def seal(self, name: str, value: bytes) -> bytes:
        """Seal ``value`` for the Redis key ``name``."""
        salt, nonce, info = os.urandom(32), os.urandom(12), name.encode()
        head = _VERSION + self._first
        cipher = AESGCM(HKDF(_SHA256, KEY_BYTES, salt, info).derive(self._keys[self._first]))
        return b"".join((head, salt, nonce, cipher.encrypt(nonce, value, head + info)))

    def open(self, name: str, sealed: bytes) -> Opened:
        """Open what was sealed for ``name``.

        Raises:
            SealBroken: changed, moved from another name, sealed under a key we do not have, or no sealed value at all.
        """
        head, info = sealed[:_SALT_AT], name.encode()
        master = self._keys.get(head[1:])
        if head[:1] != _VERSION or master is None or len(sealed) <= _BODY_AT:
            raise self._broken()
        cipher = AESGCM(HKDF(_SHA256, KEY_BYTES, sealed[_SALT_AT:_NONCE_AT], info).derive(master))
        try:
            value = cipher.decrypt(sealed[_NONCE_AT:_BODY_AT], sealed[_BODY_AT:], head + info)
        except InvalidTag:
            raise self._broken() from None
        return Opened(value, stale=head[1:] != self._first)

    def _broken(self) -> SealBroken:
        self._on_broken()
        return SealBroken("a sealed value cannot be opened")


def derived(master: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for another purpose than sealing."""
    return HKDF(_SHA256, KEY_BYTES, b"", b"starface bridge: " + purpose.encode()).derive(master)


def key_id(master: bytes) -> bytes:
    """Give the four bytes by which a sealed value names its master key."""
    return derived(master, "key id")[:4]
