"""Every request of eleven services, one method each (UCI reference, sections 3.1 and 4).

They are connection, service, system, call, phone, userState, callList, redirect, functionKey, group and voicemailList. What a
request answers is read by :mod:`bridge.starface.structs`.

Each raises what :meth:`bridge.starface.dialogue.Dialogue.ask` raises, ``NotOffered`` among it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bridge.errors import NotOffered
from bridge.model.ids import CallId, PhoneId
from bridge.model.telephony import (
    CallReport,
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
from bridge.starface import key_structs, structs
from bridge.starface.dialogue import Dialogue
from bridge.starface.errors import AnswerUnexpected, UnknownMethod
from bridge.starface.wire import Sent, Value


class _Service:
    """One service of UCP over a dialogue."""

    __slots__ = ("_dialogue",)

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue


class ConnectionService(_Service):
    """``connection``: the life of a session."""

    async def login(self) -> bool | None:
        """``None``: neither yes nor no was answered. A fault is not asked about: there is no session yet."""
        answer = await self._dialogue.ask_plainly("connection.login")
        return structs.read_flag(answer)

    async def logout(self) -> None:
        await self._dialogue.ask_plainly("connection.logout")

    async def keep_alive(self) -> bool:
        return await self._dialogue.alive()


class EventService(_Service):
    """``service``: which events and requests there are, and which events are wanted."""

    async def subscribe(self, name: str) -> bool:
        return structs.read_flag(await self._dialogue.ask("service.subscribeEvents", name)) is not False

    async def unsubscribe(self, name: str) -> bool:
        return structs.read_flag(await self._dialogue.ask("service.unsubscribeEvents", name)) is not False

    async def provided_events(self) -> tuple[str, ...]:
        return structs.read_texts(await self._dialogue.ask("service.getProvidedEvents"))

    async def provided_requests(self) -> tuple[str, ...]:
        return structs.read_texts(await self._dialogue.ask("service.getProvidedRequests"))

    async def provides_events(self, name: str) -> bool:
        return structs.read_flag(await self._dialogue.ask("service.providesEvents", name)) is True

    async def provides_requests(self, name: str) -> bool:
        return structs.read_flag(await self._dialogue.ask("service.providesRequests", name)) is True

    async def set_provided_services(self, names: Sequence[str]) -> bool:
        """The oldest generation's subscription: all services at once."""
        answer = await self._dialogue.ask("service.setProvidedServices", list(names))
        return structs.read_flag(answer) is not False


class SystemService(_Service):
    """``system``."""

    async def server_version(self) -> str:
        """Dotted numbers, e.g. ``8.1.2.2``; works before ``login``."""
        answer = await self._dialogue.ask_plainly("system.getServerVersion")
        return answer.strip()[:32] if isinstance(answer, str) else ""


class CallService(_Service):
    """``call``: the person's calls."""

    async def ids(self) -> tuple[CallId, ...]:
        return tuple(CallId(call) for call in structs.read_texts(await self._dialogue.ask("call.getCallIds")))

    async def state(self, call: CallId) -> CallReport | None:
        """``None`` for a call that is over or unknown."""
        return structs.read_call(await self._dialogue.ask("call.getCallState", call), call)

    async def place(self, number: str, phone: PhoneId | None, call: CallId | None) -> CallId | None:
        """``None``: rejected, an earlier placement is still going on or a parameter does not fit."""
        answer = await self._dialogue.ask("call.placeCallWithPhone", number, phone or "", call or "")
        if not isinstance(answer, str):
            raise AnswerUnexpected("placing a call was answered without its id")
        return CallId(answer) if answer else None

    async def hang_up(self, call: CallId) -> None:
        await self._dialogue.ask("call.hangupCall", call)

    async def hold(self, call: CallId) -> None:
        await self._dialogue.ask("call.hold", call)

    async def forward(self, call: CallId, extension: str) -> None:
        await self._dialogue.ask("call.forward", call, extension)

    async def conference(self, calls: Sequence[CallId], phone: PhoneId | None) -> None:
        await self._dialogue.ask("call.conference", list(calls), phone or "")

    async def monitor(self, call: CallId) -> None:
        await self._dialogue.ask("call.monitor", call)

    async def call_voicemail_box(self, phone: PhoneId | None) -> None:
        await self._dialogue.ask("call.callVoicemailBox", phone or "")

    async def grab_from_voicemail_box(self, call: CallId, phone: PhoneId | None) -> None:
        await self._dialogue.ask("call.grabVoicemailBoxCallerWithPhone", call, phone or "")

    async def request_message_waiting_state(self) -> None:
        """Makes the PBX post ``newMessageWaitingIndicationEvent`` for every box."""
        await self._dialogue.ask("call.getCurrentMessageWaitingState")

    async def image(self, avatar_hash: str) -> bytes:
        """The picture with this hash; empty if there is none."""
        return _picture(await self._dialogue.ask("call.getImageOfHash", avatar_hash))


