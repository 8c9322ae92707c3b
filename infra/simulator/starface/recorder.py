"""What the PBX saw and what it sent, for tests to look at. Nothing here holds a password or token."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request: `method` is the XML-RPC name or `GET /rest/…`; `at` seconds since 1970 in simulated time."""

    at: float
    method: str
    login: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class CallbackSent:
    """One event delivered or tried: `status` is the client's HTTP status, 0 when it could not be reached."""

    at: float
    method: str
    login: str
    params: tuple[Any, ...]
    path: str
    status: int
    error: str = ""


@dataclass(slots=True)
class LoginCount:
    """Attempts to log in: how many were seen, and how many were being worked on at once at most."""

    attempts: int = 0
    refused: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    def begin(self, *, refused: bool) -> None:
        self.attempts += 1
        self.refused += refused
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def end(self) -> None:
        self.in_flight -= 1


@dataclass(slots=True)
class Recorder:
    """The last 20,000 requests and callbacks, and counts of logins for the whole PBX and per user."""

    requests: deque[RequestSeen] = field(default_factory=lambda: deque(maxlen=KEPT))
    callbacks: deque[CallbackSent] = field(default_factory=lambda: deque(maxlen=KEPT))
    logins: LoginCount = field(default_factory=LoginCount)
    logins_of: dict[str, LoginCount] = field(default_factory=dict)

    def login_count(self, login: str) -> LoginCount:
        return self.logins_of.setdefault(login, LoginCount())

    def requests_named(self, ending: str) -> list[RequestSeen]:
        """Requests whose method ends so, e.g. `call.hold`."""
        return [each for each in self.requests if each.method.endswith(ending)]

    def callbacks_to(self, login: str, ending: str = "") -> list[CallbackSent]:
        return [each for each in self.callbacks if each.login == login and each.method.endswith(ending)]

    def counts(self) -> Counter[str]:
        """How often each method was requested, among the requests kept."""
        return Counter(each.method for each in self.requests)

    def clear(self) -> None:
        self.requests.clear()
        self.callbacks.clear()
        self.logins = LoginCount(in_flight=self.logins.in_flight)
        self.logins_of.clear()
