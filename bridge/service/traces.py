"""What the service holds about a person, for that person: kinds of entries and their remaining life; and the end of all of it."""

from collections.abc import Mapping
from typing import Final

from bridge.model.ids import UserKey
from bridge.model.messages import SignOut
from bridge.service.lines import COLLEAGUES, PRESENCE
from bridge.service.ports import Directory, NoSession, Sessions, Trace, TraceStore
from bridge.service.sign_in import SignIns

KINDS: Final = (
    "sign_in", "sign_in_end", "calls", "connection", "index", "own_presence", "presence_set", "colleagues", "interrupted_call",
    "timed_setting", "choices", "chat", "messages", "schedule", "signed_in_list", "attempts", "short_note",
)  # fmt: skip
_PURPOSES: Final[Mapping[str, str]] = {
    PRESENCE: "own_presence",
    COLLEAGUES: "colleagues",
    "interrupted": "interrupted_call",
    **dict.fromkeys(("temporary_dnd", "temporary_redirects", "temporary_rules"), "timed_setting"),
    **dict.fromkeys(("language", "notice_choices", "presence-rules"), "choices"),
    **dict.fromkeys(("conversation", "sign_in_card", "sign_in_ended", "on_a_call", "welcome", "missed_digest"), "chat"),
}


class Traces:
    """Shows and removes; nobody sees anything but their own."""

    def __init__(self, store: TraceStore, sessions: Sessions, directory: Directory, sign_ins: SignIns) -> None:
        self._store = store
        self._sessions = sessions
        self._directory = directory
        self._sign_ins = sign_ins

    async def of(self, user: UserKey) -> tuple[Trace, ...]:
        """Give every entry, by kind; two of a kind are two entries."""
        found = await self._sessions.by_handle(self._sessions.handle(user))
        session = None if isinstance(found, NoSession) else found
        return await self._store.of(user, session, await self._directory.pbxs(user.tenant), _PURPOSES)

    async def forget(self, user: UserKey) -> None:
        """Sign out and remove everything; what still has to be undone elsewhere (a message, a presence) is gone in a minute.

        Counters of failed attempts stay until their own end: they protect the account.
        """
        await self._sign_ins.sign_out(SignOut(user))
        await self._store.remove(user)
