"""Requests of the service callList (UCI reference, sections 4.6 and 8)."""

import xmlrpc.client

from infra.simulator.starface.call_list import ListEntry, ListQuery, UnknownOrderError
from infra.simulator.starface.calls import Direction
from infra.simulator.starface.codec import VOID, FaultError, WireTime, read_time
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.numbers import format_number
from infra.simulator.starface.structs import Struct
from infra.simulator.starface.switches import Switches

call_list = MethodTable("callList")

_DIRECTIONS = frozenset({"", "INBOUND", "OUTBOUND"})
_RESULTS = frozenset({"", "ANSWERED", "MISSED"})
_ORDER_DIRECTIONS = {"": True, "DESCENDING": True, "ASCENDING": False}


@call_list.method(
    "getCallList",
    xmlrpc.client.DateTime,
    xmlrpc.client.DateTime,
    str,
    str,
    str,
    str,
    str,
    int,
    int,
    right="calllist",
)
def _get_call_list(
    context: Context,
    before: xmlrpc.client.DateTime,
    after: xmlrpc.client.DateTime,
    *restrictions: object,
) -> Struct:
    query = _query(before, after, *restrictions)
    try:
        entries, total = context.pbx.lists.query(context.user, query)
    except UnknownOrderError as error:
        raise FaultError(0, f"java.lang.IllegalArgumentException: no property {error}") from error
    return {"entries": [_entry(each, context.pbx.switches) for each in entries], "totalCount": total}


@call_list.method("deleteCallListEntry", str, right="calllist")
def _delete_call_list_entry(context: Context, entry_id: str) -> object:
    context.pbx.lists.delete(context.user, {entry_id})
    return VOID


@call_list.method("deleteCallListEntries", list, right="calllist")
def _delete_call_list_entries(context: Context, entry_ids: list[str]) -> object:
    context.pbx.lists.delete(context.user, {str(each) for each in entry_ids})
    return VOID


@call_list.method("placeCallbackCallWithPhone", str, str, str, since=30, right="calllist")
def _place_callback_call(context: Context, entry_id: str, phone_id: str, call_id: str) -> str:
    entry = context.pbx.lists.find(context.user, entry_id)
    if entry is None or context.pbx.calls.is_placing(context.user.login):
        return ""
    number = entry.caller_number if entry.direction is Direction.INBOUND else entry.called_number
    return context.pbx.placing.place(context.user, number, phone_id, call_id)


def _query(before: xmlrpc.client.DateTime, after: xmlrpc.client.DateTime, *rest: object) -> ListQuery:
    direction, result, group, order, order_direction, offset, limit = rest
    known = direction in _DIRECTIONS and result in _RESULTS and order_direction in _ORDER_DIRECTIONS
    if not known or not isinstance(offset, int) or not isinstance(limit, int) or min(offset, limit) < 0:
        raise FaultError(0, "java.lang.IllegalArgumentException: no such restriction")
    return ListQuery(
        before=read_time(before),
        after=read_time(after),
        direction=str(direction),
        result=str(result),
        group=str(group),
        order=str(order),
        descending=_ORDER_DIRECTIONS[str(order_direction)],
        offset=offset,
        limit=limit,
    )


def _entry(entry: ListEntry, switches: Switches) -> Struct:
    return {
        "id": entry.id,
        "direction": entry.direction.value,
        "result": entry.result.value,
        "startTime": WireTime(entry.started),
        "duration": entry.duration,
        "callerNumber": format_number(entry.caller_number, switches.number_format),
        "calledNumber": format_number(entry.called_number, switches.number_format),
        "callDescription": entry.description,
        "groupId": entry.group_id,
    }
