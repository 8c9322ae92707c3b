"""Sign-in and sign-out: a password in, a sealed session out, the password forgotten."""

import contextlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.errors import (
    BridgeError,
    CredentialsRejected,
    EndReason,
    PbxPermission,
    PbxTimeout,
    PbxUnreachable,
    TenantUnknown,
    Unavailable,
)
from bridge.logs import logger
from bridge.model.ids import PbxId, SessionId, TenantId, UserKey
from bridge.model.messages import SessionOpened, SignIn, SignOut
from bridge.model.pbx import PbxEntry, Session
from bridge.secret import Secret
from bridge.service.announce import Announcer
from bridge.service.lines import LOGINS_AT_ONCE, CallbackPlaces, Lines
from bridge.service.ports import (
    Clock,
    Directory,
    DueWork,
    NoSession,
    Once,
    PbxGate,
    Sessions,
    SignedIn,
    Throttle,
)

_LOGIN_WAIT = timedelta(seconds=8)
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionView:
    """What a person may know of their sign-in."""

    live: bool
    reason: EndReason | None
    pbx: PbxEntry | None
    ends_at: datetime | None
    pbxs: tuple[PbxEntry, ...]


class SignIns:
    """Opens, shows and ends sign-ins."""

    def __init__(
        self,
        *,
        directory: Directory,
        sessions: Sessions,
        gate: PbxGate,
        throttle: Throttle,
        once: Once,
        due: DueWork,
        lines: Lines,
        announcer: Announcer,
        places: CallbackPlaces,
        clock: Clock,
        life: timedelta,
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._gate = gate
        self._throttle = throttle
        self._once = once
        self._due = due
        self._lines = lines
        self._announcer = announcer
        self._places = places
        self._clock = clock
        self._life = life

    async def view(self, user: UserKey) -> SessionView:
        """Give the state of the person's sign-in.

        Raises:
            TenantUnknown: the person's tenant has not been onboarded.
        """
        pbxs = await self._directory.pbxs(user.tenant)
        if not pbxs and not await self._directory.knows(user.tenant):
            raise TenantUnknown
        found = await self._sessions.read(user)
        if isinstance(found, NoSession):
            return SessionView(live=False, reason=found.reason, pbx=None, ends_at=None, pbxs=pbxs)
        entry = next((pbx for pbx in pbxs if pbx.id == found.pbx), None)
        return SessionView(live=True, reason=None, pbx=entry, ends_at=found.ends_at, pbxs=pbxs)

    async def view_of(self, session: Session) -> SessionView:
        """Give the state of a sign-in that was just made, without asking the store what it was just told."""
        pbxs = await self._directory.pbxs(session.user.tenant)
        entry = next((pbx for pbx in pbxs if pbx.id == session.pbx), None)
        return SessionView(live=True, reason=None, pbx=entry, ends_at=session.ends_at, pbxs=pbxs)

    async def sign_in(self, command: SignIn) -> Session:
        """Turn login and password into a session, replacing an older one of this person.

        Raises:
            TenantUnknown, NotFound: the tenant or its PBX is not known.
            TooManyAttempts: a limit was reached; the PBX was not asked.
            CredentialsRejected, PbxPermission, PbxTrouble: what the PBX answered.
            Unavailable: a store is away; the PBX session, if there was one, has been ended.
        """
        entry = await self._entry(command.user.tenant, command.pbx)
        await self._throttle.admit_sign_in(command.user, entry, command.login, command.address)
        handle = self._sessions.handle(command.user)
        secret = Secret(secrets.token_urlsafe(16))
        try:
            async with self._once.slot("logins", f"{entry.tenant}/{entry.id}", LOGINS_AT_ONCE, _LOGIN_WAIT):
                callback = self._places.place(entry, handle, secret)
                signed_in = await self._gate.sign_in(entry, command.login, command.password, callback)
                session = self._session(command.user, entry, signed_in, secret)
                replaced = await self._keep(session, entry)
        except CredentialsRejected:
            await self._throttle.sign_in_failed(command.user, entry, command.login, command.address)
            _log.info("sign_in_refused", handle=handle, pbx=entry.id)
            raise
        except (PbxUnreachable, PbxTimeout, PbxPermission, Unavailable):
            with contextlib.suppress(Unavailable):
                await self._throttle.sign_in_undecided(command.user, entry, command.login)
            raise
        await self._leave_behind(replaced, session)
        with contextlib.suppress(Unavailable):  # the sign-in stands; the counter runs out by itself
            await self._throttle.sign_in_succeeded(command.user)
        _log.info(
            "signed_in", handle=handle, pbx=entry.id, ucp=session.access.ucp.value, form=session.access.form.value
        )
        await self._announcer.publish(command.user, SessionOpened(entry.id))
        return session

    async def sign_out(self, command: SignOut) -> None:
        """End the sign-in, here first and then at the PBX. Without one there is nothing to do."""
        found = await self._sessions.read(command.user)
        if not isinstance(found, NoSession):
            await self.revoke(found)

    async def revoke(self, session: Session) -> None:
        """End somebody's sign-in for good: every trace in the store goes, the PBX is told as far as it can be."""
        if not await self._lines.end(session, EndReason.REVOKED):
            return
        try:
            entry = await self._directory.pbx(session.user.tenant, session.pbx)
        except BridgeError:
            return
        await self._lines.log_out(session, entry)

    async def revoke_all(self, entry: PbxEntry) -> int:
        """End every sign-in to a PBX that is removed or moved; give their number."""
        ended = 0
        for handle in await self._sessions.of_pbx(entry.tenant, entry.id):
            found = await self._sessions.by_handle(handle)
            if isinstance(found, NoSession) or found.pbx != entry.id:
                continue
            ended += await self._lines.end(found, EndReason.REVOKED)
            await self._lines.log_out(found, entry)
        return ended

    async def count(self, entry: PbxEntry) -> int:
        """Give how many people are signed in to a PBX."""
        return await self._sessions.count_of_pbx(entry.tenant, entry.id)

    async def _leave_behind(self, replaced: Session | NoSession, session: Session) -> None:
        """End an older sign-in at its PBX, unless it was to the very same account there."""
        if isinstance(replaced, NoSession):
            return
        if (replaced.pbx, replaced.access.login) == (session.pbx, session.access.login):
            return
        await self._lines.say_farewell(replaced, EndReason.REVOKED)
        with contextlib.suppress(BridgeError):
            await self._lines.log_out(replaced, await self._directory.pbx(replaced.user.tenant, replaced.pbx))

    async def _entry(self, tenant: TenantId, pbx: PbxId) -> PbxEntry:
        if not await self._directory.knows(tenant):
            raise TenantUnknown
        return await self._directory.pbx(tenant, pbx)

    def _session(self, user: UserKey, entry: PbxEntry, signed_in: SignedIn, secret: Secret) -> Session:
        now = self._clock.now()
        return Session(
            id=SessionId(secrets.token_urlsafe(16)),
            user=user,
            pbx=entry.id,
            access=signed_in.access,
            callback_secret=secret,
            created_at=now,
            ends_at=now + self._life,
            country=signed_in.country,
            own_numbers=signed_in.own_numbers,
            event_services=signed_in.event_services,
        )

    async def _keep(self, session: Session, entry: PbxEntry) -> Session | NoSession:
        """Store the session and give the one it replaces, or leave nothing behind: neither here nor at the PBX."""
        try:
            replaced = await self._sessions.read(session.user)
            await self._sessions.open(session)
            await self._due.schedule(self._sessions.handle(session.user), self._clock.time())
        except BaseException:  # a store is away, or the person left: the PBX must not keep a session nobody knows of
            await self._lines.log_out(session, entry)
            raise
        return replaced
