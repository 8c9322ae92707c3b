"""The canary net: values made for this run that must not turn up where they have no business, in any of eight encodings."""

import base64
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

RUN = secrets.token_hex(4)

PASSWORD = f"Kanari-{RUN}-Pw!"
NUMBER = f"+49302312{int(RUN, 16) % 10000:04d}77"
NAME = f"Kanari{RUN} Vögelchen"


def encodings(value: str) -> dict[str, bytes]:
    """The eight ways in which a value could hide."""
    raw = value.encode()
    return {
        "raw": raw,
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "base64": base64.b64encode(raw).rstrip(b"="),
        "base64url": base64.urlsafe_b64encode(raw).rstrip(b"="),
        "url": quote(value, safe="").encode(),
        "utf16": value.encode("utf-16-le"),
        "reversed": raw[::-1],
    }


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something leaked, what and how encoded - never the value itself."""

    place: str
    what: str
    encoding: str


class Net:
    """Collects evidence (texts and files) under a folder and searches it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._values: dict[str, tuple[str, bool]] = {}
        self.watch("password", PASSWORD)
        self.watch("number", NUMBER[1:])
        self.watch("name", NAME)

    def watch(self, what: str, value: str) -> None:
        """Add a value that must not turn up (what is shorter than six characters proves nothing)."""
        if len(value) < 6:
            raise ValueError("too short to be a canary")
        self._values[f"{what}-{len(self._values)}"] = (value, True)

    def keep(self, name: str, content: bytes | str) -> None:
        """Add evidence under a name."""
        data = content.encode() if isinstance(content, str) else content
        with (self.folder / name.replace("/", "_")).open("ab") as file:
            file.write(data + b"\n")

    def search(self, only: Iterable[str] = ()) -> list[Hit]:
        """Search all evidence kept so far; ``only`` limits it to kinds such as ``password``."""
        kinds = tuple(only)
        needles = [
            (what, encoding, needle)
            for what, (value, _) in self._values.items()
            if not kinds or what.startswith(kinds)
            for encoding, needle in encodings(value).items()
        ]
        return [
            Hit(path.name, what, encoding)
            for path, content in self._evidence()
            for what, encoding, needle in needles
            if needle in content
        ]

    def _evidence(self) -> Iterator[tuple[Path, bytes]]:
        for path in sorted(self.folder.iterdir()):
            yield path, path.read_bytes()
