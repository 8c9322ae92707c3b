"""Activities between JSON and the Bot SDK's schema, read strictly: what has a wrong type is no activity."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationAccount

from bridge.errors import BadRequest

Json = Mapping[str, object]

MAXIMUM_ID = 1024
MAXIMUM_TEXT = 1 << 20
CARD = "application/vnd.microsoft.card.adaptive"
_TEXTS: Final = {
    "id": "id",
    "serviceUrl": "service_url",
    "channelId": "channel_id",
    "locale": "locale",
    "name": "name",
    "replyToId": "reply_to_id",
    "action": "action",
    "localTimezone": "local_timezone",
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """An activity as it was posted, with what every check needs."""

    raw: Json
    kind: str
    id: str
    conversation: str


def read_incoming(document: object) -> Incoming:
    """Take a decoded body for an activity.

    Raises:
        BadRequest: it has no type, conversation or id.
    """
    if not isinstance(document, dict):
        raise BadRequest("no activity")
    conversation = document.get("conversation")
    inner = conversation.get("id") if isinstance(conversation, dict) else None
    return Incoming(document, _name(document.get("type")), _name(document.get("id")), _name(inner))


def to_activity(incoming: Incoming) -> Activity:
    """Build the SDK's object.

    Raises:
        BadRequest: a field has a type that it cannot have.
    """
    raw = incoming.raw
    fields: dict[str, Any] = {field: _text(raw, name) for name, field in _TEXTS.items()}
    fields["text"] = _text(raw, "text", MAXIMUM_TEXT)
    return Activity(
        type=incoming.kind,
        from_property=_account(raw.get("from")),
        recipient=_account(raw.get("recipient")),
        conversation=_conversation(raw),
        value=raw.get("value"),
        channel_data=raw.get("channelData"),
        members_added=_accounts(raw, "membersAdded"),
        members_removed=_accounts(raw, "membersRemoved"),
        **fields,
    )


def to_json(activity: Activity) -> dict[str, object]:
    """Write what we send. Cards stand in attachments as ready JSON values."""
    written: dict[str, object | None] = {
        "type": activity.type,
        "text": activity.text,
        "textFormat": activity.text_format,
        "summary": activity.summary,
        "locale": activity.locale,
        "inputHint": activity.input_hint,
        "replyToId": activity.reply_to_id,
        "channelData": activity.channel_data,
        "from": _written(activity.from_property),
        "recipient": _written(activity.recipient),
        "conversation": {"id": activity.conversation.id} if activity.conversation else None,
        "attachments": [
            {"contentType": attachment.content_type, "content": attachment.content}
            for attachment in activity.attachments or ()
        ]
        or None,
    }
    return {name: value for name, value in written.items() if value is not None}


class Outgoing(Activity):
    """An activity of ours. The SDK copies each one deeply before it sends it; what is in ours is never changed afterwards."""

    def __deepcopy__(self, memo: dict[int, object]) -> "Outgoing":
        return copy.copy(self)


def message(text: str = "", card: Json | None = None) -> Activity:
    """A message of ours: plain text, in which nothing is markup, or a card."""
    if card is None:
        return Outgoing(type="message", text=text, text_format="plain")
    return Outgoing(type="message", summary=text, attachments=[Attachment(content_type=CARD, content=card)])


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAXIMUM_ID:
        raise BadRequest("an activity has a type, an id and a conversation")
    return value


def _text(raw: Json, name: str, longest: int = MAXIMUM_ID) -> str | None:
    value = raw.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > longest):
        raise BadRequest("a field is not of its type")
    return value


def _object(value: object) -> Json | None:
    if value is not None and not isinstance(value, dict):
        raise BadRequest("a field is not of its type")
    return value


def _account(value: object) -> ChannelAccount | None:
    account = _object(value)
    if account is None:
        return None
    names = {"id": "id", "name": "name", "aadObjectId": "aad_object_id"}
    fields: dict[str, Any] = {field: _text(account, name) for name, field in names.items()}
    return ChannelAccount(**fields)


def _accounts(raw: Json, name: str) -> list[ChannelAccount] | None:
    values = raw.get(name)
    if values is None:
        return None
    if not isinstance(values, list):
        raise BadRequest("a field is not of its type")
    return [account for value in values[:100] if (account := _account(value)) is not None]


def _conversation(raw: Json) -> ConversationAccount:
    value = _object(raw.get("conversation")) or {}
    names = {"id": "id", "conversationType": "conversation_type", "tenantId": "tenant_id"}
    fields: dict[str, Any] = {field: _text(value, name) for name, field in names.items()}
    return ConversationAccount(**fields)


def _written(account: ChannelAccount | None) -> dict[str, str] | None:
    if account is None or not account.id:
        return None
    return {"id": account.id, "name": account.name} if account.name else {"id": account.id}
