"""Clicks on cards: a table of verbs, each button of a card acting once, always for the person who clicked."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from bot.answers import Answers, Reply, Turn, sentence
from bot.commands import Intent, Want, is_number
from bot.conversations import Subject
from bot.desk import Desk
from bridge.errors import BridgeError, PbxTimeout, SignInNeeded
from bridge.model.ids import CallId, PhoneId
from bridge.service.ports import Once
from bridge.texts import LANGUAGES

CLAIMED_FOR: Final = timedelta(hours=24)
DIALLED_FOR: Final = timedelta(seconds=5)
"""A second click on the same button of a list within this time is the same click."""
MAXIMUM_FIELD: Final = 256
_CLAIM: Final = "card"
_DIALLED: Final = "dialled"

ASKING: Final = {
    "help": Want.HELP,
    "status": Want.STATUS,
    "calls": Want.CALLS,
    "sign_out": Want.SIGN_OUT,
    "history": Want.HISTORY,
    "missed": Want.MISSED,
    "redirect_off": Want.REDIRECT_OFF,
}
"""Verbs that a new message answers and that may be clicked as often as one likes."""
DIAL: Final = "dial"
"""The verb of a button that places a call and leaves its card as it is: in lists, and on cards that others may see."""

Data = Mapping[str, object]


class Clicks:
    """Carries out what a button says. A card's data comes from the client and is believed only in its form: a call is looked
    up among the clicking person's own, whoever the card was made for."""

    def __init__(self, answers: Answers, desk: Desk, once: Once, subject: Subject) -> None:
        self._answers = answers
        self._desk = desk
        self._once = once
        self._subject = subject
        self._acting: dict[str, Callable[[Turn, Data], Awaitable[Reply]]] = {
            "hang_up": self._hang_up,
            "hold": self._hold,
            "forward": self._forward,
            "call": self._call,
            "redirect": self._redirect,
            "use_phone": self._use_phone,
            "language": self._language,
            "notices": self._notices,
            "undo": self._undo,
            "resume": self._resume,
            "drop": self._drop,
        }

    def is_acting(self, verb: object) -> bool:
        """Whether a verb changes something, so that its card is replaced."""
        return isinstance(verb, str) and verb in self._acting

    async def click(self, verb: object, data: object, turn: Turn) -> Reply:
        """Give the reply to one click; a card in it replaces the clicked one where the verb is an acting one."""
        fields = data if isinstance(data, Mapping) else {}
        if isinstance(verb, str) and verb in ASKING:
            return await self._answers.answer(Intent(ASKING[verb]), turn)
        if verb == DIAL:
            return await self.dial(_text(fields, "number"), turn)
        nonce = _text(fields, "nonce")
        if not isinstance(verb, str) or verb not in self._acting or not nonce:
            return turn.reply("click-unknown")
        try:
            return await self._once_only(verb, nonce, fields, turn)
        except BridgeError as error:
            return Reply(sentence(turn.cards, error))

    async def dial(self, number: str, turn: Turn) -> Reply:
        """Call a number of a list; its card stays."""
        if not is_number(number):
            return turn.reply("click-unknown")
        claim = f"{self._subject(turn.user)}/{number}"
        try:
            if not await self._once.claim(_DIALLED, claim, DIALLED_FOR):
                return turn.reply("click-done")
            return await self._answers.telephony.place(turn, number)
        except BridgeError as error:
            return Reply(sentence(turn.cards, error))

    async def _once_only(self, verb: str, nonce: str, fields: Data, turn: Turn) -> Reply:
        """Act unless this button has acted. What certainly did not happen may be tried again; what timed out may not."""
        claim = "/".join((self._subject(turn.user), nonce, verb, _text(fields, "call")))
        if not await self._once.claim(_CLAIM, claim, CLAIMED_FOR):
            return turn.reply("click-done")
        try:
            return await self._acting[verb](turn, fields)
        except PbxTimeout:
            raise
        except BridgeError as error:
            await self._once.release(_CLAIM, claim)
            if isinstance(error, SignInNeeded):
                return await self._answers.telephony.refusal(turn, error)
            raise

    async def _hang_up(self, turn: Turn, fields: Data) -> Reply:
        call = _text(fields, "call")
        return await self._answers.telephony.end(turn, CallId(call)) if call else turn.reply("click-unknown")

    async def _hold(self, turn: Turn, fields: Data) -> Reply:
        call = _text(fields, "call")
        return await self._answers.telephony.hold_call(turn, CallId(call)) if call else turn.reply("click-unknown")

    async def _forward(self, turn: Turn, fields: Data) -> Reply:
        number, call = _text(fields, "number"), _text(fields, "call")
        if not is_number(number):
            return turn.reply("click-unknown")
        return await self._answers.telephony.forward_to(turn, number, CallId(call) if call else None)

    async def _call(self, turn: Turn, fields: Data) -> Reply:
        number = _text(fields, "number")
        return await self._answers.telephony.place(turn, number) if is_number(number) else turn.reply("click-unknown")

    async def _redirect(self, turn: Turn, fields: Data) -> Reply:
        number = _text(fields, "number")
        if not is_number(number):
            return turn.reply("click-unknown")
        return await self._answers.switches.redirect_to(turn, number, fields.get("until"))

    async def _use_phone(self, turn: Turn, fields: Data) -> Reply:
        phone = _text(fields, "phone")
        return await self._answers.switches.choose_phone(turn, PhoneId(phone)) if phone else turn.reply("click-unknown")

    async def _language(self, turn: Turn, fields: Data) -> Reply:
        language = _text(fields, "language")
        if language not in LANGUAGES:
            return turn.reply("click-unknown")
        return await self._answers.switches.choose_language(turn, language)

    async def _notices(self, turn: Turn, fields: Data) -> Reply:
        return await self._answers.notices.save(turn, fields)

    async def _undo(self, turn: Turn, fields: Data) -> Reply:
        return await self._answers.switches.undo(turn, _text(fields, "nonce"))

    async def _resume(self, turn: Turn, _: Data) -> Reply:
        return await self._answers.telephony.resume(turn)

    async def _drop(self, turn: Turn, _: Data) -> Reply:
        await self._desk.interrupted.drop(turn.user)
        return Reply(turn.say("dropped"), turn.cards.notice(turn.say("dropped")))


def _text(fields: Data, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) and len(value) <= MAXIMUM_FIELD else ""
