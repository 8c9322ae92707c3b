"""Activities in the shape in which Teams posts them to a bot (pure)."""

from __future__ import annotations

import html
import itertools
from dataclasses import dataclass, field
from typing import Any

from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.conversations import Activity
from infra.simulator.microsoft.population import User

BOT_NAME = "STARFACE"


@dataclass
class ActivityWriter:
    """Writes activities of people to one bot. Ids grow and never repeat."""

    app_id: str
    service_url: str
    clock: Clock
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def bot(self) -> dict[str, str]:
        """The bot as a channel account."""
        return {"id": f"28:{self.app_id}", "name": BOT_NAME}

    def envelope(self, user: User, conversation_id: str, kind: str, **fields: Any) -> Activity:
        """What every activity carries; `fields` come on top and may replace."""
        now = self.clock.timestamp()
        return {
            "type": kind,
            "id": f"{int(self.clock.now() * 1000)}{next(self._ids):04d}",
            "timestamp": now,
            "localTimestamp": now,
            "localTimezone": "Europe/Berlin",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": user.channel_id, "name": user.name, "aadObjectId": user.id},
            "conversation": {"conversationType": "personal", "tenantId": user.tenant.id, "id": conversation_id},
            "recipient": self.bot(),
            "channelData": {"tenant": {"id": user.tenant.id}},
            "locale": user.locale,
            "entities": [client_info(user.locale)],
            **fields,
        }

    def message(self, user: User, conversation_id: str, text: str, **fields: Any) -> Activity:
        """A typed message."""
        attachment = {"contentType": "text/html", "content": f"<p>{html.escape(text)}</p>"}
        return self.envelope(
            user, conversation_id, "message", text=text, textFormat="plain", attachments=[attachment], **fields
        )

    def card_submission(self, user: User, conversation_id: str, value: object, reply_to: str) -> Activity:
        """A click on Action.Submit: a message without text that carries the button's data."""
        channel_data = {
            "tenant": {"id": user.tenant.id},
            "source": {"name": "message"},
            "legacy": {"replyToId": reply_to},
        }
        return self.envelope(
            user, conversation_id, "message", value=value, replyToId=reply_to, channelData=channel_data
        )

    def members_added(self, user: User, conversation_id: str) -> Activity:
        """conversationUpdate: the bot has joined the personal chat."""
        added = [self.bot(), {"id": user.channel_id, "aadObjectId": user.id}]
        return self.envelope(user, conversation_id, "conversationUpdate", membersAdded=added)

    def installation(self, user: User, conversation_id: str, action: str) -> Activity:
        """installationUpdate with `add`, `remove`, `add-upgrade` or `remove-upgrade`."""
        source = {"tenant": {"id": user.tenant.id}, "settings": {"selectedChannel": {"id": conversation_id}}}
        return self.envelope(user, conversation_id, "installationUpdate", action=action, channelData=source)

    def invoke(
        self, user: User, conversation_id: str, name: str, value: object, reply_to: str | None = None
    ) -> Activity:
        """An invoke; `name` is for example `adaptiveCard/action`, `task/fetch` or `composeExtension/query`."""
        fields: dict[str, Any] = {"name": name, "value": value}
        if reply_to is not None:
            fields["replyToId"] = reply_to
        return self.envelope(user, conversation_id, "invoke", **fields)


def client_info(locale: str) -> dict[str, str]:
    """The entity by which Teams tells which client wrote."""
    country = locale.rpartition("-")[2].upper()
    return {"type": "clientInfo", "locale": locale, "country": country, "platform": "Web", "timezone": "Europe/Berlin"}


def execute_value(verb: str, data: object, *, trigger: str = "manual", action_id: str | None = None) -> dict[str, Any]:
    """The value of an `adaptiveCard/action` invoke for a click on Action.Execute."""
    action: dict[str, Any] = {"type": "Action.Execute", "verb": verb, "data": data}
    if action_id is not None:
        action["id"] = action_id
    return {"action": action, "trigger": trigger}


def task_value(data: object, *, theme: str = "default") -> dict[str, Any]:
    """The value of a `task/fetch` or `task/submit` invoke."""
    return {"data": data, "context": {"theme": theme}}


def query_value(command_id: str, text: str) -> dict[str, Any]:
    """The value of a `composeExtension/query` invoke."""
    parameters = [{"name": "searchText", "value": text}]
    return {"commandId": command_id, "parameters": parameters, "queryOptions": {"skip": 0, "count": 25}}
