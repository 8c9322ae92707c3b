"""Each benchmark runs in its smallest form and says what it measured; nothing is asserted about how long anything took."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bench.__main__ import FILES, files_of
from infra.bench.calls import STATES, Caller
from infra.bench.figures import Figure, compared, table
from infra.bench.http_load import answer_end
from infra.bench.plan import Plan

ROOT = Path(__file__).parent.parent.parent
KEYS = {"metric", "ours", "peer", "ratio", "limit"}


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_benchmark_prints_a_json_line_for_each_row(file: str) -> None:
    command = [sys.executable, "-m", f"infra.bench.{file}", "--tiny"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"metric"')]
    assert rows
    for row in rows:
        assert row.keys() >= KEYS
        assert row["metric"][:2] in FILES[file], row
        assert row["ours"] is not None
    assert {row["metric"][:2] for row in rows} == set(FILES[file])


def test_a_row_beyond_its_bound_is_told_as_missed() -> None:
    assert compared("P", [3.0, 4.0, 5.0], [2.0, 2.0, 2.0], limit=1.5).verdict == "held"
    assert compared("P", [2.0, 2.0, 9.0], [2.0, 2.0, 2.0], limit=1.5).verdict == "MISSED"
    assert compared("P", [2.0], [1.0], limit=1.5, sense="at most").verdict == "MISSED"
    assert compared("P", [1.0], [1.0], limit=1.5, sense="at most").verdict == "held"
    assert compared("P", [9.0], [1.0], limit=1.5, sound=False).verdict == "MISSED"
    assert Figure("P", 1.0, None, None, 1.5).verdict == "not run"
    assert compared("P", [1.0], [1.0]).verdict == "-"


def test_rounds_are_compared_with_their_own_peer_before_the_median_is_taken() -> None:
    row = compared("P", [10.0, 200.0, 30.0], [10.0, 100.0, 10.0])
    assert (row.ours, row.peer, row.ratio, row.spread) == (30.0, 10.0, 2.0, (1.0, 3.0))


def test_a_row_comes_back_from_its_line_and_stands_in_the_table() -> None:
    row = compared("P4 event", [2000.0], [1000.0], limit=2.0, against="the other", note="a remark")
    assert Figure.read(row.line()) == row
    text = table([row], {"machine": "one"})
    assert "P4 event" in text
    assert "held" in text
    assert "2.00 (2.00-2.00)" in text


def test_both_sides_have_as_many_turns_and_begin_by_turns() -> None:
    turns = list(Plan(rounds=4).turns())
    assert turns.count(True) == turns.count(False) == 4
    assert turns[0] is not turns[2]


def test_rows_are_found_by_number_or_file() -> None:
    assert files_of([]) == list(FILES)
    assert files_of(["P4"]) == ["xml_rpc"]
    assert files_of(["stall"]) == ["stall"]
    assert files_of(["P9"]) == [file for file, rows in FILES.items() if "P9" in rows]


def test_an_event_is_a_whole_request_with_its_stamp_and_number() -> None:
    caller = Caller(7, "/uci/a.b?user=0001&auth=0001%3Aff", "127.0.0.1")
    events = [caller.next_event() for _ in range(len(STATES) + 1)]
    for number, event in enumerate(events):
        head, _, body = event.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /uci/a.b?user=0001&auth=0001%3Aff HTTP/1.1")
        assert f"Content-Length: {len(body)}".encode() in head
        assert b";000007;%010d@" % number in body
    assert events[0].count(b"000000000000") == 1
    assert b"000000000001" in events[-1]
    assert caller.sent == len(events)


def test_the_end_of_an_answer_is_known_before_it_has_come() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert answer_end(head[:-1]) == 0
    assert answer_end(head) == len(head) + 5
    assert answer_end(head + b"12345") == len(head) + 5
