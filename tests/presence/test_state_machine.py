"""A model of both sides, with everything that happens to events: lost, late, repeated, reordered; and to processes and peers.

What is under test is real, stores included; Teams is the simulated cloud's own merge of sources; the PBX is a model of the one
account, which knows who switched do not disturb last and refuses to let the service undo a person.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from bridge.errors import BridgeError, EndReason, PbxTimeout, PbxUnreachable
from bridge.model import calls
from bridge.model.ids import CallId, PersonId, TenantId, UserKey
from bridge.model.pbx import PbxEntry, Session
from bridge.model.presence_rules import DEFAULT, Choices, Dnd, PhonePresence, TeamsPresence, TeamsSession, decide
from bridge.model.presence_sync import ECHO, HOLD_LIMIT, LOOK_AGAIN
from bridge.model.telephony import CallReport, CallState, PbxUserState
from bridge.service.announce import Announcer
from bridge.service.lines import CallbackPlaces, Lines
from bridge.service.ports import NoSession
from bridge.service.presence import Presences
from bridge.service.presence_ports import Admission, Consent, TeamsAway
from bridge.service.presence_sync import News, PresenceSync
from bridge.service.presence_sync_effects import Effects, Way
from bridge.service.presence_sync_parts import usual_text
from bridge.store.presence import StoredStandings
from bridge.store.presence_beats import StoredBeats
from bridge.texts import shared
from infra.simulator.microsoft.presence import Presence
from tests.servers import RedisServer, redis_server
from tests.stores import MovableClock, Process, a_pbx, a_session, user

APP = "app"
STATES = [
    ("Available", "Available"), ("Busy", "Busy"), ("Busy", "InACall"), ("Busy", "InAConferenceCall"), ("Busy", "InAMeeting"),
    ("DoNotDisturb", "DoNotDisturb"), ("DoNotDisturb", "Presenting"), ("Away", "Away"), (None, None),
]  # fmt: skip
SECONDS_BETWEEN_PASSES = 31
T = TypeVar("T")


class Died(asyncio.CancelledError):
    """The process ended in the middle of something."""


@dataclass
class Trouble:
    """What goes wrong on one side: ``before`` the work is done, ``after`` it, or the process ``dies`` after it."""

    kind: str = ""

    def strike(self, moment: str, error: BridgeError) -> None:
        if self.kind == moment:
            raise error
        if self.kind == "dies" and moment == "after":
            self.kind = ""
            raise Died


class SimClock:
    """The simulated cloud's clock on the service's."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.time()


class TeamsModel:
    """Port ``TeamsGraph`` over one person's presence in the simulated cloud."""

    def __init__(self, clock: MovableClock) -> None:
        self.presence = Presence(SimClock(clock))  # type: ignore[arg-type]  # all that it uses of a clock
        self.trouble = Trouble()
        self.writes = 0

    def admission(self, tenant: TenantId) -> Admission:
        return Admission(Consent.GRANTED, may_read=True, may_write=True)

    async def ask_admission(self, tenant: TenantId, *, anew: bool = False) -> Admission:
        return self.admission(tenant)

    def link(self, tenant: TenantId, consent: Consent) -> str | None:
        return None

    def now(self) -> TeamsPresence:
        return TeamsPresence(*self.presence.current())

    async def presences(self, tenant: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, TeamsPresence]:
        return {person: self.now() for person in people}

    async def set_session(self, user: UserKey, kind: TeamsSession) -> None:
        self.trouble.strike("before", TeamsAway(1))
        pair = ("Busy", "InACall") if kind is TeamsSession.IN_A_CALL else ("DoNotDisturb", "Presenting")
        self.presence.set_session(APP, *pair, "PT10M")
        self.writes += 1
        self.trouble.strike("after", TeamsAway(1))

    async def clear_session(self, user: UserKey) -> None:
        self.trouble.strike("before", TeamsAway(1))
        self.presence.clear_session(APP)
        self.writes += 1
        self.trouble.strike("after", TeamsAway(1))


