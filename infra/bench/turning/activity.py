"""The activity of all turns: a message in a personal chat of about 1.1 kB, as Teams posts it."""

import json
from typing import Any

TENANT = "5c1e1f1a-4a8b-4f0e-9d3c-0a6b7f2d1e10"
REPLY = "You are signed in; nobody is on the line."


def activity(service_url: str) -> bytes:
    """The body of the request."""
    person = "29:1mF8s0bJx4UuD0yHkq3b7cQ9pXv2Tn6LzR1wEoGiAaB5dCfKhMjNlPqSrVtWyZu0123456789"
    document: dict[str, Any] = {
        "text": "What is the state of my telephone?",
        "textFormat": "plain",
        "type": "message",
        "timestamp": "2026-11-22T12:00:00.1234567Z",
        "localTimestamp": "2026-11-22T13:00:00.1234567+01:00",
        "id": "1763812800123",
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": {"id": person, "name": "Anna Schmidt", "aadObjectId": "a1a1c0de-0001-4a01-8a01-5c1e1f1a0001"},
        "conversation": {
            "conversationType": "personal",
            "tenantId": TENANT,
            "id": "a:1pLq7Rk2Vx9Hn4Wd8Tz3Bc6Mf0Gs5Jy1Qe7Uo2Ia9Kl4Pn8Rv3Xw6Zt0Yb5Cm1Dg7Fh2Ej9",
        },
        "recipient": {"id": "28:d3105e11-7e1e-4f0e-8c0a-57a2face0001", "name": "STARFACE"},
        "entities": [
            {
                "locale": "de-DE",
                "country": "DE",
                "platform": "Windows",
                "timezone": "Europe/Berlin",
                "type": "clientInfo",
            }
        ],
        "attachments": [{"contentType": "text/html", "content": "<p>What is the state of my telephone?</p>"}],
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "de-DE",
        "localTimezone": "Europe/Berlin",
    }
    return json.dumps(document).encode()
