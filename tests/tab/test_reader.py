"""Snapshot, then events: whoever comes late or misses a beginning ends with the same picture."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.model.calls import CallTable, apply
from bridge.model.ids import CallId
from bridge.model.telephony import CallReport, CallState, Direction, Party
from tab import schema, views
from tab.stream import Reader

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STATES = (CallState.RINGING, CallState.CONNECTED, CallState.HELD, CallState.ENDED)


class Page(web.StreamResponse):
    """A response that keeps what is written, and the picture that a tab makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = ""

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data).decode()

    @property
    def picture(self) -> dict[str, tuple[str, int]]:
        calls: dict[str, tuple[str, int]] = {}
        for part in self.written.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in part.splitlines() if ": " in line)
            if lines.get("event") == "snapshot":
                calls = {call["id"]: (call["state"], call["version"]) for call in json.loads(lines["data"])["calls"]}
            elif lines.get("event") == "call":
                call: dict[str, Any] = json.loads(lines["data"])
                assert call["version"] > calls.get(call["id"], ("", 0))[1]
                calls[call["id"]] = (call["state"], call["version"])
        return {call: seen for call, seen in calls.items() if seen[0] != "ended"}


def tables(steps: list[tuple[int, CallState]]) -> list[CallTable]:
    table, made = CallTable(), []
    for second, (number, state) in enumerate(steps):
        at = NOW + timedelta(seconds=second)
        report = CallReport(CallId(str(number)), state, Party("+4930"), Party("10"), at, direction=Direction.INBOUND)
        table = apply(table, report, at)
        made.append(table)
    return made


async def shown(made: list[CallTable], begin: int, lost: set[int]) -> dict[str, tuple[str, int]]:
    """What a reader shows who comes at ``begin`` and misses the tables in ``lost``, but never the last one."""
    page = Page()
    reader = Reader(page)
    first = made[begin - 1] if begin else CallTable()
    session = schema.SessionState(state="signed_in", reason=None, pbx=None, expires_at=None, pbxs=[])
    data = schema.Snapshot(session=session, calls=views.call_list(first).calls, presence=None)
    await reader.snapshot(data, first, None)
    for index in range(begin, len(made)):
        if index not in lost or index == len(made) - 1:
            await reader.calls(made[index])
    return page.picture


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(STATES)), min_size=1, max_size=15),
    data=st.data(),
)
async def test_any_lost_beginning_or_middle_ends_in_the_same_picture(
    steps: list[tuple[int, CallState]], data: st.DataObject
) -> None:
    made = tables(steps)
    begin = data.draw(st.integers(0, len(made)))
    lost = data.draw(st.sets(st.integers(0, len(made))))
    truth = {call.id: (call.state.value, call.version) for call in made[-1].live()}
    assert await shown(made, 0, set()) == truth
    assert await shown(made, begin, lost) == truth
