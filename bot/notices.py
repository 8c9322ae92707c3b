"""What the bot says of its own accord: calls, and that a sign-in has ended - once for each cause, never into a call or a night."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from bot.activities import message, to_json
from bot.answers import new_nonce
from bot.cards import Cards
from bot.conversations import Chat, Conversations, Subject
from bot.delivery import Delivery
from bot.desk import Desk
from bot.elements import Json
from bot.lanes import Lanes
from bot.living_cards import LivingCards
from bot.missed_calls import MissedCalls
from bot.zones import Zones
from bridge.errors import EndReason
from bridge.logs import logger
from bridge.model.calls import CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import CallInterrupted, CallMissed, CallsChanged, Change, SessionEnded, SessionOpened
from bridge.service.notice_choices import NIGHT, seconds_left
from bridge.service.outbox import Address, Letter, Outbox, Shown
from bridge.service.ports import Once
from bridge.texts import Catalogue

TOLD_FOR: Final = timedelta(hours=24)
LONGEST_CALL: Final = timedelta(hours=4)
"""A call that is heard of no more counts as over after this time."""
AFTER_CALL: Final = 600.0
"""Seconds after which a notice that was held back for a call is given, if the end of the call is never heard of: with the
sign-in the PBX's word about the call has ended as well."""
PROMPT_LIFE: Final = TOLD_FOR.total_seconds()
PEOPLE_WATCHED: Final = 20_000
TELLING: Final = frozenset({EndReason.EXPIRED, EndReason.REJECTED})
"""Ends that a person did not bring about; who signs out knows that they did."""
PROMPTS: Final = "sign_in/"
"""Begins the slots of the cards that ask for a sign-in, whoever sent them; each cause has a card of its own."""

_TOLD, _ON_A_CALL, _HELD_FOR_CALL, _PROMPT = "sign_in_ended", "on_a_call", "notice_held_back", "sign_in_card"
_log = logger(__name__)


