"""Who an activity comes from, after its token has been checked: the token itself names no tenant."""

import re
from dataclasses import dataclass

from botbuilder.schema import Activity

from bridge.errors import BadRequest, TenantUnknown
from bridge.model.ids import PersonId, TenantId, UserKey

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender: ``person`` is empty for what the channel itself tells, ``is_personal`` whether the chat is with them alone."""

    tenant: TenantId
    person: PersonId
    locale: str
    is_personal: bool

    @property
    def user(self) -> UserKey:
        """The person as the use cases know them.

        Raises:
            BadRequest: the activity names no person.
        """
        if not self.person:
            raise BadRequest("no sender")
        return UserKey(self.tenant, self.person)


def caller_of(activity: Activity) -> Caller:
    """Read the sender of an activity.

    Raises:
        TenantUnknown: no tenant, two tenants, or something that is none.
        BadRequest: a message or an invoke of nobody.
    """
    conversation = activity.conversation
    sender = activity.from_property
    person = _guid(sender.aad_object_id if sender is not None else None)
    if not person and activity.type in ("message", "invoke"):
        raise BadRequest("no sender")
    return Caller(
        tenant=_tenant(activity),
        person=PersonId(person),
        locale=activity.locale or "",
        is_personal=conversation.conversation_type in (None, "personal"),
    )


def _tenant(activity: Activity) -> TenantId:
    named: list[object] = []
    channel_data = activity.channel_data
    if isinstance(channel_data, dict) and channel_data.get("tenant") is not None:
        tenant = channel_data["tenant"]
        named.append(tenant.get("id") if isinstance(tenant, dict) else tenant)
    if activity.conversation.tenant_id is not None:
        named.append(activity.conversation.tenant_id)
    tenants = {_guid(value) for value in named}
    if len(tenants) != 1 or "" in tenants:
        raise TenantUnknown("an activity names exactly one tenant")
    return TenantId(tenants.pop())


def _guid(value: object) -> str:
    text = value.lower() if isinstance(value, str) else ""
    return text if _GUID.fullmatch(text) else ""
