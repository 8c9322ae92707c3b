"""Tenants and their PBXs in SQL; answers come from a cache that changes of any process empty."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.errors import BadRequest, NotFound, PbxAddressForbidden, TenantUnknown, Unavailable
from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import CallbackMode, PbxEntry, TlsMode
from bridge.store.database import Conflict, Database
from bridge.store.feed import DirectoryNews
from bridge.store.tables import LONGEST_HOST, LONGEST_ID, LONGEST_NAME, PBXS, PRIVATE_ADDRESSES, TENANTS

CACHED_TENANTS = 2048
CACHED_FOR = 5.0
"""Seconds for which an answer may be old if news of a change got lost."""
KEPT_FOR = 900.0
"""Seconds for which what was known goes on while the database is away: sign-ins and calls need only that."""

_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Networks in which the same address is another machine for each tenant (RFC 1918, 4193, 6598)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the directory holds of a tenant; until when (monotonic seconds) that may be said, and while the database is away."""

    registered: bool
    pbxs: tuple[PbxEntry, ...]
    until: float
    until_at_most: float


class SqlDirectory:
    """The directory (port ``Directory``)."""

    def __init__(
        self, database: Database, news: DirectoryNews | None = None, *, cached_tenants: int = CACHED_TENANTS
    ) -> None:
        """``news`` carries changes between processes; without it others learn of them after ``CACHED_FOR``."""
        self._database = database
        self._cached_tenants = cached_tenants
        self._news = news
        self._cache: OrderedDict[TenantId, _Known] = OrderedDict()
        self._forgotten = 0

    async def start(self) -> None:
        """Listen to the news of other processes."""
        if self._news is not None:
            await self._news.start(self._forget)

    async def knows(self, tenant: TenantId) -> bool:
        """Tell whether a tenant was onboarded."""
        return (await self._known(tenant)).registered

    async def tenants(self) -> tuple[TenantId, ...]:
        """Give all onboarded tenants, for the operator."""
        async with self._database.reading() as connection:
            found = await connection.scalars(select(TENANTS.c.id).order_by(TENANTS.c.id))
            return tuple(map(TenantId, found))

    async def register(self, tenant: TenantId) -> None:
        """Onboard a tenant; again and at once by several is fine."""
        _bounded(tenant, LONGEST_ID, "a tenant id")
        async with self._database.transaction() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            row = {"id": tenant, "created_at": datetime.now(UTC)}
            await connection.execute(dialect.insert(TENANTS).values(row).on_conflict_do_nothing())
        await self._changed(tenant)

    async def forget(self, tenant: TenantId) -> None:
        """Remove the tenant and all its rows."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(TENANTS).where(TENANTS.c.id == tenant))
        await self._changed(tenant)

    async def pbxs(self, tenant: TenantId) -> tuple[PbxEntry, ...]:
        """Give the tenant's PBXs, the primary one first, then by name."""
        return (await self._known(tenant)).pbxs

    async def pbx(self, tenant: TenantId, pbx: PbxId) -> PbxEntry:
        """Give one PBX. ``NotFound`` if this tenant has no such one."""
        for entry in await self.pbxs(tenant):
            if entry.id == pbx:
                return entry
        raise NotFound("this tenant has no such PBX")

    async def add(self, entry: PbxEntry) -> None:
        """Store a PBX; the first one, or one marked so, becomes the only primary one.

        Raises:
            TenantUnknown: the tenant was not registered.
            BadRequest: the id is taken, or a field is longer than the tables allow.
        """
        values = _values(entry)
        try:
            async with self._database.transaction() as connection:
                await _lock(connection, entry.tenant)
                others = await connection.scalar(select(func.count()).where(PBXS.c.tenant == entry.tenant))
                values["is_primary"] = entry.primary or not others
                await self._demote(connection, entry, values)
                await connection.execute(insert(PBXS).values(values))
        except Conflict:
            raise BadRequest("a PBX with this id is there already") from None
        await self._changed(entry.tenant)

    async def change(self, entry: PbxEntry) -> None:
        """Replace a PBX's fields. The primary one stays primary until another takes its place.

        Raises:
            NotFound: this tenant has no such PBX.
            BadRequest: a field is longer than the tables allow.
        """
        values = _values(entry)
        async with self._database.transaction() as connection:
            await _lock(connection, entry.tenant)
            was_primary = await connection.scalar(select(PBXS.c.is_primary).where(*_is(entry.tenant, entry.id)))
            if was_primary is None:
                raise NotFound("this tenant has no such PBX")
            values["is_primary"] = entry.primary or was_primary
            await self._demote(connection, entry, values)
            await connection.execute(update(PBXS).where(*_is(entry.tenant, entry.id)).values(values))
        await self._changed(entry.tenant)

    async def remove(self, tenant: TenantId, pbx: PbxId) -> None:
        """Remove a PBX if it is there; when it was the primary one, the first by name takes its place."""
        async with self._database.transaction() as connection:
            await _lock(connection, tenant)
            await _hand_over(connection, tenant, pbx)
            await connection.execute(delete(PBXS).where(*_is(tenant, pbx)))
            first = select(PBXS.c.id).where(PBXS.c.tenant == tenant).order_by(*_ORDER).limit(1)
            heir = await connection.scalar(first)
            if heir is not None:
                await connection.execute(update(PBXS).where(*_is(tenant, PbxId(heir))).values(is_primary=True))
        await self._changed(tenant)

    async def claim_private(self, tenant: TenantId, pbx: PbxId, addresses: Sequence[str]) -> None:
        """Make the private ones among ``addresses`` this PBX's; those it had before are given back.

        Raises:
            PbxAddressForbidden: another tenant holds one of them; nothing was changed.
        """
        wanted = {address for address in map(_private, addresses) if address}
        try:
            async with self._database.transaction() as connection:
                await _lock(connection, tenant)
                await connection.execute(
                    delete(PRIVATE_ADDRESSES).where(PRIVATE_ADDRESSES.c.tenant == tenant, _unused(tenant, pbx))
                )
                ours = await connection.scalars(
                    select(PRIVATE_ADDRESSES.c.address).where(PRIVATE_ADDRESSES.c.tenant == tenant)
                )
                rows = [{"tenant": tenant, "address": address, "pbx": pbx} for address in sorted(wanted - set(ours))]
                if rows:
                    await connection.execute(insert(PRIVATE_ADDRESSES), rows)
        except Conflict:
            raise PbxAddressForbidden("a private address belongs to another tenant") from None

    async def ping(self) -> None:
        """Raise ``Unavailable`` if the database does not answer or lacks our tables."""
        async with self._database.reading() as connection:
            await connection.execute(select(TENANTS.c.id).limit(1))

    @staticmethod
    async def _demote(connection: AsyncConnection, entry: PbxEntry, values: dict[str, object]) -> None:
        """Make room for a new primary PBX."""
        if values["is_primary"]:
            others = update(PBXS).where(PBXS.c.tenant == entry.tenant, PBXS.c.id != entry.id, PBXS.c.is_primary)
            await connection.execute(others.values(is_primary=False))

    async def _known(self, tenant: TenantId) -> _Known:
        known = self._cache.get(tenant)
        if known is not None and known.until > time.monotonic():
            return known
        before = self._forgotten
        try:
            known = await self._read(tenant)
        except Unavailable:
            if known is None or known.until_at_most < time.monotonic():
                raise
            known = replace(known, until=time.monotonic() + CACHED_FOR)
        if before == self._forgotten:
            self._cache[tenant] = known
            self._cache.move_to_end(tenant)
            while len(self._cache) > self._cached_tenants:
                self._cache.popitem(last=False)
        return known

    async def _read(self, tenant: TenantId) -> _Known:
        async with self._database.reading() as connection:
            registered = await connection.scalar(select(exists().where(TENANTS.c.id == tenant)))
            rows = await connection.execute(select(PBXS).where(PBXS.c.tenant == tenant).order_by(*_ORDER))
            entries = tuple(_entry(row) for row in rows.mappings())
        now = time.monotonic()
        return _Known(bool(registered), entries, now + CACHED_FOR, now + KEPT_FOR)

    async def _changed(self, tenant: TenantId) -> None:
        self._forget(tenant)
        if self._news is not None:
            await self._news.tell(tenant)

    def _forget(self, tenant: TenantId | None) -> None:
        """Empty the cache; whatever is being read just now is not put into it either."""
        self._forgotten += 1
        if tenant is None:
            self._cache.clear()
        else:
            self._cache.pop(tenant, None)


