"""The simulated Entra issues what a strict verifier accepts, and refuses what the real one refuses."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from infra.simulator.microsoft import Fault, MicrosoftSettings, MicrosoftSimulator
from tests.simulator.microsoft.conftest import Client

ON_BEHALF_OF = "urn:ietf:params:oauth:grant-type:jwt-bearer"


async def published_keys(http: aiohttp.ClientSession, ms: MicrosoftSimulator, tenant: str) -> dict[str, Any]:
    """Follow discovery to the keys, as a verifier would; by key id."""
    async with http.get(f"{ms.base_url}/{tenant}/v2.0/.well-known/openid-configuration") as answer:
        metadata = await answer.json()
    assert metadata["issuer"] == f"{ms.base_url}/{tenant}/v2.0"
    async with http.get(metadata["jwks_uri"]) as answer:
        keys = (await answer.json())["keys"]
    return {key["kid"]: jwt.PyJWK(key).key for key in keys}


def verify(token: str, keys: dict[str, Any], ms: MicrosoftSimulator, tenant: str) -> dict[str, Any]:
    """A strict check after the published rules; raises for everything that does not fit."""
    header = jwt.get_unverified_header(token)
    if "crit" in header:
        raise jwt.InvalidTokenError("critical headers are not understood")
    claims = jwt.decode(
        token,
        keys[header["kid"]],
        algorithms=["RS256"],
        audience=ms.settings.app_id,
        issuer=f"{ms.base_url}/{tenant}/v2.0",
        leeway=300,
        options={"require": ["exp", "iat", "iss", "aud", "tid", "oid"], "strict_aud": True},
    )
    if claims["tid"] != tenant or claims.get("ver") != "2.0":
        raise jwt.InvalidTokenError("tenant or version")
    if "access_as_user" not in str(claims.get("scp", "")).split() or not isinstance(claims.get("scp"), str):
        raise jwt.InvalidTokenError("scope")
    if claims.get("azp") != "5e3ce6c0-2b1f-4285-8d4b-75ee78787346":
        raise jwt.InvalidTokenError("client")
    uuid.UUID(claims["oid"])
    return claims


async def test_sso_token_passes_a_strict_check(ms: MicrosoftSimulator, client: Client) -> None:
    anna = ms.user("anna.schmidt")
    keys = await published_keys(client.http, ms, anna.tenant.id)
    claims = verify(ms.sso_token(anna), keys, ms, anna.tenant.id)
    assert (claims["oid"], claims["name"], claims["preferred_username"]) == (
        anna.id,
        "Anna Schmidt",
        "anna.schmidt@sonnental.example",
    )
    assert "69091246-20e8-4a56-aa4d-066075b2a7a8" in claims["wids"]
    assert ms.identity.fetches == {"metadata": 1, "keys": 1}


async def test_no_forged_sso_token_passes_the_same_check(ms: MicrosoftSimulator, client: Client) -> None:
    anna = ms.user("anna.schmidt")
    keys = await published_keys(client.http, ms, anna.tenant.id)
    forged = ms.forged_sso_tokens(anna)
    assert len(forged) >= 60
    passed = []
    for name, token in forged.items():
        try:
            verify(token, keys, ms, anna.tenant.id)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
            continue
        passed.append(name)
    assert passed == []


async def test_each_forged_sso_token_differs_in_kind(ms: MicrosoftSimulator) -> None:
    tokens = ms.forged_sso_tokens(ms.user("jonas.weber"))
    assert len(set(tokens.values())) == len(tokens)


async def test_overrides_replace_and_remove_claims(ms: MicrosoftSimulator) -> None:
    token = ms.sso_token(ms.user("anna.schmidt"), name=None, wids=[])
    claims = jwt.decode(token, options={"verify_signature": False})
    assert "name" not in claims
    assert claims["wids"] == []


async def test_rotation_publishes_a_new_key_and_withdraws_old_ones(ms: MicrosoftSimulator, client: Client) -> None:
    anna = ms.user("anna.schmidt")
    old = ms.sso_token(anna)
    await ms.entra_keys.rotate()
    keys = await published_keys(client.http, ms, anna.tenant.id)
    assert len(keys) == 2
    assert verify(old, keys, ms, anna.tenant.id)["oid"] == anna.id
    assert verify(ms.sso_token(anna), keys, ms, anna.tenant.id)["oid"] == anna.id
    await ms.entra_keys.rotate(keep=0)
    keys = await published_keys(client.http, ms, anna.tenant.id)
    with pytest.raises(KeyError):
        verify(old, keys, ms, anna.tenant.id)


@pytest.mark.parametrize(
    ("tenant", "form", "status", "number"),
    [
        ("home", {"client_secret": "wrong"}, 401, 7000215),
        ("home", {"client_id": str(uuid.UUID(int=1))}, 400, 700016),
        ("home", {"scope": "User.Read"}, 400, 1002012),
        ("home", {"grant_type": "password"}, 400, 70003),
        ("nobody.example", {}, 400, 90002),
    ],
)
async def test_refusals_carry_the_known_numbers(
    client: Client, tenant: str, form: dict[str, str], status: int, number: int
) -> None:
    tenant = client.ms.settings.home_tenant if tenant == "home" else tenant
    good = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    answered, body = await client.grant(tenant, **{**good, **form})
    assert (answered, body["error_codes"]) == (status, [number])


def self_signed() -> tuple[rsa.RSAPrivateKey, bytes]:
    """A key and its certificate as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    return key, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


