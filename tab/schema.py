"""Request and answer models of ``/api/v1``: the one source of what handlers take and of the OpenAPI page."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_serializer
from pydantic.alias_generators import to_camel

_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"

Login = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_CONTROL, strip_whitespace=True)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00]*$")]
Written = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_CONTROL)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_NO_CONTROL, strip_whitespace=True)]
Host = Annotated[
    str, StringConstraints(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:\[\]%-]+$", to_lower=True)
]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Shape(BaseModel):
    """A JSON object of the interface: camel case outside, nothing unknown taken, nothing coerced."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        validate_by_name=True,
        serialize_by_alias=True,
    )


class Sparse(Shape):
    """An object that leaves out what is not known."""

    @model_serializer(mode="wrap")
    def _leave_out_unknown(self, handler: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's own signature
        data: dict[str, Any] = handler(self)
        return {name: value for name, value in data.items() if value is not None}


class Query(Shape):
    """The query of a request: numbers and truth values arrive as text, an empty value counts as none."""

    model_config = ConfigDict(strict=False)


class PbxChoice(Shape):
    """A PBX one may sign in to."""

    id: str
    name: str
    primary: bool


class PbxName(Shape):
    """The PBX one is signed in to."""

    id: str
    name: str


class SessionState(Shape):
    """The person's STARFACE sign-in."""

    state: Literal["signed_in", "signed_out"]
    reason: Literal["never", "expired", "revoked", "rejected"] | None
    pbx: PbxName | None
    expires_at: datetime | None
    pbxs: list[PbxChoice]


class SignInRequest(Shape):
    """Login and password of the PBX; the password is used once and forgotten."""

    pbx_id: Identifier
    login: Login
    password: Password = Field(json_schema_extra={"format": "password", "writeOnly": True})


class Remote(Shape):
    """The other side of a call; empty where the PBX does not know."""

    number: str
    name: str


class CallView(Sparse):
    """One call; ``version`` grows with each change of it."""

    id: str
    state: Literal[
        "dialing", "ringing", "ringback", "connected", "held", "consulting", "conference", "voicemail", "ended", "other"
    ]
    direction: Literal["inbound", "outbound"]
    remote: Remote
    group: str | None = None
    started_at: datetime
    connected_at: datetime | None = None
    actions: list[Literal["hangup", "hold", "forward", "conference"]]
    version: int


class CallList(Shape):
    """All calls, live and just ended."""

    calls: list[CallView]


class PlaceCallRequest(Shape):
    """A number as people write it, and the phone that is to ring (the primary one if none is named)."""

    number: Written
    phone_id: Identifier | None = None


class CallPlaced(Shape):
    """The id of the call that is being set up."""

    id: str


class ForwardRequest(Shape):
    """The number to send the call to."""

    target: Written


class ConferenceRequest(Shape):
    """The calls to join, and the phone to join them on."""

    call_ids: Annotated[list[Identifier], Field(min_length=2, max_length=16)]
    phone_id: Identifier | None = None


class PhoneView(Shape):
    """One phone of the person."""

    id: str
    name: str
    primary: bool


class PhoneList(Shape):
    """The person's phones."""

    phones: list[PhoneView]


class PrimaryPhoneRequest(Shape):
    """The phone that rings when none is named."""

    id: Identifier


class PresenceView(Shape):
    """The person's own state; ``dnd`` is null where the PBX does not tell."""

    telephony: str
    dnd: bool | None
    chat: str
    message: str
    source: str
    since: datetime


class DoNotDisturbRequest(Shape):
    """Do not disturb on or off."""

    enabled: bool


class InterruptedCall(Shape):
    """What a sign-in stood in the way of."""

    kind: Literal["call"]
    number: str


class InterruptedView(Shape):
    """The action that may be carried on, for five minutes."""

    action: InterruptedCall | None


class PbxView(Sparse):
    """A mapped PBX."""

    id: str
    name: str
    host: str
    port: int
    tls: Literal["required", "pinned", "off"]
    certificate_sha256: str | None = None
    primary: bool
    callbacks: Literal["push", "poll", "auto"]
    country: str


class PbxList(Shape):
    """The PBXs of the administrator's tenant."""

    pbxs: list[PbxView]


class PbxRequest(Shape):
    """A PBX to map."""

    name: Name
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: Literal["required", "pinned", "off"] = "required"
    certificate_sha256: Fingerprint | None = None
    primary: bool = False
    callbacks: Literal["push", "poll", "auto"] = "auto"
    country: Country = "DE"


class PbxChangeRequest(Shape):
    """What to change of a mapping; what is left out stays."""

    name: Name | None = None
    host: Host | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: Literal["required", "pinned", "off"] | None = None
    certificate_sha256: Fingerprint | None = None
    primary: bool | None = None
    callbacks: Literal["push", "poll", "auto"] | None = None
    country: Country | None = None


class CheckView(Shape):
    """One readiness check with a sentence in the reader's language."""

    id: str
    status: Literal["pass", "warn", "fail"]
    detail: str


class CheckList(Shape):
    """Readiness of a PBX."""

    checks: list[CheckView]


class Snapshot(Shape):
    """First event of every stream: the whole picture."""

    session: SessionState
    calls: list[CallView]
    presence: PresenceView | None


class Notice(Shape):
    """Something to tell the person."""

    code: str
    text: str


class VoicemailNews(Shape):
    """Something changed in the voicemail boxes: ask for them again."""

    changed: Literal[True]


class Problem(Shape):
    """An error (RFC 9457). ``code`` is stable; ``detail`` is a sentence in the reader's language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    reason: Literal["never", "expired", "revoked", "rejected"] | None = None
    errors: list[str] | None = None
    request_id: str | None = None


def fingerprint(written: str | None) -> str | None:
    """Give a certificate fingerprint in lower-case hex without colons."""
    return re.sub(":", "", written).lower() if written else None
