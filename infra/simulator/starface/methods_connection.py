"""Requests of the services connection, service and system (UCI reference, sections 3.1 and 4.2)."""

from collections.abc import Iterable

from infra.simulator.starface.codec import LOGGED_IN, VOID, FaultError
from infra.simulator.starface.method_table import Context, MethodTable
from infra.simulator.starface.switches import LightLicence

connection = MethodTable("connection")
service = MethodTable("service")
system = MethodTable("system")
legacy = MethodTable("legacy")

REQUEST_SERVICES = (
    "connection",
    "service",
    "system",
    "call",
    "phone",
    "userState",
    "callList",
    "redirect",
    "functionKey",
    "group",
    "voicemailList",
)
"""Fax and queue are known by name but not provided."""


@connection.method("login", since=20, needs_session=False)
def _login(context: Context) -> object:
    if context.user.licence == "USERLIGHT":
        refusal = context.pbx.switches.light_licence
        if refusal is LightLicence.FAULT:
            raise FaultError(0, f"UciIllegalAccessException: user {context.user.login} has no licence for UCI")
        if refusal is LightLicence.FALSE:
            return False
    context.pbx.sessions.open(
        context.user.login, context.callback, context.credential, by_jwt=context.by_jwt, version=context.version
    )
    return LOGGED_IN


@connection.method("keepAlive", since=20, needs_session=False)
def _keep_alive(context: Context) -> bool:
    if context.session is None:
        return False
    context.pbx.sessions.touch(context.session)
    return True


@connection.method("logout", since=20, needs_session=False)
def _logout(context: Context) -> object:
    if context.session is not None:
        context.pbx.sessions.close(context.session)
    return True if context.version == 20 else VOID


@legacy.method("setProvidedServices", list, since=20)
def _set_provided_services(context: Context, services: list[str]) -> bool:
    return all(_subscribe(context, each) for each in services)


@service.method("subscribeEvents", str)
def _subscribe_events(context: Context, name: str) -> bool:
    return _subscribe(context, name)


@service.method("unsubscribeEvents", str)
def _unsubscribe_events(context: Context, name: str) -> bool:
    if context.session is None or name not in context.session.subscriptions:
        return False
    context.session.subscriptions.discard(name)
    return True


@service.method("getProvidedEvents")
def _get_provided_events(context: Context) -> list[str]:
    return context.pbx.announcer.provided_services(context.version)


@service.method("getProvidedRequests")
def _get_provided_requests(context: Context) -> list[str]:
    return _request_services(context.version)


@service.method("providesEvents", str)
def _provides_events(context: Context, name: str) -> bool:
    return name in context.pbx.announcer.provided_services(context.version)


@service.method("providesRequests", str)
def _provides_requests(context: Context, name: str) -> bool:
    return name in _request_services(context.version)


@system.method("getServerVersion", needs_session=False)
def _get_server_version(context: Context) -> str:
    return context.pbx.config.version


def _subscribe(context: Context, name: str) -> bool:
    provided: Iterable[str] = (
        each for version in (20, 22, 30) for each in context.pbx.announcer.provided_services(version)
    )
    if context.session is None or name not in provided:
        return False
    context.session.subscriptions.add(name)
    return True


def _request_services(version: int) -> list[str]:
    return [f"ucp.v{version}.requests.{name}" for name in REQUEST_SERVICES]
