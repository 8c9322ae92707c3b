"""The whole picture of a person at one moment: sign-in, calls, presence. Every stream begins with it."""

from bridge.errors import BridgeError, SignedOut
from bridge.model.calls import CallTable
from bridge.model.ids import UserKey
from bridge.model.presence import OwnPresence
from bridge.service.lines import Lines
from bridge.service.ports import CallTables, Sessions
from bridge.service.presence import Presences
from bridge.service.sign_in import SessionView, SignIns


class Overview:
    """Takes snapshots. A PBX that is slow or away never holds one up for long."""

    def __init__(
        self, *, sign_ins: SignIns, lines: Lines, sessions: Sessions, tables: CallTables, presences: Presences
    ) -> None:
        self._sign_ins = sign_ins
        self._lines = lines
        self._sessions = sessions
        self._tables = tables
        self._presences = presences

    async def of(self, user: UserKey) -> tuple[SessionView, CallTable, OwnPresence | None]:
        """Give sign-in, calls and presence; the latter two are empty without a live sign-in.

        Raises:
            TenantUnknown, Unavailable: there is no picture.
        """
        view = await self._sign_ins.view(user)
        if not view.live:
            return view, CallTable(), None
        presence = await self._presence(user)
        return view, await self._tables.read(user), presence

    async def is_lost(self, user: UserKey) -> bool:
        """Whether the way to the person's PBX is interrupted, for long enough that they were told."""
        return (await self._sessions.pulse(self._sessions.handle(user))).lost

    async def _presence(self, user: UserKey) -> OwnPresence | None:
        try:
            return await self._presences.glance(await self._lines.open(user))
        except SignedOut:
            return None
        except BridgeError:
            return await self._presences.remembered(user)
