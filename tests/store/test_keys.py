"""Names: stable, keyed, without anything of a person in them, and together where they must be."""

from collections.abc import Callable

import pytest

from bridge.model.ids import PbxId, TenantId, UserHandle
from bridge.store import keys
from bridge.store.keys import Names, owner_of
from tests.stores import user

NAMES = Names(b"k" * 32)


def test_a_handle_is_stable_and_keyed() -> None:
    handle = NAMES.handle(user())
    assert handle == Names(b"k" * 32).handle(user())
    assert handle != Names(b"j" * 32).handle(user())
    assert handle.isalnum()
    assert handle == handle.lower()
    assert len(handle) == 26


def test_neither_half_of_a_person_decides_alone() -> None:
    pairs = [("a", "b"), ("b", "a"), ("ab", ""), ("", "ab"), ("a\0", "b"), ("a", "\0b"), ("a:1", "b"), ("a", "1:b")]
    assert len({NAMES.handle(user(person, tenant)) for tenant, person in pairs}) == len(pairs)


def test_no_name_holds_what_it_was_made_from() -> None:
    names = [
        NAMES.handle(user("person-id", "tenant-id")),
        NAMES.pbx_people(TenantId("tenant-id"), PbxId("pbx-id")),
        NAMES.claim("activity", "activity-id"),
        NAMES.kept("answer", "tenant-id"),
        NAMES.slot("logins", "tenant-id/pbx-id"),
        NAMES.limit("login", "tenant-id", "pbx-id", "login-of-a-person"),
    ]
    assert not [
        name
        for name in names
        for part in ("person-id", "tenant-id", "pbx-id", "activity-id", "login-of")
        if part in name
    ]


@pytest.mark.parametrize("name", [keys.session, keys.reason, keys.calls, keys.pulse, keys.traces, keys.feed_channel])
def test_all_keys_of_a_person_share_one_tag(name: Callable[[UserHandle], str]) -> None:
    handle = NAMES.handle(user())
    assert f"{{{handle}}}" in name(handle)
    assert name(handle).startswith(keys.PREFIX)


def test_what_belongs_to_a_person_lies_with_their_keys() -> None:
    handle = NAMES.handle(user())
    assert owner_of(handle) == owner_of(f"{handle}/some-key") == handle
    assert f"{{{handle}}}" in NAMES.kept("interrupted", handle)
    assert f"{{{handle}}}" in NAMES.claim("command", f"{handle}/some-key")


@pytest.mark.parametrize("subject", ["", "tenant/pbx", "a" * 25, "a" * 27, "A" * 26, "1" * 26])
def test_other_subjects_belong_to_nobody(subject: str) -> None:
    assert owner_of(subject) is None


def test_purpose_and_subject_cannot_be_shifted() -> None:
    assert NAMES.claim("a", "b/c") != NAMES.claim("a/b", "c")
    assert NAMES.claim("x", "y").split(":")[-1] != NAMES.kept("x", "y").split(":")[-1]
