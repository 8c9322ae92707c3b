"""Short functions, short files: the measure that admired code bases of this field share."""

import ast
from collections.abc import Iterator
from statistics import median, quantiles

from infra.checks.tree import ROOMS, Fault, SourceFile, Tree, syntax

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
MEDIAN_FUNCTION = 10
NINE_OF_TEN_FUNCTIONS = 30

Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_sizes(tree: Tree) -> Iterator[Fault]:
    """No function is longer than 60 lines, its docstring included."""
    for file in _measured(tree):
        for function, lines in _functions(file):
            if lines > LONGEST_FUNCTION:
                message = f"{function.name} has {lines} lines, at most {LONGEST_FUNCTION}: split it"
                yield Fault(file.path, function.lineno, "function-size", message)


def file_sizes(tree: Tree) -> Iterator[Fault]:
    """No Python file is longer than 400 lines."""
    for file in _measured(tree):
        lines = len(file.text.splitlines())
        if lines > LONGEST_FILE:
            message = f"{lines} lines, at most {LONGEST_FILE}: give its second reason to change a file of its own"
            yield Fault(file.path, 0, "file-size", message)


def usual_sizes(tree: Tree) -> Iterator[Fault]:
    """Half of all functions have at most 10 lines, nine of ten at most 30."""
    sizes = [lines for file in _measured(tree) for _, lines in _functions(file)]
    if len(sizes) < 2:
        return
    middle, ninth = median(sizes), quantiles(sizes, n=10, method="inclusive")[-1]
    if middle > MEDIAN_FUNCTION:
        message = f"the median function has {middle:g} lines, at most {MEDIAN_FUNCTION}"
        yield Fault("(all functions)", 0, "usual-size", message)
    if ninth > NINE_OF_TEN_FUNCTIONS:
        message = f"one function in ten has more than {ninth:g} lines, at most {NINE_OF_TEN_FUNCTIONS}"
        yield Fault("(all functions)", 0, "usual-size", message)


def _measured(tree: Tree) -> Iterator[SourceFile]:
    return tree.python("app.py", *ROOMS)


def _functions(file: SourceFile) -> Iterator[tuple[Function, int]]:
    for node in ast.walk(syntax(file)):
        if isinstance(node, Function):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1
