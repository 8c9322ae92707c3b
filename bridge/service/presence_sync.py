"""Keeps one person's presence right on both sides: look, plan, do, remember; one process at a time for each person."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.errors import BridgeError, EndReason, Unavailable
from bridge.logs import logger
from bridge.model.calls import CallTable
from bridge.model.ids import TenantId, UserHandle, UserKey
from bridge.model.pbx import Session
from bridge.model.presence_rules import (
    DEFAULT,
    NO_CHOICES,
    Dnd,
    PhonePresence,
    Rules,
    TeamsPresence,
    TeamsSession,
    decide,
    with_choices,
)
from bridge.model.presence_sync import LOOK_AGAIN, Facts, Standing, chosen_by_person, is_echo, plan, seen
from bridge.model.telephony import CallState
from bridge.service.ports import Clock, NoSession, Once, Sessions
from bridge.service.presence import Presences
from bridge.service.presence_ports import Beats, Consent, Glance, Look, Standings, TeamsGraph, TenantRules
from bridge.service.presence_sync_effects import Effects, Lost, Turn

_WAIT = timedelta(seconds=8)
_FAREWELL = 4.0
"""Seconds that a sign-out waits for what was set to be taken back."""
_TURNS = 4
_TALKING = frozenset({CallState.CONNECTED, CallState.HELD, CallState.CONSULTING, CallState.CONFERENCE})
_CLOSED = frozenset({Consent.MISSING, Consent.REVOKED, Consent.SECRET_EXPIRED})

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What caused a look at a person."""

    teams: TeamsPresence | None = None
    asked: float = 0.0
    """When the question was asked whose answer ``teams`` is."""
    known: bool = True
    """Whether Teams was asked just now, or need not be."""
    lost: bool = False
    """Whether Teams has not answered for so long that what rests on its state is taken back."""
    look: bool = False
    """Whether the person's own state at the PBX changed."""
    leaving: bool = False
    """Take everything back: the sign-in ends soon, or the last process does."""
    began: float | None = None
    """Unix time of what happened at the PBX; ``None`` when nothing did."""
    told_before: float | None = None
    """When Teams was asked before this, so that a change cannot be older."""


def talking(table: CallTable) -> frozenset[str]:
    """Ids of the calls in which the person talks: connected, held or joined; ringing is no talk."""
    return frozenset(call.id for call in table.live() if call.state in _TALKING)


