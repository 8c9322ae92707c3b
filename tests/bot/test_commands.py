"""The parser: synonyms in both languages, forgiving spelling, never an exception, never a call that nobody asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands import Intent, Want, is_number, nearest, read_command
from bot.phrases import CALL_WORDS, EXACT, KNOWN, NEGATIONS, NOTICE_KINDS, PLACING
from bot.times import Until, read_until
from bot.words import plain

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
        assert not NEGATIONS & set(text.casefold().split())
        digits = "".join(filter(str.isdigit, intent.number))
        assert digits == "".join(filter(str.isdigit, text))


# ------------------------------------------------------------------ names, times and slips


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call Anna Schmidt", Intent(Want.CALL_NAME, name="Anna Schmidt")),
        ("Ruf bitte Frau Köhler an", Intent(Want.CALL_NAME, name="Köhler")),
        ("call back Lena", Intent(Want.CALL_NAME, name="Lena")),
        ("call back 0721 1", Intent(Want.CALL, "0721 1")),
        ("call [0721] 12-3", Intent(Want.CALL, "[0721] 12-3")),
        ("redial", Intent(Want.REDIAL)),
        ("Wahlwiederholung", Intent(Want.REDIAL)),
        ("call back", Intent(Want.CALL_BACK)),
        ("Zurückrufen", Intent(Want.CALL_BACK)),
        ("hold", Intent(Want.HOLD)),
        ("Gespräch halten", Intent(Want.HOLD)),
        ("forward to Anna", Intent(Want.FORWARD, name="Anna")),
        ("transfer the call to 0721 1", Intent(Want.FORWARD, "0721 1")),
        ("Verbinde mich mit Jürgen Groß", Intent(Want.FORWARD, name="Jürgen Groß")),
        ("an 11 weiterleiten", Intent(Want.FORWARD, "11")),
        ("Konferenz", Intent(Want.CONFERENCE)),
        ("history", Intent(Want.HISTORY)),
        ("verpasste Anrufe", Intent(Want.MISSED)),
        ("voicemail", Intent(Want.VOICEMAIL)),
        ("who is (0721) 123?", Intent(Want.WHO_IS, "(0721) 123")),
        ("Wer ist Anna?", Intent(Want.FIND, name="Anna")),
        ("find max", Intent(Want.FIND, name="max")),
        ("presence of Lena Köhler", Intent(Want.PRESENCE, name="Lena Köhler")),
        ("Ist Lena da?", Intent(Want.PRESENCE, name="Lena")),
        ("status of my phone", Intent(Want.STATUS)),
        ("Am I reachable?", Intent(Want.REACHABLE)),
        ("Bin ich erreichbar?", Intent(Want.REACHABLE)),
        ("dnd", Intent(Want.DND, on=True)),
        ("Nicht stören aus", Intent(Want.DND, on=False)),
        ("don't disturb", Intent(Want.DND, on=True)),
        ("do not disturb until 3 pm", Intent(Want.DND, until=Until(15), on=True)),
        ("dnd for 30 minutes", Intent(Want.DND, until=Until(minutes=30), on=True)),
        ("dnd until soon", Intent(Want.WHEN)),
        ("redirect to 0721 1 until 15:00", Intent(Want.REDIRECT, "0721 1", until=Until(15))),
        ("forward to Anna until 15:00", Intent(Want.REDIRECT, name="Anna", until=Until(15))),
        ("Umleitung auf Voicemail", Intent(Want.REDIRECT, kind="voicemail")),
        ("Umleitung aus", Intent(Want.REDIRECT_OFF)),
        ("alle Anrufe auf Anna umleiten", Intent(Want.REDIRECT, name="Anna")),
        ("leite Anrufe an 11 um", Intent(Want.REDIRECT, "11")),
        ("call forwarding to 11", Intent(Want.REDIRECT, "11")),
        ("phones", Intent(Want.PHONES)),
        ("use my desk phone", Intent(Want.USE_PHONE, name="desk phone")),
        ("Sprache Englisch", Intent(Want.LANGUAGE, kind="en")),
        ("notices missed off", Intent(Want.NOTICES, kind="missed", on=False)),
        ("Ruhezeit von 20 bis 7 Uhr", Intent(Want.QUIET_HOURS, on=True, span=((20, 0), (7, 0)))),
        ("Ruhe 18-8", Intent(Want.QUIET_HOURS, on=True, span=((18, 0), (8, 0)))),
        ("Ruhe bis 15 Uhr", Intent(Want.DND, until=Until(15), on=True)),
        ("quiet hours off", Intent(Want.QUIET_HOURS, on=False)),
        ("digest at 18:00", Intent(Want.DIGEST, on=True, span=((18, 0), (18, 0)))),
        ("what is the weather", Intent(Want.UNKNOWN)),
        ("forward to Till", Intent(Want.FORWARD, name="Till")),
    ],
)
def test_commands_that_name_somebody_or_a_time(text: str, expected: Intent) -> None:
    assert read_command(text) == expected


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("stauts", Want.STATUS),
        ("hlep", Want.HELP),
        ("auflgen", Want.HANG_UP),
        ("hang uo", Want.HANG_UP),
        ("sing in", Want.SIGN_IN),
        ("anmeldne", Want.SIGN_IN),
        ("verpaste anrufe", Want.MISSED),
        ("redirct to Anna", Want.REDIRECT),
        ("prsence of Anna", Want.PRESENCE),
        ("konfernz", Want.CONFERENCE),
        ("nicht stoern bis 15 Uhr", Want.DND),
        ("histroy", Want.HISTORY),
    ],
)
def test_a_slip_of_the_finger_is_forgiven(text: str, want: Want) -> None:
    assert read_command(text).want is want


@pytest.mark.parametrize(
    "text",
    [
        "clal Anna",
        "cal 0721 12",
        "redail",
        "callbak",
        "wahlwiderholung",
        "anrfen 0721 12",
        "rfu Anna an",
        "calls 0721 12",
        "bold",
        "told",
        "fold",
    ],
)
def test_no_slip_places_a_call_or_holds_one(text: str) -> None:
    intent = read_command(text)
    assert intent.want not in PLACING | {Want.HOLD}


@pytest.mark.parametrize(
    "text",
    ["call nobody", "call Anna not", "ruf Anna nicht an", "ruf niemanden an", "please never call Anna", "call no one"],
)
def test_a_sentence_that_denies_is_no_call(text: str) -> None:
    assert read_command(text).want not in PLACING


@pytest.mark.parametrize(
    ("text", "expected"),
    [("redail", Want.REDIAL), ("voicemial please", Want.VOICEMAIL), ("missd", Want.MISSED), ("xyz", Want.CALL_WHOM)],
)
def test_an_unknown_line_gets_the_nearest_three(text: str, expected: Want) -> None:
    found = nearest(text)
    assert len(set(found)) == 3
    assert found[0] is expected


def test_words_for_calling_are_no_words_of_other_commands() -> None:
    assert {want for phrase, want in EXACT.items() if want in PLACING} <= PLACING
    assert {"call", "anrufen", "redial", "callback", "ruf", "rufe"} <= CALL_WORDS
    assert set(NOTICE_KINDS.values()) == {"incoming", "missed", "voicemail", "sign_in", "presence"}


WORDS = sorted(
    KNOWN
    | CALL_WORDS
    | NEGATIONS
    | {"to", "an", "um", "bis", "until", "15:00", "for", "2", "hours", "anna", "0721", "123", "off", "aus"}
)
CALLING_WORDS = ("call", "dial", "phone", "ring", "ruf", "klingl", "anruf", "waehl", "telefonier")
AT_THE_END = ("anrufen", "zurueckrufen", "waehlen", "call", "dial")


def says_so(text: str) -> bool:
    words = plain(text)
    return words in EXACT or words.startswith(CALLING_WORDS) or words.endswith(AT_THE_END)


@given(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join))
@settings(max_examples=2000, deadline=None)
def test_no_sentence_of_known_words_places_a_call_unless_it_says_so(text: str) -> None:
    intent = read_command(text)
    if intent.want in PLACING:
        assert says_so(text)
        assert not NEGATIONS & set(plain(text).split())
    assert not (intent.number and intent.name)
    assert len(intent.name) <= 80


@given(
    st.sampled_from(sorted(EXACT)),
    st.integers(0, 20),
    st.sampled_from("abcdefgklnorstuw "),
    st.sampled_from(["swap", "drop", "add", "change"]),
)
@settings(max_examples=2000, deadline=None)
def test_a_slip_never_turns_a_line_into_a_call(phrase: str, at: int, letter: str, slip: str) -> None:
    at %= len(phrase)
    end = {"swap": phrase[at + 1 : at + 2] + phrase[at], "drop": "", "add": letter + phrase[at], "change": letter}[slip]
    text = phrase[:at] + end + phrase[at + (2 if slip == "swap" else 1) :]
    if read_command(text).want in PLACING:
        assert says_so(text)


@given(st.text(alphabet="untilbsmorgewuhr0123456789:. apfornd", max_size=60))
@settings(max_examples=1500, deadline=None)
def test_any_time_is_a_time_or_none(text: str) -> None:
    rest, until, unread = read_until(text)
    assert len(rest) <= len(text)
    assert not (until is not None and unread)
    if until is not None:
        now = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
        assert now < until.moment(now, ZoneInfo("Europe/Berlin")) <= now + timedelta(hours=49)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("until 15:00", "22 15:00"),
        ("bis 15 Uhr", "22 15:00"),
        ("bis 14 Uhr", "23 14:00"),
        ("until 3", "22 15:00"),
        ("until 3 am", "23 03:00"),
        ("bis morgen 8 Uhr", "23 08:00"),
        ("bis morgen", "23 08:00"),
        ("until noon", "23 12:00"),
        ("bis mitternacht", "23 00:00"),
        ("for 2 hours", "22 16:30"),
        ("für 30 minuten", "22 15:00"),
        ("half past", ""),
        ("until 25:00", "?"),
        ("for half an hour", "22 15:00"),
    ],
)
def test_times_are_those_of_the_persons_clock(text: str, at: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 22, 14, 30, tzinfo=berlin)
    _, until, unread = read_until(plain(text))
    if at in {"", "?"}:
        assert (until, unread) == (None, at == "?")
        return
    assert until is not None
    assert f"{until.moment(now, berlin).astimezone(berlin):%d %H:%M}" == at
