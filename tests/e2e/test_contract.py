"""The outside contract, route by route: codes, repeats, headers, languages, administration."""

import asyncio
import re
from typing import Any

import pytest

from infra.simulator.microsoft.population import ANNA, HENRIK, JONAS
from infra.simulator.starface import Behaviour
from tab.operations import OPERATIONS
from tests.harness import World, pick_up, until

GONE = "/calls/00000000-0000-0000-0000-000000000000"


async def test_every_operation_refuses_a_request_without_a_token(one: World) -> None:
    for operation in OPERATIONS:
        path = operation.path.removeprefix("/api/v1").replace("{id}", "x")
        anna = one.person()
        anna.token = ""
        answer = await anna.ask(operation.verb, path, {} if operation.body else None)
        assert (answer.status, answer.code) == (401, "unauthenticated"), operation.name
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_forged_teams_tokens_are_refused_everywhere(one: World) -> None:
    forged = one.microsoft.forged_sso_tokens(ANNA)
    del forged["no_azp"]  # says nothing against it: Entra signed it for this app and this scope
    assert len(forged) >= 15
    for name, token in forged.items():
        anna = one.person()
        anna.token = token
        for path in ("/session", "/admin/pbxs", "/events"):
            answer = await anna.ask("GET", path)
            assert (answer.status, answer.code) == (401, "unauthenticated"), (name, path)


async def test_an_unknown_tenant_is_told_so(one: World) -> None:
    henrik = one.person(HENRIK)
    for method, path, body in (
        ("GET", "/session", None),
        ("POST", "/session", {"pbxId": "demo", "login": "0001", "password": "Demo-0001!"}),
        ("GET", "/events", None),
    ):
        answer = await henrik.ask(method, path, body)
        assert (answer.status, answer.code) == (403, "tenant_unknown"), path
    assert not [request for request in one.pbx.recorder.requests if request.method.endswith("login")]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_a_problem_speaks_the_language_of_its_reader(one: World, language: str) -> None:
    anna = one.person()
    anna.language = f"{language}-XX"
    answer = await anna.sign_in(password="wrong")
    assert (answer.status, answer.code, answer.body["status"]) == (401, "pbx_credentials_rejected", 401)
    assert ("Passwort" in answer.body["detail"]) == (language == "de")
    assert answer.body["title"]


async def test_without_a_sign_in_every_telephone_route_says_signed_out(one: World) -> None:
    anna = one.person()
    for method, path, body in (
        ("GET", "/calls", None),
        ("POST", "/calls", {"number": "10"}),
        ("POST", f"{GONE}/hangup", None),
        ("POST", f"{GONE}/hold", None),
        ("POST", f"{GONE}/forward", {"target": "11"}),
        ("POST", "/conference", {"callIds": ["a", "b"]}),
        ("GET", "/phones", None),
        ("PUT", "/phones/primary", {"id": "x"}),
        ("GET", "/presence", None),
        ("PUT", "/presence/dnd", {"enabled": True}),
    ):
        answer = await anna.ask(method, path, body)
        assert (answer.status, answer.code, answer.body["reason"]) == (401, "signed_out", "never"), path


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/session", {}),
        ("POST", "/session", {"pbxId": "demo", "login": "0001"}),
        ("POST", "/session", {"pbxId": "demo", "login": 1, "password": "x"}),
        ("POST", "/session", {"pbxId": "demo", "login": "0001", "password": "x", "extra": 1}),
        ("POST", "/session", {"pbxId": "demo", "login": "", "password": "x"}),
        ("POST", "/session", {"pbxId": "demo", "login": "a\u0000b", "password": "x"}),
        ("POST", "/session", {"pbxId": "demo", "login": "0001", "password": "x" * 257}),
        ("POST", "/session", []),
        ("POST", "/session", "text"),
        ("POST", "/calls", {"number": ""}),
        ("POST", "/calls", {"number": "hello"}),
        ("POST", "/calls", {"number": "9" * 65}),
        ("POST", "/calls", {"number": None}),
        ("POST", "/conference", {"callIds": ["one"]}),
        ("PUT", "/presence/dnd", {"enabled": "yes"}),
        ("POST", "/admin/pbxs", {"name": "x", "host": "pbx.example", "port": 0}),
        ("POST", "/admin/pbxs", {"name": "x", "host": "http://pbx.example"}),
        ("POST", "/admin/pbxs", {"name": "x", "host": "pbx.example", "tls": "maybe"}),
        ("POST", "/admin/pbxs", {"name": "x", "host": "pbx.example", "tls": "pinned"}),
        ("POST", "/admin/pbxs", {"name": "x", "host": "pbx.example", "certificateSha256": "ab"}),
    ],
)
async def test_bad_bodies_are_refused_and_nothing_is_done(one: World, method: str, path: str, body: Any) -> None:
    anna = one.person()
    if not path.startswith("/session"):
        await anna.sign_in()
    before = len(one.pbx.recorder.requests)
    answer = await anna.ask(method, path, body)
    assert (answer.status, answer.code) == (400, "bad_request")
    asked = [request.method for request in list(one.pbx.recorder.requests)[before:]]
    assert not [method for method in asked if "placeCall" in method or method.endswith("login")]
    assert "x" * 257 not in str(answer.body)


