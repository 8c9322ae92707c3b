"""What the presence synchronisation needs of the outside, as protocols, beside those of :mod:`bridge.service.ports`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from bridge.errors import Unavailable
from bridge.model.calls import CallTable
from bridge.model.ids import PersonId, TenantId, UserHandle, UserKey
from bridge.model.pbx import Session
from bridge.model.presence_rules import Choices, TeamsPresence, TeamsSession
from bridge.model.presence_sync import Standing
from bridge.service.ports import NoSession

# ------------------------------------------------------------------ Teams


class Consent(StrEnum):
    """Whether a tenant lets the service read and write presence, and what stands in the way."""

    UNKNOWN = "unknown"
    """Nobody has asked yet, or Microsoft could not be reached."""
    GRANTED = "granted"
    MISSING = "missing"
    """The tenant has not consented, or not to every permission."""
    REVOKED = "revoked"
    """It had, and no longer does."""
    SECRET_EXPIRED = "secret_expired"  # noqa: S105 - a state, not a password
    """Our own credential at Microsoft is over or wrong; the operator mends that."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What a tenant's consent allows now. ``missing`` names the permissions that are not granted."""

    consent: Consent
    may_read: bool = False
    may_write: bool = False
    missing: tuple[str, ...] = ()


class TeamsAway(Unavailable):
    """Graph does not answer, answers nonsense, or asks to be left alone for ``retry_after`` seconds."""

    def __init__(self, retry_after: float, note: str = "") -> None:
        super().__init__(note)
        self.retry_after = retry_after


class TeamsClosed(Unavailable):
    """The tenant's consent does not allow it; nothing was sent. ``consent`` says why."""

    def __init__(self, consent: Consent) -> None:
        super().__init__("no consent for presence")
        self.consent = consent


class TeamsGraph(Protocol):
    """Presence in Teams. Raises ``TeamsAway`` and ``TeamsClosed`` only."""

    def admission(self, tenant: TenantId) -> Admission:
        """What is known of a tenant's consent now, without asking."""

    async def ask_admission(self, tenant: TenantId, *, anew: bool = False) -> Admission:
        """Find out; ``anew`` takes no answer from before. A refusal is remembered, so that it is not asked again and again."""

    def link(self, tenant: TenantId, consent: Consent) -> str | None:
        """Where somebody mends what stands in the way; ``None`` when nothing does, or nobody can."""

    async def presences(self, tenant: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, TeamsPresence]:
        """Presence of people of one tenant, in as few requests as possible; who is missing is not known to Teams."""

    async def set_session(self, user: UserKey, kind: TeamsSession) -> None:
        """Set or renew our session for ten minutes."""

    async def clear_session(self, user: UserKey) -> None:
        """End our session; none being there is no error."""


# ------------------------------------------------------------------ the stores


@dataclass(frozen=True, slots=True)
class Look:
    """What lies in the store about one person at one moment. ``mark`` is what :meth:`Standings.swap` compares with."""

    handle: UserHandle
    session: Session | NoSession
    table: CallTable
    standing: Standing
    mark: bytes


@dataclass(frozen=True, slots=True)
class Glance:
    """The same, cheaply, for many."""

    handle: UserHandle
    user: UserKey | None
    """``None``: there is no live sign-in."""
    table: CallTable
    standing: Standing
    ends_in: float
    """Seconds until the sign-in ends by itself."""


class Standings(Protocol):
    """What is remembered of each person's presence: sealed, with the life of the sign-in and a little more."""

    async def look(self, handle: UserHandle) -> Look: ...
    async def glance(self, handles: Sequence[UserHandle]) -> list[Glance]:
        """Look at many in one trip; values that have not changed are not opened again."""

    async def swap(self, look: Look, after: Standing) -> Look | None:
        """Write ``after`` if nobody wrote since the look and exactly this sign-in lives; ``None`` if not."""

    async def leave(self, handle: UserHandle) -> Standing:
        """Remove what is remembered and give it, to the first caller only (the rest get an empty one)."""

    async def join(self, account: str, handle: UserHandle) -> bool:
        """Enter that this person needs do not disturb at a PBX account; whether somebody else does already."""

    async def part(self, account: str, handle: UserHandle) -> bool:
        """Take that back; whether somebody else still needs it."""

    async def shared(self, account: str) -> bool:
        """Whether anybody needs it."""

    async def touch(self, handles: Sequence[UserHandle]) -> None:
        """Let standings live as long as their sign-ins, which use has prolonged."""

    def account(self, session: Session) -> str:
        """Keyed hash of the PBX account of a sign-in."""

    async def choices(self, handle: UserHandle) -> Choices: ...
    async def set_choices(self, handle: UserHandle, choices: Choices) -> None: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """People of one tenant whose turn it is. ``tenant`` is its keyed hash, ``lease`` goes back with :meth:`Beats.next`."""

    tenant: str
    handles: tuple[UserHandle, ...]
    lease: str


class Beats(Protocol):
    """Whose presence in Teams is to be asked for when; shared by all processes."""

    async def enter(self, user: UserKey, at: float) -> None:
        """Somebody signed in, or something happened to them: look at ``at`` at the latest."""

    async def hurry(self, tenant: TenantId, at: float) -> None:
        """Look at everybody of a tenant at ``at`` at the latest."""

    async def worked(self, tenant: TenantId) -> bool:
        """Whether Graph ever answered for a tenant, within a month."""

    async def drop(self, user: UserKey) -> None: ...
    async def claim(self, limit: int, lease: timedelta) -> Claimed | None:
        """Take up to ``limit`` people of one tenant that are due; ``None`` when nobody is."""

    async def next(self, claimed: Claimed, at: Mapping[UserHandle, float | None]) -> None:
        """Say when each one is due again; ``None`` takes them off."""

    async def fresh(self, tenant: str, at: float) -> None:
        """Note that Graph answered for this tenant."""

    async def freshness(self, tenant: str) -> float:
        """When it last did; 0 when it never did."""

    async def alive(self, process: str, lease: timedelta) -> None:
        """Note that this process lives."""

    async def last(self, process: str) -> bool:
        """Take this process out; whether it was the last one."""

    async def everybody(self) -> Sequence[tuple[str, tuple[UserHandle, ...]]]:
        """All people of all tenants, in portions."""

    async def counted(self, tenant: TenantId, *, in_time: bool) -> None:
        """Add a change to a tenant's service level of today."""

    async def level(self, tenant: TenantId) -> tuple[int, int]:
        """A tenant's changes in time and late, today."""


class TenantRules(Protocol):
    """What a tenant's administrator chose; in the directory, nothing about a person."""

    async def choices(self, tenant: TenantId) -> Choices: ...
    async def set_choices(self, tenant: TenantId, choices: Choices) -> None:
        """``TenantUnknown`` if the tenant is not registered."""


Measured = Callable[[str, float], None]
"""Hears of each change: ``to_teams`` or ``to_pbx``, and the seconds it took."""
