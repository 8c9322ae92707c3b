"""What the bot answers to an intent: a table of deeds, and the few answers that ask nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bot.cards import Cards
from bot.commands import Intent, Want, nearest
from bot.desk import Desk
from bot.elements import plain
from bot.languages import Languages
from bot.list_cards import state_word
from bot.listings import Listings
from bot.lookup import Lookup
from bot.notice_commands import NoticeCommands
from bot.reachability import Reachability
from bot.reply import Reply, Turn, new_nonce, sentence
from bot.switches import Switches
from bot.telephony import Telephony
from bot.undo import Undo
from bridge.errors import BridgeError, SignInNeeded
from bridge.model.ids import UserKey
from bridge.model.messages import SignOut
from bridge.model.presence import OwnPresence
from bridge.texts import Catalogue

__all__ = ["ASKING_NOBODY", "Answers", "Reply", "Turn", "new_nonce", "sentence"]

PRESENCE_PATIENCE = 4.0
"""Seconds after which a status is answered without the PBX's word."""

_SENTENCES: Final = {
    Want.NOTHING: "empty",
    Want.THANKS: "nothing-to-thank",
    Want.CALL_WHOM: "call-who",
    Want.FORWARD_WHERE: "forward-where",
    Want.WHEN: "time-unread",
}
ASKING_NOBODY: Final = frozenset(
    {*_SENTENCES, Want.HELP, Want.NUMBER, Want.SECRET, Want.UNKNOWN, Want.SIGN_IN, Want.LANGUAGE}
)
"""Wants whose answer needs no PBX: it is there at once."""

Deed = Callable[[Turn, Intent], Awaitable[Reply]]


class Answers:
    """Answers to typed commands. Refusals of the use cases become replies; nothing of them is raised."""

    def __init__(self, desk: Desk, texts: Catalogue, undo: Undo, languages: Languages) -> None:
        self._desk = desk
        self._texts = texts
        lookup = Lookup(desk)
        self.telephony = Telephony(desk, lookup)
        self.switches = Switches(desk, lookup, undo, languages)
        self.notices = NoticeCommands(desk, undo)
        self._table = self._deeds(lookup, Listings(desk), self.notices, Reachability(desk))

    def _deeds(
        self, lookup: Lookup, listings: Listings, notices: NoticeCommands, reachability: Reachability
    ) -> dict[Want, Deed]:
        calls, switches = self.telephony, self.switches
        return {
            Want.STATUS: self._status,
            Want.SIGN_IN: self._sign_in,
            Want.SIGN_OUT: self._sign_out,
            Want.CALLS: calls.calls,
            Want.CALL: calls.call,
            Want.CALL_NAME: calls.call,
            Want.REDIAL: calls.redial,
            Want.CALL_BACK: calls.call_back,
            Want.HANG_UP: calls.hang_up,
            Want.HOLD: calls.hold,
            Want.FORWARD: calls.forward,
            Want.CONFERENCE: calls.conference,
            Want.HISTORY: listings.history,
            Want.MISSED: listings.missed,
            Want.VOICEMAIL: listings.voicemail,
            Want.PHONES: listings.phones,
            Want.REDIRECTS: listings.redirects,
            Want.FIND: lookup.find,
            Want.WHO_IS: lookup.who_is,
            Want.PRESENCE: lookup.presence,
            Want.COLLEAGUES: lookup.colleagues,
            Want.REACHABLE: reachability.answer,
            Want.DND: switches.dnd,
            Want.REDIRECT: switches.redirect,
            Want.REDIRECT_OFF: switches.redirect_off,
            Want.USE_PHONE: switches.use_phone,
            Want.LANGUAGE: switches.language,
            Want.NOTICES: notices.notices,
            Want.QUIET_HOURS: notices.quiet_hours,
            Want.DIGEST: notices.digest,
        }

    def cards(self, locale: str) -> Cards:
        """The cards in a client's language."""
        return Cards(self._texts, locale)

    async def answer(self, intent: Intent, turn: Turn, written: str = "") -> Reply:
        """Do what is wanted and give the reply; ``written`` is the line itself, for one that is not understood."""
        deed = self._table.get(intent.want)
        if deed is None:
            return self._without_asking(intent, turn, written)
        try:
            return await deed(turn, intent)
        except BridgeError as error:
            return await self.telephony.refusal(turn, error)

    async def refusal(self, error: BridgeError, user: UserKey, cards: Cards) -> Reply:
        """A refusal as a reply; a missing sign-in becomes the card that leads to one."""
        return await self.telephony.refusal(Turn(user, cards), error)

    def _without_asking(self, intent: Intent, turn: Turn, written: str) -> Reply:
        match intent.want:
            case Want.HELP:
                return Reply(turn.say("help-title"), turn.cards.help())
            case Want.NUMBER:
                title = turn.say("number-offer", number=plain(intent.number))
                return Reply(title, turn.cards.offer_call(intent.number, new_nonce()))
            case Want.SECRET:
                return Reply(
                    turn.say("sign-in-title"), turn.cards.sign_in(turn.say("never-passwords")), asks_sign_in=True
                )
            case Want.UNKNOWN:
                first, second, third = (turn.say(f"command-{want.value}") for want in nearest(written))
                return turn.reply("unknown", first=first, second=second, third=third)
            case _:
                return turn.reply(_SENTENCES[intent.want])

    async def _sign_in(self, turn: Turn, _: Intent) -> Reply:
        view = await self._desk.sign_ins.view(turn.user)
        if not view.pbxs:
            return turn.reply("no-pbx")
        why = turn.say("sign-in-already" if view.live else "sign-in-ask")
        return Reply(turn.say("sign-in-title"), turn.cards.sign_in(why), asks_sign_in=True)

    async def _sign_out(self, turn: Turn, _: Intent) -> Reply:
        was_live = (await self._desk.sign_ins.view(turn.user)).live
        await self._desk.sign_ins.sign_out(SignOut(turn.user))
        await self._desk.interrupted.drop(turn.user)
        return turn.reply("signed-out" if was_live else "signed-out-already")

    async def _status(self, turn: Turn, _: Intent) -> Reply:
        view = await self._desk.sign_ins.view(turn.user)
        if not view.live:
            if not view.pbxs:
                return turn.reply("no-pbx")
            why = turn.say(f"error-signed_out-{view.reason.value}" if view.reason else "sign-in-ask")
            return Reply(turn.say("sign-in-title"), turn.cards.sign_in(why), asks_sign_in=True)
        live = (await self._desk.control.calls(turn.user)).live()
        states = _presence_sentences(turn.cards, await self._presence(turn.user))
        if live:
            states.append(turn.say("status-live", count=len(live)))
        return Reply(turn.say("status-title"), turn.cards.status(view.pbx, view.ends_at, states))

    async def _presence(self, user: UserKey) -> OwnPresence | None:
        """Own state, or ``None`` when the PBX does not tell it in time; a missing sign-in is a refusal as everywhere."""
        try:
            async with asyncio.timeout(PRESENCE_PATIENCE):
                return await self._desk.control.presence(user)
        except SignInNeeded:
            raise
        except (BridgeError, TimeoutError):
            return None


def _presence_sentences(cards: Cards, presence: OwnPresence | None) -> list[str]:
    if presence is None:
        return [cards.say("status-unknown")]
    sentences = [cards.say("status-telephony", state=state_word(cards, presence.telephony))]
    if presence.dnd is not None:
        sentences.append(cards.say("status-dnd-on" if presence.dnd else "status-dnd-off"))
    return sentences
