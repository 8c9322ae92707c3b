"""A call's card through its life, through the whole product: PBX, service, queue, chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import CallbackMode
from infra.simulator.microsoft import Fault, MicrosoftSimulator
from infra.simulator.microsoft.population import ANNA, JONAS, LENA, SONNENTAL, User
from infra.simulator.starface import StarfaceSimulator
from tests.bot.card_rules import faults_of
from tests.bot.conftest import actions_of, shown, texts_of
from tests.bot.desk import user_key
from tests.harness import World, free_port, pick_up, process, until, world
from tests.servers import RedisServer

CALLER = "+493023125777"


@pytest.fixture
async def microsoft() -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator() as simulator:
        yield simulator


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator() as simulator:
        yield simulator


@pytest.fixture
async def town(
    redis_process: RedisServer, tmp_path: Path, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> AsyncIterator[World]:
    redis_process.flush()
    database = f"sqlite+aiosqlite:///{tmp_path}/directory.db"
    async with world(redis_process.url.reveal(), database, microsoft, pbx) as made:
        yield made


async def anna_ready(town: World) -> None:
    await town.microsoft.channel.install(ANNA)
    await town.microsoft.connector.wait_for_messages(1)
    assert (await town.person().sign_in()).status == 201


def cards(town: World) -> list[Any]:
    return list(town.microsoft.connector.sent[1:])


async def test_a_call_is_one_card_from_ringing_to_its_end(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number="+493023125777", name="Max *Müller*")
    await town.microsoft.connector.wait_for_messages(2)
    (card,) = cards(town)
    assert "Eingehender Anruf" in shown(card)
    town.pbx.answer("0001", call)
    await until(lambda: any("Im Gespräch" in shown(edit) for edit in town.microsoft.connector.edits))
    town.pbx.hang_up("0001", call)
    await until(lambda: any("beendet" in shown(edit) for edit in town.microsoft.connector.edits))
    assert {edit.activity_id for edit in town.microsoft.connector.edits} == {card.activity_id}
    assert len(cards(town)) == 1


def chat_of(town: World, user: User = ANNA) -> list[str]:
    """What stands in the chat below the welcome, oldest first."""
    messages = town.microsoft.channel.conversation(user).messages
    texts = [_text(message.activity) for message in messages if message.by_bot and not message.deleted]
    return texts[1:]


def _text(activity: Any) -> str:
    return texts_of(activity["attachments"][0]["content"]) if activity.get("attachments") else str(activity["text"])


async def standing(town: World, *words: str, user: User = ANNA, within: float = 15.0) -> list[str]:
    """Wait until the chat holds exactly these cards, each recognised by a word."""

    def holds() -> bool:
        texts = chat_of(town, user)
        return len(texts) == len(words) and all(word in text for word, text in zip(words, texts, strict=True))

    try:
        await until(holds, within)
    except AssertionError:
        raise AssertionError(chat_of(town, user)) from None
    return chat_of(town, user)


async def click(town: World, number: int, verb: str, user: User = ANNA, **data: Any) -> Any:
    """Press a button of a card; give the body of the answer."""
    found = [m for m in town.microsoft.channel.conversation(user).messages if m.by_bot and not m.deleted][1 + number]
    card = found.activity["attachments"][0]["content"]
    action = next(a for a in all_actions(card) if a.get("verb") == verb)
    delivery = await town.microsoft.channel.execute(user, verb, {**action["data"], **data}, found.id)
    assert delivery.status == 200
    return delivery.body


def all_actions(card: Any) -> list[Any]:
    """Actions of a card, those of the small card behind a button and of its refresh included."""
    found = actions_of(card)
    inner = [action["card"] for action in found if action["type"] == "Action.ShowCard"]
    refresh = [card["refresh"]["action"]] if "refresh" in card else []
    return [*found, *refresh, *(action for each in inner for action in all_actions(each))]


async def change(town: World, **choices: Any) -> None:
    """Choose what Anna is told."""
    await town.service.use_cases.preferences.change(user_key(ANNA), choices)


async def test_a_missed_call_is_the_same_card_with_a_button_to_call_back(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number=CALLER, name="Max Müller")
    await standing(town, "Eingehender Anruf")
    town.pbx.miss("0001", call)
    (text,) = await standing(town, "Verpasster Anruf")
    assert "Zurückrufen" in text
    body = await click(town, 0, "call")
    assert body["value"]["type"] == "AdaptiveCard"
    await until(lambda: any(known.legs for known in town.pbx.calls))


async def test_several_missed_calls_of_one_number_are_one_message(town: World) -> None:
    await anna_ready(town)
    for words in (("Verpasster Anruf",), ("2 verpasste Anrufe",), ("3 verpasste Anrufe",)):
        call = town.pbx.ring("0001", from_number=CALLER)
        await until(lambda: any("Eingehender Anruf" in text for text in chat_of(town)))
        town.pbx.miss("0001", call)
        await standing(town, *words)
    other = town.pbx.ring("0001", from_number="+493023125999")
    await standing(town, "3 verpasste Anrufe", "Eingehender Anruf")
    town.pbx.miss("0001", other)
    await standing(town, "3 verpasste Anrufe", "Verpasster Anruf")


async def test_what_a_colleague_took_is_not_missed(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("80", from_number=CALLER)
    (text,) = await standing(town, "Eingehender Anruf")
    assert "Gruppe" in text
    town.pbx.answer("0002", call)
    (text,) = await standing(town, "Anderswo angenommen")
    assert "Verpasst" not in text


async def test_a_pbx_that_is_polled_tells_of_missed_calls_too(town: World) -> None:
    entry = await town.service.stores.directory.pbx(TenantId(SONNENTAL.id), PbxId("demo"))
    await town.service.stores.directory.change(replace(entry, callbacks=CallbackMode.POLL))
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    town.pbx.miss("0001", call)
    await standing(town, "Verpasster Anruf")
    call = town.pbx.ring("80", from_number="+493023125999")
    await standing(town, "Verpasster Anruf", "Eingehender Anruf")
    town.pbx.answer("0002", call)
    texts = await standing(town, "Verpasster Anruf", "Anderswo angenommen")
    assert "+493023125777" in texts[0]


async def test_a_pbx_that_does_not_tell_is_taken_at_its_word_about_ringing_only(town: World) -> None:
    await anna_ready(town)
    town.pbx.misbehave("german_fault", "*getCallList")
    call = town.pbx.ring("80", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    town.pbx.answer("0002", call)
    (text,) = await standing(town, "Anruf beendet")
    assert "Verpasst" not in text


async def test_who_wants_no_cards_of_incoming_calls_hears_of_missed_ones_only(town: World) -> None:
    await anna_ready(town)
    await change(town, incoming=False)
    for words in (("Verpasster Anruf",), ("2 verpasste Anrufe",)):
        call = town.pbx.ring("0001", from_number=CALLER)
        await asyncio.sleep(0.05)
        town.pbx.miss("0001", call)
        await standing(town, *words)
    assert len(town.microsoft.connector.sent) == 2
    await change(town, missed=False)
    call = town.pbx.ring("0001", from_number="+493023125999")
    town.pbx.miss("0001", call)
    talked = town.pbx.ring("0001", from_number="+493023125998")
    town.pbx.answer("0001", talked)
    town.pbx.hang_up("0001", talked)
    await asyncio.sleep(0.15)
    assert len(chat_of(town)) == 1


async def test_a_call_is_rejected_on_its_card_and_not_told_as_missed(town: World) -> None:
    await anna_ready(town)
    town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    body = await click(town, 0, "call_hang_up")
    assert "abgelehnt" in texts_of(body["value"])
    await standing(town, "Anruf abgelehnt")
    await until(lambda: not town.pbx.calls)


async def test_a_talk_is_held_forwarded_and_joined_on_its_card(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    town.pbx.answer("0001", call)
    await standing(town, "Im Gespräch")
    assert "Gehalten" in texts_of((await click(town, 0, "call_hold"))["value"])
    (text,) = await standing(town, "Gehalten")
    assert "Zusammenschalten" not in text
    second = town.pbx.ring("0001", from_number="+493023125999")
    await standing(town, "Gehalten", "Eingehender Anruf")
    town.pbx.answer("0001", second)
    await standing(town, "Gehalten", "Zusammenschalten")
    await click(town, 1, "call_forward", target="+49 30 23125 800")
    await standing(town, "Gehalten", "beendet")


async def test_a_late_click_changes_nothing_and_shows_how_it_stands(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    (message,) = [m for m in town.microsoft.channel.conversation(ANNA).messages if m.by_bot][1:]
    ringing = message.activity["attachments"][0]["content"]
    reject = next(a for a in all_actions(ringing) if a.get("verb") == "call_hang_up")
    town.pbx.answer("0001", call)
    await standing(town, "Im Gespräch")
    late = await town.microsoft.channel.execute(ANNA, "call_hang_up", reject["data"], message.id)
    assert "Im Gespräch" in texts_of(late.body["value"])
    assert [known.id for known in town.pbx.calls] == [call]
    town.pbx.hang_up("0001", call)
    await standing(town, "Anruf beendet")
    later = await town.microsoft.channel.execute(ANNA, "call_hang_up", reject["data"], message.id)
    assert "beendet" in texts_of(later.body["value"])


async def test_the_same_button_acts_once_however_often_it_is_pressed(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    town.pbx.answer("0001", call)
    await standing(town, "Im Gespräch")
    answers = await asyncio.gather(*(click(town, 0, "call_hold") for _ in range(5)))
    kinds = [answer["type"].rpartition(".")[2] for answer in answers]
    assert kinds.count("adaptive") == 1
    holds = [request for request in town.pbx.requests if request.method.endswith("putCallOnHold")]
    assert len(holds) <= 1


async def test_a_card_whose_answer_was_lost_goes_when_it_is_seen(town: World) -> None:
    await anna_ready(town)
    town.microsoft.connector.faults.add(Fault(cut=True, after=True, where="send", times=1))
    town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf", "Eingehender Anruf")
    body = await click(town, 0, "call_card")
    assert "Eingehender Anruf" in texts_of(body["value"])
    await standing(town, "Eingehender Anruf")
    await click(town, 0, "call_card")
    town.pbx.miss("0001")
    await standing(town, "Verpasster Anruf")


async def test_a_call_that_goes_on_under_another_id_keeps_its_card(town: World) -> None:
    town.pbx.set(forward_changes_id=True)
    await anna_ready(town)
    held = town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    town.pbx.answer("0001", held)
    await standing(town, "Im Gespräch")
    town.pbx.forward("0001", "0002", held)
    (text,) = await standing(town, "beendet")
    assert "Eingehender" not in text


async def test_when_the_sign_in_ends_live_cards_say_that_they_are_no_longer_followed(town: World) -> None:
    await anna_ready(town)
    town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    assert (await town.person().ask("DELETE", "/session")).status == 204
    await standing(town, "nicht mehr angezeigt")


async def test_after_a_sign_out_and_a_sign_in_calls_are_told_again_without_a_word_in_the_chat(town: World) -> None:
    await anna_ready(town)
    assert (await town.person().ask("DELETE", "/session")).status == 204
    assert (await town.person().sign_in()).status == 201
    town.pbx.ring("0001", from_number=CALLER)
    (text,) = await standing(town, "Eingehender Anruf")
    assert "Ablehnen" in text
    operations = [request.operation for request in town.microsoft.connector.requests]
    assert operations.count("create") == 1


async def test_who_has_not_installed_the_app_is_tried_once(town: World) -> None:
    await anna_ready(town)
    assert (await town.person(JONAS).sign_in("0002")).status == 201
    for _ in range(2):
        call = town.pbx.ring("0002", from_number=CALLER)
        await until(lambda: any(r.status == 403 for r in town.microsoft.connector.requests))
        town.pbx.miss("0002", call)
        await asyncio.sleep(0.1)
    assert [r.status for r in town.microsoft.connector.requests if r.operation == "create"] == [403]


async def test_the_card_of_a_call_that_was_placed_in_the_chat_lives_too(town: World) -> None:
    await anna_ready(town)
    await town.microsoft.channel.say(ANNA, "anrufen +49 30 23125 800")
    await pick_up(town.pbx, "0001")
    await standing(town, "Im Gespräch")
    town.pbx.hang_up("0001")
    (text,) = await standing(town, "Anruf beendet")
    assert "Dauer" in text


async def test_every_card_fits_the_rules_of_teams(town: World) -> None:
    await anna_ready(town)
    call = town.pbx.ring("80", from_number=CALLER, name="[x](http://evil) **M**")
    await standing(town, "Eingehender Anruf")
    town.pbx.answer("0001", call)
    await standing(town, "Im Gespräch")
    town.pbx.hang_up("0001", call)
    await standing(town, "Anruf beendet")
    requests = [r for r in town.microsoft.connector.requests if r.activity and r.activity.get("attachments")]
    assert len(requests) >= 4
    for request in requests:
        content = request.activity["attachments"][0]["content"]  # type: ignore[index]  # looked at above
        assert faults_of(content) == []
        assert "[x](" not in texts_of(content)


async def test_what_is_left_in_redis_ends_and_goes_with_the_sign_out(town: World, redis_process: RedisServer) -> None:
    await anna_ready(town)
    call = town.pbx.ring("0001", from_number=CALLER)
    await standing(town, "Eingehender Anruf")
    town.pbx.miss("0001", call)
    await standing(town, "Verpasster Anruf")
    await town.person().ask("DELETE", "/session")
    handle = town.service.stores.sessions.handle(user_key(ANNA))
    await asyncio.sleep(0.1)
    with redis_process.client() as client:
        left = {name.decode(): client.pttl(name) for name in client.scan_iter(f"*{handle}*")}
    assert all(0 < life <= 60_000 for life in left.values()), left


@pytest.mark.slow
async def test_one_of_two_processes_is_killed_while_it_rings_and_every_card_ends_right(
    redis_process: RedisServer, tmp_path: Path, microsoft: MicrosoftSimulator, pbx: StarfaceSimulator
) -> None:
    redis_process.flush()
    database = f"sqlite+aiosqlite:///{tmp_path}/directory.db"
    async with world(redis_process.url.reveal(), database, microsoft, pbx) as town:
        port = free_port()
        told = town.environment | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
        async with process(told, port, tmp_path / "killed.log") as doomed:
            microsoft.channel.endpoint = f"http://127.0.0.1:{port}/api/messages"
            calls = {}
            for user in (ANNA, JONAS, LENA):
                await microsoft.channel.install(user)
                await until(lambda user=user: len(microsoft.channel.conversation(user).messages) == 1)
                person = town.person(user, f"http://127.0.0.1:{port}")
                assert (await person.sign_in(user.phone_login or "")).status == 201
                calls[user] = pbx.ring(user.phone_login or "", from_number=CALLER)
            for user in calls:
                await standing(town, "Eingehender Anruf", user=user)
            microsoft.connector.faults.add(Fault(delay=0.2))
            pbx.answer("0001", calls[ANNA])
            await asyncio.sleep(0.1)
            doomed.kill()
            await doomed.wait()
        microsoft.connector.faults.clear()
        pbx.hang_up("0001", calls[ANNA])
        pbx.miss("0002", calls[JONAS])
        pbx.miss("0003", calls[LENA])
        await standing(town, "Anruf beendet", user=ANNA, within=40)
        for user in (JONAS, LENA):
            await standing(town, "Verpasster Anruf", user=user, within=40)
