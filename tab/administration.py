"""What an administrator does in the tab: the PBXs of their own tenant."""

import uuid
from typing import Annotated, Final

from pydantic import StringConstraints

from bridge.model.ids import PbxId
from bridge.model.pbx import CallbackMode, TlsMode
from bridge.service.tenants import Administrator, PbxDraft, Tenants
from bridge.texts import Catalogue, shared
from tab import schema, views
from tab.incoming import Incoming
from tab.operation import Operation
from tab.schema import Query, Shape

PACKAGE_NAME: Final = "teams-integration-for-starface"
"""From it and the bot's id the id of the app package is derived, the same at every build of one installation."""

AppId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", to_lower=True)
]


class Usage(Shape):
    """How many people are signed in to a PBX now."""

    signed_in: int


class RolloutQuery(Query):
    """``appId``: the id under which the organisation's app catalogue lists the app, where it gave it another one."""

    app_id: AppId | None = None


class Rollout(Shape):
    """Links to hand out: to the app's page in Teams, straight to the telephone, to the chat, and to where apps are managed."""

    app_id: str
    app_link: str
    tab_link: str
    chat_link: str
    admin_center_link: str


OPERATIONS: Final = (
    Operation(
        "read_usage", "GET", "/api/v1/admin/pbxs/{id}/usage", "How many people are signed in, as a number only", answer=Usage,
        refusals=("not_admin", "not_found", "too_many_attempts"), tag="administration", parameters=("id",),
    ),
    Operation(
        "read_rollout", "GET", "/api/v1/admin/rollout", "Links for rolling the app out", query=RolloutQuery, answer=Rollout,
        refusals=("not_admin",), tag="administration",
    ),
)  # fmt: skip


class AdministrationActs:
    """Operations below ``/admin``."""

    def __init__(self, tenants: Tenants, app_id: str, texts: Catalogue | None = None) -> None:
        self._tenants = tenants
        self._app_id = app_id
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

    async def read_usage(self, incoming: Incoming) -> Usage:
        """GET /admin/pbxs/{id}/usage."""
        return Usage(signed_in=await self._tenants.usage(_admin(incoming), PbxId(incoming.parameter)))

    async def read_rollout(self, incoming: Incoming) -> Rollout:
        """GET /admin/rollout."""
        await self._tenants.admit(_admin(incoming))
        query: RolloutQuery = incoming.query
        return rollout(self._app_id, query.app_id)


def rollout(bot: str, listed: str | None) -> Rollout:
    """Give the links of an installation (Teams platform notes, section 4)."""
    app = listed or str(uuid.uuid5(uuid.UUID(bot), PACKAGE_NAME))
    return Rollout(
        app_id=app,
        app_link=f"https://teams.microsoft.com/l/app/{app}",
        tab_link=f"https://teams.microsoft.com/l/entity/{app}/phone",
        chat_link=f"https://teams.microsoft.com/l/chat/0/0?users=28:{bot}",
        admin_center_link="https://admin.teams.microsoft.com/policies/manage-apps",
    )


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
