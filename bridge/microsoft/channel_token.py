"""The chat channel's token: who may post to ``/api/messages`` (Teams platform notes, section 2.1)."""

from dataclasses import dataclass

from bridge.errors import Unauthenticated
from bridge.microsoft.compact import bearer, key_id, verified
from bridge.microsoft.keys import KeyStore
from bridge.microsoft.service_hosts import ServiceHosts

CHANNEL = "msteams"
LEEWAY = 300
"""Seconds of clock difference that the channel's rules allow."""
HEADERS_KEPT = 32
REQUIRED = ["exp", "iss", "aud", "serviceurl"]


@dataclass(frozen=True, slots=True)
class ChannelClaims:
    """What a checked token vouches for."""

    service_url: str
    endorsements: frozenset[str]

    def match(self, channel: object, service_url: object) -> None:
        """Hold an activity's channel and service URL against the token it came with.

        Raises:
            Unauthenticated: another channel than Teams, a key not endorsed for it, or another service URL.
        """
        if channel != CHANNEL or CHANNEL not in self.endorsements:
            raise Unauthenticated("the key is not endorsed for the activity's channel")
        if service_url != self.service_url:
            raise Unauthenticated("the service URL is not the token's")


class ChannelTokens:
    """Checks tokens of one channel issuer for one bot."""

    def __init__(self, keys: KeyStore, hosts: ServiceHosts, *, metadata_url: str, issuer: str, app_id: str) -> None:
        if not app_id:
            raise ValueError("an empty app id would let anybody in")
        self._keys = keys
        self._hosts = hosts
        self._metadata_url = metadata_url
        self._issuer = issuer
        self._app_id = app_id
        self._key_ids: dict[str, str] = {}

    async def check(self, authorization: str | None) -> ChannelClaims:
        """Check signature and claims of an Authorization header.

        Raises:
            Unauthenticated: no token of this channel for this bot, or it is outside its time.
            Unavailable: the channel's keys are not known and cannot be read.
        """
        token = bearer(authorization)
        header = token.partition(".")[0]
        kid = self._key_ids.get(header) or key_id(header)
        issuer = await self._keys.issuer(self._metadata_url, kid)
        key = issuer.keys.get(kid) if issuer is not None else None
        if key is None:
            raise Unauthenticated("unknown key")
        claims = verified(token, key.public, REQUIRED, audience=self._app_id, issuer=self._issuer, leeway=LEEWAY)
        service_url = claims["serviceurl"]
        if not isinstance(service_url, str) or not self._hosts.admit(service_url):
            raise Unauthenticated("the token names no service of ours")
        if len(self._key_ids) < HEADERS_KEPT:
            self._key_ids[header] = kid  # only headers of genuine tokens get here
        return ChannelClaims(service_url, key.endorsements)
