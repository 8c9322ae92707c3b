"""Redirects from outside: rules, what is in force, changes for a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.simulator.starface.population import Redirect
from tests.harness import Person, World, until

ALWAYS, TIMEOUT = "0001-10-always", "0001-10-timeout"
MEMBERS = {"id", "number", "group", "trigger", "enabled", "timeout", "to", "target", "mailboxes"}


@pytest.fixture
async def anna(one: World) -> Person:
    anna = one.person()
    assert (await anna.sign_in()).status == 201
    return anna


def _rule(world: World, rule: str) -> Redirect:
    return next(each for each in world.pbx.users["0001"].redirects if each.id == rule)


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def _set(anna: Person, rule: str, **body: Any) -> dict[str, Any]:
    answer = await anna.ask("PUT", f"/redirects/{rule}", body)
    assert answer.status == 200, answer.body
    return next(each for each in answer.body["redirects"] if each["id"] == rule)


async def test_rules_and_what_is_in_force(one: World, anna: Person) -> None:
    listed = (await anna.ask("GET", "/redirects")).body
    assert len(listed["redirects"]) == 6
    assert listed["inForce"] == []
    timeout = next(each for each in listed["redirects"] if each["id"] == TIMEOUT)
    assert set(timeout) == MEMBERS | {"targetName"}
    assert timeout["mailboxes"] == [{"id": "box-0001", "name": "Mailbox Anna Schmidt"}]
    after = await _set(anna, TIMEOUT, enabled=True, timeout=35)
    assert (after["enabled"], after["timeout"], after["to"], after["targetName"]) == (
        True, 35, "voicemail", "Mailbox Anna Schmidt"
    )  # fmt: skip
    assert (_rule(one, TIMEOUT).enabled, _rule(one, TIMEOUT).timeout) == (True, 35)
    told = await anna.ask("PUT", f"/redirects/{ALWAYS}", {"enabled": True, "target": "030 23125-200"})
    assert _rule(one, ALWAYS).destination == "+493023125200"
    assert [(fact["redirectId"], fact["trigger"], fact["target"]) for fact in told.body["inForce"]] == [
        (ALWAYS, "always", "+493023125200")
    ]


async def test_the_kind_of_target_changes(one: World, anna: Person) -> None:
    to_box = await _set(anna, ALWAYS, enabled=True, to="voicemail")
    assert (to_box["to"], to_box["target"]) == ("voicemail", "box-0001")
    to_number = await _set(anna, ALWAYS, enabled=False, to="number", target="+49 171 39200 12")
    assert (to_number["to"], to_number["target"], to_number["enabled"]) == ("number", "+491713920012", False)


async def test_a_rule_set_for_a_time_becomes_what_it_was(one: World, anna: Person) -> None:
    before = _rule(one, ALWAYS).destination
    ends = _in(1.2)
    after = await _set(anna, ALWAYS, enabled=True, target="+493023125200", until=ends)
    assert datetime.fromisoformat(after["until"]) == datetime.fromisoformat(ends)
    assert _rule(one, ALWAYS).enabled
    await until(lambda: not _rule(one, ALWAYS).enabled)
    assert _rule(one, ALWAYS).destination == before

    async def forgotten() -> bool:
        return not [each for each in (await anna.ask("GET", "/redirects")).body["redirects"] if "until" in each]

    await until(forgotten)


async def test_a_rule_that_somebody_changed_meanwhile_stays(one: World, anna: Person) -> None:
    await _set(anna, ALWAYS, enabled=True, target="+493023125200", until=_in(1.2))
    _rule(one, ALWAYS).destination = "+493023125201"
    await _set(anna, TIMEOUT, enabled=True, until=_in(1.2))
    await until(lambda: not _rule(one, TIMEOUT).enabled)
    assert (_rule(one, ALWAYS).enabled, _rule(one, ALWAYS).destination) == (True, "+493023125201")


async def test_each_rule_has_its_own_time_and_may_get_another(one: World, anna: Person) -> None:
    first = _rule(one, ALWAYS).destination
    await _set(anna, ALWAYS, enabled=True, target="+493023125200", until=_in(60))
    moved = await _set(anna, ALWAYS, enabled=True, target="+493023125201", until=_in(1.2))
    assert moved["target"] == "+493023125201"
    stays = await _set(anna, TIMEOUT, enabled=True, until=_in(60))
    assert stays["until"]
    await until(lambda: not _rule(one, ALWAYS).enabled)
    assert _rule(one, ALWAYS).destination == first
    listed = {each["id"]: each for each in (await anna.ask("GET", "/redirects")).body["redirects"]}
    assert "until" in listed[TIMEOUT]
    assert "until" not in await _set(anna, TIMEOUT, enabled=True)


async def test_a_rule_in_force_already_ends_at_its_time(one: World, anna: Person) -> None:
    await _set(anna, ALWAYS, enabled=True)
    await _set(anna, ALWAYS, enabled=True, until=_in(1.2))
    await until(lambda: not _rule(one, ALWAYS).enabled)
    refused = await anna.ask("PUT", f"/redirects/{ALWAYS}", {"enabled": False, "until": _in(60)})
    assert refused.code == "bad_request"


async def test_the_pbx_being_away_when_it_is_time_only_delays(one: World, anna: Person) -> None:
    await _set(anna, ALWAYS, enabled=True, until=_in(1.2))
    await one.pbx.restart()
    await until(lambda: not _rule(one, ALWAYS).enabled)


async def test_a_pbx_that_refuses_leaves_no_time_behind(one: World, anna: Person) -> None:
    one.pbx.misbehave("german_fault", "*setRedirectSetting", times=1)
    refused = await anna.ask("PUT", f"/redirects/{ALWAYS}", {"enabled": True, "until": _in(60)})
    assert refused.code == "pbx_protocol"
    assert not [each for each in (await anna.ask("GET", "/redirects")).body["redirects"] if "until" in each]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"enabled": 1}, {"enabled": True, "target": ""}, {"enabled": True, "target": "nobody"}, {"enabled": True, "timeout": 0},
        {"enabled": True, "timeout": 601}, {"enabled": True, "to": "fax"}, {"enabled": True, "until": "tomorrow"},
        {"enabled": True, "until": "2001-01-01T00:00:00Z"}, {"enabled": True, "until": "2999-01-01T00:00:00Z"},
        {"enabled": True, "until": "2030-01-01T00:00:00"}, {"enabled": True, "to": "voicemail", "target": "box-0002"},
    ],
)  # fmt: skip
async def test_bad_bodies_change_nothing(one: World, anna: Person, body: dict[str, Any]) -> None:
    answer = await anna.ask("PUT", f"/redirects/{ALWAYS}", body)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert not [seen for seen in one.pbx.requests if "setRedirect" in seen.method]


async def test_unknown_rules_missing_rights_and_missing_service(one: World, anna: Person) -> None:
    assert (await anna.ask("PUT", "/redirects/none", {"enabled": True})).code == "not_found"
    one.pbx.users["0001"].rights.discard("redirection")
    assert (await anna.ask("GET", "/redirects")).code == "pbx_permission"
    assert (await anna.ask("PUT", f"/redirects/{ALWAYS}", {"enabled": True})).code == "pbx_permission"
    one.pbx.set(missing_services="redirect,group,functionKey")
    for path in ("/redirects", "/groups", "/keys"):
        assert (await anna.ask("GET", path)).code == "not_found", path
    await anna.ask("DELETE", "/session")
    for method, path, body in (("GET", "/redirects", None), ("PUT", "/redirects/x", {"enabled": True}), ("GET", "/groups", None),
                               ("PUT", "/groups", {"id": "x", "active": True}), ("GET", "/keys", None),
                               ("POST", "/keys/x/press", None)):  # fmt: skip
        assert (await anna.ask(method, path, body)).code == "signed_out", path
