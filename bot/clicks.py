"""Clicks on cards: a table of verbs, each button of a card acting once, always for the person who clicked."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.answers import Answers, Reply, sentence
from bot.cards import Cards
from bot.commands import Intent, Want, is_number
from bot.conversations import Subject
from bot.desk import Desk
from bridge.errors import BridgeError, PbxTimeout, SignInNeeded
from bridge.model.ids import CallId, UserKey
from bridge.service.ports import Once

CLAIMED_FOR = timedelta(hours=24)
MAXIMUM_FIELD = 256
_CLAIM = "card"

ASKING = {"help": Want.HELP, "status": Want.STATUS, "calls": Want.CALLS, "sign_out": Want.SIGN_OUT}
"""Verbs that a new message answers and that may be clicked as often as one likes."""

Data = Mapping[str, object]


class Clicks:
    """Carries out what a button says. A card's data comes from the client and is believed only in its form: a call is looked
    up among the clicking person's own, whoever the card was made for."""

    def __init__(self, answers: Answers, desk: Desk, once: Once, subject: Subject) -> None:
        self._answers = answers
        self._desk = desk
        self._once = once
        self._subject = subject
        self._acting: dict[str, Callable[[UserKey, Cards, Data], Awaitable[Reply]]] = {
            "hang_up": self._hang_up,
            "call": self._call,
            "resume": self._resume,
            "drop": self._drop,
        }

    def is_acting(self, verb: object) -> bool:
        """Whether a verb changes something, so that its card is replaced."""
        return isinstance(verb, str) and verb in self._acting

    async def click(self, verb: object, data: object, user: UserKey, locale: str) -> Reply:
        """Give the reply to one click; a card in it replaces the clicked one where the verb is an acting one."""
        cards = self._answers.cards(locale)
        fields = data if isinstance(data, Mapping) else {}
        if isinstance(verb, str) and verb in ASKING:
            return await self._answers.answer(Intent(ASKING[verb]), user, locale)
        nonce = _text(fields, "nonce")
        if not isinstance(verb, str) or verb not in self._acting or not nonce:
            return Reply(cards.say("click-unknown"))
        try:
            return await self._once_only(verb, nonce, fields, user, cards)
        except BridgeError as error:
            return Reply(sentence(cards, error))

    async def _once_only(self, verb: str, nonce: str, fields: Data, user: UserKey, cards: Cards) -> Reply:
        """Act unless this button has acted. What certainly did not happen may be tried again; what timed out may not."""
        claim = "/".join((self._subject(user), nonce, verb, _text(fields, "call")))
        if not await self._once.claim(_CLAIM, claim, CLAIMED_FOR):
            return Reply(cards.say("click-done"))
        try:
            return await self._acting[verb](user, cards, fields)
        except PbxTimeout:
            raise
        except BridgeError as error:
            await self._once.release(_CLAIM, claim)
            if isinstance(error, SignInNeeded):
                return await self._answers.refusal(error, user, cards)
            raise

    async def _hang_up(self, user: UserKey, cards: Cards, fields: Data) -> Reply:
        call = _text(fields, "call")
        if not call:
            return Reply(cards.say("click-unknown"))
        return await self._answers.hang_up(user, cards, CallId(call))

    async def _call(self, user: UserKey, cards: Cards, fields: Data) -> Reply:
        number = _text(fields, "number")
        if not is_number(number):
            return Reply(cards.say("click-unknown"))
        return await self._answers.place(user, cards, number)

    async def _resume(self, user: UserKey, cards: Cards, _: Data) -> Reply:
        return await self._answers.resume(user, cards)

    async def _drop(self, user: UserKey, cards: Cards, _: Data) -> Reply:
        await self._desk.interrupted.drop(user)
        return Reply(cards.say("dropped"), cards.notice(cards.say("dropped")))


def _text(fields: Data, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) and len(value) <= MAXIMUM_FIELD else ""
