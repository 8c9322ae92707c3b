"""Requests of the service voicemailList (UCI reference, sections 4.11 and 13)."""

import xmlrpc.client
from collections.abc import Iterator

from infra.simulator.starface.codec import VOID, FaultError, read_time
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.population import Mailbox, VoicemailMessage
from infra.simulator.starface.recordings import spoken
from infra.simulator.starface.structs import Struct, voicemail_struct
from infra.simulator.starface.switches import VoicemailFile

voicemail_list = MethodTable("voicemailList")

FOLDERS = frozenset({"INBOX", "PRIVATE", "OLD"})

_ORDERS = {"": "started", "startTime": "started", "duration": "duration", "callDescription": "caller_name", "id": "id"}


@voicemail_list.method("getMailboxes", right="voicemail")
def _get_mailboxes(context: Context) -> list[Struct]:
    return [{"id": each.id, "name": each.name} for each in context.pbx.accounts.mailboxes_of(context.user.login)]


@voicemail_list.method(
    "getVoicemailList",
    xmlrpc.client.DateTime,
    xmlrpc.client.DateTime,
    str,
    str,
    str,
    str,
    int,
    int,
    right="voicemail",
)
def _get_voicemail_list(
    context: Context,
    before: xmlrpc.client.DateTime,
    after: xmlrpc.client.DateTime,
    *restrictions: object,
) -> list[Struct]:
    mailbox_id, folder, order, direction, offset, limit = restrictions
    if order not in _ORDERS or not isinstance(offset, int) or not isinstance(limit, int):
        raise FaultError(0, f"java.lang.IllegalArgumentException: no property {order}")
    latest, earliest = read_time(before), read_time(after)
    found = [
        (mailbox, message)
        for mailbox, message in _messages(context)
        if mailbox_id in {"", mailbox.id} and folder in {"", message.folder} and earliest <= message.started <= latest
    ]
    found.sort(key=lambda each: getattr(each[1], _ORDERS[str(order)]), reverse=direction != "ASCENDING")
    page = found[offset : offset + limit]
    return [voicemail_struct(message, mailbox, context.pbx.switches) for mailbox, message in page]


@voicemail_list.method("callMailboxWithPhone", str, str, right="voicemail")
def _call_mailbox_with_phone(context: Context, mailbox_id: str, phone_id: str) -> str:
    mailbox = context.pbx.accounts.mailboxes.get(mailbox_id)
    if mailbox is None or mailbox.owner != context.user.login:
        raise FaultError(0, f"UciException: there is no mailbox {mailbox_id}")
    return context.pbx.placing.place_to_mailbox(context.user, phone_id, mailbox)


@voicemail_list.method("callVoicemailWithPhone", str, str, right="voicemail")
def _call_voicemail_with_phone(context: Context, message_id: str, phone_id: str) -> str:
    mailbox, _ = _message(context, message_id)
    return context.pbx.placing.place_to_mailbox(context.user, phone_id, mailbox)


@voicemail_list.method("getVoicemailFileUrl", str, right="voicemail")
def _get_voicemail_file_url(context: Context, message_id: str) -> str:
    _message(context, message_id)
    if context.pbx.switches.voicemail_file is VoicemailFile.IN_ANSWER:
        raise FaultError(5, "No such handler: getVoicemailFileUrl")
    return context.pbx.recordings.address(message_id)


@voicemail_list.method("getVoicemailFile", str, right="voicemail")
def _get_voicemail_file(context: Context, message_id: str) -> bytes:
    _, message = _message(context, message_id)
    if context.pbx.switches.voicemail_file not in {VoicemailFile.IN_ANSWER, VoicemailFile.CLOSED}:
        raise FaultError(5, "No such handler: getVoicemailFile")
    return spoken(message.duration)


@voicemail_list.method("moveVoicemailListEntry", str, str, right="voicemail")
def _move_entry(context: Context, message_id: str, folder: str) -> object:
    _move(context, [message_id], folder)
    return VOID


@voicemail_list.method("moveVoicemailListEntries", list, str, right="voicemail")
def _move_entries(context: Context, message_ids: list[str], folder: str) -> object:
    _move(context, message_ids, folder)
    return VOID


@voicemail_list.method("deleteVoicemailListEntry", str, right="voicemail")
def _delete_entry(context: Context, message_id: str) -> object:
    _delete(context, [message_id])
    return VOID


@voicemail_list.method("deleteVoicemailListEntries", list, right="voicemail")
def _delete_entries(context: Context, message_ids: list[str]) -> object:
    _delete(context, message_ids)
    return VOID


def _messages(context: Context) -> Iterator[tuple[Mailbox, VoicemailMessage]]:
    for mailbox in context.pbx.accounts.mailboxes_of(context.user.login):
        for message in mailbox.messages:
            yield mailbox, message


def _message(context: Context, message_id: str) -> tuple[Mailbox, VoicemailMessage]:
    for mailbox, message in _messages(context):
        if message.id == message_id:
            return mailbox, message
    raise FaultError(0, f"UciException: there is no message {message_id}")


def _move(context: Context, message_ids: list[str], folder: str) -> None:
    if folder not in FOLDERS:
        raise FaultError(0, f"UciException: there is no folder {folder}")
    for mailbox, message in [_message(context, each) for each in message_ids]:
        message.folder = folder
        context.pbx.announcer.message_waiting(mailbox)


def _delete(context: Context, message_ids: list[str]) -> None:
    for mailbox, message in [_message(context, each) for each in message_ids]:
        mailbox.messages.remove(message)
        context.pbx.announcer.message_waiting(mailbox)
