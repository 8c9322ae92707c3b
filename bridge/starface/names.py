"""Names of PBXs and their addresses: looked up in threads of their own, refused when any address is denied."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from bridge.starface.address import AddressPolicy
from bridge.starface.errors import NameNotResolved

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a name and a port to all its addresses; raises ``OSError`` when there is none."""

_LOOKUP_THREADS: Final = 16


class CheckedNames(AbstractResolver):
    """Looks names up in threads of its own and refuses a name when any of its addresses is denied."""

    def __init__(self, policy: AddressPolicy, lookup: Lookup | None, deadline: float) -> None:
        self._policy = policy
        self._lookup = lookup or self._ask_system
        self._deadline = deadline
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="pbx-names")

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        found = await self._found(host, port)
        if not found:
            raise NameNotResolved("no address for the name")
        for address in found:
            self._policy.check(address, port)
        return tuple(found)

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
        del family
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=flags,
            )
            for address in await self.addresses(host, port)
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _found(self, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._lookup(host, port)
        except (OSError, TimeoutError, UnicodeError):
            return ()

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _getaddrinfo, host, port)
        return list(dict.fromkeys(str(info[4][0]) for info in found))


def _getaddrinfo(host: str, port: int) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
