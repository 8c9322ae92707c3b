"""What presence on one side does on the other: one table as data, and the function that reads it.

A row says under which states of Teams and STARFACE it holds and what follows: for do not disturb and the chat text on the PBX,
and for our own session in Teams. A row may be silent about any of them; for each of the three the first row that holds and is
not silent decides. The default is the table of the product notes, section 1.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

TABLE = 1
"""Version of the default rows. Choices made for an older table stay; those for a row that is gone are passed over."""

USUAL = "*"
"""As a text: the usual sentence of the row in the person's language."""

LONGEST_TEXT = 100
"""Characters of a text of one's own."""

ANY: frozenset[str] = frozenset()


class Dnd(StrEnum):
    """Effect on do not disturb at the PBX. ``OFF`` only ever takes back what the service set itself."""

    ON = "on"
    OFF = "off"
    UNCHANGED = "unchanged"


class TeamsSession(StrEnum):
    """Effect on the session of this app in Teams. There is no *Available*: Teams' own sessions speak when ours is cleared."""

    IN_A_CALL = "in_a_call"
    DO_NOT_DISTURB = "do_not_disturb"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class TeamsPresence:
    """What Graph says of a person: its own two words, e.g. ``Busy`` and ``InACall``."""

    availability: str
    activity: str


@dataclass(frozen=True, slots=True)
class PhonePresence:
    """What STARFACE says: ``active`` as soon as a call is connected; ``dnd`` is the person's own, not what we set."""

    telephony: str = "available"
    dnd: bool | None = None
    """``None`` when the PBX does not tell."""
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What follows; ``None`` is silence. ``text``: empty clears our own, :data:`USUAL` is the usual sentence."""

    dnd: Dnd | None = None
    text: str | None = None
    session: TeamsSession | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: holds when every set that is not empty has the state's word in it, and ``dnd`` is the one named, if any."""

    id: str
    effect: Effect
    availability: frozenset[str] = ANY
    activity: frozenset[str] = ANY
    telephony: frozenset[str] = ANY
    dnd: bool | None = None
    chat: frozenset[str] = ANY

    @property
    def side(self) -> str:
        """``teams`` or ``starface``: whose state it reads."""
        return "starface" if self.effect.session is not None else "teams"

    def holds(self, teams: TeamsPresence | None, phone: PhonePresence) -> bool:
        """Tell whether the row is about these states; without Teams' state no row that reads it holds."""
        if (self.availability or self.activity) and teams is None:
            return False
        told = [(self.telephony, phone.telephony), (self.chat, phone.chat)]
        if teams is not None:
            told += [(self.availability, teams.availability), (self.activity, teams.activity)]
        return (self.dnd is None or self.dnd is phone.dnd) and all(not words or word in words for words, word in told)


def _teams(identity: str, availability: str, activity: str, dnd: Dnd, text: str = USUAL) -> Row:
    words = frozenset(availability.split()), frozenset(activity.split())
    return Row(identity, Effect(dnd=dnd, text=text), *words)


DEFAULT_ROWS = (
    _teams("out_of_office", "", "OutOfOffice", Dnd.UNCHANGED),
    _teams("in_call", "Busy", "InACall InAConferenceCall", Dnd.ON),
    _teams("in_meeting", "Busy", "InAMeeting", Dnd.UNCHANGED),
    _teams("busy", "Busy BusyIdle", "", Dnd.UNCHANGED),
    _teams("presenting", "DoNotDisturb", "Presenting", Dnd.ON),
    _teams("focusing", "DoNotDisturb", "Focusing", Dnd.ON),
    _teams("do_not_disturb", "DoNotDisturb", "", Dnd.ON),
    _teams("away", "Away BeRightBack AvailableIdle AvailableInactive", "", Dnd.UNCHANGED),
    _teams("available", "Available", "", Dnd.OFF, ""),
    _teams("offline", "Offline PresenceUnknown", "", Dnd.UNCHANGED, ""),
    Row("phone_call", Effect(session=TeamsSession.IN_A_CALL), telephony=frozenset({"active"})),
    Row("phone_dnd", Effect(session=TeamsSession.DO_NOT_DISTURB), dnd=True),
    Row("phone_free", Effect(session=TeamsSession.CLEAR)),
)
"""``Focusing``, ``UrgentInterruptionsOnly`` and any later kind of do not disturb count as one; so does any kind of Busy."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole table, ready to be read."""

    rows: tuple[Row, ...] = DEFAULT_ROWS
    enabled: bool = True
    blind: bool = False
    """Set do not disturb also where the PBX does not tell whether the person has set it; taking it back may then undo theirs."""

    def row(self, identity: str) -> Row | None:
        """The row of this id."""
        return next((row for row in self.rows if row.id == identity), None)


DEFAULT = Rules()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done, and for each part the id of the row that decided."""

    dnd: Dnd = Dnd.UNCHANGED
    dnd_rule: str = ""
    text: str | None = None
    text_rule: str = ""
    session: TeamsSession = TeamsSession.CLEAR
    session_rule: str = ""


NOTHING_KNOWN = "teams_unknown"
"""In place of a row's id: Teams' state is not known, so what was set for its sake is taken back."""

SWITCHED_OFF = "switched_off"


def decide(rules: Rules, teams: TeamsPresence | None, phone: PhonePresence) -> Decision:
    """Read the table. Without Teams' state its effects are taken back; switched off, everything is."""
    if not rules.enabled:
        return Decision(Dnd.OFF, SWITCHED_OFF, "", SWITCHED_OFF, TeamsSession.CLEAR, SWITCHED_OFF)
    made = Decision() if teams is not None else Decision(Dnd.OFF, NOTHING_KNOWN, "", NOTHING_KNOWN)
    for row in rules.rows:
        if row.holds(teams, phone):
            made = _filled(made, row)
    return made


