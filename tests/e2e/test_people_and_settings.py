"""Looking people up and changing settings for a time, through the use cases that both faces share."""

import time

import pytest

from bridge.errors import BadRequest, NotFound, PbxPermission, SignedOut
from bridge.model.ids import PersonId, TenantId, UserKey
from bridge.model.messages import SetDoNotDisturb
from bridge.model.people import Fit, Source
from bridge.service.reminders import Temporary
from bridge.service.takebacks import read_changes, written_changes
from bridge.service.use_cases import UseCases
from infra.simulator.microsoft.population import ANNA
from tests.harness import World, pick_up, until

ANNA_KEY = UserKey(TenantId(ANNA.tenant.id), PersonId(ANNA.id))


@pytest.fixture
async def cases(one: World) -> UseCases:
    """The use cases of one process in which Anna is signed in."""
    assert (await one.person().sign_in()).status == 201
    return one.service.use_cases


async def test_everybody_is_found_in_one_search(one: World, cases: UseCases) -> None:
    one.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    await pick_up(one.pbx, "0001")
    one.pbx.hang_up("0001")
    found = {each.person.name: each for each in await cases.people.search(ANNA_KEY, "koehler")}
    assert found["Lena Köhler"].fit is Fit.NAMED
    assert found["Lena Köhler"].person.source is Source.COLLEAGUE
    contact = one.pbx.pbx.accounts.contacts[0]
    by_name = await cases.people.search(ANNA_KEY, f"{contact.last_name} {contact.first_name}")
    assert contact.numbers[0] in {number for each in by_name for number in each.person.numbers}
    (known,) = await cases.people.who_is(ANNA_KEY, "0" + contact.numbers[1].removeprefix("+49"))
    assert contact.last_name in known.name


async def test_a_search_is_answered_from_memory_the_second_time(one: World, cases: UseCases) -> None:
    await cases.people.search(ANNA_KEY, "anna")
    before = len(one.pbx.recorder.requests)
    started = time.perf_counter()
    assert [each.person.name for each in await cases.people.search(ANNA_KEY, "jonas")][:1] == ["Jonas Weber"]
    assert time.perf_counter() - started < 1.0
    asked = [request.method for request in list(one.pbx.recorder.requests)[before:]]
    assert not any("getFunctionKeys" in method or "getCallList" in method for method in asked)


async def test_a_part_that_fails_costs_only_itself(one: World, cases: UseCases) -> None:
    one.pbx.misbehave("http_500", "GET /rest/contacts")
    one.pbx.misbehave("german_fault", "*.getCallList")
    assert [each.person.name for each in await cases.people.search(ANNA_KEY, "lena")] == ["Lena Köhler"]


async def test_nobody_is_shown_without_a_sign_in(one: World, cases: UseCases) -> None:
    await cases.people.search(ANNA_KEY, "lena")
    await one.person().ask("DELETE", "/session")
    with pytest.raises(SignedOut):
        await cases.people.search(ANNA_KEY, "lena")


async def test_everything_is_redirected_and_taken_back(one: World, cases: UseCases) -> None:
    changes = await cases.redirects.send_everything(ANNA_KEY, "030 23125 803")
    rules = [rule for rule in one.pbx.users["0001"].redirects if rule.type == "ALWAYS"]
    assert [(rule.enabled, rule.destination) for rule in rules] == [(True, "+493023125803")] * 2
    again = read_changes(written_changes(changes))
    assert await cases.redirects.take_back(ANNA_KEY, again) == 2
    assert [(rule.enabled, rule.destination) for rule in rules] == [(False, "+493023125801")] * 2
    assert await cases.redirects.take_back(ANNA_KEY, again) == 0
    with pytest.raises(BadRequest):
        await cases.redirects.send_everything(ANNA_KEY, "nowhere")


async def test_calls_go_to_the_voicemail_and_no_longer(one: World, cases: UseCases) -> None:
    await cases.redirects.send_everything(ANNA_KEY, "")
    rules = [rule for rule in one.pbx.users["0001"].redirects if rule.type == "ALWAYS"]
    assert {(rule.enabled, rule.destination) for rule in rules} == {(True, "box-0001")}
    assert len(await cases.redirects.end_all(ANNA_KEY)) == 2
    assert await cases.redirects.end_all(ANNA_KEY) == ()
    assert not any(rule.enabled for rule in rules)


async def test_one_rule_is_changed(one: World, cases: UseCases) -> None:
    rule = next(rule for rule in await cases.redirects.all(ANNA_KEY) if rule.trigger == "timeout")
    after = await cases.redirects.change(ANNA_KEY, rule.id, enabled=True, to="number", target="0721 4711", timeout=30)
    assert (after.enabled, after.target, after.timeout) == (True, "+497214711", 30)
    kept = next(each for each in one.pbx.users["0001"].redirects if each.id == rule.id)
    assert (kept.enabled, kept.destination, kept.timeout) == (True, "+497214711", 30)
    with pytest.raises(NotFound):
        await cases.redirects.change(ANNA_KEY, "nothing", enabled=True)


