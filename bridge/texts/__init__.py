"""Sentences people read, in Fluent catalogues: one file for each language, German and English, nothing in code."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from fluent.runtime import FluentBundle, FluentResource

LANGUAGES: Final = ("en", "de")
HERE: Final = Path(__file__).parent


def language_of(wish: str | None) -> str:
    """Choose a language for a locale or an ``Accept-Language`` header; English when nothing better fits."""
    best, weight = "en", 0.0
    for part in (wish or "")[:200].replace("_", "-").split(","):
        tag, _, quality = part.strip().partition(";q=")
        known = tag.strip().lower().partition("-")[0]
        try:
            value = float(quality) if quality else 1.0
        except ValueError:
            continue
        if known in LANGUAGES and value > weight:
            best, weight = known, value
    return best


class Catalogue:
    """The sentences of one folder of ``<language>.ftl`` files, on top of the shared ones."""

    def __init__(self, folder: Path = HERE) -> None:
        """Read all files at once.

        Raises:
            FileNotFoundError: when a language is missing.
        """
        self._bundles = {language: _bundle(language, folder) for language in LANGUAGES}

    def text(self, language: str | None, name: str, **facts: str | int) -> str:
        """Give the sentence ``name`` in ``language`` (a locale will do) with ``facts`` filled in.

        Raises:
            KeyError: when there is no such sentence.
        """
        bundle = self._bundles[language_of(language)]
        message = bundle.get_message(name)
        if message.value is None:
            raise KeyError(name)
        text, _ = bundle.format_pattern(message.value, facts)
        return str(text)

    def has(self, name: str) -> bool:
        """Tell whether every language has the sentence."""
        return all(bundle.has_message(name) for bundle in self._bundles.values())


def _bundle(language: str, folder: Path) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    for place in dict.fromkeys((HERE, folder)):
        bundle.add_resource(FluentResource((place / f"{language}.ftl").read_text(encoding="utf-8")))
    return bundle


@lru_cache(maxsize=1)
def shared() -> Catalogue:
    """The catalogue of the sentences that both faces use."""
    return Catalogue()
