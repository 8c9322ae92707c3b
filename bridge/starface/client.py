"""One person's line to one PBX: the port :class:`bridge.service.ports.Pbx` over the services of UCP."""

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from bridge.errors import BridgeError, NotFound, NotOffered, PbxBusy, PbxFault
from bridge.model.ids import CallId, PhoneId
from bridge.model.pbx import PbxAccess, PbxEntry
from bridge.model.spans import Span
from bridge.model.telephony import (
    CallReport,
    Contact,
    FunctionKey,
    GroupMembership,
    HistoryPage,
    Lamp,
    Mailbox,
    PbxUserState,
    Phone,
    Redirect,
    Voicemail,
)
from bridge.service.ports import Callback, Recording
from bridge.starface import services, structs
from bridge.starface.dialogue import Credentials, Dialogue
from bridge.starface.errors import (
    AnswerHttpError,
    AnswerMalformed,
    AnswerRedirected,
    LoginHttpRefused,
    NotLoggedIn,
    UciRightMissing,
    UnknownMethod,
)
from bridge.starface.login import log_in, subscribe
from bridge.starface.net import Wire
from bridge.starface.recordings import Recordings
from bridge.starface.rest import RestSession
from bridge.starface.wire import Sent, Value

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SLACK = timedelta(days=1)
"""Clocks and time zones of PBXs differ from ours; nothing of a list begins in the future."""

MOST_CALLS = 64


