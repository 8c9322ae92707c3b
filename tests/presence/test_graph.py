"""The Graph client against the simulated Graph: portions, refusals, outages, nonsense, consent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bridge.microsoft.graph import IDS_AT_ONCE, Graph
from bridge.microsoft.graph_gate import FAILURES, OPEN_LONGEST, REFUSED_FOR, consent_of, rights_in
from bridge.microsoft.outbound_token import OutboundTokens
from bridge.model.ids import PersonId, TenantId, UserKey
from bridge.model.presence_rules import TeamsPresence, TeamsSession
from bridge.secret import Secret
from bridge.service.presence_ports import Consent, TeamsAway, TeamsClosed
from infra.simulator.microsoft import Fault, MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA, SONNENTAL

TENANT = TenantId(SONNENTAL.id)
ANNA_KEY = UserKey(TENANT, PersonId(ANNA.id))


class Ticks:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


Maker = Callable[..., Graph]


@pytest.fixture
async def make(microsoft: MicrosoftSimulator, ticks: Ticks) -> AsyncIterator[Maker]:
    """Make clients of the simulated cloud, or of another Graph at ``url``."""
    http = aiohttp.ClientSession()
    tokens: list[OutboundTokens] = []

    def maker(url: str = "", secret: str = "", deadline: float = 2.0) -> Graph:
        settings = microsoft.settings
        own = OutboundTokens(
            authority=microsoft.base_url,
            app_id=settings.app_id,
            credential=Secret(secret or settings.app_secret),
            clock=ticks,
            tells=False,
        )
        tokens.append(own)
        return Graph(
            http,
            own,
            url=url or microsoft.graph_url,
            app_id=settings.app_id,
            authority=microsoft.base_url,
            consented_at="https://bridge.example/tab/consent.html",
            clock=ticks,
            deadline=deadline,
        )

    yield maker
    for own in tokens:
        await own.stop()
    await http.close()


def people(count: int) -> list[PersonId]:
    return [PersonId(ANNA.id), *(PersonId(f"00000000-0000-4000-8000-{number:012d}") for number in range(1, count))]


@pytest.mark.parametrize(("count", "portions"), [(1, [1]), (650, [650]), (651, [650, 1]), (1300, [650, 650])])
async def test_portions_hold_650_people_and_no_more(
    make: Maker, microsoft: MicrosoftSimulator, count: int, portions: list[int]
) -> None:
    microsoft.graph.set_teams_presence(ANNA, "Busy", "InAMeeting")
    found = await make().presences(TENANT, people(count))
    assert found == {PersonId(ANNA.id): TeamsPresence("Busy", "InAMeeting")}
    assert [len((asked.body or {})["ids"]) for asked in microsoft.graph.requests] == portions


async def test_somebody_named_twice_is_asked_for_once(make: Maker, microsoft: MicrosoftSimulator) -> None:
    await make().presences(TENANT, [PersonId(ANNA.id)] * 700)
    assert [(asked.body or {})["ids"] for asked in microsoft.graph.requests] == [[ANNA.id]]


async def test_a_session_is_set_renewed_and_cleared_and_none_is_no_error(
    make: Maker, microsoft: MicrosoftSimulator
) -> None:
    graph = make()
    await graph.set_session(ANNA_KEY, TeamsSession.IN_A_CALL)
    assert microsoft.graph.presence(ANNA).current() == ("Busy", "InACall")
    await graph.set_session(ANNA_KEY, TeamsSession.DO_NOT_DISTURB)
    assert microsoft.graph.presence(ANNA).current() == ("DoNotDisturb", "Presenting")
    await graph.clear_session(ANNA_KEY)
    await graph.clear_session(ANNA_KEY)
    assert microsoft.graph.presence(ANNA).sessions == {}
    assert [asked.status for asked in microsoft.graph.requests] == [200, 200, 200, 404]


async def test_being_asked_to_wait_is_honoured_for_the_whole_tenant(
    make: Maker, microsoft: MicrosoftSimulator, ticks: Ticks
) -> None:
    graph = make()
    microsoft.graph.faults.add(Fault(status=429, retry_after=7, times=1))
    with pytest.raises(TeamsAway) as away:
        await graph.presences(TENANT, people(1))
    assert away.value.retry_after == 7
    asked = len(microsoft.graph.requests)
    ticks.at += 6
    with pytest.raises(TeamsAway):
        await graph.set_session(ANNA_KEY, TeamsSession.IN_A_CALL)
    assert len(microsoft.graph.requests) == asked
    ticks.at += 1.1
    await graph.set_session(ANNA_KEY, TeamsSession.IN_A_CALL)
    assert microsoft.graph.presence(ANNA).current() == ("Busy", "InACall")


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 500}, {"cut": True}, {"hang": True}])
async def test_an_outage_holds_requests_back_and_one_tries_whether_it_is_over(
    make: Maker, microsoft: MicrosoftSimulator, ticks: Ticks, fault: dict[str, Any]
) -> None:
    graph = make(deadline=0.15)
    microsoft.graph.faults.add(Fault(**fault))
    for _ in range(FAILURES):
        with pytest.raises(TeamsAway):
            await graph.presences(TENANT, people(1))
    hits = microsoft.graph.faults.hits
    with pytest.raises(TeamsAway):
        await graph.presences(TENANT, people(1))
    assert microsoft.graph.faults.hits == hits
    waited = 0.0
    for _ in range(6):
        ticks.at += OPEN_LONGEST
        waited += OPEN_LONGEST
        with pytest.raises(TeamsAway):
            await graph.presences(TENANT, people(1))
    assert microsoft.graph.faults.hits == hits + 6
    microsoft.graph.faults.clear()
    ticks.at += OPEN_LONGEST
    await graph.presences(TENANT, people(1))


async def test_one_tenants_outage_is_not_anothers(make: Maker, microsoft: MicrosoftSimulator) -> None:
    graph = make()
    microsoft.graph.faults.add(Fault(status=500, where=SONNENTAL.id))
    for _ in range(FAILURES):
        with pytest.raises(TeamsAway):
            await graph.presences(TENANT, people(1))
    henrik = microsoft.user("henrik.petersen")
    found = await graph.presences(TenantId(henrik.tenant.id), [PersonId(henrik.id)])
    assert list(found) == [henrik.id]


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"<html>", b"null", b"[]", b'{"value": 3}', b'{"value": {"id": "x"}}', b'{"value": [' + b"[" * 3000, b"\xff\xfe",
        b'"' + b"x" * (3 * 1024 * 1024) + b'"',
    ],
    ids=lambda answer: repr(answer[:12]),
)  # fmt: skip
async def test_nonsense_is_an_outage_and_nothing_worse(make: Maker, answer: bytes) -> None:
    async with nonsense(answer) as url:
        with pytest.raises(TeamsAway):
            await make(url).presences(TENANT, people(3))


async def test_rows_that_cannot_be_read_are_passed_over(make: Maker) -> None:
    rows = [3, {}, {"id": 1}, {"id": "A", "availability": None, "activity": "x"},
        {"id": "B", "availability": "y" * 99, "activity": "x"},
            {"id": "ABC", "availability": "Busy", "activity": "InACall"}]  # fmt: skip
    async with nonsense(json.dumps({"value": rows}).encode()) as url:
        found = await make(url).presences(TENANT, people(3))
    assert found == {PersonId("abc"): TeamsPresence("Busy", "InACall")}


class nonsense:  # noqa: N801 - reads as a verb where it is used
    """A Graph that answers one thing to everything."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_post("/{anything:.*}", self._respond)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _respond(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=self._answer, content_type="application/json")


