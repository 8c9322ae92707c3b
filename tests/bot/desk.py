"""Stand-ins for the use cases and stores, with the state that a conversation needs. They count what was done."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from bot.conversations import Subject
from bot.desk import Desk, Lists
from bridge.errors import BridgeError, EndReason, NotFound, PbxUnreachable, SignedOut
from bridge.model.calls import CallTable, end, expect
from bridge.model.ids import CallId, PbxId, PersonId, TenantId, UserKey
from bridge.model.messages import (
    ChoosePhone,
    Conference,
    Forward,
    HangUp,
    Hold,
    PlaceCall,
    SetDoNotDisturb,
    SignOut,
)
from bridge.model.pbx import PbxEntry, TlsMode
from bridge.model.presence import OwnPresence
from bridge.model.telephony import Phone
from bridge.service.history import History
from bridge.service.notice_choices import Preferences
from bridge.service.people import People
from bridge.service.redirects import Redirects
from bridge.service.reminders import Reminders
from bridge.service.sign_in import SessionView
from bridge.service.voicemail import Voicemails
from tests.stores import MovableClock

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def pbx_of(tenant: str, name: str = "Zentrale *Nord*") -> PbxEntry:
    return PbxEntry(TenantId(tenant), PbxId("p1"), name, "pbx.example", 443, TlsMode.REQUIRED, primary=True)


def user_key(user: object) -> UserKey:
    """The key of a simulated person."""
    return UserKey(TenantId(user.tenant.id), PersonId(user.id))  # type: ignore[attr-defined]  # population.User


@dataclass
class DeskState:
    """Everything the use cases know; ``refuse`` makes the next command of that name fail."""

    live: dict[UserKey, PbxEntry] = field(default_factory=dict)
    reasons: dict[UserKey, EndReason] = field(default_factory=dict)
    tables: dict[UserKey, CallTable] = field(default_factory=dict)
    kept: dict[UserKey, PlaceCall] = field(default_factory=dict)
    placed: list[PlaceCall] = field(default_factory=list)
    hung_up: list[HangUp] = field(default_factory=list)
    held: list[Hold] = field(default_factory=list)
    forwarded: list[Forward] = field(default_factory=list)
    joined: list[Conference] = field(default_factory=list)
    signed_out: list[UserKey] = field(default_factory=list)
    refuse: dict[str, BridgeError] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    pbxs: bool = True
    asked: int = 0
    telephony: str = "available"
    dnd: bool | None = False

    def sign_in(self, user: UserKey) -> PbxEntry:
        self.live[user] = pbx_of(user.tenant)
        return self.live[user]

    def add_call(self, user: UserKey, number: str) -> CallId:
        call = CallId(f"call-{len(self.table(user).calls)}-{number}")
        self.tables[user] = expect(self.table(user), call, number, NOW)
        return call

    def table(self, user: UserKey) -> CallTable:
        return self.tables.get(user, CallTable())

    async def meet(self, name: str, user: UserKey) -> None:
        """Count, be slow, refuse, and insist on a sign-in."""
        self.asked += 1
        await asyncio.sleep(self.slow.get(name, 0))
        if name in self.refuse:
            raise self.refuse[name]
        if user not in self.live:
            raise SignedOut(self.reasons.get(user, EndReason.NEVER))

    def desk(self, once: FakeOnce, subject: Subject, clock: MovableClock) -> Desk:
        lines: Any = NoLines()
        reminders = Reminders(once, NoDueWork(), FakeHandles(subject), clock)  # type: ignore[arg-type]  # all that is asked of sessions
        lists = Lists(
            people=People(lines, clock),
            history=History(lines),
            redirects=Redirects(lines, reminders),
            voicemails=Voicemails(lines),
            reminders=reminders,
            preferences=Preferences(once, subject, clock),
            clock=clock,
        )
        return Desk(FakeSignIns(self), FakeControl(self), FakeInterrupted(self), lists)


@dataclass
class FakeSignIns:
    state: DeskState

    async def view(self, user: UserKey) -> SessionView:
        if "view" in self.state.refuse:
            raise self.state.refuse["view"]
        pbxs = (pbx_of(user.tenant),) if self.state.pbxs else ()
        pbx = self.state.live.get(user)
        reason = None if pbx else self.state.reasons.get(user, EndReason.NEVER)
        return SessionView(pbx is not None, reason, pbx, NOW + timedelta(hours=12) if pbx else None, pbxs)

    async def sign_out(self, command: SignOut) -> None:
        self.state.signed_out.append(command.user)
        if self.state.live.pop(command.user, None):
            self.state.reasons[command.user] = EndReason.REVOKED


@dataclass
class FakeControl:
    state: DeskState
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def calls(self, user: UserKey) -> CallTable:
        await self.state.meet("calls", user)
        return self.state.table(user)

    async def place(self, command: PlaceCall) -> CallId:
        try:
            await self.state.meet("place", command.user)
        except SignedOut:
            self.state.kept[command.user] = command
            raise
        self.state.placed.append(command)
        call = CallId(f"placed-{next(self.ids)}")
        self.state.tables[command.user] = expect(self.state.table(command.user), call, command.number, NOW)
        return call

    async def resume(self, user: UserKey) -> CallId:
        command = self.state.kept.pop(user, None)
        if command is None:
            raise NotFound
        return await self.place(command)

    async def hang_up(self, command: HangUp) -> None:
        await self.state.meet("hang_up", command.user)
        call = self.state.table(command.user).get(command.call)
        if call is None or not call.live:
            raise NotFound
        self.state.hung_up.append(command)
        self.state.tables[command.user] = end(self.state.table(command.user), command.call, NOW)

    async def hold(self, command: Hold) -> None:
        await self._known("hold", command.user, command.call)
        self.state.held.append(command)

    async def forward(self, command: Forward) -> None:
        await self._known("forward", command.user, command.call)
        self.state.forwarded.append(command)

    async def conference(self, command: Conference) -> None:
        for call in command.calls:
            await self._known("conference", command.user, call)
        self.state.joined.append(command)

    async def phones(self, user: UserKey) -> tuple[Phone, ...]:
        await self.state.meet("phones", user)
        return ()

    async def choose_phone(self, command: ChoosePhone) -> tuple[Phone, ...]:
        await self.state.meet("phones", command.user)
        raise NotFound

    async def set_dnd(self, command: SetDoNotDisturb) -> OwnPresence:
        self.state.dnd = command.enabled
        return await self.presence(command.user)

    async def _known(self, name: str, user: UserKey, wished: CallId) -> None:
        await self.state.meet(name, user)
        call = self.state.table(user).get(wished)
        if call is None or not call.live:
            raise NotFound

    async def presence(self, user: UserKey) -> OwnPresence:
        await self.state.meet("presence", user)
        return OwnPresence(self.state.telephony, self.state.dnd, "available", "", "pbx", NOW)


@dataclass
class FakeInterrupted:
    state: DeskState

    async def kept(self, user: UserKey) -> PlaceCall | None:
        return self.state.kept.get(user)

    async def drop(self, user: UserKey) -> None:
        self.state.kept.pop(user, None)


class NoLines:
    """A PBX that cannot be reached."""

    async def use(self, *_: object) -> NoReturn:
        raise PbxUnreachable


class NoDueWork:
    """Nothing is ever due."""

    async def schedule(self, *_: object) -> None:
        return None

    async def claim(self, *_: object) -> tuple[()]:
        return ()

    async def drop(self, *_: object) -> None:
        return None


@dataclass
class FakeHandles:
    """The one thing that is asked of the sign-ins' store."""

    handle: Subject


