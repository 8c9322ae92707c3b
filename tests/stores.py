"""The real stores of one process of the product, on a server of the test, with a clock the test moves."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.model.ids import PbxId, PersonId, SessionId, TenantId, UserKey
from bridge.model.pbx import PbxAccess, PbxEntry, Session, TlsMode, TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.store.calls import StoredCallTables
from bridge.store.connection import Connection
from bridge.store.due import StoredDueWork
from bridge.store.feed import DirectoryNews, StoredFeed
from bridge.store.naming import Naming
from bridge.store.once import StoredOnce
from bridge.store.outbox import StoredOutbox
from bridge.store.seal import Seal
from bridge.store.sessions import StoredSessions
from bridge.store.subscriber import Subscriber
from bridge.store.throttle import StoredThrottle

OLD_KEY, NEW_KEY = b"an old master key of 32 bytes!!!", b"a new master key of 32 bytes too"
IDLE, ABSOLUTE = timedelta(hours=4), timedelta(hours=12)


@dataclass
class MovableClock:
    """A clock that stands until it is moved (port ``Clock``)."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def time(self) -> float:
        return self.at.timestamp()

    def move(self, by: timedelta) -> None:
        self.at += by


class Process:
    """All Redis stores of one process."""

    def __init__(
        self, url: Secret, clock: MovableClock, keys: Sequence[bytes] = (OLD_KEY,), *, replicated: bool = False
    ) -> None:
        self.broken = 0
        self.clock = clock
        self.seal = Seal(keys, self._count_broken)
        self.connection = Connection(url)
        self.naming = Naming(self.connection, keys)
        self.subscriber = Subscriber(self.connection)
        shared = (self.connection, self.naming, self.seal, clock)
        self.sessions = StoredSessions(*shared, idle=IDLE, replicated=replicated)
        self.tables = StoredCallTables(*shared)
        self.feed = StoredFeed(self.connection, self.subscriber, self.naming, self.seal)
        self.throttle = StoredThrottle(self.connection, self.naming, clock)
        self.once = StoredOnce(*shared)
        self.outbox = StoredOutbox(self.connection, self.naming, self.seal)
        self.due = StoredDueWork(self.connection, clock)
        self.news = DirectoryNews(self.connection, self.subscriber, self.seal)

    async def start(self) -> None:
        self.connection.start()
        await self.naming.start()
        self.subscriber.start()

    async def stop(self) -> None:
        await self.subscriber.stop()
        await self.naming.stop()
        await self.connection.stop()

    def _count_broken(self) -> None:
        self.broken += 1


@contextlib.asynccontextmanager
async def running(process: Process) -> AsyncIterator[Process]:
    """Start a process and stop it at the end."""
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


def user(person: str = "11111111-2222-3333-4444-555555555555", tenant: str = "aaaa1111") -> UserKey:
    return UserKey(TenantId(tenant), PersonId(person))


def a_session(
    clock: MovableClock,
    who: UserKey | None = None,
    *,
    identity: str = "sign-in-1",
    pbx: str = "pbx-1",
    life: timedelta = ABSOLUTE,
    token: str = "0001:token-of-the-pbx",
    login: str = "0001",
) -> Session:
    """A sign-in as the service makes it."""
    access = PbxAccess(login, Secret(token), TokenForm.SHA512, UcpVersion.V22, "9.1.0.3")
    return Session(
        id=SessionId(identity),
        user=who or user(),
        pbx=PbxId(pbx),
        access=access,
        callback_secret=Secret("0123456789abcdef0123"),
        created_at=clock.now(),
        ends_at=clock.now() + life,
        own_numbers=("00493012345678",),
        event_services=("call",),
    )


def a_pbx(tenant: str = "aaaa1111", pbx: str = "pbx-1", *, name: str = "Office", primary: bool = False) -> PbxEntry:
    """A mapping as an administrator makes it."""
    return PbxEntry(TenantId(tenant), PbxId(pbx), name, "pbx.example.org", 443, TlsMode.REQUIRED, primary)
