"""Agreement of all processes on the key under which names are hashed.

The names of a person's keys, channels and callback paths must not change when ``SESSION_KEYS`` are rotated: calls ring,
callbacks arrive and due work is waiting under them, and during a rolling restart processes with old and new keys work side
by side. Deriving them from the first (or last) master key would change them at one of the steps; looking under all candidate
names would double every trip and every channel and still lose what processes of different steps write. So the naming key is
agreed once and kept: it begins as HKDF(last master key) - the one a running fleet shares with a process that already has the
new key - and rests in Redis sealed under *each* master key in use. After ``old`` → ``new,old`` → ``new`` the last process opens
it with ``new`` and every name is what it was. If Redis loses it, living processes put it back; a fresh fleet with the same
keys derives the same one. One trip for every read, whatever number of keys.

What the naming key protects is only that handles cannot be computed for guessed ids; all content is sealed under the master
keys themselves.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import lru_cache

from bridge.errors import Unavailable
from bridge.model.ids import UserHandle, UserKey
from bridge.store.background import Background
from bridge.store.commands import Command
from bridge.store.connection import Connection
from bridge.store.keys import NAMING, NAMING_LIFE, Names
from bridge.store.seal import KEY_BYTES, Seal, SealBroken, derived, key_id

REFRESH = 15.0
"""Seconds between two looks at the stored naming key."""
HANDLES = 20_000
"""People whose handle is not computed anew each time; an event needs it several times over."""
RETRY = 1.0
"""Seconds between two looks while it has not been read yet."""


class Naming:
    """Knows the agreed names; :meth:`start` reads or founds the agreement."""

    def __init__(self, connection: Connection, master_keys: Sequence[bytes]) -> None:
        self._connection = connection
        self._seals = {key_id(key): Seal((key,)) for key in master_keys}
        self._oldest = key_id(master_keys[-1])
        self._first_guess = derived(master_keys[-1], "names")
        self._names: Names | None = None
        self._handle_of: Callable[[UserKey], UserHandle] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._refreshing = Background(self._refresh, "naming")

    @property
    def names(self) -> Names:
        """Give the agreed names.

        Raises:
            Unavailable: Redis has not answered since the start.
        """
        if self._names is None:
            raise Unavailable("names are not agreed yet")
        return self._names

    def handle(self, user: UserKey) -> UserHandle:
        """Give a person's handle. Raises ``Unavailable`` before the agreement."""
        if self._handle_of is None:
            raise Unavailable("names are not agreed yet")
        return self._handle_of(user)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the agreed key changes (only after Redis lost everything)."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Agree now if Redis answers, else as soon as it does; look again from time to time."""
        with contextlib.suppress(Unavailable):
            await self.agree()
        self._refreshing.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._refreshing.stop()

    async def agree(self) -> None:
        """Adopt the stored naming key, or store ours."""
        record = await self._record()
        agreed = self._opened(record)
        if agreed is None:
            ours = self._names.key if self._names else self._first_guess
            await self._connection.write("HSETNX", NAMING, self._oldest.hex(), self._sealed(self._oldest, ours))
            record = await self._record()
            agreed = self._opened(record) or ours
        await self._complete(record, agreed)
        if self._names is None or self._names.key != agreed:
            self._names = Names(agreed)
            self._handle_of = lru_cache(HANDLES)(self._names.handle)
            for listener in self._listeners:
                listener()

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH if self._names else RETRY)
            with contextlib.suppress(Unavailable):
                await self.agree()

    async def _record(self) -> dict[bytes, bytes]:
        flat = await self._connection.read("HGETALL", NAMING)
        fields = flat if isinstance(flat, list) else []
        return dict(zip(fields[::2], fields[1::2], strict=True))

    def _opened(self, record: dict[bytes, bytes]) -> bytes | None:
        """Open what older processes go by first, so that a mixed fleet ends up with one key."""
        for identity in reversed(self._seals):
            found = self._open_one(identity, record)
            if found is not None:
                return found
        return None

    def _open_one(self, identity: bytes, record: dict[bytes, bytes]) -> bytes | None:
        sealed = record.get(identity.hex().encode())
        if sealed is None:
            return None
        try:
            value = self._seals[identity].open(NAMING, sealed).value
        except SealBroken:
            return None
        return value if len(value) == KEY_BYTES else None

    async def _complete(self, record: dict[bytes, bytes], agreed: bytes) -> None:
        """Add it under those of our master keys that lack it, and renew its life."""
        missing = [identity for identity in self._seals if self._open_one(identity, record) != agreed]
        fields = [item for identity in missing for item in (identity.hex(), self._sealed(identity, agreed))]
        commands: list[Command] = [("HSET", NAMING, *fields)] if fields else []
        await self._connection.run([*commands, ("EXPIRE", NAMING, int(NAMING_LIFE.total_seconds()))])

    def _sealed(self, identity: bytes, value: bytes) -> bytes:
        return self._seals[identity].seal(NAMING, value)
