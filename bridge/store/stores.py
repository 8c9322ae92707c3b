"""All stores of a process, made from its settings, started and stopped together."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.service.ports import Clock
from bridge.settings import Settings
from bridge.store import keys
from bridge.store.background import Background
from bridge.store.calls import StoredCallTables
from bridge.store.connection import Connection
from bridge.store.database import Database, upgrade
from bridge.store.directory import SqlDirectory
from bridge.store.due import StoredDueWork
from bridge.store.feed import DirectoryNews, StoredFeed
from bridge.store.loss import LossWatch
from bridge.store.naming import Naming
from bridge.store.once import StoredOnce
from bridge.store.outbox import StoredOutbox
from bridge.store.presence import StoredStandings
from bridge.store.presence_beats import StoredBeats
from bridge.store.presence_rules import SqlTenantRules
from bridge.store.seal import Seal
from bridge.store.sessions import StoredSessions
from bridge.store.subscriber import Subscriber
from bridge.store.throttle import StoredThrottle
from bridge.store.traces import StoredTraces

UPGRADE_AGAIN = 5.0
"""Seconds between two attempts to bring the directory up to date while its database is away."""

_log = logger(__name__)


class Stores:
    """The stores by the names of :class:`bridge.service.use_cases.Stores`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        count: Callable[[str], None] = lambda _: None,
        *,
        again: float = UPGRADE_AGAIN,
    ) -> None:
        """``count`` counts what is worth an alarm, by a constant name."""
        self._again = again
        self._database_url = settings.database_url
        self._connection = Connection(settings.redis_url)
        self._naming = Naming(self._connection, settings.session_keys)
        self._subscriber = Subscriber(self._connection)
        self._database = database
        self._upgrading = Background(self._upgrade_later, "directory-upgrade")
        seal = Seal(settings.session_keys, lambda: count("seal_broken"))
        shared = (self._connection, self._naming, seal, clock)
        idle = timedelta(seconds=settings.session_idle_ttl)
        self.sessions = StoredSessions(*shared, idle=idle)
        self.tables = StoredCallTables(*shared)
        self.feed = StoredFeed(self._connection, self._subscriber, self._naming, seal)
        self._loss = LossWatch(self._connection)
        self._loss.on_loss(self.feed.resync)
        self.throttle = StoredThrottle(self._connection, self._naming, clock)
        self.once = StoredOnce(*shared)
        self.outbox = StoredOutbox(self._connection, self._naming, seal)
        self.due = StoredDueWork(self._connection, clock)
        self.reminders = StoredDueWork(self._connection, clock, keys.REMINDERS)
        self.traces = StoredTraces(self._connection, self._naming, clock)
        self.standings = StoredStandings(*shared, self.once)
        self.beats = StoredBeats(self._connection, self._naming, clock)
        self.tenant_rules = SqlTenantRules(self._database)
        self.directory = SqlDirectory(self._database, DirectoryNews(self._connection, self._subscriber, seal))

    async def start(self) -> None:
        """Bring the directory up to date and connect. A store that is away now is waited for, not given up on."""
        if not await self._upgraded():
            _log.error("directory_not_upgraded")
            self._upgrading.start()
        self._connection.start()
        await self._naming.start()
        self._subscriber.start()
        self._loss.start()
        await self.directory.start()

    async def stop(self) -> None:
        """Disconnect."""
        self.feed.close()
        await self._upgrading.stop()
        await self._loss.stop()
        await self._subscriber.stop()
        await self._naming.stop()
        await self._connection.stop()
        await self._database.close()

    async def _upgraded(self) -> bool:
        try:
            await upgrade(self._database_url)
        except Unavailable:
            return False
        return True

    async def _upgrade_later(self) -> None:
        while not await self._upgraded():  # noqa: ASYNC110 - a database that comes back sets no event
            await asyncio.sleep(self._again)
        _log.info("directory_upgraded")

    async def ping(self) -> None:
        """``Unavailable`` unless Redis answers and the names are agreed."""
        await self._connection.ping()
        _ = self._naming.names
