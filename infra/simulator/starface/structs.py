"""Wire structs, built from what the PBX knows; member names that no source confirms follow the switches."""

from typing import Any

from infra.simulator.starface.calls import Call, CallState, Leg, Party
from infra.simulator.starface.codec import WireTime
from infra.simulator.starface.numbers import format_number
from infra.simulator.starface.population import FunctionKey, Group, Mailbox, Redirect, User, VoicemailMessage
from infra.simulator.starface.switches import (
    CallKeys,
    DiallingState,
    StateCase,
    StructSpelling,
    Switches,
)

Struct = dict[str, Any]


def call_struct(call: Call, leg: Leg, switches: Switches, *, version: int, now: float) -> Struct:
    """CallProperties (UCI reference, section 6.1) as the user of this leg sees the call."""
    struct: Struct = {
        "id": call.id,
        "state": state_name(leg.state, switches, version),
        "timestamp": WireTime(leg.since, of_call=True),
        **_parties(call, leg, switches),
        switches.group_key.value: call.group_id,
    }
    if switches.call_keys is CallKeys.ALL and version > 20:
        struct.update(_details(call, leg, switches, now))
    return struct


def state_name(state: CallState, switches: Switches, version: int) -> str:
    """Spelling of a state for one generation of clients."""
    name = state.value
    old = switches.dialling_state is DiallingState.BY_VERSION and version < 30
    if state is CallState.OUTGOING and (old or switches.dialling_state is DiallingState.PROCEEDING):
        name = "PROCEEDING"
    return name.title() if switches.state_case is StateCase.MIXED else name


def user_state_struct(user: User, telephony: str, switches: Switches) -> Struct:
    """UserStateProperties (section 7)."""
    always = any(each.enabled and each.type == "ALWAYS" for each in user.redirects)
    struct: Struct = {
        "avatarHash": user.avatar_hash,
        "chatPresence": user.chat_presence.value,
        "chatPresenceMessage": user.chat_message,
        "telephonyState": telephony,
        "redirectAlwaysActive": always,
    }
    return {**struct, "doNotDisturb": user.dnd} if switches.user_state_tells_dnd else struct


def redirect_struct(rule: Redirect, mailboxes: list[Mailbox], switches: Switches) -> Struct:
    """RedirectSetting (section 9)."""
    return {
        "id": rule.id,
        "type": rule.type.value,
        "calledNumber": format_number(rule.called_number, switches.number_format),
        "groupRedirect": bool(rule.group_id),
        "groupId": rule.group_id,
        "enabled": rule.enabled,
        "timeout": rule.timeout,
        "destinationType": rule.destination_type.value,
        "destination": format_number(rule.destination, switches.number_format),
        "mailboxes": [{"id": each.id, "name": each.name} for each in mailboxes],
        "lastDestinationNumber": format_number(rule.last_number, switches.number_format),
        "lastDestinationMailbox": rule.last_mailbox,
    }


def function_key_struct(key: FunctionKey, state: str, target: User | None, switches: Switches) -> Struct:
    """FunctionKeyProperties (section 10); only `imageHash` is confirmed."""
    names = _spelled(
        switches,
        short=("id", "name", "type", "state", "position"),
        long=("functionKeyId", "displayName", "functionKeyType", "telephonyState", "keyPosition"),
    )
    values = (key.id, key.name, key.type, state, 0)
    return {
        **dict(zip(names, values, strict=True)),
        "number": target.internal if target else key.target if key.type == "QUICK_DIAL" else "",
        "imageHash": target.avatar_hash if target else "",
    }


def group_struct(group: Group, login: str, switches: Switches) -> Struct:
    """GroupSettingProperties (section 4.9); the keys of id and flag are unknown."""
    id_name, flag_name = _spelled(switches, short=("id", "loggedOn"), long=("groupId", "active"))
    numbers = [format_number(each, switches.number_format) for each in (group.internal, *group.external)]
    return {id_name: group.id, "name": group.name, "phoneNumbers": numbers, flag_name: login in group.logged_on}


def voicemail_struct(message: VoicemailMessage, mailbox: Mailbox, switches: Switches) -> Struct:
    """An entry of the voicemail list (section 13)."""
    return {
        "id": message.id,
        "callDescription": message.caller_name,
        "callerNumber": format_number(message.caller_number, switches.number_format),
        "calledNumber": format_number(message.called_number, switches.number_format),
        "duration": message.duration,
        "folder": message.folder,
        "mailboxId": mailbox.id,
        "mailboxName": mailbox.name,
        "startTime": WireTime(message.started),
    }


def message_waiting_struct(mailbox: Mailbox, switches: Switches) -> Struct:
    """Parameter of `newMessageWaitingIndicationEvent`; its keys are unknown."""
    names = _spelled(
        switches,
        short=("mailboxId", "mailboxName", "newMessages", "oldMessages"),
        long=("voicemailBoxId", "voicemailBoxName", "newMessageCount", "oldMessageCount"),
    )
    new = sum(1 for each in mailbox.messages if each.folder == "INBOX")
    return dict(zip(names, (mailbox.id, mailbox.name, new, len(mailbox.messages) - new), strict=True))


def changed_id_struct(old: str, new: str, switches: Switches) -> Struct:
    """Parameter of `callChangesIdEvent`; its keys are unknown."""
    names = _spelled(switches, short=("oldId", "newId"), long=("oldCallId", "newCallId"))
    return dict(zip(names, (old, new), strict=True))


def conference_struct(call: Call, state: str, switches: Switches) -> Struct:
    """ConferenceCallProperties (section 5.3); only `state` is known."""
    id_name, room_name = _spelled(switches, short=("id", "roomId"), long=("callId", "conferenceRoomId"))
    return {id_name: call.id, "state": state, room_name: call.conference_room}


def group_id_of(struct: Struct) -> tuple[str, bool]:
    """Group id and logged-on flag that a client sent, in either spelling."""
    return str(struct.get("id", struct.get("groupId", ""))), bool(struct.get("loggedOn", struct.get("active", False)))


def _parties(call: Call, leg: Leg, switches: Switches) -> Struct:
    return {
        "callerNumber": format_number(call.caller.number, switches.number_format),
        "callerName": _name(call.caller, leg),
        "calledNumber": format_number(call.called.number, switches.number_format),
        "calledName": _name(call.called, leg),
    }


def _name(party: Party, leg: Leg) -> str:
    return party.name if leg.names_known or party.login == leg.login else ""


def _details(call: Call, leg: Leg, switches: Switches, now: float) -> Struct:
    forwarder = call.forwarder or Party("")
    struct: Struct = {
        "duration": int(now - call.connected) if call.connected else 0,
        "forwardType": call.forward_type.value,
        "forwarderCallerIdName": forwarder.name,
        "forwarderCallerIdNumber": format_number(forwarder.number, switches.number_format),
        "referenceOfConsultation": call.consultation_of if call.caller.login == leg.login else "",
        "conferenceRoomId": call.conference_room,
        "avatarHash": "",
        "jabberId": "",
        "channelNames": [f"{leg.phone}-{call.id[:8]}"] if leg.phone else [],
        "peerNames": [leg.phone] if leg.phone else [],
    }
    return {**struct, "connectedTimestamp": WireTime(call.connected, of_call=True)} if call.connected else struct


def _spelled(switches: Switches, *, short: tuple[str, ...], long: tuple[str, ...]) -> tuple[str, ...]:
    return short if switches.struct_spelling is StructSpelling.SHORT else long
