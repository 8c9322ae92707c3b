"""Words that no file of the project may hold. Each pattern is written so that it does not find itself."""

import re
from collections.abc import Iterator

from infra.checks.tree import Fault, Tree

FORBIDDEN = (
    (re.compile(r"\bTOD[O]\b|\bFIXM[E]\b"), "unfinished-work", "finish it or file it, do not leave a note in the code"),
    (
        re.compile(r"(?<![\w.])/(wor[k]|roo[t]|tmp/brie[f])/"),
        "machine-path",
        "a path of one machine means nothing on another",
    ),
    (
        re.compile(
            r"pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(org|com)|yarnpk[g]\.com|de[b]\.debian\.org|docke[r]\.io|ghc[r]\.io"
        ),
        "registry-host",
        "installation follows the machine's own package configuration: name no registry",
    ),
    (
        re.compile(r"\bissue [2]\b|\b[Tt]he lea[d]\b"),
        "own-history",
        "the project speaks of itself, not of how it was made",
    ),
)


def forbidden_words(tree: Tree) -> Iterator[Fault]:
    """No notes of unfinished work, no machine paths, no registry hosts."""
    for file in tree.files:
        for number, line in file.lines():
            for pattern, rule, message in FORBIDDEN:
                if found := pattern.search(line):
                    yield Fault(file.path, number, rule, f"{found.group()!r}: {message}")
