"""The address policy where it counts: at the socket. Spellings, name services, rebinding, redirects."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from itertools import cycle

import pytest
from aiohttp import web

from bridge.errors import PbxAddressForbidden
from bridge.model.pbx import PbxEntry, TlsMode
from bridge.starface.address import AddressPolicy
from bridge.starface.errors import (
    AddressRefused,
)
from bridge.starface.net import open_wire
from bridge.starface.wire import encode_answer
from tests.starface.conftest import QUICK, BenchMaker, Canary, Handler, ask, entry, names
from tests.starface.test_address import ALWAYS, ODD_SPELLINGS

Serve = Callable[[Handler], Awaitable[int]]


LITERALS = ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::ffff:7f00:1", "0.0.0.0", "::", "::1"]
LITERALS += ["[::1]", "0:0:0:0:0:0:0:1", "2002:7f00:1::1", "64:ff9b::7f00:1", "::127.0.0.1", "LOCALHOST", "localhost."]
SPELLINGS = list(dict.fromkeys([*LITERALS, *ODD_SPELLINGS, *ALWAYS]))


def test_there_are_enough_spellings() -> None:
    assert len(SPELLINGS) >= 60


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_denied_host_is_mapped_or_connected(
    stack: AsyncExitStack, canary: Canary, host: str
) -> None:
    wire = await stack.enter_async_context(open_wire(AddressPolicy(), QUICK, lookup=names("127.0.0.1")))
    pbx = entry(canary.port, host=host)
    with pytest.raises(PbxAddressForbidden):
        await wire.admit(host, canary.port)
    for tls in (TlsMode.OFF, TlsMode.REQUIRED):
        with pytest.raises(PbxAddressForbidden):
            await ask(wire, PbxEntry(pbx.tenant, pbx.id, pbx.name, host, pbx.port, tls, primary=True))
    with pytest.raises(PbxAddressForbidden):
        await wire.certificate(pbx)
    assert canary.accepted == 0


@pytest.mark.parametrize("address", [each for each in [*LITERALS[:13], *ALWAYS] if not each.startswith("[")])
async def test_no_answer_of_a_name_service_leads_to_a_denied_address(
    stack: AsyncExitStack, canary: Canary, address: str
) -> None:
    for lookup in (names(address), names("93.184.216.34", address), names(address, "93.184.216.34")):
        async with open_wire(AddressPolicy(), QUICK, lookup=lookup) as wire:
            pbx = entry(canary.port, host="pbx.example.com")
            with pytest.raises(PbxAddressForbidden):
                await wire.admit(pbx.host, pbx.port)
            with pytest.raises(PbxAddressForbidden):
                await ask(wire, pbx)
    assert canary.accepted == 0


async def test_the_socket_refuses_what_a_name_service_slips_past(stack: AsyncExitStack, canary: Canary) -> None:
    """The connector's own check, without any check of names before it."""
    wire = await stack.enter_async_context(
        open_wire(AddressPolicy(own_endpoints=frozenset({("127.0.0.1", canary.port)}), allow_loopback=True), QUICK)
    )
    with pytest.raises(OSError, match="denied"):
        wire._open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", canary.port)))
    with pytest.raises(AddressRefused):
        await ask(wire, entry(canary.port))
    assert canary.accepted == 0


async def test_several_addresses_raced_for_are_each_checked(stack: AsyncExitStack, canary: Canary) -> None:
    """Even if names were not checked at all: no address of a race gets a socket that the policy does not allow."""
    lookup = names("127.0.0.1", "127.0.0.3", "::1")
    wire = await stack.enter_async_context(open_wire(AddressPolicy(), QUICK, lookup=lookup))
    wire._names._policy = _LetThrough()
    with pytest.raises(PbxAddressForbidden):
        await ask(wire, entry(canary.port, host="pbx.example"))
    assert canary.accepted == 0


class _LetThrough(AddressPolicy):
    """A check of names that fails to check."""

    def check(self, written: str, port: int) -> None:
        del written, port


async def test_a_name_that_changes_its_mind_gains_nothing(stack: AsyncExitStack, canary: Canary, served: Serve) -> None:
    """Rebinding: 2,000 requests, 16 at a time, to a name that is allowed and denied in turn."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=encode_answer("ok"))

    port = await served(answer)
    turns = cycle(["127.0.0.1", "127.0.0.2"])

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return (next(turns),)

    denied = frozenset({"127.0.0.2"})
    policy = AddressPolicy(allow_loopback=True, own_addresses=denied)
    second = await asyncio.start_server(lambda _r, w: _count(canary, w), "127.0.0.2", port)
    stack.callback(second.close)
    outcomes: dict[str, int] = {"answered": 0, "refused": 0}
    wire = await stack.enter_async_context(open_wire(policy, lookup=lookup))
    connector = wire._session.connector
    assert connector is not None

    async def visit(number: int) -> None:
        for turn in range(125):
            # A new name each time: neither its addresses nor its connection are remembered.
            try:
                await ask(wire, entry(port, host=f"n{number}-{turn}.example"))
                outcomes["answered"] += 1
            except PbxAddressForbidden:
                outcomes["refused"] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(16):
            group.create_task(visit(number))
    assert outcomes == {"answered": 1000, "refused": 1000}
    assert canary.accepted == 0


def _count(canary: Canary, writer: asyncio.StreamWriter) -> None:
    canary.accepted += 1
    writer.close()


async def test_loopback_works_when_it_is_allowed_and_metadata_still_does_not(bench_of: BenchMaker) -> None:
    bench = await bench_of()
    assert (await bench.sign_in()).access.login == "0001"
    for address in ("169.254.169.254", "100.100.100.200"):
        with pytest.raises(PbxAddressForbidden):
            await ask(bench.wire, entry(80, host=address))


async def test_a_redirect_to_a_denied_host_is_not_followed(
    stack: AsyncExitStack, canary: Canary, served: Serve
) -> None:
    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{canary.port}/xml-rpc"})

    wire = await stack.enter_async_context(open_wire(AddressPolicy(allow_loopback=True), QUICK))
    answer = await ask(wire, entry(await served(redirect)))
    assert answer.status == 307
    assert canary.accepted == 0
