"""Requests of the service redirect (UCI reference, sections 4.7 and 9)."""

from typing import Any

from infra.simulator.starface.codec import VOID, FaultError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.population import Redirect
from infra.simulator.starface.redirects import RedirectError, change_redirect
from infra.simulator.starface.structs import Struct, redirect_struct

redirect = MethodTable("redirect")

_ORDERS = {
    "": "called_number",
    "calledNumber": "called_number",
    "id": "id",
    "type": "type",
    "enabled": "enabled",
    "timeout": "timeout",
    "destination": "destination",
}


@redirect.method("getRedirectSettings", str, str, str, str, right="redirection")
def _get_redirect_settings(context: Context, kind: str, group: str, order: str, direction: str) -> list[Struct]:
    if order not in _ORDERS or direction not in {"", "ASCENDING", "DESCENDING"}:
        raise FaultError(0, f"java.lang.IllegalArgumentException: no order {order} {direction}")
    rules = [each for each in context.user.redirects if kind in {"", each.type.value} and _in_group(each, group)]
    rules.sort(key=lambda each: str(getattr(each, _ORDERS[order])), reverse=direction == "DESCENDING")
    boxes = context.pbx.accounts.mailboxes_of(context.user.login)
    return [redirect_struct(each, boxes, context.pbx.switches) for each in rules]


@redirect.method("setRedirectSetting", dict, right="redirection")
def _set_redirect_setting(context: Context, setting: dict[str, Any]) -> object:
    _change(context, setting)
    return VOID


@redirect.method("setRedirectSettings", list, right="redirection")
def _set_redirect_settings(context: Context, settings: list[dict[str, Any]]) -> object:
    for each in settings:
        _change(context, each)
    return VOID


def _in_group(rule: Redirect, group: str) -> bool:
    return group in {"", rule.group_id} or (group == "NON_GROUP" and not rule.group_id)


def _change(context: Context, setting: dict[str, Any]) -> None:
    try:
        change_redirect(
            context.pbx,
            context.user,
            str(setting["id"]),
            enabled=bool(setting["enabled"]),
            timeout=int(setting.get("timeout", 20)),
            destination_type=str(setting["destinationType"]),
            destination=str(setting["destination"]),
        )
    except (KeyError, RedirectError) as error:
        raise FaultError(0, f"UciException: {error}") from error
