"""How tests are built: real parts, no patched names, no waiting by the clock, nothing that cannot fail."""

import ast
from collections.abc import Iterator

from infra.checks.calls import called_name
from infra.checks.tree import Fault, Tree, syntax

LONGEST_SLEEP = 0.2
MOCKING_MODULES = ("unittest.mock", "mock", "pytest_mock", "pretend")
MOCKING_CALLS = frozenset({"Mock", "MagicMock", "AsyncMock", "patch"})
PATCHING = frozenset({"setattr", "delattr"})
MOCKERS = frozenset({"", "mock", "mocker"})
ASSERTING = (
    "assert",
    "expect",
    "check",
    "must",
    "until",
    "wait_for",
    "raises",
    "warns",
    "fail",
    "suppress",
    "does_not_raise",
)
ADVICE = "if all it says is that nothing is raised, let it say so: with does_not_raise() (contextlib.nullcontext)"
GENERATING = "given"
"""Decorator of a property: one that only calls still fails by what is raised."""


def no_mocks(tree: Tree) -> Iterator[Fault]:
    """Tests run against real parts or the simulators, never against a patched name."""
    for file in tree.python("tests"):
        for node in ast.walk(syntax(file)):
            if found := _mocking(node):
                message = f"{found}: use a real part or a stand-in of infra/simulator"
                yield Fault(file.path, getattr(node, "lineno", 0), "no-mocks", message)


def no_long_sleeps(tree: Tree) -> Iterator[Fault]:
    """A test waits for a condition with a deadline, it does not sleep 0.2 s or longer (a stand-in that hangs may)."""
    for path, test in _tests(tree):
        for node in ast.walk(test):
            if isinstance(node, ast.Call) and called_name(node) == "sleep" and _seconds(node) >= LONGEST_SLEEP:
                yield Fault(path, node.lineno, "long-sleep", "wait for a condition with a deadline instead")


def tests_assert(tree: Tree) -> Iterator[Fault]:
    """Every test function can fail: it asserts, expects an error, is a property or calls what does."""
    for path, test in _tests(tree):
        if not any(_asserts(node) for node in ast.walk(test)):
            yield Fault(path, test.lineno, "tests-assert", f"{test.name} asserts nothing: {ADVICE}")


def _tests(tree: Tree) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file in tree.python("tests"):
        for node in ast.walk(syntax(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield file.path, node


def _mocking(node: ast.AST) -> str:
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if alias.name in MOCKING_MODULES), "")
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return next((name for name in [node.module or "", *names] if name in MOCKING_MODULES), "")
    name = called_name(node)
    owner = _owner(node)
    if (name in MOCKING_CALLS and owner in MOCKERS) or (name in PATCHING and owner == "monkeypatch"):
        return f"{name}()"
    return ""


def _owner(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return node.func.value.id
    return "" if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else "(an expression)"


def _seconds(call: ast.Call) -> float:
    first = call.args[0] if call.args else None
    value = first.value if isinstance(first, ast.Constant) else None
    return float(value) if isinstance(value, int | float) else 0.0


def _asserts(node: ast.AST) -> bool:
    name = called_name(node).lstrip("_")
    return isinstance(node, ast.Assert) or name.startswith(ASSERTING) or name == GENERATING
