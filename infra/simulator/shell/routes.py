"""The routes of the shell page, to be mounted into the application that serves the tab.

teams-js accepts a host page of the tab's own origin, so the shell has to be served from there: `/` and `/shell/…`.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from infra.simulator.microsoft.population import Population
from infra.simulator.shell.phone import PhoneProxy

DIST = Path(__file__).parent / "dist"
BUILD_HINT = "The shell page has not been built. Run `make run`, or `npm ci && npm run build` in infra/simulator/shell."
ASSET_TYPES = {
    "shell.js": "text/javascript",
    "shell.css": "text/css",
    "icon.svg": "image/svg+xml",
    "shell.js.map": "application/json",
    "shell.css.map": "application/json",
}


@dataclass(frozen=True, slots=True)
class ShellUser:
    """A person whom one may be in the shell. `phone_login` is the login at the simulated STARFACE, or None."""

    id: str
    name: str
    principal_name: str
    tenant_id: str
    tenant_name: str
    is_admin: bool
    locale: str
    phone_login: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody outside who may let the phone ring."""

    name: str
    number: str


DEMO_CALLERS = (
    Caller("Max Müller", "+49 30 23125 801"),
    Caller("Nordlicht Technik GmbH", "+49 30 23125 800"),
    Caller("Bäckerei Kranz", "+49 30 23125 802"),
    Caller("Zoë Öztürk", "+49 30 23125 899"),
)


@dataclass(frozen=True, slots=True)
class ShellConfig:
    """What the page needs to know.

    Attributes:
        microsoft_control_url: base of the simulated Microsoft side's control interface (`MicrosoftSimulator.control_url`).
        starface_control_url: base of the simulated STARFACE's control interface, or None for a shell without phone strip.
        app_id: the Teams app's id; the tab sees it in its context.
        users: who one may be; the first is chosen at the start.
        tab_url: address of the tab, on the same origin.
        app_name, entity_id: as in the app manifest.
        callers: suggestions for the phone strip.
    """

    microsoft_control_url: str
    starface_control_url: str | None
    app_id: str
    users: tuple[ShellUser, ...]
    tab_url: str = "/tab/"
    app_name: str = "STARFACE"
    entity_id: str = "phone"
    callers: tuple[Caller, ...] = DEMO_CALLERS

    def as_json(self) -> dict[str, Any]:
        """The contents of `/shell/config.json`; names in the page's spelling."""
        return {
            "microsoftControlUrl": self.microsoft_control_url,
            "starfaceControlUrl": None if self.starface_control_url is None else "/shell/phone",
            "appId": self.app_id,
            "tabUrl": self.tab_url,
            "appName": self.app_name,
            "entityId": self.entity_id,
            "users": [in_page_spelling(asdict(user)) for user in self.users],
            "callers": [asdict(caller) for caller in self.callers],
        }


def users_of(population: Population) -> tuple[ShellUser, ...]:
    """The people of a simulated Microsoft cloud, for the shell."""
    return tuple(
        ShellUser(
            id=user.id,
            name=user.name,
            principal_name=user.principal_name,
            tenant_id=user.tenant.id,
            tenant_name=user.tenant.name,
            is_admin=user.is_admin,
            locale=user.locale,
            phone_login=user.phone_login,
        )
        for user in population.users
    )


def in_page_spelling(fields: dict[str, Any]) -> dict[str, Any]:
    """`phone_login` becomes `phoneLogin`."""
    spelled = {}
    for name, value in fields.items():
        first, *others = name.split("_")
        spelled[first + "".join(word.capitalize() for word in others)] = value
    return spelled


def content_security_policy(config: ShellConfig) -> str:
    """Own scripts and styles only; connections to the own origin and to the simulated Microsoft side."""
    parts = urlsplit(config.microsoft_control_url)
    connect = f"'self' {parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src {connect}; "
        "img-src 'self' data: https:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def shell_routes(config: ShellConfig) -> list[web.RouteDef]:
    """`/`, `/shell/config.json` and the page's assets. Without a build, `/` answers 503 and says how to build."""
    headers = {
        "Content-Security-Policy": content_security_policy(config),
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }

    async def page(_request: web.Request) -> web.Response:
        body = await asset("index.html")
        if body is None:
            return web.Response(text=BUILD_HINT, status=503)
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)

    async def settings(_request: web.Request) -> web.Response:
        return web.json_response(config.as_json(), headers={"Cache-Control": "no-store"})

    async def file(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await asset(name) if name in ASSET_TYPES else None
        if body is None:
            raise web.HTTPNotFound
        return web.Response(
            body=body, content_type=ASSET_TYPES[name], charset="utf-8", headers={"Cache-Control": "no-cache"}
        )

    phone = [] if config.starface_control_url is None else PhoneProxy(config.starface_control_url).routes()
    return [web.get("/", page), web.get("/shell/config.json", settings), *phone, web.get("/shell/{name}", file)]


async def asset(name: str) -> bytes | None:
    """A built file, read off the event loop; None when it is not there."""
    try:
        return await asyncio.to_thread((DIST / name).read_bytes)
    except FileNotFoundError:
        return None
