"""What an administrator does in the tab: the PBXs of their own tenant."""

from bridge.model.ids import PbxId
from bridge.model.pbx import CallbackMode, TlsMode
from bridge.service.tenants import Administrator, PbxDraft, Tenants
from bridge.texts import Catalogue, shared
from tab import schema, views
from tab.incoming import Incoming


class AdministrationActs:
    """Operations below ``/admin``."""

    def __init__(self, tenants: Tenants, texts: Catalogue | None = None) -> None:
        self._tenants = tenants
        self._texts = texts or shared()

    async def list_pbxs(self, incoming: Incoming) -> schema.PbxList:
        """GET /admin/pbxs."""
        return schema.PbxList(pbxs=[views.pbx(entry) for entry in await self._tenants.pbxs(_admin(incoming))])

    async def add_pbx(self, incoming: Incoming) -> schema.PbxView:
        """POST /admin/pbxs."""
        return views.pbx(await self._tenants.add(_admin(incoming), _draft(incoming.body)))

    async def change_pbx(self, incoming: Incoming) -> schema.PbxView:
        """PATCH /admin/pbxs/{id}."""
        return views.pbx(await self._tenants.change(_admin(incoming), PbxId(incoming.parameter), _draft(incoming.body)))

    async def remove_pbx(self, incoming: Incoming) -> None:
        """DELETE /admin/pbxs/{id}."""
        await self._tenants.remove(_admin(incoming), PbxId(incoming.parameter))

    async def check_pbx(self, incoming: Incoming) -> schema.CheckList:
        """POST /admin/pbxs/{id}/check."""
        checks = await self._tenants.check(_admin(incoming), PbxId(incoming.parameter))
        return views.check_list(checks, incoming.language, self._texts)


def _admin(incoming: Incoming) -> Administrator:
    return Administrator(incoming.user.key, incoming.user.roles)


def _draft(body: schema.PbxRequest | schema.PbxChangeRequest) -> PbxDraft:
    return PbxDraft(
        name=body.name,
        host=body.host,
        port=body.port,
        tls=TlsMode(body.tls) if body.tls else None,
        certificate_sha256=schema.fingerprint(body.certificate_sha256),
        primary=body.primary,
        callbacks=CallbackMode(body.callbacks) if body.callbacks else None,
        country=body.country,
    )
