"""Every command of the chat against the whole product and a simulated PBX, over HTTP with authentication on, in both languages."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.model.ids import PersonId, TenantId, UserKey
from bridge.service.reminders import Temporary
from infra.simulator.microsoft import MicrosoftSimulator, Recorded
from infra.simulator.microsoft.population import ANNA
from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.population import VoicemailMessage
from tests.bot.conftest import card_of, shown, texts_of
from tests.e2e.talk import Talk
from tests.harness import World, until, world
from tests.servers import redis_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANNA_KEY = UserKey(TenantId(ANNA.tenant.id), PersonId(ANNA.id))
MAX = "+493023125801"
TOAST = "application/vnd.microsoft.activity.message"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One process of the product in which Anna is signed in, with a missed call, for all tests of this file."""
    folder: Path = tmp_path_factory.mktemp("chat")
    with redis_server() as redis:
        async with MicrosoftSimulator() as microsoft, StarfaceSimulator() as pbx:
            microsoft.connector.enforce_limits = False
            database = f"sqlite+aiosqlite:///{folder}/directory.db"
            async with world(redis.url.reveal(), database, microsoft, pbx) as made:
                await microsoft.channel.install(ANNA)
                await microsoft.channel.install(microsoft.user("jonas.weber"))
                assert (await made.person().sign_in()).status == 201
                yield made


@pytest_asyncio.fixture(loop_scope="module")
async def talk(shared: World) -> AsyncIterator[Talk]:
    """Anna's chat, with everything as it was at first."""
    person = shared.pbx.users["0001"]
    shared.pbx.pbx.set_dnd("0001", enabled=False)
    person.primary_phone = person.phones[0].id
    for rule in person.redirects:
        rule.enabled = False
        if rule.type == "ALWAYS":
            rule.destination_type, rule.destination = type(rule.destination_type)("PHONENUMBER"), MAX
    yield Talk(shared)
    await shared.person().ask("GET", "/session")
    for call in (await shared.person().ask("GET", "/calls")).body["calls"]:
        await shared.person().ask("POST", f"/calls/{call['id']}/hangup")


async def missed_call(shared: World, number: str = MAX, name: str = "Max Müller") -> None:
    call = shared.pbx.ring("0001", from_number=number, name=name)
    shared.pbx.hang_up("0001", call)


async def talking(shared: World, number: str = MAX) -> str:
    """Anna is on a call that came in."""
    call = shared.pbx.ring("0001", from_number=number, name="Max Müller")
    shared.pbx.answer("0001", call)

    async def connected() -> bool:
        calls = (await shared.person().ask("GET", "/calls")).body["calls"]
        return any(each["id"] == call and each["state"] == "connected" for each in calls)

    await until(connected)
    return call


async def hang_up(talk: Talk, sent: Recorded) -> None:
    """Press the button of a call's card; on a busy machine a store may be away for a moment, and the button is pressed again."""

    async def pressed() -> bool:
        return isinstance((await talk.click(sent, "hang_up"))["value"], dict)

    await until(pressed)

    async def over() -> bool:
        return (await talk.world.person().ask("GET", "/calls")).body == {"calls": []}

    await until(over)


# ------------------------------------------------------------------ what is only looked up


