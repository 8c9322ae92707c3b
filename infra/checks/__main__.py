"""Run every rule over the project in the current folder; print each fault; exit 1 when there is one."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.checks import calls, locks, rooms, sizes, testing, words
from infra.checks.tree import Fault, Tree, read_tree

RULES: tuple[Callable[[Tree], Iterator[Fault]], ...] = (
    sizes.function_sizes,
    sizes.file_sizes,
    sizes.usual_sizes,
    calls.guarded_calls,
    calls.stale_allowances,
    rooms.composition_root,
    rooms.libraries_at_home,
    rooms.method_names,
    rooms.key_names,
    rooms.german_texts,
    words.forbidden_words,
    testing.no_mocks,
    testing.no_long_sleeps,
    testing.tests_assert,
    locks.pinned_with_hashes,
    locks.wishes_are_locked,
)


def faults(tree: Tree) -> list[Fault]:
    """Give every breach of every rule, by file and line."""
    return sorted(fault for rule in RULES for fault in rule(tree))


def main() -> int:
    """Check the current folder."""
    found = faults(read_tree(Path.cwd()))
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    sys.stdout.write(f"House rules: {len(RULES)} rules, {len(found)} faults.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
