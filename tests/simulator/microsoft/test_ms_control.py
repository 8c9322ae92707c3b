"""The control interface, the forged requests and the process as a whole."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

import aiohttp
import jwt
import pytest

from infra.simulator.microsoft import MicrosoftSimulator
from tests.simulator.microsoft.conftest import Client, Recorder

SHELL = {"Origin": "http://127.0.0.1:3978"}


async def control(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.http.request(method, f"{client.ms.control_url}{path}", json=body, headers=SHELL) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:3978"}, 200),
        ({"Origin": "http://localhost:5173"}, 200),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "http://127.0.0.1.attacker.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "attacker.example"}, 403),
    ],
)
async def test_only_loopback_pages_may_control(
    ms: MicrosoftSimulator, client: Client, headers: dict[str, str], status: int
) -> None:
    async with client.http.get(f"{ms.control_url}/state", headers=headers) as answer:
        assert answer.status == status
        allowed = answer.headers.get("Access-Control-Allow-Origin")
    assert allowed == (headers.get("Origin") if status == 200 else None)


async def test_preflight_is_answered(ms: MicrosoftSimulator, client: Client) -> None:
    url = f"{ms.control_url}/users/anna.schmidt/message"
    headers = {**SHELL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with client.http.options(url, headers=headers) as answer:
        assert answer.status == 204
        assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


async def test_acting_as_a_person(ms: MicrosoftSimulator, client: Client, recorder: Recorder) -> None:
    recorder.body = {"statusCode": 200}
    assert (await control(client, "POST", "/users/anna.schmidt/install", {}))[0] == 200
    status, outcome = await control(client, "POST", "/users/anna.schmidt/message", {"text": "Hilfe", "locale": "en-us"})
    assert (status, outcome["status"]) == (200, 200)
    assert (recorder.seen[-1]["text"], recorder.seen[-1]["locale"]) == ("Hilfe", "en-us")
    body = {"name": "adaptiveCard/action", "value": {"action": {}}, "replyToId": "1"}
    _, outcome = await control(client, "POST", "/users/anna.schmidt/invoke", body)
    assert outcome["body"] == {"statusCode": 200}
    _, chat = await control(client, "GET", "/users/anna.schmidt/conversation")
    assert [entry["activity"]["text"] for entry in chat["messages"]] == ["Hilfe"]
    _, minted = await control(client, "POST", "/users/anna.schmidt/token", {"scp": None})
    assert minted["token"].count(".") == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/users/nobody/message", {"text": "x"}, 404),
        ("POST", "/users/anna.schmidt/message", {}, 400),
        ("POST", "/users/anna.schmidt/message", [1], 400),
        ("POST", "/misbehaviour/weather", {"status": 500}, 400),
        ("POST", "/misbehaviour/graph", {"colour": "red"}, 400),
        ("POST", "/keys/weather/rotate", {}, 400),
    ],
)
async def test_bad_control_requests_say_so(client: Client, method: str, path: str, body: Any, status: int) -> None:
    answered, reason = await control(client, method, path, body)
    assert answered == status
    assert reason["error"]


async def test_misbehaviour_and_keys_by_control(ms: MicrosoftSimulator, client: Client) -> None:
    before = ms.entra_keys.current.kid
    assert (await control(client, "POST", "/keys/entra/rotate", {"keep": 0}))[1]["kid"] != before
    assert len(ms.entra_keys.keys) == 1
    assert (await control(client, "POST", "/misbehaviour/connector", {"status": 403, "times": 2}))[0] == 201
    _, listing = await control(client, "GET", "/misbehaviour")
    assert [(fault["status"], fault["left"]) for fault in listing["connector"]] == [(403, 2)]
    await control(client, "DELETE", "/misbehaviour/connector")
    assert (await control(client, "GET", "/misbehaviour"))[1]["connector"] == []
    _, presence = await control(client, "PUT", "/users/anna.schmidt/presence", {"availability": "Busy"})
    assert presence == {"availability": "Busy", "activity": "Busy"}


async def read_events(stream: aiohttp.StreamReader, count: int) -> list[tuple[str, Any]]:
    """The next events of a stream, comments left out."""
    events = []
    while len(events) < count:
        block = (await stream.readuntil(b"\n\n")).decode()
        fields = dict(line.split(": ", 1) for line in block.strip().splitlines() if not line.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


async def test_the_stream_tells_of_every_change(ms: MicrosoftSimulator, client: Client) -> None:
    anna = ms.user("anna.schmidt")
    await ms.channel.install(anna)
    chat = ms.conversations.of(anna).id
    async with client.http.get(f"{ms.control_url}/users/{anna.id}/stream", headers=SHELL) as stream:
        assert stream.headers["Access-Control-Allow-Origin"] == SHELL["Origin"]
        [(kind, snapshot)] = await read_events(stream.content, 1)
        assert (kind, snapshot["installed"], snapshot["messages"]) == ("snapshot", True, [])
        await ms.channel.say(anna, "Hallo")
        _, sent, _ = await client.connector("POST", f"/{chat}/activities", {"type": "message", "text": "eins"})
        path = f"/{chat}/activities/{sent['id']}"
        await client.connector("PUT", path, {"type": "message", "text": "zwei"})
        await client.connector("POST", f"/{chat}/activities", {"type": "typing"})
        await client.connector("DELETE", path)
        events = await read_events(stream.content, 5)
    assert [kind for kind, _ in events] == ["message", "message", "update", "typing", "delete"]
    assert events[2][1]["activity"]["text"] == "zwei"
    assert events[2][1]["edits"] == 1


async def test_a_slow_reader_gets_a_fresh_snapshot_instead_of_a_gap(ms: MicrosoftSimulator) -> None:
    chat = ms.conversations.of(ms.user("anna.schmidt"))
    changes = chat.changes()
    assert (await anext(changes))["event"] == "snapshot"
    for number in range(600):
        chat.add({"type": "message", "id": str(number)}, by_bot=True)
    kinds = []
    last: dict[str, Any] = {}
    while "599" not in (last.get("data", {}).get("id"), (last.get("data", {}).get("messages") or [{}])[-1].get("id")):
        last = await anext(changes)
        kinds.append(last["event"])
    assert kinds[0] == "snapshot"
    await changes.aclose()


async def test_the_simulator_stops_while_somebody_reads(recorder: Recorder) -> None:
    async with MicrosoftSimulator() as ms, aiohttp.ClientSession() as http:
        stream = await http.get(f"{ms.control_url}/users/anna.schmidt/stream")
        await read_events(stream.content, 1)
        started = asyncio.get_running_loop().time()
        await ms.stop()
        assert asyncio.get_running_loop().time() - started < 1
        stream.close()


async def test_forged_channel_requests_are_many_and_different(ms: MicrosoftSimulator) -> None:
    forged = ms.forged_channel_requests()
    assert len(forged) >= 80
    assert len({request.name for request in forged}) == len(forged)
    assert len({(request.body, tuple(request.headers.items())) for request in forged}) == len(forged)
    for request in forged:
        assert request.acceptable <= {400, 401, 403, 413, 415, 431}
        assert request.acceptable


async def test_no_forged_channel_request_is_the_genuine_one(ms: MicrosoftSimulator) -> None:
    """Judged by a verifier of the published rules that is written here: each fails at least one of them."""
    keys = {key.kid: key.private.public_key() for key in ms.channel_keys.keys}
    tenant = ms.settings.population.users[0].tenant.id

    def accepts(headers: dict[str, str], body: bytes) -> bool:
        if not headers.get("Content-Type", "").startswith("application/json") or len(body) > 256 * 1024:
            return False
        activity = json.loads(body)
        scheme, _, token = headers["Authorization"].partition(" ")
        header = jwt.get_unverified_header(token)
        options: Any = {"require": ["exp", "iss", "aud"], "strict_aud": True}
        claims = jwt.decode(
            token, keys[header["kid"]], ["RS256"], audience=ms.settings.app_id,
            issuer=ms.settings.channel_issuer, leeway=300, options=options,
        )  # fmt: skip
        service = claims["serviceurl"] == activity["serviceUrl"] == ms.service_url
        tenants = {activity["channelData"]["tenant"]["id"], activity["conversation"]["tenantId"]}
        complete = activity["channelId"] == "msteams" and activity["from"]["id"] and activity["type"]
        return bool(scheme == "Bearer" and "crit" not in header and service and tenants == {tenant} and complete)

    def refused(headers: dict[str, str], body: bytes) -> bool:
        try:
            return not accepts(headers, body)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
            return True

    anna = ms.settings.population.users[0]
    genuine = ms.activities.message(anna, ms.conversations.of(anna).id, "help")
    assert not refused(ms.channel.headers(genuine), json.dumps(genuine).encode())
    assert [r.name for r in ms.forged_channel_requests() if not refused(r.headers, r.body)] == []


async def test_the_process_says_its_port_and_stops_on_a_signal() -> None:
    arguments = [
        "-m",
        "infra.simulator.microsoft",
        "serve",
        "--port",
        "0",
        "--app-id",
        "11111111-2222-4333-8444-555555555555",
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(10):
            line = json.loads(await process.stdout.readline())
        assert line["environment"]["MICROSOFT_APP_ID"] == "11111111-2222-4333-8444-555555555555"
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{line['port']}/_control/api/state") as answer,
        ):
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            assert await process.wait() == 0
