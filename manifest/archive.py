"""The package as a zip archive: the same content gives the same bytes, whenever and wherever it is built."""

import json
import zipfile
from pathlib import Path

from manifest.composition import Package

FIRST_MOMENT_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def write_archive(package: Package, target: Path) -> None:
    """Write all files of a package into ``target``, whose folder is made when it is missing."""
    documents = {"manifest.json": package.manifest, **package.translations}
    files = {name: json.dumps(document, ensure_ascii=False, indent=2).encode() for name, document in documents.items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in {**files, **package.icons}.items():
            entry = zipfile.ZipInfo(name, FIRST_MOMENT_OF_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
