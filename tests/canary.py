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
    """Collects evidence - texts and files - and searches it."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._kept: dict[str, bytearray] = {}
        self._files: list[Path] = []
        self.watch("password", PASSWORD)
        self.watch("number", NUMBER[1:])
        self.watch("name", NAME)

    def watch(self, what: str, value: str) -> None:
        """Add a value that must not turn up (what is shorter than six characters proves nothing)."""
        if len(value) < 6:
            raise ValueError("too short to be a canary")
        self._values[f"{what}-{len(self._values)}"] = value

    def keep(self, name: str, content: bytes | str) -> None:
        """Add evidence under a name."""
        self._kept.setdefault(name, bytearray()).extend(
            (content.encode() if isinstance(content, str) else content) + b"\n"
        )

    def keep_file(self, path: Path) -> None:
        """Add a file that is read when the net is drawn in (a log, a database)."""
        self._files.append(path)

    def evidence(self, name: str) -> bytes:
        """What was kept under a name."""
        return bytes(self._kept.get(name, b""))

    def search(self, only: Iterable[str] = ()) -> list[Hit]:
        """Search all evidence kept so far; ``only`` limits it to kinds such as ``password``."""
        kinds = tuple(only)
        needles = [
            (what, encoding, needle)
            for what, value in self._values.items()
            if not kinds or what.startswith(kinds)
            for encoding, needle in encodings(value).items()
        ]
        return [
            Hit(place, what, encoding)
            for place, content in self._evidence()
            for what, encoding, needle in needles
            if needle in content
        ]

    def _evidence(self) -> Iterator[tuple[str, bytes]]:
        for name, content in self._kept.items():
            yield name, bytes(content)
        for path in self._files:
            if path.exists():
                yield path.name, path.read_bytes()
