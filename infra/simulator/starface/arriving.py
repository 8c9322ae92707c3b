"""Calls on their way to somebody: a user, a group, a mailbox or a number outside."""

import uuid

from infra.simulator.starface.calls import Call, CallState, Direction, ForwardType, Leg, Party
from infra.simulator.starface.population import (
    Behaviour,
    DestinationType,
    Group,
    Mailbox,
    Outside,
    Redirect,
    RedirectType,
    User,
    VoicemailMessage,
)
from infra.simulator.starface.switching import Switching

MOST_REDIRECTS = 5
MOST_MESSAGES = 1_000

_FORWARD_TYPE = {
    RedirectType.ALWAYS: ForwardType.CFU,
    RedirectType.BUSY: ForwardType.CFB,
    RedirectType.TIMEOUT: ForwardType.CFNR,
}


class Arriving:
    """Finds out where a call leads and lets it ring there."""

    def __init__(self, switching: Switching) -> None:
        self._switching = switching
        self._accounts = switching.accounts
        self._calls = switching.calls
        self._delays = switching.delays
        self._clock = switching.clock

    def party_of(self, number: str) -> Party:
        """Who is behind a number in stored form."""
        if (user := self._accounts.user_of_number(number)) is not None:
            return Party(number, user.name, user.login)
        if (group := self._accounts.group_of_number(number)) is not None:
            return Party(number, group.name)
        return Party(number, self._accounts.outside(number).name)

    def route(self, call: Call, number: str) -> None:
        """Offer a call to whoever is behind the number; it ends when nobody is."""
        if (user := self._accounts.user_of_number(number)) is not None:
            self._offer_user(call, user)
        elif (group := self._accounts.group_of_number(number)) is not None:
            self._offer_group(call, group)
        elif number.startswith("+"):
            self._switching.run_script(call, self._outside_reacts(call, self._accounts.outside(number)))
        else:
            self._switching.end_call(call)

    def take_to_voicemail(self, call: Call, mailbox: Mailbox) -> None:
        """The caller speaks to the mailbox; its owner may still grab the call."""
        for leg in call.called_legs():
            if leg.login != mailbox.owner:
                self._switching.end_leg(call, leg)
        owner = call.legs.get(mailbox.owner)
        if owner is None and mailbox.owner in self._accounts.users:
            owner = self._switching.add_leg(call, mailbox.owner, Direction.INBOUND, CallState.VOICEMAIL_LINKED)
            owner.names_known = True
        if owner is not None:
            self._switching.set_state(call, owner, CallState.VOICEMAIL_LINKED)
        if (caller := call.caller_leg()) is not None:
            self._switching.set_state(call, caller, CallState.CONNECTED)
        self._switching.run_script(call, self._record_message(call, mailbox))

    def _offer_user(self, call: Call, user: User) -> None:
        if self._follow(call, user, RedirectType.ALWAYS):
            return
        busy = bool(self._calls.of(user.login)) and not user.call_waiting
        if busy or user.dnd:
            self._refuse(call, user)
            return
        leg = self._incoming(call, user.login)
        self._switching.run_script(call, self._ring_user(call, user, leg))

    def _refuse(self, call: Call, user: User) -> None:
        if not self._follow(call, user, RedirectType.BUSY):
            self._switching.list_missed(call, user.login)
            self._switching.end_call(call)

    def _offer_group(self, call: Call, group: Group) -> None:
        call.group_id = group.id
        members = [self._accounts.users[each] for each in group.members if each in group.logged_on]
        free = [each for each in members if not each.dnd and each.login != call.caller.login]
        if not free:
            self._switching.end_call(call)
            return
        legs = [self._incoming(call, each.login) for each in free]
        self._switching.run_script(call, self._ring_group(call, legs))

    def _incoming(self, call: Call, login: str) -> Leg:
        leg = self._switching.add_leg(call, login, Direction.INBOUND, CallState.INCOMING)
        if self._switching.panel.switches.incoming_state:
            self._switching.announce(call, leg)
        return leg

    async def _ring_user(self, call: Call, user: User, leg: Leg) -> None:
        await self._ring(call, [leg])
        rule = self._rule(call, user, RedirectType.TIMEOUT)
        patience = min(self._delays.ring_timeout, rule.timeout) if rule else self._delays.ring_timeout
        if user.answer_after is not None and user.answer_after < patience:
            await self._clock.sleep(user.answer_after)
            self._switching.hold_others(user.login, call)
            leg.phone = leg.phone or user.primary_phone
            self._switching.connect(call, leg)
            return
        await self._clock.sleep(patience)
        if not self._follow(call, user, RedirectType.TIMEOUT):
            self._switching.end_call(call)

    async def _ring_group(self, call: Call, legs: list[Leg]) -> None:
        await self._ring(call, legs)
        await self._clock.sleep(self._delays.ring_timeout)
        self._switching.end_call(call)

    async def _ring(self, call: Call, legs: list[Leg]) -> None:
        await self._clock.sleep(self._delays.ringing)
        for leg in legs:
            if leg.state is CallState.INCOMING:
                self._switching.set_state(call, leg, CallState.RINGING)
        self._ring_back(call)
        await self._clock.sleep(self._delays.names)
        self._switching.reveal_names(call)

    def _ring_back(self, call: Call) -> None:
        caller = call.caller_leg()
        if caller is not None and caller.state is not CallState.RINGBACK:
            self._switching.set_state(call, caller, CallState.RINGBACK)

    async def _outside_reacts(self, call: Call, outside: Outside) -> None:
        if outside.behaviour is not Behaviour.BUSY:
            self._ring_back(call)
            self._switching.reveal_names(call)
        never = outside.behaviour is Behaviour.NEVER_ANSWERS
        await self._clock.sleep(self._delays.ring_timeout if never else outside.after)
        if outside.behaviour is not Behaviour.ANSWERS or not call.legs:
            self._switching.end_call(call)
            return
        self._switching.connect(call, None)
        if outside.hangs_up_after is not None:
            await self._clock.sleep(outside.hangs_up_after)
            self._switching.end_call(call)

    def _rule(self, call: Call, user: User, kind: RedirectType) -> Redirect | None:
        number = call.called.number if call.called.login == user.login else user.internal
        fitting = (each for each in user.redirects if each.enabled and each.type is kind)
        return next((each for each in fitting if each.called_number == number and not each.group_id), None)

    def _follow(self, call: Call, user: User, kind: RedirectType) -> bool:
        rule = self._rule(call, user, kind)
        mailbox = self._accounts.mailboxes.get(rule.destination) if rule else None
        to_mailbox = rule is not None and rule.destination_type is DestinationType.VOICEMAIL
        if rule is None or call.redirects >= MOST_REDIRECTS or (to_mailbox and mailbox is None):
            return False
        call.redirects += 1
        call.forward_type = _FORWARD_TYPE[kind]
        call.forwarder = Party(rule.called_number, user.name, user.login)
        if to_mailbox and mailbox is not None:
            self.take_to_voicemail(call, mailbox)
            return True
        if (leg := call.legs.get(user.login)) is not None:
            self._switching.end_leg(call, leg)
        call.called = self.party_of(rule.destination)
        self.route(call, rule.destination)
        return True

    async def _record_message(self, call: Call, mailbox: Mailbox) -> None:
        await self._clock.sleep(self._delays.voicemail)
        message = VoicemailMessage(
            id=str(uuid.uuid4()),
            caller_number=call.caller.number,
            caller_name=call.caller.name,
            called_number=call.called.number,
            started=self._clock.now(),
            duration=max(1, int(self._delays.voicemail)),
        )
        mailbox.messages[:] = [*mailbox.messages[-MOST_MESSAGES + 1 :], message]
        self._switching.end_call(call)
        self._switching.announcer.voicemail_arrived(mailbox, message)
