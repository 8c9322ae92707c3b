"""The database of the directory: engine, one transaction at a time with a deadline, one error, and the migrations."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, event, func, make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bridge.errors import Unavailable
from bridge.secret import Secret

DEADLINE = 3.0
"""Seconds for a whole transaction, waiting for a connection included."""

UPGRADE_DEADLINE = 60.0
_READS_ONLY = "reads_only"
_UPGRADE_LOCK = 7_315_241_001
"""Any number, the same in all processes: PostgreSQL lets one of them upgrade at a time."""


class Conflict(Exception):
    """A constraint of a table was violated."""


class Database:
    """One pool of connections to SQLite or PostgreSQL, made when first needed."""

    def __init__(self, url: Secret) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None
        self._making = asyncio.Lock()

    async def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            await self._engine.dispose()

    @contextlib.asynccontextmanager
    async def transaction(self, *, reads_only: bool = False) -> AsyncIterator[AsyncConnection]:
        """Commit at the end, roll back on any error.

        Raises:
            Conflict: a constraint was violated.
            Unavailable: the database does not answer in time or at all.
        """
        try:
            async with asyncio.timeout(DEADLINE):
                engine = await self._made()
                async with engine.execution_options(**{_READS_ONLY: reads_only}).begin() as connection:
                    yield connection
        except IntegrityError:
            raise Conflict from None
        except (SQLAlchemyError, OSError, TimeoutError):
            raise Unavailable("the directory's database does not answer") from None

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Read consistently, without keeping anybody from writing; errors as above."""
        return self.transaction(reads_only=True)

    async def _made(self) -> AsyncEngine:
        """Make the engine off the loop: it looks for drivers and resolves paths on disk."""
        async with self._making:
            if self._engine is None:
                self._engine = await asyncio.to_thread(_engine, self._url)
        return self._engine


async def upgrade(url: Secret) -> None:
    """Bring the database to this version's tables. Several processes may do so at once; one does it, the others wait.

    Raises:
        Unavailable: the database cannot be reached, or a later version of the program has changed its tables already.
    """
    try:
        async with asyncio.timeout(UPGRADE_DEADLINE):
            engine = await asyncio.to_thread(_engine, url)
            scripts = await asyncio.to_thread(_scripts)
            try:
                async with engine.begin() as connection:
                    if engine.dialect.name == "postgresql":
                        await connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
                    await connection.run_sync(_run, scripts)
            finally:
                await engine.dispose()
    except (SQLAlchemyError, RevisionError, OSError, TimeoutError):
        raise Unavailable("the directory's tables cannot be brought up to date") from None


def _scripts() -> ScriptDirectory:
    """Read the migrations from disk."""
    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    list(scripts.walk_revisions())
    return scripts


def _run(connection: Connection, scripts: ScriptDirectory) -> None:
    """Run those that the database lacks, inside the transaction that is open."""

    def steps(current: tuple[str, ...], _: MigrationContext) -> list[MigrationStep]:
        missing = reversed(list(scripts.iterate_revisions("head", current, implicit_base=True)))
        return [MigrationStep.upgrade_from_script(scripts.revision_map, script) for script in missing]

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()


def _engine(url: Secret) -> AsyncEngine:
    address = url.reveal()
    if address.startswith("sqlite"):
        engine = create_async_engine(address, connect_args={"timeout": DEADLINE}, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_at_once)
        return engine
    known = {} if make_url(address).password else {"password": ""}  # else the driver looks for a file of passwords
    return create_async_engine(
        address,
        pool_size=5,
        max_overflow=5,
        pool_timeout=DEADLINE,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            **known,
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
    reads = connection.get_execution_options().get(_READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
