"""One class for each way in which a PBX or the line to it can fail, so that a log line tells them apart.

Callers outside this room catch the classes of :mod:`bridge.errors`; these here only say more precisely what happened
(UCI reference, section 2.8 and the client's list of section 18). None of them holds anything of a peer or a person.
"""

from bridge.errors import (
    CredentialsRejected,
    PbxAddressForbidden,
    PbxFault,
    PbxPermission,
    PbxProtocol,
    PbxSessionLost,
    PbxTimeout,
    PbxUnreachable,
)

# ------------------------------------------------------------------ the host


class HostSpellingRefused(PbxAddressForbidden):
    """The host is no name and no address in its usual spelling."""


class AddressRefused(PbxAddressForbidden):
    """The host has an address that the policy denies."""


class PlainLineRefused(PbxAddressForbidden):
    """This way of signing in sends the password itself, which an unprotected line may not carry."""


# ------------------------------------------------------------------ the line


class NameNotResolved(PbxUnreachable):
    """No address for the host's name."""


class ConnectionRefused(PbxUnreachable):
    """No connection: refused, no route, or not made within its time."""


class ConnectionCut(PbxUnreachable):
    """The connection ended before an answer came."""


class TlsFailed(PbxUnreachable):
    """No TLS connection, or a certificate that does not hold."""


class CertificateNotPinned(TlsFailed):
    """The PBX shows another certificate than the one an administrator pinned."""


class PbxStarting(PbxUnreachable):
    """A front end answers that nothing stands behind it (502, 503, 504): the PBX restarts or is down."""


class AnswerTimedOut(PbxTimeout):
    """No complete answer within its time."""


# ------------------------------------------------------------------ the answer


class AnswerNotHttp(PbxProtocol):
    """Whatever listens there does not speak HTTP."""


class AnswerCutShort(PbxProtocol):
    """The answer ended before its announced end."""


class AnswerTooLarge(PbxProtocol):
    """The answer is larger than any that is expected."""


class AnswerCompressed(PbxProtocol):
    """The answer is compressed although that was not asked for."""


class AnswerHtml(PbxProtocol):
    """A page for people instead of XML."""


class AnswerRedirected(PbxProtocol):
    """A redirect; none is ever followed."""


class AnswerHttpError(PbxProtocol):
    """An HTTP status that has no better class."""


class AnswerServerError(AnswerHttpError):
    """HTTP 500; some PBXs answer so to a request they do not know."""


class AnswerMalformed(PbxProtocol):
    """No XML-RPC, or no JSON where that is spoken."""


class AnswerUnexpected(PbxProtocol):
    """A readable answer of another shape than the request has."""


# ------------------------------------------------------------------ the PBX's word


class LoginFalse(CredentialsRejected):
    """``login`` answered ``false``."""


class LoginHttpRefused(CredentialsRejected):
    """HTTP 401 or 403."""


class LoginFault(CredentialsRejected):
    """``login`` answered a fault that names no better cause."""


class LoginPage(CredentialsRejected):
    """A first login was answered with a page or a redirect by what is a STARFACE otherwise."""


class LoginCut(CredentialsRejected):
    """A first login was answered with a cut connection by what is a STARFACE otherwise."""


class OAuthRefused(CredentialsRejected):
    """The PBX's identity server refused the password or the refresh token."""


class UciRightMissing(PbxPermission):
    """``UciIllegalAccessException``: the right or licence is missing."""


class NotLoggedIn(PbxSessionLost):
    """``UcpNotConnectedException``, or ``keepAlive`` says so."""


class UnknownMethod(PbxFault):
    """The PBX has no request of this name."""
