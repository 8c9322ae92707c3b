"""Calls of one person: a table and one function that applies what the PBX says to it.

The PBX's events may come twice, late, out of order, without names, or not at all. Four rules make the table come out right:
a final state wins; the PBX's time and then the rank of the state decide which of two reports is newer; an empty field never
overwrites a known one; and a complete list from the PBX ends whatever is missing in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bridge.model.ids import CallId
from bridge.model.telephony import (
    CallAction,
    CallRenamed,
    CallReport,
    CallsListed,
    CallState,
    Direction,
    Party,
    PbxEvent,
)

ENDED_KEPT = timedelta(seconds=90)
"""How long an ended call stays in the table, so that a late event cannot bring it back and every reader learns of its end."""

MAXIMUM_CALLS = 64
"""More calls than this of one person are no calls of a person; the oldest ended ones, then the oldest, go."""

FRESH = timedelta(seconds=4)
"""A call younger than this is not ended by a list that does not hold it: the list may have been made before it began."""

_RANK = {
    CallState.DIALING: 1,
    CallState.OTHER: 1,
    CallState.RINGING: 2,
    CallState.RINGBACK: 2,
    CallState.VOICEMAIL: 3,
    CallState.CONNECTED: 4,
    CallState.HELD: 5,
    CallState.CONSULTING: 5,
    CallState.CONFERENCE: 5,
    CallState.ENDED: 9,
}
_IN_TALK = frozenset({CallState.CONNECTED, CallState.HELD, CallState.CONSULTING, CallState.CONFERENCE})
_BEFORE_TALK = frozenset({CallState.DIALING, CallState.RINGING, CallState.RINGBACK, CallState.OTHER})


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a person sees it."""

    id: CallId
    state: CallState
    direction: Direction
    remote: Party
    started_at: datetime
    """When we first heard of it, UTC."""
    version: int = 1
    """Grows by one with each visible change."""
    group: str = ""
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    reported_at: datetime | None = None
    """The PBX's own stamp of the newest report applied."""
    placed_here: bool = False
    """Placed through us: then it is outbound, whatever rings first."""

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.state is not CallState.ENDED

    @property
    def missed(self) -> bool:
        """Whether it rang here, ended, and nobody answered it here."""
        return not self.live and self.direction is Direction.INBOUND and self.connected_at is None

    @property
    def actions(self) -> tuple[CallAction, ...]:
        """What may be done to it now."""
        match self.state:
            case CallState.ENDED:
                return ()
            case CallState.CONNECTED | CallState.CONSULTING:
                return (CallAction.HANGUP, CallAction.HOLD, CallAction.FORWARD, CallAction.CONFERENCE)
            case CallState.HELD:
                return (CallAction.HANGUP, CallAction.FORWARD, CallAction.CONFERENCE)
            case CallState.RINGING if self.direction is Direction.INBOUND:
                return (CallAction.HANGUP, CallAction.FORWARD)
            case _:
                return (CallAction.HANGUP,)


@dataclass(frozen=True, slots=True)
class CallTable:
    """All calls of one person, live and just ended; ``version`` grows with every visible change of any of them."""

    calls: tuple[Call, ...] = ()
    version: int = 0
    aliases: tuple[tuple[CallId, CallId], ...] = field(default=())
    """Old id → present id, for calls that the PBX continued under a new one."""

    def live(self) -> tuple[Call, ...]:
        """Calls that go on, oldest first."""
        return tuple(call for call in self.calls if call.live)

    def get(self, call: CallId) -> Call | None:
        """The call with this id or this old id."""
        present = dict(self.aliases).get(call, call)
        return next((known for known in self.calls if known.id == present), None)


def apply(table: CallTable, event: PbxEvent, now: datetime, own_numbers: Iterable[str] = ()) -> CallTable:
    """Give the table after ``event``; the very same object when nothing visible or remembered changed.

    ``own_numbers`` tell caller from called where the state does not.
    """
    own = frozenset(own_numbers)
    match event:
        case CallReport():
            changed = _with_report(table, event, now, own)
        case CallRenamed():
            changed = _with_new_id(table, event)
        case CallsListed():
            changed = _with_list(table, event, now, own)
        case _:
            changed = table
    return _without_old(changed, now)


def expect(table: CallTable, call: CallId, number: str, now: datetime) -> CallTable:
    """Enter a call that was just placed through us, before the PBX says anything about it."""
    known = table.get(call)
    if known is None:
        fresh = Call(call, CallState.DIALING, Direction.OUTBOUND, Party(number=number), now, placed_here=True)
        return _put(table, fresh)
    told = known.direction is Direction.OUTBOUND and known.remote.number
    remote = known.remote if told else Party(number=number)
    return _put(table, replace(known, direction=Direction.OUTBOUND, placed_here=True, remote=remote), known)


def end(table: CallTable, call: CallId, now: datetime) -> CallTable:
    """Enter the end of a call that we know of for certain (the PBX said it has no such call)."""
    known = table.get(call)
    if known is None or not known.live:
        return table
    return _put(table, replace(known, state=CallState.ENDED, ended_at=now), known)


