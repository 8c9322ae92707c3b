"""Moments in the spellings of ISO 8601 that PBXs use; one without a zone is taken as UTC (UCI reference, section 1.3)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_DATE = re.compile(
    r"\s*(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?\s*",
    re.ASCII,
)
_LONGEST_DATE: Final = 48
_USUAL_DATE: Final = len("20240507T09:15:02")


def read_date(text: str) -> datetime | None:
    """Read the spellings of ISO 8601 that PBXs use, without a zone as UTC; ``None`` for anything else."""
    if len(text) == _USUAL_DATE and text[8] == "T" and text[11] == ":":
        try:
            return datetime.fromisoformat(text + "+00:00")
        except ValueError:
            return None
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST_DATE else None
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        offset = UTC if zone is None else _zone(zone)
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=offset
        )
        return moment if offset is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)
