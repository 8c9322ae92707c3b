"""Presence synchronisation put together, given the ports and the use cases it works with."""

from dataclasses import dataclass
from typing import Protocol

from bridge.service.announce import Announcer
from bridge.service.lines import Lines
from bridge.service.ports import Clock, DueWork, Once, Sessions, Throttle
from bridge.service.presence import Presences
from bridge.service.presence_ports import Beats, Standings, TeamsGraph, TenantRules
from bridge.service.presence_sync import PresenceSync
from bridge.service.presence_sync_desk import PresenceDesk
from bridge.service.presence_sync_effects import GERMAN_SPEAKING, Effects, Way
from bridge.service.presence_sync_rounds import Beat, PresenceRounds
from bridge.service.tenants import Tenants
from bridge.texts import shared

__all__ = ["Beat", "PresenceParts", "Teams"]

TO_TEAMS_IN_TIME, TO_PBX_MARGIN = 1.0, 1.0
"""Seconds: from a call to Graph's agreement; beyond one slow turn, from a change in Teams to the PBX."""


class Stores(Protocol):
    """The stores it works on."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def once(self) -> Once: ...
    @property
    def due(self) -> DueWork: ...
    @property
    def throttle(self) -> Throttle: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def beats(self) -> Beats: ...
    @property
    def tenant_rules(self) -> TenantRules: ...


class Meters(Protocol):
    """Who hears what happens."""

    def presence(self, way: str, seconds: float) -> None:
        """A change ``to_teams`` or ``to_pbx`` took so long."""

    def count(self, what: str) -> None:
        """Something worth counting happened; a constant name."""


@dataclass(frozen=True, slots=True)
class Teams:
    """The side of Teams: Graph, who hears of it, how often it is asked. ``shortest_life``: of a sign-in, in seconds."""

    graph: TeamsGraph
    meters: Meters
    beat: Beat
    shortest_life: float


class PresenceParts:
    """What the faces ask (``desk``) and what runs by itself (``rounds``)."""

    def __init__(
        self, stores: Stores, teams: Teams, *, lines: Lines, presences: Presences, announcer: Announcer,
        tenants: Tenants, clock: Clock,
    ) -> None:  # fmt: skip
        effects = Effects(
            graph=teams.graph,
            standings=stores.standings,
            lines=lines,
            presences=presences,
            once=stores.once,
            announcer=announcer,
            clock=clock,
            sentence=usual_text,
            measured=teams.meters.presence,
            level=stores.beats,
            in_time={Way.TO_TEAMS: TO_TEAMS_IN_TIME, Way.TO_PBX: teams.beat.slow + TO_PBX_MARGIN},
        )
        self.sync = PresenceSync(
            graph=teams.graph,
            standings=stores.standings,
            beats=stores.beats,
            rules=stores.tenant_rules,
            sessions=stores.sessions,
            presences=presences,
            effects=effects,
            once=stores.once,
            clock=clock,
        )
        self.rounds = self._rounds(stores, teams, clock)
        self.desk = self._desk(stores, teams, presences, tenants, clock)
        announcer.listen(self.rounds.hear)
        lines.before_leaving(self.sync.farewell)
        presences.when_chosen(self.sync.chosen_by_person)

    def _rounds(self, stores: Stores, teams: Teams, clock: Clock) -> PresenceRounds:
        return PresenceRounds(
            sync=self.sync,
            graph=teams.graph,
            standings=stores.standings,
            beats=stores.beats,
            sessions=stores.sessions,
            clock=clock,
            beat=teams.beat,
            shortest_life=teams.shortest_life,
            count=teams.meters.count,
        )

    def _desk(self, stores: Stores, teams: Teams, presences: Presences, tenants: Tenants, clock: Clock) -> PresenceDesk:
        return PresenceDesk(
            sync=self.sync,
            graph=teams.graph,
            standings=stores.standings,
            beats=stores.beats,
            rules=stores.tenant_rules,
            sessions=stores.sessions,
            presences=presences,
            tenants=tenants,
            throttle=stores.throttle,
            once=stores.once,
            due=stores.due,
            clock=clock,
        )


def usual_text(row: str, country: str) -> str:
    """The usual chat text of a row in the language of the country a PBX stands in."""
    name = f"presence-text-{row}"
    return shared().text("de" if country in GERMAN_SPEAKING else "en", name) if shared().has(name) else ""
