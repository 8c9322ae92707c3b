"""The REST interface: nonce login, bearer, the person's own things, contacts."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import BridgeError, CredentialsRejected, PbxPermission, PbxProtocol, PbxUnreachable
from bridge.secret import Secret
from bridge.starface import rest
from bridge.starface.errors import AnswerHttpError, AnswerMalformed, AnswerRedirected, LoginHttpRefused, PbxStarting
from bridge.starface.net import Wire
from infra.simulator.starface import DirectoryMode
from tests.starface.conftest import LOGIN, PASSWORD, Bench, BenchMaker, Handler, entry

Serve = Callable[[Handler], Awaitable[int]]


async def opened(bench: Bench) -> rest.RestSession:
    return await rest.RestSession.log_in(bench.wire, bench.entry, LOGIN, Secret(PASSWORD))


@pytest.mark.parametrize("mode", list(DirectoryMode))
async def test_the_nonce_is_answered_in_each_mode(bench_of: BenchMaker, mode: DirectoryMode) -> None:
    bench = await bench_of(directory_mode=mode)
    assert await rest.login_type(bench.wire, bench.entry) == mode.value
    session = await opened(bench)
    assert (await session.me())["login"] == LOGIN
    await session.log_out()
    with pytest.raises(LoginHttpRefused):
        await session.me()


async def test_a_wrong_password(bench: Bench) -> None:
    with pytest.raises(CredentialsRejected):
        await rest.RestSession.log_in(bench.wire, bench.entry, LOGIN, Secret("wrong"))


async def test_do_not_disturb_by_the_phone_configuration(bench: Bench) -> None:
    session = await opened(bench)
    me = int((await session.me())["id"])
    config = await session.phone_config(me)
    await session.set_phone_config(me, {**config, "doNotDisturb": True})
    assert (await session.phone_config(me))["doNotDisturb"] is True
    assert bench.pbx.users[LOGIN].dnd is True


async def test_contacts_are_found(bench: Bench) -> None:
    session = await opened(bench)
    found = await session.contacts("GmbH", size=3)
    assert 0 < len(found) <= 3
    assert all(contact.id and contact.name and contact.numbers for contact in found)
    assert all(contact.company.endswith("GmbH") for contact in found)
    assert all(number.startswith("+49") for contact in found for number in contact.numbers)
    assert (await session.contact(found[0].id))["id"] == found[0].id
    assert await session.contacts("no such contact at all") == ()
    with pytest.raises(PbxProtocol):
        await session.contact("no/such")


async def test_a_missing_right(bench: Bench) -> None:
    session = await opened(bench)
    bench.pbx.pbx.set_right(LOGIN, "addressbook", granted=False)
    with pytest.raises(PbxPermission):
        await session.contacts("a")


async def test_an_access_token_opens_rest(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4", switches={"external_identity_provider": True})
    access = (await bench.sign_in()).access
    session = rest.RestSession.with_bearer(bench.wire, bench.entry, access.token)
    assert (await session.me())["login"] == LOGIN
    with pytest.raises(LoginHttpRefused):
        await rest.RestSession.with_bearer(bench.wire, bench.entry, Secret("forged")).me()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "[]", AnswerMalformed),
        (200, "<html>", AnswerMalformed),
        (200, "[" * 5000, AnswerMalformed),
        (404, "{}", AnswerHttpError),
        (500, "", AnswerHttpError),
        (503, "", PbxStarting),
        (302, "", AnswerRedirected),
    ],
)
async def test_odd_answers(
    quick_wire: Wire, served: Serve, status: int, body: str, expected: type[BridgeError]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    pbx = entry(await served(answer))
    session = rest.RestSession.with_bearer(quick_wire, pbx, Secret("x"))
    with pytest.raises(expected):
        await session.me()
    assert await rest.login_type(quick_wire, pbx) == ""
    with pytest.raises((PbxProtocol, PbxUnreachable)):
        await rest.RestSession.log_in(quick_wire, pbx, "0001", Secret("x"))


@pytest.mark.parametrize(
    "offer",
    [{}, {"nonce": 7, "loginType": "Internal"}, {"nonce": "n", "loginType": None}, {"nonce": "n", "loginType": "X"}],
)
async def test_an_odd_offer_of_a_nonce(quick_wire: Wire, served: Serve, offer: dict[str, Any]) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(offer if request.method == "GET" else {"token": ""})

    with pytest.raises(AnswerMalformed):
        await rest.RestSession.log_in(quick_wire, entry(await served(answer)), "0001", Secret("x"))


async def test_the_other_name_of_the_token_is_read(quick_wire: Wire, served: Serve) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("authToken", ""))
        given = {"loginType": "Internal", "nonce": "n"} if request.path.endswith("login") else {"id": 1}
        return web.json_response({"authToken": "given"} if request.method == "POST" else given)

    session = await rest.RestSession.log_in(quick_wire, entry(await served(answer)), "0001", Secret("x"))
    assert await session.me() == {"id": 1}
    assert seen[-1] == "given"
