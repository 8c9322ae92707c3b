"""The database of the directory: engine, one transaction at a time with a deadline, one error, and the migrations."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bridge.errors import Unavailable
from bridge.secret import Secret

DEADLINE = 3.0
"""Seconds for a whole transaction, waiting for a connection included."""

UPGRADE_DEADLINE = 60.0
_READ_ONLY = "reads_only"
_UPGRADE_LOCK = 7_315_241_001
"""Any number, the same in all processes: PostgreSQL lets one of them upgrade at a time."""


class Conflict(Exception):
    """A constraint of a table was violated."""


class Database:
    """One pool of connections to SQLite or PostgreSQL."""

    def __init__(self, url: Secret) -> None:
        self._engine = _engine(url)
        self._reading = self._engine.execution_options(**{_READ_ONLY: True})

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Commit at the end, roll back on any error.

        Raises:
            Conflict: a constraint was violated.
            Unavailable: the database does not answer in time or at all.
        """
        return _transaction(self._engine)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Read consistently; errors as above."""
        return _transaction(self._reading)


@contextlib.asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        async with asyncio.timeout(DEADLINE), engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise Conflict from None
    except (SQLAlchemyError, OSError, TimeoutError):
        raise Unavailable("the directory's database does not answer") from None


async def upgrade(url: Secret) -> None:
    """Bring the database to this version's tables. Several processes may do so at once; one does it, the others wait.

    Raises:
        Unavailable: the database cannot be reached or its tables cannot be brought up to date.
    """
    try:
        async with asyncio.timeout(UPGRADE_DEADLINE):
            await asyncio.to_thread(lambda: asyncio.run(_upgrade(_engine(url))))
    except (SQLAlchemyError, OSError, TimeoutError):
        raise Unavailable("the directory's tables cannot be brought up to date") from None


async def _upgrade(engine: AsyncEngine) -> None:
    """Run in a loop of its own: Alembic reads its scripts from disk, which must not hold up anybody."""
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
            await connection.run_sync(_run_migrations)
    finally:
        await engine.dispose()


def _run_migrations(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _engine(url: Secret) -> AsyncEngine:
    address = url.reveal()
    if address.startswith("sqlite"):
        engine = create_async_engine(address, connect_args={"timeout": DEADLINE}, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_at_once)
        return engine
    return create_async_engine(
        address,
        pool_size=5,
        max_overflow=5,
        pool_timeout=DEADLINE,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "timeout": DEADLINE,
            "command_timeout": DEADLINE,
            "server_settings": {"statement_timeout": str(int(DEADLINE * 1000)), "application_name": "starface-bridge"},
        },
    )


def _prepare_sqlite(connection: object, _: ConnectionPoolEntry) -> None:
    """Let several processes read while one writes, hold foreign keys, and leave BEGIN to us."""
    connection.isolation_level = None  # type: ignore[attr-defined]  # the driver's connection, whose type has no name
    cursor = connection.cursor()  # type: ignore[attr-defined]  # likewise
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_at_once(connection: Connection) -> None:
    """Take the write lock at the beginning: a transaction that has read first may not get it later."""
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
