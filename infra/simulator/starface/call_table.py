"""All calls that live on the PBX, and the telephony state that follows from them."""

from infra.simulator.starface.calls import ARRIVING, DIALLING, Call, CallState, Leg
from infra.simulator.starface.population import TelephonyState, User


class CallTable:
    """Calls by id, and by user through their legs."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._ids_of: dict[str, list[str]] = {}

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def all(self) -> list[Call]:
        return list(self._calls.values())

    def add(self, call: Call) -> None:
        self._calls[call.id] = call

    def get(self, call_id: str) -> Call | None:
        return self._calls.get(call_id)

    def remove(self, call: Call) -> None:
        self._calls.pop(call.id, None)

    def clear(self) -> None:
        self._calls.clear()
        self._ids_of.clear()

    def add_leg(self, call: Call, leg: Leg) -> None:
        call.legs[leg.login] = leg
        self._ids_of.setdefault(leg.login, []).append(call.id)

    def remove_leg(self, call: Call, login: str) -> None:
        call.legs.pop(login, None)
        ids = self._ids_of.get(login, [])
        if call.id in ids:
            ids.remove(call.id)
        if not ids:
            self._ids_of.pop(login, None)

    def rename(self, call: Call, new_id: str) -> None:
        self._calls.pop(call.id, None)
        for login in call.legs:
            ids = self._ids_of[login]
            ids[ids.index(call.id)] = new_id
        call.id = new_id
        self._calls[new_id] = call

    def of(self, login: str) -> list[tuple[Call, Leg]]:
        """A user's calls in the order in which they began, each with the user's own leg."""
        calls = (self._calls[call_id] for call_id in self._ids_of.get(login, []))
        return [(call, call.legs[login]) for call in calls]

    def telephony_state(self, user: User) -> TelephonyState:
        """Ringing before talking before idle (UCI reference, section 7)."""
        states = {leg.state for _, leg in self.of(user.login)}
        if states & ARRIVING:
            return TelephonyState.RINGING
        if states - {CallState.VOICEMAIL_LINKED}:
            return TelephonyState.ACTIVE
        if user.queue_pause:
            return TelephonyState.QUEUE_PAUSE
        registered = any(phone.registered for phone in user.phones)
        return TelephonyState.AVAILABLE if registered else TelephonyState.UNAVAILABLE

    def is_placing(self, login: str) -> bool:
        """Whether a call that this user placed is not yet connected."""
        return any(
            call.caller.login == login and (leg.state in DIALLING or leg.own_phone_rings)
            for call, leg in self.of(login)
        )
