"""Requests of the service phone (UCI reference, section 4.4)."""

from infra.simulator.starface.codec import VOID, FaultError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.numbers import format_number
from infra.simulator.starface.population import User

phone = MethodTable("phone")


@phone.method("getPhoneIds", since=20)
def _get_phone_ids(context: Context) -> list[str]:
    return [each.id for each in context.user.phones]


@phone.method("getPrimaryPhoneId")
def _get_primary_phone_id(context: Context) -> str:
    return context.user.primary_phone


@phone.method("setPrimaryPhoneId", str)
def _set_primary_phone_id(context: Context, phone_id: str) -> object:
    if not phone_id or context.user.phone(phone_id) is None:
        raise FaultError(0, "UciException: no such phone")
    context.user.primary_phone = phone_id
    return VOID


@phone.method("getAvailableDisplayNumbers")
def _get_available_display_numbers(context: Context) -> list[dict[str, str]]:
    form = context.pbx.switches.number_format
    return [
        {"id": str(index), "number": format_number(number, form)}
        for index, number in enumerate(_display_numbers(context.user))
    ]


@phone.method("getDisplayNumberId")
def _get_display_number_id(context: Context) -> str:
    return str(context.user.display_number)


@phone.method("setDisplayNumberId", str)
def _set_display_number_id(context: Context, number_id: str) -> object:
    known = {str(index) for index in range(len(_display_numbers(context.user)))}
    if number_id not in known:
        raise FaultError(0, "UciException: no such display number")
    context.user.display_number = int(number_id)
    return VOID


@phone.method("getCallWaitingIndication")
def _get_call_waiting_indication(context: Context) -> bool:
    return context.user.call_waiting


@phone.method("setCallWaitingIndication", bool)
def _set_call_waiting_indication(context: Context, enabled: bool) -> object:
    context.user.call_waiting = enabled
    return VOID


def _display_numbers(user: User) -> list[str]:
    return [*user.external, user.internal]
