"""Every behaviour of the PBX that is not known for certain, as one frozen object of switches.

The defaults are those of the UCI reference, section 18; the alternatives come from there and from its list of
open questions, section 17.1. A member's value is its name in the control interface and on the command line.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class BadToken(StrEnum):
    """Answer to a request whose token is wrong (section 2.8)."""

    HTTP_401 = "http_401"
    HTTP_403 = "http_403"
    FAULT = "fault"
    LOGIN_FALSE = "login_false"
    REDIRECT = "redirect"
    HTML = "html"
    RESET = "reset"


class TokenForms(StrEnum):
    """Which token formulas are accepted (sections 2.1 to 2.3)."""

    BY_VERSION = "by_version"
    ANY = "any"


class Charset(StrEnum):
    """Character set of the password inside the hash (open question 14)."""

    UTF_8 = "utf-8"
    LATIN_1 = "latin-1"


class NoSession(StrEnum):
    """Answer to a request without a session."""

    FAULT = "fault"
    FAULT_WITHOUT_CLASS = "fault_without_class"


class UnknownMethod(StrEnum):
    """Answer to a method that the PBX does not know."""

    FAULT_5 = "fault_5"
    FAULT_0 = "fault_0"
    HTTP_500 = "http_500"


class LoginResult(StrEnum):
    """How a successful `login` is written."""

    BOOLEAN = "boolean"
    I4 = "i4"
    MISSING = "missing"


class NilParameter(StrEnum):
    """What happens to a nil value among the parameters."""

    EMPTY = "empty"
    FAULT = "fault"


class ContentType(StrEnum):
    """Content type of XML-RPC answers."""

    TEXT_XML = "text/xml;charset=UTF-8"
    APPLICATION_XML = "application/xml"
    NONE = "none"


class Dates(StrEnum):
    """How dates are written (open question 12)."""

    UTC = "utc"
    LOCAL = "local"
    TEXT = "text"


class CallTimestamp(StrEnum):
    """Wire type of the `timestamp` of a call (open question 4)."""

    DATE = "date"
    TEXT = "text"
    MILLISECONDS = "milliseconds"
    MILLISECONDS_TEXT = "milliseconds_text"


class CallbackFailure(StrEnum):
    """What the PBX does when an event cannot be delivered (open question 6)."""

    DROP_EVENT = "drop_event"
    DROP_SESSION = "drop_session"
    RESET_EVENT = "reset_event"


class CallbackOrder(StrEnum):
    """How events follow one another."""

    SERIAL = "serial"
    JITTER = "jitter"
    DUPLICATES = "duplicates"
    EMPTY_FIRST_STATE = "empty_first_state"


class CallbackTls(StrEnum):
    """Whether certificates of https callbacks are checked (open question 13)."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"


class JwtCallback(StrEnum):
    """What a callback carries when the client logged in with a JWT (open question 9)."""

    NOTHING = "nothing"
    EMPTY_AUTH = "empty_auth"
    JWT = "jwt"
    JWT_AS_AUTH = "jwt_as_auth"


class NameResolution(StrEnum):
    """When the name of the other party is known."""

    SECOND_EVENT = "second_event"
    AT_ONCE = "at_once"


class DiallingState(StrEnum):
    """Name of the first state of an outgoing call (open question 8)."""

    BY_VERSION = "by_version"
    OUTGOING = "outgoing"
    PROCEEDING = "proceeding"


class StateCase(StrEnum):
    """Spelling of call states; old servers send mixed case."""

    UPPER = "upper"
    MIXED = "mixed"


class PlaceInProgress(StrEnum):
    """Answer to placing a call while an earlier one is not yet connected."""

    EMPTY = "empty"
    FAULT = "fault"


class OwnPhone(StrEnum):
    """How the leg to the caller's own phone shows."""

    FIRST = "first"
    FIRST_RINGING = "first_ringing"
    IMMEDIATE = "immediate"


class NumberFormat(StrEnum):
    """How external numbers are written."""

    DOUBLE_ZERO = "double_zero"
    PLUS = "plus"
    NATIONAL = "national"


class VoidResult(StrEnum):
    """What a method without a result answers."""

    EMPTY_STRING = "empty_string"
    NIL = "nil"
    TRUE = "true"
    MISSING = "missing"


class SessionKey(StrEnum):
    """What tells the sessions of one user apart (open question 7)."""

    USER_AND_CALLBACK = "user_and_callback"
    USER = "user"


class BareRequest(StrEnum):
    """Session of a request that carries no callback parameters while the login did."""

    ANY_SESSION = "any_session"
    OWN_SESSION = "own_session"


class CallKeys(StrEnum):
    """Which members the struct of a call has (open question 3)."""

    ALL = "all"
    CONFIRMED = "confirmed"


class GroupKey(StrEnum):
    """Spelling of the member that names the group of a call."""

    CAPITAL = "groupID"
    CAMEL = "groupId"


class StructSpelling(StrEnum):
    """Member names of structs whose keys are not public (open question 3)."""

    SHORT = "short"
    LONG = "long"


class EventSpelling(StrEnum):
    """Names of events that no source confirms (open question 2)."""

    RECEIVE = "receive"
    CHANGED = "changed"
    ABSENT = "absent"


class HoldAgain(StrEnum):
    """What `hold` does to a call that is on hold already (open question 1)."""

    NOTHING = "nothing"
    RESUMES = "resumes"
    FAULT = "fault"


