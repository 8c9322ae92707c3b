"""What nobody outside the vendor knows for certain, both ways, through the whole product: each alternative of UCI reference,
section 18 and 17.1, that a client can notice. One main job for all: sign in, call, hang up, be called, take it, hang up.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import nullcontext as does_not_raise

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bridge.model.numbers import dial_string
from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.cloud import MicrosoftSettings
from infra.simulator.microsoft.keys import SigningKey
from infra.simulator.starface import DirectoryMode, PbxConfig, StarfaceSimulator, Switches, demo_population
from tests.faults.crowd import people
from tests.harness import Person, Stream, World, until, world
from tests.servers import redis_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLED, CALLER, CALLER_NAME = "030 23125-800", "+49 30 23125 801", "Max Müller"
_numbers = itertools.count(1)

ALTERNATIVES: list[dict[str, object]] = [
    {},
    {"no_session": "fault_without_class"},
    {"no_session": "fault_without_class", "no_session_code": 7},
    {"unknown_method": "fault_0", "old_names": False},
    {"unknown_method": "http_500", "old_names": False},
    {"login_result": "i4"},
    {"login_result": "missing"},
    {"void_result": "nil"},
    {"void_result": "true"},
    {"void_result": "missing"},
    {"nil_parameter": "fault"},
    {"content_type": "application/xml"},
    {"content_type": "none"},
    {"cookies": False},
    {"dates": "local"},
    {"dates": "text"},
    {"call_timestamp": "text"},
    {"call_timestamp": "milliseconds"},
    {"call_timestamp": "milliseconds_text"},
    {"keep_alive_expiry": 20},
    {"keep_alive_expiry": None},
    {"any_request_extends": False},
    {"session_key": "user"},
    {"bare_request": "own_session"},
    {"callback_failure": "drop_session"},
    {"callback_failure": "reset_event"},
    {"callback_order": "jitter"},
    {"callback_order": "duplicates"},
    {"callback_order": "empty_first_state"},
    {"event_spelling": "changed"},
    {"event_spelling": "absent"},
    {"reset_needs_subscription": True},
    {"name_resolution": "at_once"},
    {"incoming_state": False},
    {"dialling_state": "outgoing"},
    {"dialling_state": "proceeding"},
    {"state_case": "mixed"},
    {"own_phone": "first_ringing"},
    {"own_phone": "immediate"},
    {"place_in_progress": "fault"},
    {"unknown_call": "fault"},
    {"number_format": "plus"},
    {"number_format": "national"},
    {"call_keys": "confirmed"},
    {"group_key": "groupId"},
    {"struct_spelling": "long"},
    {"user_state_tells_dnd": True},
]


def named(switches: dict[str, object]) -> str:
    return ",".join(f"{name}={value}" for name, value in switches.items()) or "defaults"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(
    cloud_keys: tuple[SigningKey, SigningKey, SigningKey], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """One process for all alternatives; each brings a PBX of its own."""
    database = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('alternatives')}/directory.db"
    with redis_server() as redis:
        async with (
            MicrosoftSimulator(MicrosoftSettings(keys=cloud_keys)) as microsoft,
            StarfaceSimulator() as pbx,
            world(redis.url.reveal(), database, microsoft, pbx) as made,
        ):
            yield made


@contextlib.asynccontextmanager
async def someone(shared: World, pbx: StarfaceSimulator, port: int = 0) -> AsyncIterator[tuple[Person, str]]:
    """A person of the tenant and the id under which the PBX was mapped for them."""
    name = f"pbx-{next(_numbers)}"
    entry = await shared.map_pbx(pbx, name, port=port or pbx.port)
    person = shared.person(people(1)[0])
    try:
        yield person, name
    finally:
        await person.ask("DELETE", "/session")
        await shared.service.stores.directory.remove(entry.tenant, entry.id)


async def call_somebody(person: Person, stream: Stream) -> str:
    placed = await person.call(CALLED)
    assert placed.status == 202, placed.body
    call = str(placed.body["id"])
    shown = await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "connected")
    assert (shown["direction"], dial_string(shown["remote"]["number"], "DE")) == ("outbound", "00493023125800")
    assert "hangup" in shown["actions"]
    return call


async def hang_up(person: Person, stream: Stream, call: str) -> None:
    assert (await person.ask("POST", f"/calls/{call}/hangup")).status == 202
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ended")


async def be_called(pbx: StarfaceSimulator, stream: Stream, login: str = "0001") -> str:
    call = pbx.ring(login, from_number=CALLER, name=CALLER_NAME)
    shown = await stream.wait_for(
        "call", lambda data: data["id"] == call and data["state"] == "ringing" and data["remote"]["name"]
    )
    assert (shown["direction"], shown["remote"]["name"]) == ("inbound", CALLER_NAME)
    assert dial_string(shown["remote"]["number"], "DE") == "00493023125801"
    pbx.answer(login, call)
    await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "connected")
    return call


def in_order(stream: Stream) -> None:
    """Versions of each call grow; an ended call stays ended; nothing is told twice."""
    calls = stream.of("call")
    for call in {data["id"] for data in calls}:
        told = [data for data in calls if data["id"] == call]
        versions = [data["version"] for data in told]
        assert versions == sorted(set(versions))
        assert [data["state"] for data in told].count("ended") <= 1
        assert "ended" not in [data["state"] for data in told[:-1]]


async def main_job(
    person: Person, pbx: StarfaceSimulator, name: str, *, password: str | None = None, oldest: bool = False
) -> None:
    """``oldest``: the first generation has no requests for presence."""
    signed_in = await person.sign_in("0001", password, name)
    assert (signed_in.status, signed_in.body["state"]) == (201, "signed_in"), signed_in.body
    async with person.stream() as stream:
        assert (await stream.wait_for("snapshot"))["session"]["state"] == "signed_in"
        await hang_up(person, stream, await call_somebody(person, stream))
        await hang_up(person, stream, await be_called(pbx, stream))
        assert (await person.ask("GET", "/calls")).body == {"calls": []}
        assert (await person.ask("GET", "/presence")).status == (404 if oldest else 200)
        in_order(stream)
        assert stream.of("session") == []
        assert stream.of("notice") == []


@pytest.mark.parametrize("switches", ALTERNATIVES, ids=named)
async def test_the_main_job_with_each_alternative(shared: World, switches: dict[str, object]) -> None:
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.set(**switches)
        with does_not_raise():
            await main_job(person, pbx, name)


@pytest.mark.parametrize("version", ["6.4.2.12", "6.7.0.22", "9.0.0.1", "10.0.0.4"])
async def test_the_main_job_with_each_age(shared: World, version: str) -> None:
    async with StarfaceSimulator(PbxConfig(version=version)) as pbx, someone(shared, pbx) as (person, name):
        with does_not_raise():
            await main_job(person, pbx, name)


async def test_the_main_job_with_active_directory(shared: World) -> None:
    config = PbxConfig(directory_mode=DirectoryMode.ACTIVE_DIRECTORY)
    async with StarfaceSimulator(config) as pbx, someone(shared, pbx) as (person, name):
        with does_not_raise():
            await main_job(person, pbx, name)


@pytest.mark.parametrize("jwt_callback", ["nothing", "empty_auth", "jwt", "jwt_as_auth"])
async def test_the_main_job_with_an_identity_server(shared: World, jwt_callback: str) -> None:
    switches = Switches(external_identity_provider=True)
    config = PbxConfig(version="10.0.0.4")
    async with StarfaceSimulator(config, switches=switches) as pbx, someone(shared, pbx) as (person, name):
        pbx.set(jwt_callback=jwt_callback)
        with does_not_raise():
            await main_job(person, pbx, name)


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_jwt_is_renewed_before_it_ends(shared: World, *, rotates: bool) -> None:
    switches = Switches(external_identity_provider=True, access_lifetime=61.0, refresh_rotates=rotates)
    config = PbxConfig(version="10.0.0.4")
    async with StarfaceSimulator(config, switches=switches) as pbx, someone(shared, pbx) as (person, name):
        assert (await person.sign_in(pbx=name)).status == 201
        async with person.stream() as stream:
            await stream.wait_for("snapshot")
            await until(lambda: len(pbx.recorder.requests_named("oauth2/token")) >= 3)
            await hang_up(person, stream, await call_somebody(person, stream))
            assert (stream.of("session"), stream.of("notice")) == ([], [])


@pytest.mark.parametrize("newest", ["v22", "v20"])
async def test_the_main_job_with_a_pbx_that_knows_no_newer_names(shared: World, newest: str) -> None:
    newer = [each.encode() for each in ("v30", "v22") if each > newest]
    async with StarfaceSimulator() as pbx, _older(pbx, newer) as port, someone(shared, pbx, port) as (person, name):
        await main_job(person, pbx, name, oldest=newest == "v20")
        async with person.stream() as stream:
            await asyncio.sleep(0.1)
            await until(lambda: len(pbx.recorder.requests_named("keepAlive" if newest == "v22" else "probe")) > 2)
            assert stream.of("notice") == [], "what an old PBX does not offer is no trouble"
        spoken = {request.method.split(".")[1] for request in pbx.requests if request.login}
        assert newest in spoken
        assert not spoken & {each.decode() for each in newer}


@contextlib.asynccontextmanager
async def _older(pbx: StarfaceSimulator, newer: list[bytes]) -> AsyncIterator[int]:
    """Stand in front of a PBX and let it know no names of newer generations; give the port."""
    async with aiohttp.ClientSession(auto_decompress=False) as http:

        async def forward(request: web.Request) -> web.Response:
            body = await request.read()
            for each in newer:
                body = body.replace(b"ucp.%s." % each, b"ucp.v99.")
            url = f"http://127.0.0.1:{pbx.port}{request.raw_path}"
            async with http.request(request.method, url, data=body, headers={"Content-Type": "text/xml"}) as answer:
                kind = answer.headers.get("Content-Type", "text/xml")
                return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()


@pytest.mark.parametrize("bad_token", ["http_401", "http_403", "fault", "login_false", "redirect", "html", "reset"])
async def test_a_wrong_password_however_it_is_refused(shared: World, bad_token: str) -> None:
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.set(bad_token=bad_token)
        refused = await person.sign_in(password="wrong", pbx=name)
        assert (refused.status, refused.code) == (401, "pbx_credentials_rejected")
        assert (await person.ask("GET", "/session")).body["state"] == "signed_out"
        assert pbx.pbx.sessions.all() == []
        await main_job(person, pbx, name)


@pytest.mark.parametrize("bad_token", ["http_401", "http_403", "fault", "login_false"])
async def test_a_changed_password_ends_the_sign_in_however_it_is_refused(shared: World, bad_token: str) -> None:
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.set(bad_token=bad_token)
        await person.sign_in(pbx=name)
        async with person.stream() as stream:
            await stream.wait_for("snapshot")
            pbx.change_password("0001", "Neu-0001!")
            ended = await stream.wait_for("session")
            assert (ended["state"], ended["reason"]) == ("signed_out", "rejected")
            asked = len(pbx.requests)
            await asyncio.sleep(0.19)
            assert len(pbx.requests) == asked, "nobody tries the old token again"
            assert len(stream.of("session")) == 1


@pytest.mark.parametrize("bad_token", ["redirect", "html", "reset"])
async def test_a_page_in_a_running_session_is_no_wrong_password(shared: World, bad_token: str) -> None:
    """A page, a redirect or a cut line may come from anything between us and the PBX: the person stays signed in."""
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.set(bad_token=bad_token)
        await person.sign_in(pbx=name)
        pbx.change_password("0001", "Neu-0001!")
        refused = await person.call(CALLED)
        assert refused.code == ("pbx_unreachable" if bad_token == "reset" else "pbx_protocol")
        assert (await person.ask("GET", "/session")).body["state"] == "signed_in"
        pbx.change_password("0001", "Demo-0001!")
        assert (await person.call(CALLED)).status == 202


@pytest.mark.parametrize(
    ("switch", "status", "code"),
    [("accepted", 201, ""), ("fault", 403, "pbx_permission"), ("false", 401, "pbx_credentials_rejected")],
)
async def test_a_light_licence(shared: World, switch: str, status: int, code: str) -> None:
    population = demo_population()
    population.users[0].licence = "USERLIGHT"
    async with (
        StarfaceSimulator(PbxConfig(population=population)) as pbx,
        someone(shared, pbx) as (person, name),
    ):
        pbx.set(light_licence=switch)
        answer = await person.sign_in(pbx=name)
        assert (answer.status, answer.body.get("code", "")) == (status, code)


async def test_a_password_with_umlauts(shared: World) -> None:
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.change_password("0001", "Prüfung-ä1€")
        with does_not_raise():
            await main_job(person, pbx, name, password="Prüfung-ä1€")


@pytest.mark.parametrize("unknown_call", ["nothing", "fault"])
async def test_a_call_that_is_gone_and_one_that_is_held_twice(shared: World, unknown_call: str) -> None:
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.set(unknown_call=unknown_call, hold_again="fault", forward_changes_id=True)
        await person.sign_in(pbx=name)
        async with person.stream() as stream:
            await stream.wait_for("snapshot")
            call = await call_somebody(person, stream)
            assert (await person.ask("POST", f"/calls/{call}/hold")).status == 202
            await stream.wait_for("call", lambda data: data["state"] == "held")
            again = await person.ask("POST", f"/calls/{call}/hold")
            assert (again.status, again.body and again.code) in {(202, None), (502, "pbx_protocol"), (404, "not_found")}
            await hang_up(person, stream, call)
            gone = await person.ask("POST", f"/calls/{call}/hangup")
            assert (gone.status, gone.code) == (404, "not_found")


async def test_a_call_that_changes_its_id_stays_the_same_call(shared: World) -> None:
    async with StarfaceSimulator() as pbx, someone(shared, pbx) as (person, name):
        pbx.set(forward_changes_id=True)
        await person.sign_in(pbx=name)
        async with person.stream() as stream:
            await stream.wait_for("snapshot")
            call = pbx.ring("0002", from_number=CALLER, name=CALLER_NAME)
            pbx.answer("0002", call)
            pbx.forward("0002", "10", call)
            shown = await stream.wait_for("call", lambda data: data["state"] == "ringing")
            pbx.answer("0001", shown["id"])
            await stream.wait_for("call", lambda data: data["state"] == "connected")
            await hang_up(person, stream, shown["id"])
            in_order(stream)
