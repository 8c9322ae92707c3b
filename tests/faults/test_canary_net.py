"""The net holds: a planted leak is found in each of its encodings, and a clean text is not accused."""

import logging
from pathlib import Path

import pytest

from tests.canary import NAME, NUMBER, PASSWORD, Net, encodings


@pytest.fixture
def own_net() -> Net:
    return Net()


@pytest.mark.parametrize("encoding", encodings(PASSWORD))
@pytest.mark.parametrize("value", [PASSWORD, NAME, NUMBER[1:]], ids=["password", "name", "number"])
def test_a_planted_leak_is_found(own_net: Net, encoding: str, value: str) -> None:
    own_net.keep("some.log", b"before " + encodings(value)[encoding] + b" after")
    assert encoding in {hit.encoding for hit in own_net.search()}


def test_a_clean_text_is_not_accused(own_net: Net) -> None:
    own_net.keep("some.log", "signed_in pbx=p1 handle=abcdef password=*** number=+49...77")
    assert own_net.search() == []


def test_a_leak_in_a_file_is_found(own_net: Net, tmp_path: Path) -> None:
    own_net.keep_file(tmp_path / "directory.db")
    assert own_net.search() == []
    (tmp_path / "directory.db").write_bytes(PASSWORD.encode("utf-16-le"))
    assert [hit.encoding for hit in own_net.search(["password"])] == ["utf16"]


def test_a_hit_never_shows_the_value(own_net: Net) -> None:
    own_net.keep("some.log", PASSWORD)
    assert PASSWORD not in repr(own_net.search())


def test_a_careless_log_line_of_this_process_reaches_the_evidence(net: Net) -> None:

    logging.getLogger("bridge.careless").warning("evidence check %s", 1)
    assert b"evidence check" in net.evidence("log-of-this-process")