class PhoneService(_Service):
    """``phone``: the person's phones and what they show."""

    async def phones(self) -> tuple[Phone, ...]:
        ids = await self._dialogue.ask("phone.getPhoneIds")
        return structs.read_phones(ids, await self.primary())

    async def ids(self) -> tuple[PhoneId, ...]:
        return tuple(phone.id for phone in structs.read_phones(await self._dialogue.ask("phone.getPhoneIds"), ""))

    async def primary(self) -> PhoneId:
        answer = await self._dialogue.ask("phone.getPrimaryPhoneId")
        return PhoneId(answer if isinstance(answer, str) else "")

    async def set_primary(self, phone: PhoneId) -> None:
        await self._dialogue.ask("phone.setPrimaryPhoneId", phone)

    async def display_numbers(self) -> tuple[str, ...]:
        """Numbers the person may show, in the spelling in which calls are reported."""
        return structs.read_display_numbers(await self._dialogue.ask("phone.getAvailableDisplayNumbers"))

    async def display_number_id(self) -> str:
        return _as_text(await self._dialogue.ask("phone.getDisplayNumberId"))

    async def set_display_number_id(self, number: str) -> None:
        await self._dialogue.ask("phone.setDisplayNumberId", number)

    async def call_waiting(self) -> bool:
        return structs.read_flag(await self._dialogue.ask("phone.getCallWaitingIndication")) is True

    async def set_call_waiting(self, *, enabled: bool) -> None:
        await self._dialogue.ask("phone.setCallWaitingIndication", enabled)


class UserStateService(_Service):
    """``userState``: presence and do not disturb."""

    async def state(self) -> PbxUserState:
        return structs.read_user_state(await self._dialogue.ask("userState.getUserState"))

    async def set_dnd(self, *, enabled: bool) -> None:
        await self._dialogue.ask("userState.setDoNotDisturbSetting", enabled)

    async def set_message(self, message: str) -> None:
        await self._dialogue.ask("userState.setChatPresenceMessage", message)

    async def avatar(self) -> bytes:
        return _picture(await self._dialogue.ask("userState.getAvatarImage"))

    async def set_avatar(self, image: bytes) -> None:
        await self._dialogue.ask("userState.setAvatarImageFile", image)


class _OfferedService(_Service):
    """A service that a PBX may lack as a whole; it is done without then."""

    __slots__ = ()

    async def _ask(self, request: str, *params: Sent) -> Value:
        try:
            return await self._dialogue.ask(request, *params)
        except UnknownMethod:
            raise NotOffered("the PBX has no such request") from None


