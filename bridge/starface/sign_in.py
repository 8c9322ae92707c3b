"""From a password to an access.

A wrong password costs at most one login at the PBX: the form of the token is found out before. Only rare cases cost a second one:
a PBX that tells neither its version nor how it checks passwords (the oldest form is tried as well), one with an identity server on
which no classic login has ever succeeded here, and one that cuts the connection instead of answering.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    PbxAddressForbidden,
    PbxPermission,
    PbxProtocol,
    PbxSessionLost,
    PbxTimeout,
    PbxUnreachable,
)
from bridge.model.numbers import country_of
from bridge.model.pbx import PbxAccess, PbxEntry, TlsMode, TokenForm, UcpVersion
from bridge.secret import Secret
from bridge.service.ports import Callback, SignedIn
from bridge.starface import oauth, rest
from bridge.starface.address import is_loopback
from bridge.starface.dialogue import PATH, Credentials, Dialogue
from bridge.starface.errors import (
    AnswerHtml,
    AnswerRedirected,
    AnswerServerError,
    ConnectionCut,
    LoginCut,
    LoginPage,
    PlainLineRefused,
    UnknownMethod,
)
from bridge.starface.login import log_in, subscribe
from bridge.starface.methods import GENERATIONS
from bridge.starface.net import Form, Wire
from bridge.starface.services import ConnectionService, PhoneService, SystemService
from bridge.starface.token import FIRST_OAUTH, static_form, uci_token, version_numbers

COMFORT_S: Final = 6.0
"""For everything after a successful login; what is not known by then stays unknown."""

_WITHDRAWAL_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a PBX told without credentials; empty where it told nothing."""

    version: str
    login_type: str

    def static_forms(self, last: TokenForm | None) -> tuple[TokenForm, ...]:
        """Token forms worth trying, the likeliest first; more than one only while the version is not known.

        ``last`` is the form that worked last on this PBX: no version takes MD5 after it took SHA-512.
        """
        if self.login_type == rest.ACTIVE_DIRECTORY:
            return (TokenForm.ACTIVE_DIRECTORY,)
        if self.version:
            return (static_form(self.version),)
        if last is TokenForm.MD5:
            return (TokenForm.MD5, TokenForm.SHA512)
        return (TokenForm.SHA512,) if last is TokenForm.SHA512 else (TokenForm.SHA512, TokenForm.MD5)

    def may_have_identity_server(self) -> bool:
        """``False`` when its version is known to be older than that."""
        numbers = version_numbers(self.version)
        return not numbers or numbers >= FIRST_OAUTH


async def ask_openly(wire: Wire, pbx: PbxEntry) -> Told:
    """Ask what a PBX tells without credentials. Raises when it is not reached at all."""
    return Told(await open_version(wire, pbx), await rest.login_type(wire, pbx))


