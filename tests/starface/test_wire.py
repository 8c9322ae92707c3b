"""The codec: recorded examples, round trips, anything at all, and its bounds."""

import gc
import math
import time
import tracemalloc
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.starface.moments import read_date
from bridge.starface.wire import (
    ANSWER_LIMIT,
    DEPTH_LIMIT,
    EVENT_LIMIT,
    Fault,
    WireError,
    decode_answer,
    decode_call,
    encode_answer,
    encode_call,
)

FOLDER = Path(__file__).parent.parent / "wire"
FILES = sorted(FOLDER.glob("*.xml"))
NOON = datetime(2024, 5, 7, 9, 15, 2, tzinfo=UTC)
CALL = "7f0c9c1e-5a0e-4a8c-9a0e-0d6f8f0a1b2c"

VALUES: dict[str, Any] = {
    "answer_true": True,
    "answer_true_as_i4": 1,
    "answer_true_as_word": True,
    "answer_false": False,
    "answer_empty_string": "",
    "answer_nil": None,
    "answer_empty_params": None,
    "answer_without_params": None,
    "answer_empty_struct": {},
    "answer_double": 444.0,
    "answer_base64_with_line_breaks": b"\x89PNG\r\n",
    "answer_ids": [CALL, "0a9d2b44-1c1f-4c39-8b8e-7a1f8f0a9e11"],
    "answer_no_ids": [],
    "answer_value_before_name": {"state": "CONNECTED"},
    "answer_version": "10.0.0.4",
    "answer_byte_order_mark": True,
}


def test_the_folder_holds_examples_of_every_kind() -> None:
    kinds = {path.name.partition("_")[0] for path in FILES}
    assert kinds == {"answer", "bad", "event", "fault"}
    assert len(FILES) >= 70


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recorded_example_is_what_its_name_says(path: Path) -> None:
    body = path.read_bytes()
    match path.name.partition("_")[0]:
        case "event":
            method, params = decode_call(body)
            assert "." in method
            assert all(not isinstance(param, Fault) for param in params)
        case "answer":
            assert not isinstance(decode_answer(body), Fault)
        case "fault":
            assert isinstance(decode_answer(body), Fault)
        case _:
            for decode in (decode_call, decode_answer):
                with pytest.raises(WireError):
                    decode(body)


@pytest.mark.parametrize("name", VALUES)
def test_recorded_answers_have_their_value(name: str) -> None:
    value = decode_answer((FOLDER / f"{name}.xml").read_bytes())
    assert value == VALUES[name]
    assert type(value) is type(VALUES[name])


def test_a_call_list_is_read_with_its_dates() -> None:
    value = decode_answer((FOLDER / "answer_call_list.xml").read_bytes())
    assert isinstance(value, dict)
    assert value["totalCount"] == 2
    entries = value["entries"]
    assert isinstance(entries, list)
    assert [entry["startTime"] for entry in entries if isinstance(entry, dict)] == [NOON, NOON]


def test_a_fault_shows_its_code_and_never_its_text() -> None:
    fault = decode_answer((FOLDER / "fault_right_missing.xml").read_bytes())
    assert isinstance(fault, Fault)
    assert fault.text.startswith("UciIllegalAccessException")
    assert "UciIllegal" not in repr(fault)


# ------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    "written",
    [
        "20240507T09:15:02",
        "2024-05-07T09:15:02",
        "2024-05-07T09:15:02Z",
        "2024-05-07 09:15:02",
        "20240507T091502",
        "20240507T09:15:02.123",
        "20240507T11:15:02+0200",
        "2024-05-07T11:15:02+02:00",
        "20240507T04:15:02-05",
        " 20240507T09:15:02 ",
        "20240507T09:15:02Z",
    ],
)
def test_the_spellings_of_a_moment_are_one_moment(written: str) -> None:
    assert read_date(written) == NOON


@pytest.mark.parametrize("written", ["20240507", "2024-05-07"])
def test_a_date_without_time_is_midnight(written: str) -> None:
    assert read_date(written) == NOON.replace(hour=0, minute=0, second=0)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "20241307T09:15:02", "2024050T709:15:02", "00010101T00:00:00+1400", "2024" * 20, "20240507T25:15:02"],
)
def test_what_is_no_moment_is_none(written: str) -> None:
    assert read_date(written) is None


