"""One card for each call of a person, edited in its place from ringing to its end.

Whoever applied a change of the table tells it, so each change is told once; what may overtake another on its way carries a version,
and the newest state wins whichever process delivers it.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from bot.activities import message, to_json
from bot.answers import new_nonce
from bot.call_card import CallCards, Told
from bot.cards import Cards
from bot.conversations import Chat, Conversations
from bot.delivery import Delivery
from bot.zones import Zones
from bridge.model.calls import Call, CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.telephony import CallState, Direction
from bridge.service.notice_choices import Choices, Preferences, seconds_left
from bridge.service.outbox import Address, Letter, Outbox, Shown
from bridge.service.ports import Clock
from bridge.texts import Catalogue

LIVE_LIFE: Final = 6 * 3600.0
"""Seconds; as long as a table of calls is kept without a change."""
ENDED_LIFE: Final = 1800.0
RINGING_FRESH: Final = 30.0
TALKING_FRESH: Final = 10.0
"""Seconds after which it is too late to show the card for the first time: the person knows by now."""
FATE_WAIT: Final = 12.0
"""Seconds after which an unanswered call's card says at least that it is over, should nobody find out what became of it."""
LAST_EDIT_LIFE: Final = 40.0
"""Seconds for the last edits after a sign-out, whose traces are gone within a minute."""
WATCHED: Final = 20_000


class Phase(IntEnum):
    """Order of what is said about one version of a call."""

    STATE = 0
    AGAIN = 2
    FATE = 5


def slot_of(call: CallId) -> str:
    """The message of a call."""
    return f"call/{call}"[:256]


def version_of(call: Call, phase: Phase = Phase.STATE) -> int:
    """A number that grows with everything that is said about a call, also when a later sign-in hears of it anew."""
    return int(call.started_at.timestamp() * 100) * 10_000 + min(call.version * 10 + phase, 9_999)


