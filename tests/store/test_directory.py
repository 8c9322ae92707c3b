"""The directory, on SQLite and on PostgreSQL alike."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext as does_not_raise
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text

from bridge.errors import BadRequest, NotFound, PbxAddressForbidden, TenantUnknown, Unavailable
from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import CallbackMode, PbxEntry, TlsMode
from bridge.secret import Secret
from bridge.store.database import Conflict, Database, upgrade
from bridge.store.directory import SqlDirectory
from bridge.store.tables import METADATA, TENANTS
from tests.servers import RedisServer, free_port, postgres_server, until
from tests.store.conftest import Starter
from tests.stores import a_pbx

OURS, THEIRS = TenantId("aaaa1111"), TenantId("bbbb2222")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> Secret:
    """An empty, upgraded database."""
    if request.param == "sqlite":
        url = Secret(f"sqlite+aiosqlite:///{tmp_path}/directory.sqlite")
    else:
        url = Secret(request.getfixturevalue("postgres"))
    await upgrade(url)
    database = Database(url)
    async with database.transaction() as connection:
        await connection.execute(TENANTS.delete())
    await database.close()
    return url


@pytest.fixture
async def database(url: Secret) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def directory(database: Database) -> SqlDirectory:
    """A directory that knows two tenants without PBXs."""
    directory = SqlDirectory(database)
    await directory.register(OURS)
    await directory.register(THEIRS)
    return directory


def names(entries: tuple[PbxEntry, ...]) -> list[tuple[str, bool]]:
    return [(entry.name, entry.primary) for entry in entries]


async def test_a_tenant_is_known_once_registered(directory: SqlDirectory) -> None:
    assert not await directory.knows(TenantId("cccc3333"))
    assert await directory.knows(OURS)
    assert await directory.tenants() == (OURS, THEIRS)
    await directory.register(TenantId("cccc3333"))
    assert await directory.knows(TenantId("cccc3333"))


async def test_many_register_at_once(directory: SqlDirectory) -> None:
    await asyncio.gather(*(directory.register(TenantId("cccc3333")) for _ in range(8)))
    assert await directory.knows(TenantId("cccc3333"))


async def test_a_pbx_is_found_as_it_was_stored(directory: SqlDirectory) -> None:
    entry = PbxEntry(
        OURS, PbxId("p"), "Zentrale Köln", "10.1.2.3", 8443, TlsMode.PINNED, True, CallbackMode.POLL, "ab" * 32, "AT"
    )
    await directory.add(entry)
    assert await directory.pbx(OURS, PbxId("p")) == entry
    assert await directory.pbxs(OURS) == (entry,)


async def test_the_first_is_primary_and_a_marked_one_takes_its_place(directory: SqlDirectory) -> None:
    await directory.add(a_pbx(OURS, "1", name="B"))
    await directory.add(a_pbx(OURS, "2", name="A"))
    assert names(await directory.pbxs(OURS)) == [("B", True), ("A", False)]
    await directory.add(a_pbx(OURS, "3", name="C", primary=True))
    assert names(await directory.pbxs(OURS)) == [("C", True), ("A", False), ("B", False)]
    await directory.change(a_pbx(OURS, "2", name="A", primary=True))
    assert names(await directory.pbxs(OURS)) == [("A", True), ("B", False), ("C", False)]


async def test_the_primary_one_stays_until_another_takes_its_place(directory: SqlDirectory) -> None:
    await directory.add(a_pbx(OURS, "1"))
    await directory.change(a_pbx(OURS, "1", name="Renamed", primary=False))
    assert names(await directory.pbxs(OURS)) == [("Renamed", True)]


async def test_a_removed_primary_one_has_an_heir(directory: SqlDirectory) -> None:
    for identity, name in (("1", "A"), ("2", "C"), ("3", "B")):
        await directory.add(a_pbx(OURS, identity, name=name))
    await directory.remove(OURS, PbxId("2"))
    assert names(await directory.pbxs(OURS)) == [("A", True), ("B", False)]
    await directory.remove(OURS, PbxId("1"))
    assert names(await directory.pbxs(OURS)) == [("B", True)]
    await directory.remove(OURS, PbxId("3"))
    await directory.remove(OURS, PbxId("3"))
    assert await directory.pbxs(OURS) == ()


async def test_primary_ones_added_at_once_leave_exactly_one(directory: SqlDirectory, database: Database) -> None:
    others = [directory, SqlDirectory(database)]
    entries = [a_pbx(OURS, f"{number}", name=f"{number}", primary=number % 2 == 0) for number in range(8)]
    await asyncio.gather(*(others[number % 2].add(entry) for number, entry in enumerate(entries)))
    found = await SqlDirectory(database).pbxs(OURS)
    assert len(found) == 8
    assert sum(entry.primary for entry in found) == 1


async def test_the_database_itself_refuses_two_primary_ones(directory: SqlDirectory, database: Database) -> None:
    await directory.add(a_pbx(OURS, "1"))
    await directory.add(a_pbx(OURS, "2"))
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(text("UPDATE pbxs SET is_primary = true"))


async def test_tenants_do_not_see_one_another(directory: SqlDirectory) -> None:
    ours, theirs = a_pbx(OURS, "same", primary=True), replace(a_pbx(THEIRS, "same", primary=True), host="other.example")
    await directory.add(ours)
    await directory.add(theirs)
    assert await directory.pbxs(OURS) == (ours,)
    assert await directory.pbx(THEIRS, PbxId("same")) == theirs
    await directory.change(replace(theirs, name="Changed"))
    await directory.remove(THEIRS, PbxId("same"))
    assert await directory.pbx(OURS, PbxId("same")) == ours
    with pytest.raises(NotFound):
        await directory.pbx(THEIRS, PbxId("same"))
    with pytest.raises(NotFound):
        await directory.change(theirs)


async def test_a_forgotten_tenant_leaves_no_row(directory: SqlDirectory, database: Database) -> None:
    await directory.add(a_pbx(OURS, "1"))
    await directory.claim_private(OURS, PbxId("1"), ["10.0.0.1"])
    await directory.forget(OURS)
    async with database.reading() as connection:
        for table in METADATA.sorted_tables:
            rows = (await connection.execute(table.select())).all()
            assert not [row for row in rows if OURS in row]
    assert not await directory.knows(OURS)
    assert await directory.knows(THEIRS)
    await directory.forget(OURS)


async def test_an_unknown_tenant_maps_nothing(directory: SqlDirectory) -> None:
    unknown = TenantId("cccc3333")
    for use in (
        lambda: directory.add(a_pbx(unknown)),
        lambda: directory.change(a_pbx(unknown)),
        lambda: directory.remove(unknown, PbxId("1")),
        lambda: directory.claim_private(unknown, PbxId("1"), ["10.0.0.1"]),
    ):
        with pytest.raises(TenantUnknown):
            await use()
    assert await directory.pbxs(unknown) == ()


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"name": "n" * 81},
        {"host": "h" * 254},
        {"host": ""},
        {"port": 0},
        {"port": 65536},
        {"country": "DEU"},
        {"id": PbxId("i" * 65)},
        {"name": "a\0b"},
        {"certificate_sha256": "a" * 65},
    ],
    ids=str,
)
async def test_what_does_not_fit_is_refused(directory: SqlDirectory, fault: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        await directory.add(replace(a_pbx(OURS, "1"), **fault))  # type: ignore[arg-type]  # the fields vary
    assert await directory.pbxs(OURS) == ()


async def test_an_id_is_given_once(directory: SqlDirectory) -> None:
    await directory.add(a_pbx(OURS, "1"))
    with pytest.raises(BadRequest):
        await directory.add(a_pbx(OURS, "1", name="Another"))
    assert names(await directory.pbxs(OURS)) == [("Office", True)]


async def test_quotes_and_signs_are_only_text(directory: SqlDirectory) -> None:
    name = "'; DROP TABLE pbxs; -- \" % _ \\ ä"
    await directory.add(a_pbx(OURS, "1' OR '1'='1", name=name))
    assert names(await directory.pbxs(OURS)) == [(name, True)]
    with pytest.raises(NotFound):
        await directory.pbx(OURS, PbxId("1"))


async def test_a_private_address_belongs_to_one_tenant(directory: SqlDirectory) -> None:
    await directory.claim_private(OURS, PbxId("1"), ["10.0.0.1", "fd00::1", "198.51.100.7", "10.0.0.1"])
    await directory.claim_private(THEIRS, PbxId("1"), ["198.51.100.7", "10.0.0.2", "127.0.0.1"])
    await directory.claim_private(OURS, PbxId("1"), ["127.0.0.1", "10.0.0.1", "fd00::1"])
    for address in ("10.0.0.1", "fd00::1", "FD00:0::1", "::ffff:10.0.0.1"):
        with pytest.raises(PbxAddressForbidden):
            await directory.claim_private(THEIRS, PbxId("2"), ["10.0.0.9", address])
    await directory.claim_private(OURS, PbxId("1"), ["10.0.0.9"])


async def test_two_tenants_cannot_claim_at_once(directory: SqlDirectory) -> None:
    claims = [directory.claim_private(tenant, PbxId("1"), ["10.0.0.1"]) for tenant in (OURS, THEIRS) * 4]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    kinds = [[type(outcome) for outcome in outcomes[first::2]] for first in (0, 1)]
    assert sorted(kinds, key=str) == [[type(None)] * 4, [PbxAddressForbidden] * 4] or sorted(kinds, key=str) == [
        [PbxAddressForbidden] * 4,
        [type(None)] * 4,
    ]


async def test_addresses_are_given_back(directory: SqlDirectory) -> None:
    await directory.add(a_pbx(OURS, "1"))
    await directory.claim_private(OURS, PbxId("1"), ["10.0.0.1", "10.0.0.2"])
    await directory.claim_private(OURS, PbxId("1"), ["10.0.0.2"])
    await directory.claim_private(THEIRS, PbxId("9"), ["10.0.0.1"])
    with pytest.raises(PbxAddressForbidden):
        await directory.claim_private(THEIRS, PbxId("9"), ["10.0.0.1", "10.0.0.2"])
    await directory.remove(OURS, PbxId("1"))
    with does_not_raise():
        await directory.claim_private(THEIRS, PbxId("9"), ["10.0.0.1", "10.0.0.2"])


async def test_an_address_claimed_for_a_pbx_never_stored_is_given_back(directory: SqlDirectory) -> None:
    await directory.claim_private(OURS, PbxId("never stored"), ["10.0.0.1"])
    await directory.claim_private(OURS, PbxId("1"), ["10.0.0.2"])
    await directory.claim_private(THEIRS, PbxId("9"), ["10.0.0.1"])
    with pytest.raises(PbxAddressForbidden):
        await directory.claim_private(THEIRS, PbxId("9"), ["10.0.0.2"])


async def test_an_address_stays_while_another_pbx_on_the_host_uses_it(directory: SqlDirectory) -> None:
    for identity in ("1", "2"):
        await directory.add(a_pbx(OURS, identity))
        await directory.claim_private(OURS, PbxId(identity), ["10.0.0.1"])
    await directory.remove(OURS, PbxId("1"))
    with pytest.raises(PbxAddressForbidden):
        await directory.claim_private(THEIRS, PbxId("9"), ["10.0.0.1"])


async def test_answers_come_from_the_cache_and_changes_empty_it(
    database: Database, directory: SqlDirectory, redis: RedisServer, start: Starter
) -> None:
    one, other = [SqlDirectory(database, (await start(redis)).news) for _ in range(2)]
    await one.start()
    await other.start()
    assert await other.pbxs(OURS) == ()
    await directory.add(a_pbx(OURS, "1"))
    assert await other.pbxs(OURS) == (), "this change told nobody: the cache still answers"
    await one.add(a_pbx(OURS, "2", name="A"))
    assert names(await one.pbxs(OURS)) == [("Office", True), ("A", False)]
    await until(lambda: OURS not in other._cache)
    assert names(await other.pbxs(OURS)) == [("Office", True), ("A", False)]


async def test_what_was_read_before_a_change_is_not_cached_after_it(
    database: Database, directory: SqlDirectory
) -> None:
    reads = [asyncio.ensure_future(directory.pbxs(OURS)) for _ in range(3)]
    await asyncio.sleep(0)
    await directory.add(a_pbx(OURS, "1"))
    await asyncio.gather(*reads)
    assert names(await directory.pbxs(OURS)) == [("Office", True)]


async def test_the_cache_has_a_bound(database: Database) -> None:
    directory = SqlDirectory(database, cached_tenants=5)
    for number in range(12):
        await directory.knows(TenantId(f"t{number}"))
    assert list(directory._cache) == [f"t{number}" for number in range(7, 12)]


async def test_it_answers(directory: SqlDirectory) -> None:
    with does_not_raise():
        await directory.ping()


async def test_upgrading_again_and_at_once_changes_nothing(url: Secret, directory: SqlDirectory) -> None:
    await directory.add(a_pbx(OURS, "1"))
    await asyncio.gather(*(upgrade(url) for _ in range(3)))
    assert names(await directory.pbxs(OURS)) == [("Office", True)]


async def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    url = Secret(f"sqlite+aiosqlite:///{tmp_path}/directory.sqlite")
    await upgrade(url)
    database = Database(url)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable):
        await upgrade(url)
    await database.close()


async def test_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    def differences(connection: SqlConnection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_columns_are_known_with_their_purpose() -> None:
    """A new column needs a purpose here; none may be about a person."""
    purposes = {
        "tenants": {"id": "whose rows", "created_at": "when onboarded"},
        "pbxs": {
            "tenant": "whose",
            "id": "ours",
            "name": "shown to choose by",
            "host": "where",
            "port": "where",
            "tls": "how protected",
            "certificate_sha256": "how protected",
            "is_primary": "offered first",
            "callbacks": "how events come",
            "country": "how numbers are read",
        },
        "tenant_rules": {"tenant": "whose", "presence": "which rules for presence the administrator chose"},
        "private_addresses": {"tenant": "whose", "address": "held by one tenant", "pbx": "used by"},
    }
    assert {table.name: set(table.columns.keys()) for table in METADATA.sorted_tables} == {
        name: set(columns) for name, columns in purposes.items()
    }
    assert all("tenant" in table.primary_key.columns or table.name == "tenants" for table in METADATA.sorted_tables)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_database_that_is_away(kind: str, tmp_path: Path) -> None:
    addresses = {
        "sqlite": f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/d.sqlite",
        "postgresql": f"postgresql+asyncpg://user:canary-password@127.0.0.1:{free_port()}/d?ssl=disable",
    }
    url = Secret(addresses[kind])
    database = Database(url)
    directory = SqlDirectory(database)
    uses = (directory.ping, lambda: directory.knows(OURS), lambda: directory.register(OURS), lambda: upgrade(url))
    for use in uses:
        with pytest.raises(Unavailable) as caught:
            await use()
        assert "canary" not in str(caught.value)
    await database.close()