# ------------------------------------------------------------------ round trips

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
LETTERS = st.characters(codec="ascii", categories=["L"])
DATES = st.datetimes(
    NOON.replace(year=1, tzinfo=None), NOON.replace(year=9999, tzinfo=None), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))
SCALARS = TEXT | st.binary(max_size=40) | st.booleans() | st.integers(-(2**31), 2**31 - 1) | DATES
SENT = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


@settings(deadline=None)
@given(SENT)
def test_what_is_sent_is_read_back(value: Any) -> None:
    assert decode_answer(encode_answer(value)) == value
    assert decode_call(encode_call("ucp.v30.x", [value, value])) == ("ucp.v30.x", (value, value))


@settings(deadline=None)
@given(SENT)
def test_the_standard_library_reads_the_same(value: Any) -> None:
    (read,), method = xmlrpc.client.loads(encode_call("ucp.v30.x", [value]), use_builtin_types=True)
    assert method == "ucp.v30.x"
    assert read == _without_zones(value)


def _without_zones(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, list):
        return [_without_zones(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_zones(each) for name, each in value.items()}
    return value


@settings(deadline=None)
@given(st.dictionaries(st.text(LETTERS, min_size=1), st.integers(0, 9) | TEXT, max_size=8))
def test_what_the_standard_library_sends_is_read(struct: dict[str, Any]) -> None:
    body = xmlrpc.client.dumps((struct,), "a.b", encoding="utf-8", allow_none=True).encode()
    assert decode_call(body) == ("a.b", (struct,))


def test_a_date_in_another_zone_is_sent_in_utc() -> None:
    berlin = datetime(2024, 5, 7, 11, 15, 2, tzinfo=timezone(timedelta(hours=2)))
    assert b"20240507T09:15:02<" in encode_answer(berlin)


def test_a_double_is_sent_without_exponent() -> None:
    assert decode_answer(encode_answer(444.5)) == 444.5


@pytest.mark.parametrize(
    "value",
    [
        "\x00",
        "\x07 bell",
        "carriage\rreturn",
        "\ud800",
        "\uffff",
        {"\x01": "name"},
        2**31,
        -(2**31) - 1,
        math.nan,
        math.inf,
        datetime(2024, 5, 7, 9, 15, 2),  # noqa: DTZ001 - a moment without zone is what must be refused
        bytearray(b"bytes"),
        None,
        object(),
        {1, 2},
    ],
)
def test_what_xml_rpc_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(WireError):
        encode_answer(value)
    with pytest.raises(WireError):
        encode_call("a.b", [value])


def test_markup_in_a_value_or_name_stays_text() -> None:
    nasty = "</string></value><value>&amp;<![CDATA["
    assert decode_answer(encode_answer({nasty: nasty})) == {nasty: nasty}
    assert decode_call(encode_call(nasty))[0] == nasty


def test_a_value_that_is_nested_too_deeply_is_not_sent() -> None:
    value: Any = "x"
    for _ in range(DEPTH_LIMIT + 2):
        value = [value]
    with pytest.raises(WireError):
        encode_answer(value)


# ------------------------------------------------------------------ anything at all

TAGS = [
    b"value",
    b"struct",
    b"member",
    b"name",
    b"array",
    b"data",
    b"i4",
    b"int",
    b"i8",
    b"boolean",
    b"string",
    b"double",
]
TAGS += [
    b"dateTime.iso8601",
    b"base64",
    b"nil",
    b"params",
    b"param",
    b"fault",
    b"methodResponse",
    b"methodCall",
    b"methodName",
]
CRUMBS = st.sampled_from(
    [b"<" + tag + b">" for tag in TAGS]
    + [b"</" + tag + b">" for tag in TAGS]
    + [b"<" + tag + b"/>" for tag in TAGS]
    + [
        b"<?xml version='1.0' encoding='UTF-4'?>",
        b"<!DOCTYPE a>",
        b"<![CDATA[x]]>",
        b"&#0;",
        b"&lt;",
        b"1",
        b"true",
        b"-",
        b"\xff",
    ]
)
OPEN = b"<methodResponse><params><param><value>"
CLOSE = b"</value></param></params></methodResponse>"


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300) | st.lists(CRUMBS, max_size=24).map(b"".join))
@example(b"<?xml version='1.0' encoding='UTF-4'?><methodResponse/>")
@example("<methodResponse/>".encode("utf-16"))
@example(b"")
def test_any_bytes_give_a_value_or_a_wire_error(body: bytes) -> None:
    for decode in (decode_call, decode_answer):
        for whole in (body, OPEN + body + CLOSE):
            with suppress(WireError):
                decode(whole)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_prefix_of_an_example_is_a_value_or_a_wire_error(path: Path) -> None:
    body = path.read_bytes()
    for cut in range(0, len(body), 7):
        for decode in (decode_call, decode_answer):
            with suppress(WireError):
                decode(body[:cut])


