"""OAuth endpoints of STARFACE 10 and later (UCI reference, section 2.7)."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

import jwt
from aiohttp import web

from infra.simulator.starface.config import FIRST_OAUTH
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import User
from infra.simulator.starface.switches import Scope
from infra.simulator.starface.tokens import KEY_ID, signing_key

REALM = "/auth/realms/pbx"
MOST_CODES = 1_000
LOGIN_FORM = """<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>STARFACE</title><h1>STARFACE</h1>
<form method="post">%s<label>Login <input name="username"></label>
<label>Passwort <input name="password" type="password"></label><button>Anmelden</button></form></html>"""


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client that the PBX knows."""

    needs_secret: bool
    password: bool
    code: bool
    redirect_schemes: tuple[str, ...] = ()


CLIENTS = {
    "rest-client-headless": Client(needs_secret=True, password=True, code=False),
    "rest-client": Client(needs_secret=False, password=False, code=True, redirect_schemes=("http",)),
    "windows-app": Client(needs_secret=False, password=True, code=True, redirect_schemes=("starface-app",)),
}


@dataclass(frozen=True, slots=True)
class _Code:
    login: str
    client_id: str
    scope: str
    redirect_uri: str
    challenge: str


class OAuthError(Exception):
    """An error answer of the token endpoint."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


class OAuthInterface:
    """Discovery, keys, authorization code with PKCE, password and refresh grants."""

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._codes: OrderedDict[str, _Code] = OrderedDict()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        if self._pbx.config.version_numbers < FIRST_OAUTH:
            return
        router.add_get("/.well-known/openid-configuration", self._point_to_discovery)
        router.add_get(f"{REALM}/.well-known/openid-configuration", self._discover)
        router.add_get(f"{REALM}/oauth2/certs", self._keys)
        router.add_get(f"{REALM}/oauth2/auth", self._show_form)
        router.add_post(f"{REALM}/oauth2/auth", self._authorize)
        router.add_post(f"{REALM}/oauth2/token", self._token)

    async def _point_to_discovery(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{REALM}/.well-known/openid-configuration"})

    async def _discover(self, request: web.Request) -> web.Response:
        realm = f"{request.scheme}://{request.host}{REALM}"
        document = {
            "issuer": realm,
            "authorization_endpoint": f"{realm}/oauth2/auth",
            "token_endpoint": f"{realm}/oauth2/token",
            "jwks_uri": f"{realm}/oauth2/certs",
            "grant_types_supported": ["authorization_code", "password", "refresh_token"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
        return web.json_response(document)

    async def _keys(self, _request: web.Request) -> web.Response:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
        return web.json_response({"keys": [{**key, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]})

    async def _show_form(self, request: web.Request) -> web.Response:
        if not self._is_valid_request(request.query):
            return web.Response(status=400, text="invalid_request")
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in request.query.items()
        )
        return web.Response(text=LOGIN_FORM % hidden, content_type="text/html")

    async def _authorize(self, request: web.Request) -> web.Response:
        form = _texts(await request.post())
        user = self._user(form)
        if not self._is_valid_request(form):
            return web.Response(status=400, text="invalid_request")
        if user is None:
            return web.Response(status=401, text="Anmeldung fehlgeschlagen")
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(
            user.login, form["client_id"], form.get("scope", ""), form["redirect_uri"], form["code_challenge"]
        )
        while len(self._codes) > MOST_CODES:
            self._codes.popitem(last=False)
        query = urlencode({"code": code, "state": form.get("state", "")})
        return web.Response(status=302, headers={"Location": f"{form['redirect_uri']}?{query}"})

    async def _token(self, request: web.Request) -> web.Response:
        form = _texts(await request.post())
        try:
            tokens = self._grant(self._client(request, form), form)
        except OAuthError as error:
            return _refusal(error)
        return web.json_response(tokens)

    def _grant(self, client_id: str, form: Mapping[str, str]) -> dict[str, object]:
        grants = {
            "password": self._grant_password,
            "authorization_code": self._grant_code,
            "refresh_token": self._grant_refresh,
        }
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported")
        return grant(client_id, form)

    def _grant_refresh(self, client_id: str, form: Mapping[str, str]) -> dict[str, object]:
        tokens = self._pbx.tokens.refresh(form.get("refresh_token", ""), client_id)
        if tokens is None:
            raise _invalid_grant("The refresh token is not valid")
        return tokens

    def _client(self, request: web.Request, form: Mapping[str, str]) -> str:
        client_id, secret = _basic_credentials(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        client = CLIENTS.get(client_id)
        expected = self._pbx.config.client_secret
        if client is None or (client.needs_secret and not hmac.compare_digest(secret.encode(), expected.encode())):
            raise OAuthError(401, "invalid_client", "Client id or secret is wrong")
        return client_id

    def _grant_password(self, client_id: str, form: Mapping[str, str]) -> dict[str, object]:
        user = self._user(form)
        if not CLIENTS[client_id].password:
            raise OAuthError(400, "unauthorized_client", "The client may not use passwords")
        if user is None:
            raise _invalid_grant("Login or password is wrong")
        if "oauth_password_grant" not in user.rights:
            raise OAuthError(401, "unauthorized_client", "The user may not use the password grant")
        return self._pbx.tokens.issue(user.login, client_id, self._scope(form.get("scope", "")))

    def _grant_code(self, client_id: str, form: Mapping[str, str]) -> dict[str, object]:
        code = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = code is not None and (code.client_id, code.redirect_uri, code.challenge) == (
            client_id,
            form.get("redirect_uri"),
            challenge,
        )
        if code is None or not fits:
            raise _invalid_grant("The code is not valid")
        return self._pbx.tokens.issue(code.login, client_id, self._scope(code.scope))

    def _scope(self, scope: str) -> str:
        accepted = self._pbx.switches.oauth_scope
        known = {"login", "pbx-login"} if accepted is Scope.BOTH else {accepted.value}
        if scope not in known:
            raise OAuthError(400, "invalid_scope", "The scope is not known")
        return scope

    def _user(self, form: Mapping[str, str]) -> User | None:
        user = self._pbx.accounts.users.get(form.get("username", ""))
        fits = user is not None and hmac.compare_digest(form.get("password", "").encode(), user.password.encode())
        return user if fits else None

    def _is_valid_request(self, form: Mapping[str, str]) -> bool:
        client = CLIENTS.get(form.get("client_id", ""))
        target = urlsplit(form.get("redirect_uri", ""))
        loopback = target.scheme != "http" or target.hostname in {"127.0.0.1", "localhost"}
        return (
            client is not None
            and client.code
            and form.get("response_type") == "code"
            and form.get("code_challenge_method") == "S256"
            and bool(form.get("code_challenge"))
            and target.scheme in client.redirect_schemes
            and loopback
        )


def _texts(form: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _invalid_grant(description: str) -> OAuthError:
    return OAuthError(400, "invalid_grant", description)


def _refusal(error: OAuthError) -> web.Response:
    body = {"error": error.error, "error_description": error.description}
    return web.json_response(body, status=error.status)


def _basic_credentials(request: web.Request) -> tuple[str, str] | None:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return None
    try:
        client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret
