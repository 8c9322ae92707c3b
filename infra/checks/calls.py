"""Calls that only a few named files may make: each exception stands with its reason in ``allowances.toml``."""

import ast
from collections.abc import Iterator, Mapping

from infra.checks.tree import PRODUCTION, ROOMS, Fault, SourceFile, Tree, imports, syntax

GUARDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "create_task": ((*PRODUCTION, "infra"), "a background task needs an owner that stops it"),
    "ensure_future": ((*PRODUCTION, "infra"), "a background task needs an owner that stops it"),
    "reveal": (PRODUCTION, "a secret leaves its wrapper only where it is used"),
    "ClientSession": (PRODUCTION, "the HTTP session is passed in"),
}


def guarded_calls(tree: Tree) -> Iterator[Fault]:
    """``create_task``, ``reveal`` and ``ClientSession`` are called only where the house allows it."""
    for file in tree.python("app.py", *ROOMS):
        for node in ast.walk(syntax(file)):
            name = called_name(node)
            if name not in GUARDED or file.room not in GUARDED[name][0] or tree.allows(name, file.path):
                continue
            message = f"{name}() is not allowed here: {GUARDED[name][1]} (allowances.toml names the exceptions)"
            yield Fault(file.path, getattr(node, "lineno", 0), "guarded-call", message)


def stale_allowances(tree: Tree) -> Iterator[Fault]:
    """An allowance that no file uses any more is taken back."""
    for rule, paths in tree.allowances.items():
        used = {file.path for file in tree.python("app.py", *ROOMS) if _uses(rule, file)}
        for path, reason in paths.items():
            if path not in used:
                yield Fault(path, 0, "stale-allowance", f"no longer uses {rule}: take its line out of allowances.toml")
            elif not reason.strip():
                yield Fault(path, 0, "stale-allowance", f"the allowance for {rule} has no reason")


def called_name(node: ast.AST) -> str:
    """Give the last name of what a call calls, or nothing."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _uses(rule: str, file: SourceFile) -> bool:
    if rule in GUARDED:
        return any(called_name(node) == rule for node in ast.walk(syntax(file)))
    return any(module.partition(".")[0] == rule for _, module in imports(file))
