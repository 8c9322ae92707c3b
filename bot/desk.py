"""What the chat face asks of the use cases; the calls and sign-ins as protocols, so that it can be tried without them."""

from dataclasses import dataclass
from typing import Protocol

from bridge.clock import SystemClock
from bridge.model.calls import CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import (
    ChoosePhone,
    Conference,
    Forward,
    HangUp,
    Hold,
    PlaceCall,
    SetDoNotDisturb,
    SignOut,
)
from bridge.model.presence import OwnPresence
from bridge.model.telephony import Phone
from bridge.service.history import History
from bridge.service.notice_choices import Preferences
from bridge.service.people import People
from bridge.service.ports import Clock
from bridge.service.redirects import Redirects
from bridge.service.reminders import Reminders
from bridge.service.sign_in import SessionView
from bridge.service.use_cases import UseCases
from bridge.service.voicemail import Voicemails


class SignIns(Protocol):
    """Shows and ends sign-ins; they are opened in the tab's page, never in the chat."""

    async def view(self, user: UserKey) -> SessionView: ...
    async def sign_out(self, command: SignOut) -> None: ...


class Control(Protocol):
    """What a person does with their telephone. Every method raises ``SignedOut`` without a live sign-in."""

    async def calls(self, user: UserKey) -> CallTable: ...
    async def place(self, command: PlaceCall) -> CallId: ...
    async def resume(self, user: UserKey) -> CallId: ...
    async def hang_up(self, command: HangUp) -> None: ...
    async def hold(self, command: Hold) -> None: ...
    async def forward(self, command: Forward) -> None: ...
    async def conference(self, command: Conference) -> None: ...
    async def phones(self, user: UserKey) -> tuple[Phone, ...]: ...
    async def choose_phone(self, command: ChoosePhone) -> tuple[Phone, ...]: ...
    async def presence(self, user: UserKey) -> OwnPresence: ...
    async def set_dnd(self, command: SetDoNotDisturb) -> OwnPresence: ...


class Interrupted(Protocol):
    """The call that a missing sign-in kept a person from; kept for five minutes."""

    async def kept(self, user: UserKey) -> PlaceCall | None: ...
    async def drop(self, user: UserKey) -> None: ...


@dataclass(frozen=True, slots=True)
class Lists:
    """What a person looks up and changes beside their calls."""

    people: People
    history: History
    redirects: Redirects
    voicemails: Voicemails
    reminders: Reminders
    preferences: Preferences
    clock: Clock


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it together."""

    sign_ins: SignIns
    control: Control
    interrupted: Interrupted
    lists: Lists


def desk_of(cases: UseCases) -> Desk:
    """Take what the chat face asks out of all use cases."""
    lists = Lists(
        people=cases.people,
        history=cases.history,
        redirects=cases.redirects,
        voicemails=cases.voicemails,
        reminders=cases.reminders,
        preferences=cases.preferences,
        clock=SystemClock(),
    )
    return Desk(cases.sign_ins, cases.control, cases.interrupted, lists)
