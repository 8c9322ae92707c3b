"""Clicks on the card of a call: checked against the call as it is now, done once, answered with the card as it is now.

A card that nobody knows of - the answer to its sending was lost - asks for its newest state when the person sees it. So it is
found: it becomes the call's card, or goes if there is another.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.answers import Answers, Reply, new_nonce, sentence
from bot.call_card import Told
from bot.cards import Cards
from bot.conversations import Subject
from bot.delivery import Delivery
from bot.desk import Control
from bot.living_cards import ENDED_LIFE, LIVE_LIFE, LivingCards, Phase, first_name, slot_of, version_of
from bot.missed_calls import MissedCalls
from bridge.errors import BridgeError, NotFound, PbxTimeout, SignInNeeded
from bridge.model.calls import Call, CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import Conference, Forward, HangUp, Hold
from bridge.model.telephony import CallAction, CallState, Direction
from bridge.service.notice_aftermath import Fate
from bridge.service.outbox import Address, Letter, Outbox, Shown
from bridge.service.ports import Clock, Once

CLAIMED_FOR: Final = timedelta(hours=24)
MAXIMUM_FIELD: Final = 256
NEEDED: Final = {
    "call_hang_up": CallAction.HANGUP,
    "call_hold": CallAction.HOLD,
    "call_forward": CallAction.FORWARD,
    "call_join": CallAction.CONFERENCE,
}
LOOK: Final = "call_card"
_CLAIM = "card"
_IN_TALK = frozenset({CallState.CONNECTED, CallState.HELD, CallState.CONSULTING})


def is_of_call(verb: object) -> bool:
    """Whether a button belongs to the card of a call."""
    return isinstance(verb, str) and (verb == LOOK or verb in NEEDED)


@dataclass(frozen=True, slots=True)
class Click:
    """A click: who, in which language, where, on which message, with what."""

    user: UserKey
    cards: Cards
    address: Address
    message: str
    verb: str
    fields: Mapping[str, object]

    def text(self, name: str) -> str:
        """A field of the button or of the card's inputs; empty when it is none that we wrote."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and len(value) <= MAXIMUM_FIELD else ""


