"""Presence rules of tenants in the directory's database; what was read is believed for a few seconds."""

import time
from collections import OrderedDict

from sqlalchemy import insert, select, update

from bridge.errors import TenantUnknown
from bridge.model.ids import TenantId
from bridge.model.presence_rules import NO_CHOICES, Choices, read, written
from bridge.store.database import Conflict, Database
from bridge.store.tables import TENANT_RULES, TENANTS

CACHED_TENANTS = 2048
CACHED_FOR = 5.0
"""Seconds after which a change made through another process is seen."""


class SqlTenantRules:
    """What administrators chose (port ``TenantRules``)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: OrderedDict[TenantId, tuple[float, Choices]] = OrderedDict()

    async def choices(self, tenant: TenantId) -> Choices:
        """Give a tenant's choices; none when it made none."""
        known = self._cache.get(tenant)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        async with self._database.reading() as connection:
            found = await connection.scalar(select(TENANT_RULES.c.presence).where(TENANT_RULES.c.tenant == tenant))
        choices = NO_CHOICES if found is None else read(found)
        self._cache[tenant] = (time.monotonic() + CACHED_FOR, choices)
        self._cache.move_to_end(tenant)
        while len(self._cache) > CACHED_TENANTS:
            self._cache.popitem(last=False)
        return choices

    async def set_choices(self, tenant: TenantId, choices: Choices) -> None:
        """Replace a tenant's choices.

        Raises:
            TenantUnknown: the tenant was not registered.
        """
        value = written(choices)
        try:
            async with self._database.transaction() as connection:
                if await connection.scalar(select(TENANTS.c.id).where(TENANTS.c.id == tenant)) is None:
                    raise TenantUnknown
                change = update(TENANT_RULES).where(TENANT_RULES.c.tenant == tenant).values(presence=value)
                if not (await connection.execute(change)).rowcount:
                    await connection.execute(insert(TENANT_RULES).values(tenant=tenant, presence=value))
        except Conflict:  # two first changes at once, or the tenant is just being removed: the other one stands
            raise TenantUnknown from None
        finally:
            self._cache.pop(tenant, None)
