"""The simulated Graph merges, limits and refuses presence as the real one does."""

from __future__ import annotations

from dataclasses import replace

import aiohttp
import pytest

from infra.simulator.microsoft import Fault, MicrosoftSettings, MicrosoftSimulator, Population
from infra.simulator.microsoft.population import ANNA, NORDWIND, SONNENTAL
from tests.simulator.microsoft.conftest import Client

GRAPH = "https://graph.microsoft.com"
IN_A_CALL = {"availability": "Busy", "activity": "InACall", "expirationDuration": "PT10M"}


@pytest.fixture
async def token(ms: MicrosoftSimulator, client: Client) -> str:
    """An app token for the tenant of the demo people."""
    return await client.app_token(GRAPH, tenant=ms.user("anna.schmidt").tenant.id)


async def seen(ms: MicrosoftSimulator, client: Client, token: str) -> tuple[str, str]:
    """Anna's presence as Graph tells it."""
    status, body, _ = await client.graph("GET", f"/users/{ms.user('anna.schmidt').id}/presence", token=token)
    assert status == 200
    return body["availability"], body["activity"]


async def test_a_call_beats_available_and_clearing_lets_teams_speak(
    ms: MicrosoftSimulator, client: Client, token: str
) -> None:
    anna = ms.user("anna.schmidt")
    ms.graph.set_teams_presence(anna, "Available")
    path = f"/users/{anna.id}/presence"
    body = {"sessionId": ms.settings.app_id, **IN_A_CALL}
    assert (await client.graph("POST", f"{path}/setPresence", body, token=token))[0] == 200
    assert await seen(ms, client, token) == ("Busy", "InACall")
    ms.graph.set_teams_presence(anna, "DoNotDisturb", "Presenting")
    assert await seen(ms, client, token) == ("DoNotDisturb", "Presenting")
    ms.graph.set_teams_presence(anna, "Available")
    clear = {"sessionId": ms.settings.app_id}
    assert (await client.graph("POST", f"{path}/clearPresence", clear, token=token))[0] == 200
    assert await seen(ms, client, token) == ("Available", "Available")
    assert (await client.graph("POST", f"{path}/clearPresence", clear, token=token))[0] == 404


async def test_sessions_expire_and_available_fades(ms: MicrosoftSimulator, client: Client) -> None:
    anna = ms.user("anna.schmidt")
    presence = ms.graph.presence(anna)
    presence.set_session("app", "Busy", "InACall", "PT10M")
    ms.clock.advance(601)
    assert presence.current() == ("Offline", "Offline")
    presence.set_session("app", "Available", "Available", "PT1H")
    ms.clock.advance(301)
    assert presence.current() == ("AvailableInactive", "AvailableInactive")
    ms.clock.advance(300)
    assert presence.current() == ("Away", "Away")


async def test_a_preferred_presence_counts_only_while_a_session_exists(
    ms: MicrosoftSimulator, client: Client, token: str
) -> None:
    anna = ms.user("anna.schmidt")
    body = {"availability": "DoNotDisturb", "activity": "DoNotDisturb"}
    path = f"/users/{anna.id}/presence/setUserPreferredPresence"
    assert (await client.graph("POST", path, body, token=token))[0] == 200
    assert await seen(ms, client, token) == ("Offline", "Offline")
    ms.graph.set_teams_presence(anna, "Available")
    assert await seen(ms, client, token) == ("DoNotDisturb", "DoNotDisturb")
    ms.clock.advance(86_401)
    fresh = await client.app_token(GRAPH, tenant=anna.tenant.id)
    assert await seen(ms, client, fresh) == ("Available", "Available")