async def test_a_body_that_is_no_json_or_too_large(one: World) -> None:
    anna = one.person()
    url, headers = (
        f"{one.url}/api/v1/session",
        {"Authorization": f"Bearer {anna.token}", "Content-Type": "application/json"},
    )
    for data in (b"{", b"\xff\xfe", b"null", b'{"a":' * 10_000, b" " * 70_000):
        async with one.http.post(url, data=data, headers=headers) as response:
            assert response.status == 400
    async with one.http.post(url, data="a=b", headers=headers | {"Content-Type": "text/plain"}) as response:
        assert response.status == 400


async def test_unknown_paths_and_methods(one: World) -> None:
    anna = one.person()
    for method, path in (("GET", "/nothing"), ("DELETE", "/calls"), ("GET", "/calls/x/hangup"), ("PATCH", "/session")):
        answer = await anna.ask(method, path)
        assert answer.status == 404
        assert answer.code == "not_found"


@pytest.mark.parametrize("name", ["%01", "%EF%BF%BF", "a%0Ab", "%ED%A0%80", "x" * 129])
async def test_an_id_that_cannot_be_one_is_refused(one: World, name: str) -> None:
    anna = one.person()
    await anna.sign_in()
    for method, path in (
        ("POST", f"/calls/{name}/hangup"), ("GET", f"/voicemail/{name}/audio"), ("DELETE", f"/history/{name}"),
        ("POST", f"/keys/{name}/press"), ("DELETE", f"/admin/pbxs/{name}"),
    ):  # fmt: skip
        answer = await anna.ask(method, path)
        assert answer.code in {"bad_request", "not_found"}, path


