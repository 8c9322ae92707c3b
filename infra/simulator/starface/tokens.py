"""OAuth tokens of STARFACE 10: a signed access token and an opaque refresh token."""

import functools
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from infra.simulator.starface.clock import Clock
from infra.simulator.starface.switch_panel import SwitchPanel

KEY_ID = "key-1"
MOST_REFRESH_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class _Grant:
    login: str
    client_id: str
    scope: str
    expires: float


@functools.lru_cache(maxsize=1)
def signing_key() -> RSAPrivateKey:
    """One key per process: making it takes a noticeable moment."""
    return generate_private_key(public_exponent=65537, key_size=2048)


class TokenIssuer:
    """Issues, checks and renews the tokens of one PBX; knows the simulated time."""

    def __init__(self, clock: Clock, panel: SwitchPanel) -> None:
        self._clock = clock
        self._panel = panel
        self._grants: OrderedDict[str, _Grant] = OrderedDict()

    def issue(self, login: str, client_id: str, scope: str) -> dict[str, Any]:
        """The answer of the token endpoint (UCI reference, section 2.7)."""
        switches = self._panel.switches
        refresh = secrets.token_urlsafe(32)
        self._grants[refresh] = _Grant(login, client_id, scope, self._clock.now() + switches.refresh_lifetime)
        while len(self._grants) > MOST_REFRESH_TOKENS:
            self._grants.popitem(last=False)
        return self._answer(login, client_id, scope, refresh)

    def refresh(self, token: str, client_id: str) -> dict[str, Any] | None:
        """New tokens for a refresh token; None when it is unknown, expired or another client's."""
        grant = self._grants.get(token)
        if grant is None or grant.client_id != client_id or grant.expires <= self._clock.now():
            return None
        if not self._panel.switches.refresh_rotates:
            return self._answer(grant.login, client_id, grant.scope, token)
        del self._grants[token]
        return self.issue(grant.login, client_id, grant.scope)

    def login_of(self, access_token: str) -> str | None:
        """Whose access token this is; None when it is forged, foreign or expired."""
        try:
            claims = jwt.decode(
                access_token,
                signing_key().public_key(),
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.PyJWTError:
            return None
        return str(claims["preferred_username"]) if claims["exp"] > self._clock.now() else None

    def revoke(self, login: str) -> None:
        """Forget the refresh tokens of a user."""
        for token in [token for token, grant in self._grants.items() if grant.login == login]:
            del self._grants[token]

    def _answer(self, login: str, client_id: str, scope: str, refresh: str) -> dict[str, Any]:
        switches = self._panel.switches
        now = self._clock.now()
        claims = {
            "sub": login,
            "preferred_username": login,
            "azp": client_id,
            "scope": scope,
            "iat": int(now),
            "exp": int(now + switches.access_lifetime),
            "jti": secrets.token_hex(8),
        }
        return {
            "access_token": jwt.encode(claims, signing_key(), algorithm="RS256", headers={"kid": KEY_ID}),
            "expires_in": int(switches.access_lifetime),
            "refresh_token": refresh,
            "refresh_expires_in": int(switches.refresh_lifetime),
            "token_type": "Bearer",
            "scope": scope,
        }
