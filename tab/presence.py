"""Presence in the tab: rules, what would be, why it is so, what changed last, putting it right, and the tenant's consent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from bridge.model.presence_rules import LONGEST_TEXT, Choices, Dnd, Effect, TeamsPresence, TeamsSession
from bridge.model.presence_sync import Made
from bridge.service.presence_sync_desk import ConsentView as Consented
from bridge.service.presence_sync_desk import Explanation, PresenceDesk, RuleBook
from bridge.service.tenants import Administrator
from bridge.texts import Catalogue, shared
from tab import schema, views
from tab.incoming import Incoming
from tab.operation import Operation
from tab.schema import Shape

DndWord = Literal["on", "off", "unchanged"]
SessionWord = Literal["in_a_call", "do_not_disturb", "clear"]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f]*$")]
RowId = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z]+$")]


class PresenceRow(Shape):
    """One rule. ``dnd`` and ``text`` follow from a state of Teams, ``session`` from one of STARFACE; null: says nothing.

    The text ``*`` is the usual sentence of the row, shown as ``usualText``; an empty one clears ours. ``chosen``: otherwise than
    the table below it.
    """

    id: str
    side: Literal["teams", "starface"]
    dnd: DndWord | None
    text: str | None
    usual_text: str
    session: SessionWord | None
    chosen: bool


class PresenceRules(Shape):
    """The table that holds; ``version`` grows by one with each change of the choices made here."""

    version: int
    enabled: bool
    blind: bool
    rows: list[PresenceRow]


class RowChoice(Shape):
    """What is wanted of a row; what is left out stays as in the table below."""

    dnd: DndWord | None = None
    text: Text | None = None
    session: SessionWord | None = None


class PresenceRulesRequest(Shape):
    """All choices; what is not among them is as in the table below. ``blind`` counts for a tenant only."""

    enabled: bool | None = None
    blind: bool | None = None
    rows: dict[RowId, RowChoice] = Field(default_factory=dict)


class DryRunRequest(Shape):
    """A state of Teams in Graph's words, e.g. ``Busy`` and ``InAMeeting``."""

    availability: Word
    activity: Word


class DryRunView(Shape):
    """What would follow; nothing was done. ``sentence`` says what callers would meet."""

    dnd: DndWord
    dnd_rule: str
    dnd_after: bool | None
    text: str | None
    session: SessionWord
    session_rule: str
    callers: Literal["ring", "rejected", "unknown"]
    sentence: str


class TeamsState(Shape):
    """What Teams shows; ``ours``: it is nothing but our own session come back."""

    availability: str
    activity: str
    since: datetime
    ours: bool


class DndState(Shape):
    """Do not disturb at the PBX. ``waived``: the person's own decision keeps us from switching it."""

    enabled: bool | None
    source: Literal["teams", "person"] | None
    since: datetime | None
    rule: str
    waived: bool


class SessionInTeams(Shape):
    """Our own session in Teams."""

    kind: SessionWord
    since: datetime
    rule: str


class PresenceChange(Shape):
    """One change that the service made or found; ``delayMs`` is the longest it can have taken, null where it is not known."""

    at: datetime
    what: str
    rule: str
    source: Literal["pbx", "teams", "person", "rule"]
    delay_ms: int | None


class PresenceExplained(Shape):
    """One's presence on both sides, what each part comes from and since when, and the last 20 changes, newest first."""

    consent: Literal["unknown", "granted", "missing", "revoked", "secret_expired"]
    teams: TeamsState | None
    phone: schema.PresenceView | None
    dnd: DndState
    session: SessionInTeams | None
    text: str
    changes: list[PresenceChange]


class InTimeToday(Shape):
    """How many changes took no longer than they should."""

    in_time: int
    late: int


class PresenceConsent(Shape):
    """Whether the tenant lets the service read and set presence; ``link`` leads to where that is mended."""

    state: Literal["unknown", "granted", "missing", "revoked", "secret_expired"]
    may_read: bool
    may_write: bool
    missing: list[str]
    sentence: str
    link: str | None
    today: InTimeToday


