"""Who is let in: the token formulas, each form of sign-in, and what a refusal looks like."""

import xmlrpc.client
from dataclasses import replace

import aiohttp
import pytest

from infra.simulator.starface import DirectoryMode, PbxConfig, StarfaceSimulator, Switches
from infra.simulator.starface.authentication import directory_token, md5_token, rest_secret, sha512_token
from tests.simulator.starface.uci_client import Client, MakeClient

SHA512_TOKENS = [
    (
        "123",
        "Pass123",
        (
            "123:81d8af78c98b153485f7d48e3437eb735ba37f0f013c5e06ba74536776c5945694e7cde71e2effbed7b5a1d1a4566fadcd847ef4098c234"
            "052fdfd288e8b6ced"
        ),
    ),
    (
        "0001",
        "Secret-2024",
        (
            "0001:a9805112dba82d9346f52215c056c87988ce49673ce751400bf0ffa06f0e2bf0e908d18114e78c65556ad3877f2fe3c649961b690ff2d4"
            "64e9f22b185bd0aa7d"
        ),
    ),
    (
        "0002",
        "Prüfung-ä1",
        (
            "0002:c6cfa2f9bdb5d611688b8a4813263d9b9a916ece688d888b0f0069e7778dd7ef0df4ecaf60aa33f73e94c5c794564f4a16449f74a24f24"
            "f1fa3d94b3f1c70549"
        ),
    ),
]
NONCE = "pds24hmip1ctbogn1l8ujvs5u4"
REST_SECRET = (
    "0001:f66f2d1993d35880b4d4b49c11cb3c1f7a2237a35fae2aef5c4f613a5739f338915b799236ad3aea571e026cfb6e53f58823a0e2edd22953"
    "2256f380530defba"
)


@pytest.mark.parametrize(("login", "password", "token"), SHA512_TOKENS)
def test_the_sha512_token_is_that_of_the_worked_examples(login: str, password: str, token: str) -> None:
    assert sha512_token(login, password) == token


def test_the_older_tokens_and_rest_secrets_are_those_of_the_worked_examples() -> None:
    assert md5_token("0001", "Secret-2024") == "61289ba0c48a51d7c4df23025ec175ca"
    assert directory_token("0001", "Secret-2024") == "MDAwMSpTZWNyZXQtMjAyNA=="
    assert rest_secret("0001", "Secret-2024", NONCE, DirectoryMode.INTERNAL) == REST_SECRET
    expected = "MDAwMXBkczI0aG1pcDFjdGJvZ24xbDh1anZzNXU0U2VjcmV0LTIwMjQ="
    assert rest_secret("0001", "Secret-2024", NONCE, DirectoryMode.ACTIVE_DIRECTORY) == expected


@pytest.mark.parametrize(
    ("config", "form", "others"),
    [
        (PbxConfig(version="8.1.2.2"), sha512_token, (md5_token, directory_token)),
        (PbxConfig(version="6.4.2.19"), sha512_token, (md5_token, directory_token)),
        (PbxConfig(version="6.4.2.12"), md5_token, (sha512_token, directory_token)),
        (PbxConfig(directory_mode=DirectoryMode.ACTIVE_DIRECTORY), directory_token, (sha512_token, md5_token)),
    ],
)
@pytest.mark.parametrize("send_user", [True, False])
async def test_version_and_directory_decide_which_token_counts(
    http: aiohttp.ClientSession, config: PbxConfig, form: object, others: tuple[object, ...], send_user: bool
) -> None:
    async with StarfaceSimulator(config) as pbx:
        client = Client(http, pbx.url, "0002", "Demo-0002!", token=form, send_user=send_user)  # type: ignore[arg-type] # a formula
        assert await client.call("connection.login") is True
        for each in others:
            wrong = replace(client, token=each)
            assert (await wrong.post(_body("connection.login"))).status == 401


async def test_any_token_form_counts_when_the_switch_says_so(http: aiohttp.ClientSession) -> None:
    async with StarfaceSimulator(switches=Switches(external_identity_provider=False)) as pbx:
        pbx.set(token_forms="any")
        for form in (sha512_token, md5_token, directory_token):
            assert await Client(http, pbx.url, "0001", "Demo-0001!", token=form).call("connection.login") is True