async def test_a_refused_token_is_replaced_once(make: Maker, microsoft: MicrosoftSimulator) -> None:
    graph = make()
    microsoft.graph.faults.add(Fault(status=401, times=1))
    await graph.presences(TENANT, people(1))
    assert microsoft.identity.fetches["token"] == 2
    microsoft.graph.faults.add(Fault(status=401))
    with pytest.raises(TeamsClosed) as closed:
        await graph.presences(TENANT, people(1))
    assert closed.value.consent is Consent.REVOKED


async def test_without_consent_nothing_is_sent_and_entra_is_asked_once(
    make: Maker, microsoft: MicrosoftSimulator, ticks: Ticks
) -> None:
    microsoft.identity.faults.add(Fault(status=400, code="unauthorized_client", where="token"))
    graph = make()
    for _ in range(3):
        with pytest.raises(TeamsAway):  # the fault of the simulator names a transient error
            await graph.presences(TENANT, people(1))
    microsoft.identity.faults.clear()
    ticks.at += 60
    microsoft.entra.application_roles = ()
    for _ in range(20):
        with pytest.raises(TeamsClosed) as closed:
            await graph.set_session(ANNA_KEY, TeamsSession.IN_A_CALL)
        ticks.at += 10
    assert closed.value.consent is Consent.MISSING
    assert list(microsoft.graph.requests) == []
    fetched = microsoft.identity.fetches["token"]
    microsoft.entra.application_roles = ("Presence.ReadWrite.All",)
    ticks.at += REFUSED_FOR
    await graph.set_session(ANNA_KEY, TeamsSession.IN_A_CALL)
    assert microsoft.identity.fetches["token"] == fetched + 1