class UnknownCall(StrEnum):
    """Answer to acting on a call that is not there or not in a fitting state."""

    NOTHING = "nothing"
    FAULT = "fault"


class Consultation(StrEnum):
    """State of a connected second call while the first is on hold."""

    CONSULT = "consult"
    CONNECTED = "connected"


class AnsweredElsewhere(StrEnum):
    """Call list entry of group members who did not answer a call that another member answered."""

    ANSWERED = "answered"
    MISSED = "missed"
    NO_ENTRY = "no_entry"


class LightLicence(StrEnum):
    """Answer to the login of a user with the licence `USERLIGHT` (open question 10)."""

    ACCEPTED = "accepted"
    FAULT = "fault"
    FALSE = "false"


class Scope(StrEnum):
    """OAuth scopes that are accepted (open question 11)."""

    BOTH = "both"
    LOGIN = "login"
    PBX_LOGIN = "pbx-login"


class ExtraCallMethod(StrEnum):
    """Call methods that probably exist under a name that no source confirms (open question 1)."""

    ANSWER = "answer"
    RESUME = "resume"
    UNHOLD = "unhold"
    TRANSFER = "transfer"
    PICK_UP = "pickUp"
    SEND_DTMF = "sendDtmf"
    RECORD = "record"


class RequestService(StrEnum):
    """Request services that a PBX may lack, by version or licence."""

    CALL_LIST = "callList"
    REDIRECT = "redirect"
    FUNCTION_KEY = "functionKey"
    GROUP = "group"
    VOICEMAIL_LIST = "voicemailList"


class VoicemailFile(StrEnum):
    """How a recording is handed out; no source tells (section 13)."""

    KEY_IN_URL = "key_in_url"
    UCI_AUTH = "uci_auth"
    CLOSED = "closed"
    IN_ANSWER = "in_answer"


class VoicemailUrl(StrEnum):
    """What `getVoicemailFileUrl` answers."""

    PATH = "path"
    INTERNAL_NAME = "internal_name"


@dataclass(frozen=True, slots=True)
class Switches:
    """One alternative for every row of section 18 and every open question of section 17.1. Times in seconds."""

    # authentication
    bad_token: BadToken = BadToken.HTTP_401
    token_forms: TokenForms = TokenForms.BY_VERSION
    password_charset: Charset = Charset.UTF_8
    external_identity_provider: bool = False
    light_licence: LightLicence = LightLicence.ACCEPTED
    oauth_scope: Scope = Scope.BOTH
    refresh_rotates: bool = True
    refresh_lifetime: float = 21600.0
    access_lifetime: float = 300.0
    # requests and answers
    no_session: NoSession = NoSession.FAULT
    no_session_code: int = 0
    unknown_method: UnknownMethod = UnknownMethod.FAULT_5
    login_result: LoginResult = LoginResult.BOOLEAN
    void_result: VoidResult = VoidResult.EMPTY_STRING
    nil_parameter: NilParameter = NilParameter.EMPTY
    old_names: bool = True
    missing_services: frozenset[RequestService] = field(default_factory=frozenset)
    content_type: ContentType = ContentType.TEXT_XML
    cookies: bool = True
    dates: Dates = Dates.UTC
    call_timestamp: CallTimestamp = CallTimestamp.DATE
    # sessions
    keep_alive_expiry: float | None = 60.0
    any_request_extends: bool = True
    session_key: SessionKey = SessionKey.USER_AND_CALLBACK
    bare_request: BareRequest = BareRequest.ANY_SESSION
    # callbacks
    callback_failure: CallbackFailure = CallbackFailure.DROP_EVENT
    callback_order: CallbackOrder = CallbackOrder.SERIAL
    callback_timeout: float = 5.0
    callback_retries: int = 0
    callback_tls: CallbackTls = CallbackTls.UNVERIFIED
    jwt_callback: JwtCallback = JwtCallback.NOTHING
    event_spelling: EventSpelling = EventSpelling.RECEIVE
    reset_needs_subscription: bool = False
    # calls
    name_resolution: NameResolution = NameResolution.SECOND_EVENT
    incoming_state: bool = True
    dialling_state: DiallingState = DiallingState.BY_VERSION
    state_case: StateCase = StateCase.UPPER
    place_in_progress: PlaceInProgress = PlaceInProgress.EMPTY
    own_phone: OwnPhone = OwnPhone.FIRST
    hold_again: HoldAgain = HoldAgain.NOTHING
    unknown_call: UnknownCall = UnknownCall.NOTHING
    consultation: Consultation = Consultation.CONSULT
    forward_changes_id: bool = False
    answered_elsewhere: AnsweredElsewhere = AnsweredElsewhere.ANSWERED
    extra_call_methods: frozenset[ExtraCallMethod] = field(default_factory=frozenset)
    # structs
    number_format: NumberFormat = NumberFormat.DOUBLE_ZERO
    call_keys: CallKeys = CallKeys.ALL
    group_key: GroupKey = GroupKey.CAPITAL
    struct_spelling: StructSpelling = StructSpelling.SHORT
    user_state_tells_dnd: bool = False
    # voicemail
    voicemail_file: VoicemailFile = VoicemailFile.KEY_IN_URL
    voicemail_url: VoicemailUrl = VoicemailUrl.PATH
    voicemail_ranges: bool = True