async def test_lists_are_bounded_and_stay_inside_the_tenant(ms: MicrosoftSimulator, client: Client, token: str) -> None:
    ids = [user.id for user in ms.settings.population.users]
    status, body, _ = await client.graph("POST", "/communications/getPresencesByUserId", {"ids": ids}, token=token)
    assert status == 200
    own = {user.id for user in ms.settings.population.users if user.tenant == ms.user("anna.schmidt").tenant}
    assert {entry["id"] for entry in body["value"]} == own
    too_many = {"ids": ids * 100}
    assert len(too_many["ids"]) > 650
    assert (await client.graph("POST", "/communications/getPresencesByUserId", too_many, token=token))[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"sessionId": "another-app"},
        {"activity": "InAMeeting"},
        {"expirationDuration": "PT1M"},
        {"expirationDuration": "PT5H"},
        {"expirationDuration": "soon"},
        {"availability": None},
    ],
)
async def test_unusable_presence_is_refused(
    ms: MicrosoftSimulator, client: Client, token: str, change: dict[str, str | None]
) -> None:
    body = {"sessionId": ms.settings.app_id, **IN_A_CALL, **change}
    path = f"/users/{ms.user('anna.schmidt').id}/presence/setPresence"
    assert (await client.graph("POST", path, body, token=token))[0] == 400


async def test_wrong_tokens_and_missing_rights_are_refused(ms: MicrosoftSimulator, client: Client, token: str) -> None:
    anna, henrik = ms.user("anna.schmidt"), ms.user("henrik.petersen")
    path = f"/users/{anna.id}/presence"
    assert (await client.graph("GET", path, token=ms.sso_token(anna)))[0] == 401
    assert (await client.graph("GET", path, token="nonsense"))[0] == 401
    assert (await client.graph("GET", f"/users/{henrik.id}/presence", token=token))[0] == 404
    ms.entra.application_roles = ["User.Read.All"]
    poor = await client.app_token(GRAPH, tenant=anna.tenant.id)
    assert (await client.graph("GET", path, token=poor))[0] == 403
    own = ms.entra.delegated_token(anna, GRAPH, "Presence.Read")
    assert (await client.graph("GET", "/me/presence", token=own))[0] == 200
    assert (await client.graph("GET", f"/users/{ms.user('jonas.weber').id}/presence", token=own))[0] == 403


async def test_throttling_names_the_wait_and_requests_are_recorded(
    ms: MicrosoftSimulator, client: Client, token: str
) -> None:
    ms.graph.faults.add(Fault(status=429, retry_after=7, times=1, where="read"))
    path = f"/users/{ms.user('anna.schmidt').id}/presence"
    status, body, headers = await client.graph("GET", path, token=token)
    assert (status, headers["Retry-After"], body["error"]["code"]) == (429, "7", "TooManyRequests")
    assert (await client.graph("GET", path, token=token))[0] == 200
    assert [(asked.operation, asked.status) for asked in ms.graph.requests] == [("read", 429), ("read", 200)]


async def test_the_published_limit_can_be_switched_on(ms: MicrosoftSimulator, client: Client, token: str) -> None:
    ms.graph.enforce_limits = True
    for _ in range(1500):
        ms.graph._limiter.count(ms.user("anna.schmidt").tenant.id)
    path = f"/users/{ms.user('anna.schmidt').id}/presence"
    status, _, headers = await client.graph("GET", path, token=token)
    assert status == 429
    assert int(headers["Retry-After"]) >= 1
    ms.clock.advance(31)
    assert (await client.graph("GET", path, token=token))[0] == 200


async def test_a_tenant_that_has_not_consented_gets_no_token() -> None:
    closed = replace(SONNENTAL, consented=False)
    people = Population(tenants=(closed, NORDWIND), users=(replace(ANNA, tenant=closed),))
    async with MicrosoftSimulator(MicrosoftSettings(population=people)) as ms:
        async with aiohttp.ClientSession() as http:
            form = {"grant_type": "client_credentials", "scope": f"{GRAPH}/.default"}
            status, body = await Client(http, ms).grant(closed.id, **form)
        assert (status, body["error_codes"]) == (400, [7000229])