async def test_without_the_right_to_redirect(one: World, cases: UseCases) -> None:
    one.pbx.pbx.set_right("0001", "redirection", granted=False)
    with pytest.raises(PbxPermission):
        await cases.redirects.send_everything(ANNA_KEY, "0721 4711")


async def test_do_not_disturb_ends_at_its_time(one: World, cases: UseCases) -> None:
    await cases.control.set_dnd(SetDoNotDisturb(ANNA_KEY, enabled=True))
    await cases.reminders.set(ANNA_KEY, Temporary.DND, time.time() + 0.3, {})
    assert one.pbx.users["0001"].dnd
    await until(lambda: not one.pbx.users["0001"].dnd)

    async def forgotten() -> bool:
        return await cases.reminders.ends_at(ANNA_KEY, Temporary.DND) is None

    await until(forgotten)


async def test_a_redirect_ends_at_its_time_unless_somebody_changed_it(one: World, cases: UseCases) -> None:
    changes = await cases.redirects.send_everything(ANNA_KEY, "030 23125 803")
    first, second = [rule for rule in one.pbx.users["0001"].redirects if rule.type == "ALWAYS"]
    second.destination = "+493023125805"
    await cases.reminders.set(ANNA_KEY, Temporary.REDIRECTS, time.time() + 0.2, {"changes": written_changes(changes)})
    await until(lambda: not first.enabled)
    assert (second.enabled, second.destination) == (True, "+493023125805")


async def test_what_is_changed_by_hand_no_longer_ends_by_itself(cases: UseCases) -> None:
    await cases.reminders.set(ANNA_KEY, Temporary.DND, time.time() + 60, {})
    await cases.control.set_dnd(SetDoNotDisturb(ANNA_KEY, enabled=True))
    assert await cases.reminders.ends_at(ANNA_KEY, Temporary.DND) is None


async def test_a_pbx_that_is_away_is_asked_again(one: World, cases: UseCases) -> None:
    handle = one.service.stores.sessions.handle(ANNA_KEY)
    await cases.control.set_dnd(SetDoNotDisturb(ANNA_KEY, enabled=True))
    one.pbx.misbehave("http_503", "*.setDoNotDisturbSetting", times=2)
    await cases.reminders.set(ANNA_KEY, Temporary.DND, time.time() - 1, {})
    visits = 0

    async def taken_back() -> bool:
        nonlocal visits
        visits += 1
        await cases.takebacks.visit(handle)
        return not one.pbx.users["0001"].dnd

    await until(taken_back)
    assert visits >= 2


async def test_a_missed_call_and_the_last_one_dialled(one: World, cases: UseCases) -> None:
    known = {entry.id for entry in (await cases.history.page(ANNA_KEY)).entries}
    call = one.pbx.ring("0001", from_number="+493023125801", name="Max Müller")
    one.pbx.hang_up("0001", call)
    await one.person().call("030 23125 800")
    await pick_up(one.pbx, "0001")
    one.pbx.hang_up("0001")

    async def listed() -> bool:
        return len({entry.id for entry in (await cases.history.page(ANNA_KEY)).entries} - known) == 2

    await until(listed)
    dialled = await cases.history.last_dialled(ANNA_KEY)
    assert dialled is not None
    assert dialled.remote.number == "+493023125800"
    missed = (await cases.history.missed(ANNA_KEY)).entries
    assert missed[0].remote.number == "+493023125801"
    await cases.history.delete(ANNA_KEY, missed[0].id)
    assert [entry.id for entry in (await cases.history.missed(ANNA_KEY)).entries] == [each.id for each in missed[1:]]


async def test_groups_are_joined_and_left(one: World, cases: UseCases) -> None:
    group = (await cases.groups.all(ANNA_KEY))[0]
    assert (group.name, group.active) == ("Vertrieb", True)
    assert not (await cases.groups.set(ANNA_KEY, group.id, active=False))[0].active
    assert "0001" not in next(each for each in one.pbx.pbx.accounts.groups.values() if each.id == group.id).logged_on
    with pytest.raises(NotFound):
        await cases.groups.set(ANNA_KEY, "no group", active=True)


async def test_voicemail_boxes(cases: UseCases) -> None:
    assert [box.id for box in await cases.voicemails.boxes(ANNA_KEY)] == ["box-0001"]
    messages = await cases.voicemails.messages(ANNA_KEY, limit=2)
    assert {message.mailbox for message in messages} <= {"box-0001"}
