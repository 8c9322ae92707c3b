"""What the service did to a person's presence, what it remembers of it, and what it is to do next. Pure: time is a parameter.

Four rules keep both sides honest. What we set in Teams never counts as Teams' own state when it comes back (the echo). We only
take back what we set. What a person changes by hand wins until Teams says that they are free. And whatever we set is
remembered *before* it is set, so that a process that dies leaves nothing that another one cannot take back.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bridge.model.presence_rules import (
    Choices,
    Decision,
    Dnd,
    PhonePresence,
    Rules,
    TeamsPresence,
    TeamsSession,
    decide,
)

ECHO = 15.0
"""Seconds after our session in Teams was cleared in which Graph may still tell of it."""
RENEW_AFTER = 300.0
"""Seconds after which a session, which lives ten minutes, is renewed."""
HOLD_LIMIT = 900.0
"""Seconds for which our do not disturb stays under a rule that says neither on nor off; then nothing justifies it any more."""
LOOK_AGAIN = 30.0
"""Seconds between two looks at whether do not disturb is still as we set it."""
CHANGES_KEPT = 20
HOLD_OVER = "hold_over"
"""In place of a row's id: the time for which an old reason lasts is over."""
UNSTUCK = "unstick"

ECHOES = {
    TeamsSession.IN_A_CALL: TeamsPresence("Busy", "InACall"),
    TeamsSession.DO_NOT_DISTURB: TeamsPresence("DoNotDisturb", "Presenting"),
}
"""What Graph tells of our own sessions."""


class Source(StrEnum):
    """What a state or change comes from."""

    PBX = "pbx"
    TEAMS = "teams"
    PERSON = "person"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Made:
    """One change that the service made, or found a person to have made. ``at`` in Unix seconds, ``delay`` in seconds.

    The delay of a change in Teams is the longest it can have been: from the last answer that did not show it yet.
    """

    at: float
    what: str
    """``dnd_on``, ``dnd_off``, ``text_set``, ``text_cleared``, ``session_set``, ``session_cleared``, ``dnd_by_person``."""
    rule: str
    source: Source
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Our session in Teams. ``sure`` is ``False`` from the moment we set out to set it until Graph has agreed."""

    kind: TeamsSession
    since: float
    renewed: float
    sure: bool = False
    looked: float = 0.0
    """When we last looked whether the person's do not disturb, for which it stands, is still on."""


@dataclass(frozen=True, slots=True)
class OwnDnd:
    """Do not disturb that we switched on; ``account`` names the PBX account by its keyed hash."""

    since: float
    account: str
    rule: str
    sure: bool = False
    unwanted_since: float = 0.0
    """Since when no rule says on any more; 0 while one does."""
    leaving: bool = False
    """From the moment we set out to switch it off until that is certain."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything remembered of one person. An empty one is as good as none."""

    held: Held | None = None
    cleared: TeamsSession | None = None
    cleared_at: float = 0.0
    dnd: OwnDnd | None = None
    waived_since: float = 0.0
    """Since when a person's own decision about do not disturb keeps us from setting it; 0: it does not."""
    looked_at: float = 0.0
    theirs: bool = False
    """Whether the last look found do not disturb on that the person had set themselves."""
    text: str = ""
    text_rule: str = ""
    teams: TeamsPresence | None = None
    teams_since: float = 0.0
    teams_asked: float = 0.0
    """When the question was asked whose answer brought this state."""
    changes: tuple[Made, ...] = field(default=())
    chosen: Choices | None = None
    """The person's own rules; ``None`` until they were read."""

    @property
    def holds_anything(self) -> bool:
        """Whether there is something to take back."""
        return self.held is not None or self.dnd is not None or bool(self.text)