@dataclass
class FakeOnce:
    """Claims and kept values without expiry; ``away`` makes every use fail."""

    claims: set[tuple[str, str]] = field(default_factory=set)
    values: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    lives: dict[tuple[str, str], timedelta] = field(default_factory=dict)
    away: BridgeError | None = None

    def _meet(self) -> None:
        if self.away is not None:
            raise self.away

    async def claim(self, purpose: str, subject: str, life: timedelta) -> bool:
        self._meet()
        if (purpose, subject) in self.claims:
            return False
        self.claims.add((purpose, subject))
        self.lives[purpose, subject] = life
        return True

    async def release(self, purpose: str, subject: str) -> None:
        self._meet()
        self.claims.discard((purpose, subject))

    async def keep(self, purpose: str, subject: str, value: Mapping[str, object], life: timedelta) -> None:
        self._meet()
        self.values[purpose, subject] = dict(value)
        self.lives[purpose, subject] = life

    async def kept(self, purpose: str, subject: str) -> Mapping[str, object] | None:
        self._meet()
        return self.values.get((purpose, subject))

    async def take(self, purpose: str, subject: str) -> Mapping[str, object] | None:
        self._meet()
        return self.values.pop((purpose, subject), None)

    @contextlib.asynccontextmanager
    async def slot(self, *_: object) -> AsyncIterator[None]:
        self._meet()
        yield

    def of(self, subject: str) -> list[tuple[str, str]]:
        """Everything held under one subject or below it."""
        held = [*self.claims, *self.values]
        return [key for key in held if key[1] == subject or key[1].startswith(f"{subject}/")]


@dataclass
class FakeDirectory:
    """The part of the directory that the endpoint asks."""

    tenants: set[str]
    asked: int = 0
    away: BridgeError | None = None

    async def knows(self, tenant: TenantId) -> bool:
        self.asked += 1
        if self.away is not None:
            raise self.away
        return tenant in self.tenants
