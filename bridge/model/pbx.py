"""What the directory knows of a PBX, and what a sign-in to it is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.model.ids import PbxId, SessionId, TenantId, UserKey
from bridge.secret import Secret


class TlsMode(StrEnum):
    """How the line to a PBX is protected."""

    REQUIRED = "required"
    PINNED = "pinned"
    OFF = "off"


class CallbackMode(StrEnum):
    """How events of a PBX reach us; ``AUTO`` finds out by itself."""

    PUSH = "push"
    POLL = "poll"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class PbxEntry:
    """One PBX of one tenant, as an administrator mapped it."""

    tenant: TenantId
    id: PbxId
    name: str
    host: str
    port: int
    tls: TlsMode
    primary: bool
    callbacks: CallbackMode = CallbackMode.AUTO
    certificate_sha256: str | None = None
    """Lower-case hex of the certificate's SHA-256; set exactly when ``tls`` is ``PINNED``."""
    country: str = "DE"
    """ISO 3166 region in which numbers without country code are read."""


class TokenForm(StrEnum):
    """The forms of UCI authentication (UCI reference, sections 2.1 to 2.3 and 2.7)."""

    SHA512 = "sha512"
    MD5 = "md5"
    ACTIVE_DIRECTORY = "active_directory"
    JWT = "jwt"


class UcpVersion(StrEnum):
    """Generation of the method names a PBX answers to (UCI reference, section 4.1)."""

    V20 = "v20"
    V22 = "v22"
    V30 = "v30"


@dataclass(frozen=True, slots=True)
class PbxAccess:
    """What a password became: enough to act as this person on this PBX until it ends. Sealed wherever it rests."""

    login: str
    token: Secret
    form: TokenForm
    ucp: UcpVersion
    server_version: str = ""
    refresh_token: Secret | None = None
    token_ends_at: datetime | None = None
    """When a JWT has to be refreshed; ``None`` for the static forms."""
    rest_token: Secret | None = None
    """Opens the REST interface for four hours after a sign-in with a password (UCI reference, section 2.6); with a JWT there
    is no need for it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One live sign-in of one person to one PBX."""

    id: SessionId
    user: UserKey
    pbx: PbxId
    access: PbxAccess
    callback_secret: Secret
    """128-bit random part of the callback path; made at each sign-in, dead at its end."""
    created_at: datetime
    ends_at: datetime
    """Absolute end, whatever the use."""
    country: str = "DE"
    own_numbers: tuple[str, ...] = ()
    """Numbers of this person as the PBX writes them: they tell caller from called in an event."""
    event_services: tuple[str, ...] = field(default=())
    """Event services the PBX accepted a subscription for."""
