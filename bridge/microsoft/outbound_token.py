"""Tokens of our own: the app's token for the chat connector and for Graph (Teams platform notes, sections 2.3 and 6.5)."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import requests
from msal.application import ConfidentialClientApplication

from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.secret import Secret

CONNECTOR_SCOPE = "https://api.botframework.com/.default"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
CONNECT_TIMEOUT, READ_TIMEOUT = 3.0, 5.0
DEADLINE = 10.0
"""Seconds for one token, discovery included."""
MARGIN = 300.0
"""Seconds before a token's end at which a new one is asked for."""
RETRY_GAP = 5.0
"""Seconds after a failure in which Entra is not asked again."""
APPLICATIONS_KEPT = 64
PLACES_KEPT = 4096
WORKERS = 2
USUAL_AUTHORITY = "https://login.microsoftonline.com"

_log = logger(__name__)


class _Application(Protocol):
    """What is used of msal's application, which has no types of its own."""

    def remove_tokens_for_client(self) -> None: ...
    def acquire_token_for_client(self, scopes: list[str]) -> dict[str, Any]: ...


def _fault(answer: Mapping[str, Any]) -> str:
    """What the operator may know of a refusal: Entra's number (AADSTS…) or the class of our own error, no texts."""
    codes = answer.get("error_codes")
    return str(codes[0]) if isinstance(codes, list) and codes else "unknown"


class TokenRefused(Unavailable):
    """Entra gives no token. ``fault`` is Entra's number (``7000229`` …) or the class of an error of ours; empty when unknown."""

    def __init__(self, fault: str) -> None:
        super().__init__("Entra gives no token")
        self.fault = fault


@dataclass(slots=True)
class _Place:
    """The application and token of one purpose (scope) in one tenant; times in seconds of the clock."""

    fault: str = ""
    """Why the last request failed; told once in the log, as long as it stays the same."""
    application: _Application | None = None
    token: Secret | None = None
    renew_at: float = 0.0
    ends_at: float = 0.0
    failed_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class OutboundTokens:
    """Client-credential tokens from Entra, cached, asked for off the event loop by one caller at a time.

    ``credential`` is the client secret, or the path of a PEM file with private key and certificate. ``clock`` gives
    monotonic seconds.
    """

    def __init__(
        self,
        *,
        authority: str,
        app_id: str,
        credential: Secret | Path,
        clock: Callable[[], float] = time.monotonic,
        tells: bool = True,
    ) -> None:
        """``tells``: a refusal is worth a line in the log. Where a tenant need not have consented, it is none."""
        self._tells = tells
        self._authority = authority.rstrip("/")
        self._app_id = app_id
        self._credential = credential
        self._clock = clock
        self._places: OrderedDict[tuple[str, str], _Place] = OrderedDict()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="entra")
        self._http = _EntraHttp(self._authority)

    async def stop(self) -> None:
        """Let the workers go; a request under way ends with its own time-out."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    async def get(self, tenant: str, scope: str = CONNECTOR_SCOPE) -> Secret:
        """Give a token of ``tenant`` for ``scope``: for the connector the app's home tenant, for Graph the customer's.

        Raises:
            TokenRefused: Entra refuses or cannot be reached, and no token is left.
        """
        place = self._place(tenant, scope)
        if place.token is not None and self._clock() < place.renew_at:
            return place.token
        async with place.lock:
            if place.token is None or self._clock() >= place.renew_at:
                await self._renew(place, tenant, scope)
        if place.token is None or self._clock() >= place.ends_at:
            raise TokenRefused(place.fault)
        return place.token

    def reject(self, tenant: str, token: Secret, scope: str = CONNECTOR_SCOPE) -> None:
        """Drop a token that its audience refused, so that the next caller gets a fresh one."""
        place = self._place(tenant, scope)
        if place.token == token:
            place.token = place.application = None

    def drop(self, tenant: str, scope: str) -> None:
        """Forget token and refusal, so that the next caller learns what Entra says now."""
        self._places.pop((tenant, scope), None)

    def _place(self, tenant: str, scope: str) -> _Place:
        place = self._places.setdefault((tenant, scope), _Place())
        self._places.move_to_end((tenant, scope))
        if len(self._places) > PLACES_KEPT:
            self._places.popitem(last=False)
        return place

    def _drop_applications(self) -> None:
        """Keep the tokens of many tenants, but msal's far larger applications of only those used last."""
        for place in list(self._places.values())[:-APPLICATIONS_KEPT]:
            place.application = None

    async def _renew(self, place: _Place, tenant: str, scope: str) -> None:
        if self._clock() - place.failed_at < RETRY_GAP:
            return
        asked_at = self._clock()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await loop.run_in_executor(self._workers, self._ask, place, tenant, scope)
        except Exception as error:  # noqa: BLE001 - msal raises what it likes for odd answers; all of it means: no token
            answer = {"error_codes": [type(error).__name__]}
        token, life = answer.get("access_token"), answer.get("expires_in")
        if isinstance(token, str) and isinstance(life, int | float):
            place.token, place.ends_at = Secret(token), asked_at + life
            place.renew_at = asked_at + max(life - MARGIN, life / 2)
            place.fault = ""
            self._drop_applications()
        else:
            place.failed_at = self._clock()
            place.application = None  # msal repeats a failed answer by itself for a minute
            fault = _fault(answer)
            if fault != place.fault and self._tells:
                _log.warning("no_token_from_entra", fault=fault)
            place.fault = fault

    def _ask(self, place: _Place, tenant: str, scope: str) -> dict[str, Any]:
        """Run in a worker: build the application if need be and ask for a token, past msal's own cache."""
        application = place.application or self._application(tenant)
        place.application = application
        application.remove_tokens_for_client()
        return application.acquire_token_for_client([scope])

    def _application(self, tenant: str) -> _Application:
        application = ConfidentialClientApplication(  # type: ignore[no-untyped-call]  # msal has no types
            self._app_id,
            client_credential=self._client_credential(),
            authority=f"{self._http.public_authority}/{tenant}",
            http_client=self._http,
            instance_discovery=False,
        )
        return cast("_Application", application)

    def _client_credential(self) -> str | dict[str, str]:
        if isinstance(self._credential, Secret):
            return self._credential.reveal()
        pem = self._credential.read_text()
        return {"private_key": pem, "public_certificate": pem}


