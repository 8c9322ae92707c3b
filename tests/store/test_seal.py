"""Sealing: only what was sealed by us, for this name, unchanged, can be opened."""

import base64
import os

import pytest

from bridge.store.seal import ETAG_BYTES, Seal, SealBroken
from tests.stores import NEW_KEY, OLD_KEY

NAME = "sfb:session:{abcdefghijklmnopqrstuvwxyz}"


def test_gives_back_what_was_sealed() -> None:
    opened = Seal((OLD_KEY,)).open(NAME, Seal((OLD_KEY,)).seal(NAME, b"content"))
    assert opened.value == b"content"
    assert not opened.stale


def test_seals_nothing_too() -> None:
    seal = Seal((OLD_KEY,))
    assert seal.open(NAME, seal.seal(NAME, b"")).value == b""


def test_any_changed_byte_breaks_the_seal() -> None:
    broken: list[None] = []
    seal = Seal((OLD_KEY,), lambda: broken.append(None))
    tried = 0
    for _ in range(20):
        sealed = seal.seal(NAME, os.urandom(40))
        for place in range(len(sealed)):
            changed = bytearray(sealed)
            changed[place] ^= 1 << (place % 8)
            with pytest.raises(SealBroken):
                seal.open(NAME, bytes(changed))
            tried += 1
    assert len(broken) == tried


@pytest.mark.parametrize("kept", [0, 1, 5, 37, 49, 64])
def test_what_was_cut_off_cannot_be_opened(kept: int) -> None:
    seal = Seal((OLD_KEY,))
    with pytest.raises(SealBroken):
        seal.open(NAME, seal.seal(NAME, b"content")[:kept])


def test_a_value_cannot_be_moved_to_another_name() -> None:
    seal = Seal((OLD_KEY,))
    one, other = seal.seal("sfb:one", b"1"), seal.seal("sfb:other", b"2")
    with pytest.raises(SealBroken):
        seal.open("sfb:other", one)
    with pytest.raises(SealBroken):
        seal.open("sfb:one", other)


def test_an_error_tells_nothing_of_the_value() -> None:
    with pytest.raises(SealBroken) as caught:
        Seal((OLD_KEY,)).open(NAME, b"\x01canary-in-a-value" * 9)
    assert "canary" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_rotation_opens_with_every_key_and_tells_which_is_old() -> None:
    by_old = Seal((OLD_KEY,)).seal(NAME, b"content")
    both = Seal((NEW_KEY, OLD_KEY))
    assert both.open(NAME, by_old).stale
    anew = both.seal(NAME, b"content")
    assert not Seal((NEW_KEY,)).open(NAME, anew).stale
    with pytest.raises(SealBroken):
        Seal((NEW_KEY,)).open(NAME, by_old)


def test_two_seals_of_the_same_have_nothing_in_common() -> None:
    seal = Seal((OLD_KEY,))
    heads = {seal.seal(NAME, b"content")[5:ETAG_BYTES] for _ in range(200)}
    nonces = {seal.seal(NAME, b"content")[ETAG_BYTES : ETAG_BYTES + 12] for _ in range(200)}
    assert len(heads) == len(nonces) == 200


def test_key_id_is_no_part_of_the_key() -> None:
    sealed = Seal((OLD_KEY,)).seal(NAME, b"")
    assert sealed[1:5] not in OLD_KEY
    assert OLD_KEY not in base64.b64decode(base64.b64encode(sealed))


@pytest.mark.parametrize("keys", [(), (b"short",), (b"x" * 33,), (OLD_KEY, OLD_KEY)])
def test_unusable_keys_are_refused(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(keys)
