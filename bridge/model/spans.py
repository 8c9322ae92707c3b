"""Parts of a file, as a reader asks for them (RFC 9110, section 14)."""

import re
from dataclasses import dataclass
from typing import Final

_SPAN: Final = re.compile(r"\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*", re.ASCII)
_CONTENT: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``first`` to ``last``, both counted from 0 and sent; without ``first`` the final ``last`` bytes."""

    first: int | None
    last: int | None

    @property
    def header(self) -> str:
        """As a value of ``Range``."""
        first, last = ("" if each is None else str(each) for each in (self.first, self.last))
        return f"bytes={first}-{last}"

    def within(self, total: int) -> tuple[int, int] | None:
        """Give first byte and number of bytes in a file of ``total`` bytes; ``None`` when nothing of it is there."""
        if self.first is None:
            size = min(self.last or 0, total)
            return (total - size, size) if size else None
        end = total if self.last is None else min(self.last + 1, total)
        return (self.first, end - self.first) if self.first < end else None


def read_span(written: str | None) -> Span | None:
    """Read a ``Range`` header; ``None``, which means the whole file, for several parts and whatever is no such header."""
    match = _SPAN.fullmatch(written) if written else None
    if match is None or match[1] == match[2] == "":
        return None
    first, last = (int(each) if each else None for each in match.groups())
    if first is not None and last is not None and last < first:
        return None
    return Span(first, last)


def read_content_range(written: str) -> tuple[int, int, int] | None:
    """Read a ``Content-Range`` header: first byte, number of bytes, bytes in all."""
    match = _CONTENT.fullmatch(written.strip())
    if match is None:
        return None
    first, last, total = map(int, match.groups())
    return (first, last - first + 1, total) if first <= last < total else None
