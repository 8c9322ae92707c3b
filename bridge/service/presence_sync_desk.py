"""What people and administrators may know and decide about presence: rules, what would be, why it is so, and putting it right."""

import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.errors import BadRequest, BridgeError, SignedOut
from bridge.model.ids import TenantId, UserKey
from bridge.model.presence import OwnPresence
from bridge.model.presence_rules import (
    DEFAULT,
    NO_CHOICES,
    Choices,
    ChoicesRefused,
    Decision,
    DryRun,
    PhonePresence,
    Rules,
    TeamsPresence,
    TeamsSession,
    checked,
    decide,
    dry_run,
    with_choices,
)
from bridge.model.presence_sync import UNSTUCK, Made, Source, Standing, is_echo, with_change
from bridge.service.ports import Clock, DueWork, NoSession, Once, Sessions, Throttle
from bridge.service.presence import Presences
from bridge.service.presence_ports import Admission, Beats, Consent, Look, Standings, TeamsGraph, TenantRules
from bridge.service.presence_sync import News, PresenceSync, talking
from bridge.service.tenants import Administrator, Tenants

_WAIT = timedelta(seconds=8)
ASKS_PER_MINUTE = 20


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A table, and what was chosen to make it so."""

    rules: Rules
    choices: Choices


@dataclass(frozen=True, slots=True)
class Explanation:
    """A person's state on both sides, what each part comes from and since when (Unix seconds)."""

    consent: Consent
    teams: TeamsPresence | None
    teams_since: float
    teams_is_ours: bool
    """Whether what Teams shows is our own session come back."""
    session: TeamsSession | None
    session_since: float
    phone: OwnPresence | None
    dnd_source: Source | None
    """``TEAMS``: switched on because of Teams; ``PERSON``: somebody else did; ``None``: it is off or not known."""
    dnd_since: float
    waived: bool
    """Whether a person's own decision keeps us from switching it."""
    text: str
    decision: Decision
    changes: tuple[Made, ...]


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a tenant allows, where that is mended, and how many changes were in time today."""

    admission: Admission
    link: str | None
    in_time: int
    late: int


class PresenceDesk:
    """Every method that is about a person's telephone raises ``SignedOut`` without a live sign-in."""

    def __init__(
        self,
        *,
        sync: PresenceSync,
        graph: TeamsGraph,
        standings: Standings,
        beats: Beats,
        rules: TenantRules,
        sessions: Sessions,
        presences: Presences,
        tenants: Tenants,
        throttle: Throttle,
        once: Once,
        due: DueWork,
        clock: Clock,
    ) -> None:
        self._sync = sync
        self._graph = graph
        self._standings = standings
        self._beats = beats
        self._rules = rules
        self._sessions = sessions
        self._presences = presences
        self._tenants = tenants
        self._throttle = throttle
        self._once = once
        self._due = due
        self._clock = clock

    # -------------------------------------------------------------- rules

    async def rules(self, user: UserKey) -> RuleBook:
        """The table that holds for a person, and their own choices in it."""
        own = await self._standings.choices((await self._look(user)).handle)
        return RuleBook(with_choices(await self._sync.rules_of(user.tenant), own), own)

    async def set_rules(self, user: UserKey, choices: Choices) -> RuleBook:
        """Replace a person's own choices; they hold from now on.

        Raises:
            BadRequest: they do not fit the table.
        """
        look = await self._look(user)
        before = await self._standings.choices(look.handle)
        after = replace(_sound(choices), version=before.version + 1, blind=None)
        await self._standings.set_choices(look.handle, after)
        async with self._once.slot("presence", look.handle, 1, _WAIT):
            look = await self._look(user)
            await self._standings.swap(look, replace(look.standing, chosen=after, text_rule="", looked_at=0.0))
        await self._beats.enter(user, self._clock.time())
        return await self.rules(user)

    async def dry_run(self, user: UserKey, teams: TeamsPresence) -> DryRun:
        """What would follow from a state of Teams now; nothing is done."""
        look = await self._look(user)
        book = await self.rules(user)
        known = await self._presences.remembered(user)
        phone = PhonePresence("active" if _talks(look) else "available", known.dnd if known else None)
        return dry_run(book.rules, teams, phone, dnd_is_ours=look.standing.dnd is not None)

    # -------------------------------------------------------------- why, and putting it right

    async def explain(self, user: UserKey) -> Explanation:
        """Why a person's presence is as it is, and what changed last."""
        look = await self._look(user)
        standing = look.standing
        known = await self._presences.remembered(user)
        rules = with_choices(await self._sync.rules_of(user.tenant), standing.chosen or NO_CHOICES)
        own_dnd = known.dnd if known is not None and standing.dnd is None else None
        decision = decide(rules, standing.teams, PhonePresence("active" if _talks(look) else "available", own_dnd))
        return _explanation(self._graph.admission(user.tenant).consent, standing, known, decision)

    async def unstick(self, user: UserKey) -> Explanation:
        """Take back what we set, forget what we believed, ask both sides anew and put everything right at once.

        Raises:
            TooManyAttempts: more often than people do.
        """
        look = await self._look(user)
        await self._throttle.admit("unstick", look.handle, ASKS_PER_MINUTE, timedelta(minutes=1))
        with contextlib.suppress(BridgeError):  # what cannot be done now is done by the next round
            await self._sync.attend(look.handle, News(leaving=True))
        await self._sync.clear_anyway(user)
        await self._forget(user)
        await self._due.schedule(look.handle, self._clock.time())
        with contextlib.suppress(BridgeError):  # likewise
            await self._sync.attend(look.handle, await self._asked_anew(user))
        await self._beats.enter(user, self._clock.time())
        return await self.explain(user)

    async def _forget(self, user: UserKey) -> None:
        now = self._clock.time()
        handle = self._sessions.handle(user)
        async with self._once.slot("presence", handle, 1, _WAIT):
            look = await self._look(user)
            kept = look.standing
            fresh = Standing(
                held=kept.held,
                cleared=kept.cleared,
                cleared_at=kept.cleared_at,
                dnd=kept.dnd,
                text=kept.text,
                changes=kept.changes,
                chosen=kept.chosen,
            )
            await self._standings.swap(look, with_change(fresh, Made(now, UNSTUCK, "", Source.PERSON)))

    async def _asked_anew(self, user: UserKey) -> News:
        asked = self._clock.time()
        told = await self._graph.presences(user.tenant, [user.person])
        return News(teams=told.get(user.person), asked=asked)

    # -------------------------------------------------------------- administration

    async def tenant_rules(self, admin: Administrator) -> RuleBook:
        """The table of the administrator's tenant. Raises ``NotAdmin``."""
        choices = await self._rules.choices(await self._tenants.admit(admin))
        return RuleBook(with_choices(DEFAULT, choices), choices)

    async def set_tenant_rules(self, admin: Administrator, choices: Choices) -> RuleBook:
        """Replace the choices of the administrator's tenant.

        Raises:
            NotAdmin, TenantUnknown: see the names.
            BadRequest: they do not fit the table.
        """
        tenant = await self._tenants.admit(admin)
        before = await self._rules.choices(tenant)
        await self._rules.set_choices(tenant, replace(_sound(choices), version=before.version + 1))
        return await self.tenant_rules(admin)

    async def consent(self, admin: Administrator) -> ConsentView:
        """What the tenant allows now, asked anew. Raises ``NotAdmin`` and ``TooManyAttempts``."""
        tenant = await self._tenants.admit(admin)
        await self._throttle.admit("consent", tenant, ASKS_PER_MINUTE, timedelta(minutes=1))
        admission = await self._graph.ask_admission(tenant, anew=True)
        if admission.consent is Consent.MISSING and await self._beats.worked(tenant):
            admission = replace(admission, consent=Consent.REVOKED)
        if admission.may_read:
            await self._beats.hurry(tenant, self._clock.time())
        in_time, late = await self._beats.level(tenant)
        return ConsentView(admission, self._link(tenant, admission), in_time, late)

    def _link(self, tenant: TenantId, admission: Admission) -> str | None:
        mended = admission.consent is Consent.GRANTED and not admission.missing
        return None if mended else self._graph.link(tenant, admission.consent)

    async def _look(self, user: UserKey) -> Look:
        look = await self._standings.look(self._sessions.handle(user))
        if isinstance(look.session, NoSession):
            raise SignedOut(look.session.reason)
        return look


def _talks(look: Look) -> bool:
    return bool(talking(look.table))


def _sound(choices: Choices) -> Choices:
    try:
        return checked(choices)
    except ChoicesRefused as refused:
        raise BadRequest(str(refused)) from None


def _explanation(consent: Consent, standing: Standing, known: OwnPresence | None, decision: Decision) -> Explanation:
    held, dnd = standing.held, standing.dnd
    is_on = dnd is not None or (known is not None and known.dnd is True)
    source = None if not is_on else Source.TEAMS if dnd is not None else Source.PERSON
    return Explanation(
        consent=consent,
        teams=standing.teams,
        teams_since=standing.teams_since,
        teams_is_ours=is_echo(standing),
        session=held.kind if held is not None else None,
        session_since=held.since if held is not None else 0.0,
        phone=known,
        dnd_source=source,
        dnd_since=dnd.since if dnd is not None else known.since.timestamp() if is_on and known is not None else 0.0,
        waived=standing.waived_since > 0,
        text=standing.text,
        decision=decision,
        changes=tuple(reversed(standing.changes)),
    )