class ChatNotices:
    """Listens to changes of people; implements ``bridge.service.ports.Notices``. Never waits: the work goes into lanes."""

    def __init__(
        self,
        *,
        desk: Desk,
        conversations: Conversations,
        delivery: Delivery,
        outbox: Outbox,
        living: LivingCards,
        missed: MissedCalls,
        once: Once,
        subject: Subject,
        lanes: Lanes,
        texts: Catalogue,
        zones: Zones,
        after_call: float = AFTER_CALL,
    ) -> None:
        self._desk = desk
        self._conversations = conversations
        self._preferences = desk.lists.preferences
        self._delivery = delivery
        self._outbox = outbox
        self._living = living
        self._missed = missed
        self._once = once
        self._subject = subject
        self._lanes = lanes
        self._texts = texts
        self._clock = desk.lists.clock
        self._zones = zones
        self._after_call = after_call
        self._on_a_call: OrderedDict[UserKey, bool] = OrderedDict()
        self._tables: dict[UserKey, CallTable] = {}
        self._newest = 0

    async def __call__(self, user: UserKey, change: Change) -> None:
        """Take a change; what it leads to happens later and in order."""
        match change:
            case SessionEnded(reason=reason):
                self._later(user, lambda: self._ended(user, reason))
            case SessionOpened():
                self._later(user, lambda: self._opened(user))
            case CallsChanged() if self._conversations.lacks(user):
                pass  # most people only use the tab: nothing is kept or looked up for each of their calls
            case CallsChanged(table=table):
                self._watch(user, on_a_call=bool(table.live()))
                self._show(user, table)
            case CallMissed():
                self._aside(user, lambda: self._missed.tell(user, self._living.name_of(user, change.call.id), change))
            case CallInterrupted():
                self._later(user, lambda: self._hasten(user))
            case _:
                pass

    async def forget(self, user: UserKey) -> None:
        """Leave nothing behind of somebody who has removed the app."""
        await self._conversations.forget(user)
        await self._outbox.drop_all(user)
        await self._once.take(_PROMPT, self._subject(user))
        await self._desk.lists.preferences.forget(user)

    async def placed(self, user: UserKey, call: CallId, address: Address, activity_id: str) -> None:
        """A message stands in the chat by which a call was placed: it is the card of that call from now on."""
        known = (await self._desk.control.calls(user)).get(call)
        if known is not None:
            await self._living.placed(user, known, address, activity_id)

    async def asked(self, user: UserKey, address: Address, activity_id: str) -> None:
        """A card that asks for a sign-in stands in the chat: it is withdrawn after one."""
        version = self._version()
        slot = await self._note_prompt(user, version, PROMPT_LIFE)
        await self._outbox.adopt(user, Shown(slot, address, activity_id), version, PROMPT_LIFE)

    def _later(self, user: UserKey, work: Callable[[], Awaitable[None]]) -> None:
        if not self._lanes.put(f"notices {user.tenant}/{user.person}", work):
            _log.warning("notice_dropped")

    def _aside(self, user: UserKey, work: Callable[[], Awaitable[None]]) -> None:
        """For what asks the PBX: it must not hold up the cards of the next call."""
        if not self._lanes.put(f"missed {user.tenant}/{user.person}", work):
            _log.warning("notice_dropped")

    # ---------------------------------------------------------------- calls

    def _show(self, user: UserKey, table: CallTable) -> None:
        """Bring the cards up to date; of several tables that wait, only the newest counts."""
        if not self._living.news(user, table):
            return
        waiting = self._tables.get(user)
        if waiting is None or table.version >= waiting.version:
            self._tables[user] = table
        if waiting is None:
            self._later(user, lambda: self._show_newest(user))

    async def _show_newest(self, user: UserKey) -> None:
        table = self._tables.pop(user, None)
        if table is not None:
            await self._living.changed(user, table)

    def _watch(self, user: UserKey, *, on_a_call: bool) -> None:
        """Act only on the beginning of a person's first and the end of their last call."""
        if self._on_a_call.get(user) is on_a_call:
            return
        self._on_a_call[user] = on_a_call
        if len(self._on_a_call) > PEOPLE_WATCHED:
            self._on_a_call.popitem(last=False)
        self._later(user, lambda: self._call_began(user) if on_a_call else self._call_ended(user))

    async def _call_began(self, user: UserKey) -> None:
        if not await self._may_be_told(user):
            return
        await self._once.keep(_ON_A_CALL, self._subject(user), {"live": True}, LONGEST_CALL)

    async def _call_ended(self, user: UserKey) -> None:
        """What was held back for the call is given now, unless it is night."""
        if not await self._may_be_told(user):
            return
        await self._once.take(_ON_A_CALL, self._subject(user))
        if await self._once.take(_HELD_FOR_CALL, self._subject(user)) is None:
            return
        chat = await self._conversations.find(user)
        if chat is not None and not await self._night_left(chat, 0.0):
            await self._hasten(user)

    async def _may_be_told(self, user: UserKey) -> bool:
        """Whether there is a chat; without one the next call is looked at anew."""
        if await self._conversations.find(user) is not None:
            return True
        self._on_a_call.pop(user, None)
        return False

    async def _hasten(self, user: UserKey) -> None:
        """Let the request to sign in go that was held back, if there is one."""
        slot = _slot_in(await self._once.kept(_PROMPT, self._subject(user)))
        if slot:
            await self._delivery.hasten(user, slot)

    # ---------------------------------------------------------------- sign-ins

    async def _ended(self, user: UserKey, reason: EndReason) -> None:
        await self._living.unfollowed(user)
        if reason not in TELLING or not await self._once.claim(_TOLD, self._subject(user), TOLD_FOR):
            return
        chat = await self._conversations.find(user)
        if chat is None or not (await self._preferences.of(user)).sign_in:
            return  # this person has never opened the chat, or removed the app, or does not want to be told
        wait = 0.0
        if await self._once.take(_ON_A_CALL, self._subject(user)) is not None:
            self._on_a_call.pop(user, None)
            wait = self._after_call
            await self._once.keep(_HELD_FOR_CALL, self._subject(user), {"held": True}, LONGEST_CALL)
        await self._ask(user, chat, reason, wait + await self._night_left(chat, wait))

    async def _ask(self, user: UserKey, chat: Chat, reason: EndReason, wait: float) -> None:
        cards = Cards(self._texts, chat.locale)
        sentence = cards.say(f"error-signed_out-{reason.value}")
        activity = to_json(message(sentence, cards.sign_in(sentence)))
        version, life = self._version(), PROMPT_LIFE + wait
        slot = await self._note_prompt(user, version, life)
        await self._delivery.put(user, Letter(slot, version, chat.address, activity, life, not_for=wait))

    async def _note_prompt(self, user: UserKey, version: int, life: float) -> str:
        """Remember the newest card that asks: it may have to go out sooner, or not at all."""
        slot = f"{PROMPTS}{version}"
        await self._once.keep(_PROMPT, self._subject(user), {"slot": slot}, timedelta(seconds=life))
        return slot

    async def _night_left(self, chat: Chat, ahead: float) -> float:
        """Seconds of the night that are left in so many seconds from now, where the person is."""
        then = self._clock.now() + timedelta(seconds=ahead)
        return seconds_left(NIGHT, await self._zones.local(then, chat.zone))

    async def _opened(self, user: UserKey) -> None:
        """Withdraw what asked for a sign-in: the card says what has happened and offers what had to wait."""
        await self._once.release(_TOLD, self._subject(user))
        await self._once.take(_HELD_FOR_CALL, self._subject(user))
        await self._conversations.find_again(user)
        newest = _slot_in(await self._once.take(_PROMPT, self._subject(user)))
        asking = [shown for shown in await self._outbox.all_shown(user) if shown.slot.startswith(PROMPTS)]
        places = {shown.slot: shown.address for shown in asking}
        if newest and newest not in places and (chat := await self._conversations.find(user)):
            places[newest] = chat.address  # it has not gone out: it never will
        for slot, address in places.items():
            await self._withdraw(user, slot, address, offer=slot == newest)

    async def _withdraw(self, user: UserKey, slot: str, address: Address, *, offer: bool) -> None:
        text, card = await self._signed_in_card(user, Cards(self._texts, address.locale), offer=offer)
        activity = to_json(message(text, card))
        letter = Letter(slot, self._version(), address, activity, PROMPT_LIFE, only_edit=True, last=True)
        await self._delivery.put(user, letter)

    async def _signed_in_card(self, user: UserKey, cards: Cards, *, offer: bool) -> tuple[str, Json]:
        view = await self._desk.sign_ins.view(user)
        kept = await self._desk.interrupted.kept(user) if offer else None
        title = cards.say("signed-in-title")
        if kept is None:
            return title, cards.signed_in(view.pbx, view.ends_at)
        return title, cards.resume_offer(view.pbx, view.ends_at, kept.number, new_nonce())

    def _version(self) -> int:
        """A number that grows, also within a millisecond and when the clock is put back."""
        self._newest = max(self._newest + 1, int(self._clock.time() * 1000))
        return self._newest


def _slot_in(kept: Mapping[str, object] | None) -> str:
    slot = kept.get("slot") if kept else None
    return slot if isinstance(slot, str) else ""
