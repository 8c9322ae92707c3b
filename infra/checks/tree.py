"""The source tree as the rules see it: the text files of the project with their paths, read once."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

ROOMS = ("bridge", "bot", "tab", "manifest", "infra")
PRODUCTION = ("app.py", "bridge", "bot", "tab")
GENERATED = frozenset({
    ".git", ".venv", ".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    "__pycache__", "build", "dist", "node_modules", "var",
})  # fmt: skip
ALLOWANCES = "infra/checks/allowances.toml"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One breach of one rule, told as ``path:line: rule: message`` (line 0: the file or tree as a whole)."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file; ``path`` is relative to the root and written with slashes."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """Give the first part of the path: the room, or the name of a file at the top."""
        return self.path.partition("/")[0]

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number the lines from 1."""
        return enumerate(self.text.splitlines(), start=1)


@dataclass(frozen=True, slots=True)
class Tree:
    """All text files, and the exceptions the house has granted: rule → path → reason."""

    files: tuple[SourceFile, ...]
    allowances: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def python(self, *rooms: str) -> Iterator[SourceFile]:
        """Give the Python files of these rooms."""
        return (file for file in self.files if file.is_python and file.room in rooms)

    def allows(self, rule: str, path: str) -> bool:
        """Tell whether the house granted ``path`` an exception from ``rule``."""
        return path in self.allowances.get(rule, {})


def tree_of(files: Mapping[str, str], allowances: Mapping[str, Mapping[str, str]] | None = None) -> Tree:
    """Make a tree out of path → text."""
    return Tree(tuple(SourceFile(path, text) for path, text in files.items()), allowances or {})


def read_tree(root: Path) -> Tree:
    """Read the project below ``root``: every file that is UTF-8 text and was not generated."""
    files = {path.relative_to(root).as_posix(): text for path in _paths(root) if (text := _text(path)) is not None}
    return tree_of(files, tomllib.loads(files.get(ALLOWANCES, "")))


@lru_cache(maxsize=4096)
def syntax(file: SourceFile) -> ast.Module:
    """Parse a Python file (once)."""
    return ast.parse(file.text, filename=file.path)


def imports(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Give line and full name of each module that a Python file imports."""
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def _paths(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in GENERATED or path.is_symlink():
            continue
        if path.is_dir():
            yield from _paths(path)
        else:
            yield path


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
