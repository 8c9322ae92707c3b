"""No log line holds a token, a URL's query, a number or a name, whoever writes it and however."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bridge import logs

TOKEN = "0001:" + "a9805112dba82d9346f52215c056c87988ce49673ce751400bf0ffa06f0e2bf0" * 2
URL = f"http://10.1.2.3/xml-rpc?de.vertico.starface.auth={TOKEN}"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    logs.set_up_logs("DEBUG", "json", stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def test_an_own_event_holds_only_allowed_fields(lines: io.StringIO) -> None:
    logs.logger("bridge.test").info("signed_in", pbx="p1", password="hunter2", number="+4971112345", name="Max Müller")
    line = json.loads(lines.getvalue())
    assert line["event"] == "signed_in"
    assert line["pbx"] == "p1"
    assert not {"password", "number", "name"} & set(line)


@pytest.mark.parametrize(
    "message",
    [
        f"GET {URL} failed",
        f"Authorization: Bearer {TOKEN}",
        "calling +49 711 4605430 now",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "password=hunter2",
    ],
)
def test_a_foreign_record_is_searched(lines: io.StringIO, message: str) -> None:
    logging.getLogger("some.library").error(message)
    text = lines.getvalue()
    assert text
    assert not any(part in text for part in (TOKEN, "460543", "eyJzdWIi", "hunter2"))


def test_arguments_of_foreign_records_are_never_printed(lines: io.StringIO) -> None:
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "Max Müller")
    assert "Müller" not in lines.getvalue()
    assert "Error handling request" in lines.getvalue()


def test_an_exception_shows_class_and_place_but_not_its_text(lines: io.StringIO) -> None:
    try:
        raise ValueError(URL)
    except ValueError as error:
        try:
            raise RuntimeError("wrong password hunter2") from error
        except RuntimeError:
            logging.getLogger("x").exception("boom")
            logs.logger("y").error("boom", exc_info=True)
    text = lines.getvalue()
    assert text.count("RuntimeError from ValueError") == 2
    assert "hunter2" not in text
    assert TOKEN not in text


def test_a_line_is_one_line_and_bounded(lines: io.StringIO) -> None:
    logs.logger("bridge.test").warning("odd", reason="first\nsecond\x1b[31m" + "x" * 500)
    assert lines.getvalue().count("\n") == 1
    assert "\x1b" not in lines.getvalue()
    assert len(json.loads(lines.getvalue())["reason"]) <= logs.MAXIMUM_FIELD