def _with_report(table: CallTable, report: CallReport, now: datetime, own: frozenset[str]) -> CallTable:
    known = table.get(report.call)
    if known is None:
        if report.state is None or report.state is CallState.ENDED:
            return table
        return _put(table, _first(report, now, own))
    return _put(table, _later(known, report, now, own), known)


def _first(report: CallReport, now: datetime, own: frozenset[str]) -> Call:
    state = report.state or CallState.OTHER
    direction = report.direction or _guess_direction(report, own)
    talking = state in _IN_TALK
    return Call(
        id=report.call,
        state=state,
        direction=direction,
        remote=report.caller if direction is Direction.INBOUND else report.called,
        started_at=now,
        group=report.group,
        connected_at=(report.connected_at or now) if talking else None,
        reported_at=report.at,
    )


def _guess_direction(report: CallReport, own: frozenset[str]) -> Direction:
    return Direction.OUTBOUND if report.caller.number and report.caller.number in own else Direction.INBOUND


def _later(known: Call, report: CallReport, now: datetime, own: frozenset[str]) -> Call:
    if not known.live:
        return known
    newer = _is_newer(known, report)
    state = report.state if newer and report.state is not None else known.state
    direction = known.direction
    if not known.placed_here and known.connected_at is None and report.direction is not None and newer:
        direction = report.direction
    reported = report.caller if direction is Direction.INBOUND else report.called
    remote = _filled(known.remote, reported, overwrite=newer, own=own)
    talking = state in _IN_TALK
    connected_at = known.connected_at or ((report.connected_at or now) if talking else None)
    return replace(
        known,
        state=state,
        direction=direction,
        remote=remote,
        group=known.group or report.group,
        connected_at=connected_at,
        ended_at=now if state is CallState.ENDED else None,
        reported_at=_later_of(known.reported_at, report.at),
    )


def _is_newer(known: Call, report: CallReport) -> bool:
    """Tell whether the report's state may replace the known one."""
    if report.state is None or report.state is known.state:
        return report.state is not None
    if report.state is CallState.ENDED:
        return True
    if report.at is not None and known.reported_at is not None and report.at != known.reported_at:
        return report.at > known.reported_at
    if known.state in _BEFORE_TALK and report.state in _BEFORE_TALK:
        return _RANK[report.state] >= _RANK[known.state]
    return _RANK[report.state] > _RANK[known.state] or (known.state in _IN_TALK and report.state in _IN_TALK)


def _filled(known: Party, reported: Party, *, overwrite: bool, own: frozenset[str]) -> Party:
    """Empty fields never overwrite known ones; neither does one's own number (an own phone that rings first)."""
    if reported.number and reported.number in own:
        return known
    number = reported.number if reported.number and (overwrite or not known.number) else known.number
    name = reported.name if reported.name and (overwrite or not known.name) else known.name
    return known if (number, name) == (known.number, known.name) else Party(number, name)


def _later_of(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _with_new_id(table: CallTable, event: CallRenamed) -> CallTable:
    known = table.get(event.old)
    if known is None or event.old == event.new:
        return table
    others = tuple(call for call in table.calls if call.id not in (known.id, event.new))
    successor = table.get(event.new)
    renamed = replace(
        successor or known, id=event.new, version=max(known.version, successor.version if successor else 0) + 1
    )
    if successor is not None and successor.id == event.new and not renamed.connected_at:
        renamed = replace(renamed, connected_at=known.connected_at)
    aliases = tuple((old, event.new if now == known.id else now) for old, now in table.aliases if old != known.id)
    gone = () if known.id == event.new else ((known.id, event.new),)
    return CallTable((*others, renamed), table.version + 1, (*aliases, *gone)[-MAXIMUM_CALLS:])


def _with_list(table: CallTable, event: CallsListed, now: datetime, own: frozenset[str]) -> CallTable:
    for report in event.reports:
        table = _with_report(table, report, now, own)
    listed = {report.call for report in event.reports}
    present = {call.id for call in map(table.get, listed) if call}
    for call in table.live():
        if call.id not in present and now - call.started_at >= FRESH:
            table = end(table, call.id, now)
    return table


def _put(table: CallTable, call: Call, before: Call | None = None) -> CallTable:
    if before is None:
        return CallTable((*table.calls, call), table.version + 1, table.aliases)
    if call == before:
        return table
    if _visible(call) != _visible(before):
        call = replace(call, version=before.version + 1)
    calls = tuple(call if known.id == before.id else known for known in table.calls)
    return CallTable(calls, table.version + (call.version != before.version), table.aliases)


def _visible(call: Call) -> tuple[object, ...]:
    return call.state, call.direction, call.remote, call.group, call.connected_at


def _without_old(table: CallTable, now: datetime) -> CallTable:
    kept = tuple(call for call in table.calls if call.live or call.ended_at is None or now - call.ended_at < ENDED_KEPT)
    if len(kept) > MAXIMUM_CALLS:
        surplus = sorted(kept, key=lambda call: (call.live, call.started_at))[: len(kept) - MAXIMUM_CALLS]
        kept = tuple(call for call in kept if call not in surplus)
    if len(kept) == len(table.calls):
        return table
    ids = {call.id for call in kept}
    return CallTable(kept, table.version, tuple(pair for pair in table.aliases if pair[1] in ids))
