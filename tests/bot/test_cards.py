"""Cards are pure: data from outside is shown as it is, rules are kept, both languages say everything."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.cards import Cards, local_time
from bot.elements import MAXIMUM_LITERAL, literal, plain
from bot.face import TEXTS as FOLDER
from bridge.errors import BridgeError, EndReason
from bridge.model.calls import Call
from bridge.model.ids import CallId
from bridge.model.telephony import CallState, Direction, Party
from tests.bot.card_rules import faults_of
from tests.bot.conftest import TEXTS, texts_of
from tests.bot.desk import NOW, pbx_of

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "**bold**",
    "# title",
    "- item",
    "1. item",
    "a\nb",
    "`code`",
    "\u202egnp.exe",
]


def shown_by_markdown(text: str) -> str:
    html = MarkdownIt("commonmark", {"html": False}).renderInline(text)
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_names_are_shown_literally(value: str) -> None:
    flat = " ".join(value.replace("\u202e", " ").split())
    assert shown_by_markdown(literal(value)) == flat


@given(st.text(max_size=200))
def test_no_text_becomes_markup(value: str) -> None:
    html = MarkdownIt("commonmark", {"html": False}).render(literal(value))
    assert re.sub(r"</?p>", "", html).count("<") == 0
    assert len(plain(value)) <= MAXIMUM_LITERAL


@pytest.mark.parametrize("locale", ["de-DE", "en-US", "fr-FR", ""])
@pytest.mark.parametrize("value", HOSTILE)
def test_every_card_with_hostile_data_keeps_the_rules(locale: str, value: str) -> None:
    cards, pbx = Cards(TEXTS, locale), pbx_of("t", value)
    call = Call(CallId(value), CallState.CONNECTED, Direction.INBOUND, Party(value, value), NOW)
    made = [
        cards.welcome(), cards.help(), cards.sign_in("why", value), cards.signed_in(pbx, NOW),
        cards.resume_offer(pbx, None, value, "n"),
        cards.status(None, NOW, ["x"]), cards.offer_call(value, "n"), cards.placed(value, "c", "n"), cards.hung_up(value),
        cards.hung_up(""), cards.calls([call] * 7, "n"), cards.calls([call], "n", question=True), cards.notice("x"),
    ]  # fmt: skip
    assert [faults_of(card) for card in made] == [[]] * len(made)


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("direction", list(Direction))
def test_every_state_of_a_call_has_words(state: CallState, direction: Direction) -> None:
    call = Call(CallId("c"), state, direction, Party(), NOW)
    for locale in ("de", "en"):
        assert "call-" not in texts_of(Cards(TEXTS, locale).calls([call], "n"))


def test_every_refusal_has_words() -> None:
    def below(kind: type[BridgeError]) -> list[type[BridgeError]]:
        return [kind, *(deeper for sub in kind.__subclasses__() for deeper in below(sub))]

    for kind in below(BridgeError):
        assert TEXTS.has(f"error-{kind.code}")
    for reason in EndReason:
        assert TEXTS.has(f"error-signed_out-{reason.value}")


def test_both_languages_have_the_same_sentences_with_the_same_facts() -> None:
    def read(language: str) -> dict[str, list[str]]:
        lines = (Path(FOLDER) / f"{language}.ftl").read_text(encoding="utf-8").splitlines()
        named = [line.split(" = ", 1) for line in lines if " = " in line and not line.startswith("#")]
        return {name: sorted(re.findall(r"\$\w+", text)) for name, text in named}

    assert read("de") == read("en")
    assert len(read("de")) > 60


def test_times_are_written_by_the_client() -> None:
    moment = datetime(2026, 11, 22, 23, 5, 7, tzinfo=UTC)
    assert local_time(moment) == "{{DATE(2026-11-22T23:05:07Z, SHORT)}} {{TIME(2026-11-22T23:05:07Z)}}"