@dataclass
class PbxModel:
    """One account. ``by_person``: whether a person switched do not disturb last."""

    dnd: bool = False
    by_person: bool = True
    message: str = ""
    trouble: Trouble = field(default_factory=Trouble)
    writes: int = 0
    undone: bool = False
    """A person switched off what the service had switched on, and Teams has not said since that they are free."""

    def person_sets(self, *, enabled: bool) -> None:
        if not enabled and self.dnd and not self.by_person:
            self.undone = True
        self.dnd, self.by_person = enabled, True

    async def set_dnd(self, *, enabled: bool) -> None:
        self.trouble.strike("before", PbxUnreachable())
        if self.dnd != enabled:
            assert not (self.dnd and self.by_person), "a person's own do not disturb was switched off"
            assert not (enabled and self.undone), "what a person had switched off was switched on again"
            self.dnd, self.by_person = enabled, False
            self.writes += 1
        self.trouble.strike("after", PbxTimeout())

    async def do_not_disturb(self) -> bool | None:
        self.trouble.strike("before", PbxUnreachable())
        return self.dnd

    async def user_state(self) -> PbxUserState:
        self.trouble.strike("before", PbxUnreachable())
        return PbxUserState("available", "available", self.message, self.dnd)

    async def set_chat_message(self, text: str) -> None:
        self.trouble.strike("before", PbxUnreachable())
        self.message = text
        self.writes += 1
        self.trouble.strike("after", PbxTimeout())


class Gate:
    """Leads to the one account."""

    def __init__(self, pbx: PbxModel) -> None:
        self.pbx = pbx

    def line(self, *_: object) -> PbxModel:
        return self.pbx


class Directory:
    """Knows the one PBX."""

    async def pbx(self, *_: object) -> PbxEntry:
        return a_pbx(pbx="pbx-1")


class NoRules:
    """Port ``TenantRules`` of a tenant that chose nothing."""

    async def choices(self, tenant: TenantId) -> Choices:
        return Choices()

    async def set_choices(self, tenant: TenantId, choices: Choices) -> None:
        raise AssertionError("nobody chooses here")


