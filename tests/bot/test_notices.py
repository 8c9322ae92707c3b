"""When a person is told what: the night, quiet hours, the digest, their choices - with a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.preferences_card import changes_of, minute_of
from bot.zones import Zones
from bridge.errors import BadRequest, EndReason
from bridge.model.calls import Call, CallTable
from bridge.model.ids import CallId, PbxId
from bridge.model.messages import (
    CallInterrupted,
    CallMissed,
    CallsChanged,
    Change,
    PlaceCall,
    SessionEnded,
    SessionOpened,
)
from bridge.model.telephony import CallState, Direction, Party
from bridge.service.notice_choices import Choices, Kind, changed, seconds_left, seconds_until
from tests.bot.card_rules import faults_of
from tests.bot.conftest import Chat, card_of, shown

BERLIN = ZoneInfo("Europe/Berlin")
PBX = PbxId("p1")
EXPIRED = SessionEnded(PBX, EndReason.EXPIRED)
NUMBER = "+493023125777"
chat_loop = pytest.mark.asyncio(loop_scope="package")


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A time of a November day in Berlin."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


async def tell(chat: Chat, *changes: Change) -> None:
    for change in changes:
        await chat.face.notices(chat.user, change)
        await chat.settle()


async def begin(chat: Chat, moment: datetime, **choices: object) -> None:
    """Anna writes, so that she can be written to, and chooses."""
    chat.clock.at = moment
    await chat.say("help")
    await chat.settle()
    if choices:
        await chat.desk_of.lists.preferences.change(chat.user, choices)
    chat.ms.connector.requests.clear()


def call(
    chat: Chat, number: str = NUMBER, state: CallState = CallState.RINGING, version: int = 1, **fields: Any
) -> Call:
    made = {"started_at": chat.clock.now(), "version": version, **fields}
    return Call(CallId(f"{number} {made['started_at']:%H%M%S}"), state, Direction.INBOUND, Party(number, "Max"), **made)


async def ring_in_vain(chat: Chat, number: str = NUMBER) -> None:
    """A call rings and ends unanswered; the PBX cannot be asked what became of it, but its event is proof."""
    ringing = call(chat, number)
    chat.clock.move(timedelta(seconds=20))
    ended = call(chat, number, CallState.ENDED, 2, started_at=ringing.started_at, ended_at=chat.clock.now())
    await tell(chat, CallsChanged(CallTable((ringing,), 1)), CallsChanged(CallTable((ended,), 2)), CallMissed(ended))


def told(chat: Chat) -> list[str]:
    """What stands in the chat now, as the person sees it, without what stood there before."""
    first = {r.activity_id: shown(r) for r in chat.ms.connector.sent}
    return list({**first, **{r.activity_id: shown(r) for r in chat.ms.connector.edits}}.values())


async def wake(chat: Chat, slot_starts: str) -> None:
    """The time of what was held back has come: what Redis would do by its own clock, done now."""
    for slot in await waiting(chat, slot_starts):
        await chat.face.delivery.hasten(chat.user, slot)
    await chat.settle()


async def waiting(chat: Chat, slot_starts: str) -> list[str]:
    kept = [*chat.once.values.values()]
    return [str(value["slot"]) for value in kept if str(value.get("slot", "")).startswith(slot_starts)]


def not_before(chat: Chat) -> list[float]:
    """In how many seconds the letters that are held back may go."""
    with chat.redis.client() as client:
        seconds, micros = client.time()
        now = seconds + micros / 1e6
        fields = [client.hgetall(name) for name in client.scan_iter("sfb:letters:*")]
    due = [float(v) / 1000 - now for each in fields for k, v in each.items() if k.startswith(b"u") and v != b"0"]
    return sorted(due)


# ------------------------------------------------------------------ the request to sign in


@chat_loop
@pytest.mark.parametrize(
    ("moment", "hours"), [(at(19, 59), 0), (at(20), 11), (at(23, 30), 7.5), (at(3), 4), (at(6, 59), 1 / 60), (at(7), 0)]
)
async def test_nobody_is_asked_at_night(chat: Chat, moment: datetime, hours: float) -> None:
    await begin(chat, moment)
    await tell(chat, EXPIRED)
    assert len(told(chat)) == (0 if hours else 1)
    assert not_before(chat) == ([pytest.approx(hours * 3600, abs=5)] if hours else [])
    await wake(chat, "sign_in/")
    assert len(told(chat)) == 1


@chat_loop
async def test_the_night_is_that_of_the_place_where_the_person_is(chat: Chat) -> None:
    chat.clock.at = at(23)
    await chat.say("help", localTimezone="America/New_York")
    chat.ms.connector.requests.clear()
    await tell(chat, EXPIRED)
    assert len(told(chat)) == 1


@chat_loop
async def test_a_call_that_fails_for_it_asks_even_at_night(chat: Chat) -> None:
    await begin(chat, at(22))
    await tell(chat, EXPIRED)
    assert told(chat) == []
    await tell(chat, CallInterrupted())
    assert len(told(chat)) == 1
    await tell(chat, CallInterrupted(), EXPIRED)
    assert len(told(chat)) == 1


@chat_loop
async def test_a_call_that_goes_into_the_night_holds_the_request_back_until_the_morning(chat: Chat) -> None:
    await begin(chat, at(19, 55), incoming=False)
    talking = call(chat, state=CallState.CONNECTED, connected_at=chat.clock.now())
    await tell(chat, CallsChanged(CallTable((talking,), 1)), EXPIRED)
    assert not_before(chat) == [pytest.approx(600 + (11 * 3600 - 300), abs=5)]
    chat.clock.at = at(20, 10)
    await tell(chat, CallsChanged(CallTable((), 2)))
    assert told(chat) == []


@chat_loop
async def test_what_was_held_back_for_the_night_is_not_said_after_a_sign_in(chat: Chat) -> None:
    await begin(chat, at(22))
    await tell(chat, EXPIRED)
    chat.desk.sign_in(chat.user)
    await tell(chat, SessionOpened(PBX))
    await wake(chat, "sign_in/")
    assert told(chat) == []


@chat_loop
async def test_who_does_not_want_to_be_asked_is_not(chat: Chat) -> None:
    await begin(chat, at(12), sign_in=False)
    await tell(chat, EXPIRED)
    assert told(chat) == []


@chat_loop
async def test_every_card_that_asks_is_withdrawn_and_the_newest_offers_what_had_to_wait(chat: Chat) -> None:
    await begin(chat, at(12))
    await chat.say("sign in", locale="en-US")
    await tell(chat, EXPIRED)
    assert len(told(chat)) == 2
    chat.desk.kept[chat.user] = PlaceCall(chat.user, "0721 4711")
    chat.desk.sign_in(chat.user)
    await tell(chat, SessionOpened(PBX))
    first, second = told(chat)
    assert "0721 4711" not in first
    assert "0721 4711" in second
    assert "Signed in" in first


# ------------------------------------------------------------------ calls


@chat_loop
async def test_in_quiet_hours_nothing_rings_and_what_was_missed_is_told_together_afterwards(chat: Chat) -> None:
    await begin(chat, at(19), quiet=(18 * 60, 8 * 60))
    for number in (NUMBER, NUMBER, "+4972112345"):
        await ring_in_vain(chat, number)
    assert told(chat) == []
    assert not_before(chat) == [pytest.approx(13 * 3600, abs=90)]
    await wake(chat, "digest/")
    (text,) = told(chat)
    assert "Verpasste Anrufe: 3" in text
    assert text.count("+4972112345") >= 1
    (sent,) = chat.ms.connector.sent
    assert faults_of(card_of(sent)) == []


@chat_loop
async def test_a_digest_gathers_the_day_and_begins_anew_afterwards(chat: Chat) -> None:
    await begin(chat, at(9), incoming=False, digest=17 * 60)
    await ring_in_vain(chat)
    await ring_in_vain(chat, "+4972112345")
    assert told(chat) == []
    assert not_before(chat) == [pytest.approx(8 * 3600, abs=90)]
    await wake(chat, "digest/")
    assert len(told(chat)) == 1
    chat.clock.at = at(18)
    await ring_in_vain(chat)
    assert len(told(chat)) == 1
    await wake(chat, "digest/")
    assert [text.split("\n")[0] for text in told(chat)] == ["Verpasste Anrufe: 2", "Verpasste Anrufe: 1"]


@chat_loop
async def test_a_digest_whose_time_is_in_the_quiet_hours_waits_for_their_end(chat: Chat) -> None:
    await begin(chat, at(9), incoming=False, digest=19 * 60, quiet=(18 * 60, 8 * 60))
    await ring_in_vain(chat)
    assert not_before(chat) == [pytest.approx(23 * 3600, abs=90)]


@chat_loop
async def test_after_ten_minutes_a_missed_call_of_the_same_number_is_a_message_of_its_own(chat: Chat) -> None:
    await begin(chat, at(12), incoming=False)
    await ring_in_vain(chat)
    await ring_in_vain(chat)
    assert len(told(chat)) == 1
    assert "2 verpasste" in told(chat)[0]
    chat.once.values = {key: value for key, value in chat.once.values.items() if key[0] != "missed_of_number"}
    await ring_in_vain(chat)
    assert len(told(chat)) == 2


@chat_loop
async def test_calls_without_a_number_are_never_taken_for_one(chat: Chat) -> None:
    await begin(chat, at(12), incoming=False)
    await ring_in_vain(chat, "")
    await ring_in_vain(chat, "")
    assert [text.split("\n")[0] for text in told(chat)] == ["Verpasster Anruf", "Verpasster Anruf"]


@chat_loop
async def test_a_call_that_only_a_list_ended_is_not_called_missed_without_proof(chat: Chat) -> None:
    await begin(chat, at(12))
    ringing = call(chat)
    chat.clock.move(timedelta(seconds=20))
    ended = call(chat, state=CallState.ENDED, version=2, started_at=ringing.started_at, ended_at=chat.clock.now())
    await tell(chat, CallsChanged(CallTable((ringing,), 1)), CallsChanged(CallTable((ended,), 2)))
    await tell(chat, CallMissed(ended, proven=False))
    (text,) = told(chat)
    assert "Anruf beendet" in text


# ------------------------------------------------------------------ choices


@chat_loop
async def test_the_card_with_switches_shows_and_changes_everything(chat: Chat) -> None:
    await begin(chat, at(12), missed=False)
    sent = await chat.say("notices", locale="en-US")
    assert faults_of(card_of(sent)) == []
    switches = {part["id"]: part["value"] for part in card_of(sent)["body"] if part["type"] == "Input.Toggle"}
    assert switches == {
        "incoming": "true",
        "missed": "false",
        "voicemail": "true",
        "sign_in": "true",
        "presence": "true",
    }
    action = chat.action(sent, "notices")
    filled = {**action["data"], "incoming": "false", "missed": "true", "quiet_from": "18:00", "quiet_to": "08:30"}
    delivery = await chat.ms.channel.execute(chat.anna, "notices", {**filled, "digest": ""}, str(sent.activity_id))
    assert delivery.body["value"]["type"] == "AdaptiveCard"
    choices = await chat.desk_of.lists.preferences.of(chat.user)
    assert choices == Choices(incoming=False, quiet=(1080, 510))


@chat_loop
async def test_choices_are_renewed_by_use_and_written_seldom(chat: Chat) -> None:
    await begin(chat, at(12), missed=False)
    kept = dict(chat.once.values["notice_choices", chat.handle])
    await chat.desk_of.lists.preferences.of(chat.user)
    assert chat.once.values["notice_choices", chat.handle] == kept
    chat.clock.move(timedelta(days=2))
    assert not (await chat.desk_of.lists.preferences.of(chat.user)).missed
    assert chat.once.values["notice_choices", chat.handle]["at"] == chat.clock.time()


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": True},
        {"missed": "yes"},
        {"quiet": (1, 1)},
        {"quiet": (0, 1440)},
        {"quiet": 5},
        {"digest": -1},
        {"digest": True},
    ],
)
def test_what_cannot_be_chosen_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        changed(Choices(), changes)


@pytest.mark.parametrize(
    ("text", "minute"), [("18:00", 1080), ("8:05", 485), ("07:30:00", 450), ("24:00", None), ("", None), (5, None)]
)
def test_times_of_the_day_are_read(text: object, minute: int | None) -> None:
    assert minute_of(text) == minute


@given(
    st.dictionaries(
        st.sampled_from([*(kind.value for kind in Kind), "quiet_from", "quiet_to", "digest", "x"]),
        st.one_of(st.none(), st.text(), st.integers(), st.sampled_from(["true", "false", "12:30"])),
    )
)
def test_whatever_a_client_fills_in_can_be_chosen_or_is_left_out(fields: dict[str, object]) -> None:
    assert isinstance(changed(Choices(), changes_of(fields)), Choices)


@given(st.integers(0, 1439), st.integers(0, 1439), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - put into a zone below
def test_a_span_ends_at_its_end_on_every_day_of_the_year(begin: int, end: int, moment: datetime) -> None:
    local = moment.replace(tzinfo=UTC).astimezone(BERLIN)
    left = seconds_left((begin, end), local)
    assert 0 <= left <= 25 * 3600
    if left:
        then = (local.astimezone(UTC) + timedelta(seconds=left)).astimezone(BERLIN)
        skipped = seconds_left(
            (120, 180), local.replace(hour=2, minute=30)
        )  # an end in the hour that is left out in March
        assert then.hour * 60 + then.minute == end or (skipped and 120 <= end < 180)
    until = seconds_until(end, local)
    assert 0 <= until <= 25 * 3600


async def test_an_unknown_zone_is_the_usual_one() -> None:
    zones, noon = Zones(), datetime(2026, 11, 22, 12, tzinfo=UTC)
    for name in ("", "Nowhere/At_all", "../../etc/passwd", "\0", "/etc/localtime"):
        assert (await zones.local(noon, name)).hour == 13
    assert (await zones.local(noon, "Asia/Tokyo")).hour == 21