class PresenceSync:
    """Looks after one person at a time."""

    def __init__(
        self,
        *,
        graph: TeamsGraph,
        standings: Standings,
        beats: Beats,
        rules: TenantRules,
        sessions: Sessions,
        presences: Presences,
        effects: Effects,
        once: Once,
        clock: Clock,
    ) -> None:
        self._graph = graph
        self._standings = standings
        self._beats = beats
        self._rules = rules
        self._sessions = sessions
        self._presences = presences
        self._effects = effects
        self._once = once
        self._clock = clock

    async def attend(self, handle: UserHandle, news: News) -> Standing | None:
        """Put one person right and give what is remembered then; ``None`` when there is no live sign-in.

        Raises:
            Unavailable: Redis or Teams is away, or another process is at it for too long; to be tried again.
            BridgeError: what the PBX refuses; to be tried again.
        """
        async with self._once.slot("presence", handle, 1, _WAIT):
            for _ in range(_TURNS):
                look = await self._standings.look(handle)
                if isinstance(look.session, NoSession):
                    await self._left_behind(look, look.session)
                    return None
                with contextlib.suppress(Lost):
                    return await self._put_right(look, look.session, news)
        raise Unavailable("somebody else writes all the time")

    def inert(self, tenant: TenantId) -> bool:
        """Whether a tenant is known not to have consented."""
        return self._graph.admission(tenant).consent in _CLOSED

    async def rules_of(self, tenant: TenantId) -> Rules:
        """Give the table that holds for a tenant."""
        return with_choices(DEFAULT, await self._rules.choices(tenant))

    def wants(self, glance: Glance, rules: Rules, news: News) -> bool:
        """Tell from a glance whether somebody needs to be looked at closely. ``rules`` are the tenant's."""
        standing, now = glance.standing, self._clock.time()
        if glance.user is None or standing.chosen is None or (news.leaving and standing.holds_anything):
            return True
        if news.teams is not None and seen(standing, news.teams, news.asked, now) is not standing:
            return True
        resting = _resting(standing)
        if standing.held is not None and resting and now - standing.held.looked >= LOOK_AGAIN:
            return True
        facts = self._facts(glance.user, glance.table, with_choices(rules, standing.chosen), news)
        return not plan(standing, replace(facts, dnd=True if resting else None)).empty

    # -------------------------------------------------------------- what others cause

    async def chosen_by_person(self, session: Session, enabled: bool) -> None:
        """A person switched do not disturb through us: from now on it is theirs. Raises nothing."""
        handle = self._sessions.handle(session.user)
        try:
            async with self._once.slot("presence", handle, 1, _WAIT):
                await self._give_up(handle, session, enabled=enabled)
        except Unavailable:
            _log.warning("choice_not_noted", handle=handle)

    async def _give_up(self, handle: UserHandle, session: Session, *, enabled: bool) -> None:
        look = await self._standings.look(handle)
        if isinstance(look.session, NoSession) or look.session.id != session.id:
            return
        own = look.standing.dnd
        if own is not None:
            await self._standings.part(own.account, handle)
        if own is None and look.standing.teams is None:
            return
        rules = with_choices(await self.rules_of(session.user.tenant), look.standing.chosen or NO_CHOICES)
        wish = decide(rules, look.standing.teams, PhonePresence()).dnd
        wished = own is not None or (wish is Dnd.ON and not is_echo(look.standing))
        after = chosen_by_person(look.standing, self._clock.time(), enabled=enabled, wished=wished)
        await self._standings.swap(look, after)

    async def farewell(self, session: Session, reason: EndReason) -> None:
        """A sign-in has ended or was replaced: take everything back and forget it. Within four seconds, without an error."""
        with contextlib.suppress(TimeoutError, BridgeError):  # what is left over ends by itself
            async with asyncio.timeout(_FAREWELL):
                handle = self._sessions.handle(session.user)
                standing = await self._standings.leave(handle)
                await self._beats.drop(session.user)
                await self._effects.take_back(session, handle, standing, at_pbx=reason is not EndReason.REJECTED)

    async def clear_anyway(self, user: UserKey) -> None:
        """Clear our session in Teams whether or not we remember one."""
        with contextlib.suppress(BridgeError):  # it ends by itself; a look that follows tries again what it remembers
            await self._graph.clear_session(user)

    # -------------------------------------------------------------- one person

    async def _put_right(self, look: Look, session: Session, news: News) -> Standing:
        await self._graph.ask_admission(session.user.tenant)
        if self.inert(session.user.tenant) and not look.standing.holds_anything:
            return look.standing
        standing = await self._remembered(look, news)
        rules = with_choices(await self.rules_of(session.user.tenant), standing.chosen or NO_CHOICES)
        facts = self._facts(session.user, look.table, rules, news)
        facts = replace(facts, account=self._standings.account(session))
        turn = Turn(look, session, facts, plan(standing, facts), news.began, news.told_before)
        turn = await self._with_own_dnd(await self._effects.note(turn, standing))
        turn, trouble = await self._both_sides(replace(turn, plan=plan(turn.standing, turn.facts)))
        if trouble is not None:
            raise trouble
        return turn.standing

    async def _both_sides(self, turn: Turn) -> tuple[Turn, BridgeError | None]:
        """Do what the plan says; what goes wrong on one side does not keep the other one waiting."""
        trouble: BridgeError | None = None
        for act in (self._effects.session, self._effects.dnd, self._effects.text):
            try:
                turn = await act(turn)
            except BridgeError as error:
                trouble = trouble or error
                fresh = await self._standings.look(turn.look.handle)
                if isinstance(fresh.session, NoSession):
                    raise Lost from None
                turn = replace(turn, look=fresh)
        return turn, trouble

    async def _remembered(self, look: Look, news: News) -> Standing:
        standing = look.standing
        if standing.chosen is None:
            standing = replace(standing, chosen=await self._standings.choices(look.handle))
        if news.teams is not None:
            standing = seen(standing, news.teams, news.asked, self._clock.time())
        return standing

    def _facts(self, user: UserKey, table: CallTable, rules: Rules, news: News) -> Facts:
        admission = self._graph.admission(user.tenant)
        unknown = admission.consent is Consent.UNKNOWN
        return Facts(
            now=self._clock.time(),
            rules=replace(rules, enabled=False) if news.leaving else rules,
            in_talk=bool(talking(table)),
            account="",
            teams_known=news.known,
            teams_lost=news.lost,
            look=news.look,
            may_read=admission.may_read or unknown,
            may_write=admission.may_write or unknown,
        )

    async def _with_own_dnd(self, turn: Turn) -> Turn:
        """Find out whether the person has do not disturb on themselves, where that matters for Teams and may be so."""
        standing, facts = turn.standing, turn.facts
        if standing.dnd is not None or facts.in_talk or not facts.may_write or not facts.rules.enabled:
            return turn
        held = standing.held if _resting(standing) else None
        if held is not None and facts.now - held.looked < LOOK_AGAIN:
            return replace(turn, facts=replace(facts, dnd=True))
        known = None if held is not None else await self._presences.remembered(turn.session.user)
        if held is None and (known is None or known.dnd is not True):
            return turn
        actual = await self._effects.tend(turn.session, lambda line: line.pbx.do_not_disturb())
        if held is not None:
            turn = await self._effects.note(turn, replace(standing, held=replace(held, looked=facts.now)))
        if actual and await self._standings.shared(facts.account):
            actual = None  # somebody else with the same account had us switch it on
        return replace(turn, facts=replace(facts, dnd=actual))

    async def _left_behind(self, look: Look, gone: NoSession) -> None:
        """The sign-in ran out: whoever finds that clears our session in Teams. There is no way to the PBX any more."""
        standing = await self._standings.leave(look.handle)
        if standing.dnd is not None:
            await self._standings.part(standing.dnd.account, look.handle)
        if gone.user is None:
            return
        await self._beats.drop(gone.user)
        if standing.held is not None:
            await self.clear_anyway(gone.user)


def _resting(standing: Standing) -> bool:
    """Whether our session in Teams stands for the person's own do not disturb."""
    return standing.held is not None and standing.held.kind is TeamsSession.DO_NOT_DISTURB
