"""Turns what happens on the PBX into events for every session that subscribed to them."""

import re
from collections.abc import Callable
from typing import Any

from infra.simulator.starface import structs
from infra.simulator.starface.accounts import Accounts
from infra.simulator.starface.call_table import CallTable
from infra.simulator.starface.callbacks import CallbackSender, reset_method
from infra.simulator.starface.calls import Call, Leg
from infra.simulator.starface.clock import Clock
from infra.simulator.starface.population import FunctionKey, Group, Mailbox, Redirect, User, VoicemailMessage
from infra.simulator.starface.sessions import Session, Sessions
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switches import CallbackOrder, EventSpelling

_SUBSCRIPTION = re.compile(r"ucp\.v(?:(22|30)\.events\.(\w+)|20\.client\.(?:communication\.)?(\w+))")

CONFIRMED_SERVICES = ("call", "conferencecall")
UNCONFIRMED_EVENTS = {
    EventSpelling.RECEIVE: {
        "userState": "receiveUserState",
        "functionKey": "receiveFunctionKeyState",
        "redirect": "receiveRedirectSetting",
        "group": "receiveGroupSetting",
        "voicemailList": "newVoicemailListEntry",
        "connection": "reset",
    },
    EventSpelling.CHANGED: {
        "userState": "userStateChangedEvent",
        "functionKey": "functionKeyChangedEvent",
        "redirect": "redirectSettingChangedEvent",
        "group": "groupSettingChangedEvent",
        "voicemailList": "voicemailListChangedEvent",
        "connection": "reset",
    },
    EventSpelling.ABSENT: {},
}
"""Event services that no source confirms (UCI reference, open question 2), by the switch that names them."""

Build = Callable[[int], list[Any]]


def parse_subscription(name: str) -> tuple[int, str] | None:
    """Generation and service of a subscription such as `ucp.v30.events.call`."""
    found = _SUBSCRIPTION.fullmatch(name)
    if found is None:
        return None
    return (int(found[1]), found[2]) if found[1] else (20, found[3])


class Announcer:
    """Knows who must hear of what; the delivery is the callback sender's."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        calls: CallTable,
        sessions: Sessions,
        sender: CallbackSender,
        panel: SwitchPanel,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._calls = calls
        self._sessions = sessions
        self._sender = sender
        self._panel = panel
        self._clock = clock
        self._telephony: dict[str, str] = {}

    def provided_services(self, version: int) -> list[str]:
        """Names of the event services that clients of a generation may subscribe to."""
        if version == 20:
            return ["ucp.v20.client.communication.call", "ucp.v20.client.connection"]
        names = [*CONFIRMED_SERVICES, *UNCONFIRMED_EVENTS[self._panel.switches.event_spelling]]
        return [f"ucp.v{version}.events.{name}" for name in names]

    def call_changed(self, call: Call, leg: Leg) -> None:
        """State or data of one leg changed: tell the user of that leg."""
        empty_first = self._panel.switches.callback_order is CallbackOrder.EMPTY_FIRST_STATE

        def build(version: int, *, state: str | None = None) -> list[Any]:
            now = self._clock.now()
            struct = structs.call_struct(call, leg, self._panel.switches, version=version, now=now)
            return [struct if state is None else {**struct, "state": state}]

        if empty_first and not leg.announced:
            self._tell(leg.login, "call", "receiveCallState", lambda version: build(version, state=""))
        leg.announced = True
        self._tell(leg.login, "call", "receiveCallState", build)

    def call_changed_id(self, login: str, old: str, new: str) -> None:
        struct = structs.changed_id_struct(old, new, self._panel.switches)
        self._tell(login, "call", "callChangesIdEvent", lambda _: [struct], oldest=30)

    def conference_changed(self, call: Call, login: str, state: str) -> None:
        struct = structs.conference_struct(call, state, self._panel.switches)
        self._tell(login, "conferencecall", "receiveConfrenceCallState", lambda _: [struct], oldest=30)

    def message_waiting(self, mailbox: Mailbox) -> None:
        struct = structs.message_waiting_struct(mailbox, self._panel.switches)
        self._tell(mailbox.owner, "call", "newMessageWaitingIndicationEvent", lambda _: [struct], oldest=30)

    def voicemail_arrived(self, mailbox: Mailbox, message: VoicemailMessage) -> None:
        struct = structs.voicemail_struct(message, mailbox, self._panel.switches)
        self._tell_unconfirmed(mailbox.owner, "voicemailList", struct)
        self.message_waiting(mailbox)

    def redirect_changed(self, login: str, rule: Redirect) -> None:
        boxes = self._accounts.mailboxes_of(login)
        self._tell_unconfirmed(login, "redirect", structs.redirect_struct(rule, boxes, self._panel.switches))

    def group_changed(self, login: str, group: Group) -> None:
        self._tell_unconfirmed(login, "group", structs.group_struct(group, login, self._panel.switches))

    def user_changed(self, login: str) -> None:
        """Own presence, do-not-disturb or telephony state changed."""
        user = self._accounts.users.get(login)
        if user is not None:
            state = self._calls.telephony_state(user)
            self._tell_unconfirmed(login, "userState", structs.user_state_struct(user, state, self._panel.switches))

    def telephony_may_have_changed(self, login: str) -> None:
        """After a call changed: tell the user and everybody whose busy lamp field watches that user."""
        user = self._accounts.users.get(login)
        if user is None:
            return
        state = self._calls.telephony_state(user)
        if self._telephony.get(login, "AVAILABLE") == state:
            return
        self._telephony[login] = state
        self.user_changed(login)
        self._light_lamps(login)

    def function_key_struct(self, key: FunctionKey, owner: User | None = None) -> structs.Struct:
        """A key with its state: of the colleague watched, or whether what it switches is on for its owner."""
        target = self._accounts.users.get(key.target) if key.type == "BUSY_LAMP_FIELD" else None
        state = self._calls.telephony_state(target).value if target else self._switched(key, owner)
        return structs.function_key_struct(key, state, target, self._panel.switches)

    def _switched(self, key: FunctionKey, owner: User | None) -> str:
        on = {
            "MODULE_ACTIVATION": key.target in self._accounts.modules_on,
            "SIGNAL_NUMBER": owner is not None and str(owner.display_number) == key.target,
            "DO_NOT_DISTURB": owner is not None and owner.dnd,
        }.get(key.type)
        return "" if on is None else ("ON" if on else "OFF")

    def reset(self, session: Session) -> None:
        """Tell a client that the PBX has ended its session."""
        wanted = any(name.endswith(".connection") for name in session.subscriptions)
        if wanted or not self._panel.switches.reset_needs_subscription:
            self._sender.send(session, reset_method(session), [], last=True)

    def _light_lamps(self, login: str) -> None:
        for watcher, key in self._accounts.watchers(login):
            if self._sessions.of(watcher):
                self._tell_unconfirmed(watcher, "functionKey", self.function_key_struct(key))

    def _tell_unconfirmed(self, login: str, service: str, struct: structs.Struct) -> None:
        event = UNCONFIRMED_EVENTS[self._panel.switches.event_spelling].get(service)
        if event is not None:
            self._tell(login, service, event, lambda _: [struct], oldest=22)

    def _tell(self, login: str, service: str, event: str, build: Build, *, oldest: int = 20) -> None:
        for session in self._sessions.of(login):
            for subscription in sorted(session.subscriptions):
                parsed = parse_subscription(subscription)
                if parsed is not None and parsed[1] == service and parsed[0] >= oldest:
                    self._sender.send(session, f"{subscription}.{event}", build(parsed[0]))
