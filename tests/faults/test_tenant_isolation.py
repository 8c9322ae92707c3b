"""Two tenants in which everything has the same id: each sees and moves only its own; the other's is simply not there."""

import asyncio
import contextlib
import json
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA, NORDWIND, User
from infra.simulator.starface import PbxConfig, Population, StarfaceSimulator, demo_population
from tests.faults.crowd import urls
from tests.harness import Answer, Person, Stream, World, until, world
from tests.servers import RedisServer

TWIN = User(ANNA.id, NORDWIND, "Anna Zwilling", "anna.twin", ANNA.wids)
"""The same object id in the other tenant, with the same rights."""
SAME_CALL, UNKNOWN = "5a3e0000-0000-4000-8000-000000000001", "5a3e0000-0000-4000-8000-00000000ffff"
ENDLESS = {"stream_events"}
ENDING = {"sign_out", "remove_pbx", "change_pbx", "sign_in", "add_pbx"}
"""Operations that would end the sign-ins this test lives on, or fill the list of PBXs; they are tried by hand."""


def population(canary: str) -> Population:
    """The same people, logins, phones and numbers everywhere, under names that tell the tenant."""
    made = demo_population()
    for person in made.users:
        person.last_name = f"{person.last_name} {canary}"
    made.outside = [replace(each, name=f"{each.name} {canary}") for each in made.outside]
    made.contacts = [replace(each, company=canary, last_name=canary) for each in made.contacts]
    return made


@dataclass
class Side:
    """One tenant: its PBX, its person, the word by which its data can be told, and all answers that its person got."""

    canary: str
    pbx: StarfaceSimulator
    person: Person
    stream: Stream = field(default_factory=Stream)
    answers: list[str] = field(default_factory=list)

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        answer = await self.person.ask(method, path.removeprefix("/api/v1"), body)
        self.answers.append(json.dumps([answer.body, dict(answer.headers)], ensure_ascii=False))
        return answer

    def seen(self) -> str:
        """Everything that this side's person was ever shown."""
        return "\n".join(self.answers) + json.dumps(self.stream.events, ensure_ascii=False)


@pytest.fixture
async def sides(
    redis: RedisServer, database_url: str, microsoft: MicrosoftSimulator
) -> AsyncIterator[tuple[World, Side, Side]]:
    async with contextlib.AsyncExitStack() as stack:
        pbxs = [
            await stack.enter_async_context(StarfaceSimulator(PbxConfig(population=population(canary))))
            for canary in ("Ahornkanari", "Birkenkanari")
        ]
        made = await stack.enter_async_context(
            world(redis.url.reveal(), database_url, microsoft, pbxs[0], processes=2, mapped=False)
        )
        both = []
        for user, pbx, url in zip((ANNA, TWIN), pbxs, urls(made), strict=True):
            canary = pbx.users["0001"].last_name.split()[-1]
            await made.map_pbx(pbx, tenant=user.tenant.id)
            side = Side(canary, pbx, made.person(user, url))
            assert (await side.ask("PATCH", "/admin/pbxs/demo", {"name": f"Anlage {canary}"})).status == 200
            assert (await side.person.sign_in()).status == 201
            side.stream = await stack.enter_async_context(side.person.stream())
            await side.stream.wait_for("snapshot")
            pbx.ring("0001", from_number="+49 30 23125 801", name=f"Rufer {canary}", call_id=SAME_CALL)
            await side.stream.wait_for("call", lambda data: data["id"] == SAME_CALL and data["remote"]["name"])
            both.append(side)
        yield made, both[0], both[1]


async def operations(made: World) -> list[tuple[str, str, str, Any]]:
    """(id, verb, path, JSON schema of the body or None) of everything in the interface's description."""
    async with made.http.get(f"{made.url}/api/openapi.json") as response:
        described = await response.json()
    shapes = described["components"]["schemas"]
    return [
        (operation["operationId"], verb.upper(), path, _body_schema(operation, shapes))
        for path, verbs in described["paths"].items()
        for verb, operation in verbs.items()
        if operation["operationId"] not in ENDLESS
    ]


def _body_schema(operation: dict[str, Any], shapes: dict[str, Any]) -> Any:
    if "requestBody" not in operation:
        return None
    text = json.dumps(operation["requestBody"]["content"]["application/json"]["schema"])
    while found := re.search(r'\{"\$ref": "#/components/schemas/(\w+)"\}', text):
        text = text.replace(found[0], json.dumps(shapes[found[1]]))
    return json.loads(text)


def instance(schema: dict[str, Any], text: str) -> Any:
    """A small value that fits a schema; texts without a choice become ``text``."""
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return instance(schema["anyOf"][0], text)
    made: dict[str, Callable[[], Any]] = {
        "object": lambda: {name: instance(each, text) for name, each in schema.get("properties", {}).items()},
        "array": lambda: [instance(schema["items"], text) for _ in range(max(1, schema.get("minItems", 1)))],
        "string": lambda: "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else text,
        "integer": lambda: schema.get("minimum", 1),
        "boolean": lambda: False,
    }
    return made.get(schema["type"], lambda: None)()


