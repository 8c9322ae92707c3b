"""P4: reading XML-RPC - an event into the model's event, and an answer of 500 entries - beside ``xmlrpc.client.loads``."""

import xmlrpc.client
from datetime import UTC, datetime
from typing import Any

from bridge.model.telephony import CallReport, CallState
from bridge.starface.push import decode_event
from bridge.starface.wire import WireError, decode_answer
from infra.bench.figures import Figure, compared
from infra.bench.plan import SERVER_CORE, Plan, pin, read_plan
from infra.bench.repeating import alternate

TARGET = 2.0
ENTRIES = 500
PEER = "xmlrpc.client.loads"

_STAMP = "20260507T09:15:02"


def event_body() -> bytes:
    """A ``receiveCallState`` with ten members of about 900 bytes."""
    members: dict[str, object] = {
        "id": "6f1c2e0a-93f1-4c55-8a27-6e1f0d9b3a22",
        "state": "CONNECTED",
        "timestamp": xmlrpc.client.DateTime(_STAMP),
        "connectedTimestamp": xmlrpc.client.DateTime(_STAMP),
        "callerNumber": "+4930123456",
        "callerName": "Max Müller",
        "calledNumber": "0001",
        "calledName": "Anna Schmidt",
        "groupID": "",
        "accountId": 4711,
    }
    text = xmlrpc.client.dumps((members,), "ucp.v22.events.call.receiveCallState", encoding="utf-8")
    return _as_posted(text)


def answer_body() -> bytes:
    """A call list of 500 entries."""
    entry: dict[str, object] = {
        "id": "ffa1c0de-0001-4a01-8a01-5c1e1f1a0001",
        "direction": "INBOUND",
        "result": "ANSWERED",
        "startTime": xmlrpc.client.DateTime(_STAMP),
        "duration": 61,
        "callerNumber": "004930123456",
        "calledNumber": "10",
        "callDescription": "Max Müller",
        "groupId": "",
    }
    return _as_posted(
        xmlrpc.client.dumps(
            ({"totalCount": ENTRIES, "entries": [entry] * ENTRIES},), methodresponse=True, encoding="utf-8"
        )
    )


def bomb_body() -> bytes:
    """A document with a type declaration and nested entities."""
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(6))
    return (
        f"<?xml version='1.0'?><!DOCTYPE m [{nested}]><methodCall><methodName>&e5;</methodName></methodCall>".encode()
    )


def _as_posted(text: str) -> bytes:
    """As a PBX writes it (UCI reference, section 5.4): with its own first line, without line breaks between the elements."""
    _, _, message = text.partition("?>")
    return ('<?xml version="1.0" encoding="UTF-8"?>' + "".join(message.split("\n"))).encode()


def measure(plan: Plan) -> list[Figure]:
    """Both rows; first that the readers agree and that the hostile body is refused."""
    event, answer = event_body(), answer_body()
    _, read = decode_event(event)
    assert isinstance(read, CallReport)
    assert read.state is CallState.CONNECTED
    assert read.caller.name == "Max Müller"
    assert read.at == datetime(2026, 5, 7, 9, 15, 2, tzinfo=UTC)
    read_list, expected = decode_answer(answer), _loaded(answer)
    assert isinstance(read_list, dict)
    entries = read_list["entries"]
    assert isinstance(entries, list)
    names = [one["callDescription"] for one in entries if isinstance(one, dict)]
    assert names == [one["callDescription"] for one in expected["entries"]] == ["Max Müller"] * ENTRIES
    refused = _refuses(bomb_body())
    note = f"{len(event)} bytes; a DOCTYPE is {'refused' if refused else 'NOT refused'}"
    rates = alternate(plan, lambda: decode_event(event), lambda: xmlrpc.client.loads(event))
    lists = alternate(plan, lambda: decode_answer(answer), lambda: xmlrpc.client.loads(answer), warm_up=5)
    return [
        compared("P4 PBX event to model event", *rates, limit=TARGET, against=PEER, note=note, sound=refused),
        compared(
            "P4 answer of 500 entries", *lists, limit=TARGET, against=PEER, note=f"{len(answer)} bytes", sound=refused
        ),
    ]


def _loaded(answer: bytes) -> Any:  # noqa: ANN401 - the standard library's own
    return xmlrpc.client.loads(answer)[0][0]


def _refuses(body: bytes) -> bool:
    try:
        decode_event(body)
    except WireError:
        return True
    return False


if __name__ == "__main__":
    chosen = read_plan(__doc__ or "")
    pin(SERVER_CORE)
    for figure in measure(chosen):
        print(figure.line(), flush=True)