async def test_the_charset_of_the_password_is_a_switch(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    pbx.change_password("0001", "Prüfung-ä1")
    utf8 = Client(http, pbx.url, "0001", "Prüfung-ä1")
    latin = replace(utf8, token=lambda login, password: sha512_token(login, password, "latin-1"))
    assert await utf8.call("connection.login") is True
    assert (await latin.post(_body("connection.login"))).status == 401
    pbx.set(password_charset="latin-1")
    assert (await utf8.post(_body("connection.login"))).status == 401
    assert await latin.call("connection.login") is True


async def test_an_external_identity_provider_ends_the_old_token(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    pbx.set(external_identity_provider=True)
    assert (await client_of(pbx).post(_body("connection.login"))).status == 401


async def test_a_token_must_be_of_the_user_that_is_named(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    foreign = sha512_token("0002", "Demo-0002!")
    client = Client(http, pbx.url, "0001", "", token=lambda _login, _password: foreign)
    assert (await client.post(_body("connection.login"))).status == 401


@pytest.mark.parametrize(
    ("alternative", "status", "sign"),
    [
        ("http_401", 401, b""),
        ("http_403", 403, b""),
        ("fault", 200, b"UciIllegalAccessException"),
        ("login_false", 200, b"<boolean>0</boolean>"),
        ("redirect", 302, b""),
        ("html", 200, b"<form"),
    ],
)
async def test_a_bad_token_is_refused_as_the_switch_says(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, alternative: str, status: int, sign: bytes
) -> None:
    pbx.set(bad_token=alternative)
    client = Client(http, pbx.url, "0001", "wrong")
    answer = await client.post(_body("connection.login"))
    assert answer.status == status
    assert sign in client.raw
    assert (alternative == "redirect") == ("Location" in answer.headers)


async def test_login_false_means_no_session_for_other_requests(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession
) -> None:
    pbx.set(bad_token="login_false")
    client = Client(http, pbx.url, "0001", "wrong")
    assert await client.call("connection.keepAlive") is False
    with pytest.raises(xmlrpc.client.Fault, match="UcpNotConnectedException"):
        await client.call("call.getCallIds")


async def test_a_bad_token_may_reset_the_connection(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    pbx.set(bad_token="reset")
    with pytest.raises(aiohttp.ClientError):
        await Client(http, pbx.url, "0001", "wrong").post(_body("connection.login"))


async def test_a_changed_password_ends_the_old_token(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.change_password("0001", "other")
    assert (await client.post(_body("connection.keepAlive"))).status == 401
    assert await client_of(pbx).call("connection.keepAlive") is True


async def test_a_removed_user_is_nobody(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.remove_user("0001")
    assert (await client.post(_body("connection.keepAlive"))).status == 401
    assert pbx.pbx.sessions.of("0001") == []


@pytest.mark.parametrize(
    ("right", "method", "params"),
    [
        ("login", "connection.login", ()),
        ("redirection", "redirect.getRedirectSettings", ("", "", "", "")),
        ("voicemail", "voicemailList.getMailboxes", ()),
        ("conference", "call.conference", ([], "")),
    ],
)
async def test_a_missing_right_is_an_illegal_access(
    pbx: StarfaceSimulator, client_of: MakeClient, right: str, method: str, params: tuple[object, ...]
) -> None:
    client = client_of(pbx)
    await client.call("connection.login")
    pbx.pbx.set_right("0001", right, granted=False)
    with pytest.raises(xmlrpc.client.Fault, match="UciIllegalAccessException"):
        await client.call(method, *params)
    pbx.pbx.set_right("0001", right, granted=True)
    await client.call(method, *params)


async def test_a_light_licence_is_treated_as_the_switch_says(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    pbx.users["0001"].licence = "USERLIGHT"
    client = client_of(pbx)
    assert await client.call("connection.login") is True
    pbx.set(light_licence="false")
    assert await client.call("connection.login") is False
    pbx.set(light_licence="fault")
    with pytest.raises(xmlrpc.client.Fault, match="UciIllegalAccessException"):
        await client.call("connection.login")


def _body(method: str) -> bytes:
    return xmlrpc.client.dumps((), f"ucp.v30.requests.{method}").encode()
