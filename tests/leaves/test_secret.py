"""A secret shows itself in no way but one."""

import copy
import json
import pickle
from dataclasses import dataclass

import pytest

from bridge.secret import Secret

CLEAR = "Canary-Passw0rd"


@dataclass
class Holder:
    token: Secret


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret(CLEAR)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>40}",
        f"{secret!r}",
        repr(Holder(secret)),
        repr([secret]),
    ]
    assert all(CLEAR not in text and "***" in text for text in shown)
    with pytest.raises(TypeError):
        json.dumps(secret)


@pytest.mark.parametrize("copying", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_not_copied(copying: object) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        copying(Secret(CLEAR))  # type: ignore[operator]


def test_reveal_and_compare() -> None:
    assert Secret(CLEAR).reveal() == CLEAR
    assert Secret(CLEAR).matches(CLEAR)
    assert Secret(CLEAR) == Secret(CLEAR)
    assert Secret(CLEAR) != CLEAR
    assert not Secret(CLEAR).matches("")
    assert len({Secret(CLEAR), Secret(CLEAR)}) == 1
    assert not Secret("")
