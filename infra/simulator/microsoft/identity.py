"""The simulated Entra: discovery, keys and the token endpoint.

Errors have the shape and the AADSTS numbers of the real service, so that a client's reaction to them can be tested.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.simulator.microsoft.clock import Clock
from infra.simulator.microsoft.misbehaviour import Fault, Misbehaviour
from infra.simulator.microsoft.population import Population, User
from infra.simulator.microsoft.tokens import LIFETIME, EntraMint

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ON_BEHALF_OF = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SHARED_AUTHORITIES = {"common", "organizations", "botframework.com"}


class GrantRefused(Exception):
    """The token endpoint's answer to a request that gets no token: OAuth error, AADSTS number, HTTP status."""

    def __init__(self, error: str, number: int, text: str, *, status: int = 400, suberror: str | None = None) -> None:
        super().__init__(text)
        self.error, self.number, self.text, self.status, self.suberror = error, number, text, status, suberror

    def body(self) -> dict[str, Any]:
        """The JSON body as Entra writes it."""
        body: dict[str, Any] = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.text}",
            "error_codes": [self.number],
            "trace_id": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()),
        }
        return body if self.suberror is None else {**body, "suberror": self.suberror}


def identity_error(fault: Fault) -> dict[str, Any]:
    """The body of an ordered failure of the identity service."""
    code = fault.code or {429: "temporarily_unavailable", 503: "temporarily_unavailable"}.get(
        fault.status or 0, "server_error"
    )
    return {"error": code, "error_description": "AADSTS90033: A transient error has occurred. Please try again."}


