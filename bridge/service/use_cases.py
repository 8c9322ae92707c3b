"""All use cases put together, given the ports."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bridge.service.announce import Announcer
from bridge.service.call_list import CallList
from bridge.service.colleagues import Colleagues
from bridge.service.control import Control
from bridge.service.diagnostics import Diagnostics
from bridge.service.function_keys import FunctionKeys
from bridge.service.groups import Groups
from bridge.service.history import History
from bridge.service.intake import Intake
from bridge.service.interrupted import Interrupted
from bridge.service.keeper import Keeper, Rhythm
from bridge.service.lines import CallbackPlaces, Lines
from bridge.service.notice_aftermath import Aftermath
from bridge.service.notice_choices import Preferences
from bridge.service.overview import Overview
from bridge.service.people import People
from bridge.service.ports import (
    CallTables,
    Clock,
    Directory,
    DueWork,
    Feed,
    Once,
    PbxGate,
    Sessions,
    Throttle,
    TraceStore,
)
from bridge.service.presence import Presences
from bridge.service.presence_ports import Beats, Standings, TenantRules
from bridge.service.presence_sync_parts import PresenceParts, Teams
from bridge.service.redirects import Redirects
from bridge.service.reminders import Reminders
from bridge.service.sign_in import SignIns
from bridge.service.takebacks import Takebacks
from bridge.service.tenants import Tenants
from bridge.service.traces import Traces
from bridge.service.voicemail import Voicemails
from bridge.settings import Settings


class Stores(Protocol):
    """The stores the use cases work on."""

    @property
    def directory(self) -> Directory: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def tables(self) -> CallTables: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def throttle(self) -> Throttle: ...
    @property
    def once(self) -> Once: ...
    @property
    def due(self) -> DueWork: ...
    @property
    def reminders(self) -> DueWork: ...
    @property
    def traces(self) -> TraceStore: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def beats(self) -> Beats: ...
    @property
    def tenant_rules(self) -> TenantRules: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decides."""

    public_url: str
    session_life: timedelta
    admin_roles: frozenset[str]
    onboarding_open: bool
    app_id: str
    """Of the bot; the id of the app in Teams is derived from it."""
    rhythm: Rhythm = field(default_factory=Rhythm)


def rules_of(settings: Settings, rhythm: Rhythm) -> Rules:
    """Take the rules out of the settings."""
    return Rules(
        public_url=settings.public_url,
        session_life=timedelta(seconds=settings.session_ttl),
        admin_roles=settings.admin_roles,
        onboarding_open=settings.onboarding_open,
        app_id=settings.microsoft_app_id,
        rhythm=rhythm,
    )


class UseCases:
    """Every use case of the service, made once for each process."""

    def __init__(self, stores: Stores, gate: PbxGate, teams: Teams, clock: Clock, rules: Rules) -> None:
        self.clock = clock
        self.rules = rules
        self.announcer = Announcer(stores.feed)
        places = CallbackPlaces(rules.public_url)
        lines = Lines(
            directory=stores.directory,
            sessions=stores.sessions,
            gate=gate,
            once=stores.once,
            announcer=self.announcer,
            places=places,
            clock=clock,
        )
        presences = Presences(tables=stores.tables, sessions=stores.sessions, once=stores.once, clock=clock)
        self.sign_ins = self._sign_ins(stores, gate, lines, places, rules)
        self.traces = Traces(stores.traces, stores.sessions, stores.directory, self.sign_ins)
        self.diagnostics = Diagnostics(stores.sessions, stores.directory, clock)
        self.interrupted = Interrupted(stores.once, stores.sessions)
        self.aftermath = Aftermath(lines)
        self.preferences = Preferences(stores.once, stores.sessions.handle, clock)
        self.reminders = Reminders(stores.once, stores.reminders, stores.sessions, clock)
        self.takebacks = Takebacks(self.reminders, stores.sessions, lines, presences, self.announcer)
        self._lists(lines, clock)
        self._telephone(stores, lines, presences)
        self._watch(stores, lines, presences, rules.rhythm)
        self.tenants = Tenants(
            directory=stores.directory,
            gate=gate,
            throttle=stores.throttle,
            sign_ins=self.sign_ins,
            admin_roles=rules.admin_roles,
            onboarding_open=rules.onboarding_open,
        )
        self.presence = PresenceParts(
            stores, teams, lines=lines, presences=presences, announcer=self.announcer, tenants=self.tenants, clock=clock
        )

    def _sign_ins(self, stores: Stores, gate: PbxGate, lines: Lines, places: CallbackPlaces, rules: Rules) -> SignIns:
        return SignIns(
            directory=stores.directory,
            sessions=stores.sessions,
            gate=gate,
            throttle=stores.throttle,
            once=stores.once,
            due=stores.due,
            lines=lines,
            announcer=self.announcer,
            places=places,
            clock=self.clock,
            life=rules.session_life,
        )

    def _telephone(self, stores: Stores, lines: Lines, presences: Presences) -> None:
        """What a person does with calls, and what they see of them."""
        self.control = Control(
            lines=lines,
            sessions=stores.sessions,
            tables=stores.tables,
            due=stores.due,
            interrupted=self.interrupted,
            presences=presences,
            announcer=self.announcer,
            reminders=self.reminders,
            clock=self.clock,
        )
        self.call_list = CallList(
            lines=lines, control=self.control, sessions=stores.sessions, once=stores.once, clock=self.clock
        )
        self.overview = Overview(
            sign_ins=self.sign_ins, lines=lines, sessions=stores.sessions, tables=stores.tables, presences=presences
        )

    def _watch(self, stores: Stores, lines: Lines, presences: Presences, rhythm: Rhythm) -> None:
        """What happens at the PBX, told by it or found out."""
        self.colleagues = Colleagues(
            lines=lines,
            sessions=stores.sessions,
            once=stores.once,
            due=stores.due,
            announcer=self.announcer,
            clock=self.clock,
        )
        self.intake = Intake(
            sessions=stores.sessions,
            tables=stores.tables,
            colleagues=self.colleagues,
            due=stores.due,
            announcer=self.announcer,
            clock=self.clock,
        )
        self.keeper = Keeper(
            lines=lines,
            sessions=stores.sessions,
            tables=stores.tables,
            intake=self.intake,
            presences=presences,
            colleagues=self.colleagues,
            due=stores.due,
            once=stores.once,
            announcer=self.announcer,
            clock=self.clock,
            rhythm=rhythm,
        )

    def _lists(self, lines: Lines, clock: Clock) -> None:
        """What a person may look up and change beside their calls."""
        self.people = People(lines, clock)
        self.history = History(lines)
        self.redirects = Redirects(lines, self.reminders)
        self.groups = Groups(lines)
        self.function_keys = FunctionKeys(lines)
        self.voicemails = Voicemails(lines)
