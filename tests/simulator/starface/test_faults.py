"""Misbehaviour on demand, and what the PBX counts and records."""

import asyncio
import ssl
import time
import xmlrpc.client
from pathlib import Path

import aiohttp
import pytest
import trustme

from infra.simulator.starface import PbxConfig, StarfaceSimulator, demo_population
from infra.simulator.starface.faulty_answers import GERMAN_FAULT
from tests.simulator.starface.uci_client import Client, MakeClient, Until

KEEP_ALIVE = xmlrpc.client.dumps((), "ucp.v30.requests.connection.keepAlive").encode()


@pytest.fixture
async def client(pbx: StarfaceSimulator, client_of: MakeClient) -> Client:
    signed_in = client_of(pbx)
    await signed_in.call("connection.login")
    return signed_in


@pytest.mark.parametrize(
    ("kind", "status", "sign"),
    [
        ("html", 200, b"<form"),
        ("redirect", 302, b""),
        ("http_500", 500, b"Internal"),
        ("http_503", 503, b"Unavailable"),
        ("german_fault", 200, b"<fault>"),
    ],
)
async def test_an_answer_of_another_kind(
    pbx: StarfaceSimulator, client: Client, kind: str, status: int, sign: bytes
) -> None:
    pbx.misbehave(kind, times=1)
    assert (await client.post(KEEP_ALIVE)).status == status
    assert sign in client.raw
    assert await client.call("connection.keepAlive") is True


async def test_a_fault_in_german_is_readable(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.misbehave("german_fault")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        await client.call("call.getCallIds")
    assert caught.value.faultString == GERMAN_FAULT.text


async def test_half_a_body_and_a_reset_break_the_connection(pbx: StarfaceSimulator, client: Client) -> None:
    for kind in ("half_body", "reset"):
        pbx.misbehave(kind, times=1)
        with pytest.raises(aiohttp.ClientError):
            await client.post(KEEP_ALIVE)
    assert await client.call("connection.keepAlive") is True


async def test_a_late_answer_comes_late(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.misbehave("delay", "*.keepAlive", times=1, seconds=0.15)
    started = time.monotonic()
    assert await client.call("connection.keepAlive") is True
    assert time.monotonic() - started >= 0.15


async def test_answers_that_never_end_or_never_come(pbx: StarfaceSimulator, client: Client) -> None:
    for kind in ("hang", "never_ending", "trickle"):
        pbx.misbehave(kind, times=1, seconds=0.05)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.post(KEEP_ALIVE)
    assert await client.call("connection.keepAlive") is True


async def test_an_answer_byte_by_byte_is_whole_in_the_end(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.misbehave("trickle", times=1, seconds=0.0)
    assert await client.call("connection.keepAlive") is True


async def test_an_answer_that_is_too_large(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.misbehave("oversize", times=1, size=3_000_000)
    await client.post(KEEP_ALIVE)
    assert len(client.raw) > 3_000_000


async def test_a_fault_is_for_its_method_until_cleared(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.misbehave("http_500", "*.call.getCallIds")
    assert await client.call("connection.keepAlive") is True
    for _ in range(2):
        answer = await client.post(xmlrpc.client.dumps((), "ucp.v30.requests.call.getCallIds").encode())
        assert answer.status == 500
    pbx.behave()
    assert await client.call("call.getCallIds") == []


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_lost_answer_may_have_had_its_effect(
    pbx: StarfaceSimulator, client: Client, after_effect: bool
) -> None:
    pbx.misbehave("reset", "*.placeCallWithPhone", times=1, after_effect=after_effect)
    with pytest.raises(aiohttp.ClientError):
        await client.call("call.placeCallWithPhone", "11", "", "")
    assert len(pbx.calls) == int(after_effect)


async def test_logins_are_counted_per_user_and_at_once(pbx: StarfaceSimulator, client_of: MakeClient) -> None:
    pbx.misbehave("delay", "*.login", seconds=0.05)
    anna, jonas = client_of(pbx, "0001"), client_of(pbx, "0002")
    wrong = client_of(pbx, "0002")
    wrong.password = "wrong"
    stranger = client_of(pbx, "0002")
    stranger.login = "nobody"
    clients = (anna, jonas, wrong, stranger)
    login = xmlrpc.client.dumps((), "ucp.v30.requests.connection.login").encode()
    await asyncio.gather(*(each.post(login) for each in clients))
    total = pbx.recorder.logins
    assert (total.attempts, total.refused, total.in_flight, total.most_in_flight) == (4, 2, 0, 4)
    assert (pbx.recorder.login_count("0002").attempts, pbx.recorder.login_count("0002").most_in_flight) == (2, 2)
    assert pbx.recorder.login_count("").attempts == 1


async def test_requests_are_recorded_with_user_and_parameters(pbx: StarfaceSimulator, client: Client) -> None:
    pbx.recorder.clear()
    await client.call("phone.setPrimaryPhoneId", "SIP/0001-app")
    seen = pbx.recorder.requests_named("setPrimaryPhoneId")
    assert [(each.login, each.params) for each in seen] == [("0001", ("SIP/0001-app",))]
    assert seen[0].at == pytest.approx(time.time(), abs=5)
    assert pbx.recorder.counts() == {"ucp.v30.requests.phone.setPrimaryPhoneId": 1}


async def test_nothing_runs_on_after_the_end(http: aiohttp.ClientSession, expect_soon: Until) -> None:
    before = len(asyncio.all_tasks())
    async with StarfaceSimulator() as pbx:
        pbx.ring("Vertrieb", from_number="+493023125801")
        pbx.place("0004", "+493023125803")
        pbx.misbehave("hang")
        hanging = asyncio.create_task(Client(http, pbx.url, "0001", "Demo-0001!").post(KEEP_ALIVE))
        await expect_soon(lambda: len(pbx.recorder.requests) == 1)
    with pytest.raises(aiohttp.ClientError):
        await hanging
    await expect_soon(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_thousand_users_sign_in(http: aiohttp.ClientSession) -> None:
    config = PbxConfig(population=demo_population(users=1000, contacts=0))
    async with StarfaceSimulator(config) as pbx:
        logins = [f"{index:04d}" for index in range(1, 1001, 10)]
        clients = [Client(http, pbx.url, each, f"Demo-{each}!") for each in logins]
        assert await asyncio.gather(*(each.call("connection.login") for each in clients)) == [True] * 100
        assert len(pbx.pbx.sessions.all()) == 100
        assert len(pbx.users) == 1000


async def test_the_pbx_serves_over_tls(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    config = PbxConfig(tls_certificate=str(certificate), tls_key=str(key))
    async with StarfaceSimulator(config) as pbx:
        assert pbx.url.startswith("https://")
        for trust, reachable in ((trusted, True), (ssl.create_default_context(), False)):
            try:
                async with http.get(f"{pbx.url}/_control/api/state", ssl=trust) as answer:
                    assert (answer.status, reachable) == (200, True)
            except aiohttp.ClientConnectorCertificateError:
                assert not reachable
