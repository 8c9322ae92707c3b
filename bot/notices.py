"""What the bot says of its own accord: that a sign-in has ended, once for each cause and never into a call."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.activities import message, to_json
from bot.answers import new_nonce
from bot.cards import Cards
from bot.connector import Connector, DeliveryFailed, WritesBlocked
from bot.conversations import Chat, Conversations, Posted, Subject
from bot.desk import Desk
from bot.elements import Json
from bot.lanes import Lanes
from bridge.errors import EndReason
from bridge.logs import logger
from bridge.model.ids import UserKey
from bridge.model.messages import CallsChanged, Change, SessionEnded, SessionOpened
from bridge.service.ports import Once
from bridge.texts import Catalogue

TOLD_FOR = timedelta(hours=24)
LONGEST_CALL = timedelta(hours=4)
"""A call that is heard of no more counts as over after this time."""
AFTER_CALL = 600.0
"""Seconds after which a notice that was held back for a call is given, if the end of the call is never heard of: with the
sign-in the PBX's word about the call has ended as well."""
HELD_BACK_AT_ONCE = 1000
PEOPLE_WATCHED = 20_000
TELLING = frozenset({EndReason.EXPIRED, EndReason.REJECTED})
"""Ends that a person did not bring about; who signs out knows that they did."""

_TOLD, _ON_A_CALL, _HELD_BACK = "sign_in_ended", "on_a_call", "notice_held_back"
_log = logger(__name__)


class ChatNotices:
    """Listens to changes of people; implements ``bridge.service.ports.Notices``. Never waits: the work goes into lanes."""

    def __init__(
        self,
        *,
        desk: Desk,
        conversations: Conversations,
        connector: Connector,
        once: Once,
        subject: Subject,
        lanes: Lanes,
        texts: Catalogue,
        after_call: float = AFTER_CALL,
    ) -> None:
        self._desk = desk
        self._conversations = conversations
        self._connector = connector
        self._once = once
        self._subject = subject
        self._lanes = lanes
        self._texts = texts
        self._after_call = after_call
        self._on_a_call: OrderedDict[UserKey, bool] = OrderedDict()
        self._timers: dict[UserKey, asyncio.TimerHandle] = {}

    async def __call__(self, user: UserKey, change: Change) -> None:
        """Take a change; what it leads to happens later and in order."""
        match change:
            case SessionEnded(reason=reason) if reason in TELLING:
                self._later(user, lambda: self._ended(user, reason))
            case SessionOpened():
                self._later(user, lambda: self._opened(user))
            case CallsChanged(table=table):
                self._watch(user, on_a_call=bool(table.live()))
            case _:
                pass

    def stop(self) -> None:
        """Give up the timers; what is held back stays in Redis until the end of a call or its own end."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _later(self, user: UserKey, work: Callable[[], Awaitable[None]]) -> None:
        if not self._lanes.put(f"notices {user.tenant}/{user.person}", work):
            _log.warning("notice_dropped")

    def _watch(self, user: UserKey, *, on_a_call: bool) -> None:
        """Act only on the beginning of a person's first and the end of their last call."""
        if self._on_a_call.get(user) is on_a_call:
            return
        self._on_a_call[user] = on_a_call
        if len(self._on_a_call) > PEOPLE_WATCHED:
            self._on_a_call.popitem(last=False)
        self._later(user, lambda: self._call_began(user) if on_a_call else self._call_ended(user))

    async def _call_began(self, user: UserKey) -> None:
        await self._once.keep(_ON_A_CALL, self._subject(user), {"live": True}, LONGEST_CALL)

    async def _call_ended(self, user: UserKey) -> None:
        await self._once.take(_ON_A_CALL, self._subject(user))
        await self._tell_held_back(user)

    async def _ended(self, user: UserKey, reason: EndReason) -> None:
        if not await self._once.claim(_TOLD, self._subject(user), TOLD_FOR):
            return
        if await self._once.take(_ON_A_CALL, self._subject(user)) is None:
            await self._tell(user, reason)
            return
        self._on_a_call.pop(user, None)
        await self._once.keep(_HELD_BACK, self._subject(user), {"reason": reason.value}, TOLD_FOR)
        self._wake_later(user)

    def _wake_later(self, user: UserKey) -> None:
        if len(self._timers) >= HELD_BACK_AT_ONCE or user in self._timers:
            return
        loop = asyncio.get_running_loop()
        self._timers[user] = loop.call_later(self._after_call, self._wake, user)

    def _wake(self, user: UserKey) -> None:
        self._timers.pop(user, None)
        self._later(user, lambda: self._tell_held_back(user))

    async def _tell_held_back(self, user: UserKey) -> None:
        held = await self._once.take(_HELD_BACK, self._subject(user))
        reason = held.get("reason") if held else None
        if isinstance(reason, str) and reason in TELLING:
            await self._tell(user, EndReason(reason))

    async def _tell(self, user: UserKey, reason: EndReason) -> None:
        chat = await self._conversations.find(user)
        if chat is None:
            return  # this person has never opened the chat, or removed the app
        cards = Cards(self._texts, chat.locale)
        sentence = cards.say(f"error-signed_out-{reason.value}")
        card = cards.sign_in(sentence)
        try:
            conversation, posted = await self._post(user, chat, to_json(message(sentence, card)))
        except WritesBlocked:
            await self._conversations.forget(user)
            return
        except DeliveryFailed as error:
            _log.warning("notice_not_delivered", status=error.status)
            await self._once.release(_TOLD, self._subject(user))
            return
        await self._conversations.asked_to_sign_in(user, Posted(chat.service_url, conversation, posted, chat.locale))

    async def _post(self, user: UserKey, chat: Chat, activity: Json) -> tuple[str, str]:
        """Send into the known chat; where it is gone, open it anew by the person's object id."""
        if chat.conversation:
            try:
                return chat.conversation, await self._connector.send(chat.service_url, chat.conversation, activity)
            except DeliveryFailed as error:
                if error.status != 404:
                    raise
        conversation = await self._connector.open_conversation(
            chat.service_url, bot=chat.bot, person=user.person, tenant=user.tenant
        )
        return conversation, await self._connector.send(chat.service_url, conversation, activity)

    async def _opened(self, user: UserKey) -> None:
        """Withdraw what asked for a sign-in: the card says what has happened and offers what had to wait."""
        await self._once.release(_TOLD, self._subject(user))
        await self._once.take(_HELD_BACK, self._subject(user))
        timer = self._timers.pop(user, None)
        if timer is not None:
            timer.cancel()
        prompt = await self._conversations.take_prompt(user)
        if prompt is None:
            return
        text, card = await self._signed_in_card(user, Cards(self._texts, prompt.locale))
        try:
            edited = to_json(message(text, card))
            await self._connector.edit(prompt.service_url, prompt.conversation, prompt.activity, edited)
        except DeliveryFailed as error:
            _log.info("prompt_not_withdrawn", status=error.status)

    async def _signed_in_card(self, user: UserKey, cards: Cards) -> tuple[str, Json]:
        view = await self._desk.sign_ins.view(user)
        kept = await self._desk.interrupted.kept(user)
        title = cards.say("signed-in-title")
        if kept is None:
            return title, cards.signed_in(view.pbx, view.ends_at)
        return title, cards.resume_offer(view.pbx, view.ends_at, kept.number, new_nonce())
