"""The hosts that may see the bot's token."""

from __future__ import annotations

import pytest

from bridge.microsoft.service_hosts import REMEMBERED, ServiceHosts

PUBLIC = ServiceHosts(["smba.trafficmanager.net", "*.teams.microsoft.com", " SMBA.Example ", ""])


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/emea/", "https://smba.trafficmanager.net:443/", "https://a.b.teams.microsoft.com/x/",
        "https://SMBA.trafficmanager.net/", "https://smba.example",
    ],
)  # fmt: skip
def test_listed_hosts_are_let_through(url: str) -> None:
    assert PUBLIC.admit(url)
    assert PUBLIC.admit(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.trafficmanager.net/", "https://smba.trafficmanager.net:444/", "https://teams.microsoft.com/",
        "https://evilteams.microsoft.com/", "https://teams.microsoft.com.attacker.example/", "https://smba.trafficmanager.net@attacker.example/",
        "https://user:pw@smba.trafficmanager.net/", "https://attacker.example/smba.trafficmanager.net", "https://smba.trafficmanager.net./",
        "https://smba.trafficmanager.net\\@attacker.example/", "https://smba.trafficmanager.net/?q", "https://smba.trafficmanager.net/#f",
        " https://smba.trafficmanager.net/", "https://smba.trafficmanager.net/\r\nHost: x", "https://ѕmba.trafficmanager.net/", "https://[::1]/",
        "https://", "smba.trafficmanager.net", "", None, 5, ["https://smba.trafficmanager.net/"], "https://smba.trafficmanager.net:x/",
        "http://127.0.0.1:80/", "https://smba.trafficmanager.net/" + "a" * 2000, "https://.teams.microsoft.com.x/",
    ],
)  # fmt: skip
def test_everything_else_is_not(url: object) -> None:
    assert not PUBLIC.admit(url)


def test_loopback_is_let_through_only_where_it_is_listed() -> None:
    hosts = ServiceHosts(["127.0.0.1"])
    assert hosts.admit("http://127.0.0.1:8080/emea/")
    assert hosts.admit("https://127.0.0.1:8443/")
    assert not hosts.admit("http://127.0.0.2:8080/")
    assert not hosts.admit("http://localhost:8080/")
    assert not ServiceHosts(["127.0.0.1:81"]).admit("http://127.0.0.1:80/")
    assert ServiceHosts(["127.0.0.1:81"]).admit("http://127.0.0.1:81/")


def test_what_is_remembered_is_bounded() -> None:
    hosts = ServiceHosts(["*.example"])
    assert all(hosts.admit(f"https://h{number}.example/") for number in range(REMEMBERED * 2))
    assert len(hosts._admitted) == REMEMBERED