@pytest.mark.parametrize(
    ("text", "locale", "words"),
    [
        ("help", "en-US", ("What I understand", "am I reachable?", "call Anna")),
        ("Hilfe", "de-DE", ("Was ich verstehe", "bin ich erreichbar?", "ruf Anna an")),
        ("status", "en-US", ("Status", "available")),
        ("Mein Status", "de-DE", ("Status", "verfügbar")),
        ("sign in", "en-US", ("signed in already",)),
        ("anmelden", "de-DE", ("schon angemeldet",)),
        ("calls", "en-US", ("no calls",)),
        ("Gespräche", "de-DE", ("keine Anrufe",)),
        ("hang up", "en-US", ("no calls",)),
        ("auflegen", "de-DE", ("keine Anrufe",)),
        ("hold", "en-US", ("no call that can be put on hold",)),
        ("halten", "de-DE", ("kein Gespräch, das gehalten",)),
        ("forward to 030 23125 800", "en-US", ("no call that can be forwarded",)),
        ("weiterleiten an Jonas", "de-DE", ("keinen Anruf, der weitergeleitet",)),
        ("forward", "en-US", ("Where shall the call go",)),
        ("conference", "en-US", ("at least two calls",)),
        ("Konferenz", "de-DE", ("mindestens zwei Gespräche",)),
        ("phones", "en-US", ("Your phones", "0001-desk**", "Use 0001-app")),
        ("Telefone", "de-DE", ("Ihre Telefone", "0001-app nutzen")),
        ("redirects", "en-US", ("No redirect is on",)),
        ("Umleitungen", "de-DE", ("keine Umleitung",)),
        ("redirect off", "en-US", ("No redirect is on",)),
        ("find Lena", "en-US", ("Lena Köhler", "12", "Colleague")),
        ("suche koehler", "de-DE", ("Lena Köhler", "12")),
        ("who is 12", "en-US", ("Lena Köhler",)),
        ("Wer ist 0721/999999?", "de-DE", ("weiß ich nicht",)),
        ("presence of Lena", "en-US", ("Lena Köhler – available",)),
        ("Ist Jonas Weber frei?", "de-DE", ("Jonas Weber – verfügbar",)),
        ("presence of Nobody Atall", "en-US", ("no busy lamp field",)),
        ("colleagues", "en-US", ("Colleagues", "Mehmet Yılmaz – available")),
        ("language", "en-US", ("In which language", "Deutsch")),
        ("dnd until whenever", "en-US", ("did not understand the time", "nothing was changed")),
        ("call", "en-US", ("Whom shall I call",)),
        ("call Zaphod Beeblebrox", "en-US", ("found nobody", "Zaphod Beeblebrox")),
        ("ruf Zaphod an", "de-DE", ("habe ich nicht gefunden",)),
        ("notices", "en-US", ("What I tell you", "Missed calls")),
        ("Benachrichtigungen", "de-DE", ("Was ich Ihnen melde", "Verpasste Anrufe")),
        ("notices elephants off", "en-US", ("I can switch",)),
        ("stauts", "en-US", ("Status",)),
        ("hlep", "en-US", ("What I understand",)),
        ("prsence of Lena", "en-US", ("Lena Köhler",)),
        ("redail", "en-US", ("did not understand", "redial")),
        ("clal Lena", "en-US", ("did not understand", "call")),
        ("tell me a joke", "en-US", ("did not understand",)),
        ("erzähl mir was", "de-DE", ("nicht verstanden", "Hilfe")),
    ],
)  # fmt: skip
async def test_a_question_is_answered(talk: Talk, text: str, locale: str, words: tuple[str, ...]) -> None:
    talk.locale = locale
    before = len(talk.world.pbx.pbx.calls.of("0001"))
    answer = shown(await talk.say(text, words[0]))
    assert [word for word in words if word not in answer] == []
    assert len(talk.world.pbx.pbx.calls.of("0001")) == before


# ------------------------------------------------------------------ calls


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("call +49 (30) 23125-800", "en-US", "+493023125800"),
        ("Call [030] 23125 800", "en-US", "+493023125800"),
        ("030 23125-800 anrufen", "de-DE", "+493023125800"),
        ("call Lena Köhler", "en-US", "12"),
        ("Ruf bitte Koehler an", "de-DE", "12"),
    ],
)
async def test_a_call_is_placed(talk: Talk, text: str, locale: str, number: str) -> None:
    talk.locale = locale
    sent = await talk.say(text, "Calling" if locale == "en-US" else "Anruf bei")

    async def placed() -> bool:
        calls = (await talk.world.person().ask("GET", "/calls")).body["calls"]
        return [each["remote"]["number"] for each in calls] == [number]

    await until(placed)
    await hang_up(talk, sent)
    assert "no calls" in shown(await talk.say("calls", "no calls", locale="en-US"))


@pytest.mark.parametrize(
    ("text", "choices"), [("call Jo", ["Jonas Weber"]), ("call Schmitd", []), ("call Müller", ["Müller"])]
)
async def test_whoever_is_not_singled_out_is_asked_about(talk: Talk, text: str, choices: list[str]) -> None:
    sent = await talk.say(text, "button" if choices else "")
    assert [choice for choice in choices if choice not in shown(sent)] == []
    assert talk.world.pbx.pbx.calls.of("0001") == []
    if choices:
        await talk.click(sent, "call")
        assert (await talk.click(sent, "call"))["type"] == TOAST
        await until(lambda: talk.world.pbx.pbx.calls.of("0001"))


async def test_of_many_the_first_are_offered_and_how_to_narrow_them_down_is_said(talk: Talk) -> None:
    offered = shown(await talk.say("call Müller", "Whom do you mean?"))
    assert "more: write more of the name" in offered
    first_names = {line.split(" Müller")[0] for line in offered.splitlines() if " Müller · +" in line}
    assert len(first_names) >= 4


async def test_redial_and_call_back(talk: Talk) -> None:
    await missed_call(talk.world, "+493023125803", "Hafenkontor AG")
    await hang_up(talk, await talk.say("call 030 23125 805", "Calling"))

    async def listed() -> bool:
        answer = await talk.world.service.use_cases.history.last_dialled(ANNA_KEY)
        return answer is not None and answer.remote.number == "+493023125805"

    await until(listed)
    again = await talk.say("redial", "Calling")
    assert "805" in shown(again)
    await hang_up(talk, again)
    back = await talk.say("Zurückrufen", "", locale="de-DE")
    assert "803" in shown(back)


