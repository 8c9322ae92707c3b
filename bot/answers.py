"""What the bot answers to an intent: one question or command to the use cases, one reply."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.cards import TELEPHONY_TEXTS, Cards
from bot.commands import Intent, Want
from bot.desk import Desk
from bot.elements import Json, plain
from bridge.errors import BridgeError, NotFound, SignedOut, SignInNeeded, TooManyAttempts
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import HangUp, PlaceCall, SignOut
from bridge.model.presence import OwnPresence
from bridge.texts import Catalogue

PRESENCE_PATIENCE = 4.0
"""Seconds after which a status is answered without the PBX's word."""


_SENTENCES = {
    Want.NOTHING: "empty",
    Want.THANKS: "nothing-to-thank",
    Want.CALL_WHOM: "call-who",
    Want.CALL_NAME: "call-name",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A plain text, or a card, of which ``text`` is then the summary.

    ``asks_sign_in``: the card is edited once the person has signed in.
    """

    text: str = ""
    card: Json | None = None
    asks_sign_in: bool = False


def new_nonce() -> str:
    """A card's nonce: its buttons act once."""
    return secrets.token_urlsafe(9)


def sentence(cards: Cards, error: BridgeError) -> str:
    """The sentence of the catalogue for a refusal."""
    match error:
        case SignedOut():
            return cards.say(f"error-signed_out-{error.reason.value}")
        case TooManyAttempts():
            return cards.say("error-too_many_attempts", seconds=error.retry_after)
        case _:
            return cards.say(f"error-{error.code}")


class Answers:
    """Answers to typed commands. Refusals of the use cases become replies; nothing of them is raised."""

    def __init__(self, desk: Desk, texts: Catalogue) -> None:
        self._desk = desk
        self._texts = texts
        self._table: dict[Want, Callable[[UserKey, Cards, Intent], Awaitable[Reply]]] = {
            Want.STATUS: self._status,
            Want.SIGN_IN: self._sign_in,
            Want.SIGN_OUT: self._sign_out,
            Want.CALLS: self._calls,
            Want.CALL: self._call,
            Want.HANG_UP: self._hang_up,
        }

    def cards(self, locale: str) -> Cards:
        """The cards in a client's language."""
        return Cards(self._texts, locale)

    async def answer(self, intent: Intent, user: UserKey, locale: str) -> Reply:
        """Do what is wanted and give the reply."""
        cards = self.cards(locale)
        deed = self._table.get(intent.want)
        if deed is None:
            return self._without_asking(intent, cards)
        try:
            return await deed(user, cards, intent)
        except BridgeError as error:
            return await self.refusal(error, user, cards)

    async def refusal(self, error: BridgeError, user: UserKey, cards: Cards, *, kept: bool = False) -> Reply:
        """A refusal as a reply; a missing sign-in becomes the card that leads to one."""
        if not isinstance(error, SignInNeeded):
            return Reply(sentence(cards, error))
        interrupted = await self._kept(user) if kept else None
        number = interrupted.number if interrupted is not None else ""
        return Reply(cards.say("sign-in-title"), cards.sign_in(sentence(cards, error), number), asks_sign_in=True)

    async def place(self, user: UserKey, cards: Cards, number: str) -> Reply:
        """Place a call; its card can hang up."""
        return await self._placed(cards, user, number, self._desk.control.place(PlaceCall(user, number)))

    async def resume(self, user: UserKey, cards: Cards) -> Reply:
        """Carry on with the kept call."""
        kept = await self._desk.interrupted.kept(user)
        if kept is None:
            return Reply(cards.say("resume-gone"))
        return await self._placed(cards, user, kept.number, self._desk.control.resume(user))

    async def _placed(self, cards: Cards, user: UserKey, number: str, placing: Awaitable[CallId]) -> Reply:
        try:
            call = await placing
        except SignInNeeded as error:
            return await self.refusal(error, user, cards, kept=True)
        summary = cards.say("placed-title", number=plain(number))
        return Reply(summary, cards.placed(number, call, new_nonce()))

    async def hang_up(self, user: UserKey, cards: Cards, call: CallId, number: str = "") -> Reply:
        """End one call of this person; one that is over already is no error."""
        try:
            await self._desk.control.hang_up(HangUp(user, call))
        except NotFound:
            return Reply(cards.say("hung-up-gone"), cards.notice(cards.say("hung-up-gone")))
        return Reply(cards.say("hung-up"), cards.hung_up(number))

    def _without_asking(self, intent: Intent, cards: Cards) -> Reply:
        match intent.want:
            case Want.HELP:
                return Reply(cards.say("help-title"), cards.help())
            case Want.NUMBER:
                title = cards.say("number-offer", number=plain(intent.number))
                return Reply(title, cards.offer_call(intent.number, new_nonce()))
            case Want.SECRET:
                return Reply(cards.say("sign-in-title"), cards.sign_in(cards.say("never-passwords")), asks_sign_in=True)
            case _:
                return Reply(cards.say(_SENTENCES.get(intent.want, "unknown")))

    async def _call(self, user: UserKey, cards: Cards, intent: Intent) -> Reply:
        return await self.place(user, cards, intent.number)

    async def _sign_in(self, user: UserKey, cards: Cards, _: Intent) -> Reply:
        view = await self._desk.sign_ins.view(user)
        if not view.pbxs:
            return Reply(cards.say("no-pbx"))
        why = cards.say("sign-in-already" if view.live else "sign-in-ask")
        return Reply(cards.say("sign-in-title"), cards.sign_in(why), asks_sign_in=True)

    async def _sign_out(self, user: UserKey, cards: Cards, _: Intent) -> Reply:
        was_live = (await self._desk.sign_ins.view(user)).live
        await self._desk.sign_ins.sign_out(SignOut(user))
        await self._desk.interrupted.drop(user)
        return Reply(cards.say("signed-out" if was_live else "signed-out-already"))

    async def _calls(self, user: UserKey, cards: Cards, _: Intent) -> Reply:
        live = (await self._desk.control.calls(user)).live()
        if not live:
            return Reply(cards.say("no-calls"))
        return Reply(cards.say("calls-title"), cards.calls(live, new_nonce()))

    async def _hang_up(self, user: UserKey, cards: Cards, _: Intent) -> Reply:
        live = (await self._desk.control.calls(user)).live()
        if not live:
            return Reply(cards.say("no-calls"))
        if len(live) > 1:
            return Reply(cards.say("calls-which"), cards.calls(live, new_nonce(), question=True))
        return await self.hang_up(user, cards, live[0].id, live[0].remote.number)

    async def _status(self, user: UserKey, cards: Cards, _: Intent) -> Reply:
        view = await self._desk.sign_ins.view(user)
        if not view.live:
            if not view.pbxs:
                return Reply(cards.say("no-pbx"))
            why = f"error-signed_out-{view.reason.value}" if view.reason else "error-signed_out"
            return Reply(cards.say("sign-in-title"), cards.sign_in(cards.say(why)), asks_sign_in=True)
        live = (await self._desk.control.calls(user)).live()
        states = _presence_sentences(cards, await self._presence(user))
        if live:
            states.append(cards.say("status-live", count=len(live)))
        return Reply(cards.say("status-title"), cards.status(view.pbx, view.ends_at, states))

    async def _presence(self, user: UserKey) -> OwnPresence | None:
        """The person's state, or ``None`` when the PBX does not tell in time."""
        try:
            async with asyncio.timeout(PRESENCE_PATIENCE):
                return await self._desk.control.presence(user)
        except SignInNeeded:
            raise
        except (BridgeError, TimeoutError):
            return None

    async def _kept(self, user: UserKey) -> PlaceCall | None:
        """The call that waits for a sign-in; the offer is comfort, its failure is not told."""
        try:
            return await self._desk.interrupted.kept(user)
        except BridgeError:
            return None


def _presence_sentences(cards: Cards, presence: OwnPresence | None) -> list[str]:
    if presence is None:
        return [cards.say("status-unknown")]
    state = presence.telephony if presence.telephony in TELEPHONY_TEXTS else "other"
    sentences = [cards.say("status-telephony", state=cards.say(f"telephony-{state}"))]
    if presence.dnd is not None:
        sentences.append(cards.say("status-dnd-on" if presence.dnd else "status-dnd-off"))
    return sentences
