"""Everything by which the bot speaks of its own accord, put together: the chats, the delivery, the cards of calls, the notices."""

from dataclasses import dataclass

from bot.answers import Answers
from bot.call_clicks import CallClicks
from bot.connector import Connector
from bot.conversations import Conversations, Subject
from bot.delivery import Delivery
from bot.desk import Desk
from bot.lanes import Lanes
from bot.living_cards import LivingCards
from bot.missed_calls import MissedCalls
from bot.notices import ChatNotices
from bot.zones import Zones
from bridge.service.notice_aftermath import Aftermath
from bridge.service.outbox import Outbox
from bridge.service.ports import Once
from bridge.texts import Catalogue


@dataclass(frozen=True, slots=True)
class Means:
    """What the parts share. ``subject`` gives a person's handle; ``post`` is a connector that tries once."""

    desk: Desk
    once: Once
    subject: Subject
    outbox: Outbox
    post: Connector
    aftermath: Aftermath
    texts: Catalogue
    zones: Zones


class OwnAccord:
    """The parts, made of the means."""

    def __init__(self, means: Means, lanes: Lanes) -> None:
        self._means = means
        self._clock = means.desk.lists.clock
        self.conversations = Conversations(means.once, means.subject, self._clock)
        self.delivery = Delivery(means.outbox, means.post, self.conversations)
        self.living = LivingCards(
            conversations=self.conversations,
            delivery=self.delivery,
            outbox=means.outbox,
            preferences=means.desk.lists.preferences,
            texts=means.texts,
            clock=self._clock,
            zones=means.zones,
        )
        self.missed = MissedCalls(
            living=self.living,
            delivery=self.delivery,
            outbox=means.outbox,
            aftermath=means.aftermath,
            once=means.once,
            subject=means.subject,
            clock=self._clock,
            zones=means.zones,
        )
        self.notices = self._notices(lanes)

    def clicks(self, answers: Answers) -> CallClicks:
        """The buttons on the cards of calls."""
        return CallClicks(
            answers=answers,
            control=self._means.desk.control,
            living=self.living,
            missed=self.missed,
            outbox=self._means.outbox,
            delivery=self.delivery,
            once=self._means.once,
            subject=self._means.subject,
            clock=self._clock,
        )

    def _notices(self, lanes: Lanes) -> ChatNotices:
        return ChatNotices(
            desk=self._means.desk,
            conversations=self.conversations,
            delivery=self.delivery,
            outbox=self._means.outbox,
            living=self.living,
            missed=self.missed,
            once=self._means.once,
            subject=self._means.subject,
            lanes=lanes,
            texts=self._means.texts,
            zones=self._means.zones,
        )
