"""Every refusal a person or peer can meet, drawn as a tree by what the caller does about it.

::

    BridgeError
    ├── BadRequest              400 bad_request              mend the request
    ├── Unauthenticated         401 unauthenticated          get a new Teams token
    ├── SignInNeeded                                         ask the person to sign in (again)
    │   ├── SignedOut           401 signed_out               no live STARFACE sign-in; ``reason`` says which
    │   └── CredentialsRejected 401 pbx_credentials_rejected login or password refused by the PBX
    ├── Forbidden                                            ask somebody with the right
    │   ├── TenantUnknown       403 tenant_unknown
    │   ├── NotAdmin            403 not_admin
    │   └── PbxPermission       403 pbx_permission           the PBX says this user lacks right or licence
    ├── NotFound                404 not_found                forget it
    ├── NotOffered              404 not_found                do without: this PBX, or its generation, has no such request
    ├── PbxBusy                 409 busy                     try again in a moment
    ├── PbxAddressForbidden     422 pbx_address_forbidden    choose another host
    ├── TooManyAttempts         429 too_many_attempts        wait ``retry_after`` seconds
    ├── PbxTrouble                                           the PBX or the way to it is at fault
    │   ├── PbxUnreachable      502 pbx_unreachable          no connection, or TLS failed
    │   ├── PbxProtocol         502 pbx_protocol             an answer that is no XML-RPC
    │   │   └── PbxFault        502 pbx_protocol             an XML-RPC fault that says nothing better
    │   ├── PbxSessionLost      502 pbx_unreachable          the PBX does not regard us as logged in: log in again silently
    │   └── PbxTimeout          504 pbx_timeout
    └── Unavailable             503 unavailable              Redis or the directory is away; nothing is lost

An error carries no text from a peer, no URL, no number, no name: its ``code`` chooses the sentence a person reads.
"""

from enum import StrEnum
from typing import ClassVar


class EndReason(StrEnum):
    """Why there is no live STARFACE sign-in."""

    NEVER = "never"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REJECTED = "rejected"


class BridgeError(Exception):
    """Root of all refusals; ``code`` and ``status`` are those of the outside contract."""

    code: ClassVar[str] = "unavailable"
    status: ClassVar[int] = 503

    def __init__(self, note: str = "") -> None:
        """``note`` is for the operator's log: a constant sentence, never data of a person or peer."""
        super().__init__(note or self.code)
        self.note = note


class BadRequest(BridgeError):
    """Body, query or path is not of the described form; nothing was done."""

    code, status = "bad_request", 400


class Unauthenticated(BridgeError):
    """No, expired, foreign or forged Teams token."""

    code, status = "unauthenticated", 401


class SignInNeeded(BridgeError):
    """The person has to sign in to their STARFACE (again)."""


class SignedOut(SignInNeeded):
    """A valid Teams user without a live STARFACE sign-in."""

    code, status = "signed_out", 401

    def __init__(self, reason: EndReason, note: str = "") -> None:
        super().__init__(note)
        self.reason = reason


class CredentialsRejected(SignInNeeded):
    """The PBX refused login or password."""

    code, status = "pbx_credentials_rejected", 401


class Forbidden(BridgeError):
    """Somebody else may, this caller may not."""


class TenantUnknown(Forbidden):
    """The tenant has not been onboarded."""

    code, status = "tenant_unknown", 403


class NotAdmin(Forbidden):
    """An admin route without an admin role."""

    code, status = "not_admin", 403


class PbxPermission(Forbidden):
    """The PBX says that this user lacks the right or licence."""

    code, status = "pbx_permission", 403


class NotFound(BridgeError):
    """Call, PBX or entry is not there (any more)."""

    code, status = "not_found", 404


class NotOffered(BridgeError):
    """This PBX, or its generation, has no such request; it says nothing about the call or entry that was meant."""

    code, status = "not_found", 404


class PbxBusy(BridgeError):
    """The PBX refused to place a call now."""

    code, status = "busy", 409


class PbxAddressForbidden(BridgeError):
    """The address policy refuses the host."""

    code, status = "pbx_address_forbidden", 422


class TooManyAttempts(BridgeError):
    """A limit was reached; ``retry_after`` is in whole seconds, at least 1."""

    code, status = "too_many_attempts", 429

    def __init__(self, retry_after: int, note: str = "") -> None:
        super().__init__(note)
        self.retry_after = max(1, retry_after)


class PbxTrouble(BridgeError):
    """The PBX, or the way to it, is at fault."""


class PbxUnreachable(PbxTrouble):
    """No connection could be made, or TLS failed."""

    code, status = "pbx_unreachable", 502


class PbxProtocol(PbxTrouble):
    """The peer answered something that is no XML-RPC answer."""

    code, status = "pbx_protocol", 502


class PbxFault(PbxProtocol):
    """An XML-RPC fault without a better class; ``fault_code`` is the PBX's number."""

    def __init__(self, fault_code: int, note: str = "") -> None:
        super().__init__(note)
        self.fault_code = fault_code


class PbxSessionLost(PbxTrouble):
    """The PBX does not regard this user as logged in; the bridge logs in again without asking the person."""

    code, status = "pbx_unreachable", 502


class PbxTimeout(PbxTrouble):
    """The PBX did not answer in time."""

    code, status = "pbx_timeout", 504


class Unavailable(BridgeError):
    """Redis or the directory is away; nothing is lost."""

    code, status = "unavailable", 503