class Identity:
    """Entra for all tenants of one simulated cloud.

    Attributes:
        fetches: how often each of `metadata`, `keys` and `token` was asked (refused requests count too).
        faults: what goes wrong on command; places are `metadata`, `keys`, `token` and tenant ids.
        needs_consent: object ids of people for whom on-behalf-of answers `consent_required`.
    """

    def __init__(self, mint: EntraMint, population: Population, secret: str, home_tenant: str, clock: Clock) -> None:
        self._mint = mint
        self._population = population
        self._secret = secret
        self._home_tenant = home_tenant
        self._clock = clock
        self._certificates: list[rsa.RSAPublicKey] = []
        self.fetches: Counter[str] = Counter()
        self.faults = Misbehaviour(identity_error)
        self.needs_consent: set[str] = set()

    def trust_certificate(self, pem: bytes) -> None:
        """Accept client assertions signed with this certificate's key (PEM, RSA)."""
        public = x509.load_pem_x509_certificate(pem).public_key()
        if not isinstance(public, rsa.RSAPublicKey):
            raise TypeError("client assertions are signed with RSA keys only")
        self._certificates.append(public)

    def routes(self) -> list[web.RouteDef]:
        """Discovery, keys and tokens, for every tenant segment."""
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._metadata),
            web.get("/{tenant}/discovery/v2.0/keys", self._keys),
            web.get("/{tenant}/discovery/keys", self._keys),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
        ]

    def _tenant(self, request: web.Request) -> str:
        segment = request.match_info["tenant"].lower()
        if segment in SHARED_AUTHORITIES or segment == self._home_tenant:
            return segment
        try:
            return self._population.tenant(segment).id
        except KeyError:
            raise GrantRefused("invalid_tenant", 90002, f"Tenant '{segment}' not found.") from None

    async def _metadata(self, request: web.Request) -> web.Response:
        self.fetches["metadata"] += 1
        try:
            tenant = self._tenant(request)
        except GrantRefused as refusal:
            return web.json_response(refusal.body(), status=refusal.status)
        failed = await self.faults.meet(request, {"metadata", tenant})
        return failed or web.json_response(self._discovery(tenant))

    def _discovery(self, tenant: str) -> dict[str, Any]:
        base = f"{self._mint.base}/{tenant}"
        issuer_tenant = "{tenantid}" if tenant in SHARED_AUTHORITIES else tenant
        return {
            "issuer": self._mint.issuer(issuer_tenant),
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "response_types_supported": ["code", "id_token", "code id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "cloud_instance_name": urlsplit(self._mint.base).netloc,
            "tenant_region_scope": "EU",
        }

    async def _keys(self, request: web.Request) -> web.Response:
        self.fetches["keys"] += 1
        failed = await self.faults.meet(request, {"keys", request.match_info["tenant"]})
        issuer = self._mint.issuer("{tenantid}")
        return failed or web.json_response({"keys": [key.published(issuer=issuer) for key in self._mint.keys.keys]})

    async def _token(self, request: web.Request) -> web.Response:
        self.fetches["token"] += 1
        failed = await self.faults.meet(request, {"token", request.match_info["tenant"]})
        if failed is not None:
            return failed
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            return web.json_response(self._grant(self._tenant(request), form, request.headers.get("Authorization")))
        except GrantRefused as refusal:
            return web.json_response(refusal.body(), status=refusal.status)

    def _grant(self, tenant: str, form: dict[str, str], authorization: str | None) -> dict[str, Any]:
        self._check_client(tenant, with_basic_credentials(form, authorization))
        grants = {"client_credentials": self._client_credentials, ON_BEHALF_OF: self._on_behalf_of}
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            raise GrantRefused("unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        return grant(tenant, form)

    def _check_client(self, tenant: str, form: dict[str, str]) -> None:
        if form.get("client_id") != self._mint.app_id:
            text = f"Application with identifier '{form.get('client_id')}' was not found in the directory."
            raise GrantRefused("unauthorized_client", 700016, text)
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            self._check_assertion(tenant, form.get("client_assertion", ""))
        elif form.get("client_secret") != self._secret:
            raise GrantRefused("invalid_client", 7000215, "Invalid client secret provided.", status=401)

    def _check_assertion(self, tenant: str, assertion: str) -> None:
        audiences = [f"{self._mint.base}/{tenant}/oauth2/v2.0/token", f"{self._mint.base}/{tenant}/v2.0"]
        for public in self._certificates:
            try:
                jwt.decode(
                    assertion,
                    public,
                    algorithms=["RS256", "PS256"],
                    audience=audiences,
                    issuer=self._mint.app_id,
                    subject=self._mint.app_id,
                    options={"require": ["exp", "jti"]},
                )
            except jwt.PyJWTError:
                continue
            return
        raise GrantRefused(
            "invalid_client", 700027, "The certificate used to sign the client assertion is not known.", status=401
        )

    def _client_credentials(self, tenant: str, form: dict[str, str]) -> dict[str, Any]:
        scope = form.get("scope", "")
        if not scope.endswith("/.default") or " " in scope:
            raise GrantRefused("invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
        self._check_consent(tenant)
        token = self._mint.app_token(tenant, scope.removesuffix("/.default"))
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME - 1,
            "ext_expires_in": LIFETIME - 1,
            "access_token": token,
        }

    def _check_consent(self, tenant: str) -> None:
        if tenant in SHARED_AUTHORITIES or tenant == self._home_tenant:
            return
        if not self._population.tenant(tenant).consented:
            raise GrantRefused(
                "unauthorized_client", 7000229, "The client application is missing service principal in the tenant."
            )

    def _on_behalf_of(self, tenant: str, form: dict[str, str]) -> dict[str, Any]:
        if form.get("requested_token_use") != "on_behalf_of":
            raise GrantRefused("invalid_request", 900144, "The request body must contain 'requested_token_use'.")
        user = self._person(tenant, form.get("assertion", ""))
        if user.id in self.needs_consent:
            raise GrantRefused(
                "invalid_grant", 65001, "The user or administrator has not consented.", suberror="consent_required"
            )
        scopes = [s for s in form.get("scope", "").split() if s not in {"openid", "profile", "offline_access"}]
        audience, names = resource_and_names(scopes)
        answer = {
            "token_type": "Bearer",
            "scope": " ".join(scopes),
            "expires_in": LIFETIME - 1,
            "access_token": self._mint.delegated_token(user, audience, names),
            "client_info": client_info(user),
        }
        if "openid" in form.get("scope", ""):
            answer["id_token"] = self._mint.sso_token(user, azp=None, scp=None, wids=None)
        return answer

    def _person(self, tenant: str, assertion: str) -> User:
        try:
            key = self._mint.keys.find(jwt.get_unverified_header(assertion).get("kid"))
            if key is None:
                raise jwt.InvalidTokenError("unknown key")
            claims = jwt.decode(
                assertion,
                key.private.public_key(),
                algorithms=["RS256"],
                audience=self._mint.app_id,
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            user = self._population.user(str(claims.get("oid")))
        except (jwt.PyJWTError, KeyError):
            raise GrantRefused(
                "invalid_grant", 50013, "Assertion failed signature validation.", suberror="bad_token"
            ) from None
        if claims.get("exp", 0) < self._clock.now():
            raise GrantRefused(
                "invalid_grant", 500133, "Assertion is not within its valid time range.", suberror="bad_token"
            )
        if tenant not in {*SHARED_AUTHORITIES, user.tenant.id}:
            raise GrantRefused(
                "invalid_grant", 500131, "Assertion audience or tenant does not match.", suberror="bad_token"
            )
        return user


def with_basic_credentials(form: dict[str, str], authorization: str | None) -> dict[str, str]:
    """The form with the client id and secret of an HTTP Basic header, if there is one."""
    if authorization is None or not authorization.startswith("Basic "):
        return form
    try:
        name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
    except ValueError:
        return form
    return {**form, "client_id": name, "client_secret": secret}


def resource_and_names(scopes: list[str]) -> tuple[str, str]:
    """Split `https://graph.microsoft.com/Presence.Read …` into the resource and the bare scope names.

    A scope without a resource belongs to Graph, as with the real service.
    """
    resource, _, _ = scopes[0].rpartition("/") if scopes else ("", "", "")
    names = " ".join(scope.rpartition("/")[2] for scope in scopes)
    return resource or "https://graph.microsoft.com", names


def client_info(user: User) -> str:
    """The account's key in the form that MSAL reads (`uid.utid`), base64url of JSON."""
    info = json.dumps({"uid": user.id, "utid": user.tenant.id}).encode()
    return base64.urlsafe_b64encode(info).rstrip(b"=").decode()
