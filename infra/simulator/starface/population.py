"""What lives on a PBX: people, phones, groups, keys, redirects, mailboxes and numbers of the outside world."""

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

ALL_RIGHTS = frozenset(
    {
        "login",
        "redirection",
        "group_redirection",
        "fkey_module_key",
        "calllist",
        "voicemail",
        "conference",
        "addressbook",
        "oauth_password_grant",
    }
)


class TelephonyState(StrEnum):
    """Telephony state of a user (UCI reference, section 7)."""

    ACTIVE = "ACTIVE"
    AVAILABLE = "AVAILABLE"
    QUEUE_PAUSE = "QUEUE_PAUSE"
    RINGING = "RINGING"
    UNAVAILABLE = "UNAVAILABLE"


class ChatPresence(StrEnum):
    """Chat presence of a user (UCI reference, section 7)."""

    AVAILABLE = "AVAILABLE"
    AWAY = "AWAY"
    DO_NOT_DISTURB = "DO_NOT_DISTURB"
    EXTENDED_AWAY = "EXTENDED_AWAY"
    FREE_FOR_CHAT = "FREE_FOR_CHAT"
    UNAVAILABLE = "UNAVAILABLE"


class RedirectType(StrEnum):
    """When a redirect applies (UCI reference, section 9)."""

    ALWAYS = "ALWAYS"
    BUSY = "BUSY"
    TIMEOUT = "TIMEOUT"


class DestinationType(StrEnum):
    """Where a redirect leads."""

    PHONENUMBER = "PHONENUMBER"
    VOICEMAIL = "VOICEMAIL"


class Behaviour(StrEnum):
    """What somebody outside does when called."""

    ANSWERS = "answers"
    BUSY = "busy"
    NEVER_ANSWERS = "never"
    REJECTS = "rejects"


@dataclass(slots=True)
class Phone:
    """A device; `id` is the opaque UCI id such as `SIP/1001-desk`, `rest_id` the integer of the REST interface."""

    id: str
    name: str
    rest_id: int
    registered: bool = True


@dataclass(frozen=True, slots=True)
class FunctionKey:
    """A key of a user. `target`: the login watched (BUSY_LAMP_FIELD), the module (MODULE_ACTIVATION), the place among the numbers
    that may be shown (SIGNAL_NUMBER), else a number or empty."""

    id: str
    name: str
    type: str
    target: str = ""


@dataclass(slots=True)
class Redirect:
    """One rule for one called number and type; a disabled rule keeps its destination."""

    id: str
    type: RedirectType
    called_number: str
    group_id: str = ""
    enabled: bool = False
    timeout: int = 20
    destination_type: DestinationType = DestinationType.PHONENUMBER
    destination: str = ""
    last_number: str = ""
    last_mailbox: str = ""


@dataclass(slots=True)
class VoicemailMessage:
    """A message in a mailbox; `started` in seconds since 1970."""

    id: str
    caller_number: str
    caller_name: str
    called_number: str
    started: float
    duration: int
    folder: str = "INBOX"


@dataclass(slots=True)
class Mailbox:
    """A voicemail box, dialled as `*9<number>`."""

    id: str
    name: str
    number: str
    owner: str
    messages: list[VoicemailMessage] = field(default_factory=list)


@dataclass(slots=True)
class User:
    """A user with all that belongs to one account.

    `pick_up_after` is how long the own phone rings before it is picked up in a call that the user places,
    `answer_after` how long an arriving call rings before it is answered (None: a script or person must do it).
    """

    login: str
    password: str
    first_name: str
    last_name: str
    account_id: int
    internal: str
    external: list[str]
    phones: list[Phone]
    primary_phone: str
    email: str = ""
    licence: str = "USER"
    rights: set[str] = field(default_factory=lambda: set(ALL_RIGHTS))
    dnd: bool = False
    queue_pause: bool = False
    call_waiting: bool = True
    display_number: int = 0
    chat_presence: ChatPresence = ChatPresence.AVAILABLE
    chat_message: str = ""
    avatar: bytes = b""
    keys: list[FunctionKey] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    pick_up_after: float | None = 0.05
    answer_after: float | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def avatar_hash(self) -> str:
        """SHA-1 of the image in hex, empty without an image; the hash is part of the protocol."""
        return hashlib.sha1(self.avatar, usedforsecurity=False).hexdigest() if self.avatar else ""

    def phone(self, phone_id: str) -> Phone | None:
        """The phone of that id; an empty id means the primary phone."""
        return next((each for each in self.phones if each.id == (phone_id or self.primary_phone)), None)


@dataclass(slots=True)
class Group:
    """Members ring together while they are logged on."""

    id: str
    name: str
    internal: str
    external: list[str]
    members: list[str]
    logged_on: set[str]


@dataclass(frozen=True, slots=True)
class Outside:
    """A number of the outside world: `after` seconds until its reaction; hangs up by itself if told to."""

    number: str
    name: str
    behaviour: Behaviour = Behaviour.ANSWERS
    after: float = 0.1
    hangs_up_after: float | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of the address book."""

    id: str
    first_name: str
    last_name: str
    company: str
    email: str
    numbers: tuple[str, ...]
    tag: str = "Kunden"


@dataclass(slots=True)
class Population:
    """Everybody and everything that a PBX knows at its start."""

    users: list[User] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    mailboxes: list[Mailbox] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    def copy(self) -> Self:
        """A copy that one PBX may change; what never changes is shared."""
        return type(self)(
            users=[_copy_user(each) for each in self.users],
            groups=[replace(each, members=[*each.members], logged_on={*each.logged_on}) for each in self.groups],
            mailboxes=[
                replace(each, messages=[replace(message) for message in each.messages]) for each in self.mailboxes
            ],
            outside=[*self.outside],
            contacts=[*self.contacts],
        )


def _copy_user(user: User) -> User:
    return replace(
        user,
        external=[*user.external],
        phones=[replace(each) for each in user.phones],
        rights={*user.rights},
        keys=[*user.keys],
        redirects=[replace(each) for each in user.redirects],
    )
