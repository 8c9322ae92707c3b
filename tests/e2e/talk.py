"""Anna in her chat with the bot: real product, simulated channel with authentication on, simulated PBX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.simulator.microsoft import Recorded
from infra.simulator.microsoft.activities import execute_value
from infra.simulator.microsoft.channel import Delivery
from infra.simulator.microsoft.population import ANNA, User
from tests.bot.card_rules import faults_of
from tests.bot.conftest import actions_of, card_of, shown
from tests.harness import World, until

PATIENCE = 4.0


@dataclass
class Talk:
    """One person's chat; what the bot sends of its own accord (a call's card) is told apart by what it says."""

    world: World
    user: User = ANNA
    locale: str = "en-US"
    texts: list[str] = field(default_factory=list)

    async def say(self, text: str, word: str, **fields: Any) -> Recorded:
        """Type a line and give the answer: the first new message that holds ``word``, a card of the rules or plain text."""
        connector = self.world.microsoft.connector
        before = len(connector.sent)
        delivery = await self.world.microsoft.channel.say(self.user, text, **{"locale": self.locale, **fields})
        assert delivery.status == 202, delivery.body
        try:
            found: Recorded = await until(lambda: _holding(list(connector.sent)[before:], word), PATIENCE)
        except AssertionError:
            got = [shown(sent) for sent in list(connector.sent)[before:]]
            raise AssertionError(f"{text!r} was not answered with {word!r} but with {got}") from None
        if found.activity and found.activity.get("attachments"):
            assert faults_of(card_of(found)) == []
        self.texts.append(shown(found))
        return found

    def action(self, sent: Recorded, verb: str, at: int = 0) -> dict[str, Any]:
        """A button of a message."""
        fitting = [each for each in actions_of(card_of(sent)) if each.get("data", {}).get("verb") == verb]
        assert len(fitting) > at, f"no button {verb} among {actions_of(card_of(sent))}"
        return fitting[at]

    async def click(self, sent: Recorded, verb: str, at: int = 0) -> Any:
        """Press a button with Action.Execute; give the body of the answer."""
        action = self.action(sent, verb, at)
        assert action["type"] == "Action.Execute"
        delivery = await self.invoke("adaptiveCard/action", execute_value(verb, action["data"]), str(sent.activity_id))
        assert delivery.status == 200, delivery.body
        if isinstance(delivery.body["value"], dict):
            assert faults_of(delivery.body["value"]) == []
        return delivery.body

    async def invoke(self, name: str, value: object, reply_to: str | None = None) -> Delivery:
        """Post an invoke as this person's client does, in its language."""
        microsoft = self.world.microsoft
        chat = microsoft.channel.conversation(self.user)
        activity = microsoft.activities.invoke(self.user, chat.id, name, value, reply_to)
        return await microsoft.channel.deliver({**activity, "locale": self.locale})

    async def submit(self, sent: Recorded, verb: str, word: str, at: int = 0) -> Recorded:
        """Press a button with Action.Submit; give the message that answers it."""
        action = self.action(sent, verb, at)
        assert action["type"] == "Action.Submit"
        connector = self.world.microsoft.connector
        before = len(connector.sent)
        microsoft = self.world.microsoft
        chat = microsoft.channel.conversation(self.user)
        activity = microsoft.activities.card_submission(self.user, chat.id, action["data"], str(sent.activity_id))
        await microsoft.channel.deliver({**activity, "locale": self.locale})
        found: Recorded = await until(lambda: _holding(list(connector.sent)[before:], word), PATIENCE)
        return found


def _holding(sent: Sequence[Recorded], word: str) -> Recorded | None:
    return next((each for each in sent if each.activity and word in shown(each)), None)
