"""The hosts to which the bot's own token may be sent."""

from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
MAXIMUM_URL = 1024
REMEMBERED = 256


class ServiceHosts:
    """A list of hosts: exact, or ``*.`` and a suffix, which means any host below it but not the suffix itself.

    Only https on the default port is let through; plain http, on any port, only for 127.0.0.1 (tests and demo), and only if listed.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        listed = {pattern.strip().lower() for pattern in patterns if pattern.strip()}
        self._exact = frozenset(pattern for pattern in listed if not pattern.startswith("*."))
        self._suffixes = tuple(pattern[1:] for pattern in listed if pattern.startswith("*."))
        self._admitted: OrderedDict[str, None] = OrderedDict()

    def admit(self, url: object) -> bool:
        """Tell whether ``url`` is a service URL of a listed host; anything odd is not."""
        if not isinstance(url, str) or len(url) > MAXIMUM_URL:
            return False
        if url in self._admitted:
            return True
        if not self._fits(url):
            return False
        self._admitted[url] = None
        if len(self._admitted) > REMEMBERED:
            self._admitted.popitem(last=False)
        return True

    def _fits(self, url: str) -> bool:
        if not url.isascii() or any(character <= " " or character == "\\" for character in url):
            return False
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            return False
        return self._line_is_safe(parts.scheme, host, port) and self._lists(host, port)

    @staticmethod
    def _line_is_safe(scheme: str, host: str, port: int | None) -> bool:
        if scheme == "https":
            return port in (None, 443) or host == LOOPBACK
        return scheme == "http" and host == LOOPBACK

    def _lists(self, host: str, port: int | None) -> bool:
        return host in self._exact or f"{host}:{port}" in self._exact or host.endswith(self._suffixes)