def ids_in(value: Any) -> Iterator[str]:
    """Everything that is called an id in an answer, at any depth."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name.lower().endswith("id") and isinstance(each, str):
                yield each
            yield from ids_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from ids_in(each)


async def ids_of(side: Side, every: list[tuple[str, str, str, Any]]) -> set[str]:
    found: set[str] = set()
    for _, verb, path, _ in every:
        if verb == "GET" and "{" not in path:
            query = "?q=a" if path.endswith(("contacts", "people")) else ""
            answer = await side.ask(verb, path + query)
            found.update(ids_in(answer.body))
    return {each for each in found if 0 < len(each) <= 128 and "/" not in each}


async def picture(side: Side) -> dict[str, Any]:
    """What must not change on one side while the other acts."""
    return {
        "calls": sorted((call.id, len(call.legs)) for call in side.pbx.calls),
        "users": {login: (user.primary_phone, user.dnd) for login, user in side.pbx.users.items()},
        "redirects": [(rule.id, rule.enabled) for user in side.pbx.users.values() for rule in user.redirects],
        "session": (await side.ask("GET", "/session")).body,
        "pbxs": (await side.ask("GET", "/admin/pbxs")).body,
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_of_the_other_tenant_is_seen_or_moved(sides: tuple[World, Side, Side], seed: int) -> None:
    made, ours, theirs = sides
    chance, every = random.Random(seed), await operations(made)
    only_theirs = theirs.pbx.ring("0001", from_number="+49 30 23125 800")
    await theirs.stream.wait_for("call", lambda data: data["id"] == only_theirs)
    added = await theirs.ask("POST", "/admin/pbxs", {"name": "Zweite", "host": "127.0.0.1", "tls": "off"})
    foreign = sorted(await ids_of(theirs, every) - await ids_of(ours, every))
    assert {only_theirs, added.body["id"]} <= set(foreign)
    before = await picture(theirs)
    steps = [step for step in every if step[0] not in ENDING] * 2
    chance.shuffle(steps)
    for name, verb, path, schema in steps:
        other = chance.choice(foreign)
        answers = [
            await ours.ask(verb, path.replace("{id}", each), instance(schema, each) if schema else None)
            for each in (other, UNKNOWN)
        ]
        shown = [(answer.status, answer.code) for answer in answers]
        assert shown[0] == shown[1], f"{name}: an id of the other tenant is told from one of nobody"
        assert answers[0].status < 500, name
    assert await picture(theirs) == before
    await ids_of(theirs, every)
    assert ours.canary in ours.seen()
    assert theirs.canary in theirs.seen()
    assert theirs.canary not in ours.seen()
    assert ours.canary not in theirs.seen()


async def test_equal_ids_move_only_ones_own(sides: tuple[World, Side, Side]) -> None:
    _, ours, theirs = sides
    handles = [side.pbx.pbx.sessions.of("0001")[-1].callback for side in (ours, theirs)]
    assert handles[0] != handles[1], "the same object id in two tenants is two people"
    assert (await ours.ask("POST", f"/calls/{SAME_CALL}/hangup")).status == 202
    await ours.stream.wait_for("call", lambda data: data["id"] == SAME_CALL and data["state"] == "ended")
    shown = (await theirs.ask("GET", "/calls")).body["calls"]
    assert [(call["id"], call["state"]) for call in shown] == [(SAME_CALL, "ringing")]
    assert theirs.canary in shown[0]["remote"]["name"]
    phones = [phone["id"] for phone in (await ours.ask("GET", "/phones")).body["phones"] if not phone["primary"]]
    assert (await ours.ask("PUT", "/phones/primary", {"id": phones[0]})).status == 200
    assert theirs.pbx.users["0001"].primary_phone != phones[0]
    assert (await ours.ask("PUT", "/presence/dnd", {"enabled": True})).status == 200
    assert theirs.pbx.users["0001"].dnd is False
    assert (await ours.ask("PATCH", "/admin/pbxs/demo", {"name": "Umbenannt"})).status == 200
    assert [pbx["name"] for pbx in (await theirs.ask("GET", "/admin/pbxs")).body["pbxs"]] == [f"Anlage {theirs.canary}"]
    added = await theirs.ask("POST", "/admin/pbxs", {"name": "Zweite", "host": "127.0.0.1", "tls": "off"})
    for verb, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        answers = [await ours.ask(verb, f"/admin/pbxs/{each}", body) for each in (added.body["id"], UNKNOWN)]
        assert [(answer.status, answer.code) for answer in answers] == [(404, "not_found")] * 2
    foreign = {"pbxId": added.body["id"], "login": "0001", "password": "Demo-0001!"}
    assert (await ours.ask("POST", "/session", foreign)).code == "not_found"
    assert (await ours.ask("DELETE", "/admin/pbxs/demo")).status == 204
    await ours.stream.wait_for("session", lambda data: data["reason"] == "revoked")
    assert (await theirs.ask("GET", "/session")).body["state"] == "signed_in"
    await until(lambda: not ours.pbx.pbx.sessions.all())
    assert theirs.pbx.pbx.sessions.of("0001")
    await asyncio.sleep(0.19)
    assert theirs.stream.of("session") == []
    assert theirs.canary not in ours.seen()
    assert ours.canary not in theirs.seen()