# ------------------------------------------------------------------ bounds


def test_an_event_and_an_answer_have_their_limits() -> None:
    filler = b"<!-- " + b"x" * (EVENT_LIMIT - 80) + b" -->"
    fits = b"<methodCall>" + b"<methodName>a</methodName>" + filler + b"</methodCall>"
    assert decode_call(fits)[0] == "a"
    with pytest.raises(WireError, match="too large"):
        decode_call(b" " * EVENT_LIMIT + fits)
    with pytest.raises(WireError, match="too large"):
        decode_answer(b" " * (ANSWER_LIMIT + 1))


def test_the_depth_limit_is_the_depth_of_values() -> None:
    def nested(depth: int) -> bytes:
        return OPEN + b"<array><data><value>" * depth + b"x" + b"</value></data></array>" * depth + CLOSE

    assert decode_answer(nested(DEPTH_LIMIT)) is not None
    with pytest.raises(WireError, match="deep"):
        decode_answer(nested(DEPTH_LIMIT + 1))


HOSTILE = {
    "entities": (FOLDER / "bad_entity_bomb.xml").read_bytes(),
    "open tags": b"<methodResponse>" + b"<a>" * 20_000,
    "nested arrays": OPEN + b"<array><data><value>" * 3_000,
    "one long tag": b"<methodResponse " + b"a" * 60_000,
    "attributes": b"<methodResponse " + b" ".join(b"a%d=''" % i for i in range(6_000)) + b"/>",
    "long number": OPEN + b"<i4>" + b"9" * 60_000 + b"</i4>" + CLOSE,
    "references": OPEN + b"&#65;" * 12_000 + CLOSE,
    "integers": OPEN + b"<array><data>" + b"<value><i4>1</i4></value>" * 2_500 + b"</data></array>" + CLOSE,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_of_an_event_costs_little(name: str) -> None:
    """The bound on time is wide: it stands for "no explosion", the benchmarks measure."""
    body = HOSTILE[name]
    assert len(body) <= EVENT_LIMIT
    tracemalloc.start()
    begun = time.perf_counter()
    with suppress(WireError):
        decode_answer(body, EVENT_LIMIT)
    spent = time.perf_counter() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 0.5
    assert peak < 5 * 1024 * 1024


@pytest.mark.parametrize("body", [encode_answer(["x"] * 2_000), b"<methodResponse>" + b" " * 9_000])
def test_the_collector_is_as_it_was_after_a_large_answer(body: bytes) -> None:
    for turn, was_on in ((gc.enable, True), (gc.disable, False)):
        turn()
        try:
            with suppress(WireError):
                decode_answer(body)
            assert gc.isenabled() is was_on
        finally:
            gc.enable()


def test_large_answers_are_read_in_several_threads_at_once() -> None:
    body = encode_answer([{"id": str(number)} for number in range(1_000)])
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(decode_answer, [body] * 40))
    assert all(answer == answers[0] for answer in answers)
    assert gc.isenabled()


def test_a_tag_with_very_many_attributes_is_refused_unread() -> None:
    body = b"<methodResponse " + b" ".join(b"a%d=''" % i for i in range(150_000)) + b"/>"
    begun = time.perf_counter()
    with pytest.raises(WireError, match="attributes"):
        decode_answer(body)
    assert time.perf_counter() - begun < 0.05
