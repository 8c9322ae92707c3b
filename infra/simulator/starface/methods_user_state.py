"""Requests of the service userState (UCI reference, section 4.5)."""

import xmlrpc.client

from infra.simulator.starface.codec import VOID, FaultError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.structs import Struct, user_state_struct

user_state = MethodTable("userState")

LARGEST_AVATAR = 1024 * 1024


@user_state.method("getUserState")
def _get_user_state(context: Context) -> Struct:
    state = context.pbx.calls.telephony_state(context.user)
    return user_state_struct(context.user, state, context.pbx.switches)


@user_state.method("setDoNotDisturbSetting", bool)
def _set_do_not_disturb(context: Context, enabled: bool) -> object:
    context.pbx.set_dnd(context.user.login, enabled=enabled)
    return VOID


@user_state.method("setChatPresenceMessage", str)
def _set_chat_presence_message(context: Context, message: str) -> object:
    context.user.chat_message = message
    context.pbx.announcer.user_changed(context.user.login)
    return VOID


@user_state.method("getAvatarImage")
def _get_avatar_image(context: Context) -> bytes:
    return context.user.avatar


@user_state.method("setAvatarImageFile", xmlrpc.client.Binary)
def _set_avatar_image(context: Context, image: xmlrpc.client.Binary) -> object:
    if len(image.data) > LARGEST_AVATAR:
        raise FaultError(0, "UciException: the image is too large")
    context.user.avatar = image.data
    context.pbx.announcer.user_changed(context.user.login)
    return VOID
