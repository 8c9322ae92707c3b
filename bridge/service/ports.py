"""What the use cases need of the outside, as protocols. Adapters implement them; only ``app.py`` brings both together.

Every method that leaves the process has a deadline of its own and raises errors of :mod:`bridge.errors` only:
``Unavailable`` for Redis and the directory, the ``PbxTrouble`` branch, ``CredentialsRejected`` and ``PbxPermission`` for a PBX.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bridge.errors import EndReason
from bridge.model.calls import CallTable
from bridge.model.ids import CallId, PbxId, PhoneId, SessionId, TenantId, UserHandle, UserKey
from bridge.model.messages import Change
from bridge.model.pbx import PbxAccess, PbxEntry, Session
from bridge.model.spans import Span
from bridge.model.telephony import (
    CallReport,
    Contact,
    FunctionKey,
    GroupMembership,
    HistoryPage,
    Lamp,
    Mailbox,
    PbxUserState,
    Phone,
    Redirect,
    Voicemail,
)
from bridge.secret import Secret

# ------------------------------------------------------------------ the PBX


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a PBX is told to post the events of one sign-in: ``PUBLIC_URL`` + ``/uci/<handle>.<secret>``."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a first login found out."""

    access: PbxAccess
    own_numbers: tuple[str, ...]
    country: str
    event_services: tuple[str, ...]


