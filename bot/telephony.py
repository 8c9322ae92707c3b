"""Calls by command: placing, ending, holding, forwarding, joining."""

from collections.abc import Awaitable, Mapping
from datetime import timedelta

from bot import list_cards
from bot.commands import Intent
from bot.desk import Desk
from bot.elements import plain
from bot.lookup import Lookup
from bot.reply import Reply, Turn, new_nonce, sentence
from bridge.errors import BridgeError, NotFound, SignInNeeded
from bridge.model.calls import Call
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import Conference, Forward, HangUp, Hold, PlaceCall
from bridge.model.people import Person, Source
from bridge.model.telephony import CallAction, HistoryEntry

MISSED_LOOKED_AT = 20
A_DAY = timedelta(days=1)


class Telephony:
    """What a person does with their telephone."""

    def __init__(self, desk: Desk, lookup: Lookup) -> None:
        self._desk = desk
        self._lookup = lookup

    # -------------------------------------------------------------- placing

    async def call(self, turn: Turn, intent: Intent) -> Reply:
        """Call a number, or somebody; several who may be meant are offered."""
        whom = await self._lookup.whom(turn, intent, "call")
        return whom if isinstance(whom, Reply) else await self.place(turn, *whom)

    async def redial(self, turn: Turn, _: Intent) -> Reply:
        """Call the number dialled last."""
        last = await self._desk.lists.history.last_dialled(turn.user)
        return (
            turn.reply("redial-nobody")
            if last is None
            else await self.place(turn, last.remote.number, last.remote.name)
        )

    async def call_back(self, turn: Turn, _: Intent) -> Reply:
        """Call whoever called in vain; if within a day there were several, ask whom."""
        page = await self._desk.lists.history.missed(turn.user, MISSED_LOOKED_AT)
        callers = _callers(page.entries)
        if not callers:
            return turn.reply("missed-none")
        if len(callers) == 1:
            return await self.place(turn, callers[0].numbers[0], callers[0].name)
        question = turn.say("call-back-whom")
        offered = list_cards.choices(callers)
        return Reply(question, list_cards.choice(turn.cards, question, offered, "call", {"nonce": new_nonce()}))

    async def place(self, turn: Turn, number: str, name: str = "") -> Reply:
        """Place a call; its card can hang up."""
        return await self._placed(turn, number, self._desk.control.place(PlaceCall(turn.user, number)), name)

    async def resume(self, turn: Turn) -> Reply:
        """Carry on with the kept call."""
        kept = await self._desk.interrupted.kept(turn.user)
        if kept is None:
            return turn.reply("resume-gone")
        return await self._placed(turn, kept.number, self._desk.control.resume(turn.user))

    async def _placed(self, turn: Turn, number: str, placing: Awaitable[CallId], name: str = "") -> Reply:
        try:
            call = await placing
        except SignInNeeded as error:
            return await self.refusal(turn, error, kept=True)
        summary = turn.say("placed-title", number=plain(name or number))
        return Reply(summary, turn.cards.placed(number, call, new_nonce(), name), call=call)

    async def refusal(self, turn: Turn, error: BridgeError, *, kept: bool = False) -> Reply:
        """A refusal as a reply; a missing sign-in becomes the card that leads to one."""
        if not isinstance(error, SignInNeeded):
            return Reply(sentence(turn.cards, error))
        interrupted = await self._kept(turn.user) if kept else None
        number = interrupted.number if interrupted is not None else ""
        card = turn.cards.sign_in(sentence(turn.cards, error), number)
        return Reply(turn.say("sign-in-title"), card, asks_sign_in=True)

    async def _kept(self, user: UserKey) -> PlaceCall | None:
        """The call that waits for a sign-in; the offer is comfort, its failure is not told."""
        try:
            return await self._desk.interrupted.kept(user)
        except BridgeError:
            return None

    # -------------------------------------------------------------- calls under way

    async def calls(self, turn: Turn, _: Intent) -> Reply:
        """Show the live calls."""
        live = await self._live(turn.user)
        if not live:
            return turn.reply("no-calls")
        return Reply(turn.say("calls-title"), turn.cards.calls(live, new_nonce()))

    async def hang_up(self, turn: Turn, _: Intent) -> Reply:
        """End the only call, or ask which."""
        live = await self._live(turn.user)
        if not live:
            return turn.reply("no-calls")
        if len(live) > 1:
            return Reply(turn.say("calls-which"), turn.cards.calls(live, new_nonce(), question=True))
        return await self.end(turn, live[0].id, live[0].remote.number)

    async def end(self, turn: Turn, call: CallId, number: str = "") -> Reply:
        """End one call of this person; one that is over already is no error."""
        try:
            await self._desk.control.hang_up(HangUp(turn.user, call))
        except NotFound:
            return self._over(turn)
        return Reply(turn.say("hung-up"), turn.cards.hung_up(number))

    async def hold(self, turn: Turn, _: Intent) -> Reply:
        """Put the call on hold, or ask which."""
        may = await self._live(turn.user, CallAction.HOLD)
        if len(may) == 1:
            return await self.hold_call(turn, may[0].id)
        return self._which(turn, may, "hold-which", "hold") if may else turn.reply("hold-none")

    async def hold_call(self, turn: Turn, call: CallId) -> Reply:
        """Put one call on hold."""
        try:
            await self._desk.control.hold(Hold(turn.user, call))
        except NotFound:
            return self._over(turn)
        return Reply(turn.say("held"), turn.cards.notice(turn.say("held")))

    async def forward(self, turn: Turn, intent: Intent) -> Reply:
        """Send the call to a number or somebody, or ask which call, or to whom."""
        if intent.kind:
            return turn.reply("forward-voicemail")
        may = await self._live(turn.user, CallAction.FORWARD)
        if not may:
            return turn.reply("forward-none")
        whom = await self._lookup.whom(turn, intent, "forward")
        return whom if isinstance(whom, Reply) else await self.forward_to(turn, whom[0], name=whom[1])

    async def forward_to(self, turn: Turn, number: str, call: CallId | None = None, name: str = "") -> Reply:
        """Send a call, or the only one there is, to a number."""
        if call is None:
            may = await self._live(turn.user, CallAction.FORWARD)
            if len(may) != 1:
                return self._which(turn, may, "forward-which", "forward", number) if may else turn.reply("forward-none")
            call = may[0].id
        try:
            await self._desk.control.forward(Forward(turn.user, call, number))
        except NotFound:
            return self._over(turn)
        text = turn.say("forwarded", who=plain(name or number))
        return Reply(text, turn.cards.forwarded(number, name))

    async def conference(self, turn: Turn, _: Intent) -> Reply:
        """Join all calls that can be joined."""
        may = await self._live(turn.user, CallAction.CONFERENCE)
        if len(may) < 2:
            return turn.reply("conference-none")
        await self._desk.control.conference(Conference(turn.user, tuple(call.id for call in may)))
        return turn.reply("conference-done", count=len(may))

    async def _live(self, user: UserKey, action: CallAction | None = None) -> tuple[Call, ...]:
        live = (await self._desk.control.calls(user)).live()
        return tuple(call for call in live if action is None or action in call.actions)

    def _which(self, turn: Turn, calls: tuple[Call, ...], question: str, verb: str, number: str = "") -> Reply:
        data: Mapping[str, object] = {"nonce": new_nonce(), **({"number": number} if number else {})}
        return Reply(turn.say(question), turn.cards.which(calls, turn.say(question), verb, dict(data)))

    def _over(self, turn: Turn) -> Reply:
        return Reply(turn.say("hung-up-gone"), turn.cards.notice(turn.say("hung-up-gone")))


def _callers(entries: tuple[HistoryEntry, ...]) -> list[Person]:
    """Who called in vain within a day before the newest missed call, each once, the newest first."""
    times = [entry.started_at for entry in entries if entry.started_at is not None]
    since = max(times) - A_DAY if times else None
    callers: dict[str, Person] = {}
    for entry in entries:
        number, at = entry.remote.number, entry.started_at
        if number and (since is None or at is None or at >= since):
            callers.setdefault(number, Person(entry.remote.name, (number,), Source.RECENT, spoken_at=at))
    return list(callers.values())
