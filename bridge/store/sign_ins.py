"""What lies under a session's key and under its reason's key, as bytes and back.

Under the session's key: 16 bytes in clear - a hash of the random id of the sign-in - then the sealed sign-in. By that tag
programs inside Redis compare *exactly this sign-in* without being able to read it.
"""

import hashlib
from dataclasses import dataclass

from bridge.errors import EndReason
from bridge.model.ids import SessionId, UserHandle
from bridge.model.pbx import Session
from bridge.service.ports import Clock, NoSession
from bridge.store import keys, records
from bridge.store.records import RecordUnknown
from bridge.store.seal import Seal, SealBroken

TAG_BYTES = 16
"""The programs in Redis compare as many."""
UNCONFIRMED = b"?"
"""Begins the reason of an end that no replica has confirmed yet; the tag of the ended sign-in follows."""


@dataclass(frozen=True, slots=True)
class Found:
    """A live sign-in, and whether it has to be sealed anew."""

    session: Session
    stale: bool


def tag(session: SessionId) -> bytes:
    """Give the public tag of a sign-in."""
    return hashlib.sha256(session.encode()).digest()[:TAG_BYTES]


class SignIns:
    """Seals and opens sign-ins; what cannot be opened is no sign-in."""

    def __init__(self, seal: Seal, clock: Clock) -> None:
        self._seal = seal
        self._clock = clock

    def sealed(self, handle: UserHandle, session: Session) -> bytes:
        """Give what is put under the session's key."""
        return tag(session.id) + self._seal.seal(keys.session(handle), records.write_session(session))

    def sealed_reason(self, handle: UserHandle, session: Session, reason: EndReason) -> bytes:
        """Give what is put under the reason's key."""
        return self._seal.seal(keys.reason(handle), records.write_reason(session, reason))

    def opened(self, handle: UserHandle, found: bytes) -> Found | NoSession:
        """Open what lay under the session's key."""
        try:
            opened = self._seal.open(keys.session(handle), found[TAG_BYTES:])
            session = records.read_session(opened.value)
        except (SealBroken, RecordUnknown):
            return NoSession(EndReason.EXPIRED)
        if tag(session.id) != found[:TAG_BYTES]:
            return NoSession(EndReason.EXPIRED)
        if self._clock.now() >= session.ends_at:
            return NoSession(EndReason.EXPIRED, session.user, session.pbx, session.id)
        return Found(session, opened.stale)

    def absent(self, handle: UserHandle, reason: bytes | None) -> NoSession:
        """Say why there is no sign-in, from what lay under the reason's key."""
        if reason is None:
            return NoSession(EndReason.NEVER)
        sealed = reason[1 + TAG_BYTES :] if reason.startswith(UNCONFIRMED) else reason
        try:
            return records.read_reason(self._seal.open(keys.reason(handle), sealed).value)
        except (SealBroken, RecordUnknown):
            return NoSession(EndReason.EXPIRED)
