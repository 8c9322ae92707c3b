"""The moves of which every call is made: add a leg, change its state, connect, end, run a script."""

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Any

from infra.simulator.starface.accounts import Accounts
from infra.simulator.starface.announcer import Announcer
from infra.simulator.starface.call_list import CallLists, ListEntry
from infra.simulator.starface.call_table import CallTable
from infra.simulator.starface.calls import ARRIVING, TALKING, Call, CallState, Direction, Leg, ListResult, Party
from infra.simulator.starface.clock import Clock
from infra.simulator.starface.config import Delays
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switches import AnsweredElsewhere, Consultation, NameResolution
from infra.simulator.starface.tasks import OwnedTasks


class Switching:
    """Changes calls and tells everybody; knows nothing of why."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        calls: CallTable,
        lists: CallLists,
        announcer: Announcer,
        panel: SwitchPanel,
        clock: Clock,
        tasks: OwnedTasks,
        delays: Delays,
    ) -> None:
        self.accounts = accounts
        self.calls = calls
        self.lists = lists
        self.announcer = announcer
        self.panel = panel
        self.clock = clock
        self.delays = delays
        self._tasks = tasks
        self._scripts: dict[str, asyncio.Task[None]] = {}

    def new_call(self, caller: Party, called: Party, call_id: str = "", group_id: str = "") -> Call:
        call = Call(call_id or str(uuid.uuid4()), caller, called, self.clock.now(), group_id=group_id)
        self.calls.add(call)
        return call

    def add_leg(self, call: Call, login: str, direction: Direction, state: CallState, phone: str = "") -> Leg:
        now = self.clock.now()
        leg = Leg(login, direction, state, since=now, started=now, phone=phone)
        leg.names_known = self.panel.switches.name_resolution is NameResolution.AT_ONCE
        self.calls.add_leg(call, leg)
        return leg

    def set_state(self, call: Call, leg: Leg, state: CallState) -> None:
        leg.state = state
        leg.since = self.clock.now()
        self.announce(call, leg)

    def announce(self, call: Call, leg: Leg) -> None:
        self.announcer.call_changed(call, leg)
        self.announcer.telephony_may_have_changed(leg.login)

    def reveal_names(self, call: Call) -> None:
        """The second event of a state, now with names (UCI reference, section 5.3)."""
        for leg in list(call.legs.values()):
            if not leg.names_known:
                leg.names_known = True
                self.announcer.call_changed(call, leg)

    def connect(self, call: Call, answering: Leg | None) -> None:
        """Somebody answered: `answering` is the user's leg, None for somebody outside."""
        for leg in call.called_legs():
            if answering is not None and leg is not answering:
                self.end_leg(call, leg, answered_elsewhere=leg.state in ARRIVING)
        call.connected = self.clock.now()
        for leg in list(call.legs.values()):
            leg.answered = True
            leg.names_known = True
            self.set_state(call, leg, self._talking_state(call, leg))

    def hold_others(self, login: str, talking_in: Call) -> None:
        """A user talks in one call at a time: put the others on hold."""
        for call, leg in self.calls.of(login):
            if call is not talking_in and leg.state in TALKING - {CallState.CONFERENCE_ACTIVE}:
                self.set_state(call, leg, CallState.PARKED)

    def end_leg(self, call: Call, leg: Leg, *, answered_elsewhere: bool = False) -> None:
        """One user leaves a call; the call list of that user gets its entry."""
        if call.legs.get(leg.login) is not leg:
            return
        leg.state = CallState.HANGUP
        leg.since = self.clock.now()
        self.calls.remove_leg(call, leg.login)
        self._list(call, leg, answered_elsewhere=answered_elsewhere)
        self.announce(call, leg)

    def end_call(self, call: Call) -> None:
        for leg in list(call.legs.values()):
            self.end_leg(call, leg)
        self.forget(call)

    def forget(self, call: Call) -> None:
        """Nobody of this PBX takes part any more."""
        self.stop_script(call)
        self.calls.remove(call)

    def rename(self, call: Call, new_id: str) -> None:
        """A call goes on under a new id."""
        old = call.id
        self.calls.rename(call, new_id)
        if old in self._scripts:
            self._scripts[new_id] = self._scripts.pop(old)
        for login in list(call.legs):
            self.announcer.call_changed_id(login, old, new_id)

    def list_missed(self, call: Call, login: str) -> None:
        """An entry for a call that never rang, such as one refused by do-not-disturb."""
        now = self.clock.now()
        self._list(call, Leg(login, Direction.INBOUND, CallState.HANGUP, now, now), answered_elsewhere=False)

    def run_script(self, call: Call, steps: Coroutine[Any, Any, None]) -> None:
        """Let a call go on by itself; an earlier script of the same call ends."""
        self.stop_script(call)
        self._scripts[call.id] = self._tasks.start(steps)

    def stop_script(self, call: Call) -> None:
        script = self._scripts.pop(call.id, None)
        if script is not None and script is not asyncio.current_task():
            script.cancel()

    def stop_all(self) -> None:
        """Forget every call without a word, as when the power fails."""
        for call in self.calls.all():
            self.forget(call)
        self.calls.clear()

    def _talking_state(self, call: Call, leg: Leg) -> CallState:
        consulting = call.consultation_of and leg.login == call.caller.login
        if consulting and self.panel.switches.consultation is Consultation.CONSULT:
            return CallState.CONSULT
        return CallState.CONNECTED

    def _list(self, call: Call, leg: Leg, *, answered_elsewhere: bool) -> None:
        user = self.accounts.users.get(leg.login)
        rule = self.panel.switches.answered_elsewhere
        if user is None or (answered_elsewhere and rule is AnsweredElsewhere.NO_ENTRY):
            return
        answered = leg.answered or (answered_elsewhere and rule is AnsweredElsewhere.ANSWERED)
        entry = ListEntry(
            id=str(uuid.uuid4()),
            direction=leg.direction,
            result=ListResult.ANSWERED if answered else ListResult.MISSED,
            started=leg.started,
            duration=int(self.clock.now() - leg.started),
            caller_number=call.caller.number,
            called_number=call.called.number,
            description=call.other_party(leg.login).name,
            group_id=call.group_id,
        )
        self.lists.add(user, entry)
