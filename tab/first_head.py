"""A connection on which no request comes is closed: the HTTP library itself would keep it for ever."""

import asyncio
from typing import Final

PATIENCE: Final = 10.0
"""Seconds from the opening of a connection to the end of its first request's head."""

_END: Final = b"\r\n\r\n"


class FirstHead(asyncio.Protocol):
    """Stands in front of a connection's protocol until the first head is complete, then steps aside.

    How long later requests on the same connection may take is the server's ``keepalive_timeout``.
    """

    def __init__(self, protocol: asyncio.Protocol, patience: float = PATIENCE) -> None:
        self._protocol = protocol
        self._patience = patience
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's protocol gets a stream's transport
        self._transport = transport
        self._waiting = asyncio.get_running_loop().call_later(self._patience, transport.abort)
        self._protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Hand on; step aside at the end of the head."""
        if _END in self._tail + data:
            self._waiting.cancel()
            self._transport.set_protocol(self._protocol)
        else:
            self._tail = (self._tail + data)[-len(_END) :]
        self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand on."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Hand on."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Hand on."""
        self._protocol.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Hand on; nothing is waited for any more."""
        self._waiting.cancel()
        self._protocol.connection_lost(error)
