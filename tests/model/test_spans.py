"""Parts of a file, as readers ask for them."""

import pytest

from bridge.model.spans import Span, read_content_range, read_span


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("bytes=0-99", Span(0, 99)), ("bytes=100-", Span(100, None)), ("bytes=-50", Span(None, 50)),
        (" bytes = 1 - 2 ", Span(1, 2)),
        (None, None), ("", None), ("bytes=-", None), ("bytes=5-4", None), ("bytes=0-1,3-4", None), ("items=0-1", None),
        ("bytes=a-b", None), ("bytes=0-9999999999999999", None), ("bytes=٣-", None),
    ],
)  # fmt: skip
def test_what_is_asked_for(written: str | None, span: Span | None) -> None:
    assert read_span(written) == span


@pytest.mark.parametrize(
    ("span", "part"),
    [
        (Span(0, 99), (0, 100)), (Span(900, None), (900, 100)), (Span(900, 5000), (900, 100)), (Span(None, 10), (990, 10)),
        (Span(None, 5000), (0, 1000)), (Span(1000, None), None), (Span(None, 0), None),
    ],
)  # fmt: skip
def test_what_of_it_is_there(span: Span, part: tuple[int, int] | None) -> None:
    assert span.within(1000) == part


def test_as_it_is_passed_on() -> None:
    assert [Span(0, 99).header, Span(5, None).header, Span(None, 7).header] == ["bytes=0-99", "bytes=5-", "bytes=-7"]


@pytest.mark.parametrize(
    ("written", "part"),
    [("bytes 5-9/10", (5, 5, 10)), ("bytes 5-10/10", None), ("bytes 9-5/10", None), ("bytes */10", None), ("", None)],
)
def test_which_part_came(written: str, part: tuple[int, int, int] | None) -> None:
    assert read_content_range(written) == part
