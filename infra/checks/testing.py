"""How tests are built: real parts, no patched names, no waiting by the clock, nothing that cannot fail."""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from infra.checks.calls import called_name
from infra.checks.tree import Fault, Tree, syntax

LONGEST_SLEEP = 0.2
MOCKING_MODULES = ("unittest.mock", "mock", "pytest_mock", "pretend")
MOCKING_CALLS = frozenset({"Mock", "MagicMock", "AsyncMock", "patch"})
PATCHING = frozenset({"setattr", "delattr"})
ASSERTING = ("assert", "expect", "check", "must", "raises", "warns", "fail")


def no_mocks(tree: Tree) -> Iterator[Fault]:
    """Tests run against real parts or the simulators, never against a patched name."""
    for file in tree.python("tests"):
        for node in ast.walk(syntax(file)):
            if found := _mocking(node):
                message = f"{found}: use a real part or a stand-in of infra/simulator"
                yield Fault(file.path, getattr(node, "lineno", 0), "no-mocks", message)


def no_long_sleeps(tree: Tree) -> Iterator[Fault]:
    """A test waits for a condition with a deadline, it does not sleep 0.2 s or longer."""
    for file in tree.python("tests"):
        for node in ast.walk(syntax(file)):
            if isinstance(node, ast.Call) and called_name(node) == "sleep" and _seconds(node) >= LONGEST_SLEEP:
                yield Fault(file.path, node.lineno, "long-sleep", "wait for a condition with a deadline instead")


def tests_assert(tree: Tree) -> Iterator[Fault]:
    """Every test function can fail: it asserts, expects an error or calls what does."""
    for file in tree.python("tests"):
        for node in ast.walk(syntax(file)):
            if _is_test(node) and not any(_asserts(part) for part in ast.walk(node)):
                yield Fault(file.path, node.lineno, "tests-assert", f"{node.name} asserts nothing")


def _mocking(node: ast.AST) -> str:
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if alias.name in MOCKING_MODULES), "")
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return next((name for name in [node.module or "", *names] if name in MOCKING_MODULES), "")
    name = called_name(node)
    if name in MOCKING_CALLS or (name in PATCHING and _owner(node) == "monkeypatch"):
        return f"{name}()"
    return ""


def _owner(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return node.func.value.id
    return ""


def _seconds(call: ast.Call) -> float:
    first = call.args[0] if call.args else None
    value = first.value if isinstance(first, ast.Constant) else None
    return float(value) if isinstance(value, int | float) else 0.0


def _is_test(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")


def _asserts(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or called_name(node).lstrip("_").startswith(ASSERTING)
