"""How a person's connection does, in facts that are neither secret nor personal."""

from dataclasses import dataclass
from typing import Literal

from bridge.errors import BridgeError
from bridge.model.ids import UserKey
from bridge.model.pbx import TlsMode
from bridge.service.ports import Clock, Directory, NoSession, Sessions


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Ages in seconds; ``None`` for what is not known (yet)."""

    connection: Literal["signed_out", "up", "trouble", "lost"]
    """``trouble``: the last look failed; ``lost``: for so long that the person was told."""
    events: Literal["push", "poll"] | None = None
    last_event_age: float | None = None
    last_keep_alive_age: float | None = None
    pbx_version: str | None = None
    protocol: str | None = None
    """Generation of the PBX's method names."""
    tls: TlsMode | None = None


class Diagnostics:
    """Looks at what the keeper noted; asks no PBX."""

    def __init__(self, sessions: Sessions, directory: Directory, clock: Clock) -> None:
        self._sessions = sessions
        self._directory = directory
        self._clock = clock

    async def of(self, user: UserKey) -> Diagnosis:
        """Give the facts about the person's own sign-in; does not count as use."""
        handle = self._sessions.handle(user)
        found = await self._sessions.by_handle(handle)
        if isinstance(found, NoSession):
            return Diagnosis("signed_out")
        pulse = await self._sessions.pulse(handle)
        try:
            tls = (await self._directory.pbx(user.tenant, found.pbx)).tls
        except BridgeError:  # the rest is worth seeing without it
            tls = None
        return Diagnosis(
            connection="lost" if pulse.lost else "trouble" if pulse.failures else "up",
            events="push" if pulse.pushing else "poll",
            last_event_age=self._age(pulse.last_push),
            last_keep_alive_age=self._age(pulse.last_keep_alive),
            pbx_version=found.access.server_version or None,
            protocol=found.access.ucp.value,
            tls=tls,
        )

    def _age(self, at: float) -> float | None:
        return round(max(0.0, self._clock.time() - at), 1) if at else None
