"""Everything Microsoft vouches for, made from the settings: who asks, who writes, and who we are."""

from collections.abc import Callable

import aiohttp

from bridge.microsoft.channel_token import ChannelTokens
from bridge.microsoft.graph import Graph
from bridge.microsoft.keys import KeyStore
from bridge.microsoft.outbound_token import ConnectorTokens, OutboundTokens
from bridge.microsoft.service_hosts import ServiceHosts
from bridge.microsoft.sso import SsoTokens
from bridge.secret import Secret
from bridge.settings import Settings


class MicrosoftGates:
    """Checks tokens of the tab and of the chat channel, and holds the bot's own. ``count`` hears of key fetches."""

    def __init__(self, http: aiohttp.ClientSession, settings: Settings, count: Callable[[str], None]) -> None:
        entra_keys = KeyStore(http, told=lambda what: count(f"keys_{what}"))
        channel_keys = KeyStore(http, told=lambda what: count(f"keys_{what}"))
        self.hosts = ServiceHosts(settings.bot_service_hosts)
        self.tab_tokens = SsoTokens(
            entra_keys,
            authority=settings.entra_authority,
            app_id=settings.microsoft_app_id,
            public_url=settings.public_url,
        )
        self.channel_tokens = ChannelTokens(
            channel_keys,
            self.hosts,
            metadata_url=settings.bot_openid_metadata_url,
            issuer=settings.bot_token_issuer,
            app_id=settings.microsoft_app_id,
        )
        self._outbound = _own_tokens(settings)
        self._graph_tokens = _own_tokens(settings, tells=False)
        self.graph = Graph(
            http,
            self._graph_tokens,
            url=settings.graph_url,
            app_id=settings.microsoft_app_id,
            authority=settings.entra_authority,
            consented_at=f"{settings.public_url}/tab/consent.html",
            count=count,
        )
        self.connector_tokens = ConnectorTokens(self._outbound, settings.microsoft_app_tenant_id)

    async def stop(self) -> None:
        """Let the workers go."""
        await self._outbound.stop()
        await self._graph_tokens.stop()


def _own_tokens(settings: Settings, *, tells: bool = True) -> OutboundTokens:
    """Each purpose has applications and workers of its own: customers' tenants never keep the bot waiting."""
    return OutboundTokens(
        authority=settings.entra_authority,
        app_id=settings.microsoft_app_id,
        credential=settings.microsoft_app_password or settings.microsoft_app_certificate or Secret(""),
        tells=tells,
    )