class Sides(RuleBasedStateMachine):
    """Both sides and the service between them."""

    server: RedisServer

    def __init__(self) -> None:
        super().__init__()
        self.server.flush()
        self.loop = asyncio.new_event_loop()
        self.clock = MovableClock()
        self.process = Process(self.server.url, self.clock)
        self.run(self.process.start())
        self.teams, self.pbx = TeamsModel(self.clock), PbxModel()
        self.teams.presence.set_teams("Available", "Available")
        self.sync = self._service()
        self.late: list[News] = []
        self.call = 0
        self.sign_ins = 0
        self.switched, self.switched_at = False, 0.0
        """Whether a person has switched anything since Teams last said that they are free, and when."""
        self.sign_in()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def _service(self) -> PresenceSync:
        stores, clock, teams = self.process, self.clock, self.teams
        announcer = Announcer(stores.feed)
        lines = Lines(
            directory=Directory(),  # type: ignore[arg-type]  # all that is asked of it here
            sessions=stores.sessions,
            gate=Gate(self.pbx),  # type: ignore[arg-type]  # likewise
            once=stores.once,
            announcer=announcer,
            places=CallbackPlaces("https://bridge.example"),
            clock=clock,
        )
        self.lines = lines
        self.presences = Presences(tables=stores.tables, sessions=stores.sessions, once=stores.once, clock=clock)
        shared = (stores.connection, stores.naming, stores.seal, clock)
        standings = StoredStandings(*shared, stores.once)
        self.standings = standings
        beats = StoredBeats(stores.connection, stores.naming, clock)
        effects = Effects(
            graph=teams, standings=standings, lines=lines, presences=self.presences, once=stores.once, announcer=announcer,
            clock=clock, sentence=usual_text, measured=lambda *_: None, level=beats, in_time={Way.TO_PBX: 31, Way.TO_TEAMS: 1},
        )  # fmt: skip
        sync = PresenceSync(
            graph=teams, standings=standings, beats=beats, rules=NoRules(), sessions=stores.sessions,
            presences=self.presences, effects=effects, once=stores.once, clock=clock,
        )  # fmt: skip
        self.presences.when_chosen(sync.chosen_by_person)
        lines.before_leaving(sync.farewell)
        return sync

    def teardown(self) -> None:
        self.run(self.process.stop())
        self.loop.close()

    # -------------------------------------------------------------- what we do here

    def sign_in(self) -> None:
        self.sign_ins += 1
        self.session: Session = a_session(
            self.clock, user(), identity=f"sign-in-{self.sign_ins}", life=timedelta(days=9)
        )
        self.handle = self.process.sessions.handle(self.session.user)
        self.run(self.process.sessions.open(self.session))

    def attend(self, news: News) -> None:
        wish = decide(DEFAULT, news.teams, PhonePresence()).dnd if news.teams is not None else None
        if wish is Dnd.OFF or news.lost:
            self.pbx.undone = self.switched = False
        if wish is Dnd.UNCHANGED and self.clock.time() - self.switched_at >= HOLD_LIMIT:
            self.pbx.undone = False
        with contextlib.suppress(BridgeError, Died):
            self.run(self.sync.attend(self.handle, news))

    def question(self) -> News:
        return News(teams=self.teams.now(), asked=self.clock.time(), told_before=self.clock.time() - 30)

    def hear(self, *, look: bool = False) -> None:
        self.attend(News(known=False, began=self.clock.time(), look=look))

    def set_call(self, state: CallState) -> None:
        report = CallReport(CallId(f"call-{self.call}"), state)
        now = self.clock.now()
        self.run(self.process.tables.update(self.session, lambda table: calls.apply(table, report, now)))

    @property
    def talking(self) -> bool:
        return self.call % 2 == 1

    def ask_pbx(self) -> None:
        """What the keeper does every half minute."""
        found = self.run(self.process.sessions.by_handle(self.handle))
        assert not isinstance(found, NoSession)
        with contextlib.suppress(BridgeError):
            self.run(self.lines.tend(found, self.presences.ask))

    # -------------------------------------------------------------- what happens

    @rule(heard=some.booleans(), times=some.integers(1, 2))
    def a_call_begins_or_ends(self, heard: bool, times: int) -> None:
        if self.talking:
            self.set_call(CallState.ENDED)
            self.call += 1
        else:
            self.call += 1
            self.set_call(CallState.CONNECTED)
        for _ in range(times if heard else 0):
            self.hear()

    @rule(state=some.sampled_from(STATES))
    def teams_changes(self, state: tuple[str | None, str | None]) -> None:
        self.teams.presence.set_teams(*state)

    @rule(data=some.data())
    def a_person_switches_at_the_phone(self, data: some.DataObject) -> None:
        """Off and on again unseen by anybody looks like nothing: then the PBX tells of it."""
        ours = self.pbx.dnd and not self.pbx.by_person
        self.switched, self.switched_at = True, self.clock.time()
        self.pbx.person_sets(enabled=not self.pbx.dnd)
        if ours or data.draw(some.booleans()):
            trouble, self.pbx.trouble.kind = self.pbx.trouble.kind, ""
            graph, self.teams.trouble.kind = self.teams.trouble.kind, ""
            self.ask_pbx()
            self.hear(look=True)
            self.pbx.trouble.kind, self.teams.trouble.kind = trouble, graph

    @rule(enabled=some.booleans())
    @precondition(lambda self: not self.pbx.trouble.kind)
    def a_person_switches_through_us(self, enabled: bool) -> None:
        self.pbx.person_sets(enabled=enabled)
        self.switched, self.switched_at = True, self.clock.time()
        if not enabled:
            wish = decide(DEFAULT, self.known_of_teams(), PhonePresence()).dnd
            self.pbx.undone = wish is Dnd.ON and APP not in self.teams.presence.sessions
        self.run(self.presences.remember_dnd(self.session, enabled=enabled))

    def known_of_teams(self) -> TeamsPresence | None:
        return self.run(self.standings.look(self.handle)).standing.teams

    @rule()
    def a_turn(self) -> None:
        self.ask_pbx()
        self.attend(self.question())

    @rule()
    def an_answer_is_on_its_way(self) -> None:
        if len(self.late) < 4:
            self.late.append(self.question())

    @rule(data=some.data(), again=some.booleans())
    @precondition(lambda self: self.late)
    def an_answer_comes_late(self, data: some.DataObject, again: bool) -> None:
        news = data.draw(some.sampled_from(self.late))
        if not again:
            self.late.remove(news)
        if self.clock.time() - news.asked <= 10:
            self.attend(news)

    @rule(lost=some.booleans())
    def teams_does_not_answer(self, lost: bool) -> None:
        self.attend(News(asked=self.clock.time(), known=False, lost=lost))

    @rule(kind=some.sampled_from(["", "before", "after", "dies"]))
    def graph_is_in_trouble(self, kind: str) -> None:
        self.teams.trouble.kind = kind

    @rule(kind=some.sampled_from(["", "before", "after", "dies"]))
    def the_pbx_is_in_trouble(self, kind: str) -> None:
        self.pbx.trouble.kind = kind

    @rule(seconds=some.sampled_from([1, 5, 30, 90, 400, int(HOLD_LIMIT) + 1]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule()
    @precondition(lambda self: not self.pbx.trouble.kind and not self.teams.trouble.kind)
    def a_person_signs_out_and_in(self) -> None:
        standing = self.run(self.standings.look(self.handle)).standing
        self.run(self.lines.end(self.session, EndReason.REVOKED))
        assert APP not in self.teams.presence.sessions or standing.held is None
        assert not (self.pbx.dnd and not self.pbx.by_person) or standing.dnd is None
        assert self.run(self.standings.look(self.handle)).standing == type(standing)()
        self.pbx.undone = self.switched = False
        self.call += self.call % 2
        self.late.clear()
        self.sign_in()

    @rule()
    def all_is_well_again(self) -> None:
        """Everything is back: one turn later the sessions are right, one more and the echo has died away; then nothing stirs."""
        self.pbx.trouble.kind = self.teams.trouble.kind = ""
        self.late.clear()
        self.turn_of_the_rounds()
        self.check_session()
        self.turn_of_the_rounds()
        self.turn_of_the_rounds()
        self.check_dnd()
        self.check_quiet()

    def turn_of_the_rounds(self) -> None:
        assert max(ECHO, LOOK_AGAIN) < SECONDS_BETWEEN_PASSES
        self.clock.move(timedelta(seconds=SECONDS_BETWEEN_PASSES))
        self.ask_pbx()
        self.attend(self.question())

    def check_session(self) -> None:
        told = self.teams.presence.sessions.get(APP)
        own = self.pbx.dnd and self.pbx.by_person
        if self.talking:
            assert told is not None
            assert told.activity == "InACall"
        else:
            assert (told is not None and told.activity == "Presenting") == own

    def check_dnd(self) -> None:
        client = self.teams.presence.teams
        said = TeamsPresence(client.availability, client.activity) if client else TeamsPresence("Offline", "Offline")
        wish = decide(DEFAULT, said, PhonePresence()).dnd
        covered = APP in self.teams.presence.sessions  # what Teams itself says cannot be told from our own session
        if wish is Dnd.ON and not covered and not self.switched:
            assert self.pbx.dnd
        if wish is Dnd.OFF and not covered:
            assert not self.pbx.dnd or self.pbx.by_person

    def check_quiet(self) -> None:
        before = (self.teams.writes, self.pbx.writes)
        for _ in range(3):
            self.attend(self.question())
            self.hear()
        assert (self.teams.writes, self.pbx.writes) == before, "a loop"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.mark.slow
def test_both_sides_come_right_whatever_happens(server: RedisServer) -> None:
    shared()  # read before any loop runs, as at the start of the service
    machine = type("Machine", (Sides,), {"server": server})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis gives no types for it
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert machine.server is server
