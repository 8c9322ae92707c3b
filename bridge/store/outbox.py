"""Outgoing messages in Redis (port ``Outbox``): a queue for each tenant, the letters with their person's other keys.

Everything that holds a text, an address or an id of a message is sealed. Two processes never carry letters of one person at a
time; one that dies gives back what it had when its lease runs out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from bridge.model.ids import UserHandle, UserKey
from bridge.service.outbox import Address, Claimed, Errand, Json, Letter, Office, Result, Round, Shown
from bridge.store import keys, letters, records
from bridge.store.commands import blob, blobs, number
from bridge.store.connection import Connection
from bridge.store.naming import Naming
from bridge.store.records import RecordUnknown
from bridge.store.seal import Seal, SealBroken

LEASE = 8.0
"""Seconds after which an errand is another process's: longer than a request and the words with Redis about it take."""
OFFICE_LEASE = 1.0
BEHIND = 0.3
"""Seconds after which an office is looked after by anybody, if the process that put something in did not."""
EDIT_EVERY = 1.0
"""Seconds between two edits of one message: what changes faster is shown in its last state."""


class StoredOutbox:
    """The queues as this process sees them."""

    def __init__(
        self,
        connection: Connection,
        naming: Naming,
        seal: Seal,
        *,
        lease: float = LEASE,
        edit_every: float = EDIT_EVERY,
    ) -> None:
        self._connection = connection
        self._naming = naming
        self._seal = seal
        self._lease = _ms(lease)
        self._edit_every = _ms(edit_every)
        self._looked: dict[Office, int] = {}

    def office(self, user: UserKey) -> Office:
        """Name the queue of a person's tenant."""
        return Office(self._naming.names.office(user.tenant))

    async def put(self, user: UserKey, letter: Letter) -> bool:
        """Wish for a state."""
        handle, slot = self._slot(user, letter.slot)
        sealed = self._seal.seal(_place(handle, slot, "letter"), records.write_value(_letter_fields(user, letter)))
        arguments = (slot, letter.version, sealed, _ms(letter.life), int(letter.only_edit))
        times = (_ms(letter.fresh_for), _ms(letter.not_for))
        reply = await self._connection.call(letters.PUT, _names(handle), *arguments, *times)
        taken, at = reply if isinstance(reply, list) else (0, 0)
        await self._schedule(user, handle, number(at))
        return bool(taken)

    async def hasten(self, user: UserKey, slot: str) -> bool:
        """Let a waiting letter go now."""
        handle, name = self._slot(user, slot)
        reply = await self._connection.call(letters.HASTEN, _names(handle), name)
        waited, at = reply if isinstance(reply, list) else (0, 0)
        await self._schedule(user, handle, number(at))
        return bool(waited)

    async def adopt(self, user: UserKey, shown: Shown, version: int, life: float) -> Shown | None:
        """Take a message for that of its slot; give the one that the slot had before."""
        handle, slot = self._slot(user, shown.slot)
        sealed = self._sealed_shown(handle, slot, shown)
        before = await self._connection.call(letters.ADOPT, _names(handle), slot, version, sealed, _ms(life))
        return self._opened_shown(handle, slot, blob(before))

    async def shown(self, user: UserKey, slot: str) -> Shown | None:
        """Give the message of a slot."""
        handle, name = self._slot(user, slot)
        sealed = await self._connection.read("HGET", keys.letters(handle)[0], f"p{name}")
        return self._opened_shown(handle, name, blob(sealed))

    async def all_shown(self, user: UserKey) -> tuple[Shown, ...]:
        """Give every message of a person that may still be edited."""
        handle = self._naming.handle(user)
        flat = blobs(await self._connection.read("HGETALL", keys.letters(handle)[0]))
        fields = zip(flat[::2], flat[1::2], strict=True)
        found = [self._opened_shown(handle, field[1:].decode(), value) for field, value in fields if field[:1] == b"p"]
        return tuple(shown for shown in found if shown is not None)

    async def forget(self, user: UserKey, slot: str) -> None:
        """Never edit the message of a slot again."""
        handle, name = self._slot(user, slot)
        await self._connection.write("HDEL", keys.letters(handle)[0], f"p{name}")

    async def drop_all(self, user: UserKey) -> None:
        """Forget everything of a person."""
        await self._connection.write("DEL", *keys.letters(self._naming.handle(user)))

    async def due_offices(self, limit: int) -> tuple[Office, ...]:
        """Give offices that nobody looks after; they are this process's for a moment."""
        reply = await self._connection.call(letters.LOOK, [keys.OFFICES], limit, _ms(OFFICE_LEASE))
        lease, *found = reply if isinstance(reply, list) else (0,)
        offices = tuple(Office(name.decode()) for name in blobs(found))
        self._looked.update(dict.fromkeys(offices, number(lease)))
        return offices

    async def claim(self, office: Office, limit: int) -> Claimed:
        """Take people of an office, the longest due first."""
        life = int(keys.OFFICE_LIFE.total_seconds() * 1000)
        reply = await self._connection.call(letters.CLAIM, keys.office(office), limit, self._lease, life)
        now, following, lease, *handles = reply if isinstance(reply, list) else (0, -1, 0)
        rounds = [_round(office, number(now), number(lease), name) for name in blobs(handles)]
        await self._rest(office, number(following))
        wait = max(0.0, (number(following) - number(now)) / 1000) if number(following) >= 0 else None
        return Claimed(tuple(rounds), wait)

    async def take(self, rounds: Sequence[Round]) -> tuple[Errand, ...]:
        """Take the next letter of each, all in one trip; give back those with nothing to do now."""
        if not rounds:
            return ()
        programs = [
            letters.TAKE.command(_names(round_.handle), self._lease, round_.place, self._edit_every)
            for round_ in rounds
        ]
        replies = await self._connection.run(programs)
        errands, idle = [], []
        for round_, reply in zip(rounds, replies, strict=True):
            parts = reply if isinstance(reply, list) and reply else [b"wait", 0]
            if parts[0] == b"go":
                errand = self._errand(round_, parts[1:])
                errands.append(errand) if errand else idle.append(await self._unreadable(round_, parts[1:]))
            else:
                idle.append(_back(round_, used=False, following=number(parts[1])))
        if idle:
            await self._connection.run(idle)
        return tuple(errands)

    async def settle(self, errand: Errand, result: Result, shown: Shown | None = None, wait: float = 0.0) -> None:
        """Say what became of an errand."""
        round_ = errand.round
        _, slot = self._slot(errand.user, errand.letter.slot)
        sealed = self._sealed_shown(round_.handle, slot, shown) if shown is not None else b""
        arguments = (round_.place, slot, errand.letter.version, result, sealed, _ms(wait))
        following = number(await self._connection.call(letters.DONE, _names(round_.handle), *arguments))
        await self._connection.run([_back(round_, used=True, following=max(0, following))])

    async def _schedule(self, user: UserKey, handle: UserHandle, at: int) -> None:
        """Enter a person as due, and their tenant's office for the case that this process dies before it looks after it."""
        if not at:
            return
        office, life = self.office(user), int(keys.OFFICE_LIFE.total_seconds() * 1000)
        await self._connection.run(
            [
                letters.SCHEDULE.command([keys.office(office)[0]], handle, at, life),
                letters.SCHEDULE.command([keys.OFFICES], office, at + _ms(BEHIND), life),
            ]
        )

    async def _rest(self, office: Office, following: int) -> None:
        """Enter when an office has work again, if this process had been told to look."""
        lease = self._looked.pop(office, 0)
        if lease:
            at = max(0, following) + _ms(BEHIND) if following >= 0 else 0
            await self._connection.call(letters.REST, [keys.OFFICES], office, lease, at)

    async def _unreadable(self, round_: Round, parts: Sequence[object]) -> "tuple[bytes | str | int | float, ...]":
        """Drop a letter that we cannot open: another key, another form."""
        slot, version = (blob(part) or b"" for part in (parts[0], parts[3]))
        arguments = (round_.place, slot, version, Result.GIVEN_UP, b"", 0)
        following = number(await self._connection.call(letters.DONE, _names(round_.handle), *arguments))
        return _back(round_, used=False, following=max(0, following))

    def _errand(self, round_: Round, parts: Sequence[object]) -> Errand | None:
        slot, sealed, shown = ((blob(part) or b"") for part in parts[:3])
        name = slot.decode()
        try:
            opened = self._seal.open(_place(round_.handle, name, "letter"), sealed).value
            user, letter = _read_letter(records.read_value(opened))
        except (SealBroken, RecordUnknown):
            return None
        before = self._opened_shown(round_.handle, name, shown)
        return Errand(round_, user, letter, before, number(parts[4]))

    def _slot(self, user: UserKey, slot: str) -> tuple[UserHandle, str]:
        handle = self._naming.handle(user)
        return handle, self._naming.names.message_slot(handle, slot)

    def _sealed_shown(self, handle: UserHandle, slot: str, shown: Shown) -> bytes:
        return self._seal.seal(_place(handle, slot, "shown"), records.write_value(asdict(shown)))

    def _opened_shown(self, handle: UserHandle, slot: str, sealed: bytes | None) -> Shown | None:
        if not sealed:
            return None
        try:
            fields = dict(records.read_value(self._seal.open(_place(handle, slot, "shown"), sealed).value))
            return Shown(**{**fields, "address": Address(**_mapping(fields["address"]))})  # type: ignore[arg-type]  # sealed by us, as asdict wrote it
        except (SealBroken, RecordUnknown, TypeError, KeyError):
            return None


