"""Where this service itself and its stores listen: nobody may map that as a phone system."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address

from bridge.settings import Settings
from bridge.starface.address import AddressPolicy


def address_policy(settings: Settings) -> AddressPolicy:
    """Make the policy of the settings. Resolves names, so call it before the event loop runs.

    An address of a store is refused whole; on this machine's own loopback, where tests and the demo run everything side by
    side, only the very port is.
    """
    addresses: set[str] = set()
    endpoints: set[tuple[str, int]] = set()
    for host, port in settings.own_endpoints:
        for address in _resolved(host, port):
            endpoints.add((address, port))
            if not ip_address(address).is_loopback:
                addresses.add(address)
    return AddressPolicy(
        allow_private=settings.allow_private_pbx,
        allow_loopback=settings.allow_loopback_pbx,
        own_addresses=frozenset(addresses),
        own_endpoints=frozenset(endpoints),
    )


def _resolved(host: str, port: int) -> Iterable[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return {str(entry[4][0]).partition("%")[0] for entry in found}
