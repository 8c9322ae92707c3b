"""Sign-ins whose events this process proved lately: their next event is applied without reading the store first.

Nothing is decided here. The write itself compares sign-in and table with what lies in the store: it refuses what a sign-in that
has ended would write, and begins anew where another process wrote in between. What is remembered holds no token and no secret,
only a digest of what the PBX appended, and is gone half a minute after the last event.
"""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from bridge.model.calls import CallTable
from bridge.model.ids import UserHandle
from bridge.model.pbx import Session
from bridge.secret import Secret
from bridge.service.ports import Clock

LIFE: Final = 30.0
MOST: Final = 10_000
_NOTHING: Final = Secret("")


@dataclass(slots=True)
class Proven:
    """A sign-in without its secrets, and its table as this process wrote or read it last."""

    proof: bytes
    session: Session
    table: CallTable
    until: float


class ProvenSignIns:
    """The sign-ins that had an event lately, the latest last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[UserHandle, Proven] = OrderedDict()

    def find(self, handle: UserHandle, proof: bytes) -> Proven | None:
        """Give the sign-in if exactly this proof was found good within :data:`LIFE` seconds."""
        self._forget_old()
        known = self._known.get(handle)
        return known if known is not None and hmac.compare_digest(known.proof, proof) else None

    def remember(self, handle: UserHandle, proof: bytes, session: Session, table: CallTable) -> None:
        """Note a proof that was found good."""
        access = replace(session.access, token=_NOTHING, refresh_token=None)
        bare = replace(session, access=access, callback_secret=_NOTHING)
        self._known[handle] = Proven(proof, bare, table, self._clock.time() + LIFE)
        self._known.move_to_end(handle)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def renew(self, handle: UserHandle, proven: Proven, table: CallTable) -> None:
        """Note the table that was just written for a known sign-in."""
        if self._known.get(handle) is proven:
            proven.table, proven.until = table, self._clock.time() + LIFE
            self._known.move_to_end(handle)

    def forget(self, handle: UserHandle) -> None:
        """Forget a sign-in that has ended."""
        self._known.pop(handle, None)

    def _forget_old(self) -> None:
        now = self._clock.time()
        while self._known and next(iter(self._known.values())).until <= now:
            self._known.popitem(last=False)


def proof_of(secret: str, login: str | None, token: str | None) -> bytes:
    """Digest what an event came with, so that no two different proofs meet."""
    return hashlib.sha256(repr((secret, login, token)).encode()).digest()