EMPTY = Standing()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment. Times in Unix seconds."""

    now: float
    rules: Rules
    in_talk: bool
    """Whether a call is connected, held or joined."""
    account: str
    dnd: bool | None = None
    """What the PBX last told of the person's own do not disturb, without what any of us set."""
    chat: str = ""
    teams_known: bool = True
    """Whether Teams' state is fresh enough to act on, or not needed."""
    teams_lost: bool = False
    """Whether it has been unknown for so long that what rests on it is taken back."""
    look: bool = False
    """Whether something at the PBX changed, so that it is worth looking whether do not disturb is still as we set it."""
    may_read: bool = True
    may_write: bool = True


class SessionStep(StrEnum):
    """What to do about our session in Teams."""

    SET = "set"
    RENEW = "renew"
    CLEAR = "clear"


class DndStep(StrEnum):
    """What to do about do not disturb at the PBX."""

    LOOK = "look"
    """Ask how it is and decide then (:func:`settled`)."""
    LIFT = "lift"
    """Take ours back."""
    FORGET_WAIVER = "forget_waiver"
    NOTE_UNWANTED = "note_unwanted"
    NOTE_WANTED = "note_wanted"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now. ``kind`` goes with a session step, ``text`` is ``None`` when it stays."""

    decision: Decision
    echo: bool
    session: SessionStep | None = None
    kind: TeamsSession | None = None
    dnd: DndStep | None = None
    text: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done."""
        return self.session is None and self.dnd is None and self.text is None


def seen(standing: Standing, teams: TeamsPresence, asked: float, now: float) -> Standing:
    """Note what Graph told; the very same object when it is nothing new, or older than what is known.

    What looked like our echo and is still told after the echo's time is news: it is Teams' own.
    """
    if asked < standing.teams_asked or (teams == standing.teams and not _outlived(standing, asked)):
        return standing
    return replace(standing, teams=teams, teams_since=now, teams_asked=asked)


def is_echo(standing: Standing) -> bool:
    """Tell whether Teams' state may be nothing but our own session come back."""
    if standing.held is not None and standing.teams == ECHOES[standing.held.kind]:
        return True
    gone = standing.cleared
    return gone is not None and standing.teams == ECHOES[gone] and standing.teams_asked < standing.cleared_at + ECHO


def _outlived(standing: Standing, asked: float) -> bool:
    return standing.held is None and is_echo(standing) and asked >= standing.cleared_at + ECHO


def plan(standing: Standing, facts: Facts) -> Plan:
    """Compare what is with what should be."""
    echo = is_echo(standing) and facts.rules.enabled and not facts.teams_lost
    teams = None if facts.teams_lost or not facts.may_read else standing.teams
    person = None if standing.dnd is not None else facts.dnd
    phone = PhonePresence("active" if facts.in_talk else "available", person, facts.chat)
    decision = decide(facts.rules, teams, phone)
    session, kind = _session_step(standing, facts, decision)
    waits = echo or (not facts.teams_known and not facts.teams_lost and facts.rules.enabled)
    ours = standing.dnd is not None
    dnd = DndStep.LOOK if facts.look and ours else None if waits else _dnd_step(standing, facts, decision)
    text = None if waits else _text_step(standing, decision)
    return Plan(decision, echo, session, kind, dnd, text)


def _session_step(
    standing: Standing, facts: Facts, decision: Decision
) -> tuple[SessionStep | None, TeamsSession | None]:
    held, wanted = standing.held, decision.session
    if wanted is TeamsSession.CLEAR or not facts.may_write:
        return (SessionStep.CLEAR, held.kind) if held is not None else (None, None)
    if held is None or held.kind is not wanted or not held.sure:
        return SessionStep.SET, wanted
    if facts.now - held.renewed >= RENEW_AFTER:
        return SessionStep.RENEW, wanted
    return None, None


def _dnd_step(standing: Standing, facts: Facts, decision: Decision) -> DndStep | None:
    own = standing.dnd
    if decision.dnd is Dnd.ON:
        if own is not None and own.unwanted_since:
            return DndStep.NOTE_WANTED
        if standing.waived_since:
            return None
        unsure = own is not None and (own.leaving or not own.sure)
        return DndStep.LOOK if unsure or facts.now - standing.looked_at >= LOOK_AGAIN else None
    if decision.dnd is Dnd.OFF:
        if own is not None:
            return DndStep.LIFT
        return DndStep.FORGET_WAIVER if standing.waived_since or standing.looked_at else None
    return _unchanged_step(standing, facts)