_ORDER = (PBXS.c.is_primary.desc(), PBXS.c.name, PBXS.c.id)


async def _lock(connection: AsyncConnection, tenant: TenantId) -> None:
    """Let changes of one tenant follow one another. (SQLite lets only one transaction write anyway.)"""
    found = await connection.scalar(select(TENANTS.c.id).where(TENANTS.c.id == tenant).with_for_update())
    if found is None:
        raise TenantUnknown


async def _hand_over(connection: AsyncConnection, tenant: TenantId, pbx: PbxId) -> None:
    """Give the addresses of a PBX that goes to another one on the same host, or back."""
    mine = PRIVATE_ADDRESSES.c.tenant == tenant, PRIVATE_ADDRESSES.c.pbx == pbx
    host = select(PBXS.c.host).where(*_is(tenant, pbx)).scalar_subquery()
    twin = select(PBXS.c.id).where(PBXS.c.tenant == tenant, PBXS.c.id != pbx, PBXS.c.host == host).limit(1)
    heir = await connection.scalar(twin)
    change = delete(PRIVATE_ADDRESSES) if heir is None else update(PRIVATE_ADDRESSES).values(pbx=heir)
    await connection.execute(change.where(*mine))


def _unused(tenant: TenantId, pbx: PbxId) -> ColumnElement[bool]:
    """Addresses that ``pbx`` claimed before, or that a PBX claimed which was never stored."""
    stored = select(PBXS.c.id).where(PBXS.c.tenant == tenant)
    return or_(PRIVATE_ADDRESSES.c.pbx == pbx, PRIVATE_ADDRESSES.c.pbx.not_in(stored))


