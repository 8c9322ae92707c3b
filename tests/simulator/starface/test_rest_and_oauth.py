"""The REST login and the few resources of one user, and the OAuth endpoints of STARFACE 10."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import pytest

from infra.simulator.starface import DirectoryMode, PbxConfig, StarfaceSimulator
from infra.simulator.starface.authentication import rest_secret
from tests.simulator.starface.uci_client import Client

REALM = "/auth/realms/pbx"
HEADLESS = {"client_id": "rest-client-headless", "client_secret": "simulated-client-secret"}
PASSWORD_GRANT = {"grant_type": "password", "username": "0001", "password": "Demo-0001!", "scope": "login", **HEADLESS}
VERIFIER = "a-verifier-that-is-long-enough-for-the-rule-of-43-characters"
CODE_REQUEST = {
    "client_id": "rest-client",
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:5005/back",
    "scope": "login",
    "state": "s1",
    "code_challenge_method": "S256",
    "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode(),
}


@pytest.fixture
async def ten() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator(PbxConfig(version="10.0.0.4")) as simulator:
        yield simulator


async def rest_token(http: aiohttp.ClientSession, pbx: StarfaceSimulator, mode: DirectoryMode) -> str:
    async with http.get(f"{pbx.url}/rest/login") as answer:
        offer = await answer.json()
    assert (offer["loginType"], offer["secret"]) == (mode.value, None)
    offer["secret"] = rest_secret("0001", "Demo-0001!", offer["nonce"], mode)
    async with http.post(f"{pbx.url}/rest/login", json=offer, headers={"X-Version": "2"}) as answer:
        assert answer.status == 200
        token: str = (await answer.json())["token"]
    async with http.post(f"{pbx.url}/rest/login", json=offer) as answer:
        assert answer.status == 400, "a nonce serves once"
    return token


async def get(http: aiohttp.ClientSession, url: str, token: str) -> tuple[int, Any]:
    async with http.get(url, headers={"authToken": token, "X-Version": "2"}) as answer:
        return answer.status, await answer.json() if "json" in answer.content_type else await answer.read()


async def grant(http: aiohttp.ClientSession, pbx: StarfaceSimulator, **form: str) -> tuple[int, dict[str, Any]]:
    async with http.post(f"{pbx.url}{REALM}/oauth2/token", data=form) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("mode", list(DirectoryMode))
async def test_the_nonce_login_opens_the_own_user(http: aiohttp.ClientSession, mode: DirectoryMode) -> None:
    async with StarfaceSimulator(PbxConfig(directory_mode=mode)) as pbx:
        token = await rest_token(http, pbx, mode)
        status, user = await get(http, f"{pbx.url}/rest/users/me", token)
        assert (status, user["login"], user["familyName"]) == (200, "0001", "Schmidt")
        assert "password" not in user
        async with http.delete(f"{pbx.url}/rest/login", headers={"authToken": token}) as answer:
            assert answer.status == 204
        assert (await get(http, f"{pbx.url}/rest/users/me", token))[0] == 401


async def test_rest_refuses_wrong_missing_and_old_tokens(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{pbx.url}/rest/users/me") as answer:
        assert (answer.status, (await answer.json())["code"][:8]) == (400, "46dca6f5")
    status, body = await get(http, f"{pbx.url}/rest/users/me", "x")
    assert (status, body["message"]) == (401, "Not logged in")
    token = await rest_token(http, pbx, DirectoryMode.INTERNAL)
    pbx.advance(4 * 3600 + 1)
    assert (await get(http, f"{pbx.url}/rest/users/me", token))[0] == 401
    token = await rest_token(http, pbx, DirectoryMode.INTERNAL)
    await pbx.restart()
    assert (await get(http, f"{pbx.url}/rest/users/me", token))[0] == 401


async def test_the_address_book_is_searched_and_paged(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    token = await rest_token(http, pbx, DirectoryMode.INTERNAL)
    status, found = await get(http, f"{pbx.url}/rest/contacts?searchTerms=müller&page=0&pagesize=3", token)
    assert status == 200
    schema = [each["displayKey"] for each in found["summaryBlockSchema"]["attributes"]]
    rows = [dict(zip(schema, each["summaryValues"], strict=True)) for each in found["contacts"]]
    assert {each["SURNAME"] for each in rows} == {"Müller"}
    assert found["metadata"]["pagesize"] == 3
    _, everybody = await get(http, f"{pbx.url}/rest/contacts?pagesize=50&page=1", token)
    assert (len(everybody["contacts"]), everybody["metadata"]["totalPages"]) == (10, 2)
    _, contact = await get(http, f"{pbx.url}/rest/contacts/{found['contacts'][0]['id']}", token)
    assert contact["primaryExternalNumber"].startswith("0049")
    assert (await get(http, f"{pbx.url}/rest/contacts/0", token))[0] == 404
    pbx.pbx.set_right("0001", "addressbook", granted=False)
    assert (await get(http, f"{pbx.url}/rest/contacts", token))[0] == 403


async def test_the_phone_configuration_is_that_of_uci(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    token = await rest_token(http, pbx, DirectoryMode.INTERNAL)
    own = f"{pbx.url}/rest/users/1001/phoneconfig"
    _, config = await get(http, own, token)
    _, phones = await get(http, f"{own}/phones", token)
    assert {each["phoneName"] for each in phones} == {"SIP/0001-desk", "SIP/0001-app"}
    config |= {"doNotDisturb": True, "primaryPhoneId": phones[1]["phoneId"]}
    async with http.put(own, json=config, headers={"authToken": token}) as answer:
        assert answer.status == 204
    assert (pbx.users["0001"].dnd, pbx.users["0001"].primary_phone) == (True, phones[1]["phoneName"])
    assert (await get(http, f"{pbx.url}/rest/users/1002/phoneconfig", token))[0] == 403
    async with http.put(own, json={"primaryPhoneId": 1}, headers={"authToken": token}) as answer:
        assert answer.status == 400


async def test_redirects_and_avatar_in_rest(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    token = await rest_token(http, pbx, DirectoryMode.INTERNAL)
    _, rules = await get(http, f"{pbx.url}/rest/redirects", token)
    rule = next(each for each in rules if each["redirectTrigger"]["redirectTriggerType"] == "TIMEOUT")
    rule["enabled"], rule["redirectTrigger"]["timeout"] = True, 7
    async with http.put(f"{pbx.url}/rest/redirects/{rule['id']}", json=rule, headers={"authToken": token}) as answer:
        assert answer.status == 204
    changed = next(each for each in pbx.users["0001"].redirects if each.id == rule["id"])
    assert (changed.enabled, changed.timeout, changed.destination) == (True, 7, "box-0001")
    status, image = await get(http, f"{pbx.url}/rest/users/1001/avatar", token)
    assert (status, image[:4]) == (200, b"\x89PNG")


async def test_faults_apply_to_rest_too(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    pbx.misbehave("http_503", "GET /rest/*", times=1)
    async with http.get(f"{pbx.url}/rest/login") as answer:
        assert answer.status == 503
    assert pbx.recorder.counts() == {"GET /rest/login": 1}


async def test_the_password_grant_and_its_token(ten: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    status, tokens = await grant(http, ten, **PASSWORD_GRANT)
    assert (status, tokens["expires_in"], tokens["refresh_expires_in"]) == (200, 300, 21600)
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "login")
    assert jwt.get_unverified_header(tokens["access_token"]) == {"kid": "key-1", "typ": "JWT", "alg": "RS256"}
    client = Client(http, ten.url, "0001", "", jwt=tokens["access_token"])
    assert await client.call("connection.login") is True
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "X-Version": "2"}
    async with http.get(f"{ten.url}/rest/users/me", headers=headers) as answer:
        assert (await answer.json())["login"] == "0001"
    ten.advance(301)
    assert (await client.post(b"<methodCall><methodName>x</methodName></methodCall>")).status == 401


async def test_a_session_survives_the_change_of_the_access_token(
    ten: StarfaceSimulator, http: aiohttp.ClientSession
) -> None:
    ten.set(keep_alive_expiry="never")
    _, tokens = await grant(http, ten, **PASSWORD_GRANT)
    await Client(http, ten.url, "0001", "", jwt=tokens["access_token"]).call("connection.login")
    ten.advance(301)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **HEADLESS}
    _, renewed = await grant(http, ten, **form)
    assert await Client(http, ten.url, "0001", "", jwt=renewed["access_token"]).call("connection.keepAlive") is True


@pytest.mark.parametrize("rotates", [True, False])
async def test_refresh_tokens_rotate_or_not(ten: StarfaceSimulator, http: aiohttp.ClientSession, rotates: bool) -> None:
    ten.set(refresh_rotates=rotates)
    _, tokens = await grant(http, ten, **PASSWORD_GRANT)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **HEADLESS}
    _, renewed = await grant(http, ten, **form)
    assert (renewed["refresh_token"] != tokens["refresh_token"]) is rotates
    assert (await grant(http, ten, **form))[0] == (400 if rotates else 200)


async def test_lifetimes_of_tokens_are_switches(ten: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    ten.set(access_lifetime=60, refresh_lifetime=100)
    _, tokens = await grant(http, ten, **PASSWORD_GRANT)
    assert (tokens["expires_in"], tokens["refresh_expires_in"]) == (60, 100)
    ten.advance(101)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **HEADLESS}
    status, refusal = await grant(http, ten, **form)
    assert (status, refusal["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("accepted", "login", "pbx_login"), [("both", 200, 200), ("login", 200, 400), ("pbx-login", 400, 200)]
)
async def test_the_scope_is_a_switch(
    ten: StarfaceSimulator, http: aiohttp.ClientSession, accepted: str, login: int, pbx_login: int
) -> None:
    ten.set(oauth_scope=accepted)
    assert (await grant(http, ten, **PASSWORD_GRANT))[0] == login
    assert (await grant(http, ten, **{**PASSWORD_GRANT, "scope": "pbx-login"}))[0] == pbx_login


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"password": "wrong"}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "rest-client"}, 400, "unauthorized_client"),
        ({"grant_type": "telepathy"}, 400, "unsupported_grant_type"),
    ],
)
async def test_grants_are_refused(
    ten: StarfaceSimulator, http: aiohttp.ClientSession, change: dict[str, str], status: int, error: str
) -> None:
    refused, body = await grant(http, ten, **{**PASSWORD_GRANT, **change})
    assert (refused, body["error"]) == (status, error)


async def test_the_password_grant_needs_its_right(ten: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    ten.pbx.set_right("0001", "oauth_password_grant", granted=False)
    assert (await grant(http, ten, **PASSWORD_GRANT))[0] == 401


async def test_the_authorization_code_with_a_proof_key(ten: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    page = f"{ten.url}{REALM}/oauth2/auth"
    async with http.get(page, params=CODE_REQUEST) as answer:
        assert (answer.status, "password" in await answer.text()) == (200, True)
    form = {**CODE_REQUEST, "username": "0001", "password": "Demo-0001!"}
    async with http.post(page, data={**form, "password": "wrong"}, allow_redirects=False) as answer:
        assert answer.status == 401
    async with http.post(page, data=form, allow_redirects=False) as answer:
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["s1"]
    exchange = {
        "grant_type": "authorization_code",
        "client_id": "rest-client",
        "redirect_uri": CODE_REQUEST["redirect_uri"],
        "code": back["code"][0],
        "code_verifier": VERIFIER,
    }
    assert (await grant(http, ten, **exchange))[0] == 200
    assert (await grant(http, ten, **exchange))[1]["error"] == "invalid_grant"
    async with http.get(page, params={**CODE_REQUEST, "redirect_uri": "http://example.org/"}) as answer:
        assert answer.status == 400


async def test_discovery_leads_to_the_endpoints_and_keys(ten: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{ten.url}/.well-known/openid-configuration") as answer:
        document = await answer.json()
    assert document["token_endpoint"] == f"{ten.url}{REALM}/oauth2/token"
    async with http.get(document["jwks_uri"]) as answer:
        key = jwt.PyJWK((await answer.json())["keys"][0])
    _, tokens = await grant(http, ten, **PASSWORD_GRANT)
    claims = jwt.decode(tokens["access_token"], key.key, algorithms=["RS256"])
    assert claims["preferred_username"] == "0001"


async def test_older_versions_have_no_oauth(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{pbx.url}/.well-known/openid-configuration") as answer:
        assert answer.status == 404
    client = Client(http, pbx.url, "0001", "", jwt="x.y.z")
    assert (await client.post(b"<methodCall><methodName>x</methodName></methodCall>")).status == 401
