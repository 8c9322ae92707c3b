"""The grade file has its form, and two rules that no linter knows hold for the model."""

import ast
import dataclasses
import importlib
import inspect
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = [
    "composition-root", "no-import-cycle", "pure-model", "frozen-messages", "codec-with-one-error", "session-passed-in",
    "tasks-have-owners", "errors-by-reaction", "connection-state-is-data", "snapshot-then-events", "short-functions-short-files",
    "strict-types", "docstrings-say-the-contract", "secrets-have-a-type", "one-place-for-names", "stand-ins-with-sockets",
    "shared-store-suites", "recorded-wire-examples", "decisions-recorded", "grade-file",
]  # fmt: skip
MODEL = sorted(path.stem for path in (ROOT / "bridge" / "model").glob("*.py") if path.stem != "__init__")


def faults_of_form(grades: dict[str, str]) -> list[str]:
    """Give what is wrong with the grades: a missing or unknown rule, a grade that is none, an exemption without reason."""
    missing = [f"{rule} is missing" for rule in RULES if rule not in grades]
    unknown = [f"{rule} is no rule" for rule in grades if rule not in RULES]
    exempt = [rule for rule, grade in grades.items() if str(grade).startswith("exempt")]
    unreasoned = [f"{rule} is exempt without a reason" for rule in exempt if not grades[rule].partition(":")[2].strip()]
    odd = [f"{rule}: {grade}" for rule, grade in grades.items() if rule not in exempt and grade not in {"done", "todo"}]
    return missing + unknown + unreasoned + odd


def test_every_rule_has_its_grade() -> None:
    grades = yaml.safe_load((ROOT / "tests" / "quality.yaml").read_text(encoding="utf-8"))["rules"]
    assert faults_of_form(grades) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"grade-file": None}, "grade-file is missing"),
        ({"speed": "done"}, "speed is no rule"),
        ({"grade-file": "exempt: "}, "grade-file is exempt without a reason"),
        ({"grade-file": "nearly"}, "grade-file: nearly"),
    ],
)
def test_a_grade_that_is_none_is_noticed(change: dict[str, str | None], fault: str) -> None:
    grades = {rule: grade for rule, grade in (dict.fromkeys(RULES, "done") | change).items() if grade}
    assert faults_of_form(grades) == [fault]


def test_an_exemption_with_its_reason_is_fine() -> None:
    assert faults_of_form(dict.fromkeys(RULES, "done") | {"grade-file": "exempt: written by hand"}) == []


@pytest.mark.parametrize("name", MODEL)
def test_messages_and_values_of_the_model_are_frozen(name: str) -> None:
    module = importlib.import_module(f"bridge.model.{name}")
    own = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    loose = [kind.__name__ for kind in own if dataclasses.is_dataclass(kind) and not kind.__dataclass_params__.frozen]
    assert loose == []
    assert [kind.__name__ for kind in own if dataclasses.is_dataclass(kind) and "__slots__" not in vars(kind)] == []


@pytest.mark.parametrize("name", MODEL)
def test_nothing_in_the_model_waits(name: str) -> None:
    tree = ast.parse((ROOT / "bridge" / "model" / f"{name}.py").read_text(encoding="utf-8"))
    assert [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)] == []