def _letter_fields(user: UserKey, letter: Letter) -> dict[str, object]:
    return {"tenant": user.tenant, "person": user.person, "letter": asdict(letter)}


def _read_letter(fields: Mapping[str, object]) -> tuple[UserKey, Letter]:
    """Read what :func:`_letter_fields` wrote.

    Raises:
        RecordUnknown: another version of the program wrote it.
    """
    try:
        letter = dict(_mapping(fields["letter"]))
        letter["address"] = Address(**_mapping(letter["address"]))  # type: ignore[arg-type]  # sealed by us, as asdict wrote it
        return keys.user_key(str(fields["tenant"]), str(fields["person"])), Letter(**letter)  # type: ignore[arg-type]  # as above
    except (TypeError, KeyError):
        raise RecordUnknown from None


def _mapping(value: object) -> Json:
    if not isinstance(value, dict):
        raise RecordUnknown
    return value


def _names(handle: UserHandle) -> list[str]:
    return [*keys.letters(handle), keys.traces(handle)]


def _place(handle: UserHandle, slot: str, kind: str) -> str:
    """Name what is sealed, so that no value can be moved to another message or person."""
    return f"{keys.letters(handle)[0]}/{slot}/{kind}"


def _round(office: Office, now: int, lease: int, name: bytes) -> Round:
    handle = UserHandle(name.decode())
    return Round(office, handle, lease, f"{now}:{handle}")


def _back(round_: Round, *, used: bool, following: int) -> "tuple[bytes | str | int | float, ...]":
    arguments = (round_.handle, round_.lease, round_.place, int(used), following)
    return letters.BACK.command(keys.office(round_.office), *arguments)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
