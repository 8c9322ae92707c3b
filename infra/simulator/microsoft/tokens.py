"""Minting tokens the way Entra and the chat channel do (Teams platform notes, sections 2.1 and 4.3)."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.keys import Claims, KeyRing, SigningKey
from infra.simulator.microsoft.population import User

TEAMS_WEB_CLIENT = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346"
TEAMS_DESKTOP_CLIENT = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"
CONNECTOR_AUDIENCE = "https://api.botframework.com"
GRAPH_AUDIENCE = "https://graph.microsoft.com"
LIFETIME = 3900
"""Seconds that a token lives; Entra gives 60 to 90 minutes."""

ALL_APPLICATION_ROLES = ("Presence.Read.All", "Presence.ReadWrite.All", "User.Read.All")


def without_absent(claims: Claims) -> Claims:
    """Drop the claims whose value is None: that is how callers ask for a claim to be missing."""
    return {name: value for name, value in claims.items() if value is not None}


@dataclass
class EntraMint:
    """Signs what Entra signs. `base` is the authority's address without a trailing slash."""

    base: str
    app_id: str
    keys: KeyRing
    clock: Clock
    application_roles: list[str] = field(default_factory=lambda: list(ALL_APPLICATION_ROLES))

    def issuer(self, tenant_id: str) -> str:
        """The `iss` of version 2.0 tokens of one tenant."""
        return f"{self.base}/{tenant_id}/v2.0"

    def times(self, lifetime: int = LIFETIME) -> Claims:
        """`iat`, `nbf` and `exp` from now on."""
        now = int(self.clock.now())
        return {"iat": now, "nbf": now, "exp": now + lifetime}

    def sso_claims(self, user: User, **overrides: Any) -> Claims:
        """The claims that Teams' single sign-on token carries for a person; an override of None removes a claim."""
        claims = {
            "aud": self.app_id,
            "iss": self.issuer(user.tenant.id),
            **self.times(),
            "azp": TEAMS_WEB_CLIENT,
            "azpacr": "0",
            "name": user.name,
            "oid": user.id,
            "preferred_username": user.principal_name,
            "scp": "access_as_user",
            "sub": pairwise_subject(user, self.app_id),
            "tid": user.tenant.id,
            "uti": uuid.uuid4().hex[:22],
            "ver": "2.0",
            "wids": list(user.wids),
            **overrides,
        }
        return without_absent(claims)

    def sso_token(self, user: User, *, key: SigningKey | None = None, **overrides: Any) -> str:
        """A single sign-on token as `authentication.getAuthToken` hands it to a tab."""
        return (key or self.keys.current).sign(self.sso_claims(user, **overrides))

    def app_token(self, tenant_id: str, audience: str, **overrides: Any) -> str:
        """What the client-credentials grant gives: a version 1.0 token for a Microsoft API."""
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant_id}/",
            **self.times(),
            "appid": self.app_id,
            "appidacr": "1",
            "idtyp": "app",
            "tid": tenant_id,
            "ver": "1.0",
            "uti": uuid.uuid4().hex[:22],
            "roles": list(self.application_roles) if audience == GRAPH_AUDIENCE else None,
            **overrides,
        }
        return self.keys.current.sign(without_absent(claims))

    def delegated_token(self, user: User, audience: str, scopes: str) -> str:
        """What the on-behalf-of grant gives: a token for a Microsoft API in a person's name."""
        return self.app_token(
            user.tenant.id,
            audience,
            idtyp=None,
            roles=None,
            scp=scopes,
            oid=user.id,
            upn=user.principal_name,
            name=user.name,
            sub=pairwise_subject(user, audience),
        )


def pairwise_subject(user: User, audience: str) -> str:
    """The `sub` claim: another one for each pair of person and app."""
    return hashlib.sha256(f"{user.tenant.id}:{user.id}:{audience}".encode()).hexdigest()[:43]


@dataclass
class ChannelMint:
    """Signs what the chat channel signs for its requests to a bot."""

    issuer: str
    app_id: str
    keys: KeyRing
    clock: Clock

    def claims(self, service_url: str, **overrides: Any) -> Claims:
        """The channel token's claims; an override of None removes a claim."""
        now = int(self.clock.now())
        claims = {
            "serviceurl": service_url,
            "nbf": now,
            "exp": now + 3600,
            "iss": self.issuer,
            "aud": self.app_id,
            **overrides,
        }
        return without_absent(claims)

    def token(self, service_url: str, *, key: SigningKey | None = None, **overrides: Any) -> str:
        """A signed channel token for one service URL."""
        return (key or self.keys.current).sign(self.claims(service_url, **overrides))
