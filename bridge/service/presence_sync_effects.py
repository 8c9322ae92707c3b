"""Carries out on both sides what the plan for a person says: note it, do it, note that it is done.

What is set is noted before it is set. Should the sign-in end while it is being set, it is taken back at once.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from bridge.errors import BridgeError, NotOffered, PbxPermission, SignedOut, Unavailable
from bridge.model.ids import UserHandle
from bridge.model.messages import PresenceChanged
from bridge.model.pbx import Session
from bridge.model.presence_rules import USUAL, TeamsSession
from bridge.model.presence_sync import (
    HOLD_OVER,
    DndStep,
    Facts,
    Held,
    Made,
    OwnDnd,
    Plan,
    SessionStep,
    Settled,
    Source,
    Standing,
    noted,
    settled,
    with_change,
)
from bridge.service.announce import Announcer
from bridge.service.lines import Line, Lines
from bridge.service.ports import Clock, Once
from bridge.service.presence import Presences
from bridge.service.presence_ports import Beats, Look, Measured, Standings, TeamsClosed, TeamsGraph

_ACCOUNT_WAIT = timedelta(seconds=5)
T = TypeVar("T")

NOT_DONE = (PbxPermission, NotOffered, SignedOut)
"""After these it is certain that nothing was switched; after any other trouble it is not."""

Sentence = Callable[[str, str], str]
"""Gives the usual chat text of a row: (row, country) → sentence."""

GERMAN_SPEAKING = frozenset({"DE", "AT", "CH", "LI", "LU"})


class Way(StrEnum):
    """Which side a change has its effect on."""

    TO_TEAMS = "to_teams"
    TO_PBX = "to_pbx"


class Lost(Exception):
    """The sign-in ended, or somebody else wrote meanwhile: what was noted last does not hold."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One plan in its setting. ``began``, ``told_before``: Unix times of the cause at the PBX, and in Teams at the earliest."""

    look: Look
    session: Session
    facts: Facts
    plan: Plan
    began: float | None = None
    told_before: float | None = None

    @property
    def standing(self) -> Standing:
        """What is remembered."""
        return self.look.standing