async def test_reading_alone_may_be_granted(make: Maker, microsoft: MicrosoftSimulator) -> None:
    microsoft.entra.application_roles = ("Presence.Read.All",)
    graph = make()
    await graph.presences(TENANT, people(1))
    with pytest.raises(TeamsClosed):
        await graph.set_session(ANNA_KEY, TeamsSession.IN_A_CALL)
    admission = graph.admission(TENANT)
    assert (admission.consent, admission.may_read, admission.may_write) == (Consent.GRANTED, True, False)
    assert admission.missing == ("Presence.ReadWrite.All",)
    assert {asked.operation for asked in microsoft.graph.requests} == {"list"}


async def test_an_expired_secret_is_told_from_a_missing_consent(make: Maker, microsoft: MicrosoftSimulator) -> None:
    graph = make(secret="another")
    assert (await graph.ask_admission(TENANT)).consent is Consent.SECRET_EXPIRED
    link = graph.link(TENANT, Consent.SECRET_EXPIRED)
    assert link is not None
    assert link.endswith(microsoft.settings.app_id)
    assert list(microsoft.graph.requests) == []


def test_the_link_of_a_missing_consent_leads_to_the_tenants_own_page(
    make: Maker, microsoft: MicrosoftSimulator
) -> None:
    link = make().link(TENANT, Consent.MISSING)
    assert link is not None
    assert link.startswith(f"{microsoft.base_url}/{SONNENTAL.id}/v2.0/adminconsent?client_id=")
    assert "redirect_uri=https%3A%2F%2Fbridge.example%2Ftab%2Fconsent.html" in link


@pytest.mark.parametrize(
    ("fault", "consent"),
    [
        ("7000229", Consent.MISSING), ("65001", Consent.MISSING), ("7000112", Consent.REVOKED), ("700016", Consent.REVOKED),
        ("7000222", Consent.SECRET_EXPIRED), ("7000215", Consent.SECRET_EXPIRED), ("90033", Consent.UNKNOWN),
        ("TimeoutError", Consent.UNKNOWN), ("", Consent.UNKNOWN),
    ],
)  # fmt: skip
def test_what_entras_numbers_mean(fault: str, consent: Consent) -> None:
    assert consent_of(fault) is consent


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "a.bnVsbA.c", "a.W10.c", "a.eyJyb2xlcyI6M30.c", "a." + "W1tb" * 500 + ".c"]
)
def test_a_token_that_cannot_be_read_says_nothing(token: str) -> None:
    assert rights_in(Secret(token)) is None


async def test_the_loop_is_never_held_up(make: Maker, microsoft: MicrosoftSimulator) -> None:
    microsoft.graph.faults.add(Fault(delay=0.1))
    graph = make()
    asking = [asyncio.create_task(graph.presences(TENANT, people(650))) for _ in range(8)]
    loop = asyncio.get_running_loop()
    worst, last = 0.0, loop.time()
    while not all(task.done() for task in asking):
        await asyncio.sleep(0.002)
        worst, last = max(worst, loop.time() - last), loop.time()
    for task in asking:
        with suppress(TeamsAway):
            await task
    assert worst < 0.15
    assert IDS_AT_ONCE == 650
