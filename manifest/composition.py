"""Template and texts become the manifest and its translations: plain data, nothing is written."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from manifest.order import PackageOrder

HOME = Path(__file__).parent
DEFAULT_LANGUAGE = "en"
STEP = re.compile(r"([A-Za-z]+)|\[(\d+)\]")
TRANSLATED = re.compile(
    r"(name|description)\.(short|full)|staticTabs\[\d+\]\.name|.*\.(commands|parameters)\[\d+\]\.(title|description)"
)

Json = Any  # a parsed JSON document has no narrower type


@dataclass(frozen=True, slots=True)
class Package:
    """The files of an app package: the manifest, one document for each further language, the icons; all by file name."""

    manifest: dict[str, Json]
    translations: dict[str, dict[str, str]]
    icons: dict[str, bytes]


def compose(order: PackageOrder) -> Package:
    """Fill the template for one installation: ids and addresses from ``order``, sentences from ``texts/``."""
    manifest = _filled(json.loads((HOME / "template.json").read_text(encoding="utf-8")), _values(order))
    for path, sentence in texts(DEFAULT_LANGUAGE).items():
        put(manifest, path, sentence)
    languages = [entry["languageTag"] for entry in manifest["localizationInfo"]["additionalLanguages"]]
    icons = {name: (HOME / "icons" / name).read_bytes() for name in manifest["icons"].values()}
    return Package(manifest, {f"{language}.json": texts(language) for language in languages}, icons)


def texts(language: str) -> dict[str, str]:
    """Give the sentences of one language by their path in the manifest."""
    sentences: dict[str, str] = json.loads((HOME / "texts" / f"{language}.json").read_text(encoding="utf-8"))
    return sentences


def put(document: dict[str, Json], path: str, value: str) -> None:
    """Set what stands at a path such as ``staticTabs[0].name``; KeyError or IndexError when the template has no such place."""
    *way, last = [int(index) if index else name for name, index in STEP.findall(path)]
    place: Json = document
    for step in way:
        place = place[step]
    place[last]  # a place that the template does not have is a mistake of the texts
    place[last] = value


def translatable(document: Json, path: str = "") -> Iterator[str]:
    """Give the path of every sentence of a manifest that a person reads and Teams can translate."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from translatable(value, f"{path}.{name}" if path else name)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from translatable(value, f"{path}[{index}]")
    elif TRANSLATED.fullmatch(path):
        yield path


def _values(order: PackageOrder) -> dict[str, str]:
    names = (
        "public_url",
        "app_id",
        "package_id",
        "version",
        "developer",
        "website_url",
        "privacy_url",
        "terms_url",
        "domain",
    )
    return {name: getattr(order, name) for name in names}


def _filled(document: Json, values: dict[str, str]) -> Json:
    if isinstance(document, dict):
        return {name: value if name == "$schema" else _filled(value, values) for name, value in document.items()}
    if isinstance(document, list):
        return [_filled(value, values) for value in document]
    return Template(document).substitute(values) if isinstance(document, str) else document
