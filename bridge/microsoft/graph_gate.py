"""Whether Graph may be asked about a tenant now: consent, requests to be left alone, and a circuit breaker."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.logs import logger
from bridge.secret import Secret
from bridge.service.presence_ports import Admission, Consent, TeamsAway, TeamsClosed

FAILURES = 5
"""Failures in a row after which a tenant's requests are held back."""
OPEN_FIRST, OPEN_LONGEST = 5.0, 30.0
"""Seconds for which they are; doubled each time, and never so long that somebody stays stuck for 90 s."""
LONGEST_WAIT = 60.0
"""Seconds of ``Retry-After`` that are honoured; Graph asks for less."""
REFUSED_FOR = 600.0
"""Seconds for which a refusal of consent is believed without asking again."""

READING = frozenset({"Presence.Read.All", "Presence.ReadWrite.All"})
WRITING = frozenset({"Presence.ReadWrite.All"})
NEEDED = ("Presence.ReadWrite.All",)
"""The one permission that allows both."""

_GONE = frozenset({"7000112", "700016"})
"""Entra: the app was disabled in the tenant, or is no longer there."""
_UNKNOWN_HERE = frozenset({"7000229", "65001", "650051", "650052", "650057", "500011", "90002", "90099"})
_CREDENTIAL = frozenset({"7000222", "7000215", "700027", "700024", "7000218", "700030"})

_log = logger(__name__)


@dataclass(slots=True)
class TenantGate:
    """What one process knows of one tenant; times in seconds of the clock."""

    clock: Callable[[], float]
    admission: Admission = field(default_factory=lambda: Admission(Consent.UNKNOWN))
    believed_until: float = 0.0
    left_alone_until: float = 0.0
    failures: int = 0
    openings: int = 0
    trying: bool = False
    outdated: bool = False
    """Whether the token was given before somebody may have consented, so that a new one is worth asking for."""

    @property
    def is_closed(self) -> bool:
        """Whether consent is known to be refused and that is still believed."""
        known = self.admission.consent
        return known not in (Consent.UNKNOWN, Consent.GRANTED) and self.clock() < self.believed_until

    def enter(self, *, writes: bool) -> None:
        """Ask to send a request.

        Raises:
            TeamsClosed: the consent does not allow it.
            TeamsAway: not now.
        """
        if self.admission.missing and self.clock() >= self.believed_until:
            self.admission, self.outdated = Admission(Consent.UNKNOWN), True
        known = self.admission
        if self.is_closed or (known.consent is Consent.GRANTED and not (known.may_write if writes else known.may_read)):
            raise TeamsClosed(Consent.MISSING if known.consent is Consent.GRANTED else known.consent)
        wait = self.left_alone_until - self.clock()
        if wait > 0:
            raise TeamsAway(wait, "Graph is left alone")
        if self.failures >= FAILURES and self.trying:
            raise TeamsAway(1.0, "one request tries whether Graph is back")
        self.trying = self.failures >= FAILURES

    def succeeded(self) -> None:
        """Graph did what it was asked."""
        if self.openings:
            _log.info("graph_back")
        self.failures = self.openings = 0
        self.trying = False

    def failed(self) -> TeamsAway:
        """Graph did not answer, or not as described; give what to raise."""
        self.failures += 1
        self.trying = False
        wait = self.left_alone_until - self.clock()
        if self.failures < FAILURES or wait > 0:
            return TeamsAway(max(1.0, wait), "Graph does not answer")
        if not self.openings:
            _log.warning("graph_away")
        wait = min(OPEN_LONGEST, OPEN_FIRST * 2.0**self.openings)
        self.openings = min(self.openings + 1, 8)
        self.left_alone_until = self.clock() + wait
        return TeamsAway(wait, "Graph does not answer")

    def throttled(self, seconds: float) -> TeamsAway:
        """Graph asks to be left alone; that is no fault of its."""
        wait = min(max(seconds, 0.5), LONGEST_WAIT)
        self.trying = False
        self.left_alone_until = max(self.left_alone_until, self.clock() + wait)
        return TeamsAway(wait, "Graph asks to be left alone")

    def refused(self, consent: Consent, missing: tuple[str, ...] = NEEDED) -> TeamsClosed:
        """The tenant does not let us; give what to raise."""
        self._note(Admission(consent, missing=missing))
        self.believed_until = self.clock() + REFUSED_FOR
        self.trying = False
        return TeamsClosed(consent)

    def granted(self, rights: frozenset[str] | None) -> Admission:
        """A token was given; ``rights`` are the permissions in it, ``None`` if they cannot be read."""
        if rights is None:
            self._note(Admission(Consent.GRANTED, may_read=True, may_write=True))
            return self.admission
        may_read, may_write = bool(rights & READING), bool(rights & WRITING)
        if not may_read:
            self.refused(Consent.MISSING)
            return self.admission
        self._note(Admission(Consent.GRANTED, may_read, may_write, () if may_write else NEEDED))
        self.believed_until = self.clock() + REFUSED_FOR
        return self.admission

    def _note(self, admission: Admission) -> None:
        if admission.consent is not self.admission.consent:
            _log.info("graph_consent", state=admission.consent.value)
        self.admission = admission


def consent_of(fault: str) -> Consent:
    """Tell from Entra's number what stands in the way; ``UNKNOWN`` for an outage."""
    if fault in _GONE:
        return Consent.REVOKED
    if fault in _CREDENTIAL:
        return Consent.SECRET_EXPIRED
    return Consent.MISSING if fault in _UNKNOWN_HERE else Consent.UNKNOWN


def rights_in(token: Secret) -> frozenset[str] | None:
    """Read the application permissions out of our own token. It is only a hint: Graph itself decides at each request.

    ``None``: the token has no such claim that we could read.
    """
    parts = token.reveal().split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(claims, dict) or claims.get("idtyp") not in (None, "app"):
        return None
    roles = claims.get("roles", [] if claims.get("idtyp") == "app" else None)
    return frozenset(str(role) for role in roles) if isinstance(roles, list) else None
