"""The address policy as a pure rule; what it does at the socket is in test_net.py."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import PbxAddressForbidden
from bridge.starface.address import AddressPolicy, checked_host, is_address, is_loopback, is_private
from bridge.starface.errors import AddressRefused, HostSpellingRefused

CLOSED, PRIVATE, LOOPBACK = AddressPolicy(), AddressPolicy(allow_private=True), AddressPolicy(allow_loopback=True)
OPEN = AddressPolicy(allow_private=True, allow_loopback=True)

ALWAYS = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:42::42",
    "2001:db8::1",
    "3fff::1",
    "2001:10::1",
    "100::1",
    "4000::1",
    "::ffff:0.0.0.0",
    "::ffff:169.254.169.254",
    "::ffff:168.63.129.16",
    "2002:a9fe:a9fe::1",
    "2002:0000::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2001:0:a9fe:a9fe::",
    "2001:0:4136:e378:8000:63bf:5601:5601",
    "2a00:1450::5efe:a9fe:a9fe",
    "2a00:1450::200:5efe:a9fe:1",
    "",
    "name",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
]
PRIVATES = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12:3456::1"]
PRIVATES += ["::ffff:10.0.0.1", "64:ff9b::a00:1"]
PUBLIC = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("policy", [CLOSED, PRIVATE, LOOPBACK, OPEN])
@pytest.mark.parametrize("address", ALWAYS)
def test_some_addresses_are_never_a_pbx(address: str, policy: AddressPolicy) -> None:
    with pytest.raises(AddressRefused):
        policy.check(address, 443)


@pytest.mark.parametrize("address", [*PRIVATES, "2002:a00:1::1"])
def test_private_addresses_need_their_flag(address: str) -> None:
    for policy in (CLOSED, LOOPBACK):
        with pytest.raises(AddressRefused):
            policy.check(address, 443)
    PRIVATE.check(address, 443)
    OPEN.check(address, 443)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::ffff:127.0.0.1", "2002:7f00:1::1"])
def test_loopback_needs_its_flag(address: str) -> None:
    for policy in (CLOSED, PRIVATE):
        with pytest.raises(AddressRefused):
            policy.check(address, 443)
    LOOPBACK.check(address, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_need_no_flag(address: str) -> None:
    CLOSED.check(address, 443)


def test_our_own_addresses_and_listeners_are_denied_whatever_the_flags() -> None:
    policy = AddressPolicy(
        allow_private=True,
        allow_loopback=True,
        own_addresses=frozenset({"10.0.0.5"}),
        own_endpoints=frozenset({("127.0.0.1", 6379)}),
    )
    policy.check("127.0.0.1", 80)
    policy.check("10.0.0.6", 6379)
    for address, port in (("127.0.0.1", 6379), ("10.0.0.5", 80), ("::ffff:127.0.0.1", 6379), ("::ffff:10.0.0.5", 1)):
        with pytest.raises(AddressRefused):
            policy.check(address, port)


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_however_it_is_carried(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    mapped = str(ipaddress.IPv6Address((0xFFFF << 32) | number))
    nat64 = str(ipaddress.IPv6Address((0x64FF9B << 96) | number))
    for policy in (CLOSED, PRIVATE, LOOPBACK, OPEN):
        verdicts = {_allowed(policy, written) for written in (str(address), mapped, nat64)}
        assert len(verdicts) == 1
        if not _allowed(policy, str(address)):
            assert not _allowed(policy, str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)))


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_what_is_allowed_without_flags_is_public(address: ipaddress.IPv4Address) -> None:
    if _allowed(CLOSED, str(address)):
        assert address.is_global
        assert not address.is_multicast


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_what_is_allowed_of_ipv6_without_flags_is_public(address: ipaddress.IPv6Address) -> None:
    if _allowed(CLOSED, str(address)):
        assert any(address in ipaddress.ip_network(each) for each in ("2000::/3", "64:ff9b::/96", "::ffff:0:0/96"))


def _allowed(policy: AddressPolicy, address: str) -> bool:
    try:
        policy.check(address, 443)
    except PbxAddressForbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("PBX.example.com", "pbx.example.com"),
        (" pbx.example.com. ", "pbx.example.com"),
        ("telefon-anlage", "telefon-anlage"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("pbx_1.example", "pbx_1.example"),
        ("192.168.1.1", "192.168.1.1"),
        ("[2a00:1450::1]", "2a00:1450::1"),
        ("2A00:1450:0::1", "2a00:1450::1"),
    ],
)
def test_names_and_addresses_are_taken_in_their_usual_form(written: str, host: str) -> None:
    assert checked_host(written) == host


ODD_SPELLINGS = [
    "",
    ".",
    "..",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.0x1",
    "127.0.0.1.",
    "1.2.3.4.5",
    "256.1.1.1",
    "127。0。0。1",
    "[127.0.0.1]",
    "[::1",
    "::1]",
    "fe80::1%lo",
    "user@127.0.0.1",
    "127.0.0.1:80",
    "127.0.0.1/",
    "127.0.0.1#",
    "127.0.0.1?x",
    "example.com\\@127.0.0.1",
    "example.com\r\nHost: x",
    "exa mple.com",
    "exa\tmple.com",
    "example.com\x00",
    "http://127.0.0.1",
    "-example.com",
    "example-.com",
    "a..b",
    "a" * 64 + ".com",
    "a." * 130 + "com",
    "%31%32%37.0.0.1",
    "ﬀ.123",
    "example.0x7f",
]


@pytest.mark.parametrize("written", ODD_SPELLINGS)
def test_odd_spellings_are_refused(written: str) -> None:
    with pytest.raises(HostSpellingRefused):
        checked_host(written)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_written_is_a_plain_host_or_refused(written: str) -> None:
    try:
        host = checked_host(written)
    except HostSpellingRefused:
        return
    assert host == host.lower()
    assert is_address(host) or not set(host) & set(" /\\@#?:%[]\r\n\t\x00")


def test_kinds_of_addresses() -> None:
    assert is_private("10.1.2.3")
    assert is_private("::ffff:192.168.0.1")
    assert not is_private("8.8.8.8")
    assert not is_private("name")
    assert is_loopback("127.9.9.9")
    assert not is_loopback("10.0.0.1")
    assert not is_loopback("name")
