"""UCI sessions: who is logged in, until when, with which callback and subscriptions."""

import secrets
from dataclasses import dataclass, field

from infra.simulator.starface.clock import Clock
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switches import BareRequest, SessionKey


@dataclass(frozen=True, slots=True)
class CallbackTarget:
    """Where a client wants its events (UCI reference, section 1.2)."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(slots=True)
class Session:
    """One login of one user; `credential` is what its login carried, to be echoed in callbacks."""

    id: str
    login: str
    callback: CallbackTarget | None
    credential: str
    by_jwt: bool
    version: int
    last_seen: float
    subscriptions: set[str] = field(default_factory=set)
    failures: int = 0


class Sessions:
    """All living sessions. Expiry is looked at whenever a session is asked for."""

    def __init__(self, clock: Clock, panel: SwitchPanel) -> None:
        self._clock = clock
        self._panel = panel
        self._by_login: dict[str, list[Session]] = {}

    def open(
        self, login: str, callback: CallbackTarget | None, credential: str, *, by_jwt: bool, version: int
    ) -> Session:
        """Start a session; a second login with the same callback renews the first one's."""
        key_is_user = self._panel.switches.session_key is SessionKey.USER
        living = self.of(login)
        kept = [] if key_is_user else [each for each in living if each.callback != callback]
        session = Session(
            secrets.token_hex(16), login, callback, credential, by_jwt, version, last_seen=self._clock.now()
        )
        self._by_login[login] = [*kept, session]
        return session

    def find(self, login: str, callback: CallbackTarget | None) -> Session | None:
        """The session that a request belongs to."""
        living = self.of(login)
        for session in living:
            if session.callback == callback:
                return session
        if not living or callback is not None or self._panel.switches.bare_request is BareRequest.OWN_SESSION:
            return None
        return living[-1]

    def of(self, login: str) -> list[Session]:
        """Living sessions of a user, oldest first."""
        expiry = self._panel.switches.keep_alive_expiry
        sessions = self._by_login.get(login, [])
        if expiry is not None:
            latest = self._clock.now() - expiry
            sessions = [each for each in sessions if each.last_seen >= latest]
        if sessions:
            self._by_login[login] = sessions
        else:
            self._by_login.pop(login, None)
        return sessions

    def all(self) -> list[Session]:
        return [session for login in list(self._by_login) for session in self.of(login)]

    def touch(self, session: Session) -> None:
        session.last_seen = self._clock.now()

    def close(self, session: Session) -> None:
        remaining = [each for each in self._by_login.get(session.login, []) if each is not session]
        if remaining:
            self._by_login[session.login] = remaining
        else:
            self._by_login.pop(session.login, None)

    def close_all(self, login: str | None = None) -> int:
        """End every session, or every session of one user; returns how many."""
        ended = self.all() if login is None else self.of(login)
        for session in ended:
            self.close(session)
        return len(ended)

    def is_open(self, session: Session) -> bool:
        return any(each is session for each in self.of(session.login))
