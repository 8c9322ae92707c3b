"""Requests of the service functionKey (UCI reference, sections 4.8 and 10)."""

from infra.simulator.starface.calls import ARRIVING
from infra.simulator.starface.codec import VOID, FaultError
from infra.simulator.starface.handling import CallActionError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.population import FunctionKey, User
from infra.simulator.starface.structs import Struct, call_struct, redirect_struct

function_key = MethodTable("functionKey")


@function_key.method("getFunctionKeys")
def _get_function_keys(context: Context) -> list[Struct]:
    return [context.pbx.announcer.function_key_struct(each, context.user) for each in context.user.keys]


@function_key.method("getALLFunctionKeys", since=30)
def _get_all_function_keys(context: Context) -> Struct:
    return {"functionKeys": _get_function_keys(context)}


@function_key.method("searchFunctionKeys", str, str, since=30)
def _search_function_keys(context: Context, term: str, search_id: str) -> Struct:
    keys = [each for each in context.user.keys if term.casefold() in each.name.casefold()]
    return {
        "searchId": search_id,
        "functionKeys": [context.pbx.announcer.function_key_struct(each, context.user) for each in keys],
    }


@function_key.method("getCallInfoForKey", str)
def _get_call_info_for_key(context: Context, key_id: str) -> list[Struct]:
    target = _target(context, _key(context, key_id))
    if target is None:
        return []
    now = context.pbx.clock.now()
    return [
        call_struct(call, leg, context.pbx.switches, version=context.version, now=now)
        for call, leg in context.pbx.calls.of(target.login)
    ]


@function_key.method("getContactInfoForKey", str)
def _get_contact_info_for_key(context: Context, key_id: str) -> Struct:
    target = _target(context, _key(context, key_id))
    if target is None:
        return {}
    return {
        "firstName": target.first_name,
        "lastName": target.last_name,
        "email": target.email,
        "phoneNumbers": [target.internal, *target.external],
    }


@function_key.method("getImageForKey", str)
def _get_image_for_key(context: Context, key_id: str) -> bytes:
    target = _target(context, _key(context, key_id))
    return target.avatar if target else b""


@function_key.method("getRedirectSettingsForKey", str)
def _get_redirect_settings_for_key(context: Context, key_id: str) -> list[Struct]:
    target = _target(context, _key(context, key_id))
    boxes = context.pbx.accounts.mailboxes_of(target.login) if target else []
    return [redirect_struct(each, boxes, context.pbx.switches) for each in (target.redirects if target else [])]


@function_key.method("pressKey", str, list)
def _press_key(context: Context, key_id: str, _parameters: list[object]) -> object:
    key = _key(context, key_id)
    if key.type == "DO_NOT_DISTURB":
        context.pbx.set_dnd(context.user.login, enabled=not context.user.dnd)
    elif key.type == "QUICK_DIAL":
        context.pbx.placing.place(context.user, key.target)
    elif key.type == "MODULE_ACTIVATION":
        _switch_module(context, key.target)
    elif key.type == "SIGNAL_NUMBER":
        context.user.display_number = int(key.target)
    else:
        _press_lamp(context, _target(context, key))
    return VOID


def _switch_module(context: Context, module: str) -> None:
    if "fkey_module_key" not in context.user.rights:
        raise FaultError(0, f"UciIllegalAccessException: user {context.user.login} lacks the right fkey_module_key")
    on = context.pbx.accounts.modules_on
    (on.discard if module in on else on.add)(module)


def _press_lamp(context: Context, target: User | None) -> None:
    """A busy lamp field picks up what rings there, else it dials the colleague."""
    if target is None:
        return
    ringing = [call for call, leg in context.pbx.calls.of(target.login) if leg.state in ARRIVING]
    if not ringing:
        context.pbx.placing.place(context.user, target.internal)
        return
    try:
        context.pbx.handling.pick_up(context.user.login, ringing[0].id)
    except CallActionError as error:
        raise FaultError(0, f"UciException: {error}") from error


def _key(context: Context, key_id: str) -> FunctionKey:
    for each in context.user.keys:
        if each.id == key_id:
            return each
    raise FaultError(0, f"UciException: there is no function key {key_id}")


def _target(context: Context, key: FunctionKey) -> User | None:
    return context.pbx.accounts.users.get(key.target) if key.type == "BUSY_LAMP_FIELD" else None
