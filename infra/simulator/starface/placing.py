"""Calls that users place: the own phone first, then the other side."""

from infra.simulator.starface.arriving import Arriving
from infra.simulator.starface.calls import Call, CallState, Direction, Leg, Party
from infra.simulator.starface.numbers import parse_dialled
from infra.simulator.starface.population import Mailbox, User
from infra.simulator.starface.switches import OwnPhone
from infra.simulator.starface.switching import Switching

VOICEMAIL_PREFIX = "*9"


class Placing:
    """Places calls; an empty id as result means rejected (UCI reference, section 4.3)."""

    def __init__(self, switching: Switching, arriving: Arriving) -> None:
        self._switching = switching
        self._arriving = arriving

    def place(self, user: User, dialled: str, phone_id: str = "", call_id: str = "") -> str:
        """Call a number as people write it; returns the call's id, or an empty text when rejected."""
        number = parse_dialled(dialled)
        phone = user.phone(phone_id)
        if number is None or phone is None or not phone.registered or call_id in self._switching.calls:
            return ""
        own = user.external[0] if user.external and number.startswith("+") else user.internal
        held = self._call_on_hold_for(user)
        called = self._arriving.party_of(number)
        call = self._switching.new_call(Party(own, user.name, user.login), called, call_id)
        call.consultation_of = held
        self._ring_own_phone(call, user, phone.id)
        return call.id

    def place_to_mailbox(self, user: User, phone_id: str, mailbox: Mailbox) -> str:
        return self.place(user, VOICEMAIL_PREFIX + mailbox.number, phone_id)

    def own_phone_picked_up(self, call: Call) -> None:
        """The caller lifted the handset: now the other side is dialled."""
        leg = call.caller_leg()
        if leg is None or not leg.own_phone_rings:
            return
        leg.own_phone_rings = False
        if leg.state is CallState.RINGING:
            self._switching.set_state(call, leg, CallState.OUTGOING)
        if call.called.number.startswith(VOICEMAIL_PREFIX):
            self._listen_to_mailbox(call, leg)
        else:
            self._arriving.route(call, call.called.number)

    def _call_on_hold_for(self, user: User) -> str:
        """Placing a second call puts the first on hold; its id, empty without one."""
        established = [call for call, leg in self._switching.calls.of(user.login) if leg.answered]
        for call in established:
            leg = call.legs[user.login]
            if leg.state in {CallState.CONNECTED, CallState.CONSULT}:
                self._switching.set_state(call, leg, CallState.PARKED)
        return established[-1].id if established else ""

    def _ring_own_phone(self, call: Call, user: User, phone_id: str) -> None:
        form = self._switching.panel.switches.own_phone
        state = CallState.RINGING if form is OwnPhone.FIRST_RINGING else CallState.OUTGOING
        leg = self._switching.add_leg(call, user.login, Direction.OUTBOUND, state, phone_id)
        leg.own_phone_rings = True
        self._switching.announce(call, leg)
        if form is OwnPhone.IMMEDIATE:
            self.own_phone_picked_up(call)
        else:
            self._switching.run_script(call, self._wait_for_pick_up(call, user))

    async def _wait_for_pick_up(self, call: Call, user: User) -> None:
        clock, delays = self._switching.clock, self._switching.delays
        if user.pick_up_after is None:
            await clock.sleep(delays.ring_timeout)
            self._switching.end_call(call)
        else:
            await clock.sleep(user.pick_up_after)
            self.own_phone_picked_up(call)

    def _listen_to_mailbox(self, call: Call, leg: Leg) -> None:
        number = call.called.number.removeprefix(VOICEMAIL_PREFIX)
        boxes = self._switching.accounts.mailboxes_of(leg.login)
        if not any(each.number == number for each in boxes):
            self._switching.end_call(call)
            return
        call.connected = self._switching.clock.now()
        leg.answered = True
        self._switching.set_state(call, leg, CallState.VOICEMAIL_MAIN)