class StarfaceLine:
    """Cheap to make; holds nothing open. ``line.call``, ``line.phone`` … are the raw services, for what the port lacks."""

    def __init__(self, wire: Wire, pbx: PbxEntry, access: PbxAccess, callback: Callback | None = None) -> None:
        dialogue = Dialogue(wire, pbx, Credentials.of(access), access.ucp, callback)
        self._dialogue = dialogue
        self._pushes = callback is not None
        self._rest = RestSession.of(wire, pbx, access)
        self._rest_is_own = access.rest_token is not None
        self.connection = services.ConnectionService(dialogue)
        self.events = services.EventService(dialogue)
        self.system = services.SystemService(dialogue)
        self.call_service = services.CallService(dialogue)
        self.phone = services.PhoneService(dialogue)
        self.state = services.UserStateService(dialogue)
        self.call_list = services.CallListService(dialogue)
        self.redirect = services.RedirectService(dialogue)
        self.function_key = services.FunctionKeyService(dialogue)
        self.group = services.GroupService(dialogue)
        self.voicemail = services.VoicemailListService(dialogue)
        self._recordings = Recordings(wire, pbx, self.voicemail, dialogue.credentials)

    # -------------------------------------------------------------- session

    async def log_in(self) -> tuple[str, ...]:
        """Log in again; a page or a redirect is trouble here, never a wrong password: it was right before."""
        await log_in(self._dialogue)
        return await subscribe(self._dialogue) if self._pushes else ()

    async def log_out(self) -> None:
        """End the PBX's session, and the one of its REST interface; one that is gone already is no error."""
        if self._rest is not None and self._rest_is_own:
            with contextlib.suppress(BridgeError):
                await self._rest.log_out()
        try:
            await self.connection.logout()
        except NotLoggedIn:
            return

    async def keep_alive(self) -> bool:
        return await self.connection.keep_alive()

    async def provoke_event(self) -> bool:
        try:
            await self.call_service.request_message_waiting_state()
        except (NotOffered, UnknownMethod):
            return False
        return True

    # -------------------------------------------------------------- calls

    async def calls(self) -> tuple[CallReport, ...]:
        reports = [await self.call_service.state(call) for call in (await self.call_service.ids())[:MOST_CALLS]]
        return tuple(report for report in reports if report is not None)

    async def call(self, call: CallId) -> CallReport | None:
        return await self.call_service.state(call)

    async def place_call(self, number: str, phone: PhoneId | None, call: CallId) -> CallId:
        placed = await self.call_service.place(number, phone, call)
        if placed is None:
            raise PbxBusy("the PBX places no call now")
        return placed

    async def hang_up(self, call: CallId) -> None:
        async with _OfCall(self, call):
            await self.call_service.hang_up(call)

    async def hold(self, call: CallId) -> None:
        async with _OfCall(self, call):
            await self.call_service.hold(call)

    async def forward(self, call: CallId, number: str) -> None:
        async with _OfCall(self, call):
            await self.call_service.forward(call, number)

    async def conference(self, calls: Sequence[CallId], phone: PhoneId | None) -> None:
        await self.call_service.conference(calls, phone)

    # -------------------------------------------------------------- phones and presence

    async def phones(self) -> tuple[Phone, ...]:
        try:
            return await self.phone.phones()
        except NotOffered:  # the oldest generation knows the phones, not which is the primary one
            return structs.read_phones(list(await self.phone.ids()), "")

    async def set_primary_phone(self, phone: PhoneId) -> None:
        await self.phone.set_primary(phone)

    async def user_state(self) -> PbxUserState:
        return await self.state.state()

    async def set_dnd(self, *, enabled: bool) -> None:
        await self.state.set_dnd(enabled=enabled)

    async def do_not_disturb(self) -> bool | None:
        """The person's own state tells it on some PBXs; where it does not, the REST interface does while its session lives."""
        told = (await self.state.state()).dnd
        if told is not None or self._rest is None:
            return told
        try:
            return await self._rest.do_not_disturb()
        except (LoginHttpRefused, UciRightMissing, AnswerHttpError, AnswerMalformed, AnswerRedirected):
            return None

    async def set_chat_message(self, text: str) -> None:
        await self.state.set_message(text)

    # -------------------------------------------------------------- lists and settings

    async def history(
        self,
        *,
        direction: str = "",
        result: str = "",
        group: str = "",
        before: datetime | None = None,
        after: datetime | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> HistoryPage:
        return await self.call_list.page(
            before or datetime.now(UTC) + _SLACK,
            after or _EARLIEST,
            direction=direction.upper(),
            result=result.upper(),
            group=group,
            offset=offset,
            limit=limit,
        )

    async def delete_history(self, entries: Sequence[str]) -> None:
        if entries:
            await self.call_list.delete(entries)

    async def call_back(self, entry: str, phone: PhoneId | None, call: CallId) -> CallId:
        placed = await self.call_list.call_back(entry, phone, call)
        if placed is None:
            raise PbxBusy("the PBX places no call now")
        return placed

    async def redirects(self) -> tuple[Redirect, ...]:
        return await self.redirect.settings()

    async def set_redirect(self, redirect: Redirect) -> None:
        """Send the PBX's own struct back with what may be changed in it; ``NotFound`` if it has no such rule."""
        for raw in await self.redirect.raw():
            if structs.redirect_id(structs.Members(raw)) == redirect.id:
                await self.redirect.set(_changed(raw, _redirect_members(redirect)))
                return
        raise NotFound("the PBX has no such redirect")

    async def lamps(self) -> tuple[Lamp, ...]:
        return await self.function_key.lamps()

    async def keys(self) -> tuple[FunctionKey, ...]:
        return await self.function_key.keys()

    async def press_key(self, key: str) -> None:
        await self.function_key.press(key)

    async def groups(self) -> tuple[GroupMembership, ...]:
        return await self.group.memberships()

    async def set_group(self, group: str, *, active: bool) -> None:
        """Log on to or off from a group; ``NotFound`` if the person does not belong to it."""
        for raw in await self.group.raw():
            if structs.Members(raw).text(*structs.GROUP_ID) == group:
                await self.group.set(_changed(raw, {_flag_name(raw): active}))
                return
        raise NotFound("the person belongs to no such group")

    async def mailboxes(self) -> tuple[Mailbox, ...]:
        return await self.voicemail.mailboxes()

    async def voicemails(
        self, mailbox: str = "", folder: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[Voicemail, ...]:
        return await self.voicemail.page(
            datetime.now(UTC) + _SLACK, _EARLIEST, mailbox=mailbox, folder=folder, offset=offset, limit=limit
        )

    async def move_voicemail(self, message: str, folder: str) -> None:
        await self.voicemail.move([message], folder)

    async def delete_voicemail(self, message: str) -> None:
        await self.voicemail.delete([message])

    def recording(self, message: str, span: Span | None) -> AbstractAsyncContextManager[Recording]:
        return self._recordings.open(message, span)

    async def contacts(self, terms: str, *, limit: int = 20) -> tuple[Contact, ...]:
        """See the port. A REST session ends after four hours; that is no end of the sign-in."""
        if self._rest is None:
            raise NotOffered("this sign-in has no REST session")
        try:
            return await self._rest.contacts(terms, size=limit)
        except (LoginHttpRefused, AnswerHttpError):
            raise NotOffered("the REST session has ended, or there is no address book") from None


class _OfCall:
    """Turns a fault that explains nothing into ``NotFound`` when the PBX no longer has the call."""

    def __init__(self, line: StarfaceLine, call: CallId) -> None:
        self._line = line
        self._call = call

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        unexplained = isinstance(error, PbxFault) and not isinstance(error, UnknownMethod)
        if unexplained and await self._line.call(self._call) is None:
            raise NotFound("the PBX has no such call any more") from None


def _redirect_members(redirect: Redirect) -> dict[str, Sent]:
    to_voicemail = redirect.to == "voicemail"
    target = redirect.target if to_voicemail or not redirect.target.startswith("+") else "00" + redirect.target[1:]
    return {
        "enabled": redirect.enabled,
        "destinationType": "VOICEMAIL" if to_voicemail else "PHONENUMBER",
        "destination": target,
        "timeout": redirect.timeout,
    }


def _flag_name(raw: Mapping[str, Value]) -> str:
    known = {name.lower() for name in structs.GROUP_FLAG}
    return next((name for name in raw if name.lower() in known), structs.GROUP_FLAG[0])


def _changed(raw: Mapping[str, Value], changes: Mapping[str, Sent]) -> dict[str, Sent]:
    """Give a struct to send back: the PBX's own members with the changes, each under the spelling it came with."""
    spelled = {name.lower(): name for name in raw}
    kept = {name: _sendable(value) for name, value in raw.items()}
    return kept | {spelled.get(name.lower(), name): value for name, value in changes.items()}


def _sendable(value: Value) -> Sent:
    """An absent value is sent as the empty string, as the vendor's own client does (UCI reference, section 1.3)."""
    match value:
        case None:
            return ""
        case dict():
            return {name: _sendable(inner) for name, inner in value.items()}
        case list():
            return [_sendable(inner) for inner in value]
        case _:
            return value
