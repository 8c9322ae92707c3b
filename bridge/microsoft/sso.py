"""Teams single sign-on: the token of a tab's request becomes a person (Teams platform notes, section 4.3)."""

import hashlib
import re
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bridge.errors import TooManyAttempts, Unauthenticated
from bridge.microsoft.compact import bearer, key_id, segment, verified
from bridge.microsoft.keys import KeyStore, VerifyingKey
from bridge.model.ids import PersonId, TenantId, UserKey

LEEWAY = 60
"""Seconds of clock difference between Entra and us."""
CACHE_LIFE = 60.0
"""Longest time in seconds for which a checked token is believed without a new check."""
CACHE_SIZE = 20_000
SCOPE = "access_as_user"
REQUIRED = ["exp", "iat", "iss", "aud", "tid", "oid"]
MAXIMUM_ROLES = 256

TEAMS_CLIENTS = frozenset(
    {
        "1fec8e78-bce4-4aaf-ab1b-5451cc387264",  # Teams desktop and mobile
        "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",  # Teams web
        "4765445b-32c6-49b0-83e6-1d93765276ca",  # Microsoft 365 web
        "0ec893e0-5785-4de6-99da-4ed124e5296c",  # Microsoft 365 desktop
        "d3590ed6-52b3-4102-aeff-aad2292ab01c",  # Microsoft 365 mobile, Outlook desktop
        "bc59ab01-8403-45c6-8796-ac3ef710b3e3",  # Outlook web
        "27922004-5251-4030-b22d-91ecd9a37ea4",  # Outlook mobile
    }
)
"""The applications that may ask for a token in a person's name."""

_GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class TeamsUser:
    """A person of whom Entra vouches, and the directory roles (template ids, claim ``wids``) they hold."""

    key: UserKey
    roles: frozenset[str] = frozenset()


class SsoTokens:
    """Checks single sign-on tokens of any tenant for one app registration.

    ``keys`` holds keys of Entra and of nobody else. ``clock`` gives Unix seconds.
    """

    def __init__(
        self, keys: KeyStore, *, authority: str, app_id: str, public_url: str, clock: Callable[[], float] = time.time
    ) -> None:
        if not app_id:
            raise ValueError("an empty app id would let anybody in")
        self._keys = keys
        self._authority = authority.rstrip("/")
        self._app_id = app_id
        self._app_uris = application_uris(app_id, public_url)
        self._clock = clock
        self._checked = _CheckedTokens()

    async def check(self, authorization: str | None) -> TeamsUser:
        """Give the person of an Authorization header.

        Raises:
            Unauthenticated: no token, or anything about it does not fit.
            Unavailable: Entra cannot be reached and no key of this tenant is known.
        """
        token = bearer(authorization)
        digest = hashlib.sha256(token.encode()).digest()
        known = self._checked.get(digest, self._clock())
        if known is not None:
            return known
        claims = await self._verified(token)
        user = _user(claims)
        self._checked.put(digest, user, min(float(claims["exp"]), self._clock() + CACHE_LIFE))
        return user

    def forget(self, user: UserKey) -> None:
        """Believe no earlier check of this person's tokens any more (after sign-out)."""
        self._checked.forget(user)

    async def _verified(self, token: str) -> dict[str, Any]:
        header, payload, _ = token.split(".")
        kid, unproven = key_id(header), segment(payload)
        tenant = _guid(unproven.get("tid"))
        issuer_name, key = await self._issuer_and_key(token, kid, tenant)
        expected, audiences = self._expected(unproven.get("ver"), tenant, issuer_name)
        claims: dict[str, Any] = {}
        for audience in audiences:
            if unproven.get("aud") == audience:
                claims = verified(token, key.public, REQUIRED, audience=audience, issuer=expected, leeway=LEEWAY)
        if not claims:
            raise Unauthenticated("the token is for somebody else")
        _check_grant(claims)
        return claims

    async def _issuer_and_key(self, token: str, kid: str, tenant: TenantId) -> tuple[str, VerifyingKey]:
        url = f"{self._authority}/{tenant}/v2.0/.well-known/openid-configuration"
        proven = not self._keys.holds(url) and self._is_signed_by_a_known_key(token, kid)
        try:
            issuer = await self._keys.issuer(url, kid, proven=proven)
        except TooManyAttempts:
            raise Unauthenticated("too many tokens of unknown tenants") from None
        key = issuer.keys.get(kid) if issuer is not None else None
        if issuer is None or key is None:
            raise Unauthenticated("unknown tenant or key")
        name = issuer.name.replace("{tenantid}", tenant)
        if not name.lower().endswith(f"/{tenant}/v2.0"):
            raise Unauthenticated("the issuer is not the tenant's")
        if key.issuer is not None and key.issuer.replace("{tenantid}", tenant) != name:
            raise Unauthenticated("the key is another issuer's")
        return name, key

    def _is_signed_by_a_known_key(self, token: str, kid: str) -> bool:
        """Whether Entra signed this at all: then its tenant exists, and asking for it is no stranger's doing."""
        key = self._keys.anywhere(kid)
        if key is None:
            return False
        try:
            verified(token, key.public, REQUIRED, audience=segment(token.split(".")[1]).get("aud"), leeway=LEEWAY)
        except Unauthenticated:
            return False
        return True

    def _expected(self, version: object, tenant: TenantId, issuer: str) -> tuple[str, frozenset[str]]:
        """Issuer and audiences of a token, by the version that the app registration is set to."""
        if version == "2.0":
            return issuer, frozenset({self._app_id})
        if version == "1.0":
            return f"https://sts.windows.net/{tenant}/", self._app_uris
        raise Unauthenticated("unknown token version")


