"""What is installed is pinned and recognised by its hash; what is wanted stands in the ``.in`` file and in the lock."""

import re
from collections.abc import Iterator

from infra.checks.tree import Fault, SourceFile, Tree

LOCK = re.compile(r"requirements[\w-]*\.txt")
WISHES = re.compile(r"requirements[\w-]*\.in")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?==\S+")


def pinned_with_hashes(tree: Tree) -> Iterator[Fault]:
    """Every requirement in a lock is ``name==version`` with at least one SHA-256 hash."""
    for file in tree.files:
        if LOCK.fullmatch(file.path):
            yield from _unpinned(file)


def wishes_are_locked(tree: Tree) -> Iterator[Fault]:
    """Every line of ``requirements*.in`` has its pin in the lock beside it."""
    locks = {file.path: file for file in tree.files if LOCK.fullmatch(file.path)}
    for file in tree.files:
        if not WISHES.fullmatch(file.path):
            continue
        lock = locks.get(file.path.removesuffix(".in") + ".txt")
        pinned = {canonical(pin.group(1)) for _, text in _entries(lock) if (pin := PIN.match(text))} if lock else set()
        for line, name in wishes(file):
            if canonical(name) not in pinned:
                yield Fault(file.path, line, "locked", f"{name} is not in the lock: make lock")


def wishes(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Give line and name of each direct dependency of an ``.in`` file."""
    for number, line in file.lines():
        if name := NAME.match(line.partition("#")[0]):
            yield number, name.group()


def canonical(name: str) -> str:
    """Write a distribution name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _unpinned(file: SourceFile) -> Iterator[Fault]:
    for line, text in _entries(file):
        if not PIN.match(text):
            yield Fault(file.path, line, "pinned", f"{text.split()[0]} is not pinned as name==version")
        elif "--hash=sha256:" not in text:
            yield Fault(file.path, line, "pinned", f"{text.split()[0]} has no hash")


def _entries(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Join the continued lines of a lock into one entry for each requirement."""
    start, entry = 0, ""
    for number, line in file.lines():
        if not entry and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start, entry = start or number, entry + line.rstrip("\\")
        if not line.endswith("\\"):
            yield start, entry.strip()
            start, entry = 0, ""
