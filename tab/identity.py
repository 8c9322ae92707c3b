"""Who asks: what the tab face needs of whoever checks Teams tokens."""

import ipaddress
from typing import Protocol

from aiohttp import web

from bridge.model.ids import UserKey


class TeamsUser(Protocol):
    """A checked Teams user."""

    @property
    def key(self) -> UserKey:
        """Tenant and person."""

    @property
    def roles(self) -> frozenset[str]:
        """Entra directory roles (template ids)."""


class TeamsTokens(Protocol):
    """Checks the ``Authorization`` header of a request."""

    async def check(self, authorization: str | None) -> TeamsUser:
        """Give the user; ``Unauthenticated`` for anything but a sound token, ``Unavailable`` if no keys can be had."""


def client_address(request: web.Request) -> str:
    """The network address a request comes from, for the limits on sign-in.

    Behind a reverse proxy the peer is the proxy: then what it wrote last into ``X-Forwarded-For`` counts. A peer with a
    public address is not a proxy of ours and is not believed.
    """
    peer = request.remote or ""
    if not _is_inside(peer):
        return peer
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded[:64] or peer


def _is_inside(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