class CallClicks:
    """Carries out the buttons of calls' cards."""

    def __init__(
        self,
        *,
        answers: Answers,
        control: Control,
        living: LivingCards,
        missed: MissedCalls,
        outbox: Outbox,
        delivery: Delivery,
        once: Once,
        subject: Subject,
        clock: Clock,
    ) -> None:
        self._answers = answers
        self._control = control
        self._living = living
        self._missed = missed
        self._outbox = outbox
        self._delivery = delivery
        self._once = once
        self._subject = subject
        self._clock = clock
        self._deeds: dict[str, Callable[[Click, CallTable, Call], Awaitable[Reply]]] = {
            "call_hang_up": self._hang_up,
            "call_hold": self._hold,
            "call_forward": self._forward,
            "call_join": self._join,
        }

    async def click(self, click: Click) -> Reply:
        """Give the reply to one click; its card, if it has one, is how the clicked card is to look."""
        try:
            table = await self._control.calls(click.user)
        except SignInNeeded as error:
            if click.verb == LOOK:
                return _reply(self._living.cards(click.cards.locale).unfollowed())
            return await self._answers.refusal(error, click.user, click.cards)
        except BridgeError as error:
            return Reply(sentence(click.cards, error))
        call = table.get(CallId(click.text("call")))
        if click.verb == LOOK:
            return await self._looked(click, table, call)
        return await self._pressed(click, table, call)

    async def _pressed(self, click: Click, table: CallTable, call: Call | None) -> Reply:
        """Do what the button says, if the card was right; else show how it stands."""
        if call is None:
            over = click.cards.say("hung-up-gone")
            return Reply(over, click.cards.notice(over))
        if not _is_timely(click, call):
            return self._now(click, table, call)
        if click.verb == "call_forward" and not click.text("target").strip():
            return Reply(click.cards.say("forward-missing"))
        return await self._once_only(click, table, call)

    async def _once_only(self, click: Click, table: CallTable, call: Call) -> Reply:
        """Act unless this button has acted. What certainly did not happen may be tried again; what timed out may not."""
        claim = "/".join((self._subject(click.user), click.text("nonce"), click.verb, call.id))
        if not await self._once.claim(_CLAIM, claim, CLAIMED_FOR):
            return Reply(click.cards.say("click-done"))
        try:
            return await self._deeds[click.verb](click, table, call)
        except NotFound:
            ended = replace(call, state=CallState.ENDED, ended_at=self._clock.now())
            return self._now(click, table, ended)
        except BridgeError as error:
            if not isinstance(error, PbxTimeout):
                await self._once.release(_CLAIM, claim)
            if isinstance(error, SignInNeeded):
                return await self._answers.refusal(error, click.user, click.cards)
            return Reply(sentence(click.cards, error))

    async def _hang_up(self, click: Click, table: CallTable, call: Call) -> Reply:
        declined = call.direction is Direction.INBOUND and call.connected_at is None
        if declined:
            await self._missed.declined(click.user, call.id)
        await self._control.hang_up(HangUp(click.user, call.id))
        ended = replace(call, state=CallState.ENDED, ended_at=self._clock.now())
        if not declined:
            return self._now(click, table, ended)
        return _reply(self._living.cards(click.cards.locale).fate(ended, Fate.DECLINED, new_nonce()))

    async def _hold(self, click: Click, table: CallTable, call: Call) -> Reply:
        await self._control.hold(Hold(click.user, call.id))
        return self._now(click, table, replace(call, state=CallState.HELD))

    async def _forward(self, click: Click, table: CallTable, call: Call) -> Reply:
        if call.direction is Direction.INBOUND and call.connected_at is None:
            await self._missed.declined(click.user, call.id)
        await self._control.forward(Forward(click.user, call.id, click.text("target").strip()))
        return self._now(click, table, replace(call, state=CallState.ENDED, ended_at=self._clock.now()))

    async def _join(self, click: Click, table: CallTable, call: Call) -> Reply:
        ids = tuple(known.id for known in table.live() if known.state in _IN_TALK)
        if len(ids) < 2:
            return self._now(click, table, call)
        await self._control.conference(Conference(click.user, ids))
        return self._now(click, table, replace(call, state=CallState.CONFERENCE))

    async def _looked(self, click: Click, table: CallTable, call: Call | None) -> Reply:
        """Answer a card that came into view, and see to it that it is the only one of its call."""
        if call is None:
            told = Told(over := click.cards.say("hung-up-gone"), click.cards.notice(over))
            slot, version = slot_of(CallId(click.text("call"))), 1
        else:
            told = self._told(click, table, call)
            slot, version = slot_of(first_name(table, call)), version_of(call, Phase.AGAIN)
        if click.message and click.text("call"):
            await self._settle_orphan(click, slot, version, call)
        return _reply(told)

    async def _settle_orphan(self, click: Click, slot: str, version: int, call: Call | None) -> None:
        shown = await self._outbox.shown(click.user, slot)
        found = Shown(slot, click.address, click.message, live=call is not None and call.live)
        if shown is None:
            await self._outbox.adopt(click.user, found, version - 1, LIVE_LIFE)
            if call is not None:
                await self._living.again(click.user, slot, call)
        elif shown.activity_id != click.message:
            orphan = f"orphan/{click.message}"[:MAXIMUM_FIELD]
            await self._outbox.adopt(click.user, replace(found, slot=orphan, live=False), 1, ENDED_LIFE)
            letter = Letter(orphan, 2, click.address, None, ENDED_LIFE, only_edit=True)
            await self._delivery.put(click.user, letter)

    def _now(self, click: Click, table: CallTable, call: Call) -> Reply:
        return _reply(self._told(click, table, call))

    def _told(self, click: Click, table: CallTable, call: Call) -> Told:
        others = sum(known.id != call.id for known in table.live())
        return self._living.cards(click.cards.locale).call(call, new_nonce(), others=others)


def _reply(told: Told) -> Reply:
    return Reply(told.text, told.card)


def _is_timely(click: Click, call: Call) -> bool:
    """Whether the card was right when it was clicked: the same version, or at least the same state (a name may have come in)."""
    same = click.fields.get("version") == call.version or click.fields.get("state") == call.state.value
    return call.live and same and bool(click.text("nonce")) and NEEDED[click.verb] in call.actions
