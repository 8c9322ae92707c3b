"""Commands to Redis as values, programs that run inside it, and replies narrowed to what was asked for."""

import hashlib
from collections.abc import Sequence
from typing import ClassVar

import hiredis

Argument = bytes | str | int | float
Command = tuple[Argument, ...]


class Script:
    """A Lua program; it is sent by its hash, and in full when the server does not know it (any more)."""

    _sources: ClassVar[dict[str, str]] = {}

    def __init__(self, source: str) -> None:
        self._sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
        self._sources[self._sha] = source

    def command(self, keys: Sequence[str], *arguments: Argument) -> Command:
        """Give the command that runs it."""
        return ("EVALSHA", self._sha, len(keys), *keys, *arguments)

    @classmethod
    def in_full(cls, command: Command) -> Command:
        """Give the same command with the source instead of the hash."""
        return ("EVAL", cls._sources[str(command[1])], *command[2:])


def packed(command: Command) -> bytes:
    """Give a command as it goes over the wire."""
    wire: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub means tuples of one item only
    return wire


def blob(reply: object) -> bytes | None:
    """Narrow a reply to bytes or nothing."""
    return reply if isinstance(reply, bytes) else None


def number(reply: object) -> int:
    """Narrow a reply to an integer; anything else is 0."""
    return reply if isinstance(reply, int) else 0


def blobs(reply: object) -> list[bytes]:
    """Narrow a reply to a list of bytes."""
    return [item for item in reply if isinstance(item, bytes)] if isinstance(reply, list) else []