def application_uris(app_id: str, public_url: str) -> frozenset[str]:
    """The application id URIs that a registration of this app may have: with and without host, with and without bot."""
    host = urlsplit(public_url).netloc.lower()
    return frozenset(f"api://{place}{prefix}{app_id}" for place in ("", f"{host}/") for prefix in ("", "botid-"))


def _guid(value: object) -> TenantId:
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise Unauthenticated("the token names no tenant")
    return TenantId(value.lower())


def _check_grant(claims: dict[str, Any]) -> None:
    """A person's token for our API, asked for by a Teams client: not an app's own, not one lured out by somebody else."""
    scopes = claims.get("scp")
    if not isinstance(scopes, str) or SCOPE not in scopes.split():
        raise Unauthenticated("the token grants no access in a person's name")
    for name in ("azp", "appid"):
        if name in claims and claims[name] not in TEAMS_CLIENTS:
            raise Unauthenticated("the token was not asked for by Teams")


def _user(claims: dict[str, Any]) -> TeamsUser:
    person, roles = claims["oid"], claims.get("wids", [])
    if not isinstance(person, str) or not _GUID.fullmatch(person):
        raise Unauthenticated("the token names no person")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise Unauthenticated("the roles cannot be read")
    key = UserKey(_guid(claims["tid"]), PersonId(person.lower()))
    return TeamsUser(key, frozenset(role.lower() for role in roles[:MAXIMUM_ROLES]))


class _CheckedTokens:
    """People by the SHA-256 of a token that was checked, each until its time; the least recently used go first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[bytes, tuple[TeamsUser, float]] = OrderedDict()
        self._of: defaultdict[UserKey, set[bytes]] = defaultdict(set)

    def get(self, digest: bytes, now: float) -> TeamsUser | None:
        entry = self._entries.get(digest)
        if entry is None:
            return None
        user, until = entry
        if now >= until:
            self._drop(digest)
            return None
        self._entries.move_to_end(digest)
        return user

    def put(self, digest: bytes, user: TeamsUser, until: float) -> None:
        self._entries[digest] = (user, until)
        self._of[user.key].add(digest)
        if len(self._entries) > CACHE_SIZE:
            self._drop(next(iter(self._entries)))

    def forget(self, user: UserKey) -> None:
        for digest in list(self._of.get(user, ())):
            self._drop(digest)

    def _drop(self, digest: bytes) -> None:
        user, _ = self._entries.pop(digest)
        digests = self._of[user.key]
        digests.discard(digest)
        if not digests:
            del self._of[user.key]