def _unchanged_step(standing: Standing, facts: Facts) -> DndStep | None:
    own = standing.dnd
    if own is not None and not own.unwanted_since:
        return DndStep.NOTE_UNWANTED
    if own is not None and own.leaving:
        return DndStep.LIFT
    if own is not None and facts.now - own.unwanted_since >= HOLD_LIMIT:
        return DndStep.LIFT
    if own is None and standing.waived_since and facts.now - standing.waived_since >= HOLD_LIMIT:
        return DndStep.FORGET_WAIVER
    return None


def _text_step(standing: Standing, decision: Decision) -> str | None:
    """A text is written once for each state: what a person writes over it stays."""
    if decision.text is None or decision.text_rule == standing.text_rule:
        return None
    if not decision.text and not standing.text and not standing.text_rule:
        return None
    return decision.text


# ------------------------------------------------------------------ do not disturb, once we know how it is


@dataclass(frozen=True, slots=True)
class Settled:
    """The standing after a look, and what to switch: ``True`` on, ``None`` nothing."""

    standing: Standing
    switch: bool | None = None


def settled(standing: Standing, facts: Facts, rule: str, actual: bool | None, *, shared: bool) -> Settled:
    """Decide, now that the PBX told how do not disturb is (``None``: it does not tell) and a rule says on.

    ``shared``: somebody else with the same PBX account had us switch it on, so that it is on is not the person's doing.
    What we switched on, or may have (the answer got lost), and is off now counts as switched off by the person: it is not
    switched on again.
    """
    looked = replace(standing, looked_at=facts.now)
    own = standing.dnd
    if own is not None and own.leaving:
        own = None if actual is False else replace(own, leaving=False, sure=True)
        looked = replace(looked, dnd=own)
    if (own is not None or standing.theirs) and actual is False:
        return Settled(_undone(looked, facts.now))
    if (own is not None and own.sure) or (actual is None and not facts.rules.blind):
        return Settled(looked)
    if actual is True and not shared and own is None:
        return Settled(replace(looked, theirs=True))
    ours = replace(own or OwnDnd(facts.now, facts.account, rule), sure=actual is True)
    return Settled(replace(looked, dnd=ours), switch=None if actual is True else True)


def _undone(standing: Standing, now: float) -> Standing:
    """A person switched off what was on while a rule says on."""
    made = Made(now, "dnd_by_person", "", Source.PERSON)
    return with_change(replace(standing, dnd=None, theirs=False, waived_since=now), made)


def chosen_by_person(standing: Standing, now: float, *, enabled: bool, wished: bool) -> Standing:
    """A person switched do not disturb through us: it is theirs from now on, whatever we had set before.

    ``wished``: a rule says on now; having switched it off keeps us from switching it on for as long as that lasts.
    """
    waived = now if wished and not enabled else 0.0
    after = replace(
        standing, dnd=None, theirs=enabled and wished, waived_since=waived, looked_at=now if wished else 0.0
    )
    return with_change(after, Made(now, "dnd_by_person", "", Source.PERSON))


def with_change(standing: Standing, made: Made) -> Standing:
    """Add a change; the oldest go."""
    return replace(standing, changes=(*standing.changes, made)[-CHANGES_KEPT:])


def noted(standing: Standing, step: DndStep, now: float) -> Standing:
    """Carry out the steps that only change the memory."""
    match step:
        case DndStep.FORGET_WAIVER:
            return replace(standing, waived_since=0.0, looked_at=0.0, theirs=False)
        case DndStep.NOTE_UNWANTED if standing.dnd is not None:
            return replace(standing, dnd=replace(standing.dnd, unwanted_since=now))
        case DndStep.NOTE_WANTED if standing.dnd is not None:
            return replace(standing, dnd=replace(standing.dnd, unwanted_since=0.0))
        case _:
            return standing
