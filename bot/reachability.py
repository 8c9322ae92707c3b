"""Am I reachable? Where calls would ring now, and why, in two lines."""

import asyncio

from bot.commands import Intent
from bot.desk import Desk
from bot.elements import literal
from bot.list_cards import place_of, redirect_line, state_word
from bot.reply import Reply, Turn
from bridge.errors import BridgeError, NotOffered, PbxPermission, PbxTrouble
from bridge.model.ids import UserKey
from bridge.model.presence import OwnPresence
from bridge.model.reachability import Reach, Rings, reach
from bridge.model.telephony import Redirect
from bridge.service.reminders import Temporary


class Reachability:
    """Puts together what decides it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, turn: Turn, _: Intent) -> Reply:
        """Answer in two lines."""
        presence, phones, redirects = await asyncio.gather(
            self._desk.control.presence(turn.user), self._desk.control.phones(turn.user), self._redirects(turn.user)
        )
        found = reach(presence, phones, redirects)
        lines = [self._where(turn, found), await self._why(turn, found, presence)]
        return Reply(lines[0], turn.cards.lines(turn.say("reachable-title"), lines))

    def _where(self, turn: Turn, found: Reach) -> str:
        names = ", ".join(literal(phone.name) for phone in found.phones)
        where = place_of(turn.cards, found.always) if found.always is not None else ""
        return turn.say(f"reachable-{found.rings.value}", phones=names, where=where)

    async def _why(self, turn: Turn, found: Reach, presence: OwnPresence) -> str:
        parts = [turn.say("status-telephony", state=state_word(turn.cards, presence.telephony))]
        if presence.dnd is not None:
            parts.append(turn.say("status-dnd-on" if presence.dnd else "status-dnd-off"))
        rules = [found.always] if found.always is not None else list(found.later)
        parts += [redirect_line(turn.cards, rule) for rule in rules] or [turn.say("redirects-none")]
        kind = Temporary.REDIRECTS if found.always is not None else Temporary.DND
        if found.rings in {Rings.REDIRECTED, Rings.VOICEMAIL, Rings.DISTURBED} and (
            ends := await self._ends(turn, kind)
        ):
            parts.append(turn.say("reachable-until", time=ends))
        return " ".join(parts)

    async def _ends(self, turn: Turn, kind: Temporary) -> str:
        try:
            at = await self._desk.lists.reminders.ends_at(turn.user, kind)
        except BridgeError:
            return ""
        return turn.clock_at(at, self._desk.lists.clock.now()) if at is not None else ""

    async def _redirects(self, user: UserKey) -> tuple[Redirect, ...]:
        """Rules that the PBX does not tell cannot be counted; everything else is still worth an answer."""
        try:
            return await self._desk.lists.redirects.all(user)
        except (NotOffered, PbxPermission, PbxTrouble):
            return ()
