"""Single sign-on tokens: whom they make known, and the many that are refused."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import pytest

from bridge.errors import Unauthenticated, Unavailable
from bridge.microsoft.sso import SsoTokens, TeamsUser, application_uris
from bridge.model.ids import PersonId, TenantId, UserKey
from infra.simulator.microsoft import Fault
from infra.simulator.microsoft.population import TEAMS_ADMINISTRATOR, USER_ROLE
from tests.microsoft.conftest import Now, World

pytestmark = pytest.mark.asyncio(loop_scope="package")
PUBLIC_URL = "https://tel.example"


def tokens_of(world: World, clock: Any = time.time) -> SsoTokens:
    return SsoTokens(
        world.keys, authority=world.ms.base_url, app_id=world.ms.settings.app_id, public_url=PUBLIC_URL, clock=clock
    )


async def refused(tokens: SsoTokens, token: str | None) -> bool:
    try:
        await tokens.check(token if token is None else f"Bearer {token}")
    except Unauthenticated:
        return True
    return False


async def test_a_good_token_gives_person_and_roles(world: World) -> None:
    anna = world.ms.user("anna.schmidt")
    user = await tokens_of(world).check(f"Bearer {world.ms.sso_token(anna)}")
    key = UserKey(TenantId(anna.tenant.id), PersonId(anna.id))
    assert user == TeamsUser(key, frozenset({TEAMS_ADMINISTRATOR, USER_ROLE}))


async def test_ids_are_compared_in_lower_case(world: World) -> None:
    anna = world.ms.user("anna.schmidt")
    user = await tokens_of(world).check(f"bearer {world.ms.sso_token(anna, oid=anna.id.upper(), wids=None)}")
    assert user.key.person == anna.id
    assert user.roles == frozenset()


async def test_every_forged_token_is_refused(world: World) -> None:
    tokens, anna = tokens_of(world), world.ms.user("anna.schmidt")
    await tokens.check(f"Bearer {world.ms.sso_token(anna)}")
    forged = world.ms.forged_sso_tokens(anna)
    # Entra always names the client; where a token names none there is no wrong one to refuse
    forged.pop("no_azp")
    assert len(forged) >= 50
    accepted = [name for name, token in forged.items() if not await refused(tokens, token)]
    assert accepted == []


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", "Bearer " + "a" * 20_000 + ".b.c", "Bearer ä.b.c"],
)
async def test_no_token_is_refused(world: World, header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await tokens_of(world).check(header)
    assert world.ms.identity.fetches == {}


@pytest.mark.parametrize(
    "claims",
    [
        {"wids": "admin"},
        {"wids": [1]},
        {"scp": 5},
        {"ver": "3.0"},
        {"ver": None},
        {"exp": 1e400},
        {"iat": "x"},
        {"aud": None},
    ],
)
async def test_claims_of_a_wrong_type_are_refused(world: World, claims: dict[str, Any]) -> None:
    token = world.ms.sso_token(world.ms.user("anna.schmidt"), **claims)
    assert await refused(tokens_of(world), token)


async def test_a_token_of_version_one_is_taken_with_the_application_uri(world: World) -> None:
    anna, app = world.ms.user("anna.schmidt"), world.ms.settings.app_id
    first = {"ver": "1.0", "iss": f"https://sts.windows.net/{anna.tenant.id}/", "azp": None}
    good = {**first, "aud": f"api://tel.example/botid-{app}", "appid": "1fec8e78-bce4-4aaf-ab1b-5451cc387264"}
    assert (await tokens_of(world).check(f"Bearer {world.ms.sso_token(anna, **good)}")).key.person == anna.id
    for wrong in (
        {"aud": app},
        {"aud": f"api://other.example/{app}"},
        {"iss": world.ms.entra.issuer(anna.tenant.id)},
        {"appid": app},
    ):
        assert await refused(tokens_of(world), world.ms.sso_token(anna, **{**good, **wrong}))


async def test_application_uris_hold_the_host_of_the_tab() -> None:
    assert application_uris("id", "https://Tel.Example") == {
        "api://id",
        "api://botid-id",
        "api://tel.example/id",
        "api://tel.example/botid-id",
    }


async def test_a_tenant_that_is_no_guid_causes_no_fetch(world: World) -> None:
    for tenant in ("common", "../x", "", 5, ["a"]):
        assert await refused(tokens_of(world), world.ms.sso_token(world.ms.user("anna.schmidt"), tid=tenant))
    assert world.ms.identity.fetches == {}


async def test_strangers_naming_tenants_cause_few_fetches_and_hold_up_nobody(world: World) -> None:
    tokens, anna, henrik = tokens_of(world), world.ms.user("anna.schmidt"), world.ms.user("henrik.petersen")
    await tokens.check(f"Bearer {world.ms.sso_token(anna)}")
    for _ in range(100):
        token = world.ms.sso_token(anna, key=world.ms.stranger_key, tid=str(uuid.uuid4()))
        assert await refused(tokens, token)
    assert world.ms.identity.fetches["metadata"] <= 21
    # a person of a tenant that was never seen, whose token Entra did sign, still gets in at once
    assert (await tokens.check(f"Bearer {world.ms.sso_token(henrik)}")).key.person == henrik.id


async def test_identity_away_means_unavailable_only_without_keys(world: World) -> None:
    tokens, anna = tokens_of(world), world.ms.user("anna.schmidt")
    world.ms.identity.faults.add(Fault(status=503))
    with pytest.raises(Unavailable):
        await tokens.check(f"Bearer {world.ms.sso_token(anna)}")
    world.ms.identity.faults.clear()
    world.now.at += 5
    await tokens.check(f"Bearer {world.ms.sso_token(anna)}")
    world.ms.identity.faults.add(Fault(status=503))
    assert await tokens.check(f"Bearer {world.ms.sso_token(anna)}")
    assert await refused(tokens, world.ms.sso_token(anna, key=world.ms.stranger_key))


async def test_a_key_of_another_issuer_does_not_count(world: World) -> None:
    anna = world.ms.user("anna.schmidt")
    tokens = tokens_of(world)
    await tokens.check(f"Bearer {world.ms.sso_token(anna)}")
    (shelf,) = world.keys._shelves.values()
    assert shelf.issuer is not None
    assert next(iter(shelf.issuer.keys.values())).issuer == world.ms.entra.issuer("{tenantid}")


async def test_a_checked_token_is_believed_for_a_minute_and_not_beyond_its_end(world: World) -> None:
    clock = Now(time.time())
    tokens, anna = tokens_of(world, clock), world.ms.user("anna.schmidt")
    header = f"Bearer {world.ms.sso_token(anna)}"
    user = await tokens.check(header)
    assert await tokens.check(header) is user
    clock.at += 60
    assert await tokens.check(header) is not user
    now = int(time.time())
    short = f"Bearer {world.ms.sso_token(anna, exp=now + 2, iat=now - 10, nbf=now - 10)}"
    clock.at = time.time()
    user = await tokens.check(short)
    clock.at += 3
    assert await tokens.check(short) is not user  # checked anew; the leeway still lets it in


async def test_signing_out_forgets_what_was_believed(world: World) -> None:
    tokens, anna = tokens_of(world), world.ms.user("anna.schmidt")
    headers = [f"Bearer {world.ms.sso_token(anna, uti=str(number))}" for number in range(3)]
    users = [await tokens.check(header) for header in headers]
    tokens.forget(users[0].key)
    assert tokens._checked._entries == {}
    assert not tokens._checked._of
    assert await tokens.check(headers[0]) is not users[0]


async def test_a_cached_check_is_cheap(world: World) -> None:
    tokens, anna = tokens_of(world), world.ms.user("anna.schmidt")
    header = f"Bearer {world.ms.sso_token(anna)}"
    await tokens.check(header)
    before = world.ms.identity.fetches.copy()
    await asyncio.gather(*(tokens.check(header) for _ in range(100)))
    assert world.ms.identity.fetches == before
