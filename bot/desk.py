"""What the chat face asks of the use cases, as protocols: it can be built and tested without them."""

from dataclasses import dataclass
from typing import Protocol

from bridge.model.calls import CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import HangUp, PlaceCall, SignOut
from bridge.model.presence import OwnPresence
from bridge.service.sign_in import SessionView


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
    async def presence(self, user: UserKey) -> OwnPresence: ...


class Interrupted(Protocol):
    """The call that a missing sign-in kept a person from; kept for five minutes."""

    async def kept(self, user: UserKey) -> PlaceCall | None: ...
    async def drop(self, user: UserKey) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it together."""

    sign_ins: SignIns
    control: Control
    interrupted: Interrupted
