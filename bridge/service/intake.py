"""Events that a PBX posts: prove where they come from, apply them once, publish. An event only changes what is shown."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bridge.errors import NotFound, SignedOut, TooManyAttempts, Unauthenticated
from bridge.model import calls
from bridge.model.calls import CallTable
from bridge.model.ids import UserHandle
from bridge.model.messages import CallMissed, CallsChanged, VoicemailsChanged
from bridge.model.pbx import Session, TokenForm
from bridge.model.telephony import (
    CallbackProof,
    CallRenamed,
    CallReport,
    CallsListed,
    CallState,
    LampReport,
    PbxConnectionReset,
    PbxEvent,
    PresenceHint,
    VoicemailHint,
)
from bridge.service.announce import Announcer
from bridge.service.colleagues import Colleagues
from bridge.service.ports import CallTables, Clock, DueWork, NoSession, Pulse, Sessions
from bridge.service.proven import Proven, ProvenSignIns, proof_of

EVENTS_PER_SECOND = 50.0
BURST = 200.0
MARK_EVERY = 5.0
"""Seconds between two notes in the pulse that callbacks arrive: one more trip for each event would buy nothing."""

_REMEMBERED = 20_000
_MOST_BOXES = 32


@dataclass(slots=True)
class _Flow:
    """What this process remembers of one sign-in's events: the rate and when their arrival was last noted."""

    tokens: float
    seen: float
    marked: float = 0.0
    waiting: dict[str, str] = field(default_factory=dict)
    """What was said last about the messages in each mailbox."""


class Intake:
    """Takes events of all PBXs; any process may take any event."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        tables: CallTables,
        colleagues: Colleagues,
        due: DueWork,
        announcer: Announcer,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._colleagues = colleagues
        self._tables = tables
        self._due = due
        self._announcer = announcer
        self._clock = clock
        self._flows: OrderedDict[UserHandle, _Flow] = OrderedDict()
        self._proven = ProvenSignIns(clock)

    async def receive(
        self, handle: UserHandle, secret: str, *, login: str | None, token: str | None, event: PbxEvent | None
    ) -> None:
        """Take one event.

        Args:
            secret: the random part of the path; it is made at each sign-in and dead at its end.
            login, token: what the PBX appended to the path (UCI reference, section 5.1).
            event: ``None`` for a method we do not know; it is answered politely and proves only that the PBX reaches us.

        Raises:
            NotFound: no live sign-in has this path.
            Unauthenticated: the path is right, the PBX's token or user is not.
            TooManyAttempts: more events than a telephone can make.
        """
        proof, flow = proof_of(secret, login, token), None
        if isinstance(event, CallReport | CallRenamed) and (proven := self._proven.find(handle, proof)):
            flow = self._admitted(handle)
            if await self._applied_unread(handle, proven, event):
                await self._note_arrival(proven.session, flow, event)
                return
        session, table = await self._tables.with_session(handle)
        if isinstance(session, NoSession) or not session.callback_secret.matches(secret):
            raise NotFound
        if not _is_from_pbx(session, login, token):
            raise Unauthenticated
        flow = flow or self._admitted(handle)
        if isinstance(event, CallReport | CallRenamed):
            _, table = await self._applied(session, event, table)
            self._proven.remember(handle, proof, session, table)
        await self._note_arrival(session, flow, event)
        if isinstance(event, CallbackProof) and _says_something_new(flow, event):
            event = VoicemailHint()
        await self._passed_on(session, handle, event)

    async def _passed_on(self, session: Session, handle: UserHandle, event: PbxEvent | None) -> None:
        """Do what follows from an event that is no call's."""
        match event:
            case LampReport(lamp):
                await self._colleagues.lit(session, lamp)
            case VoicemailHint():
                await self._announcer.publish(session.user, VoicemailsChanged())
            case PbxConnectionReset() | PresenceHint():
                await self._due.schedule(handle, self._clock.time())
            case _:
                pass

    async def apply(self, session: Session, event: PbxEvent) -> bool:
        """Apply an event or a list to the shared table and announce what follows; give whether anything visible changed."""
        before, after = await self._applied(session, event)
        return after.version != before.version

    async def _applied_unread(self, handle: UserHandle, proven: Proven, event: PbxEvent) -> bool:
        """Apply to the table as it was known last. ``False`` when nothing was written: only the store knows why, and who asks."""
        try:
            before, after = await self._applied(proven.session, event, proven.table)
        except SignedOut:
            self._proven.forget(handle)
            return False
        if after is before:
            return False
        self._proven.renew(handle, proven, after)
        return True

    async def _applied(
        self, session: Session, event: PbxEvent, known: CallTable | None = None
    ) -> tuple[CallTable, CallTable]:
        """Give the table before and after; the very same object when nothing was written."""
        now, own = self._clock.now(), session.own_numbers
        before, after = await self._tables.update(session, lambda table: calls.apply(table, event, now, own), known)
        if after.version == before.version:
            return before, after
        await asyncio.sleep(
            0
        )  # the person's open streams were woken by the same write: they go before the PBX's answer
        await self._announcer.tell(session.user, CallsChanged(after))
        for missed in _missed(before, after, proven=not isinstance(event, CallsListed)):
            await self._announcer.tell(session.user, missed)
        return before, after

    def _admitted(self, handle: UserHandle) -> _Flow:
        now = self._clock.time()
        flow = self._flows.pop(handle, None) or _Flow(BURST, now)
        self._flows[handle] = flow
        while len(self._flows) > _REMEMBERED:
            self._flows.popitem(last=False)
        flow.tokens = min(BURST, flow.tokens + (now - flow.seen) * EVENTS_PER_SECOND)
        flow.seen = now
        if flow.tokens < 1.0:
            raise TooManyAttempts(1, "events of one sign-in")
        flow.tokens -= 1.0
        return flow

    async def _note_arrival(self, session: Session, flow: _Flow, event: PbxEvent | None) -> None:
        now = self._clock.time()
        hint = isinstance(event, PresenceHint)
        if now - flow.marked < MARK_EVERY and not hint and not isinstance(event, CallbackProof):
            return
        flow.marked = now
        await self._sessions.change_pulse(session, lambda pulse: _pushed(pulse, now, hint=hint))


def _missed(before: CallTable, after: CallTable, *, proven: bool) -> Iterator[CallMissed]:
    """Give the calls that rang here and ended with this change; a person in one's voicemail box was not talked to either."""
    for call in after.calls:
        earlier = before.get(call.id)
        if call.missed and earlier is not None and earlier.live:
            yield CallMissed(call, proven, voicemail=earlier.state is CallState.VOICEMAIL)


def _says_something_new(flow: _Flow, event: CallbackProof) -> bool:
    """Whether messages wait that did not, or no longer wait; what is said for the first time may be old."""
    before = flow.waiting.get(event.about)
    if before is None and len(flow.waiting) >= _MOST_BOXES:
        return False
    flow.waiting[event.about] = event.told
    return before is not None and before != event.told


def _pushed(pulse: Pulse, now: float, *, hint: bool) -> Pulse:
    return replace(pulse, pushing=True, last_push=now, doubts=0, presence_due=hint or pulse.presence_due)


def _is_from_pbx(session: Session, login: str | None, token: str | None) -> bool:
    """Compare what the PBX appended with what it must know.

    What it appends after a login with a JWT is an open question (UCI reference, section 17.1, item 9): then the random path,
    and the user if given, have to do.
    """
    if login is not None and login != session.access.login:
        return False
    if session.access.form is TokenForm.JWT:
        return True
    return token is not None and session.access.token.matches(token)
