"""Every request of the eleven services against the simulated PBX, in every generation that has it."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import NotFound, PbxBusy, PbxFault
from bridge.model.ids import CallId, PhoneId
from bridge.model.pbx import UcpVersion
from bridge.model.telephony import CallReport, CallState, Direction, Party
from bridge.service.ports import Callback, Pbx
from bridge.starface.client import StarfaceLine
from bridge.starface.methods import GENERATIONS
from tests.starface.conftest import Bench, until

CUSTOMER = "+493023125800"
NEVER_ANSWERS = "+493023125803"
DESK, APP = PhoneId("SIP/0001-desk"), PhoneId("SIP/0001-app")
SPELLINGS = ["short", "long"]


def fresh() -> CallId:
    return CallId(str(uuid.uuid4()))


async def state_of(line: StarfaceLine, call: CallId) -> CallState | None:
    report = await line.call(call)
    return report.state if report else None


async def wait_for(line: StarfaceLine, call: CallId, state: CallState | None) -> None:
    async with asyncio.timeout(3):
        while await state_of(line, call) is not state:  # noqa: ASYNC110 - a PBX is asked, it has no event for us here
            await asyncio.sleep(0.01)


def takes_pbx(pbx: Pbx) -> Pbx:
    """The line has every method of the port, with its types (mypy looks at this as well)."""
    return pbx


async def test_the_line_is_the_port(bench: Bench) -> None:
    line = await bench.line()
    assert takes_pbx(line) is line


# ------------------------------------------------------------------ session


async def test_the_life_of_a_session(bench: Bench) -> None:
    line = await bench.line()
    assert await line.keep_alive() is True
    await line.log_out()
    assert await line.keep_alive() is False
    await line.log_out()
    assert await line.log_in() == ()
    assert await line.keep_alive() is True


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_logging_in_again_subscribes_again(bench: Bench, generation: UcpVersion) -> None:
    callback = Callback("http", "127.0.0.1", 9, "/uci/x")
    line = await bench.line(callback=callback, ucp=generation)
    bench.pbx.end_sessions(tell=False)
    services = await line.log_in()
    (session,) = bench.pbx.pbx.sessions.of("0001")
    assert set(services) == set(session.subscriptions)
    assert any(service.endswith(".call") for service in services)


async def test_the_pbx_tells_what_it_provides(bench: Bench) -> None:
    line = await bench.line(callback=Callback("http", "127.0.0.1", 9, "/uci/x"))
    events, requests = await line.events.provided_events(), await line.events.provided_requests()
    assert "ucp.v30.events.call" in events
    assert "ucp.v30.requests.callList" in requests
    assert await line.events.provides_events("ucp.v30.events.call")
    assert not await line.events.provides_events("ucp.v30.events.fax")
    assert await line.events.provides_requests("ucp.v30.requests.call")
    assert await line.events.unsubscribe("ucp.v30.events.call")
    assert not await line.events.unsubscribe("ucp.v30.events.call")
    assert await line.events.subscribe("ucp.v30.events.call")
    assert await line.system.server_version() == "8.1.2.2"


async def test_an_event_can_be_provoked(bench: Bench) -> None:
    assert await (await bench.line()).provoke_event() is True
    assert await (await bench.line(ucp=UcpVersion.V22)).provoke_event() is False
    assert await (await bench.line(ucp=UcpVersion.V20)).provoke_event() is False


# ------------------------------------------------------------------ calls


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_a_call_is_placed_seen_and_ended(bench: Bench, generation: UcpVersion) -> None:
    line, call = await bench.line(ucp=generation), fresh()
    assert await line.place_call("00493023125800", None, call) == call
    await wait_for(line, call, CallState.CONNECTED)
    (report,) = await line.calls()
    assert report.called == Party(CUSTOMER, "Nordlicht Technik GmbH")
    assert report.caller.number == "+493023125001"
    assert isinstance(report.at, datetime)
    await line.hang_up(call)
    assert await line.calls() == ()
    assert await line.call(call) is None


async def test_a_call_may_start_at_a_chosen_phone(bench: Bench) -> None:
    line, call = await bench.line(), fresh()
    await line.place_call("11", APP, call)
    (placed,) = bench.pbx.calls
    assert placed.legs["0001"].phone == APP


async def test_an_incoming_call_is_seen_as_such(bench: Bench) -> None:
    line = await bench.line()
    call = CallId(bench.pbx.ring("0001", from_number="+493023125801"))
    await wait_for(line, call, CallState.RINGING)
    report = await line.call(call)
    assert isinstance(report, CallReport)
    assert (report.direction, report.caller.number) == (Direction.INBOUND, "+493023125801")


async def test_a_second_placement_meets_a_busy_pbx(bench: Bench) -> None:
    line = await bench.line()
    await line.place_call(NEVER_ANSWERS, None, fresh())
    with pytest.raises(PbxBusy):
        await line.place_call(CUSTOMER, None, fresh())
    bench.pbx.set(place_in_progress="fault")
    with pytest.raises(PbxBusy):
        await line.place_call(CUSTOMER, None, fresh())


async def test_hold_forward_and_conference(bench: Bench) -> None:
    line, first, second = await bench.line(), fresh(), fresh()
    await line.place_call(CUSTOMER, None, first)
    await wait_for(line, first, CallState.CONNECTED)
    await line.hold(first)
    assert await state_of(line, first) is CallState.HELD
    await line.place_call("+493023125801", None, second)
    await wait_for(line, second, CallState.CONSULTING)
    await line.conference([first, second], DESK)
    await wait_for(line, first, CallState.CONFERENCE)
    await line.hang_up(first)
    await line.hang_up(second)
    third = CallId(bench.pbx.ring("0001", from_number="+493023125801"))
    await wait_for(line, third, CallState.RINGING)
    await line.forward(third, "11")
    await wait_for(line, third, None)


@pytest.mark.parametrize("unknown_call", ["fault", "nothing"])
async def test_a_call_that_is_gone_is_not_found_or_nothing_happens(bench: Bench, unknown_call: str) -> None:
    bench.pbx.set(unknown_call=unknown_call)
    line = await bench.line()
    for act in (line.hang_up(fresh()), line.hold(fresh()), line.forward(fresh(), "11")):
        if unknown_call == "fault":
            with pytest.raises(NotFound):
                await act
        else:
            await act


async def test_a_fault_about_a_call_that_lives_stays_a_fault(bench: Bench) -> None:
    bench.pbx.set(hold_again="fault")
    line, call = await bench.line(), fresh()
    await line.place_call(CUSTOMER, None, call)
    await wait_for(line, call, CallState.CONNECTED)
    await line.hold(call)
    with pytest.raises(PbxFault):
        await line.hold(call)


async def test_requests_around_voicemail_and_pictures(bench: Bench) -> None:
    line = await bench.line()
    call = CallId(bench.pbx.ring("0001", from_number="+493023125801"))
    await wait_for(line, call, CallState.RINGING)
    bench.pbx.send_to_voicemail("0001")
    await wait_for(line, call, CallState.VOICEMAIL)
    await line.call_service.grab_from_voicemail_box(call, DESK)
    await wait_for(line, call, CallState.CONNECTED)
    await line.call_service.monitor(call)
    assert bench.pbx.calls[0].monitored
    await line.hang_up(call)
    await line.call_service.call_voicemail_box(None)
    await until(lambda: len(bench.pbx.calls) == 1)
    assert (await line.call_service.image(bench.pbx.users["0001"].avatar_hash)).startswith(b"\x89PNG")
    assert await line.call_service.image("0" * 40) == b""


@pytest.mark.parametrize("call_keys", ["all", "confirmed"])
@pytest.mark.parametrize("timestamp", ["date", "text", "milliseconds", "milliseconds_text"])
@pytest.mark.parametrize("dates", ["utc", "text"])
async def test_the_time_of_a_call_in_every_form(bench: Bench, timestamp: str, dates: str, call_keys: str) -> None:
    bench.pbx.set(call_timestamp=timestamp, dates=dates, call_keys=call_keys)
    line = await bench.line()
    call = CallId(bench.pbx.ring("0001", from_number="+493023125801"))
    report = await line.call(call)
    assert report is not None
    assert report.at is not None
    assert abs(report.at - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.parametrize("number_format", ["double_zero", "plus", "national"])
@pytest.mark.parametrize("state_case", ["upper", "mixed"])
@pytest.mark.parametrize("dialling_state", ["outgoing", "proceeding"])
async def test_spellings_of_numbers_and_states(
    bench: Bench, number_format: str, state_case: str, dialling_state: str
) -> None:
    bench.pbx.set(number_format=number_format, state_case=state_case, dialling_state=dialling_state)
    signed_in = await bench.sign_in()
    line = bench.raw_line(signed_in.access)
    await line.place_call(NEVER_ANSWERS, None, fresh())
    (report,) = await line.calls()
    assert report.state in {CallState.DIALING, CallState.RINGBACK}
    assert report.direction is Direction.OUTBOUND
    # Whatever the spelling: a person's own number in a call is spelled as among their own numbers.
    assert report.caller.number in signed_in.own_numbers
    assert report.called.number == ("03023125803" if number_format == "national" else NEVER_ANSWERS)


# ------------------------------------------------------------------ phones and presence


async def test_phones(bench: Bench) -> None:
    line = await bench.line()
    assert [(phone.id, phone.primary) for phone in await line.phones()] == [(DESK, True), (APP, False)]
    await line.set_primary_phone(APP)
    assert await line.phone.primary() == APP
    assert [phone.primary for phone in await line.phones()] == [False, True]
    with pytest.raises(PbxFault):
        await line.set_primary_phone(PhoneId("SIP/nobody"))
    assert await line.phone.display_numbers() == ("+493023125001", "10")
    await line.phone.set_display_number_id("1")
    assert await line.phone.display_number_id() == "1"
    await line.phone.set_call_waiting(enabled=False)
    assert await line.phone.call_waiting() is False


async def test_the_oldest_generation_does_not_tell_the_primary_phone(bench: Bench) -> None:
    phones = await (await bench.line(ucp=UcpVersion.V20)).phones()
    assert [(phone.id, phone.primary) for phone in phones] == [(DESK, False), (APP, False)]


async def test_presence_and_do_not_disturb(bench: Bench) -> None:
    line = await bench.line()
    before = await line.user_state()
    assert (before.telephony, before.chat, before.dnd) == ("available", "available", None)
    await line.set_dnd(enabled=True)
    assert bench.pbx.users["0001"].dnd is True
    bench.pbx.set(user_state_tells_dnd=True)
    assert (await line.user_state()).dnd is True
    await line.state.set_message("Bin gleich zurück\nwirklich")
    assert (await line.user_state()).message == "Bin gleich zurück\nwirklich"
    await line.state.set_avatar(b"\x89PNG-new")
    assert await line.state.avatar() == b"\x89PNG-new"
    await line.set_dnd(enabled=False)
    bench.pbx.ring("0001", from_number=CUSTOMER)
    await until(lambda: bool(bench.pbx.calls))
    assert (await line.user_state()).telephony in {"ringing", "active", "available"}


# ------------------------------------------------------------------ lists and settings


async def test_the_call_list(bench: Bench) -> None:
    line = await bench.line()
    page = await line.history(limit=5)
    assert len(page.entries) == 5
    assert page.total == 12
    starts = [entry.started_at for entry in page.entries if entry.started_at]
    assert starts == sorted(starts, reverse=True)
    rest = await line.history(offset=5, limit=50)
    assert not {entry.id for entry in page.entries} & {entry.id for entry in rest.entries}
    missed = await line.history(direction="inbound", result="missed")
    assert all(entry.direction is Direction.INBOUND and not entry.answered for entry in missed.entries)
    assert (await line.history(after=datetime.now(UTC) + timedelta(days=3))).entries == ()
    first, *others = page.entries
    await line.delete_history([first.id])
    await line.delete_history([entry.id for entry in others])
    await line.delete_history([])
    assert (await line.history()).total == 7
    left = (await line.history()).entries[0]
    assert await line.call_list.call_back(left.id, None, fresh())


async def test_redirects_are_changed_by_sending_the_whole_rule_back(bench: Bench) -> None:
    line = await bench.line()
    rule = next(rule for rule in await line.redirects() if rule.trigger == "timeout" and rule.number == "+493023125001")
    assert rule.mailboxes == (("box-0001", "Mailbox Anna Schmidt"),)
    changed = replace(rule, enabled=True, to="number", target="+493023125801", timeout=33)
    await line.set_redirect(changed)
    assert next(each for each in await line.redirects() if each.id == rule.id) == changed
    kept = next(each for each in bench.pbx.users["0001"].redirects if each.id == rule.id)
    assert kept.last_mailbox == "box-0001"
    await line.set_redirect(replace(changed, to="voicemail", target="box-0001"))
    assert next(each for each in await line.redirects() if each.id == rule.id).target == "box-0001"
    with pytest.raises(NotFound):
        await line.set_redirect(replace(rule, id="no such rule"))
    await line.redirect.set_all([dict(raw) for raw in await line.redirect.raw()])  # type: ignore[arg-type] # values as read


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_busy_lamp_fields(bench: Bench, spelling: str) -> None:
    bench.pbx.set(struct_spelling=spelling)
    line = await bench.line()
    lamps = await line.lamps()
    assert [(lamp.name, lamp.number) for lamp in lamps][:2] == [("Jonas Weber", "11"), ("Lena Köhler", "12")]
    assert {lamp.state for lamp in lamps} == {"available"}
    assert await line.function_key.all_lamps() == lamps
    assert [lamp.name for lamp in await line.function_key.search("köhler", "s1")] == ["Lena Köhler"]
    bench.pbx.ring("0002", from_number=CUSTOMER)
    await until(lambda: bool(bench.pbx.calls) and "0002" in bench.pbx.calls[0].legs)
    assert len(await line.function_key.calls_of(lamps[0].id)) == 1
    assert await line.function_key.contact_of(lamps[0].id)
    assert await line.function_key.redirects_of(lamps[0].id)
    own = await (await bench.line("0002")).lamps()
    assert (await line.function_key.image_of(own[0].id if own[0].id.startswith("0001") else lamps[0].id)) == b""
    await line.function_key.press("0001-dnd")
    assert bench.pbx.users["0001"].dnd is True


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_groups(bench: Bench, spelling: str) -> None:
    bench.pbx.set(struct_spelling=spelling)
    line = await bench.line()
    (group,) = await line.groups()
    assert (group.name, group.numbers, group.active) == ("Vertrieb", ("80", "+493023125580"), True)
    await line.set_group(group.id, active=False)
    assert (await line.groups())[0].active is False
    await line.set_group(group.id, active=True)
    assert (await line.groups())[0].active is True
    with pytest.raises(NotFound):
        await line.set_group("no such group", active=True)
    await line.group.set_all([dict(raw) for raw in await line.group.raw()])  # type: ignore[arg-type] # values as read


async def test_voicemail(bench: Bench) -> None:
    line = await bench.line()
    (box,) = await line.mailboxes()
    call = CallId(bench.pbx.ring("0001", from_number="+493023125801"))
    await wait_for(line, call, CallState.RINGING)
    bench.pbx.send_to_voicemail("0001")
    await wait_for(line, call, None)
    (message,) = await line.voicemails(box.id)
    assert message.remote.number == "+493023125801"
    assert message.mailbox_name == box.name
    assert message.started_at is not None
    assert await line.voicemail.file_url(message.id)
    await line.voicemail.move([message.id], "OLD")
    assert (await line.voicemails(box.id, "OLD"))[0].id == message.id
    await line.voicemail.move([message.id, message.id], "PRIVATE")
    await line.voicemail.call_mailbox_with_phone(box.id, None)
    await until(lambda: len(bench.pbx.calls) == 1)
    bench.pbx.hang_up("0001")
    await line.voicemail.call_message_with_phone(message.id, None)
    await line.voicemail.delete([message.id])
    assert await line.voicemails(box.id) == ()
    with pytest.raises(PbxFault):
        await line.voicemail.delete([message.id, "no such message"])
