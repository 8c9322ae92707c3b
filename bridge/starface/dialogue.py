"""One person's exchange with one PBX: a request in, its value or the right error out.

Each request is one POST; there is no connection of its own to keep. Answers are told apart as the UCI reference asks in its
sections 2.8, 14 and 18: no connection, an HTTP error, a page instead of XML, a fault, a plain "no".
"""

import asyncio
from dataclasses import dataclass, field

from bridge.errors import BridgeError, PbxBusy, PbxFault
from bridge.model.pbx import PbxAccess, PbxEntry, TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.service.ports import Callback
from bridge.starface.errors import (
    AnswerHtml,
    AnswerHttpError,
    AnswerMalformed,
    AnswerRedirected,
    AnswerServerError,
    ConnectionCut,
    LoginFault,
    LoginHttpRefused,
    NotLoggedIn,
    PbxStarting,
    UciRightMissing,
    UnknownMethod,
)
from bridge.starface.methods import is_repeatable, wire_name
from bridge.starface.net import Answer, Form, Wire
from bridge.starface.wire import EVENT_LIMIT, Fault, Sent, Value, WireError, decode_answer, encode_call

PATH = "/xml-rpc"
KEEP_ALIVE = "connection.keepAlive"
_XML = "text/xml; charset=UTF-8"
_UNKNOWN_METHOD_WORDS = (
    ("no such handler",),
    ("no such method",),
    ("unknown method",),
    ("unknown entry point",),
    ("method", "not found"),
    ("method", "not supported"),
    ("nosuchmethod",),
)
_UNKNOWN_METHOD_CODE = 5


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the URL of a request says about who asks: nobody, or a login with its token."""

    login: str = ""
    token: Secret = field(default_factory=lambda: Secret(""))
    form: TokenForm = TokenForm.SHA512

    @classmethod
    def of(cls, access: PbxAccess) -> "Credentials":
        """Those of a live sign-in."""
        return cls(access.login, access.token, access.form)


class Dialogue:
    """Speaks one generation of UCP as one person (or as nobody) to one PBX."""

    __slots__ = ("_query", "_wire", "generation", "pbx")

    def __init__(
        self,
        wire: Wire,
        pbx: PbxEntry,
        credentials: Credentials,
        generation: UcpVersion = UcpVersion.V30,
        callback: Callback | None = None,
    ) -> None:
        self.pbx = pbx
        self.generation = generation
        self._wire = wire
        self._query = _query(credentials, callback)

    @property
    def credentials(self) -> dict[str, str]:
        """The query parameters that say who asks; they are as good as a password."""
        return {name: value for name, value in self._query.items() if ".callback." not in name}

    async def ask(self, request: str, *params: Sent) -> Value:
        """Make a request; on a fault that explains nothing, learn from ``keepAlive`` whether the session is gone.

        Raises:
            NotOffered: this generation has no such request.
            PbxSessionLost, PbxPermission, CredentialsRejected, PbxTrouble: see the module.
        """
        try:
            return await self.ask_plainly(request, *params)
        except UnknownMethod:
            raise
        except PbxFault as fault:
            unexplained = PbxFault(fault.fault_code, fault.note)
        if await self.alive():
            raise unexplained
        raise NotLoggedIn("the PBX does not regard this user as logged in")

    async def ask_plainly(self, request: str, *params: Sent) -> Value:
        """Make a request and take its fault as it is. A question whose connection was cut is asked once more."""
        body = encode_call(wire_name(request, self.generation), params)
        try:
            return await self._exchange(body)
        except ConnectionCut:
            if not is_repeatable(request):
                raise
        return await self._exchange(body)

    async def alive(self) -> bool:
        """Ask ``keepAlive``: ``False`` when the PBX does not regard this user as logged in.

        Raises:
            CredentialsRejected: also for a missing right, because saying that one lives needs none but the log-in itself.
        """
        refused = False
        try:
            answer = await self.ask_plainly(KEEP_ALIVE)
        except NotLoggedIn:
            return False
        except UciRightMissing:
            refused, answer = True, None
        if refused:
            raise LoginFault("the PBX refuses this token")
        # A value that is neither yes nor no came without a fault, which a lost session would have brought.
        return answer is not False and answer != 0

    async def _exchange(self, body: bytes) -> Value:
        answer = await self._wire.send(self.pbx, "POST", PATH, Form(body, _XML), query=self._query)
        return await understood(answer)


async def understood(answer: Answer) -> Value:
    """Give the value of an XML-RPC answer. Raises the class that fits whatever else came."""
    refusal = _http_refusal(answer)
    if refusal is not None:
        raise refusal
    value: Value | Fault | WireError
    try:
        if len(answer.body) > EVENT_LIMIT:
            value = await asyncio.to_thread(decode_answer, answer.body)
        else:
            value = decode_answer(answer.body)
    except WireError as error:
        value = error
    if isinstance(value, WireError):
        raise AnswerMalformed("the answer is no XML-RPC")
    if isinstance(value, Fault):
        raise fault_error(value)
    return value


def fault_error(fault: Fault) -> BridgeError:
    """Give the error that a fault means; its text is only looked into."""
    text = fault.text.lower()
    if "ucpnotconnected" in text:
        return NotLoggedIn("the PBX does not regard this user as logged in")
    if "uciillegalaccess" in text:
        return UciRightMissing("the PBX says that the right or licence is missing")
    if "in progress" in text:
        return PbxBusy("the PBX is still placing an earlier call")
    named = any(all(word in text for word in words) for words in _UNKNOWN_METHOD_WORDS)
    if named or (fault.code == _UNKNOWN_METHOD_CODE and "exception" not in text):
        return UnknownMethod(fault.code, "the PBX has no such request")
    return PbxFault(fault.code, "the PBX answered a fault")


def _http_refusal(answer: Answer) -> BridgeError | None:
    match answer.status:
        case 401 | 403:
            return LoginHttpRefused("HTTP 401 or 403")
        case status if 300 <= status < 400:
            return AnswerRedirected("a redirect")
        case 502 | 503 | 504:
            return PbxStarting("nothing stands behind the PBX's front end")
        case 500:
            return AnswerServerError("HTTP 500")
        case 200:
            return AnswerHtml("a page instead of XML") if _is_page(answer) else None
        case _:
            return AnswerHttpError(f"HTTP {answer.status}")


def _is_page(answer: Answer) -> bool:
    start = answer.body[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or answer.content_type.startswith("text/html")


def _query(credentials: Credentials, callback: Callback | None) -> dict[str, str]:
    """The query parameters of every request (UCI reference, section 1.2)."""
    query: dict[str, str] = {}
    if credentials.token:
        kind = "jwt" if credentials.form is TokenForm.JWT else "auth"
        query["de.vertico.starface.user"] = credentials.login
        query[f"de.vertico.starface.{kind}"] = credentials.token.reveal()
    if callback is not None:
        query |= {
            "de.vertico.starface.callback.host": callback.host,
            "de.vertico.starface.callback.port": str(callback.port),
            "de.vertico.starface.callback.path": callback.path,
            "de.vertico.starface.callback.type": callback.scheme,
        }
    return query
