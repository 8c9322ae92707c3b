"""The parts of the simulated cloud, its addresses, and what tests most often ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from infra.simulator.microsoft.activities import ActivityWriter
from infra.simulator.microsoft.channel import Channel
from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.connector import Connector
from infra.simulator.microsoft.conversations import Conversations
from infra.simulator.microsoft.forged_channel import ForgedRequest, forge_channel_requests
from infra.simulator.microsoft.forged_sso import forge_sso_tokens
from infra.simulator.microsoft.graph import Graph
from infra.simulator.microsoft.identity import Identity
from infra.simulator.microsoft.keys import KeyRing, SigningKey
from infra.simulator.microsoft.population import DEMO_POPULATION, Population, User
from infra.simulator.microsoft.tokens import ChannelMint, EntraMint

APP_ID = "d3105e11-7e1e-4f0e-8c0a-57a2face0001"
APP_SECRET = "simulated-app-secret"
HOME_TENANT = "0f0e0d0c-1111-4222-8333-57a2face0002"
CHANNEL_ISSUER = "https://api.botframework.com"


@dataclass(frozen=True, slots=True)
class MicrosoftSettings:
    """How the simulated cloud is set up.

    Attributes:
        host, port: where it listens; port 0 takes a free one.
        app_id, app_secret: the app registration and its secret.
        app_certificate: PEM of a certificate whose key may sign client assertions, or None.
        home_tenant: the tenant in which the app is registered; the bot's token for the connector must come from it.
        bot_endpoint: where activities are posted to; may be set later.
        channel_issuer: the `iss` of the channel's tokens.
        population: tenants and people.
        keys: ready-made keys of Entra, of the channel and of a stranger; None makes fresh ones at the start.
    """

    host: str = "127.0.0.1"
    port: int = 0
    app_id: str = APP_ID
    app_secret: str = APP_SECRET
    app_certificate: bytes | None = None
    home_tenant: str = HOME_TENANT
    bot_endpoint: str | None = None
    channel_issuer: str = CHANNEL_ISSUER
    population: Population = field(default=DEMO_POPULATION)
    keys: tuple[SigningKey, SigningKey, SigningKey] | None = None


class Cloud:
    """All parts of one simulated cloud. They exist once the simulator has been started."""

    settings: MicrosoftSettings
    base_url: str
    clock: Clock
    identity: Identity
    channel: Channel
    connector: Connector
    graph: Graph
    conversations: Conversations
    activities: ActivityWriter
    entra: EntraMint
    channel_mint: ChannelMint
    entra_keys: KeyRing
    channel_keys: KeyRing
    stranger_key: SigningKey
    """A key that nobody publishes."""

    # Addresses

    @property
    def service_url(self) -> str:
        """What activities carry as `serviceUrl`; it has a path and a trailing slash, as Teams' own have."""
        return f"{self.base_url}/emea/"

    @property
    def graph_url(self) -> str:
        """Graph's base."""
        return f"{self.base_url}/v1.0"

    @property
    def channel_metadata_url(self) -> str:
        """The OpenID metadata of the chat channel."""
        return f"{self.base_url}/channel/v1/.well-known/openidconfiguration"

    @property
    def control_url(self) -> str:
        """Base of the control interface."""
        return f"{self.base_url}/_control/api"

    def environment(self) -> dict[str, str]:
        """The environment variables by which the product is pointed at this simulator."""
        return {
            "MICROSOFT_APP_ID": self.settings.app_id,
            "MICROSOFT_APP_TENANT_ID": self.settings.home_tenant,
            "MICROSOFT_APP_PASSWORD": self.settings.app_secret,
            "ENTRA_AUTHORITY": self.base_url,
            "BOT_OPENID_METADATA_URL": self.channel_metadata_url,
            "BOT_TOKEN_ISSUER": self.settings.channel_issuer,
            "BOT_SERVICE_HOSTS": self.settings.host,
            "GRAPH_URL": self.graph_url,
        }

    # Shortcuts

    def user(self, key: str) -> User:
        """A person by object id, sign-in name, alias (`anna.schmidt`) or channel id."""
        return self.settings.population.user(key)

    def sso_token(self, user: User, **overrides: Any) -> str:
        """A Teams single sign-on token; an override replaces a claim, None removes it, `key=` signs with another key."""
        return self.entra.sso_token(user, **overrides)

    def channel_token(self, service_url: str | None = None, **overrides: Any) -> str:
        """A token of the chat channel for one service URL (its own by default); overrides as for `sso_token`."""
        return self.channel_mint.token(service_url or self.service_url, **overrides)

    def forged_sso_tokens(self, user: User) -> dict[str, str]:
        """Every kind of token that must be refused with 401, by name."""
        return forge_sso_tokens(self.entra, user, self.stranger_key, self.channel_token())

    def forged_channel_requests(self, user: User | None = None) -> list[ForgedRequest]:
        """Requests to the bot endpoint that must be refused, with what may be answered."""
        sender = user or self.settings.population.users[0]
        activity = self.activities.message(sender, self.conversations.of(sender).id, "help")
        return forge_channel_requests(self.channel_mint, activity, self.stranger_key, self.entra)
