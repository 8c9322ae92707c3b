"""How Teams arrives at one presence from several sources (Teams platform notes, section 6.1; pure but for the clock).

A preferred presence set by hand beats everything as long as any presence session exists. Among sessions DoNotDisturb beats
Busy, Busy beats Available, Available beats Away. An *Available* session of an app fades to AvailableInactive after five
minutes and to Away after ten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from infra.simulator.microsoft.clock import Clock

OFFLINE = ("Offline", "Offline")
SESSION_PAIRS = {
    ("Available", "Available"),
    ("Busy", "InACall"),
    ("Busy", "InAConferenceCall"),
    ("Away", "Away"),
    ("DoNotDisturb", "Presenting"),
}
PREFERRED_PAIRS = {
    ("Available", "Available"),
    ("Busy", "Busy"),
    ("DoNotDisturb", "DoNotDisturb"),
    ("BeRightBack", "BeRightBack"),
    ("Away", "Away"),
    ("Offline", "OffWork"),
}
_RANK = {
    "DoNotDisturb": 5,
    "Busy": 4,
    "Available": 3,
    "AvailableInactive": 2,
    "BeRightBack": 1,
    "Away": 1,
    "Offline": 0,
}
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
SHORTEST, LONGEST, USUAL = 300.0, 14_400.0, 300.0
"""Seconds that a session set by an app may live, and lives when nothing is said."""
FADES, AWAY_AFTER = 300.0, 600.0
DAY = 86_400.0


class PresenceRefused(ValueError):
    """Graph would answer 400: the combination or the duration is not allowed."""


@dataclass(frozen=True, slots=True)
class Session:
    """One source of presence; `expires` is None for Teams' own clients."""

    availability: str
    activity: str
    since: float
    expires: float | None = None

    def seen_at(self, now: float) -> tuple[str, str] | None:
        """What this session says now, or None when it is over."""
        if self.expires is not None and now >= self.expires:
            return None
        if self.availability != "Available" or self.expires is None:
            return self.availability, self.activity
        age = now - self.since
        if age >= AWAY_AFTER:
            return "Away", "Away"
        return ("AvailableInactive", "AvailableInactive") if age >= FADES else (self.availability, self.activity)


@dataclass
class Presence:
    """The presence of one person. `teams` is what the person's own Teams clients say; None when none is running."""

    clock: Clock
    teams: Session | None = None
    sessions: dict[str, Session] = field(default_factory=dict)
    preferred: Session | None = None

    def current(self) -> tuple[str, str]:
        """Availability and activity as others see them now."""
        now = self.clock.now()
        told = [seen for s in self._sources() if (seen := s.seen_at(now)) is not None]
        if not told:
            return OFFLINE
        if self.preferred is not None and self.preferred.seen_at(now) is not None:
            return self.preferred.availability, self.preferred.activity
        return max(told, key=lambda seen: _RANK.get(seen[0], 0))

    def _sources(self) -> list[Session]:
        own = [] if self.teams is None else [self.teams]
        return [*own, *self.sessions.values()]

    def set_teams(self, availability: str | None, activity: str | None = None) -> None:
        """What the person's own client says; None quits it."""
        now = self.clock.now()
        self.teams = None if availability is None else Session(availability, activity or availability, now)

    def set_session(self, session_id: str, availability: str, activity: str, duration: str | None) -> None:
        """Graph's setPresence.

        Raises:
            PresenceRefused: pair or duration not allowed.
        """
        if (availability, activity) not in SESSION_PAIRS:
            raise PresenceRefused(f"{availability}/{activity} is no valid combination.")
        seconds = USUAL if duration is None else seconds_of(duration)
        if not SHORTEST <= seconds <= LONGEST:
            raise PresenceRefused("expirationDuration must be between PT5M and PT4H.")
        now = self.clock.now()
        self.sessions[session_id] = Session(availability, activity, now, now + seconds)

    def clear_session(self, session_id: str) -> bool:
        """Graph's clearPresence; False when there was no such session."""
        return self.sessions.pop(session_id, None) is not None

    def prefer(self, availability: str, activity: str, duration: str | None) -> None:
        """Graph's setUserPreferredPresence; lives one day (Busy, DoNotDisturb) or seven unless `duration` says otherwise.

        Raises:
            PresenceRefused: pair not allowed or duration unreadable.
        """
        if (availability, activity) not in PREFERRED_PAIRS:
            raise PresenceRefused(f"{availability}/{activity} is no valid combination.")
        usual = DAY if availability in {"Busy", "DoNotDisturb"} else 7 * DAY
        now = self.clock.now()
        expires = now + (usual if duration is None else seconds_of(duration))
        self.preferred = Session(availability, activity, now, expires)

    def forget_preferred(self) -> None:
        """Graph's clearUserPreferredPresence."""
        self.preferred = None


def seconds_of(duration: str) -> float:
    """The seconds of an ISO 8601 duration such as `PT10M`.

    Raises:
        PresenceRefused: it is none.
    """
    match = _DURATION.fullmatch(duration)
    if match is None or not any(match.groups()):
        raise PresenceRefused(f"{duration!r} is no ISO 8601 duration.")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * DAY + hours * 3600 + minutes * 60 + seconds
