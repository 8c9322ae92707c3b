"""Which addresses a tenant's PBX may have. The tables are written out: the standard library's idea of "global" changes by version.

Order of the rules: unpack addresses that carry another one; refuse what is never a PBX; then loopback, then private ranges, each
only with its flag; of the rest only what is publicly routed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from bridge.starface.errors import AddressRefused, HostSpellingRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*written: str) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in written)


LOOPBACK: Final = _networks("127.0.0.0/8")
"""Only this form; ``::1`` is refused always, because nothing needs it."""

PRIVATE: Final = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")

METADATA: Final = _networks(
    "169.254.169.254/32",
    "168.63.129.16/32",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "fd00:ec2::/32",
    "fd20:ce::/32",
    "fd00:42::42/128",
)
"""Where clouds answer their own machines, some of it in ranges that look public or private."""

NEVER: Final = _networks(
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
)
_ROUTED_IPV6: Final = ip_network("2000::/3")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_TEREDO: Final = IPv6Network("2001::/32")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMERIC: Final = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What :meth:`check` lets through. ``own_addresses`` and ``own_endpoints`` are our Redis, database and listeners."""

    allow_private: bool = False
    allow_loopback: bool = False
    own_addresses: frozenset[str] = frozenset()
    own_endpoints: frozenset[tuple[str, int]] = frozenset()

    def check(self, written: str, port: int) -> None:
        """Let an address pass.

        Raises:
            AddressRefused: when this address, or one that it carries, is denied.
        """
        address = _parsed(written)
        if address is None or not all(self._allows(each, port) for each in _carried(address)):
            raise AddressRefused("the address policy denies an address of this host")

    def _allows(self, address: Address, port: int) -> bool:
        if str(address) in self.own_addresses or (str(address), port) in self.own_endpoints:
            return False
        if _within(address, METADATA) or _within(address, NEVER):
            return False
        if _within(address, LOOPBACK):
            return self.allow_loopback
        if _within(address, PRIVATE):
            return self.allow_private
        return isinstance(address, IPv4Address) or address in _ROUTED_IPV6


def checked_host(written: str) -> str:
    """Give the host as it is asked for: a name in lower case (``xn--`` form) or an address without brackets.

    Raises:
        HostSpellingRefused: for anything that only resembles a name or an address (``0x7f.1``, ``127.1``, ``a@b``).
    """
    host = written.strip().lower()
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    address = _parsed(bare)
    if address is not None and (bare is host or isinstance(address, IPv6Address)):
        return str(address)
    return _checked_name(host)


def is_address(host: str) -> bool:
    """Tell whether a host is an address already, so that no name service is asked."""
    return _parsed(host) is not None


def is_loopback(written: str) -> bool:
    """Tell whether an address never leaves this machine."""
    address = _parsed(written)
    return address is not None and all(_within(each, LOOPBACK) for each in _carried(address))


def is_private(written: str) -> bool:
    """Tell whether an address belongs to a private network, and so means something else to each tenant."""
    address = _parsed(written)
    return address is not None and any(_within(each, PRIVATE) for each in _carried(address))


def _checked_name(host: str) -> str:
    try:
        name = host.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    labels = name.split(".")
    fits = 0 < len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    if not fits or _NUMERIC.fullmatch(labels[-1]):
        raise HostSpellingRefused("the host is neither a name nor an address in its usual form")
    return name


def _parsed(written: str) -> Address | None:
    try:
        # A zone (fe80::1%eth0) chooses one of our own network cards; no PBX needs one.
        return None if "%" in written else ip_address(written)
    except ValueError:
        return None


def _carried(address: Address) -> Iterator[Address]:
    """Give the address and every IPv4 address in it; a mapped one is only a way of writing the other."""
    if isinstance(address, IPv4Address):
        yield address
        return
    number = int(address)
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield IPv4Address(number & 0xFFFFFFFF)
    elif address in _SIX_TO_FOUR:
        yield from (address, IPv4Address((number >> 80) & 0xFFFFFFFF))
    elif address in _TEREDO:
        yield from (address, IPv4Address((number >> 64) & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF))
    elif (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield from (address, IPv4Address(number & 0xFFFFFFFF))
    else:
        yield address


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
