"""Requests of the service group (UCI reference, section 4.9)."""

from typing import Any

from infra.simulator.starface.codec import VOID, FaultError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.structs import Struct, group_id_of, group_struct

group = MethodTable("group")


@group.method("getGroupSettings")
def _get_group_settings(context: Context) -> list[Struct]:
    login = context.user.login
    return [group_struct(each, login, context.pbx.switches) for each in context.pbx.accounts.groups_of(login)]


@group.method("setGroupSetting", dict)
def _set_group_setting(context: Context, setting: dict[str, Any]) -> object:
    _change(context, setting)
    return VOID


@group.method("setGroupSettings", list)
def _set_group_settings(context: Context, settings: list[dict[str, Any]]) -> object:
    for each in settings:
        _change(context, each)
    return VOID


def _change(context: Context, setting: dict[str, Any]) -> None:
    login = context.user.login
    group_id, logged_on = group_id_of(setting)
    for each in context.pbx.accounts.groups_of(login):
        if each.id == group_id:
            (each.logged_on.add if logged_on else each.logged_on.discard)(login)
            context.pbx.announcer.group_changed(login, each)
            return
    raise FaultError(0, f"UciException: {login} is in no group {group_id}")
