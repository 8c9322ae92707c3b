"""Simulated PBX: for each person one call after the other, each event a ready HTTP request that carries when it was sent.

The stamp travels as the caller's name, so that it comes out at the tab whatever lies between.
"""

import itertools
import time
import xmlrpc.client
from collections.abc import Iterator

STATES = ("RINGING", "CONNECTED", "PARKED", "CONNECTED", "HANGUP")
_PLACE = "@" + "0" * 35 + "@"
_CALL = "CALL" + "0" * 32


class Caller:
    """Writes the events of one person's calls."""

    def __init__(self, number: int, target: str, host: str) -> None:
        self.number = number
        self._frames = [_frame(state, target, host) for state in STATES]
        self._events = itertools.count()
        self.sent = 0

    def next_event(self) -> bytes:
        """Give the next event, stamped with the present moment."""
        count = next(self._events)
        self.sent = count + 1
        call, step = divmod(count, len(STATES))
        stamp = b"@%017.6f;%06d;%010d@" % (time.perf_counter(), self.number, count)
        return self._frames[step] % (b"%08d-0000-4000-8000-%012d" % (self.number, call), stamp)


def _frame(state: str, target: str, host: str) -> bytes:
    members = {
        "id": _CALL,
        "state": state,
        "timestamp": xmlrpc.client.DateTime("20260507T09:15:02"),
        "callerNumber": "+4930123456",
        "callerName": _PLACE,
        "calledNumber": "0001",
        "calledName": "Anna Schmidt",
        "groupID": "",
    }
    text = xmlrpc.client.dumps((members,), "ucp.v30.events.call.receiveCallState", encoding="utf-8")
    body = "".join(text.split("\n")).encode()
    head = f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    frame = (head.encode() + body).replace(b"%", b"%%")
    return frame.replace(_CALL.encode(), b"%s").replace(_PLACE.encode(), b"%s")


def in_turn(callers: list[Caller]) -> Iterator[Caller]:
    """Everybody, over and over."""
    return itertools.cycle(callers)