def _is(tenant: TenantId, pbx: PbxId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PBXS.c.tenant == tenant, PBXS.c.id == pbx


def _private(address: str) -> str | None:
    """Give the one spelling of a private address; ``None`` for any other."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(parsed) if any(parsed in network for network in _PRIVATE) else None


def _values(entry: PbxEntry) -> dict[str, object]:
    _bounded(entry.id, LONGEST_ID, "the id of a PBX")
    _bounded(entry.name, LONGEST_NAME, "the name of a PBX")
    _bounded(entry.host, LONGEST_HOST, "the host of a PBX")
    _bounded(entry.country, 2, "a country")
    if not 1 <= entry.port <= 65535:
        raise BadRequest("the port of a PBX must be from 1 to 65535")
    if entry.certificate_sha256 is not None:
        _bounded(entry.certificate_sha256, 64, "the hash of a certificate")
    return {
        "tenant": entry.tenant,
        "id": entry.id,
        "name": entry.name,
        "host": entry.host,
        "port": entry.port,
        "tls": entry.tls.value,
        "certificate_sha256": entry.certificate_sha256,
        "callbacks": entry.callbacks.value,
        "country": entry.country,
    }


def _bounded(value: str, longest: int, what: str) -> None:
    if not 1 <= len(value) <= longest or "\0" in value:
        raise BadRequest(f"{what} must have 1 to {longest} characters")


def _entry(row: RowMapping) -> PbxEntry:
    return PbxEntry(
        tenant=TenantId(row["tenant"]),
        id=PbxId(row["id"]),
        name=row["name"],
        host=row["host"],
        port=row["port"],
        tls=TlsMode(row["tls"]),
        primary=row["is_primary"],
        callbacks=CallbackMode(row["callbacks"]),
        certificate_sha256=row["certificate_sha256"],
        country=row["country"],
    )
