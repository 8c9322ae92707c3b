"""A short run of the fuzz target; the long one is a command."""

import random

import pytest

from bridge.starface.wire import EVENT_LIMIT
from infra.fuzz import wire


def test_a_short_run_finds_nothing() -> None:
    findings = wire.run(seconds=8, seed=20240507, most=4_000)
    assert findings.bodies == []
    assert findings.runs > 500
    assert findings.values > 100, "the mutations no longer reach what is readable"


def test_the_same_seed_makes_the_same_bodies() -> None:
    known = wire.examples()
    made = [
        [wire.mutate(known[0], known, chance) for _ in range(50)] for chance in (random.Random(7), random.Random(7))
    ]
    assert made[0] == made[1]
    assert len(set(made[0])) > 40
    assert all(len(body) <= EVENT_LIMIT for body in made[0])


def test_a_broken_promise_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    findings = wire.Findings()
    wire.try_one("not bytes", findings)  # type: ignore[arg-type] # what no promise covers
    assert {name for name, _ in findings.bodies} <= {"TypeError", "AttributeError"}
    assert findings.bodies
    assert wire.main(["--seconds", "0.2"]) == 0
    assert "0 findings" in capsys.readouterr().out