async def test_lists_of_what_was(talk: Talk) -> None:
    await missed_call(talk.world)
    missed = await talk.say("missed calls", "Missed calls")
    assert "Max Müller" in shown(missed)
    history = await talk.say("Verlauf", "Ihre letzten Anrufe", locale="de-DE")
    assert "Verpasst: Max Müller" in shown(history)
    placed = await talk.submit(missed, "dial", "Calling")
    assert "801" in shown(placed)


async def test_messages_on_the_voicemail(talk: Talk) -> None:
    box = talk.world.pbx.pbx.accounts.mailboxes["box-0001"]
    box.messages[:] = []
    await talk.say("Anrufbeantworter", "keine Nachrichten", locale="de-DE")
    box.messages.append(VoicemailMessage("vm-1", MAX, "Max Müller", "10", time.time() - 60, 75))
    sent = await talk.say("voicemail", "Max Müller")
    assert "1:15" in shown(sent)
    assert talk.action(sent, "dial")["data"]["number"] == MAX


@pytest.mark.parametrize(
    ("text", "locale", "word"), [("hold", "en-US", "on hold"), ("Gespräch halten", "de-DE", "wird gehalten")]
)
async def test_a_call_is_held(talk: Talk, text: str, locale: str, word: str) -> None:
    call = await talking(talk.world)
    await talk.say(text, word, locale=locale)
    state = {each.id: leg.state for each, leg in talk.world.pbx.pbx.calls.of("0001")}
    assert str(state[call]).upper().endswith(("PARKED", "HELD", "HOLD"))


@pytest.mark.parametrize(
    ("text", "locale", "word"),
    [
        ("forward to Jonas Weber", "en-US", "was forwarded to Jonas"),
        ("an 11 weiterleiten", "de-DE", "an 11 weitergeleitet"),
    ],
)
async def test_a_call_is_forwarded(talk: Talk, text: str, locale: str, word: str) -> None:
    await talking(talk.world)
    await talk.say(text, word, locale=locale)
    await until(lambda: not talk.world.pbx.pbx.calls.of("0001"))
    assert talk.world.pbx.pbx.calls.of("0002")
    talk.world.pbx.hang_up("0002")


async def test_two_calls_become_a_conference(talk: Talk) -> None:
    await talking(talk.world)
    await talk.say("hold", "on hold")
    await talking(talk.world, "+493023125800")
    asked = await talk.say("hang up", "Which call")
    assert len([each for each in texts_of(card_of(asked)).splitlines() if "Hang up:" in each]) == 2
    await talk.say("conference", "one conference")


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("text", "locale", "word"),
    [
        ("do not disturb", "en-US", "Do not disturb is on"), ("Bitte nicht stören", "de-DE", "eingeschaltet"),
        ("dnd for 2 hours", "en-US", "until"),
    ],
)  # fmt: skip
async def test_do_not_disturb_and_undo(talk: Talk, text: str, locale: str, word: str) -> None:
    talk.locale = locale
    sent = await talk.say(text, word)
    assert talk.world.pbx.users["0001"].dnd
    body = await talk.click(sent, "undo")
    assert ("Undone" if locale == "en-US" else "Rückgängig") in texts_of(body["value"])
    assert not talk.world.pbx.users["0001"].dnd
    assert (await talk.click(sent, "undo"))["type"] == TOAST


async def test_do_not_disturb_until_a_time_is_taken_back_by_the_service(talk: Talk) -> None:
    sent = await talk.say("nicht stören bis 15 Uhr", "15:00", locale="de-DE")
    assert "bis 15:00" in shown(sent)
    reminders = talk.world.service.use_cases.reminders
    ends = await reminders.ends_at(ANNA_KEY, Temporary.DND)
    assert ends is not None
    await reminders.set(ANNA_KEY, Temporary.DND, 1.0, {})
    await until(lambda: not talk.world.pbx.users["0001"].dnd)
    await talk.say("nicht stören aus", "ausgeschaltet", locale="de-DE")


