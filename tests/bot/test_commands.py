"""The parser: synonyms in both languages, forgiving spelling, never an exception, never a call that nobody asked for."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands import Intent, Want, is_number, read_command

CALLING = ("call", "dial", "phone", "ring", "ruf", "klingl", "anruf", "waehl", "wähl", "telefonier")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("help", Want.HELP), ("Hilfe!", Want.HELP), ("/help", Want.HELP), ("„Hilfe“", Want.HELP), ("Hi", Want.HELP),
        ("?", Want.HELP),
        ("sign in", Want.SIGN_IN), ("Sign  In.", Want.SIGN_IN), ("login", Want.SIGN_IN), ("anmelden", Want.SIGN_IN),
        ("bitte anmelden", Want.SIGN_IN), ("anmelden bei STARFACE", Want.SIGN_IN), ("log in to the phone system", Want.SIGN_IN),
        ("sign out", Want.SIGN_OUT), ("Abmelden", Want.SIGN_OUT), ("logout please", Want.SIGN_OUT),
        ("status", Want.STATUS), ("Mein Status", Want.STATUS), ("bin ich angemeldet", Want.STATUS),
        ("calls", Want.CALLS), ("Gespräche", Want.CALLS), ("gespraeche", Want.CALLS), ("meine Anrufe", Want.CALLS),
        ("hang up", Want.HANG_UP), ("hangup", Want.HANG_UP), ("Auflegen", Want.HANG_UP), ("leg auf", Want.HANG_UP),
        ("beende das Gespräch", Want.HANG_UP), ("Danke", Want.THANKS), ("", Want.NOTHING), ("   \n", Want.NOTHING),
        ("<at>STARFACE</at>  ", Want.NOTHING), ("<at>STARFACE</at> help", Want.HELP), ("<p>status</p>", Want.STATUS),
        ("&lt;b&gt;", Want.UNKNOWN), ("call", Want.CALL_WHOM), ("anrufen", Want.CALL_WHOM), ("call Anna", Want.CALL_NAME),
        ("ruf Anna an", Want.CALL_NAME), ("tell me a joke", Want.UNKNOWN), ("Rechnung 4711", Want.UNKNOWN), ("12", Want.UNKNOWN),
    ],
)  # fmt: skip
def test_phrases(text: str, want: Want) -> None:
    assert read_command(text).want is want


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("call +49 721 123-45", "+49 721 123-45"), ("Call (0721) 12345", "(0721) 12345"), ("dial 0001", "0001"), ("call 9", "9"),
        ("please call 0721/12345", "0721/12345"), ("call the number 0721", "0721"), ("call tel:+4972112", "+4972112"),
        ("call+4972112", "+4972112"), ("call: 0721", "0721"), ("anrufen 0721", "0721"), ("anrufe 0721", "0721"),
        ("ruf 0721 an", "0721"), ("Rufe bitte 0721/12 an!", "0721/12"), ("0721 12 anrufen", "0721 12"), ("wähle 112", "112"),
        ("waehle *21#", "*21#"), ("call 0721–12", "0721-12"), ("call 0721\u00a012", "0721 12"), ("call ＋４９７２１", "+49721"),
        ("„anrufen 0721“", "0721"), ("telefoniere 0721", "0721"),
    ],
)  # fmt: skip
def test_calls(text: str, number: str) -> None:
    assert read_command(text) == Intent(Want.CALL, number)


@pytest.mark.parametrize(
    "text",
    [
        "don't call 112", "do not call 112", "never call 112", "ruf nicht 112 an", "bitte nicht anrufen 112", "call 112 people",
        "I will call 112 later", "who did call 112", "recall 112", "callback 112", "call 112 or 110", "0721 12 nicht anrufen",
        "call of duty 4", "my number is 112, call it", "call me maybe 112", "112", "+49 721 12345", "call 1" + "2" * 60,
    ],
)  # fmt: skip
def test_sentences_that_do_not_say_so_are_no_calls(text: str) -> None:
    assert read_command(text).want is not Want.CALL


@pytest.mark.parametrize(
    "text",
    [
        "my password is x", "Passwort: geheim", "Kennwort geheim", "pwd=abc", "PIN 4711", "login 0001 geheim", "sign in 0001",
        "anmelden 0001 geheim", "user name anna", "Zugangsdaten: 0001/abc", "password " + "x " * 300,
    ],
)  # fmt: skip
def test_passwords_are_recognised_and_not_repeated(text: str) -> None:
    assert read_command(text) == Intent(Want.SECRET)


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text()), st.dictionaries(st.text(), st.text())))
@settings(max_examples=400, deadline=None)
@example("<" * 5000)
@example("<at>" * 5000)
@example("call " + " " * 5000 + "1")
@example("anmelden " + "an in " * 60 + "x")
@example("call " + "0-" * 2000)
def test_nothing_makes_it_fail(text: object) -> None:
    intent = read_command(text)
    assert len(intent.number) <= 40


@given(st.text(alphabet="callruf anmelde0123456789+*#()/-.,?!nothicbe\n", max_size=60))
@settings(max_examples=1500, deadline=None)
def test_a_call_has_a_word_for_calling_and_the_number_as_written(text: str) -> None:
    intent = read_command(text)
    if intent.want is Want.CALL:
        assert text.casefold().lstrip(" \n/?!.,").startswith(CALLING) or text.casefold().rstrip(" \n!?.,").endswith(
            ("call", "dial", "anrufen")
        )
        assert is_number(intent.number)
        assert "not" not in text.casefold()
        assert "nicht" not in text.casefold()
        digits = "".join(filter(str.isdigit, intent.number))
        assert digits == "".join(filter(str.isdigit, text))
