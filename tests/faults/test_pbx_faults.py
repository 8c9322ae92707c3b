"""A PBX that restarts, vanishes, answers oddly or changes a password: silent where it can be, one prompt where it must be."""

import asyncio
import contextlib
import time
from contextlib import nullcontext as does_not_raise

import pytest

from infra.simulator.microsoft.population import User
from infra.simulator.starface import PbxConfig, StarfaceSimulator, demo_population
from tests.faults.crowd import people, spread
from tests.harness import Person, World, until


async def calls_of(person: Person) -> dict[str, str]:
    return {call["id"]: call["state"] for call in (await person.ask("GET", "/calls")).body["calls"]}


async def test_a_restart_with_live_calls_is_silent_and_leaves_no_phantom(one: World) -> None:
    anna, pbx = one.person(), one.pbx
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        calls = []
        for number in (800, 801, 803):
            calls.append(pbx.ring("0001", from_number=f"+49 30 23125 {number}"))
            await stream.wait_for("call", lambda data: data["id"] == calls[-1] and data["state"] == "ringing")
        survivor, gone = calls[0], set(calls[1:])
        pbx.end_sessions(tell=False)
        for call in gone:
            pbx.hang_up("0001", call)
        await pbx.restart(keep_calls=True, down_for=0.2)
        back = time.monotonic()
        for call in gone:
            await stream.wait_for("call", lambda data, call=call: data["id"] == call and data["state"] == "ended")
        await until(lambda: calls_are(anna, {survivor: "ringing"}))
        assert time.monotonic() - back < 5
        assert pbx.pbx.sessions.of("0001"), "logged in again without asking the person"
        pbx.answer("0001", survivor)
        await stream.wait_for("call", lambda data: data["id"] == survivor and data["state"] == "connected")
        assert (await anna.ask("POST", f"/calls/{survivor}/hangup")).status == 202
        await stream.wait_for("call", lambda data: data["id"] == survivor and data["state"] == "ended")
        assert stream.of("session") == []


async def calls_are(person: Person, expected: dict[str, str]) -> bool:
    return await calls_of(person) == expected