class CheckStatus(StrEnum):
    """Result of one readiness check."""

    PASS = "pass"  # noqa: S105 - a grade, not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One readiness check of a PBX; ``id`` chooses the sentence, ``fact`` fills it (a version, a count; never data of a person)."""

    id: str
    status: CheckStatus
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, or a part of one, as it comes from the PBX; an open context gives its ``pieces`` once."""

    status: int
    """As in HTTP: 200 the whole, 206 a part, 416 nothing of what was asked for is there."""
    media: str
    first: int
    size: int | None
    """Bytes that come; ``None`` when the PBX does not say."""
    total: int | None
    pieces: AsyncIterator[bytes]


class Pbx(Protocol):
    """One person's line to one PBX. Cheap to make, keeps nothing open of its own."""

    async def log_in(self) -> tuple[str, ...]:
        """Log in again with the token and subscribe; give the event services subscribed. ``CredentialsRejected`` if refused."""

    async def log_out(self) -> None: ...
    async def keep_alive(self) -> bool:
        """Tell the PBX that we live. ``False``: it does not regard us as logged in."""

    async def provoke_event(self) -> bool:
        """Ask the PBX to post an event that changes nothing. ``False`` when it has no such request."""

    async def calls(self) -> tuple[CallReport, ...]:
        """All calls of this person now (ids, then one state each)."""

    async def call(self, call: CallId) -> CallReport | None: ...
    async def place_call(self, number: str, phone: PhoneId | None, call: CallId) -> CallId:
        """Dial ``number`` under the id ``call``; give the id the PBX uses. ``PbxBusy`` when it refuses now."""

    async def hang_up(self, call: CallId) -> None: ...
    async def hold(self, call: CallId) -> None: ...
    async def forward(self, call: CallId, number: str) -> None: ...
    async def conference(self, calls: Sequence[CallId], phone: PhoneId | None) -> None: ...
    async def phones(self) -> tuple[Phone, ...]: ...
    async def set_primary_phone(self, phone: PhoneId) -> None: ...
    async def user_state(self) -> PbxUserState: ...
    async def set_dnd(self, *, enabled: bool) -> None: ...
    async def do_not_disturb(self) -> bool | None:
        """Whether do not disturb is on, by whatever way this PBX and sign-in have to tell; ``None`` when there is none."""

    async def set_chat_message(self, text: str) -> None: ...
    async def history(
        self,
        *,
        direction: str = "",
        result: str = "",
        group: str = "",
        before: datetime | None = None,
        after: datetime | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> HistoryPage: ...
    async def delete_history(self, entries: Sequence[str]) -> None: ...
    async def call_back(self, entry: str, phone: PhoneId | None, call: CallId) -> CallId:
        """Call the other side of an entry of the call list. ``PbxBusy`` when it refuses now; raises ``NotOffered``."""

    async def redirects(self) -> tuple[Redirect, ...]: ...
    async def set_redirect(self, redirect: Redirect) -> None: ...
    async def lamps(self) -> tuple[Lamp, ...]: ...
    async def keys(self) -> tuple[FunctionKey, ...]: ...
    async def press_key(self, key: str) -> None: ...
    async def groups(self) -> tuple[GroupMembership, ...]: ...
    async def set_group(self, group: str, *, active: bool) -> None: ...
    async def mailboxes(self) -> tuple[Mailbox, ...]: ...
    async def voicemails(
        self, mailbox: str = "", folder: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[Voicemail, ...]: ...
    async def move_voicemail(self, message: str, folder: str) -> None: ...
    async def delete_voicemail(self, message: str) -> None: ...
    def recording(self, message: str, span: Span | None) -> AbstractAsyncContextManager[Recording]:
        """Open what was recorded. Raises ``NotFound`` and ``NotOffered`` besides."""

    async def contacts(self, terms: str, *, limit: int = 20) -> tuple[Contact, ...]:
        """Search the address book. ``NotOffered`` when this sign-in has no way (any more) into it."""


class PbxGate(Protocol):
    """The way to every PBX; enforces the address policy on the address of each socket."""

    async def sign_in(self, pbx: PbxEntry, login: str, password: Secret, callback: Callback | None) -> SignedIn:
        """Turn a password into an access: find version and token form, log in once, subscribe. The password is not kept."""

    async def refresh(self, pbx: PbxEntry, access: PbxAccess) -> PbxAccess:
        """Renew a JWT that ends soon; the static forms come back unchanged."""

    def line(self, pbx: PbxEntry, access: PbxAccess, callback: Callback | None) -> Pbx: ...
    async def admit(self, host: str, port: int) -> tuple[str, ...]:
        """Resolve ``host`` and give its addresses; ``PbxAddressForbidden`` if any of them is refused."""

    async def check(self, pbx: PbxEntry) -> tuple[Check, ...]:
        """Readiness of a PBX without any person's credentials."""


# ------------------------------------------------------------------ the stores


class Directory(Protocol):
    """Tenants and their PBXs; nothing about a person."""

    async def knows(self, tenant: TenantId) -> bool: ...
    async def register(self, tenant: TenantId) -> None: ...
    async def forget(self, tenant: TenantId) -> None:
        """Remove the tenant and all its rows."""

    async def pbxs(self, tenant: TenantId) -> tuple[PbxEntry, ...]:
        """Primary first, then by name. Answered from a cache that other processes' changes empty."""

    async def pbx(self, tenant: TenantId, pbx: PbxId) -> PbxEntry:
        """``NotFound`` if this tenant has no such PBX."""

    async def add(self, entry: PbxEntry) -> None:
        """Store; the first PBX of a tenant, or one marked so, becomes the only primary one."""

    async def change(self, entry: PbxEntry) -> None: ...
    async def remove(self, tenant: TenantId, pbx: PbxId) -> None: ...
    async def claim_private(self, tenant: TenantId, pbx: PbxId, addresses: Sequence[str]) -> None:
        """A private address belongs to one tenant: ``PbxAddressForbidden`` if another one holds it."""

    async def ping(self) -> None:
        """``Unavailable`` if the database does not answer."""


@dataclass(frozen=True, slots=True)
class NoSession:
    """There is no live sign-in, and why.

    The rest tells whose sign-in it was, from the marker it left behind, so that its end can be announced by whoever
    finds it expired; ``None`` when there never was one or the marker is gone too.
    """

    reason: EndReason
    user: UserKey | None = None
    pbx: PbxId | None = None
    session: SessionId | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the keeper remembers of a session between two visits."""

    pushing: bool = False
    """Callbacks were proven to arrive."""
    last_push: float = 0.0
    """Unix time of the last event the PBX posted."""
    last_keep_alive: float = 0.0
    last_probe: float = 0.0
    doubts: int = 0
    """Changes in a row that a poll found and no event had told."""
    failures: int = 0
    unreachable_since: float = 0.0
    lost: bool = False
    """The person was told that the way to the PBX is interrupted."""
    watched_until: float = 0.0
    """Unix time until which somebody looks at the colleagues, as far as is known."""
    last_lamps: float = 0.0
    """Unix time at which the busy lamp fields were asked for last."""
    dnd: bool | None = None
    """What was last set through us, for PBXs that do not tell."""
    presence_due: bool = False
    """The PBX hinted that the person's own state changed."""


class Sessions(Protocol):
    """Live sign-ins: sealed, with an absolute and an idle end."""

    def handle(self, user: UserKey) -> UserHandle: ...
    async def open(self, session: Session) -> None:
        """Store a fresh sign-in, replacing an older one; the end reason for its absence becomes ``EXPIRED``."""

    async def read(self, user: UserKey) -> Session | NoSession:
        """One Redis trip; counts as use (prolongs the idle end)."""

    async def by_handle(self, handle: UserHandle) -> Session | NoSession:
        """As :meth:`read`, for events and due work; does not count as use."""

    async def renew(self, session: Session) -> bool:
        """Write back a refreshed access without prolonging anything. ``False`` if this sign-in ended meanwhile."""

    async def end(self, session: Session, reason: EndReason) -> bool:
        """End exactly this sign-in: token, calls, pulse and due work go. ``True`` for the one caller that ended it."""

    async def of_pbx(self, tenant: TenantId, pbx: PbxId) -> tuple[UserHandle, ...]:
        """Handles of those signed in to a PBX (for its removal); may hold some that have ended."""

    async def count_of_pbx(self, tenant: TenantId, pbx: PbxId) -> int:
        """How many live sign-ins there are to a PBX."""

    async def pulse(self, handle: UserHandle) -> Pulse: ...
    async def set_pulse(self, session: Session, pulse: Pulse) -> None: ...
    async def change_pulse(self, session: Session, change: Callable[[Pulse], Pulse]) -> Pulse:
        """Apply ``change`` atomically (compare and swap, tried again on a race); give the pulse after it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """An entry that is held about a person: its kind, and in how many seconds it is gone by itself."""

    kind: str
    expires_in: int


class TraceStore(Protocol):
    """Everything that is held about one person."""

    async def of(
        self, user: UserKey, session: Session | None, pbxs: Sequence[PbxEntry], purposes: Mapping[str, str]
    ) -> tuple[Trace, ...]:
        """Every entry by kind; ``purposes`` names the kinds of what :class:`Once` keeps and claims."""

    async def remove(self, user: UserKey) -> None:
        """Remove what is left about somebody who is signed out."""


class CallTables(Protocol):
    """One table of calls per person, shared by all processes."""

    async def read(self, user: UserKey) -> CallTable: ...
    async def with_session(self, handle: UserHandle) -> tuple[Session | NoSession, CallTable]:
        """Both in one Redis trip: the path of every PBX event."""

    async def update(
        self, session: Session, change: Callable[[CallTable], CallTable], known: CallTable | None = None
    ) -> tuple[CallTable, CallTable]:
        """Apply ``change`` atomically (compare and swap, tried again on a race) and publish the table if it changed.

        ``known`` saves the first read. Gives (before, after); they are equal when nothing changed. ``SignedOut`` when exactly
        this sign-in has ended meanwhile: nothing is written.
        """


class Feed(Protocol):
    """Changes of one person, to every process that has a reader for them."""

    async def publish(self, user: UserKey, change: Change) -> None: ...
    def subscribe(self, user: UserKey) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Changes from now on. Yields ``Resync`` first after a gap (lost Redis, overfull queue): take a new snapshot.

        Waiting for the next change may be cancelled and begun anew; nothing is lost by that.
        """


class Throttle(Protocol):
    """Limits on sign-in attempts; fails closed."""

    async def admit_sign_in(self, user: UserKey, pbx: PbxEntry, login: str, address: str) -> None:
        """Count one attempt of this person, login, PBX and client address; ``TooManyAttempts`` if a limit is reached."""

    async def sign_in_failed(self, user: UserKey, pbx: PbxEntry, login: str, address: str) -> None: ...
    async def sign_in_succeeded(self, user: UserKey) -> None: ...
    async def sign_in_undecided(self, user: UserKey, pbx: PbxEntry, login: str) -> None:
        """The PBX did not say (unreachable, time-out): the attempt gives its place back. Without this it stays counted."""

    async def admit(self, purpose: str, subject: str, limit: int, per: timedelta) -> None:
        """A plain limit for anything else, e.g. checks of a tenant."""


class Once(Protocol):
    """Things that happen once: claims, remembered answers, leases."""

    async def claim(self, purpose: str, subject: str, life: timedelta) -> bool:
        """``True`` for the first caller within ``life``."""

    async def release(self, purpose: str, subject: str) -> None: ...
    async def keep(
        self, purpose: str, subject: str, value: Mapping[str, object], life: timedelta, session: SessionId | None = None
    ) -> None:
        """Keep a small value, sealed; with ``session`` only while exactly that sign-in of the subject lives."""

    async def kept(self, purpose: str, subject: str) -> Mapping[str, object] | None: ...
    async def take(self, purpose: str, subject: str) -> Mapping[str, object] | None:
        """Read and remove atomically."""

    def slot(self, purpose: str, subject: str, limit: int, wait: timedelta) -> AbstractAsyncContextManager[None]:
        """One of ``limit`` places at a time over all processes (e.g. logins at one PBX); ``Unavailable`` after ``wait``."""


class DueWork(Protocol):
    """Work that has its time, claimed by whichever process is free."""

    async def schedule(self, handle: UserHandle, at: float) -> None: ...
    async def claim(self, limit: int, lease: timedelta) -> tuple[UserHandle, ...]:
        """Take up to ``limit`` due handles and put each ``lease`` ahead, atomically."""

    async def drop(self, handle: UserHandle) -> None: ...


# ------------------------------------------------------------------ the faces and the rest


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> datetime:
        """Aware, UTC."""

    def time(self) -> float:
        """Unix seconds, the same clock as :meth:`now`."""


class Notices(Protocol):
    """Somebody who tells people about changes outside the tab (the chat face)."""

    async def __call__(self, user: UserKey, change: Change) -> None: ...


NoticeListener = Callable[[UserKey, Change], Awaitable[None]]
