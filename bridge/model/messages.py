"""Commands (imperative) and changes (past tense); every one frozen."""

from dataclasses import dataclass

from bridge.errors import EndReason
from bridge.model.calls import Call, CallTable
from bridge.model.colleagues import Colleague
from bridge.model.ids import CallId, PbxId, PhoneId, UserKey
from bridge.model.presence import OwnPresence
from bridge.secret import Secret

# ------------------------------------------------------------------ commands


@dataclass(frozen=True, slots=True)
class SignIn:
    """Turn login and password into a session. ``address`` is the client's network address, for the limits."""

    user: UserKey
    pbx: PbxId
    login: str
    password: Secret
    address: str


@dataclass(frozen=True, slots=True)
class SignOut:
    """End the session everywhere."""

    user: UserKey


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Call ``number`` (as a person writes it) from ``phone`` or the primary phone."""

    user: UserKey
    number: str
    phone: PhoneId | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """End, reject or cancel a call."""

    user: UserKey
    call: CallId


@dataclass(frozen=True, slots=True)
class Hold:
    """Put a call on hold."""

    user: UserKey
    call: CallId


@dataclass(frozen=True, slots=True)
class Forward:
    """Send a call to another number."""

    user: UserKey
    call: CallId
    target: str


@dataclass(frozen=True, slots=True)
class Conference:
    """Join calls on one phone."""

    user: UserKey
    calls: tuple[CallId, ...]
    phone: PhoneId | None = None


@dataclass(frozen=True, slots=True)
class ChoosePhone:
    """Make a phone the primary one."""

    user: UserKey
    phone: PhoneId


@dataclass(frozen=True, slots=True)
class SetDoNotDisturb:
    """Switch do not disturb."""

    user: UserKey
    enabled: bool


Command = SignIn | SignOut | PlaceCall | HangUp | Hold | Forward | Conference | ChoosePhone | SetDoNotDisturb

# ------------------------------------------------------------------ changes


@dataclass(frozen=True, slots=True)
class CallsChanged:
    """The call table of a person changed; it carries the whole table, readers show what is newer than they have."""

    table: CallTable


@dataclass(frozen=True, slots=True)
class CallMissed:
    """An inbound call ended that rang here and that nobody was heard to answer here."""

    call: Call
    proven: bool = True
    """``False`` when it was only found missing in a list: somebody may have talked between two looks."""
    voicemail: bool = False
    """The caller was in the person's voicemail box when it ended."""


@dataclass(frozen=True, slots=True)
class CallInterrupted:
    """A call could not be placed because there is no live sign-in; it is kept for five minutes."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A person signed in."""

    pbx: PbxId


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A sign-in ended; sent exactly once for each end."""

    pbx: PbxId
    reason: EndReason


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """The person's own telephone presence changed."""

    presence: OwnPresence


@dataclass(frozen=True, slots=True)
class ColleaguesChanged:
    """Colleagues whose state is another one than it was; only those."""

    colleagues: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class VoicemailsChanged:
    """Something in the person's voicemail boxes is not as it was; what, the PBX tells who asks."""


@dataclass(frozen=True, slots=True)
class LineChanged:
    """The way to the PBX was lost or came back, or callbacks began or ceased to arrive."""

    code: str
    """``pbx_lost``, ``pbx_back``, ``push`` or ``poll``."""


@dataclass(frozen=True, slots=True)
class Resync:
    """Something may have been missed: take a new snapshot."""


Change = (
    CallsChanged
    | CallMissed
    | CallInterrupted
    | SessionOpened
    | SessionEnded
    | PresenceChanged
    | ColleaguesChanged
    | VoicemailsChanged
    | LineChanged
    | Resync
)
