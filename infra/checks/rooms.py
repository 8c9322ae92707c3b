"""What belongs to one room and must not turn up in another: key names, method names of the PBX, German sentences, the root."""

import ast
import re
from collections.abc import Iterator

from infra.checks.tree import PRODUCTION, ROOMS, Fault, SourceFile, Tree, imports, syntax

LIBRARY_ROOMS = {"redis": ("bridge/store/",), "sqlalchemy": ("bridge/store/",), "alembic": ("bridge/store/",)}
METHOD_TABLE = "bridge/starface/methods.py"
KEY_TABLE = "bridge/store/keys.py"
METHOD_NAME = re.compile(r"\bucp\.v\d")
UMLAUT = re.compile(r"[äöüÄÖÜß]")
SCRIPT = (".ts", ".tsx")
TRANSLATIONS = re.compile(r"/(texts|locales|i18n)[/.]|\.(test|spec)\.tsx?$")


def composition_root(tree: Tree) -> Iterator[Fault]:
    """Nothing imports ``app``: it knows every room, so whoever knows it knows them all."""
    for file in tree.python(*ROOMS):
        for line, module in imports(file):
            if module.partition(".")[0] == "app" and not tree.allows("app", file.path):
                yield Fault(file.path, line, "composition-root", "nothing imports app: start it as a process")


def libraries_at_home(tree: Tree) -> Iterator[Fault]:
    """Redis and SQL are spoken in ``bridge/store`` only (and put together in ``app.py``)."""
    for file in tree.python(*PRODUCTION):
        for line, module in imports(file):
            homes = LIBRARY_ROOMS.get(module.partition(".")[0])
            if homes and file.path != "app.py" and not file.path.startswith(homes):
                yield Fault(file.path, line, "library-at-home", f"{module} is imported only below {', '.join(homes)}")


def method_names(tree: Tree) -> Iterator[Fault]:
    """The PBX's method names (``ucp.v22...``) stand in one table."""
    for file in tree.python(*PRODUCTION):
        if file.path == METHOD_TABLE:
            continue
        for node in _sentences(file):
            if METHOD_NAME.search(str(node.value)):
                yield Fault(file.path, node.lineno, "method-name", f"method names of the PBX stand in {METHOD_TABLE}")


def key_names(tree: Tree) -> Iterator[Fault]:
    """Redis keys are made in one file, which owns their prefix and their TTL."""
    prefixes = _key_prefixes(tree)
    for file in tree.python(*PRODUCTION):
        if file.path == KEY_TABLE or not prefixes:
            continue
        for node in _sentences(file):
            if str(node.value).startswith(prefixes):
                yield Fault(file.path, node.lineno, "key-name", f"Redis keys are made in {KEY_TABLE}")


def german_texts(tree: Tree) -> Iterator[Fault]:
    """Sentences a person reads stand in the catalogues, one file for each language, never in the code."""
    for file in tree.files:
        if file.room not in PRODUCTION:
            continue
        for line in _german_lines(file):
            yield Fault(file.path, line, "german-text", "a German sentence outside the catalogues: give it a key there")


def _german_lines(file: SourceFile) -> Iterator[int]:
    if file.is_python:
        yield from (
            node.lineno for node in _sentences(file) if UMLAUT.search(text := str(node.value)) and len(text) > 1
        )
    elif file.path.endswith(SCRIPT) and not TRANSLATIONS.search(file.path):
        yield from (number for number, line in file.lines() if UMLAUT.search(line))


def _key_prefixes(tree: Tree) -> tuple[str, ...]:
    for file in tree.files:
        if file.path == KEY_TABLE:
            return tuple(str(node.value) for node in _sentences(file) if re.fullmatch(r"[a-z0-9]+:", str(node.value)))
    return ()


def _sentences(file: SourceFile) -> Iterator[ast.Constant]:
    """Give the string constants that are no docstrings."""
    module = syntax(file)
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node
