"""What an administrator does: map the PBXs of their own tenant."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.errors import BadRequest, NotAdmin, PbxUnreachable, TenantUnknown
from bridge.logs import logger
from bridge.model.ids import PbxId, TenantId, UserKey
from bridge.model.pbx import CallbackMode, PbxEntry, TlsMode
from bridge.service.ports import Check, Directory, PbxGate, Throttle
from bridge.service.sign_in import SignIns

MAXIMUM_PBXS = 50
CHECKS_PER_MINUTE = 10
COUNTS_PER_MINUTE = 30
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Administrator:
    """A checked Teams user with their Entra directory roles (template ids)."""

    user: UserKey
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class PbxDraft:
    """What an administrator writes down about a PBX; ``None`` leaves a value as it is."""

    name: str | None = None
    host: str | None = None
    port: int | None = None
    tls: TlsMode | None = None
    certificate_sha256: str | None = None
    primary: bool | None = None
    callbacks: CallbackMode | None = None
    country: str | None = None


class Tenants:
    """Maps PBXs; every method raises ``NotAdmin`` for somebody without an admin role of their tenant."""

    def __init__(
        self,
        *,
        directory: Directory,
        gate: PbxGate,
        throttle: Throttle,
        sign_ins: SignIns,
        admin_roles: frozenset[str],
        onboarding_open: bool,
    ) -> None:
        self._directory = directory
        self._gate = gate
        self._throttle = throttle
        self._sign_ins = sign_ins
        self._admin_roles = admin_roles
        self._onboarding_open = onboarding_open

    async def pbxs(self, admin: Administrator) -> tuple[PbxEntry, ...]:
        """Give the PBXs of the administrator's tenant; none yet for a tenant that may still be onboarded."""
        await self._admitted(admin)
        return await self._directory.pbxs(admin.user.tenant)

    async def add(self, admin: Administrator, draft: PbxDraft) -> PbxEntry:
        """Map a PBX; where onboarding is open, the first one registers the tenant.

        Raises:
            PbxAddressForbidden: the address policy refuses the host.
        """
        tenant = await self._admitted(admin)
        if len(await self._directory.pbxs(tenant)) >= MAXIMUM_PBXS:
            raise BadRequest("too many PBXs")
        entry = _entry(tenant, PbxId(secrets.token_hex(8)), draft)
        addresses = await self._addresses(entry)
        await self._directory.register(tenant)
        await self._directory.claim_private(tenant, entry.id, addresses)
        await self._directory.add(entry)
        _log.info("pbx_mapped", pbx=entry.id)
        return await self._directory.pbx(tenant, entry.id)

    async def change(self, admin: Administrator, pbx: PbxId, draft: PbxDraft) -> PbxEntry:
        """Change a mapping. When it leads elsewhere, the sign-ins end: a token never follows a PBX to a new address."""
        tenant = await self._admitted(admin)
        before = await self._directory.pbx(tenant, pbx)
        after = _changed(before, draft)
        if after == before:
            return before
        if _way(after) != _way(before):
            await self._directory.claim_private(tenant, pbx, await self._addresses(after))
            await self._sign_ins.revoke_all(before)
        await self._directory.change(after)
        _log.info("pbx_changed", pbx=pbx)
        return await self._directory.pbx(tenant, pbx)

    async def remove(self, admin: Administrator, pbx: PbxId) -> None:
        """Remove a mapping and end the sign-ins to it."""
        tenant = await self._admitted(admin)
        entry = await self._directory.pbx(tenant, pbx)
        await self._sign_ins.revoke_all(entry)
        await self._directory.remove(tenant, pbx)
        _log.info("pbx_removed", pbx=pbx)

    async def check(self, admin: Administrator, pbx: PbxId) -> tuple[Check, ...]:
        """Try a mapping without anybody's credentials; ten times a minute for each tenant."""
        tenant = await self._admitted(admin)
        entry = await self._directory.pbx(tenant, pbx)
        await self._throttle.admit("check", tenant, CHECKS_PER_MINUTE, timedelta(minutes=1))
        return await self._gate.check(entry)

    async def admit(self, admin: Administrator) -> TenantId:
        """Give the tenant that somebody administers."""
        return await self._admitted(admin)

    async def usage(self, admin: Administrator, pbx: PbxId) -> int:
        """Give how many people are signed in to a PBX, never who; thirty times a minute for each tenant."""
        tenant = await self._admitted(admin)
        entry = await self._directory.pbx(tenant, pbx)
        await self._throttle.admit("usage", tenant, COUNTS_PER_MINUTE, timedelta(minutes=1))
        return await self._sign_ins.count(entry)

    async def _admitted(self, admin: Administrator) -> TenantId:
        if not admin.roles & self._admin_roles:
            raise NotAdmin
        tenant = admin.user.tenant
        if not self._onboarding_open and not await self._directory.knows(tenant):
            raise TenantUnknown
        return tenant

    async def _addresses(self, entry: PbxEntry) -> tuple[str, ...]:
        """Addresses of the host now. One that cannot be resolved yet may be mapped: the policy is enforced at each socket."""
        try:
            return await self._gate.admit(entry.host, entry.port)
        except PbxUnreachable:
            return ()


def _entry(tenant: TenantId, pbx: PbxId, draft: PbxDraft) -> PbxEntry:
    tls = draft.tls or TlsMode.REQUIRED
    if not draft.name or not draft.host:
        raise BadRequest("a PBX needs a name and a host")
    entry = PbxEntry(
        tenant=tenant,
        id=pbx,
        name=draft.name,
        host=draft.host,
        port=draft.port or (80 if tls is TlsMode.OFF else 443),
        tls=tls,
        primary=bool(draft.primary),
        callbacks=draft.callbacks or CallbackMode.AUTO,
        certificate_sha256=draft.certificate_sha256,
        country=draft.country or "DE",
    )
    return _sound(entry)


def _changed(before: PbxEntry, draft: PbxDraft) -> PbxEntry:
    wished = {name: getattr(draft, name) for name in PbxDraft.__slots__ if getattr(draft, name) is not None}
    after = replace(before, **wished)
    if after.tls is not TlsMode.PINNED and draft.certificate_sha256 is None:
        after = replace(after, certificate_sha256=None)
    return _sound(after)


def _sound(entry: PbxEntry) -> PbxEntry:
    if (entry.tls is TlsMode.PINNED) != (entry.certificate_sha256 is not None):
        raise BadRequest("certificateSha256 goes with tls pinned, and only with it")
    return entry


def _way(entry: PbxEntry) -> tuple[object, ...]:
    return entry.host, entry.port, entry.tls, entry.certificate_sha256
