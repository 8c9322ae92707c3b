"""All stores of a process, made from its settings, started and stopped together."""

from datetime import timedelta

from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.service.ports import Clock
from bridge.settings import Settings
from bridge.store.calls import StoredCallTables
from bridge.store.connection import Connection
from bridge.store.database import Database, upgrade
from bridge.store.directory import SqlDirectory
from bridge.store.due import StoredDueWork
from bridge.store.feed import DirectoryNews, StoredFeed
from bridge.store.naming import Naming
from bridge.store.once import StoredOnce
from bridge.store.seal import Seal
from bridge.store.sessions import StoredSessions
from bridge.store.subscriber import Subscriber
from bridge.store.throttle import StoredThrottle

_log = logger(__name__)


class Stores:
    """The stores by the names of :class:`bridge.service.use_cases.Stores`."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self._database_url = settings.database_url
        self._connection = Connection(settings.redis_url)
        self._naming = Naming(self._connection, settings.session_keys)
        self._subscriber = Subscriber(self._connection)
        self._database = database
        seal = Seal(settings.session_keys)
        shared = (self._connection, self._naming, seal, clock)
        idle = timedelta(seconds=settings.session_idle_ttl)
        self.sessions = StoredSessions(*shared, idle=idle)
        self.tables = StoredCallTables(*shared)
        self.feed = StoredFeed(self._connection, self._subscriber, self._naming, seal)
        self.throttle = StoredThrottle(self._connection, self._naming, clock)
        self.once = StoredOnce(*shared)
        self.due = StoredDueWork(self._connection, clock)
        self.directory = SqlDirectory(self._database, DirectoryNews(self._connection, self._subscriber, seal))

    async def start(self) -> None:
        """Bring the directory up to date and connect. A store that is away now is waited for, not given up on."""
        try:
            await upgrade(self._database_url)
        except Unavailable:
            _log.error("directory_not_upgraded")
        self._connection.start()
        await self._naming.start()
        self._subscriber.start()
        await self.directory.start()

    async def stop(self) -> None:
        """Disconnect."""
        self.feed.close()
        await self._subscriber.stop()
        await self._naming.stop()
        await self._connection.stop()
        await self._database.close()

    async def ping(self) -> None:
        """``Unavailable`` unless Redis answers and the names are agreed."""
        await self._connection.ping()
        _ = self._naming.names
