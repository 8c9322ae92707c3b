"""What a person does with their telephone: place, hang up, hold, forward, conference, choose a phone, do not disturb."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bridge.errors import BridgeError, NotFound, SignedOut, SignInNeeded, Unavailable
from bridge.logs import logger
from bridge.model import calls
from bridge.model.calls import CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import (
    CallInterrupted,
    CallsChanged,
    ChoosePhone,
    Conference,
    Forward,
    HangUp,
    Hold,
    PlaceCall,
    PresenceChanged,
    SetDoNotDisturb,
)
from bridge.model.numbers import canonical, dial_string
from bridge.model.presence import OwnPresence
from bridge.model.telephony import CallsListed, Phone
from bridge.service.announce import Announcer
from bridge.service.interrupted import Interrupted
from bridge.service.lines import Line, Lines
from bridge.service.ports import CallTables, Clock, DueWork, NoSession, Sessions
from bridge.service.presence import Presences
from bridge.service.reminders import Reminders, Temporary

_SOON = 0.4
"""Seconds after a command when a PBX that does not push is asked what became of it."""

_log = logger(__name__)


class Control:
    """Checks, then one request to the PBX, then the table. Every method raises ``SignedOut`` without a live sign-in."""

    def __init__(
        self,
        *,
        lines: Lines,
        sessions: Sessions,
        tables: CallTables,
        due: DueWork,
        interrupted: Interrupted,
        presences: Presences,
        announcer: Announcer,
        reminders: Reminders,
        clock: Clock,
    ) -> None:
        self._lines = lines
        self._sessions = sessions
        self._tables = tables
        self._due = due
        self._interrupted = interrupted
        self._presences = presences
        self._announcer = announcer
        self._reminders = reminders
        self._clock = clock

    async def calls(self, user: UserKey) -> CallTable:
        """Give the table of calls as all processes know it."""
        found, table = await self._tables.with_session(self._sessions.handle(user))
        if isinstance(found, NoSession):
            raise SignedOut(found.reason)
        return table

    async def place(self, command: PlaceCall) -> CallId:
        """Place a call; what a person wanted is kept for five minutes when a sign-in stands in the way.

        Raises:
            BadRequest: there is no telephone number in what was written.
            PbxBusy: the PBX refuses to place a call now.
        """
        wished = CallId(str(uuid.uuid4()))

        async def dial(line: Line) -> CallId:
            number = dial_string(command.number, line.session.country)
            placed = await line.pbx.place_call(number, command.phone, wished)
            await self.expect(line, placed, number)
            return placed

        dial_string(command.number, "DE")
        try:
            return await self._lines.use(command.user, dial)
        except SignInNeeded:
            await self._keep(command)
            raise

    async def resume(self, user: UserKey) -> CallId:
        """Carry out the interrupted call.

        Raises:
            NotFound: there is none (any more).
        """
        command = await self._interrupted.take(user)
        if command is None:
            raise NotFound("nothing was interrupted")
        return await self.place(command)

    async def hang_up(self, command: HangUp) -> None:
        """End, reject or cancel a call."""
        await self._on_call(command.user, command.call, lambda line, call: line.pbx.hang_up(call))

    async def hold(self, command: Hold) -> None:
        """Put a call on hold."""
        await self._on_call(command.user, command.call, lambda line, call: line.pbx.hold(call))

    async def forward(self, command: Forward) -> None:
        """Send a call to another number.

        Raises:
            BadRequest: there is no telephone number in the target.
        """

        async def send(line: Line, call: CallId) -> None:
            await line.pbx.forward(call, dial_string(command.target, line.session.country))

        dial_string(command.target, "DE")
        await self._on_call(command.user, command.call, send)

    async def conference(self, command: Conference) -> None:
        """Join calls on one phone."""

        async def join(line: Line) -> None:
            ids = [await self._known(line, call) for call in command.calls]
            await line.pbx.conference(ids, command.phone)
            await self._look_soon(line)

        await self._lines.use(command.user, join)

    async def phones(self, user: UserKey) -> tuple[Phone, ...]:
        """Give the person's phones."""
        return await self._lines.use(user, lambda line: line.pbx.phones())

    async def choose_phone(self, command: ChoosePhone) -> tuple[Phone, ...]:
        """Make a phone the primary one.

        Raises:
            NotFound: the person has no such phone.
        """

        async def choose(line: Line) -> tuple[Phone, ...]:
            phones = await line.pbx.phones()
            if all(phone.id != command.phone for phone in phones):
                raise NotFound("no such phone")
            await line.pbx.set_primary_phone(command.phone)
            return tuple(replace(phone, primary=phone.id == command.phone) for phone in phones)

        return await self._lines.use(command.user, choose)

    async def presence(self, user: UserKey) -> OwnPresence:
        """Ask the PBX for the person's own state."""
        return (await self._lines.use(user, self._presences.ask))[0]

    async def set_dnd(self, command: SetDoNotDisturb) -> OwnPresence:
        """Switch do not disturb and give the state after it; what was to end by itself no longer does."""

        async def switch(line: Line) -> OwnPresence:
            await line.pbx.set_dnd(enabled=command.enabled)
            await self._presences.remember_dnd(line.session, enabled=command.enabled)
            presence, changed = await self._presences.ask(line)
            if changed:
                await self._announcer.publish(command.user, PresenceChanged(presence))
            return presence

        await self._reminders.cancel(command.user, Temporary.DND)
        return await self._lines.use(command.user, switch)

    async def _on_call(self, user: UserKey, wished: CallId, act: Callable[[Line, CallId], Awaitable[None]]) -> None:
        async def do(line: Line) -> None:
            await act(line, await self._known(line, wished))
            await self._look_soon(line)

        await self._lines.use(user, do)

    async def _known(self, line: Line, wished: CallId) -> CallId:
        """Give the present id of a live call; when we do not know it, the PBX decides."""
        user = line.session.user
        call = (await self._tables.read(user)).get(wished)
        if call is None:
            reports = await line.pbx.calls()
            now = self._clock.now()
            before, table = await self._tables.update(
                line.session, lambda table: calls.apply(table, CallsListed(reports), now, line.session.own_numbers)
            )
            if table.version != before.version:
                await self._announcer.tell(user, CallsChanged(table))
            call = table.get(wished)
        if call is None or not call.live:
            raise NotFound("no such call")
        return call.id

    async def expect(self, line: Line, call: CallId, number: str) -> None:
        """Enter the placed call; the call stands even if the table cannot be written now."""
        now = self._clock.now()
        try:
            await self._tables.update(line.session, lambda table: calls.expect(table, call, canonical(number), now))
            await self._look_soon(line)
        except Unavailable:
            _log.warning("placed_call_not_entered", pbx=line.entry.id)

    async def _look_soon(self, line: Line) -> None:
        await self._due.schedule(self._sessions.handle(line.session.user), self._clock.time() + _SOON)

    async def _keep(self, command: PlaceCall) -> None:
        try:
            await self._interrupted.keep(command)
        except BridgeError:
            _log.warning("interrupted_call_not_kept")
        await self._announcer.tell(command.user, CallInterrupted())
