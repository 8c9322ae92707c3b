"""When somebody's presence is looked at: at once when something happened to them, and by turns that all processes share.

Turns lie on a common grid for each tenant, so that people fall due together and are asked for in as few requests as possible.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bridge.errors import BridgeError
from bridge.logs import logger
from bridge.model.ids import PersonId, UserHandle, UserKey
from bridge.model.messages import CallsChanged, Change, PresenceChanged, SessionOpened
from bridge.model.presence_rules import TeamsPresence
from bridge.model.presence_sync import Standing
from bridge.service.ports import Clock, Sessions
from bridge.service.presence_ports import Beats, Claimed, Glance, Standings, TeamsAway, TeamsClosed, TeamsGraph
from bridge.service.presence_sync import News, PresenceSync, talking

PORTION: Final = 650
"""As many as Graph tells of in one answer."""
ROUNDS_AT_ONCE: Final = 8
PEOPLE_AT_ONCE: Final = 48
WAITING: Final = 4096
"""People something happened to who wait for their turn; more than that wait for the next round."""
REMEMBERED: Final = 50_000
LEASE: Final = timedelta(seconds=15)
LIFE_SIGN: Final = timedelta(seconds=15)
PARTING: Final = 6.0
"""Seconds in which the last process takes everything back."""
INERT: Final = 600.0
"""Seconds between two looks at people of a tenant that has not consented."""
FAST_ACTIVITIES: Final = frozenset({"InACall", "InAConferenceCall"})

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Beat:
    """Seconds between two looks at a person."""

    fast: float = 5.0
    """While somebody is in a call, on either side, or something could not be done."""
    slow: float = 30.0
    lost_after: float = 60.0
    """Without an answer of Teams for so long, what rests on its state is taken back."""
    parting: float = 45.0
    """Before the end of a sign-in by itself: then everything is taken back, while there still is a way to the PBX."""
    pause: float = 0.1

    def next(self, now: float, *, fast: bool, phase: float) -> float:
        """The next point on the grid of a tenant."""
        step = self.fast if fast else self.slow
        return (int((now - phase) / step) + 1) * step + phase


class PresenceRounds:
    """Owns the tasks of presence synchronisation in one process: ``start`` and ``stop`` them."""

    def __init__(
        self,
        *,
        sync: PresenceSync,
        graph: TeamsGraph,
        standings: Standings,
        beats: Beats,
        sessions: Sessions,
        clock: Clock,
        beat: Beat,
        shortest_life: float,
        count: Callable[[str], None],
    ) -> None:
        """``shortest_life``: seconds that a sign-in lives at least; one shorter than the parting is not parted with at once."""
        self._sync = sync
        self._graph = graph
        self._standings = standings
        self._beats = beats
        self._sessions = sessions
        self._clock = clock
        self._beat = beat
        self._parting = min(beat.parting, shortest_life / 4)
        self._count = count
        self._process = secrets.token_hex(8)
        self._people = asyncio.Semaphore(PEOPLE_AT_ONCE)
        self._talks: OrderedDict[UserHandle, frozenset[str]] = OrderedDict()
        self._waiting: OrderedDict[UserHandle, tuple[UserKey, News]] = OrderedDict()
        self._busy: set[UserHandle] = set()
        self._stirred = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._away = False

    # -------------------------------------------------------------- owner of the tasks

    async def start(self) -> None:
        """Begin."""
        for name, work in (("rounds", self._go_round), ("events", self._follow), ("life", self._live)):
            self._own(asyncio.create_task(work(), name=f"presence-{name}"))

    async def stop(self) -> None:
        """Stop; the last of all processes takes back everything first."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(PARTING):
                if await self._beats.last(self._process):
                    await self._take_all_back()
        except (TimeoutError, BridgeError):
            _log.warning("presence_not_taken_back")

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -------------------------------------------------------------- what happens to people

    async def hear(self, user: UserKey, change: Change) -> None:
        """Take a change that was announced; never waits for anything but Redis, and only at a sign-in."""
        if isinstance(change, SessionOpened):
            await self._beats.enter(user, self._clock.time())
        elif self._sync.inert(user.tenant):
            return
        elif isinstance(change, CallsChanged):
            handle, talks = self._sessions.handle(user), talking(change.table)
            if self._talks.get(handle) != talks:
                self._note_talks(handle, talks)
                self._put_down(user, handle)
        elif isinstance(change, PresenceChanged):
            self._put_down(user, self._sessions.handle(user), look=change.presence.dnd is False)

    def stir(self, user: UserKey) -> None:
        """Look at somebody as soon as possible."""
        self._put_down(user, self._sessions.handle(user))

    def _note_talks(self, handle: UserHandle, talks: frozenset[str]) -> None:
        self._talks[handle] = talks
        self._talks.move_to_end(handle)
        if len(self._talks) > REMEMBERED:
            self._talks.popitem(last=False)

    def _put_down(self, user: UserKey, handle: UserHandle, *, look: bool = False) -> None:
        if handle not in self._waiting and len(self._waiting) + len(self._busy) >= WAITING:
            self._count("presence_queue_full")
            return
        known = self._waiting.get(handle)
        began, looks = (known[1].began, known[1].look or look) if known else (self._clock.time(), look)
        self._waiting[handle] = (user, News(known=False, began=began, look=looks))
        self._stirred.set()

    async def _follow(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            for handle in [waiting for waiting in self._waiting if waiting not in self._busy]:
                user, news = self._waiting.pop(handle)
                self._busy.add(handle)
                self._own(asyncio.create_task(self._followed(user, handle, news), name="presence-event"))

    async def _followed(self, user: UserKey, handle: UserHandle, news: News) -> None:
        try:
            async with self._people:
                await self._attended(handle, news)
            if not self._sync.inert(user.tenant):
                await self._beats.enter(user, self._beat.next(self._clock.time(), fast=True, phase=_phase(user.tenant)))
        except BridgeError:
            self._count("presence_store_away")
        finally:
            self._busy.discard(handle)
            if handle in self._waiting:
                self._stirred.set()

    async def _attended(self, handle: UserHandle, news: News) -> tuple[Standing | None, bool]:
        """Look after somebody; give what is remembered then, and whether something could not be done."""
        try:
            return await self._sync.attend(handle, news), False
        except BridgeError as error:
            self._count("presence_closed" if isinstance(error, TeamsClosed) else "presence_not_done")
            return None, True
        except Exception as error:  # noqa: BLE001 - one person's fault must not end the rounds of all others
            _log.error("presence_crashed", exc_info=error, handle=handle)
            return None, True

    # -------------------------------------------------------------- rounds

    async def _live(self) -> None:
        while True:
            try:
                await self._beats.alive(self._process, LIFE_SIGN)
            except BridgeError:
                self._count("presence_store_away")
            await asyncio.sleep(LIFE_SIGN.total_seconds() / 3)

    async def _go_round(self) -> None:
        rounds: set[asyncio.Task[None]] = set()
        while True:
            claimed = await self._claimed() if len(rounds) < ROUNDS_AT_ONCE else None
            if claimed is None:
                await asyncio.sleep(self._beat.pause)
                continue
            task = asyncio.create_task(self._round(claimed), name="presence-round")
            rounds.add(task)
            task.add_done_callback(rounds.discard)
            self._own(task)

    async def _claimed(self) -> Claimed | None:
        try:
            claimed = await self._beats.claim(PORTION, LEASE)
        except BridgeError:
            if not self._away:
                _log.warning("presence_store_away")
            self._away = True
            return None
        self._away = False
        return claimed

    async def _round(self, claimed: Claimed) -> None:
        try:
            await self._look_at(claimed)
        except BridgeError:
            self._count("presence_round_failed")  # the lease runs out and somebody takes the turn
        except Exception as error:  # noqa: BLE001 - a fault in one portion must not end the rounds
            _log.error("presence_round_crashed", exc_info=error)

    async def _look_at(self, claimed: Claimed) -> None:
        glances = await self._standings.glance(claimed.handles)
        live = {glance.handle: glance for glance in glances if glance.user is not None}
        news = await self._news(claimed, list(live.values()))
        at: dict[UserHandle, float | None] = {}
        close: list[Glance] = []
        if live:
            tenant = next(glance.user.tenant for glance in live.values() if glance.user)
            rules = await self._sync.rules_of(tenant)
            inert = self._sync.inert(tenant)
            for glance in live.values():
                told = news[glance.handle]
                if inert and not glance.standing.holds_anything:
                    at[glance.handle] = self._clock.time() + INERT
                elif self._sync.wants(glance, rules, told):
                    close.append(glance)
                else:
                    at[glance.handle] = self._turn(glance, glance.standing, trouble=False)
        await self._standings.touch([glance.handle for glance in live.values() if glance.standing.holds_anything])
        gone = [glance for glance in glances if glance.handle not in live]
        at.update(await self._closely(close, gone, news))
        await self._beats.next(claimed, at)

    async def _closely(
        self, close: Sequence[Glance], gone: Sequence[Glance], news: Mapping[UserHandle, News]
    ) -> dict[UserHandle, float | None]:
        async def one(glance: Glance) -> tuple[UserHandle, float | None]:
            async with self._people:
                told = news.get(glance.handle, News(known=False))
                standing, trouble = await self._attended(glance.handle, told)
            if standing is None and not trouble:
                return glance.handle, None
            return glance.handle, self._turn(glance, standing or glance.standing, trouble=trouble)

        return dict(await asyncio.gather(*(one(glance) for glance in (*close, *gone))))

    def _turn(self, glance: Glance, standing: Standing, *, trouble: bool) -> float:
        """When somebody is due again."""
        now = self._clock.time()
        fast = trouble or _is_fast(glance, standing)
        at = self._beat.next(now, fast=fast, phase=_phase(glance.user.tenant if glance.user else ""))
        parting = now + glance.ends_in - self._parting
        return max(now + 0.05, min(at, parting)) if standing.holds_anything and parting > now else at

    async def _news(self, claimed: Claimed, live: Sequence[Glance]) -> dict[UserHandle, News]:
        """Ask Teams about everybody, as far as it lets us."""
        users = {glance.handle: glance.user for glance in live if glance.user is not None}
        if not users:
            return {}
        base, told = await self._asked(claimed, list(users.values()))
        made: dict[UserHandle, News] = {}
        for glance in live:
            user = users[glance.handle]
            before = base.asked - (self._beat.fast if _is_fast(glance, glance.standing) else self._beat.slow)
            leaving = glance.ends_in < self._parting
            made[glance.handle] = replace(base, teams=told.get(user.person), leaving=leaving, told_before=before)
        return made

    async def _asked(self, claimed: Claimed, users: Sequence[UserKey]) -> tuple[News, Mapping[PersonId, TeamsPresence]]:
        tenant, asked = users[0].tenant, self._clock.time()
        admission = await self._graph.ask_admission(tenant)
        if self._sync.inert(tenant) or not (admission.may_read or admission.consent == "unknown"):
            return News(asked=asked), {}
        try:
            told = await self._graph.presences(tenant, [user.person for user in users])
        except TeamsClosed:
            return News(asked=asked), {}
        except TeamsAway:
            silent = asked - await self._beats.freshness(claimed.tenant)
            return News(asked=asked, known=False, lost=silent > self._beat.lost_after), {}
        await self._beats.fresh(claimed.tenant, asked)
        return News(asked=asked), told

    # -------------------------------------------------------------- the end

    async def _take_all_back(self) -> None:
        for _, handles in await self._beats.everybody():
            glances = await self._standings.glance(handles)
            await asyncio.gather(*(self._parted(glance) for glance in glances if glance.standing.holds_anything))

    async def _parted(self, glance: Glance) -> None:
        async with self._people:
            await self._attended(glance.handle, News(leaving=True))


def _is_fast(glance: Glance, standing: Standing) -> bool:
    teams = standing.teams
    in_call = bool(glance.table.live()) or (teams is not None and teams.activity in FAST_ACTIVITIES)
    return in_call or (standing.held is not None and not standing.held.sure)


def _phase(tenant: str) -> float:
    """Spread tenants over a second and a half, the same in all processes."""
    return (sum(tenant.encode()) % 150) / 100
