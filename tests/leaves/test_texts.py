"""Both languages hold the same sentences, and a locale finds its language."""

import re
from pathlib import Path

import pytest

from bridge import texts
from bridge.texts import language_of, shared

CATALOGUES = [texts.HERE, texts.HERE.parent.parent / "bot" / "texts"]


def names(path: Path) -> dict[str, list[str]]:
    found = re.split(r"(?m)^(?=[a-z][\w-]* =)", path.read_text(encoding="utf-8"))
    return {
        part.split(" =")[0]: sorted(set(re.findall(r"\$\w+", part)))
        for part in found
        if re.match(r"[a-z][\w-]* =", part)
    }


@pytest.mark.parametrize("folder", CATALOGUES, ids=lambda folder: folder.parent.name)
def test_both_languages_have_the_same_sentences_and_facts(folder: Path) -> None:
    assert names(folder / "en.ftl")
    assert names(folder / "en.ftl") == names(folder / "de.ftl")


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("de-DE", "de"), ("de_AT", "de"), ("en-us", "en"), ("fr-FR", "en"), ("fr, de;q=0.8, en;q=0.5", "de"), (None, "en"),
        ("", "en"), ("de;q=x", "en"), ("*", "en"), ("en;q=0.2,de;q=0.9", "de"),
    ],
)  # fmt: skip
def test_language_of(wish: str | None, language: str) -> None:
    assert language_of(wish) == language


def test_plurals_and_facts() -> None:
    assert "eine Sekunde" in shared().text("de", "error-too_many_attempts", seconds=1)
    assert "30 Sekunden" in shared().text("de-DE", "error-too_many_attempts", seconds=30)


def test_an_unknown_sentence_is_a_fault() -> None:
    with pytest.raises(LookupError):
        shared().text("de", "no-such-sentence")
