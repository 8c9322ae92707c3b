"""Keeps sign-ins alive: due work in the store, claimed by whichever process is free.

One visit to a sign-in: is it over? does the PBX still know us? which calls are there? when is the next visit? Nothing of it
is bound to a process; one that dies leaves a lease behind that runs out.
"""

import contextlib
import random
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    EndReason,
    NotOffered,
    PbxPermission,
    PbxSessionLost,
    PbxTrouble,
    SignedOut,
    Unavailable,
)
from bridge.logs import logger
from bridge.model.calls import CallTable
from bridge.model.ids import UserHandle
from bridge.model.messages import LineChanged, PresenceChanged, SessionEnded
from bridge.model.pbx import CallbackMode, Session
from bridge.model.telephony import CallsListed
from bridge.service.announce import Announcer
from bridge.service.colleagues import Colleagues, told_by_events
from bridge.service.intake import Intake
from bridge.service.lines import Line, Lines
from bridge.service.ports import CallTables, Clock, DueWork, NoSession, Once, Pulse, Sessions
from bridge.service.presence import Presences

LEASE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two looks at a PBX."""

    keep_alive: float = 25.0
    """A PBX forgets a client after about 60 s of silence (UCI reference, section 3.2)."""
    poll_live: float = 1.0
    poll_idle: float = 5.0
    reconcile_live: float = 5.0
    """While callbacks arrive: how often a live call is compared with what the PBX says."""
    probe: float = 120.0
    """How often a PBX is asked for an event that proves that callbacks arrive."""
    proof: float = 10.0
    """How long after a probe its event may take."""
    lamps: float = 5.0
    """While somebody looks at their colleagues and no events tell of them."""
    back_off: float = 60.0
    lost_after: float = 10.0


_log = logger(__name__)


class Keeper:
    """Visits sign-ins when they are due."""

    def __init__(
        self,
        *,
        lines: Lines,
        sessions: Sessions,
        tables: CallTables,
        intake: Intake,
        presences: Presences,
        colleagues: Colleagues,
        due: DueWork,
        once: Once,
        announcer: Announcer,
        clock: Clock,
        rhythm: Rhythm | None = None,
    ) -> None:
        self._lines = lines
        self._sessions = sessions
        self._tables = tables
        self._intake = intake
        self._presences = presences
        self._colleagues = colleagues
        self._due = due
        self._once = once
        self._announcer = announcer
        self._clock = clock
        self._rhythm = rhythm or Rhythm()

    async def claim(self, limit: int) -> tuple[UserHandle, ...]:
        """Take up to ``limit`` sign-ins that are due."""
        return await self._due.claim(limit, LEASE)

    async def visit(self, handle: UserHandle) -> None:
        """Look after one sign-in and say when the next visit is due. Raises only ``Unavailable``."""
        found = await self._sessions.by_handle(handle)
        if isinstance(found, NoSession):
            await self._announce_expiry(handle, found)
            return
        if self._clock.now() >= found.ends_at:
            await self._lines.end(found, EndReason.EXPIRED)
            return
        pulse = await self._sessions.pulse(handle)
        try:
            line = await self._lines.of(found)
            after = await self._look_after(line, pulse)
        except SignedOut:
            await self._due.drop(handle)
            return
        except CredentialsRejected:
            await self._lines.end(found, EndReason.REJECTED)
            return
        except Unavailable:
            raise
        except BridgeError as error:
            after = await self._failed(found, pulse, error)
        after = await self._sessions.change_pulse(found, lambda newest: _with_newest(pulse, after, newest))
        await self._due.schedule(handle, self._next_visit(found, after, await self._tables.read(found.user)))

    async def _look_after(self, line: Line, pulse: Pulse) -> Pulse:
        now = self._clock.time()
        if now - pulse.last_keep_alive >= self._rhythm.keep_alive:
            if not await line.pbx.keep_alive():
                await self._lines.log_in_again(line)
            pulse = replace(pulse, last_keep_alive=now, presence_due=True)
        if pulse.presence_due:
            await self._refresh_presence(line)
            pulse = replace(pulse, presence_due=False)
        changed = await self._snapshot(line)
        pulse = await self._judge_callbacks(line, pulse, told_by_poll=changed)
        pulse = await self._look_at_colleagues(line, pulse)
        if pulse.lost:
            await self._announcer.publish(line.session.user, LineChanged("pbx_back"))
        return replace(pulse, failures=0, unreachable_since=0.0, lost=False)

    async def _snapshot(self, line: Line) -> bool:
        """Compare the table with the PBX's list; log in again when the PBX has forgotten us."""
        try:
            reports = await line.pbx.calls()
        except PbxSessionLost:
            await self._lines.log_in_again(line)
            reports = await line.pbx.calls()
        return await self._intake.apply(line.session, CallsListed(reports))

    async def _refresh_presence(self, line: Line) -> None:
        try:
            presence, changed = await self._presences.ask(line)
        except (PbxTrouble, NotOffered, PbxPermission):
            return
        if changed:
            await self._announcer.publish(line.session.user, PresenceChanged(presence))

    async def _look_at_colleagues(self, line: Line, pulse: Pulse) -> Pulse:
        """Ask for the busy lamp fields while somebody looks at them; a PBX that refuses or lacks them is asked as seldom."""
        now = self._clock.time()
        if pulse.watched_until <= now or now - pulse.last_lamps < self._lamp_wait(line.session, pulse):
            return pulse
        with contextlib.suppress(PbxTrouble, NotOffered, PbxPermission):
            await self._colleagues.look(line)
        return replace(pulse, last_lamps=now)

    def _lamp_wait(self, session: Session, pulse: Pulse) -> float:
        told = pulse.pushing and told_by_events(session)
        return self._rhythm.keep_alive if told else self._rhythm.lamps

    async def _judge_callbacks(self, line: Line, pulse: Pulse, *, told_by_poll: bool) -> Pulse:
        """Find out whether callbacks arrive: a change that only the poll told is a doubt, a probe without event a proof."""
        newest = await self._sessions.pulse(self._sessions.handle(line.session.user))
        pulse = replace(pulse, watched_until=newest.watched_until)
        if line.entry.callbacks is not CallbackMode.AUTO:
            return replace(pulse, pushing=line.entry.callbacks is CallbackMode.PUSH)
        now = self._clock.time()
        pulse = replace(pulse, pushing=newest.pushing, last_push=newest.last_push)
        silent = pulse.last_push < pulse.last_probe and now - pulse.last_probe >= self._rhythm.proof
        missed = told_by_poll and now - pulse.last_push > self._rhythm.reconcile_live
        if pulse.pushing and (silent or missed):
            _log.info("callbacks_ceased", pbx=line.entry.id)
            pulse = replace(pulse, pushing=False, last_probe=0.0)
        if now - max(pulse.last_probe, pulse.last_push) >= self._rhythm.probe:
            await line.pbx.provoke_event()
            pulse = replace(pulse, last_probe=now)
        return pulse

    async def _failed(self, session: Session, pulse: Pulse, error: BridgeError) -> Pulse:
        now = self._clock.time()
        since = pulse.unreachable_since or now
        lost = now - since >= self._rhythm.lost_after
        if lost and await self._once.claim("lost", f"{session.id}/{since:.0f}", timedelta(hours=1)):
            _log.warning("pbx_lost", pbx=session.pbx, code=error.code)
            await self._announcer.publish(session.user, LineChanged("pbx_lost"))
        return replace(pulse, failures=pulse.failures + 1, unreachable_since=since, lost=lost)

    async def _announce_expiry(self, handle: UserHandle, gone: NoSession) -> None:
        """The store let a sign-in expire: whoever finds it says so, once."""
        await self._due.drop(handle)
        if gone.reason is not EndReason.EXPIRED or not (gone.user and gone.pbx and gone.session):
            return
        if await self._once.claim("expiry", gone.session, timedelta(hours=12)):
            _log.info("session_ended", handle=handle, pbx=gone.pbx, reason=gone.reason.value)
            await self._lines.forget_presence(gone.user)
            await self._announcer.publish(gone.user, SessionEnded(gone.pbx, gone.reason))

    def _next_visit(self, session: Session, pulse: Pulse, table: CallTable) -> float:
        now = self._clock.time()
        live = bool(table.live())
        if pulse.failures:
            wait = random.uniform(0.5, min(self._rhythm.back_off, 2.0**pulse.failures))  # noqa: S311 - jitter
        elif pulse.pushing:
            wait = self._rhythm.reconcile_live if live else self._rhythm.keep_alive
        else:
            wait = self._rhythm.poll_live if live else self._rhythm.poll_idle
        if pulse.watched_until > now and not pulse.failures:
            wait = min(wait, self._lamp_wait(session, pulse))
        return min(now + wait, max(now + 0.05, session.ends_at.timestamp()))


def _with_newest(before: Pulse, after: Pulse, newest: Pulse) -> Pulse:
    """Give what a visit found out, with what others noted during the visit."""
    pushed = newest.last_push > after.last_push
    return replace(
        after,
        dnd=newest.dnd,
        watched_until=newest.watched_until,
        pushing=newest.pushing if pushed else after.pushing,
        last_push=max(newest.last_push, after.last_push),
        presence_due=after.presence_due or (newest.presence_due and not before.presence_due),
    )
