"""Times as people write them: "until 15:00", "bis 15 Uhr", "for 30 minutes", "bis morgen 8 Uhr" (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

LONGEST = timedelta(hours=24)
_CLOCK: Final = (
    r"(?:um |at )?(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm|a\.m\.?|p\.m\.?)?(?P<uhr>\s*(?:uhr|h|oclock))?"
    r"|(?P<word>noon|mittag|midnight|mitternacht))"
)
_UNTIL: Final = re.compile(
    rf"^(?P<rest>.*?)\s*\b(?:until|till|til|bis)\s+(?P<day>(?:tomorrow|morgen)\b\s*)?(?P<clock>{_CLOCK})?$"
)
_FOR: Final = re.compile(
    r"^(?P<rest>.*?)\s*\b(?:for|fuer)\s+(?:(?:(?P<count>\d{1,3}|an?|eine?|one)\s*)(?P<unit>min(?:ute[sn]?)?|m|hours?|h|stunden?|std)"
    r"|(?P<half_hour>half an hour|eine halbe stunde))(?:\s+lang)?$"
)
_NAMED: Final = re.compile(r"^(?P<rest>.*?)\s*\b(?:until|bis)\b")
_WORDS: Final = {"noon": 12, "mittag": 12, "midnight": 0, "mitternacht": 0}
_MORNING: Final = 8


@dataclass(frozen=True, slots=True)
class Until:
    """A moment as a person named it: a time of day, or a number of minutes from now."""

    hour: int = 0
    minute: int = 0
    tomorrow: bool = False
    open_half: bool = False
    """Only an hour was named, and it may be meant in the afternoon: the next one counts."""
    minutes: int = 0

    def moment(self, now: datetime, zone: tzinfo) -> datetime:
        """Give the moment that is meant, seen from ``now`` (aware): the next one of that time of day in ``zone``."""
        if self.minutes:
            return now + timedelta(minutes=self.minutes)
        here = now.astimezone(zone)
        hours = (self.hour, self.hour + 12) if self.open_half and not self.tomorrow else (self.hour,)
        days = (1,) if self.tomorrow else (0, 1)
        at = [
            (here + timedelta(days=day)).replace(hour=hour, minute=self.minute, second=0, microsecond=0)
            for day in days
            for hour in hours
        ]
        return min((each for each in at if each > here), default=at[-1])


def read_until(words: str) -> tuple[str, Until | None, bool]:
    """Take a time off the end of a command.

    Gives the rest, the time if there is one, and whether a time was named that cannot be understood.
    """
    for_some_time = _FOR.match(words)
    if for_some_time is not None:
        return for_some_time["rest"], Until(minutes=_minutes(for_some_time)), False
    found = _UNTIL.match(words)
    if found is None or not (found["day"] or found["clock"]):
        named = _NAMED.match(words)
        return (words, None, False) if named is None else (named["rest"], None, True)
    until = _time_of_day(found)
    return found["rest"], until, until is None


def read_clock(words: str) -> tuple[int, int] | None:
    """Read a time of day alone; ``None`` if it is none."""
    found = re.fullmatch(_CLOCK, words)
    until = _time_of_day(found) if found is not None else None
    return (until.hour, until.minute) if until is not None else None


def _time_of_day(found: re.Match[str]) -> Until | None:
    groups = found.groupdict()
    tomorrow = bool(groups.get("day"))
    if groups["word"]:
        return Until(_WORDS[groups["word"]], 0, tomorrow)
    if groups["hour"] is None:
        return Until(_MORNING, 0, tomorrow)
    hour, minute = int(groups["hour"]), int(groups["minute"] or 0)
    half = (groups["half"] or "").replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59:
        return None
    open_half = not half and groups["minute"] is None and not groups["uhr"] and 1 <= hour <= 11
    return Until(hour, minute, tomorrow, open_half)


def _minutes(found: re.Match[str]) -> int:
    if found["half_hour"]:
        return 30
    count = int(found["count"]) if found["count"].isdigit() else 1
    minutes = count * (1 if found["unit"].startswith("m") else 60)
    return max(1, min(minutes, int(LONGEST.total_seconds() // 60)))
