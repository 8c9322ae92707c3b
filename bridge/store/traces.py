"""Everything that lies in Redis about one person: what kind of entry, and how long it still lives.

Values stay sealed: an entry is known by its name alone. What a person signed in to, and a few purposes of small values, tell the
kinds apart; whatever lies with the person's keys and is none of them is listed as a short note.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bridge.model.ids import UserHandle, UserKey
from bridge.model.pbx import PbxEntry, Session
from bridge.service.ports import Clock, Trace
from bridge.store import keys
from bridge.store.commands import Command, Script, blob, blobs, number
from bridge.store.connection import Connection
from bridge.store.naming import Naming

NOTE: Final = "short_note"

_REMOVE = Script(f"""
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if string.find(name, '{keys.LETTERS}', 1, true) ~= 1 then redis.call('DEL', name)
  elseif redis.call('PTTL', name) > tonumber(ARGV[1]) then redis.call('PEXPIRE', name, ARGV[1]) end
end
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('DEL', KEYS[1], KEYS[3]) end
return 1
""")


class StoredTraces:
    """Lists and removes what is held about a person (port ``TraceStore``)."""

    def __init__(self, connection: Connection, naming: Naming, clock: Clock) -> None:
        self._connection = connection
        self._naming = naming
        self._clock = clock

    async def of(
        self, user: UserKey, session: Session | None, pbxs: Sequence[PbxEntry], purposes: Mapping[str, str]
    ) -> tuple[Trace, ...]:
        """Give every entry; ``purposes`` names the kinds of small values."""
        handle = self._naming.handle(user)
        members = [name.decode() for name in blobs(await self._connection.read("SMEMBERS", keys.traces(handle)))]
        kinds = self._kinds(user, handle, purposes)
        named = {**kinds, **{name: kinds.get(name, _kind_of(name)) for name in members}}
        lives = await self._connection.run([("PTTL", name) for name in named], read=True)
        held = [
            Trace(kind, _seconds(life)) for kind, life in zip(named.values(), lives, strict=True) if number(life) > 0
        ]
        return tuple(sorted([*held, *await self._listed(user, handle, session, pbxs)], key=lambda each: each.kind))

    async def remove(self, user: UserKey) -> None:
        """Remove what is left about somebody who is signed out; last edits of messages have as long as after a sign-out."""
        handle = self._naming.handle(user)
        names = [keys.traces(handle), keys.session(handle), keys.reason(handle)]
        await self._connection.call(_REMOVE, names, int(keys.REVOKED_KEPT.total_seconds() * 1000))
        await self._connection.write("ZREM", keys.REMINDERS, handle)

    def _kinds(self, user: UserKey, handle: UserHandle, purposes: Mapping[str, str]) -> dict[str, str]:
        """Names that may exist, with their kinds; those that live for seconds while something is done are among them."""
        names = self._naming.names
        small = {
            make(purpose, handle): kind for purpose, kind in purposes.items() for make in (names.claim, names.kept)
        }
        return {
            keys.session(handle): "sign_in",
            keys.reason(handle): "sign_in_end",
            keys.calls(handle): "calls",
            keys.pulse(handle): "connection",
            keys.traces(handle): "index",
            keys.presence(handle): "presence_set",
            **dict.fromkeys(keys.letters(handle), "messages"),
            **small,
            names.slot("call_list", handle): NOTE,
            names.limit("person", user.tenant, user.person): "attempts",
            names.limit("lock", user.tenant, user.person): "attempts",
        }

    async def _listed(
        self, user: UserKey, handle: UserHandle, session: Session | None, pbxs: Sequence[PbxEntry]
    ) -> list[Trace]:
        """Places in lists that are shared by many."""
        names = self._naming.names
        lists = {
            keys.DUE: "schedule",
            keys.REMINDERS: "schedule",
            keys.office(names.office(user.tenant))[0]: "messages",
            keys.presence_due(names.tenant(user.tenant)): "schedule",
        }
        ending = {names.pbx_people(user.tenant, pbx.id): "signed_in_list" for pbx in pbxs}
        if session is not None:
            ending[keys.holders(names.account(user.tenant, session.pbx, session.access.login))] = "presence_set"
        every = {**lists, **ending}
        commands: list[Command] = [("ZSCORE", name, handle) for name in every]
        replies = await self._connection.run([*commands, *(("PTTL", name) for name in every)], read=True)
        scores, lives = replies[: len(every)], replies[len(every) :]
        now = self._clock.time()
        found = []
        for (name, kind), score, life in zip(every.items(), map(blob, scores), lives, strict=True):
            if score is not None:
                left = max(1, int(float(score) - now)) if name in ending else _seconds(life)
                found.append(Trace(kind, left))
        return found


def _kind_of(name: str) -> str:
    return "messages" if name.startswith(keys.LETTERS) else NOTE


def _seconds(life: object) -> int:
    return max(1, -(-number(life) // 1000))
