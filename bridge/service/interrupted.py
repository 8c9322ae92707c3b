"""What a person was about to do when their sign-in ended: kept five minutes, offered again after the next one."""

from datetime import timedelta

from bridge.model.ids import PhoneId, UserKey
from bridge.model.messages import PlaceCall
from bridge.service.ports import Once, Sessions

KEPT = timedelta(minutes=5)
_PURPOSE = "interrupted"


class Interrupted:
    """Keeps at most one interrupted call for each person, sealed."""

    def __init__(self, once: Once, sessions: Sessions) -> None:
        self._once = once
        self._sessions = sessions

    async def keep(self, command: PlaceCall) -> None:
        """Remember the call, replacing an older one."""
        value = {"number": command.number, "phone": command.phone}
        await self._once.keep(_PURPOSE, self._sessions.handle(command.user), value, KEPT)

    async def kept(self, user: UserKey) -> PlaceCall | None:
        """Give the call that may be offered, without taking it."""
        value = await self._once.kept(_PURPOSE, self._sessions.handle(user))
        return _command(user, value) if value else None

    async def take(self, user: UserKey) -> PlaceCall | None:
        """Give the call and forget it, atomically: two clicks place one call."""
        value = await self._once.take(_PURPOSE, self._sessions.handle(user))
        return _command(user, value) if value else None

    async def drop(self, user: UserKey) -> None:
        """Forget it."""
        await self._once.take(_PURPOSE, self._sessions.handle(user))


def _command(user: UserKey, value: object) -> PlaceCall | None:
    if not isinstance(value, dict) or not isinstance(value.get("number"), str):
        return None
    phone = value.get("phone")
    return PlaceCall(user, value["number"], PhoneId(phone) if isinstance(phone, str) and phone else None)
