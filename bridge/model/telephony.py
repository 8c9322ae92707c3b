"""What a PBX reports and offers, in product words (the wire's words stay in ``bridge.starface``)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.model.ids import CallId, PhoneId


class CallState(StrEnum):
    """State of a call as people see it."""

    DIALING = "dialing"
    RINGING = "ringing"
    RINGBACK = "ringback"
    CONNECTED = "connected"
    HELD = "held"
    CONSULTING = "consulting"
    CONFERENCE = "conference"
    VOICEMAIL = "voicemail"
    ENDED = "ended"
    OTHER = "other"


class Direction(StrEnum):
    """Who began the call, seen from the person."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallAction(StrEnum):
    """What may be done to a call now."""

    HANGUP = "hangup"
    HOLD = "hold"
    FORWARD = "forward"
    CONFERENCE = "conference"


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a call; what the PBX does not (yet) know is the empty string."""

    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CallReport:
    """One statement of the PBX about one call of one person: an event, or an answer to a question.

    ``state`` is ``None`` when the PBX sent an empty one (it does so first at times); such a report only brings names.
    """

    call: CallId
    state: CallState | None
    caller: Party = Party()
    called: Party = Party()
    at: datetime | None = None
    """The PBX's own time of the change, in UTC; only compared with other stamps of the same PBX."""
    connected_at: datetime | None = None
    group: str = ""
    direction: Direction | None = None
    """Set when the state alone tells it (dialling and ring-back are outbound, incoming and ringing are inbound)."""


@dataclass(frozen=True, slots=True)
class CallRenamed:
    """The PBX continues a call under a new id (after a transfer)."""

    old: CallId
    new: CallId


@dataclass(frozen=True, slots=True)
class CallsListed:
    """A complete answer of the PBX to "which calls does this person have": whatever is missing in it is over."""

    reports: tuple[CallReport, ...]


@dataclass(frozen=True, slots=True)
class PbxConnectionReset:
    """The PBX closed the session; nothing more follows on it."""


@dataclass(frozen=True, slots=True)
class PresenceHint:
    """Something about the person's own state changed on the PBX; ask for it again."""


@dataclass(frozen=True, slots=True)
class CallbackProof:
    """An event arrived that says nothing but proves that the PBX reaches us."""

    about: str = ""
    """Which mailbox it is about, if it says how many messages wait."""
    told: str = field(default="", compare=False)
    """Digest of what it says about that."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the person; the primary one rings when none is chosen."""

    id: PhoneId
    name: str
    primary: bool


@dataclass(frozen=True, slots=True)
class PbxUserState:
    """The PBX's answer about the person's own state (UCI reference, section 7)."""

    telephony: str
    """``active``, ``available``, ``queue_pause``, ``ringing``, ``unavailable`` or another word of the PBX, lower case."""
    chat: str
    message: str = ""
    dnd: bool | None = None
    """``None`` when the PBX does not tell."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the call list."""

    id: str
    direction: Direction
    answered: bool
    started_at: datetime | None
    duration: int
    """Seconds, ringing included."""
    remote: Party
    group: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the call list and how many entries match in all."""

    entries: tuple[HistoryEntry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect rule: exactly one per called number and trigger (UCI reference, section 9)."""

    id: str
    number: str
    group: bool
    trigger: str
    """``always``, ``busy`` or ``timeout``."""
    enabled: bool
    to: str
    """``number`` or ``voicemail``."""
    target: str
    timeout: int
    """Seconds; only meaningful for ``timeout``."""
    mailboxes: tuple[tuple[str, str], ...] = ()
    """Selectable mailboxes as (id, name)."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """A busy lamp field: a colleague's or group's telephone state."""

    id: str
    name: str
    number: str
    state: str
    image: str = ""


@dataclass(frozen=True, slots=True)
class FunctionKey:
    """A key that does something when it is pressed; busy lamp fields are :class:`Lamp`."""

    id: str
    name: str
    kind: str
    """``module``, ``signal_number``, ``quick_dial``, ``do_not_disturb``, ``forward``, ``forward_number``, ``group_login`` or
    ``park_and_orbit``."""
    active: bool | None
    """Whether what it switches is on; ``None`` where that makes no sense or the PBX does not tell."""
    number: str = ""


@dataclass(frozen=True, slots=True)
class LampReport:
    """The PBX's word that a busy lamp field changed."""

    lamp: Lamp


@dataclass(frozen=True, slots=True)
class VoicemailHint:
    """Something changed in a voicemail box; ask for it again."""


PbxEvent = (
    CallReport
    | CallRenamed
    | CallsListed
    | PbxConnectionReset
    | PresenceHint
    | CallbackProof
    | LampReport
    | VoicemailHint
)


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of the PBX's address book."""

    id: str
    name: str
    company: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupMembership:
    """A group the person belongs to, and whether they are logged on to it."""

    id: str
    name: str
    numbers: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A voicemail box."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Voicemail:
    """One recorded message."""

    id: str
    mailbox: str
    mailbox_name: str
    folder: str
    started_at: datetime | None
    duration: int
    remote: Party