async def test_the_same_key_places_one_call(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    key = {"Idempotency-Key": "click-1"}
    answers = await asyncio.gather(*(anna.ask("POST", "/calls", {"number": "030 23125 100"}, **key) for _ in range(5)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["id"] for answer in answers}) == 1
    placed = [request for request in one.pbx.recorder.requests if "placeCall" in request.method]
    assert len(placed) == 1
    again = await anna.ask("POST", "/calls", {"number": "030 23125 100"}, **key)
    assert again.body == answers[0].body
    assert (await anna.ask("POST", "/calls", {"number": "10"}, **{"Idempotency-Key": " "})).status == 400


async def test_a_key_of_somebody_else_is_another_key(one: World) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await anna.sign_in()
    await jonas.sign_in("0002")
    key = {"Idempotency-Key": "same"}
    first = await anna.ask("POST", "/calls", {"number": "030 23125 100"}, **key)
    second = await jonas.ask("POST", "/calls", {"number": "030 23125 100"}, **key)
    assert (first.status, second.status) == (202, 202)
    assert first.body["id"] != second.body["id"]


async def test_busy_missing_calls_and_two_calls_in_a_conference(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    assert (await anna.ask("POST", f"{GONE}/hangup")).code == "not_found"
    first = await anna.call("030 23125 100")
    busy = await anna.call("030 23125 101")
    assert (busy.status, busy.code) == (409, "busy")
    await pick_up(one.pbx, "0001")
    await _until_state(anna, first.body["id"], "connected")
    assert (await anna.ask("POST", f"/calls/{first.body['id']}/hold")).status == 202
    await _until_state(anna, first.body["id"], "held")
    second = one.pbx.ring("0001", from_number="+493023125777", name="Max Müller")
    await pick_up(one.pbx, "0001")
    await _until_state(anna, second, "connected")
    joined = await anna.ask("POST", "/conference", {"callIds": [first.body["id"], second]})
    assert joined.status == 202
    await _until_state(anna, second, "conference")


async def test_forward_dials_as_the_pbx_expects(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    call = one.pbx.ring("0001", from_number="+493023125777", name="")
    await _until_state(anna, call, "ringing")
    assert (await anna.ask("POST", f"/calls/{call}/forward", {"target": "(030) 23125-200"})).status == 202
    forwarded = [request for request in one.pbx.recorder.requests if request.method.endswith("call.forward")]
    assert forwarded[-1].params == (call, "00493023125200") or list(forwarded[-1].params) == [call, "00493023125200"]
    assert (await anna.ask("POST", f"/calls/{call}/forward", {"target": "anna"})).status == 400


async def test_phones_and_do_not_disturb(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    phones = (await anna.ask("GET", "/phones")).body["phones"]
    assert len(phones) == 2
    assert [phone["primary"] for phone in phones].count(True) == 1
    other = next(phone["id"] for phone in phones if not phone["primary"])
    chosen = await anna.ask("PUT", "/phones/primary", {"id": other})
    assert [phone["id"] for phone in chosen.body["phones"] if phone["primary"]] == [other]
    assert (await anna.ask("PUT", "/phones/primary", {"id": "SIP/nobody"})).code == "not_found"
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        switched = await anna.ask("PUT", "/presence/dnd", {"enabled": True})
        assert (switched.status, switched.body["dnd"]) == (200, True)
        await stream.wait_for("presence", lambda data: data["dnd"] is True)
    assert (await anna.ask("GET", "/presence")).body["dnd"] is True
    assert one.pbx.users["0001"].dnd is True


async def test_administration_of_the_own_tenant(one: World) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    assert (await jonas.ask("GET", "/admin/pbxs")).code == "not_admin"
    body = {"name": "Zweigstelle", "host": "pbx.example.org", "port": 8443, "primary": True, "callbacks": "poll"}
    assert (await jonas.ask("POST", "/admin/pbxs", body)).code == "not_admin"
    added = await anna.ask("POST", "/admin/pbxs", body)
    assert added.status == 201
    assert added.body | {"id": ""} == {**body, "id": "", "tls": "required", "country": "DE"}
    listed = (await anna.ask("GET", "/admin/pbxs")).body["pbxs"]
    assert [(pbx["name"], pbx["primary"]) for pbx in listed] == [("Zweigstelle", True), ("STARFACE", False)]
    path = f"/admin/pbxs/{added.body['id']}"
    pinned = {"tls": "pinned", "certificateSha256": "AB:" * 31 + "AB"}
    changed = await anna.ask("PATCH", path, pinned)
    assert changed.body["certificateSha256"] == "ab" * 32
    assert (await anna.ask("PATCH", path, {"tls": "off"})).body.get("certificateSha256") is None
    assert (await anna.ask("DELETE", path)).status == 204
    assert (await anna.ask("DELETE", path)).code == "not_found"
    assert (await anna.ask("PATCH", path, {"name": "x"})).code == "not_found"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.5", "192.168.1.1", "::1", "[fe80::1]", "0.0.0.0", "fd00:ec2::254"]
)
async def test_addresses_the_policy_refuses(one: World, host: str) -> None:
    answer = await one.person().ask("POST", "/admin/pbxs", {"name": "x", "host": host})
    allowed_loopback = host == "::1"
    assert (answer.status, answer.code) == (422, "pbx_address_forbidden") or (allowed_loopback and answer.status == 201)


async def test_an_open_onboarding_registers_the_tenant_of_its_first_admin(one: World) -> None:
    henrik = one.person(HENRIK)
    assert (await henrik.ask("GET", "/admin/pbxs")).body == {"pbxs": []}
    added = await henrik.ask(
        "POST", "/admin/pbxs", {"name": "Nord", "host": "127.0.0.1", "port": one.pbx.port, "tls": "off"}
    )
    assert added.status == 201
    assert added.body["primary"] is True
    assert (await henrik.ask("GET", "/session")).body["pbxs"] == [
        {"id": added.body["id"], "name": "Nord", "primary": True}
    ]
    assert len((await one.person().ask("GET", "/admin/pbxs")).body["pbxs"]) == 1


async def test_a_check_tells_what_is_wrong_in_the_readers_language(one: World) -> None:
    anna = one.person()
    anna.language = "de"
    good = await anna.ask("POST", "/admin/pbxs/demo/check")
    assert good.status == 200
    assert {check["status"] for check in good.body["checks"]} <= {"pass", "warn"}
    assert any("STARFACE" in check["detail"] for check in good.body["checks"])
    await one.map_pbx(name="dead", port=9, primary=False)
    bad = await anna.ask("POST", "/admin/pbxs/dead/check")
    assert "fail" in {check["status"] for check in bad.body["checks"]}
    answers = [await anna.ask("POST", "/admin/pbxs/demo/check") for _ in range(10)]
    assert answers[-1].code == "too_many_attempts"
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_moving_a_pbx_ends_its_sign_ins_so_that_no_token_follows(one: World) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    await jonas.sign_in("0002")
    async with jonas.stream() as stream:
        await stream.wait_for("snapshot")
        assert (await anna.ask("PATCH", "/admin/pbxs/demo", {"port": 9})).status == 200
        ended = await stream.wait_for("session")
        assert (ended["state"], ended["reason"]) == ("signed_out", "revoked")
    assert (await jonas.ask("GET", "/calls")).code == "signed_out"


async def test_every_answer_carries_the_security_headers_and_no_cookie(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    paths = [
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
        "/tab/",
        "/tab/sign-in",
        "/tab/none",
        "/uci/x",
    ]
    paths += [operation.path.replace("{id}", "x") for operation in OPERATIONS if not operation.stream]
    for path in paths:
        headers = {"Authorization": f"Bearer {anna.token}", "Origin": "https://evil.example"}
        async with one.http.get(one.url + path, headers=headers, allow_redirects=False) as response:
            assert "Set-Cookie" not in response.headers, path
            assert not [name for name in response.headers if name.lower().startswith("access-control-")], path
            assert response.headers["X-Content-Type-Options"] == "nosniff", path
            assert response.headers["Referrer-Policy"] == "no-referrer", path
            assert "X-Frame-Options" not in response.headers, path
            assert "frame-ancestors" in response.headers["Content-Security-Policy"], path
            assert response.status < 500, path


async def test_the_pages_policy_is_strict(one: World) -> None:
    async with one.http.get(f"{one.url}/tab/") as response:
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert nonce[1] in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    async with one.http.get(f"{one.url}/tab/") as response:
        assert nonce[1] not in response.headers["Content-Security-Policy"]


async def test_health_and_metrics(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with one.http.get(f"{one.url}/readyz") as response:
        assert (response.status, await response.json()) == (
            200,
            {"status": "ok", "parts": {"redis": "ok", "directory": "ok"}},
        )
    async with one.http.get(f"{one.url}/metrics") as response:
        text = await response.text()
    assert 'http_requests_total{method="POST",route="/api/v1/session",status="201"} 1.0' in text
    assert "loop_lag_max_seconds" in text
    assert "Demo-0001" not in text
    assert ANNA.id not in text


async def test_numbers_that_nobody_answers(one: World) -> None:
    busy = next(other.number for other in one.pbx.pbx.config.population.outside if other.behaviour is Behaviour.BUSY)
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        placed = await anna.call(busy)
        await pick_up(one.pbx, "0001")
        ended = await stream.wait_for("call", lambda data: data["state"] == "ended")
        assert ended["id"] == placed.body["id"]
        assert ended["actions"] == []


async def _until_state(person: Any, call: str, state: str) -> None:
    async def found() -> bool:
        calls = (await person.ask("GET", "/calls")).body["calls"]
        return any(known["id"] == call and known["state"] == state for known in calls)

    await until(found)