class CallListService(_OfferedService):
    """``callList``: calls of the past."""

    async def page(
        self,
        before: datetime,
        after: datetime,
        *,
        direction: str = "",
        result: str = "",
        group: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> HistoryPage:
        """Newest first. ``direction``: ``INBOUND``, ``OUTBOUND``; ``result``: ``ANSWERED``, ``MISSED``; empty: all."""
        order = ("startTime", "DESCENDING", offset, limit)
        answer = await self._ask("callList.getCallList", before, after, direction, result, group, *order)
        return structs.read_history(answer)

    async def delete(self, entries: Sequence[str]) -> None:
        if len(entries) == 1:
            await self._ask("callList.deleteCallListEntry", entries[0])
        else:
            await self._ask("callList.deleteCallListEntries", list(entries))

    async def call_back(self, entry: str, phone: PhoneId | None, call: CallId | None) -> CallId | None:
        answer = await self._ask("callList.placeCallbackCallWithPhone", entry, phone or "", call or "")
        return CallId(answer) if isinstance(answer, str) and answer else None


class RedirectService(_OfferedService):
    """``redirect``: one setting for each called number and trigger."""

    async def settings(self) -> tuple[Redirect, ...]:
        return structs.read_redirects(list(await self.raw()))

    async def raw(self) -> list[dict[str, Value]]:
        """As the PBX writes them: a setting is changed by sending its whole struct back."""
        order = ("", "", "calledNumber", "ASCENDING")
        return _structs(await self._ask("redirect.getRedirectSettings", *order))

    async def set(self, setting: Mapping[str, Sent]) -> None:
        await self._ask("redirect.setRedirectSetting", setting)

    async def set_all(self, settings: Sequence[Mapping[str, Sent]]) -> None:
        await self._ask("redirect.setRedirectSettings", list(settings))


class FunctionKeyService(_OfferedService):
    """``functionKey``: keys, busy lamp fields among them."""

    async def lamps(self) -> tuple[Lamp, ...]:
        return key_structs.read_lamps(await self._ask("functionKey.getFunctionKeys"))

    async def keys(self) -> tuple[FunctionKey, ...]:
        return key_structs.read_keys(await self._ask("functionKey.getFunctionKeys"))

    async def all_lamps(self) -> tuple[Lamp, ...]:
        """By the request that the PBX spells ``getALLFunctionKeys``."""
        return key_structs.read_lamps(await self._ask("functionKey.getALLFunctionKeys"))

    async def search(self, term: str, search: str) -> tuple[Lamp, ...]:
        return key_structs.read_lamps(await self._ask("functionKey.searchFunctionKeys", term, search))

    async def calls_of(self, key: str) -> tuple[CallReport, ...]:
        """Calls of the user or group behind a busy lamp field."""
        answer = await self._ask("functionKey.getCallInfoForKey", key)
        reports = (structs.read_call(each) for each in _structs(answer))
        return tuple(report for report in reports if report is not None)

    async def contact_of(self, key: str) -> dict[str, Value]:
        """ContactInfoProperties; none of their names is public."""
        answer = await self._ask("functionKey.getContactInfoForKey", key)
        return answer if isinstance(answer, dict) else {}

    async def image_of(self, key: str) -> bytes:
        return _picture(await self._ask("functionKey.getImageForKey", key))

    async def redirects_of(self, key: str) -> tuple[Redirect, ...]:
        return structs.read_redirects(await self._ask("functionKey.getRedirectSettingsForKey", key))

    async def press(self, key: str, parameters: Sequence[str] = ()) -> None:
        await self._ask("functionKey.pressKey", key, list(parameters))


class GroupService(_OfferedService):
    """``group``: logging on to and off from groups."""

    async def memberships(self) -> tuple[GroupMembership, ...]:
        return structs.read_groups(list(await self.raw()))

    async def raw(self) -> list[dict[str, Value]]:
        return _structs(await self._ask("group.getGroupSettings"))

    async def set(self, setting: Mapping[str, Sent]) -> None:
        await self._ask("group.setGroupSetting", setting)

    async def set_all(self, settings: Sequence[Mapping[str, Sent]]) -> None:
        await self._ask("group.setGroupSettings", list(settings))


class VoicemailListService(_OfferedService):
    """``voicemailList``: boxes and messages. The order of parameters is that of the call list (UCI reference, section 13)."""

    async def mailboxes(self) -> tuple[Mailbox, ...]:
        return structs.read_mailboxes(await self._ask("voicemailList.getMailboxes"))

    async def page(
        self,
        before: datetime,
        after: datetime,
        *,
        mailbox: str = "",
        folder: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[Voicemail, ...]:
        """Newest first."""
        order = ("startTime", "DESCENDING", offset, limit)
        answer = await self._ask("voicemailList.getVoicemailList", before, after, mailbox, folder, *order)
        return structs.read_voicemails(answer)

    async def call_mailbox_with_phone(self, mailbox: str, phone: PhoneId | None) -> None:
        await self._ask("voicemailList.callMailboxWithPhone", mailbox, phone or "")

    async def call_mailbox_with_number(self, mailbox: str, number: str) -> None:
        await self._ask("voicemailList.callMailboxWithNumber", mailbox, number)

    async def call_message_with_phone(self, message: str, phone: PhoneId | None) -> None:
        await self._ask("voicemailList.callVoicemailWithPhone", message, phone or "")

    async def call_message_with_number(self, message: str, number: str) -> None:
        await self._ask("voicemailList.callVoicemailWithNumber", message, number)

    async def file(self, message: str) -> bytes:
        """The recording, where the PBX gives it in one piece."""
        return _picture(await self._ask("voicemailList.getVoicemailFile", message))

    async def file_url(self, message: str) -> str:
        """Where the PBX offers the recording; it may hold credentials."""
        return _as_text(await self._ask("voicemailList.getVoicemailFileUrl", message))

    async def move(self, messages: Sequence[str], folder: str) -> None:
        if len(messages) == 1:
            await self._ask("voicemailList.moveVoicemailListEntry", messages[0], folder)
        else:
            await self._ask("voicemailList.moveVoicemailListEntries", list(messages), folder)

    async def delete(self, messages: Sequence[str]) -> None:
        if len(messages) == 1:
            await self._ask("voicemailList.deleteVoicemailListEntry", messages[0])
        else:
            await self._ask("voicemailList.deleteVoicemailListEntries", list(messages))


def _structs(value: Value) -> list[dict[str, Value]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _as_text(value: Value) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _picture(value: Value) -> bytes:
    """Bytes of a file, bare or in the first such member of a struct."""
    if isinstance(value, dict):
        value = next((member for member in value.values() if isinstance(member, bytes)), None)
    return value if isinstance(value, bytes) else b""
