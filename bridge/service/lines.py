"""The way from a person to their PBX: find the live sign-in, refresh it, log in again silently, end it when refused."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from bridge.errors import BridgeError, CredentialsRejected, EndReason, NotFound, PbxSessionLost, SignedOut, Unavailable
from bridge.logs import logger
from bridge.model.ids import UserHandle, UserKey
from bridge.model.messages import SessionEnded
from bridge.model.pbx import CallbackMode, PbxEntry, Session
from bridge.secret import Secret
from bridge.service.announce import Announcer
from bridge.service.ports import Callback, Clock, Directory, NoSession, Once, Pbx, PbxGate, Sessions

PRESENCE = "presence"
"""Purpose under which own presence is remembered."""

COLLEAGUES = "colleagues"
"""Purpose under which the state of colleagues is remembered."""

LOGINS_AT_ONCE = 4
"""A PBX serialises logins; more at once only make each of them slower (performance notes, section 3)."""

_LOGIN_WAIT = timedelta(seconds=20)
_REFRESH_AHEAD = timedelta(seconds=60)
_log = logger(__name__)
T = TypeVar("T")


class CallbackPlaces:
    """Where PBXs post events: ``PUBLIC_URL/uci/<handle>.<secret>``."""

    def __init__(self, public_url: str) -> None:
        url = urlsplit(public_url)
        self._scheme = url.scheme
        self._host = url.hostname or ""
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._prefix = url.path.rstrip("/")

    def place(self, entry: PbxEntry, handle: UserHandle, secret: Secret) -> Callback | None:
        """Give the place for one sign-in, or ``None`` where the PBX is only polled."""
        if entry.callbacks is CallbackMode.POLL:
            return None
        return Callback(self._scheme, self._host, self._port, f"{self._prefix}/uci/{handle}.{secret.reveal()}")


@dataclass(frozen=True, slots=True)
class Line:
    """A live sign-in together with its PBX and the way to it."""

    session: Session
    entry: PbxEntry
    pbx: Pbx


Farewell = Callable[[Session, EndReason], Awaitable[None]]


class Lines:
    """Opens lines and mends them."""

    def __init__(
        self,
        *,
        directory: Directory,
        sessions: Sessions,
        gate: PbxGate,
        once: Once,
        announcer: Announcer,
        places: CallbackPlaces,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._gate = gate
        self._once = once
        self._announcer = announcer
        self._places = places
        self._clock = clock
        self._farewells: list[Farewell] = []

    async def open(self, user: UserKey) -> Line:
        """Give the person's line; counts as use.

        Raises:
            SignedOut: there is no live sign-in; the reason is in it.
        """
        found = await self._sessions.read(user)
        if isinstance(found, NoSession):
            raise SignedOut(found.reason)
        return await self.of(found)

    async def of(self, session: Session) -> Line:
        """Give the line of a session, with a refreshed token where its form needs that."""
        try:
            entry = await self._directory.pbx(session.user.tenant, session.pbx)
        except NotFound:
            await self.end(session, EndReason.REVOKED)
            raise SignedOut(EndReason.REVOKED) from None
        return self._line(await self._refreshed(session, entry), entry)

    async def use(self, user: UserKey, act: Callable[[Line], Awaitable[T]]) -> T:
        """Do something on the person's line; after a PBX restart log in again without asking and do it once more."""
        return await self._mended(await self.open(user), act)

    async def tend(self, session: Session, act: Callable[[Line], Awaitable[T]]) -> T:
        """As :meth:`use`, but on the service's own account: it does not count as the person's use."""
        return await self._mended(await self.of(session), act)

    def before_leaving(self, farewell: "Farewell") -> None:
        """Add somebody who takes back what was set for a person when their sign-in ends; it raises nothing."""
        self._farewells.append(farewell)

    async def say_farewell(self, session: Session, reason: EndReason) -> None:
        """Let everything be taken back while the PBX still takes the token."""
        for farewell in self._farewells:
            await farewell(session, reason)

    async def _mended(self, line: Line, act: Callable[[Line], Awaitable[T]]) -> T:
        try:
            return await act(line)
        except PbxSessionLost:
            await self.log_in_again(line)
            return await self._refusal_ends(line, act(line))
        except CredentialsRejected:
            await self.end(line.session, EndReason.REJECTED)
            raise SignedOut(EndReason.REJECTED) from None

    async def log_in_again(self, line: Line) -> None:
        """Log in with the token we hold, at most four at once for each PBX.

        Raises:
            SignedOut: the PBX refuses the token; the sign-in has been ended.
        """
        subject = f"{line.entry.tenant}/{line.entry.id}"
        async with self._once.slot("logins", subject, LOGINS_AT_ONCE, _LOGIN_WAIT):
            await self._refusal_ends(line, line.pbx.log_in())
        _log.info("pbx_session_renewed", handle=self._sessions.handle(line.session.user), pbx=line.entry.id)

    async def end(self, session: Session, reason: EndReason) -> bool:
        """End this sign-in and announce it; only the first of several callers does."""
        if not await self._sessions.end(session, reason):
            return False
        await self.say_farewell(session, reason)
        _log.info("session_ended", handle=self._sessions.handle(session.user), pbx=session.pbx, reason=reason.value)
        await self.forget_presence(session.user)
        await self._announcer.publish(session.user, SessionEnded(session.pbx, reason))
        return True

    async def forget_presence(self, user: UserKey) -> None:
        """Remove what was remembered of states, the person's and colleagues': it does not outlive the sign-in."""
        with contextlib.suppress(Unavailable):  # it has an end of its own
            for purpose in (PRESENCE, COLLEAGUES):
                await self._once.take(purpose, self._sessions.handle(user))

    async def log_out(self, session: Session, entry: PbxEntry) -> None:
        """Log the person out at the PBX, as far as it can be reached; the sign-in has ended here already."""
        try:
            await self._line(session, entry).pbx.log_out()
        except BridgeError as error:
            _log.info("pbx_logout_failed", pbx=entry.id, code=error.code)

    def _line(self, session: Session, entry: PbxEntry) -> Line:
        callback = self._places.place(entry, self._sessions.handle(session.user), session.callback_secret)
        return Line(session, entry, self._gate.line(entry, session.access, callback))

    async def _refusal_ends(self, line: Line, act: Awaitable[T]) -> T:
        try:
            return await act
        except CredentialsRejected:
            await self.end(line.session, EndReason.REJECTED)
            raise SignedOut(EndReason.REJECTED) from None

    async def _refreshed(self, session: Session, entry: PbxEntry) -> Session:
        ends = session.access.token_ends_at
        if ends is None or ends - self._clock.now() > _REFRESH_AHEAD:
            return session
        try:
            async with self._once.slot("refresh", session.id, 1, _LOGIN_WAIT):
                newest = await self._sessions.by_handle(self._sessions.handle(session.user))
                if isinstance(newest, NoSession):
                    raise SignedOut(newest.reason)
                if newest.access.token_ends_at != ends:
                    return newest
                renewed = replace(newest, access=await self._gate.refresh(entry, newest.access))
                await self._sessions.renew(renewed)
                return renewed
        except CredentialsRejected:
            await self.end(session, EndReason.REJECTED)
            raise SignedOut(EndReason.REJECTED) from None