@dataclass(frozen=True, slots=True)
class ConnectorTokens:
    """The bot's token for the chat connector, always from the home tenant of the app registration."""

    tokens: OutboundTokens
    home_tenant: str

    async def get(self) -> Secret:
        """As :meth:`OutboundTokens.get`."""
        return await self.tokens.get(self.home_tenant)

    def reject(self, token: Secret) -> None:
        """As :meth:`OutboundTokens.reject`."""
        self.tokens.reject(self.home_tenant, token)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The three things that msal reads of an HTTP answer."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise requests.HTTPError("Entra refused")


class _EntraHttp:
    """The HTTP client given to msal: with time-outs, without redirects, and to a loopback authority where that is configured.

    msal takes https authorities only, also in what discovery answers; for one on plain http it is told the usual name, which is
    replaced here in both directions.
    """

    def __init__(self, authority: str) -> None:
        self._authority = authority
        self._session = requests.Session()
        self._session.trust_env = False
        is_plain = urlsplit(authority).scheme == "http"
        self.public_authority = USUAL_AUTHORITY if is_plain else authority

    def get(self, url: str, **request: Any) -> _Answer:
        return self._send("GET", url, **request)

    def post(self, url: str, **request: Any) -> _Answer:
        return self._send("POST", url, **request)

    def close(self) -> None:
        self._session.close()

    def _send(self, method: str, url: str, **request: Any) -> _Answer:
        if url.startswith(self.public_authority):
            url = self._authority + url.removeprefix(self.public_authority)
        request.update(timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), allow_redirects=False)
        answer = self._session.request(method, url, **request)
        text = answer.text.replace(self._authority, self.public_authority) if method == "GET" else answer.text
        return _Answer(answer.status_code, text, answer.headers)
