"""Requests of the service call (UCI reference, section 4.3), with the methods that only a switch brings."""

from collections.abc import Callable
from typing import Any

from infra.simulator.starface.calls import CallState
from infra.simulator.starface.codec import VOID, FaultError
from infra.simulator.starface.handling import CallActionError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.structs import Struct, call_struct
from infra.simulator.starface.switches import ExtraCallMethod, HoldAgain, PlaceInProgress, UnknownCall

call = MethodTable("call")


@call.method("getCallIds", since=20)
def _get_call_ids(context: Context) -> list[str]:
    return [each.id for each, _ in context.pbx.calls.of(context.user.login)]


@call.method("getCallState", str, since=20)
def _get_call_state(context: Context, call_id: str) -> Struct:
    pbx = context.pbx
    for each, leg in pbx.calls.of(context.user.login):
        if each.id == call_id:
            return call_struct(each, leg, pbx.switches, version=context.version, now=pbx.clock.now())
    return {}


@call.method("placeCallWithPhone", str, str, str, since=20)
def _place_call(context: Context, number: str, phone_id: str, call_id: str) -> str:
    pbx = context.pbx
    if pbx.calls.is_placing(context.user.login):
        if pbx.switches.place_in_progress is PlaceInProgress.FAULT:
            raise FaultError(0, "UciException: another place call request is still in progress")
        return ""
    return pbx.placing.place(context.user, number, phone_id, call_id)


@call.method("hangupCall", str, since=20)
def _hangup_call(context: Context, call_id: str) -> object:
    done = _act(context, lambda: context.pbx.handling.hang_up(context.user.login, _known(call_id)))
    return VOID if context.version == 30 else done


@call.method("hold", str, since=30)
def _hold(context: Context, call_id: str) -> object:
    _act(context, lambda: _hold_or_resume(context, _known(call_id)))
    return VOID


@call.method("forward", str, str, since=30)
def _forward(context: Context, call_id: str, extension: str) -> object:
    _act(context, lambda: context.pbx.handling.forward(context.user.login, extension, _known(call_id)))
    return VOID


@call.method("conference", list, str, since=30, right="conference")
def _conference(context: Context, call_ids: list[str], phone_id: str) -> object:
    _act(context, lambda: context.pbx.handling.conference(context.user.login, call_ids, phone_id))
    return VOID


@call.method("monitor", str, since=30)
def _monitor(context: Context, call_id: str) -> object:
    def mark() -> None:
        context.pbx.handling.find(context.user.login, _known(call_id))[0].monitored = True

    _act(context, mark)
    return VOID


@call.method("callVoicemailBox", str, since=30, right="voicemail")
def _call_voicemail_box(context: Context, phone_id: str) -> object:
    for mailbox in context.pbx.accounts.mailboxes_of(context.user.login)[:1]:
        context.pbx.placing.place_to_mailbox(context.user, phone_id, mailbox)
    return VOID


@call.method("grabVoicemailBoxCallerWithPhone", str, str, since=30, right="voicemail")
def _grab_voicemail_box_caller(context: Context, call_id: str, phone_id: str) -> object:
    _act(context, lambda: context.pbx.handling.grab_from_voicemail(context.user.login, _known(call_id), phone_id))
    return VOID


@call.method("getCurrentMessageWaitingState", since=30)
def _get_current_message_waiting_state(context: Context) -> object:
    for mailbox in context.pbx.accounts.mailboxes_of(context.user.login):
        context.pbx.announcer.message_waiting(mailbox)
    return VOID


@call.method("getImageOfHash", str, since=30)
def _get_image_of_hash(context: Context, image_hash: str) -> Struct:
    for user in context.pbx.accounts.users.values():
        if image_hash and user.avatar_hash == image_hash:
            return {"imageHash": image_hash, "mimeType": "image/png", "data": user.avatar}
    return {}


@call.method("answer", str, str, since=30, extra=ExtraCallMethod.ANSWER)
def _answer(context: Context, call_id: str, phone_id: str) -> object:
    _act(context, lambda: context.pbx.handling.answer(context.user.login, _known(call_id), phone_id))
    return VOID


@call.method("resume", str, since=30, extra=ExtraCallMethod.RESUME)
@call.method("unhold", str, since=30, extra=ExtraCallMethod.UNHOLD)
def _resume(context: Context, call_id: str) -> object:
    _act(context, lambda: context.pbx.handling.resume(context.user.login, _known(call_id)))
    return VOID


@call.method("transfer", str, str, since=30, extra=ExtraCallMethod.TRANSFER)
def _transfer(context: Context, call_id: str, parked_id: str) -> object:
    login = context.user.login
    _act(context, lambda: context.pbx.handling.transfer(login, _known(call_id), _known(parked_id)))
    return VOID


@call.method("pickUp", str, str, since=30, extra=ExtraCallMethod.PICK_UP)
def _pick_up(context: Context, call_id: str, phone_id: str) -> object:
    _act(context, lambda: context.pbx.handling.pick_up(context.user.login, call_id, phone_id))
    return VOID


@call.method("sendDtmf", str, str, since=30, extra=ExtraCallMethod.SEND_DTMF)
def _send_dtmf(context: Context, call_id: str, digits: str) -> object:
    def send() -> None:
        found, _ = context.pbx.handling.find(context.user.login, _known(call_id))
        found.dtmf = (found.dtmf + digits)[-64:]

    _act(context, send)
    return VOID


@call.method("record", str, since=30, extra=ExtraCallMethod.RECORD)
def _record(context: Context, call_id: str) -> object:
    def start() -> None:
        found, _ = context.pbx.handling.find(context.user.login, _known(call_id))
        found.recorded_by = context.user.login

    _act(context, start)
    return VOID


def _hold_or_resume(context: Context, call_id: str) -> None:
    handling, login = context.pbx.handling, context.user.login
    if handling.find(login, call_id)[1].state is not CallState.PARKED:
        handling.hold(login, call_id)
    elif context.pbx.switches.hold_again is HoldAgain.RESUMES:
        handling.resume(login, call_id)
    elif context.pbx.switches.hold_again is HoldAgain.FAULT:
        raise FaultError(0, "UciException: the call is already on hold")


def _known(call_id: str) -> str:
    """On the wire an empty id never means the newest call."""
    if not call_id:
        raise CallActionError("An empty call id")
    return call_id


def _act(context: Context, action: Callable[[], Any]) -> bool:
    """Do something with a call; what is not possible is answered as the switch says."""
    try:
        action()
    except CallActionError as error:
        if context.pbx.switches.unknown_call is UnknownCall.FAULT:
            raise FaultError(0, f"UciException: {error}") from error
        return False
    return True
