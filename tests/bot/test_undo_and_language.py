"""What is kept for a moment: how things were, and the language chosen; gone after their time, and never in the way."""

from __future__ import annotations

from datetime import timedelta

from bot.cards import Cards
from bot.languages import FRESH_FOR, Languages
from bot.reply import Turn
from bot.undo import KEPT, Undo
from bridge.errors import Unavailable
from bridge.model.ids import PersonId, TenantId, UserKey
from tests.bot.conftest import TEXTS, handle_of, texts_of
from tests.bot.desk import FakeOnce

ANNA = UserKey(TenantId("t"), PersonId("a"))
JONAS = UserKey(TenantId("t"), PersonId("j"))


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_what_was_is_kept_for_ten_minutes_for_one_person_and_given_once() -> None:
    once = FakeOnce()
    undo = Undo(once, handle_of)
    await undo.keep(ANNA, "nonce", {"kind": "dnd", "enabled": False})
    assert set(once.lives.values()) == {KEPT} == {timedelta(minutes=10)}
    assert await undo.take(JONAS, "nonce") is None
    assert await undo.take(ANNA, "other") is None
    assert await undo.take(ANNA, "nonce") == {"kind": "dnd", "enabled": False}
    assert await undo.take(ANNA, "nonce") is None


async def test_a_change_without_a_way_back_is_still_told() -> None:
    once = FakeOnce()
    turn = Turn(ANNA, Cards(TEXTS, "en"))
    offered = await Undo(once, handle_of).changed(turn, "Done.", {"kind": "dnd"}, ["More."])
    assert "Undo" in texts_of(offered.card)
    assert "More." in texts_of(offered.card)
    once.away = Unavailable()
    told = await Undo(once, handle_of).changed(turn, "Done.", {"kind": "dnd"})
    assert texts_of(told.card).split() == ["Done."]


async def test_the_language_chosen_in_one_process_is_spoken_by_another() -> None:
    once, clock = FakeOnce(), Clock()
    here, there = Languages(once, handle_of, clock), Languages(once, handle_of, clock)
    assert await there.of(ANNA, "en-US") == "en-US"
    await here.choose(ANNA, "de")
    assert await here.of(ANNA, "en-US") == "de"
    assert await here.of(JONAS, "en-US") == "en-US"
    clock.now += FRESH_FOR
    assert await there.of(ANNA, "en-US") == "de"
    await there.choose(ANNA, "")
    assert await there.of(ANNA, "fr-FR") == "fr-FR"
    assert await there.chosen(ANNA) == ""


async def test_a_store_that_is_away_leaves_the_clients_language() -> None:
    once = FakeOnce()
    languages = Languages(once, handle_of, Clock())
    once.away = Unavailable()
    assert await languages.of(ANNA, "de-DE") == "de-DE"
