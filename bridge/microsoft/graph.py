"""Presence in Teams through Microsoft Graph, for the app alone, in each customer's tenant (Teams platform notes, section 6)."""

import asyncio
import email.utils
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from bridge.microsoft.graph_gate import READING, WRITING, TenantGate, consent_of, rights_in
from bridge.microsoft.outbound_token import GRAPH_SCOPE, OutboundTokens, TokenRefused
from bridge.model.ids import PersonId, TenantId, UserKey
from bridge.model.presence_rules import TeamsPresence, TeamsSession
from bridge.secret import Secret
from bridge.service.presence_ports import Admission, Consent, TeamsAway, TeamsClosed

IDS_AT_ONCE: Final = 650
DEADLINE: Final = 6.0
"""Seconds for one request, the token included."""
MAXIMUM_ANSWER: Final = 2 * 1024 * 1024
TENANTS_KEPT: Final = 4096
AT_ONCE: Final = 64
"""Requests under way at a time, all tenants together."""
LIFE: Final = "PT10M"
CREDENTIALS: Final = (
    "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Credentials/appId/"
)
_WORD: Final = 40

_PAIRS: Final = {
    TeamsSession.IN_A_CALL: ("Busy", "InACall"),
    TeamsSession.DO_NOT_DISTURB: ("DoNotDisturb", "Presenting"),
}


class _Refused(Exception):
    """Graph's 4xx that is neither of the token, the right nor the rate."""


