"""The other end of :mod:`infra.bench.children`: read a question, do it, write the answer. Standard library only."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Deed = Callable[..., Awaitable[Mapping[str, Any]]]


async def answer_questions(deeds: Mapping[str, Deed], **ready: Any) -> None:
    """Say that we are ready, then do what is asked (``{"do": name, …}``) until the input ends."""
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(ready)
    while line := await reader.readline():
        question: dict[str, Any] = json.loads(line)
        say(await deeds[question.pop("do")](**question))


def say(answer: Mapping[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