class Effects:
    """Does one step at a time; every method gives the turn with what is remembered afterwards."""

    def __init__(
        self,
        *,
        graph: TeamsGraph,
        standings: Standings,
        lines: Lines,
        presences: Presences,
        once: Once,
        announcer: Announcer,
        clock: Clock,
        sentence: Sentence,
        measured: Measured,
        level: Beats,
        in_time: Mapping[Way, float],
    ) -> None:
        """``in_time``: seconds within which a change is in time."""
        self._graph = graph
        self._standings = standings
        self._lines = lines
        self._presences = presences
        self._once = once
        self._announcer = announcer
        self._clock = clock
        self._sentence = sentence
        self._measured = measured
        self._level = level
        self._in_time = in_time

    async def note(self, turn: Turn, standing: Standing) -> Turn:
        """Remember.

        Raises:
            Lost: see there.
        """
        if standing == turn.standing:
            return turn
        look = await self._standings.swap(turn.look, standing)
        if look is None:
            raise Lost
        return replace(turn, look=look)

    # -------------------------------------------------------------- our session in Teams

    async def session(self, turn: Turn) -> Turn:
        """Set, renew or clear it. Raises ``TeamsAway`` when that has to be tried again."""
        kind = turn.plan.kind
        if kind is None or turn.plan.session is None:
            return turn
        if turn.plan.session is SessionStep.CLEAR:
            return await self._clear(turn, kind)
        held, now = turn.standing.held, self._clock.time()
        fresh = held if held is not None and held.kind is kind else Held(kind, now, now)
        turn = await self.note(turn, replace(turn.standing, held=fresh))
        try:
            await self._graph.set_session(turn.session.user, kind)
        except TeamsClosed:
            return await self.note(turn, replace(turn.standing, held=None))
        after = replace(turn.standing, held=replace(fresh, renewed=now, sure=True))
        try:
            if turn.plan.session is SessionStep.RENEW:
                return await self.note(turn, after)
            return await self._done(turn, after, "session_set", turn.plan.decision.session_rule, Way.TO_TEAMS)
        except Lost:
            with contextlib.suppress(BridgeError):  # it ends by itself within ten minutes
                await self._graph.clear_session(turn.session.user)
            raise

    async def _clear(self, turn: Turn, kind: TeamsSession) -> Turn:
        with contextlib.suppress(TeamsClosed):  # without consent there is no way; it ends by itself
            await self._graph.clear_session(turn.session.user)
        after = replace(turn.standing, held=None, cleared=kind, cleared_at=self._clock.time())
        return await self._done(turn, after, "session_cleared", turn.plan.decision.session_rule, Way.TO_TEAMS)

    # -------------------------------------------------------------- do not disturb at the PBX

    async def dnd(self, turn: Turn) -> Turn:
        """Look, switch or only note. Raises what the PBX's line raises when that has to be tried again."""
        step = turn.plan.dnd
        if step is None:
            return turn
        if step not in (DndStep.LOOK, DndStep.LIFT):
            return await self.note(turn, noted(turn.standing, step, turn.facts.now))
        async with self._once.slot("dnd", turn.facts.account, 1, _ACCOUNT_WAIT):
            return await (self._looked(turn) if step is DndStep.LOOK else self._lifted(turn))

    async def _looked(self, turn: Turn) -> Turn:
        account, rule = turn.facts.account, turn.plan.decision.dnd_rule
        actual = await self.tend(turn.session, lambda line: line.pbx.do_not_disturb())
        shared = await self._standings.shared(account)
        found = settled(turn.standing, turn.facts, rule, actual, shared=shared)
        if turn.standing.dnd is not None and found.standing.dnd is None:
            await self._standings.part(account, turn.look.handle)
        elif found.standing.dnd is not None:
            await self._standings.join(account, turn.look.handle)
        turn = await self.note(turn, found.standing)
        return await self._switched_on(turn, found) if found.switch else turn

    async def _switched_on(self, turn: Turn, found: Settled) -> Turn:
        own = found.standing.dnd
        assert own is not None  # noqa: S101 - a switch goes with it
        try:
            await self.switch(turn.session, enabled=True)
        except NOT_DONE:
            await self._standings.part(turn.facts.account, turn.look.handle)
            await self.note(turn, replace(turn.standing, dnd=None, looked_at=0.0))
            raise
        after = replace(turn.standing, dnd=replace(own, sure=True))
        try:
            return await self._done(turn, after, "dnd_on", own.rule, Way.TO_PBX)
        except Lost:
            with contextlib.suppress(BridgeError):  # the sign-in has ended, perhaps at the PBX too
                if not await self._standings.part(turn.facts.account, turn.look.handle):
                    await self.switch(turn.session, enabled=False)
            raise

    async def _lifted(self, turn: Turn) -> Turn:
        own = turn.standing.dnd
        assert own is not None  # noqa: S101 - only ours is lifted
        others = await self._standings.part(own.account, turn.look.handle)
        if own.account == turn.facts.account and not others:
            turn = await self.note(turn, replace(turn.standing, dnd=replace(own, leaving=True)))
            await self.switch(turn.session, enabled=False)
        rule = HOLD_OVER if own.unwanted_since and turn.plan.decision.dnd != "off" else turn.plan.decision.dnd_rule
        after = replace(turn.standing, dnd=None, waived_since=0.0, looked_at=0.0, theirs=False)
        return await self._done(turn, after, "dnd_off", rule, Way.TO_PBX)

    async def switch(self, session: Session, *, enabled: bool) -> None:
        """Switch do not disturb at the PBX, and show it."""
        await self.tend(session, lambda line: line.pbx.set_dnd(enabled=enabled))
        with contextlib.suppress(BridgeError):  # it is switched; showing it is comfort
            await self._presences.remember_dnd(session, enabled=enabled, by_person=False)
            presence, changed = await self.tend(session, self._presences.ask)
            if changed:
                await self._announcer.publish(session.user, PresenceChanged(presence))

    # -------------------------------------------------------------- the chat text

    async def text(self, turn: Turn) -> Turn:
        """Write or clear our text, unless a person has written one of their own."""
        wanted, rule = turn.plan.text, turn.plan.decision.text_rule
        if wanted is None:
            return turn
        text = self._sentence(rule, turn.session.country) if wanted == USUAL else wanted
        current = (await self.tend(turn.session, lambda line: line.pbx.user_state())).message
        if current != text and current in self._ours(turn):
            await self.tend(turn.session, lambda line: line.pbx.set_chat_message(text))
        elif current != text:
            return await self.note(turn, replace(turn.standing, text="", text_rule=rule if text else ""))
        what = "text_set" if text else "text_cleared"
        after = replace(turn.standing, text=text, text_rule=rule if text else "")
        return await self._done(turn, after, what, rule, Way.TO_PBX)

    def _ours(self, turn: Turn) -> frozenset[str]:
        """Texts that are nobody's or ours: none at all, the one remembered, and every one that a row may write."""
        effects = [(row.id, row.effect.text) for row in turn.facts.rules.rows]
        usual = {self._sentence(row, turn.session.country) for row, text in effects if text == USUAL}
        return frozenset({"", turn.standing.text, *usual, *(text for _, text in effects if text)})

    # -------------------------------------------------------------- shared

    async def tend(self, session: Session, act: Callable[[Line], Awaitable[T]]) -> T:
        """Do something on a person's line without counting it as their use.

        Raises:
            SignedOut: the PBX refuses the token; the sign-in has been ended.
        """
        return await self._lines.tend(session, act)

    async def _done(self, turn: Turn, after: Standing, what: str, rule: str, way: Way) -> Turn:
        """Remember a change that was made, and how long it took. Raises ``Lost``."""
        now = self._clock.time()
        began, source = (turn.began, Source.PBX) if way is Way.TO_TEAMS else (turn.told_before, Source.TEAMS)
        delay = max(0.0, now - began) if began is not None else None
        turn = await self.note(turn, with_change(after, Made(now, what, rule, source, delay)))
        if delay is not None:
            self._measured(way.value, delay)
            with contextlib.suppress(Unavailable):  # a figure less
                await self._level.counted(turn.session.user.tenant, in_time=delay <= self._in_time[way])
        return turn

    # -------------------------------------------------------------- the end of a sign-in

    async def take_back(self, session: Session, handle: UserHandle, standing: Standing, *, at_pbx: bool) -> None:
        """Take back everything after the standing was removed; what fails ends by itself or cannot be helped."""
        if standing.held is not None:
            with contextlib.suppress(BridgeError):  # it ends by itself within ten minutes
                await self._graph.clear_session(session.user)
        own = standing.dnd
        others = own is not None and await self._standings.part(own.account, handle)
        if at_pbx and (own is not None or standing.text):
            with contextlib.suppress(BridgeError):  # the PBX is away or takes the token no more
                await self._taken_back_at_pbx(session, standing, own, others=others)

    async def _taken_back_at_pbx(
        self, session: Session, standing: Standing, own: OwnDnd | None, *, others: bool
    ) -> None:
        line = await self._lines.of(session)
        if own is not None and not others:
            await line.pbx.set_dnd(enabled=False)
        if standing.text and (await line.pbx.user_state()).message == standing.text:
            await line.pbx.set_chat_message("")