async def open_version(wire: Wire, pbx: PbxEntry) -> str:
    """Ask the version without credentials; empty when the PBX wants them for that."""
    try:
        return await SystemService(Dialogue(wire, pbx, Credentials())).server_version()
    except ConnectionCut:
        return ""
    except (PbxUnreachable, PbxTimeout, PbxAddressForbidden):
        raise
    except BridgeError:  # a refusal, in whatever way this PBX refuses
        return ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A login that succeeded."""

    dialogue: Dialogue
    access: PbxAccess


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in one person; the password goes with it."""

    wire: Wire
    pbx: PbxEntry
    login: str
    password: Secret
    callback: Callback | None
    client: oauth.OAuthClient
    now: Callable[[], datetime]

    async def log_in(self, told: Told, last_form: TokenForm | None) -> Accepted:
        """Log in with the form that worked last on this PBX, or the likeliest.

        Raises:
            CredentialsRejected, PbxPermission, PbxTrouble: as :func:`bridge.starface.login.log_in`.
        """
        jwt_first = last_form is TokenForm.JWT
        if jwt_first and (accepted := await self._by_jwt(told)):
            return accepted
        first_refusal: CredentialsRejected | None = None
        for form in told.static_forms(last_form):
            try:
                return await self._by_token(form, told)
            except CredentialsRejected as refused:
                first_refusal = first_refusal or refused
        if last_form is None and told.may_have_identity_server():
            with suppress(CredentialsRejected, PlainLineRefused):
                if accepted := await self._by_jwt(told):
                    return accepted
        raise first_refusal or CredentialsRejected("the PBX accepts no form of token")

    async def _by_token(self, form: TokenForm, told: Told) -> Accepted:
        if form is TokenForm.ACTIVE_DIRECTORY:
            await self._refuse_plain_line()
        credentials = Credentials(self.login, uci_token(form, self.login, self.password), form)
        version = told.version or await self._version_for(credentials)
        if form is TokenForm.MD5 and told.login_type and not version:
            # A PBX with REST takes this form only if it is of a few versions; the login is not spent on a guess.
            raise CredentialsRejected("the PBX does not know this token")
        if version and not told.version and form is not TokenForm.ACTIVE_DIRECTORY and static_form(version) is not form:
            form = static_form(version)
            credentials = Credentials(self.login, uci_token(form, self.login, self.password), form)
        dialogue = await self._speak(credentials)
        return Accepted(dialogue, PbxAccess(self.login, credentials.token, form, dialogue.generation, version))

    async def _version_for(self, credentials: Credentials) -> str:
        """Ask the version with a token, for PBXs that want one for it; one that refuses it plainly is spared the login.

        Raises:
            CredentialsRejected: HTTP 401 or 403.
        """
        try:
            return await SystemService(Dialogue(self.wire, self.pbx, credentials)).server_version()
        except (PbxProtocol, PbxSessionLost, PbxPermission, ConnectionCut):
            return ""  # the login itself tells more

    async def _by_jwt(self, told: Told) -> Accepted | None:
        """``None``: the PBX has no identity server."""
        server = await oauth.discover(self.wire, self.pbx, self.client)
        if server is None:
            return None
        await self._refuse_plain_line()
        grant = await server.by_password(self.login, self.password, self.now())
        dialogue = await self._speak(Credentials(self.login, grant.access_token, TokenForm.JWT))
        access = PbxAccess(
            login=self.login,
            token=grant.access_token,
            form=TokenForm.JWT,
            ucp=dialogue.generation,
            server_version=told.version,
            refresh_token=grant.refresh_token,
            token_ends_at=grant.ends_at,
        )
        return Accepted(dialogue, access)

    async def _refuse_plain_line(self) -> None:
        """A form that carries the password itself needs TLS, unless the line never leaves this machine."""
        if self.pbx.tls is TlsMode.OFF:
            addresses = await self.wire.admit(self.pbx.host, self.pbx.port)
            if not all(is_loopback(address) for address in addresses):
                raise PlainLineRefused("this PBX wants the password itself, which needs TLS")

    async def _speak(self, credentials: Credentials) -> Dialogue:
        """Log in with the newest generation that the PBX knows."""
        doubtful: list[Dialogue] = []
        trouble: BridgeError = AnswerHtml("no XML-RPC")
        for generation in GENERATIONS:
            dialogue = Dialogue(self.wire, self.pbx, credentials, generation, self.callback)
            try:
                await self._log_in_once(dialogue)
            except UnknownMethod as unknown:
                trouble = unknown
            except AnswerServerError as unknown:
                trouble = unknown
                doubtful.append(dialogue)
            else:
                return await _newest([*doubtful, dialogue])
        raise trouble

    async def _log_in_once(self, dialogue: Dialogue) -> None:
        """Log in; where the answer leaves open whether the token was refused, find out what answers there."""
        refusal: BridgeError
        try:
            return await log_in(dialogue)
        except asyncio.CancelledError:  # the PBX may have accepted what nobody waits for any more
            await withdraw(dialogue)
            raise
        except (AnswerHtml, AnswerRedirected) as page:
            refusal = LoginPage("the login was answered with a page or a redirect")
            trouble: BridgeError = page
        except ConnectionCut as cut:
            refusal = LoginCut("the login was answered with a cut connection")
            trouble = cut
        if not await self._is_starface():
            raise trouble
        if isinstance(refusal, LoginCut):  # once more: a connection may also be cut by chance
            with suppress(ConnectionCut):
                return await log_in(dialogue)
        raise refusal

    async def _is_starface(self) -> bool:
        """A STARFACE answers a POST without a body with 400 (UCI reference, section 1.1)."""
        answer = await self.wire.send(self.pbx, "POST", PATH, Form())
        return answer.status == 400


async def _newest(dialogues: list[Dialogue]) -> Dialogue:
    """Of generations whose login met a server error, and the one that was accepted, give the newest that answers.

    A server error may mean "no such request" or a passing fault; only the session tells.
    """
    for dialogue in dialogues[:-1]:
        with suppress(BridgeError):
            if await dialogue.alive():
                return dialogue
    return dialogues[-1]


async def look_around(accepted: Accepted, pbx: PbxEntry, *, subscribing: bool) -> SignedIn:
    """Learn what makes a session comfortable; whatever the PBX does not tell in time stays out."""
    found = _Findings(accepted.access.server_version)
    with suppress(TimeoutError):
        async with asyncio.timeout(COMFORT_S):
            await found.gather(accepted.dialogue, subscribing=subscribing)
    countries = [country for number in found.numbers if (country := country_of(number))]
    return SignedIn(
        access=replace(accepted.access, server_version=found.version),
        own_numbers=found.numbers,
        country=countries[0] if countries else pbx.country,
        event_services=found.services,
    )


async def rest_token(attempt: Attempt, told: Told, access: PbxAccess) -> Secret | None:
    """Open the REST interface too while the password is there: for the address book, and never at the sign-in's expense."""
    if access.form is TokenForm.JWT or not told.login_type:
        return None
    try:
        async with asyncio.timeout(COMFORT_S):
            session = await rest.RestSession.log_in(attempt.wire, attempt.pbx, attempt.login, attempt.password)
    except (BridgeError, TimeoutError):
        return None
    return session.credential


async def withdraw(dialogue: Dialogue) -> None:
    """Log out again after a sign-in that was broken off."""
    with suppress(BridgeError, TimeoutError):
        async with asyncio.timeout(_WITHDRAWAL_S):
            await ConnectionService(dialogue).logout()


@dataclass(slots=True)
class _Findings:
    """Filled as the PBX answers, so that a time-out keeps what is there."""

    version: str
    services: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    async def gather(self, dialogue: Dialogue, *, subscribing: bool) -> None:
        if subscribing:
            with suppress(BridgeError):
                self.services = await subscribe(dialogue)
        if dialogue.generation is UcpVersion.V20:  # it has neither of the following
            return
        with suppress(BridgeError):
            self.numbers = await PhoneService(dialogue).display_numbers()
        if not self.version:
            with suppress(BridgeError):
                self.version = await SystemService(dialogue).server_version()