async def test_a_request_right_after_a_restart_logs_in_again_by_itself(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    await one.pbx.restart()
    placed = await anna.call("030 23125-800")
    assert placed.status == 202
    assert (await anna.ask("GET", "/session")).body["state"] == "signed_in"


@pytest.mark.slow
async def test_forty_people_log_in_again_four_at_a_time(two: World) -> None:
    async with StarfaceSimulator(PbxConfig(population=demo_population(users=40))) as pbx:
        await two.map_pbx(pbx, "big")
        persons = spread(two, people(40))
        logins = [f"{index:04d}" for index in range(1, 41)]
        answers = await asyncio.gather(
            *(person.sign_in(login, pbx="big") for person, login in zip(persons, logins, strict=True))
        )
        assert {answer.status for answer in answers} == {201}
        assert pbx.recorder.logins.most_in_flight <= 4
        pbx.misbehave("delay", "*.connection.login", seconds=0.03)
        pbx.recorder.clear()
        await pbx.restart()
        await until(lambda: {session.login for session in pbx.pbx.sessions.all()} == set(logins), within=15)
        assert pbx.recorder.logins.most_in_flight <= 4
        assert pbx.recorder.logins.attempts <= 80
        states = [(await person.ask("GET", "/session")).body["state"] for person in persons]
        assert set(states) == {"signed_in"}


async def test_a_changed_password_asks_exactly_once_over_two_processes(two: World) -> None:
    here, there = spread(two, [people(1)[0]] * 2)
    await here.sign_in()
    async with here.stream() as stream, there.stream() as other:
        await stream.wait_for("snapshot")
        await other.wait_for("snapshot")
        two.pbx.change_password("0001", "Neu-0001!")
        for each in (stream, other):
            ended = await each.wait_for("session")
            assert (ended["state"], ended["reason"]) == ("signed_out", "rejected")
        two.pbx.recorder.clear()
        refused = await asyncio.gather(*(person.call("10") for person in (here, there) * 5))
        assert {(answer.status, answer.code, answer.body["reason"]) for answer in refused} == {
            (401, "signed_out", "rejected")
        }
        await asyncio.sleep(0.19)
        assert [request for request in two.pbx.requests if request.login == "0001"] == []
        assert [len(each.of("session")) for each in (stream, other)] == [1, 1]


async def test_a_pbx_that_is_gone_is_told_once_and_its_return_too(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        await one.pbx.stop_listening()
        lost = await stream.wait_for("notice")
        assert lost["code"] == "pbx_lost"
        assert lost["text"]
        answer = await anna.call("10")
        assert (answer.status, answer.code) == (502, "pbx_unreachable")
        assert (await anna.ask("GET", "/session")).body["state"] == "signed_in"
        await one.pbx.listen()
        await stream.wait_for("notice", lambda data: data["code"] == "pbx_back")
        assert (await anna.call("030 23125-800")).status == 202
        assert [data["code"] for data in stream.of("notice")] == ["pbx_lost", "pbx_back"]
        assert stream.of("session") == []


ODD = {
    "html": (502, "pbx_protocol"),
    "redirect": (502, "pbx_protocol"),
    "half_body": (502, "pbx_protocol"),
    "german_fault": (502, "pbx_protocol"),
    "http_500": (502, "pbx_protocol"),
    "http_503": (502, "pbx_unreachable"),
    "oversize": (502, "pbx_protocol"),
    "reset": (502, "pbx_unreachable"),
}


@pytest.mark.parametrize("method", ["*.call.placeCallWithPhone", "*"])
async def test_an_odd_answer_is_named_and_never_signs_out(still: World, method: str) -> None:
    anna = still.person()
    await anna.sign_in()
    for kind, expected in ODD.items():
        still.pbx.misbehave(kind, method)
        answer = await anna.call("030 23125-800")
        assert (answer.status, answer.code) == expected, kind
        still.pbx.behave()
        assert (await anna.ask("GET", "/session")).body["state"] == "signed_in", kind


@pytest.mark.slow
async def test_answers_that_do_not_come_are_given_up(still: World) -> None:
    """Three PBXs at once: one is silent, one sends a byte now and then, one never ends."""
    kinds = {"hang": {504}, "trickle": {504}, "never_ending": {504, 502}}
    async with contextlib.AsyncExitStack() as stack:
        waiting = []
        for kind, person in zip(kinds, spread(still, people(3)), strict=True):
            pbx = await stack.enter_async_context(StarfaceSimulator())
            await still.map_pbx(pbx, kind)
            assert (await person.sign_in(pbx=kind)).status == 201
            pbx.misbehave(kind, "*.call.placeCallWithPhone", times=1)
            waiting.append((kind, person, person.call("030 23125-800")))
        began = time.monotonic()
        answers = await asyncio.gather(*(call for _, _, call in waiting))
        assert time.monotonic() - began < 12
        for (kind, person, _), answer in zip(waiting, answers, strict=True):
            assert answer.status in kinds[kind]
            assert answer.code == ("pbx_timeout" if answer.status == 504 else "pbx_protocol")
            assert (await person.ask("GET", "/phones")).status == 200, "the next request goes through"


@pytest.mark.slow
async def test_pbxs_in_trouble_sign_nobody_out_in_the_keepers_hands(one: World) -> None:
    kinds = ["html", "redirect", "half_body", "german_fault", "http_503", "reset"]
    with does_not_raise():
        await asyncio.gather(*(_lost_and_back(one, kind, user) for kind, user in zip(kinds, people(6), strict=True)))


async def _lost_and_back(made: World, kind: str, user: User) -> None:
    async with StarfaceSimulator() as pbx:
        await made.map_pbx(pbx, kind)
        person = made.person(user)
        assert (await person.sign_in(pbx=kind)).status == 201
        async with person.stream() as stream:
            await stream.wait_for("snapshot")
            pbx.misbehave(kind)
            assert (await stream.wait_for("notice"))["code"] == "pbx_lost"
            pbx.behave()
            await stream.wait_for("notice", lambda data: data["code"] == "pbx_back")
            assert stream.of("session") == []
        assert (await person.ask("GET", "/session")).body["state"] == "signed_in"


async def test_trouble_during_a_sign_in_has_its_own_name(still: World) -> None:
    """A page, a redirect or a cut line from what is a STARFACE otherwise is how some of them refuse a login: see the other file."""
    for number, (kind, expected) in enumerate(ODD.items()):
        person, login = still.person(people(1)[0]), f"{number % 6 + 1:04d}"
        still.pbx.misbehave(kind)
        answer = await person.sign_in(login)
        as_refusal = {(401, "pbx_credentials_rejected")} if kind in {"html", "redirect", "reset"} else set()
        assert (answer.status, answer.code) in {expected} | as_refusal, kind
        still.pbx.behave()
        assert (await person.sign_in(login)).status == 201, kind