class Graph:
    """Port ``TeamsGraph`` over HTTP.

    ``consented_at`` is the page to which Entra leads back after the consent; ``count`` hears of each request's outcome by a
    constant name; ``clock`` gives monotonic seconds.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tokens: OutboundTokens,
        *,
        url: str,
        app_id: str,
        authority: str,
        consented_at: str,
        clock: Callable[[], float] = time.monotonic,
        count: Callable[[str], None] = lambda _: None,
        deadline: float = DEADLINE,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._url = url.rstrip("/")
        self._app_id = app_id
        self._authority = authority.rstrip("/")
        self._consented_at = consented_at
        self._clock = clock
        self._count = count
        self._deadline = deadline
        self._gates: OrderedDict[TenantId, TenantGate] = OrderedDict()
        self._places = asyncio.Semaphore(AT_ONCE)

    # -------------------------------------------------------------- consent

    def admission(self, tenant: TenantId) -> Admission:
        """What is known now."""
        return self._gate(tenant).admission

    async def ask_admission(self, tenant: TenantId, *, anew: bool = False) -> Admission:
        """Find out what the tenant allows: the token tells, Graph need not be asked."""
        gate = self._gate(tenant)
        if not anew and (gate.is_closed or gate.admission.consent is Consent.GRANTED):
            return gate.admission
        gate.outdated = gate.outdated or anew
        try:
            token = await self._token(tenant, gate)
        except (TeamsAway, TeamsClosed):
            return gate.admission
        return gate.granted(rights_in(token))

    def link(self, tenant: TenantId, consent: Consent) -> str | None:
        """The page on which an administrator consents, or on which the operator renews our credential."""
        if consent is Consent.SECRET_EXPIRED:
            return f"{CREDENTIALS}{self._app_id}"
        if consent is Consent.UNKNOWN:
            return None
        query = urlencode({"client_id": self._app_id, "scope": GRAPH_SCOPE, "redirect_uri": self._consented_at})
        return f"{self._authority}/{tenant}/v2.0/adminconsent?{query}"

    # -------------------------------------------------------------- presence

    async def presences(self, tenant: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, TeamsPresence]:
        """Presence of many people of one tenant, 650 in a request."""
        wanted = list(dict.fromkeys(people))
        portions = [wanted[start : start + IDS_AT_ONCE] for start in range(0, len(wanted), IDS_AT_ONCE)]
        found: dict[PersonId, TeamsPresence] = {}
        for portion in portions:
            found.update(await self._portion(tenant, portion))
        return found

    async def set_session(self, user: UserKey, kind: TeamsSession) -> None:
        """Set or renew our session."""
        availability, activity = _PAIRS[kind]
        said = {"availability": availability, "activity": activity, "expirationDuration": LIFE}
        await self._person(user, "setPresence", {"sessionId": self._app_id, **said})

    async def clear_session(self, user: UserKey) -> None:
        """End our session; that there is none is what was wanted."""
        await self._person(user, "clearPresence", {"sessionId": self._app_id}, or_gone=True)

    async def _portion(self, tenant: TenantId, people: Sequence[PersonId]) -> dict[PersonId, TeamsPresence]:
        gate = self._gate(tenant)
        body = {"ids": list(people)}
        try:
            answer = await self._post(tenant, gate, "communications/getPresencesByUserId", body, writes=False)
        except _Refused:
            raise gate.failed() from None
        rows = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise gate.failed()
        gate.succeeded()
        return {PersonId(row["id"].lower()): read for row in rows if (read := _read(row)) is not None}

    async def _person(self, user: UserKey, action: str, body: Mapping[str, object], *, or_gone: bool = False) -> None:
        gate = self._gate(user.tenant)
        try:
            await self._post(user.tenant, gate, f"users/{user.person}/presence/{action}", body, writes=True)
        except _Refused:
            gate.succeeded()  # it answered; one person's request is no sign of an outage
            if not or_gone:
                raise TeamsAway(30.0, "Graph refuses this person's session") from None
        else:
            gate.succeeded()

    # -------------------------------------------------------------- one request

    async def _post(
        self, tenant: TenantId, gate: TenantGate, path: str, body: Mapping[str, object], *, writes: bool
    ) -> object:
        """Send with a sound token; one that Graph refuses is replaced once."""
        gate.enter(writes=writes)
        try:
            async with asyncio.timeout(self._deadline), self._places:
                token = await self._admitted(tenant, gate, writes=writes)
                answer = await self._sent(path, body, token)
                if answer.status == 401:
                    self._tokens.reject(tenant, token, GRAPH_SCOPE)
                    answer = await self._sent(path, body, await self._admitted(tenant, gate, writes=writes))
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._count("graph_no_answer")
            raise gate.failed() from None
        except BaseException:
            gate.trying = False
            raise
        return self._judged(gate, answer, writes=writes)

    def _judged(self, gate: TenantGate, answer: "_Answer", *, writes: bool) -> object:
        self._count(f"graph_{answer.status // 100}xx")
        match answer.status:
            case 401:
                raise gate.refused(Consent.REVOKED)
            case 403 if writes:
                gate.granted(READING - WRITING)
                raise TeamsClosed(Consent.MISSING)
            case 403:
                raise gate.refused(Consent.MISSING)
            case 429 | 503 if answer.retry_after is not None or answer.status == 429:
                raise gate.throttled(answer.retry_after or 5.0)
            case status if 200 <= status < 300:
                return answer.content
            case status if 400 <= status < 500:
                raise _Refused
        raise gate.failed()

    async def _admitted(self, tenant: TenantId, gate: TenantGate, *, writes: bool) -> Secret:
        token = await self._token(tenant, gate)
        if gate.admission.consent is not Consent.GRANTED:
            gate.granted(rights_in(token))
            gate.enter(writes=writes)
        return token

    async def _token(self, tenant: TenantId, gate: TenantGate) -> Secret:
        if gate.outdated:
            gate.outdated = False
            self._tokens.drop(tenant, GRAPH_SCOPE)
        try:
            return await self._tokens.get(tenant, GRAPH_SCOPE)
        except TokenRefused as refused:
            consent = consent_of(refused.fault)
            if consent is Consent.UNKNOWN:
                raise gate.failed() from None
            raise gate.refused(consent) from None

    async def _sent(self, path: str, body: Mapping[str, object], token: Secret) -> "_Answer":
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        async with self._http.post(
            f"{self._url}/{path}", json=body, headers=headers, allow_redirects=False
        ) as response:
            raw = await _bounded(response)
            return _Answer(response.status, _json(raw), _seconds(response.headers.get("Retry-After")))

    def _gate(self, tenant: TenantId) -> TenantGate:
        gate = self._gates.get(tenant)
        if gate is None:
            gate = self._gates[tenant] = TenantGate(self._clock)
            if len(self._gates) > TENANTS_KEPT:
                self._gates.popitem(last=False)
        self._gates.move_to_end(tenant)
        return gate


class _Answer:
    """What is read of an answer."""

    __slots__ = ("content", "retry_after", "status")

    def __init__(self, status: int, content: object, retry_after: float | None) -> None:
        self.status = status
        self.content = content
        self.retry_after = retry_after


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAXIMUM_ANSWER:
            raise aiohttp.ClientPayloadError("answer too large")
    return bytes(body)


def _json(raw: bytes) -> object:
    try:
        content: object = json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return None
    return content


def _seconds(retry_after: str | None) -> float | None:
    """Read ``Retry-After``: seconds, or a date (RFC 9110, section 10.2.3)."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _read(row: Any) -> TeamsPresence | None:  # noqa: ANN401 - a row of foreign JSON
    if not isinstance(row, dict):
        return None
    words = [row.get(name) for name in ("id", "availability", "activity")]
    if not all(isinstance(word, str) and 0 < len(word) <= _WORD for word in words):
        return None
    return TeamsPresence(str(words[1]), str(words[2]))
