"""The identity server of STARFACE 10 and later (UCI reference, section 2.7): password grant, refresh with rotation.

An access token lives five minutes and stands in the URL of every request, so it is renewed by whoever finds it about to end.
Only the path of the announced token endpoint is used, never its host: the password goes to the PBX that was mapped, nowhere else.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from bridge.errors import BridgeError, PbxProtocol
from bridge.model.pbx import PbxEntry
from bridge.secret import Secret
from bridge.starface.errors import AnswerHttpError, AnswerMalformed, OAuthRefused, PbxStarting
from bridge.starface.net import Answer, Form, Wire

DISCOVERY: Final = ("/auth/realms/pbx/.well-known/openid-configuration", "/.well-known/openid-configuration")
"""The second one redirects to the first, and no redirect is followed."""

TOKEN_PATH: Final = "/auth/realms/pbx/oauth2/token"  # noqa: S105 - a path
RENEW_BEFORE: Final = timedelta(seconds=60)
_FORM: Final = "application/x-www-form-urlencoded"
_USUAL_LIFE: Final = 300
_SHORTEST_LIFE: Final = 5
_LONGEST_LIFE: Final = 86_400


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Which client of the identity server we are; one with a secret is shown in the PBX's administration."""

    id: str = "windows-app"
    secret: Secret | None = None
    scope: str = "pbx-login"


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens of one person."""

    access_token: Secret
    refresh_token: Secret | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityServer:
    """The token endpoint of one PBX, and who we are there. ``now`` of a grant is when its tokens begin to age."""

    wire: Wire
    pbx: PbxEntry
    client: OAuthClient
    token_path: str = TOKEN_PATH
    basic: bool = False
    """The client's secret goes into the Authorization header, not into the form."""

    async def by_password(self, login: str, password: Secret, now: datetime) -> Grant:
        """Turn a password into tokens.

        Raises:
            OAuthRefused: login or password is wrong, or the user lacks the right for this grant.
        """
        fields = {"grant_type": "password", "username": login, "password": password.reveal()}
        return await self._grant({**fields, "scope": self.client.scope}, now, None)

    async def by_refresh(self, refresh_token: Secret, now: datetime) -> Grant:
        """Renew the tokens; the refresh token stays the same when the PBX gives no new one.

        Raises:
            OAuthRefused: the refresh token has ended or was taken back.
        """
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        return await self._grant(fields, now, refresh_token)

    async def _grant(self, fields: Mapping[str, str], now: datetime, old: Secret | None) -> Grant:
        answer = await self.wire.send(self.pbx, "POST", self.token_path, self._form(fields))
        if refusal := _refusal(answer):
            raise refusal
        given = _parsed(answer)
        token, renewed, life = given.get("access_token"), given.get("refresh_token"), given.get("expires_in")
        if not isinstance(token, str) or not token:
            raise AnswerMalformed("the identity server gave no access token")
        seconds = life if isinstance(life, int) and not isinstance(life, bool) else _USUAL_LIFE
        ends_at = now + timedelta(seconds=min(max(seconds, _SHORTEST_LIFE), _LONGEST_LIFE))
        return Grant(Secret(token), Secret(renewed) if isinstance(renewed, str) and renewed else old, ends_at)

    def _form(self, fields: Mapping[str, str]) -> Form:
        """Name the client in the form, or with HTTP Basic where the server wants that (RFC 6749, section 2.3.1)."""
        headers: dict[str, str] = {}
        secret = self.client.secret
        if secret is None:
            fields = {**fields, "client_id": self.client.id}
        elif self.basic:
            pair = f"{quote(self.client.id, safe='')}:{quote(secret.reveal(), safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        else:
            fields = {**fields, "client_id": self.client.id, "client_secret": secret.reveal()}
        return Form(urlencode(fields).encode(), _FORM, headers)


async def discover(wire: Wire, pbx: PbxEntry, client: OAuthClient) -> IdentityServer | None:
    """Find the token endpoint; ``None`` when the PBX has no identity server.

    Raises:
        PbxUnreachable, PbxTimeout, PbxAddressForbidden: the PBX was not reached at all.
    """
    for path in DISCOVERY:
        try:
            answer = await wire.send(pbx, "GET", path, Form())
        except PbxProtocol:  # whatever is wrong with this answer, the other place may have a better one
            continue
        described = _parsed(answer) if answer.status == 200 else {}
        endpoint = described.get("token_endpoint")
        if isinstance(endpoint, str) and (token_path := _path(endpoint)):
            return IdentityServer(wire, pbx, client, token_path, _wants_basic(described))
    return None


def _refusal(answer: Answer) -> BridgeError | None:
    if answer.status == 200:
        return None
    if answer.status in {400, 401, 403}:
        return OAuthRefused("the identity server refused")
    if answer.status in {502, 503, 504}:
        return PbxStarting("nothing stands behind the PBX's front end")
    return AnswerHttpError(f"HTTP {answer.status}")


def _path(endpoint: str) -> str:
    try:
        path = urlsplit(endpoint).path
    except ValueError:
        return ""
    plain = path.startswith("/") and path.isascii() and path.isprintable() and len(path) <= 200
    return path if plain and not set(path) & set(" %?#\\") and "/../" not in path else ""


def _wants_basic(described: Mapping[str, object]) -> bool:
    methods = described.get("token_endpoint_auth_methods_supported")
    return isinstance(methods, list) and "client_secret_post" not in methods and "client_secret_basic" in methods


def _parsed(answer: Answer) -> Mapping[str, object]:
    try:
        parsed = json.loads(answer.body)
    except (ValueError, RecursionError):
        parsed = None
    return parsed if isinstance(parsed, dict) else {}
