"""The calls on the PBX: two parties, and one leg for each user who takes part."""

from dataclasses import dataclass, field
from enum import StrEnum


class CallState(StrEnum):
    """States of a call as one user sees it (UCI reference, section 6.2, v30 names)."""

    INCOMING = "INCOMING"
    OUTGOING = "OUTGOING"
    RINGING = "RINGING"
    RINGBACK = "RINGBACK"
    CONNECTED = "CONNECTED"
    HANGUP = "HANGUP"
    PARKED = "PARKED"
    CONSULT = "CONSULT"
    CONFERENCE_ACTIVE = "CONFERENCE_ACTIVE"
    VOICEMAIL_LINKED = "VOICEMAIL_LINKED"
    VOICEMAIL_MAIN = "VOICEMAIL_MAIN"


class Direction(StrEnum):
    """Direction of a leg, with the names of the call list."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class ForwardType(StrEnum):
    """Why a call reached somebody else (UCI reference, section 6.1)."""

    NONE = "NONE"
    CFU = "CFU"
    CFB = "CFB"
    CFNR = "CFNR"
    CFI = "CFI"
    BLINDTRANSFER = "BLINDTRANSFER"
    TRANSFER = "TRANSFER"
    PICKUP = "PICKUP"


class ListResult(StrEnum):
    """Result of a call in the call list."""

    ANSWERED = "ANSWERED"
    MISSED = "MISSED"


ARRIVING = frozenset({CallState.INCOMING, CallState.RINGING})
DIALLING = frozenset({CallState.OUTGOING, CallState.RINGBACK})
TALKING = frozenset({CallState.CONNECTED, CallState.CONSULT, CallState.CONFERENCE_ACTIVE, CallState.VOICEMAIL_MAIN})
ESTABLISHED = TALKING | {CallState.PARKED}


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a call; `number` in stored form, `login` only for users of this PBX."""

    number: str
    name: str = ""
    login: str = ""


@dataclass(slots=True)
class Leg:
    """One user's view of a call. Times in seconds since 1970."""

    login: str
    direction: Direction
    state: CallState
    since: float
    started: float
    phone: str = ""
    answered: bool = False
    own_phone_rings: bool = False
    names_known: bool = False
    announced: bool = False


@dataclass(slots=True)
class Call:
    """A call; `legs` holds those users who still take part, by login."""

    id: str
    caller: Party
    called: Party
    started: float
    group_id: str = ""
    connected: float | None = None
    forward_type: ForwardType = ForwardType.NONE
    forwarder: Party | None = None
    consultation_of: str = ""
    conference_room: str = ""
    recorded_by: str = ""
    dtmf: str = ""
    monitored: bool = False
    redirects: int = 0
    legs: dict[str, Leg] = field(default_factory=dict)

    def other_party(self, login: str) -> Party:
        """Who a user talks to."""
        return self.called if self.caller.login == login else self.caller

    def called_legs(self) -> list[Leg]:
        return [leg for login, leg in self.legs.items() if login != self.caller.login]

    def caller_leg(self) -> Leg | None:
        return self.legs.get(self.caller.login)