def later_than_calls(now: float) -> int:
    """A version above that of everything said so far."""
    return int((now + 1) * 100) * 10_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to whom a card is shown."""

    user: UserKey
    chat: Chat
    choices: Choices
    is_quiet: bool


class LivingCards:
    """Keeps the cards of calls up to date."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        delivery: Delivery,
        outbox: Outbox,
        preferences: Preferences,
        texts: Catalogue,
        clock: Clock,
        zones: Zones,
    ) -> None:
        self._conversations = conversations
        self._delivery = delivery
        self._outbox = outbox
        self._preferences = preferences
        self._texts = texts
        self._clock = clock
        self._zones = zones
        self._seen: OrderedDict[tuple[UserKey, CallId], int] = OrderedDict()
        self._first: OrderedDict[tuple[UserKey, CallId], CallId] = OrderedDict()

    def news(self, user: UserKey, table: CallTable) -> bool:
        """Whether a table holds anything that this process has not shown yet; costs nothing."""
        for old, present in table.aliases:
            self._first.setdefault((user, present), old)
            _bound(self._first)
        return any(self._is_new(user, call) for call in table.calls)

    def name_of(self, user: UserKey, call: CallId) -> CallId:
        """The id under which a call's card is known."""
        return self._first.get((user, call), call)

    async def changed(self, user: UserKey, table: CallTable) -> None:
        """Show what is new in a table of calls."""
        fresh = [call for call in table.calls if self._is_new(user, call)]
        reader = await self.reader(user) if fresh else None
        for call in fresh:
            if reader is not None:
                await self._show(reader, table, call)
            self._note(user, call)

    async def reader(self, user: UserKey) -> Reader | None:
        """Give the person as a reader of cards; ``None`` when they have no chat with us."""
        chat = await self._conversations.find(user)
        if chat is None:
            return None
        choices = await self._preferences.of(user)
        local = await self._zones.local(self._clock.now(), chat.zone)
        return Reader(user, chat, choices, is_quiet=seconds_left(choices.quiet, local) > 0)

    def cards(self, locale: str) -> CallCards:
        """Cards in a client's language."""
        return CallCards(Cards(self._texts, locale))

    async def say(self, reader: Reader, slot: str, version: int, told: Told, *, life: float, **how: object) -> bool:
        """Wish for a message; ``how`` are further fields of :class:`Letter <bridge.service.outbox.Letter>`."""
        activity = to_json(message(told.text, told.card))
        letter = Letter(slot, version, reader.chat.address, activity, life, **how)  # type: ignore[arg-type]  # fields of Letter
        return await self._delivery.put(reader.user, letter)

    async def placed(self, user: UserKey, call: Call, address: Address, activity_id: str) -> None:
        """Take the message by which a call was placed from the chat for the card of that call."""
        slot = slot_of(call.id)
        for shown in await self._outbox.all_shown(user):
            if shown.activity_id == activity_id and shown.slot != slot:
                await self._outbox.forget(user, shown.slot)  # a missed call's card became that of the call back
        await self._outbox.adopt(user, Shown(slot, address, activity_id, live=call.live), version_of(call), LIVE_LIFE)
        if call.state is not CallState.DIALING:
            await self.again(user, slot, call)

    async def again(self, user: UserKey, slot: str, call: Call) -> None:
        """Bring a message up to date that was found just now."""
        reader = await self.reader(user)
        if reader is not None:
            await self._put(reader, slot, call, 0, Phase.AGAIN)

    async def unfollowed(self, user: UserKey) -> None:
        """The sign-in has ended, and with it what the PBX tells: cards that still go on say so."""
        version = later_than_calls(self._clock.time())
        for shown in await self._outbox.all_shown(user):
            if shown.live and shown.slot.startswith("call/"):
                told = self.cards(shown.address.locale).unfollowed()
                activity = to_json(message(told.text, told.card))
                letter = Letter(shown.slot, version, shown.address, activity, LAST_EDIT_LIFE, only_edit=True, last=True)
                await self._delivery.put(user, letter)
        self._forget(user)

    async def _show(self, reader: Reader, table: CallTable, call: Call) -> None:
        """Put the state of one call; calls that the PBX continued under a new id keep their first card."""
        first, *others = _names(table, call)
        await self._put(reader, slot_of(first), call, len(table.live()) - call.live)
        told = self.cards(reader.chat.locale).continued()
        for name in others:
            await self.say(reader, slot_of(name), version_of(call), told, life=ENDED_LIFE, only_edit=True, last=True)

    async def _put(self, reader: Reader, slot: str, call: Call, others: int, phase: Phase = Phase.STATE) -> None:
        wanted = call.direction is Direction.INBOUND and reader.choices.incoming and not reader.is_quiet
        ringing = call.state is CallState.RINGING
        told = self.cards(reader.chat.locale).call(
            call, new_nonce(), others=others, watcher=reader.chat.person if call.live and wanted else ""
        )
        await self.say(
            reader,
            slot,
            version_of(call, phase),
            told,
            life=LIVE_LIFE if call.live else ENDED_LIFE,
            only_edit=not wanted or not call.live,
            fresh_for=RINGING_FRESH if ringing else TALKING_FRESH,
            not_for=FATE_WAIT if call.missed else 0.0,
            live=call.live,
        )

    def _is_new(self, user: UserKey, call: Call) -> bool:
        return self._seen.get((user, call.id), -1) < version_of(call)

    def _note(self, user: UserKey, call: Call) -> None:
        self._seen[user, call.id] = version_of(call)
        self._seen.move_to_end((user, call.id))
        _bound(self._seen)

    def _forget(self, user: UserKey) -> None:
        for key in [key for key in self._seen if key[0] == user]:
            del self._seen[key]


def _bound(memory: OrderedDict[tuple[UserKey, CallId], Any]) -> None:
    while len(memory) > WATCHED:
        memory.popitem(last=False)


def first_name(table: CallTable, call: Call) -> CallId:
    """The id under which a call was first heard of: the PBX may have continued it under others."""
    return next(_names(table, call))


def _names(table: CallTable, call: Call) -> Iterator[CallId]:
    yield from (old for old, present in table.aliases if present == call.id)
    yield call.id
