"""Decisions are numbered pages of one form, and each direct dependency has its reason."""

import json
import re
from pathlib import Path

import pytest

from infra.checks.locks import wishes
from infra.checks.tree import SourceFile

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "decisions").glob("*.md"))
HEADINGS = ["## Context", "## Choice", "## Consequence"]


def python_dependencies() -> set[str]:
    files = (SourceFile(path.name, path.read_text(encoding="utf-8")) for path in ROOT.glob("requirements*.in"))
    return {name for file in files for _, name in wishes(file)}


def front_end_dependencies() -> set[str]:
    packages = [
        json.loads((ROOT / folder / "package.json").read_text("utf-8"))
        for folder in ("tab/web", "infra/simulator/shell")
    ]
    return {
        name for package in packages for kind in ("dependencies", "devDependencies") for name in package.get(kind, {})
    }


def test_the_pages_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_number_date_context_choice_and_consequence(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {int(page.name[:4])}. ")
    assert any(re.fullmatch(r"Date: \d{4}-\d\d-\d\d", line) for line in lines)
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    assert len(lines) <= 60, "at most a page"


@pytest.mark.parametrize("name", sorted(python_dependencies() | front_end_dependencies()))
def test_each_direct_dependency_has_its_reason(name: str) -> None:
    page = (ROOT / "docs" / "decisions" / "0003-dependencies.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page
