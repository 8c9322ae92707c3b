"""What users do with calls they have: answer, hang up, hold, forward, transfer, join."""

import uuid

from infra.simulator.starface.arriving import Arriving
from infra.simulator.starface.calls import (
    ARRIVING,
    ESTABLISHED,
    Call,
    CallState,
    Direction,
    ForwardType,
    Leg,
    Party,
)
from infra.simulator.starface.numbers import parse_dialled
from infra.simulator.starface.placing import Placing
from infra.simulator.starface.switching import Switching


class CallActionError(ValueError):
    """The call is not there or not in a state for that."""


class Handling:
    """Every method takes the login of the user who acts. All raise CallActionError."""

    def __init__(self, switching: Switching, arriving: Arriving, placing: Placing) -> None:
        self._switching = switching
        self._arriving = arriving
        self._placing = placing

    def find(self, login: str, call_id: str) -> tuple[Call, Leg]:
        """A call of the user; an empty id means the newest."""
        calls = self._switching.calls.of(login)
        for call, leg in reversed(calls):
            if call_id in {"", call.id}:
                return call, leg
        raise CallActionError(f"{login} has no such call")

    def answer(self, login: str, call_id: str = "", phone_id: str = "") -> str:
        """Pick up a ringing phone: an arriving call, or the own phone of a call being placed."""
        for call, leg in reversed(self._switching.calls.of(login)):
            if call_id not in {"", call.id}:
                continue
            if leg.own_phone_rings:
                self._placing.own_phone_picked_up(call)
                return call.id
            if leg.state in ARRIVING:
                self._connect(call, leg, phone_id)
                return call.id
        raise CallActionError(f"No phone of {login} rings")

    def remote_answers(self, login: str, call_id: str = "") -> str:
        """Somebody outside answers the call that this user placed."""
        call, leg = self.find(login, call_id)
        if leg.state not in {CallState.OUTGOING, CallState.RINGBACK} or leg.own_phone_rings:
            raise CallActionError("The other side does not ring")
        self._switching.stop_script(call)
        self._switching.connect(call, None)
        return call.id

    def hang_up(self, login: str, call_id: str = "") -> str:
        """End, cancel or reject a call; other members of a group go on ringing."""
        call, leg = self.find(login, call_id)
        others_ring = any(each is not leg and each.state in ARRIVING for each in call.called_legs())
        if leg.state in ARRIVING and leg.direction is Direction.INBOUND and others_ring:
            self._switching.end_leg(call, leg)
        else:
            self._switching.end_call(call)
        return call.id

    def miss(self, login: str, call_id: str = "") -> str:
        """The caller gives up before anybody answers."""
        call, leg = self.find(login, call_id)
        if leg.state not in ARRIVING:
            raise CallActionError("The call does not ring any more")
        self._switching.end_call(call)
        return call.id

    def hold(self, login: str, call_id: str = "") -> str:
        call, leg = self.find(login, call_id)
        if leg.state not in {CallState.CONNECTED, CallState.CONSULT}:
            raise CallActionError(f"A call that is {leg.state} cannot be held")
        self._switching.set_state(call, leg, CallState.PARKED)
        return call.id

    def resume(self, login: str, call_id: str = "") -> str:
        call, leg = self.find(login, call_id)
        if leg.state is not CallState.PARKED:
            raise CallActionError("The call is not on hold")
        self._switching.hold_others(login, call)
        self._switching.set_state(call, leg, CallState.CONNECTED)
        return call.id

    def forward(self, login: str, target: str, call_id: str = "") -> str:
        """Deflect a ringing call or transfer an established one blindly; returns the call's id afterwards."""
        call, leg = self.find(login, call_id)
        number = parse_dialled(target)
        if number is None or leg.state not in ARRIVING | ESTABLISHED:
            raise CallActionError("The call cannot be forwarded there")
        ringing = leg.state in ARRIVING
        remaining = call.other_party(login)
        user = self._switching.accounts.users[login]
        for each in call.called_legs() if ringing else [leg]:
            self._switching.end_leg(call, each)
        call.caller, call.called = remaining, self._arriving.party_of(number)
        call.forward_type = ForwardType.CFI if ringing else ForwardType.BLINDTRANSFER
        call.forwarder = Party(user.internal, user.name, login)
        if self._switching.panel.switches.forward_changes_id:
            self._switching.rename(call, str(uuid.uuid4()))
        self._arriving.route(call, number)
        return call.id

    def transfer(self, login: str, call_id: str, parked_id: str) -> str:
        """Join the other parties of two calls and leave (attended transfer); returns the id that lives on."""
        call, leg = self.find(login, call_id)
        parked, parked_leg = self.find(login, parked_id)
        if call is parked or not {leg.state, parked_leg.state} <= ESTABLISHED:
            raise CallActionError("Two established calls are needed")
        first, second = parked.other_party(login), call.other_party(login)
        user = self._switching.accounts.users[login]
        self._switching.end_leg(call, leg)
        self._switching.end_leg(parked, parked_leg)
        self._adopt(call, parked)
        call.caller, call.called, call.consultation_of = first, second, ""
        call.forward_type, call.forwarder = ForwardType.TRANSFER, Party(user.internal, user.name, login)
        self._show_connected(call)
        return call.id

    def conference(self, login: str, call_ids: list[str], phone_id: str = "") -> str:
        """Join established calls into one room; returns the room's id."""
        joined = [self.find(login, each) for each in call_ids]
        if len(joined) < 2 or not {leg.state for _, leg in joined} <= ESTABLISHED:
            raise CallActionError("Two established calls are needed")
        room = str(uuid.uuid4())
        for call, own in joined:
            own.phone = phone_id or own.phone
            call.conference_room = room
            for leg in list(call.legs.values()):
                self._switching.set_state(call, leg, CallState.CONFERENCE_ACTIVE)
                self._switching.announcer.conference_changed(call, leg.login, "ACTIVE")
        return room

    def send_to_voicemail(self, login: str, call_id: str = "") -> str:
        """A ringing call goes to the user's mailbox."""
        call, leg = self.find(login, call_id)
        boxes = self._switching.accounts.mailboxes_of(login)
        if leg.state not in ARRIVING or not boxes:
            raise CallActionError("The call cannot go to a mailbox")
        self._arriving.take_to_voicemail(call, boxes[0])
        return call.id

    def grab_from_voicemail(self, login: str, call_id: str, phone_id: str = "") -> str:
        """Take back a caller who speaks to the mailbox."""
        call, leg = self.find(login, call_id)
        if leg.state is not CallState.VOICEMAIL_LINKED:
            raise CallActionError("The caller does not speak to the mailbox")
        self._connect(call, leg, phone_id)
        return call.id

    def pick_up(self, login: str, call_id: str, phone_id: str = "") -> str:
        """Answer a call that rings at somebody else."""
        call = self._switching.calls.get(call_id)
        if call is None or not any(leg.state in ARRIVING for leg in call.called_legs()) or login in call.legs:
            raise CallActionError("No such call rings")
        user = self._switching.accounts.users[login]
        call.forward_type = ForwardType.PICKUP
        call.called = Party(user.internal, user.name, login)
        leg = self._switching.add_leg(call, login, Direction.INBOUND, CallState.INCOMING)
        self._connect(call, leg, phone_id)
        return call.id

    def _connect(self, call: Call, leg: Leg, phone_id: str) -> None:
        user = self._switching.accounts.users[leg.login]
        phone = user.phone(phone_id)
        if phone is None:
            raise CallActionError(f"{leg.login} has no phone {phone_id}")
        leg.phone = phone.id
        self._switching.stop_script(call)
        self._switching.hold_others(leg.login, call)
        self._switching.connect(call, leg)

    def _adopt(self, call: Call, parked: Call) -> None:
        """Legs of the parked call go on under the id of the other one."""
        for leg in list(parked.legs.values()):
            self._switching.calls.remove_leg(parked, leg.login)
            if leg.login in call.legs:
                continue
            self._switching.calls.add_leg(call, leg)
            self._switching.announcer.call_changed_id(leg.login, parked.id, call.id)
        self._switching.forget(parked)

    def _show_connected(self, call: Call) -> None:
        if not call.legs:
            self._switching.forget(call)
        for leg in list(call.legs.values()):
            self._switching.set_state(call, leg, CallState.CONNECTED)