def _filled(made: Decision, row: Row) -> Decision:
    effect = row.effect
    if effect.dnd is not None and not made.dnd_rule:
        made = replace(made, dnd=effect.dnd, dnd_rule=row.id)
    if effect.text is not None and not made.text_rule:
        made = replace(made, text=effect.text, text_rule=row.id)
    if effect.session is not None and not made.session_rule:
        made = replace(made, session=effect.session, session_rule=row.id)
    return made


# ------------------------------------------------------------------ what a tenant or a person changes of it


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody wants otherwise than the table below them; ``version`` grows by one with each change."""

    version: int = 0
    enabled: bool | None = None
    blind: bool | None = None
    rows: Mapping[str, Effect] | None = None


NO_CHOICES = Choices()


class ChoicesRefused(ValueError):
    """The choices name no row of the table, or an effect that it cannot have; the text names the place, never a value."""


def checked(choices: Choices) -> Choices:
    """Give the choices back.

    Raises:
        ChoicesRefused: see there.
    """
    for identity, effect in (choices.rows or {}).items():
        row = DEFAULT.row(identity)
        if row is None:
            raise ChoicesRefused("rows: no such row")
        if row.side == "starface" and (effect.dnd is not None or effect.text is not None):
            raise ChoicesRefused(f"rows.{identity}: only session can be chosen")
        if row.side == "teams" and effect.session is not None:
            raise ChoicesRefused(f"rows.{identity}: session cannot be chosen")
        if identity == "phone_free" and effect.session is not TeamsSession.CLEAR:
            raise ChoicesRefused("rows.phone_free: nothing is set without a call")
        if effect.text is not None and len(effect.text) > LONGEST_TEXT:
            raise ChoicesRefused(f"rows.{identity}: text too long")
    return choices


def with_choices(rules: Rules, choices: Choices) -> Rules:
    """Lay choices over a table; what is switched off below stays off."""
    if not choices.rows and choices.enabled is None and choices.blind is None:
        return rules
    chosen = choices.rows or {}
    rows = tuple(replace(row, effect=_chosen(row.effect, chosen.get(row.id))) for row in rules.rows)
    enabled = rules.enabled if choices.enabled is None else rules.enabled and choices.enabled
    return Rules(rows, enabled, rules.blind if choices.blind is None else choices.blind)


def _chosen(usual: Effect, chosen: Effect | None) -> Effect:
    if chosen is None:
        return usual
    return Effect(
        usual.dnd if chosen.dnd is None else chosen.dnd,
        usual.text if chosen.text is None else chosen.text,
        usual.session if chosen.session is None else chosen.session,
    )


def written(choices: Choices) -> dict[str, object]:
    """Give choices as JSON values."""
    rows = {identity: _effect_written(effect) for identity, effect in (choices.rows or {}).items()}
    return {"version": choices.version, "enabled": choices.enabled, "blind": choices.blind, "rows": rows}


def _effect_written(effect: Effect) -> dict[str, str]:
    parts = {"dnd": effect.dnd, "text": effect.text, "session": effect.session}
    return {name: str(value) for name, value in parts.items() if value is not None}


def read(value: object) -> Choices:
    """Read what :func:`written` gave, by this or another version; what does not fit any more is passed over."""
    if not isinstance(value, Mapping):
        return NO_CHOICES
    version, rows = value.get("version"), value.get("rows")
    found = {
        str(identity): effect
        for identity, raw in (rows.items() if isinstance(rows, Mapping) else ())
        if (effect := _effect_read(raw)) is not None and _fits(str(identity), effect)
    }
    return Choices(version if isinstance(version, int) else 0, _flag(value, "enabled"), _flag(value, "blind"), found)


def _fits(identity: str, effect: Effect) -> bool:
    try:
        checked(Choices(rows={identity: effect}))
    except ChoicesRefused:
        return False
    return True


def _effect_read(raw: object) -> Effect | None:
    if not isinstance(raw, Mapping):
        return None
    dnd, text, session = (raw.get(name) for name in ("dnd", "text", "session"))
    try:
        return Effect(
            None if dnd is None else Dnd(str(dnd)),
            None if text is None else str(text),
            None if session is None else TeamsSession(str(session)),
        )
    except ValueError:
        return None


def _flag(value: Mapping[object, object], name: str) -> bool | None:
    flag = value.get(name)
    return flag if isinstance(flag, bool) else None


# ------------------------------------------------------------------ what would be


class Callers(StrEnum):
    """What callers of the person's telephone meet."""

    RING = "ring"
    """It rings."""
    REJECTED = "rejected"
    """They are told that the person is busy, or reach the voicemail: do not disturb is on."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would follow from a state of Teams, without anything being done."""

    decision: Decision
    dnd_after: bool | None
    callers: Callers | None
    """``None`` when nobody can tell, because the PBX does not tell of do not disturb."""


def dry_run(rules: Rules, teams: TeamsPresence, phone: PhonePresence, *, dnd_is_ours: bool = False) -> DryRun:
    """Give what would follow. ``phone.dnd`` is what holds now, whoever set it."""
    decision = decide(rules, teams, replace(phone, dnd=None) if dnd_is_ours else phone)
    after = phone.dnd
    if decision.dnd is Dnd.ON and (phone.dnd is not None or rules.blind):
        after = True
    elif decision.dnd is Dnd.OFF and dnd_is_ours:
        after = False
    callers = None if after is None else Callers.REJECTED if after else Callers.RING
    return DryRun(decision, after, callers)