@pytest.mark.parametrize(
    ("text", "locale", "target"),
    [
        ("redirect to 030 23125 803", "en-US", "+493023125803"),
        ("Umleitung auf Lena Köhler bis morgen 8 Uhr", "de-DE", "12"),
        ("redirect to voicemail", "en-US", "box-0001"),
        ("Leite alle Anrufe auf Voicemail um", "de-DE", "box-0001"),
    ],
)
async def test_redirect_and_undo(talk: Talk, text: str, locale: str, target: str) -> None:
    talk.locale = locale
    sent = await talk.say(text, "go to" if locale == "en-US" else "gehen")
    rules = [rule for rule in talk.world.pbx.users["0001"].redirects if rule.type == "ALWAYS"]
    assert {(rule.enabled, rule.destination) for rule in rules} == {(True, target)}
    assert "always" not in shown(await talk.say("redirects", "All calls to", locale="en-US"))
    await talk.click(sent, "undo")
    assert {(rule.enabled, rule.destination) for rule in rules} == {(False, MAX)}


async def test_a_redirect_that_was_changed_meanwhile_is_left_alone(talk: Talk) -> None:
    sent = await talk.say("redirect to 030 23125 803", "go to")
    for rule in talk.world.pbx.users["0001"].redirects:
        if rule.type == "ALWAYS":
            rule.destination = "+493023125805"
    assert "changed again" in texts_of((await talk.click(sent, "undo"))["value"])
    ended = await talk.say("redirect off", "no longer redirected")
    assert not any(rule.enabled for rule in talk.world.pbx.users["0001"].redirects)
    await talk.click(ended, "undo")
    assert any(rule.enabled for rule in talk.world.pbx.users["0001"].redirects)


@pytest.mark.parametrize(("text", "locale"), [("use softphone app", "en-US"), ("nimm 0001-app", "de-DE")])
async def test_the_primary_phone(talk: Talk, text: str, locale: str) -> None:
    person = talk.world.pbx.users["0001"]
    asked = await talk.say(text, "0001-app", locale=locale)
    if "softphone" in text:
        assert person.primary_phone.endswith("desk")
        body = await talk.click(asked, "use_phone")
        assert "rings first" in texts_of(body["value"])
    else:
        assert "Rückgängig" in shown(asked)
    assert person.primary_phone.endswith("app")


async def test_am_i_reachable(talk: Talk) -> None:
    answer = shown(await talk.say("am I reachable?", "Are you reachable?"))
    assert "Calls ring on: 0001-desk, 0001-app" in answer
    assert "No redirect is on" in answer
    await talk.say("dnd until 15:00", "until")
    disturbed = shown(await talk.say("Bin ich erreichbar?", "Sind Sie erreichbar?", locale="de-DE"))
    assert "denn „Nicht stören“ ist eingeschaltet" in disturbed
    assert "Das endet um 15:00" in disturbed
    await talk.say("redirect to 030 23125 803", "go to")
    assert "they go to +493023125803" in shown(await talk.say("am i reachable", "Are you reachable?"))


async def test_the_language_stays_as_chosen(talk: Talk) -> None:
    chosen = await talk.say("Sprache Deutsch", "Ich antworte ab jetzt auf Deutsch")
    assert "Was ich verstehe" in shown(await talk.say("help", "Was ich verstehe"))
    await talk.click(chosen, "undo")
    assert "What I understand" in shown(await talk.say("help", "What I understand"))


async def test_notices_quiet_hours_and_digest(talk: Talk) -> None:
    preferences = talk.world.service.use_cases.preferences
    off = await talk.say("notices missed off", "What I tell you")
    assert not (await preferences.of(ANNA_KEY)).missed
    await talk.say("Ruhezeit von 20 bis 7 Uhr", "Was ich Ihnen melde", locale="de-DE")
    await talk.say("digest at 18:00", "What I tell you")
    choices = await preferences.of(ANNA_KEY)
    assert (choices.missed, choices.incoming, choices.quiet, choices.digest) == (False, True, (1200, 420), 1080)
    await talk.say("quiet 18-8", "What I tell you")
    assert (await preferences.of(ANNA_KEY)).quiet == (1080, 480)
    await talk.say("digest off", "What I tell you")
    await talk.say("Ruhezeit aus", "Was ich Ihnen melde", locale="de-DE")
    await talk.click(off, "undo")
    choices = await preferences.of(ANNA_KEY)
    assert (choices.missed, choices.quiet, choices.digest) == (True, None, None)


# ------------------------------------------------------------------ signed out


async def test_without_a_sign_in_every_command_leads_to_one(shared: World) -> None:
    jonas = Talk(shared, shared.microsoft.user("jonas.weber"))
    for text in (
        "history", "missed", "voicemail", "find Lena", "who is 12", "presence of Lena", "colleagues", "phones", "use desk",
        "redirects", "redirect off", "redirect to 12", "dnd", "am i reachable", "hold", "forward to 12", "conference", "redial",
        "call back", "call Lena", "call 12",
    ):  # fmt: skip
        sent = await jonas.say(text, "Please sign in to STARFACE first")
        assert card_of(sent)["actions"][0]["data"]["dialog"] == "sign_in"
    assert shared.pbx.pbx.calls.of("0002") == []