class PresenceActs:
    """Operations below ``/presence`` and ``/admin/presence``."""

    def __init__(self, desk: PresenceDesk, texts: Catalogue | None = None) -> None:
        self._desk = desk
        self._texts = texts or shared()

    async def read_presence_rules(self, incoming: Incoming) -> PresenceRules:
        """GET /presence/rules."""
        return self._rules(await self._desk.rules(incoming.key), incoming.language)

    async def set_presence_rules(self, incoming: Incoming) -> PresenceRules:
        """PUT /presence/rules."""
        return self._rules(await self._desk.set_rules(incoming.key, _choices(incoming.body)), incoming.language)

    async def try_presence_rules(self, incoming: Incoming) -> DryRunView:
        """POST /presence/dry-run."""
        body: DryRunRequest = incoming.body
        found = await self._desk.dry_run(incoming.key, TeamsPresence(body.availability, body.activity))
        made = found.decision
        callers: Literal["ring", "rejected", "unknown"] = found.callers.value if found.callers else "unknown"
        text = self._usual(made.text_rule, incoming.language) if made.text == "*" else made.text
        return DryRunView(
            dnd=made.dnd.value,
            dnd_rule=made.dnd_rule,
            dnd_after=found.dnd_after,
            text=text,
            session=made.session.value,
            session_rule=made.session_rule,
            callers=callers,
            sentence=self._texts.text(incoming.language, f"presence-callers-{callers}"),
        )

    async def unstick_presence(self, incoming: Incoming) -> PresenceExplained:
        """POST /presence/unstick."""
        return explained(await self._desk.unstick(incoming.key))

    async def read_presence_changes(self, incoming: Incoming) -> PresenceExplained:
        """GET /presence/changes."""
        return explained(await self._desk.explain(incoming.key))

    async def read_tenant_presence_rules(self, incoming: Incoming) -> PresenceRules:
        """GET /admin/presence/rules."""
        return self._rules(await self._desk.tenant_rules(_admin(incoming)), incoming.language)

    async def set_tenant_presence_rules(self, incoming: Incoming) -> PresenceRules:
        """PUT /admin/presence/rules."""
        book = await self._desk.set_tenant_rules(_admin(incoming), _choices(incoming.body))
        return self._rules(book, incoming.language)

    async def read_presence_consent(self, incoming: Incoming) -> PresenceConsent:
        """GET /admin/presence/consent."""
        found: Consented = await self._desk.consent(_admin(incoming))
        admission = found.admission
        partial = admission.consent.value == "granted" and admission.missing
        name = "partial" if partial else admission.consent.value
        return PresenceConsent(
            state=admission.consent.value,
            may_read=admission.may_read,
            may_write=admission.may_write,
            missing=list(admission.missing),
            sentence=self._texts.text(incoming.language, f"presence-consent-{name}"),
            link=found.link,
            today=InTimeToday(in_time=found.in_time, late=found.late),
        )

    def _rules(self, book: RuleBook, words: str) -> PresenceRules:
        chosen = book.choices.rows or {}
        rows = [
            PresenceRow(
                id=row.id,
                side="starface" if row.side == "starface" else "teams",
                dnd=row.effect.dnd.value if row.effect.dnd else None,
                text=row.effect.text,
                usual_text=self._usual(row.id, words),
                session=row.effect.session.value if row.effect.session else None,
                chosen=row.id in chosen,
            )
            for row in book.rules.rows
        ]
        return PresenceRules(
            version=book.choices.version, enabled=book.rules.enabled, blind=book.rules.blind, rows=rows
        )

    def _usual(self, row: str, words: str) -> str:
        name = f"presence-text-{row}"
        return self._texts.text(words, name) if self._texts.has(name) else ""


def explained(found: Explanation) -> PresenceExplained:
    """An explanation as the tab shows it."""
    teams, decision = found.teams, found.decision
    is_on = True if found.dnd_source is not None else found.phone.dnd if found.phone is not None else None
    return PresenceExplained(
        consent=found.consent.value,
        teams=TeamsState(
            availability=teams.availability,
            activity=teams.activity,
            since=_time(found.teams_since),
            ours=found.teams_is_ours,
        )
        if teams is not None
        else None,
        phone=views.presence(found.phone) if found.phone is not None else None,
        dnd=DndState(
            enabled=is_on,
            source=None if found.dnd_source is None else "teams" if found.dnd_source == "teams" else "person",
            since=_time(found.dnd_since) if found.dnd_since else None,
            rule=decision.dnd_rule,
            waived=found.waived,
        ),
        session=SessionInTeams(kind=found.session.value, since=_time(found.session_since), rule=decision.session_rule)
        if found.session is not None
        else None,
        text=found.text,
        changes=[_change(made) for made in found.changes],
    )


def _change(made: Made) -> PresenceChange:
    delay = round(made.delay * 1000) if made.delay is not None else None
    return PresenceChange(at=_time(made.at), what=made.what, rule=made.rule, source=made.source.value, delay_ms=delay)


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _choices(body: PresenceRulesRequest) -> Choices:
    rows: Mapping[str, Effect] = {
        row: Effect(
            Dnd(wanted.dnd) if wanted.dnd else None,
            wanted.text,
            TeamsSession(wanted.session) if wanted.session else None,
        )
        for row, wanted in body.rows.items()
    }
    return Choices(enabled=body.enabled, blind=body.blind, rows=rows)


def _admin(incoming: Incoming) -> Administrator:
    return Administrator(incoming.user.key, incoming.user.roles)


_ADMIN: Final = ("not_admin",)

OPERATIONS: Final = (
    Operation(
        "read_presence_rules", "GET", "/api/v1/presence/rules", "Which rules join one's presence in Teams and STARFACE",
        answer=PresenceRules, refusals=("signed_out",), tag="presence",
    ),
    Operation(
        "set_presence_rules", "PUT", "/api/v1/presence/rules", "Replace one's own choices in the rules",
        body=PresenceRulesRequest, answer=PresenceRules, refusals=("signed_out",), tag="presence",
    ),
    Operation(
        "try_presence_rules", "POST", "/api/v1/presence/dry-run", "What would follow from a state of Teams; nothing is done",
        body=DryRunRequest, answer=DryRunView, refusals=("signed_out",), tag="presence",
    ),
    Operation(
        "unstick_presence", "POST", "/api/v1/presence/unstick", "Ask both sides anew and put presence right at once",
        answer=PresenceExplained, refusals=("signed_out", "too_many_attempts"), tag="presence",
    ),
    Operation(
        "read_presence_changes", "GET", "/api/v1/presence/changes", "Why one's presence is as it is, and what changed last",
        answer=PresenceExplained, refusals=("signed_out",), tag="presence",
    ),
    Operation(
        "read_tenant_presence_rules", "GET", "/api/v1/admin/presence/rules", "Rules of one's own tenant",
        answer=PresenceRules, refusals=_ADMIN, tag="administration",
    ),
    Operation(
        "set_tenant_presence_rules", "PUT", "/api/v1/admin/presence/rules", "Replace the choices of one's own tenant",
        body=PresenceRulesRequest, answer=PresenceRules, refusals=_ADMIN, tag="administration",
    ),
    Operation(
        "read_presence_consent", "GET", "/api/v1/admin/presence/consent", "Whether the tenant lets presence be read and set",
        answer=PresenceConsent, refusals=(*_ADMIN, "too_many_attempts"), tag="administration",
    ),
)  # fmt: skip