async def test_certificate_assertion_is_accepted_and_a_foreign_one_is_not() -> None:
    key, certificate = self_signed()
    async with (
        MicrosoftSimulator(MicrosoftSettings(app_certificate=certificate)) as ms,
        aiohttp.ClientSession() as http,
    ):
        tenant, app_id = ms.settings.home_tenant, ms.settings.app_id
        url = f"{ms.base_url}/{tenant}/oauth2/v2.0/token"
        claims = {"aud": url, "iss": app_id, "sub": app_id, "jti": uuid.uuid4().hex, "exp": int(time.time()) + 300}
        outcomes = []
        for signer in (key, ms.stranger_key.private):
            form = {
                "grant_type": "client_credentials",
                "client_id": app_id,
                "scope": "https://api.botframework.com/.default",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": jwt.encode(claims, signer, algorithm="PS256"),
            }
            async with http.post(url, data=form) as answer:
                outcomes.append(answer.status)
        assert outcomes == [200, 401]


async def test_on_behalf_of_gives_a_graph_token_for_the_person(ms: MicrosoftSimulator, client: Client) -> None:
    lena = ms.user("lena.koehler")
    form = {
        "grant_type": ON_BEHALF_OF,
        "requested_token_use": "on_behalf_of",
        "assertion": ms.sso_token(lena),
        "scope": "https://graph.microsoft.com/Presence.Read openid",
    }
    status, body = await client.grant(lena.tenant.id, **form)
    assert status == 200
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (claims["oid"], claims["aud"], claims["scp"]) == (lena.id, "https://graph.microsoft.com", "Presence.Read")
    ms.identity.needs_consent.add(lena.id)
    status, body = await client.grant(lena.tenant.id, **form)
    assert (status, body["error"], body["suberror"]) == (400, "invalid_grant", "consent_required")


async def test_on_behalf_of_refuses_expired_and_foreign_assertions(ms: MicrosoftSimulator, client: Client) -> None:
    lena, henrik = ms.user("lena.koehler"), ms.user("henrik.petersen")
    form = {"grant_type": ON_BEHALF_OF, "requested_token_use": "on_behalf_of", "scope": "User.Read"}
    expired = ms.sso_token(lena, exp=int(time.time()) - 10)
    for assertion in (expired, ms.sso_token(henrik), "nonsense", ms.sso_token(lena, key=ms.stranger_key)):
        status, body = await client.grant(lena.tenant.id, assertion=assertion, **form)
        assert (status, body["suberror"]) == (400, "bad_token")


async def test_faults_strike_as_often_as_ordered(ms: MicrosoftSimulator, client: Client) -> None:
    ms.identity.faults.add(Fault(status=500, where="keys", times=1))
    url = f"{ms.base_url}/common/discovery/v2.0/keys"
    statuses = []
    for _ in range(2):
        async with client.http.get(url) as answer:
            statuses.append(answer.status)
    assert statuses == [500, 200]
    assert ms.identity.fetches["keys"] == 2


async def test_a_hang_lasts_until_it_is_cleared(ms: MicrosoftSimulator, client: Client) -> None:
    ms.identity.faults.add(Fault(hang=True, where="metadata"))
    url = f"{ms.base_url}/common/v2.0/.well-known/openid-configuration"
    with pytest.raises(TimeoutError):
        await client.http.get(url, timeout=aiohttp.ClientTimeout(total=0.1))
    ms.identity.faults.clear()
    async with client.http.get(url) as answer:
        assert answer.status == 200


async def test_a_cut_line_gives_no_answer(ms: MicrosoftSimulator, client: Client) -> None:
    ms.identity.faults.add(Fault(cut=True, times=1))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.http.post(f"{ms.base_url}/common/oauth2/v2.0/token", data={})
