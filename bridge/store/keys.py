"""Every Redis key: its name, what lies under it, how long it lives.

A person appears in names only as :data:`UserHandle <bridge.model.ids.UserHandle>`, a keyed hash of tenant and person; all
keys of one person share the hash tag ``{handle}``, so that on a cluster they lie together and one program may touch them.
Logins, numbers, addresses and ids of tenants and PBXs appear as keyed hashes too. The key of these hashes is agreed by
:mod:`bridge.store.naming`.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta

from bridge.model.ids import PbxId, PersonId, TenantId, UserHandle, UserKey

PREFIX = "sfb:"

NAMING = f"{PREFIX}naming"
NAMING_LIFE = timedelta(days=31)
"""Renewed while any process lives; longer than any sign-in (the settings allow at most 31 days)."""

MARK = f"{PREFIX}mark"
"""A random value that says nothing: when it has changed, Redis has lost everything."""
MARK_LIFE = timedelta(days=31)

CALLS_LIFE = timedelta(hours=6)
"""While a call lives; renewed with each change."""
CALLS_IDLE_LIFE = timedelta(minutes=2)
"""When none lives: as long as an ended call is remembered, and a little more."""

EXPIRED_KEPT = timedelta(hours=12)
"""How long after its absolute end a sign-in is remembered as expired: over the night, so that the morning says why."""
REJECTED_KEPT = timedelta(hours=12)
REVOKED_KEPT = timedelta(seconds=45)
"""Who signs out leaves no trace within a minute; until then other tabs of the same person are told why."""

PEOPLE_LIFE = timedelta(days=32)
"""Of a PBX's whole index, renewed with each sign-in; longer than any sign-in, entries go at their own end."""

REMINDERS = f"{PREFIX}reminders"
"""Sorted set of handles, scored with when a setting made for a time has to be taken back; lives like the due work."""

DUE = f"{PREFIX}due"
DUE_LIFE = timedelta(days=2)
"""Of the whole set, renewed with each change; a live sign-in is visited every half minute."""

LETTERS = f"{PREFIX}letters"
"""Begins the names of a person's outgoing messages. At a sign-out these are kept as long as its reason, for the last edits."""
OFFICE_LIFE = timedelta(days=2)
"""Of a tenant's queue and of the list of queues, renewed with each change."""

OFFICES = f"{PREFIX}offices"
"""Sorted set of the tenants' queues, scored with when somebody has to look after them."""

DIRECTORY_CHANNEL = f"{PREFIX}directory"

PRESENCE_TENANTS = f"{PREFIX}presence:{{presence}}:tenants"
"""Sorted set of keyed hashes of tenants, scored with when the first of their people is to be looked at."""
PRESENCE_PROCESSES = f"{PREFIX}presence:{{presence}}:processes"
"""Sorted set of living processes, scored with the end of their lease."""
PRESENCE_LIFE = DUE_LIFE
PRESENCE_AFTER = timedelta(seconds=45)
"""How long what we set for a person is remembered after the end of the sign-in, so that whoever finds it takes it back."""
LEVEL_LIFE = timedelta(days=2)
FRESH_LIFE = timedelta(days=31)
"""How long it is remembered that a tenant's presence could be read, which tells a consent revoked from one never given."""
CHOICES_LIFE = timedelta(days=7)
"""Of a person's presence rules, renewed at each sign-in; a sign-out removes them at once."""

_HANDLE = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True, slots=True)
class Names:
    """Keyed hashes under one naming key."""

    key: bytes

    def handle(self, user: UserKey) -> UserHandle:
        """Give the only form in which a person appears outside sealed values: 128 bits in 26 letters and digits."""
        return UserHandle(self._hash("user", user.tenant, user.person))

    def pbx_people(self, tenant: TenantId, pbx: PbxId) -> str:
        """Sorted set of the handles signed in to a PBX, scored with their end."""
        return f"{PREFIX}people:{self._hash('pbx', tenant, pbx)}"

    def tenant(self, tenant: TenantId) -> str:
        """Give the form in which a tenant appears among the people whose presence is looked at."""
        return self._hash("presence", tenant)

    def account(self, tenant: TenantId, pbx: PbxId, login: str) -> str:
        """Give the form in which an account of a PBX appears."""
        return self._hash("account", tenant, pbx, login)

    def claim(self, purpose: str, subject: str) -> str:
        """Mark that something happened."""
        return self._once("claim", purpose, subject)

    def kept(self, purpose: str, subject: str) -> str:
        """Sealed small value. One that belongs to a person lies with their other keys."""
        return self._once("kept", purpose, subject)

    def slot(self, purpose: str, subject: str) -> str:
        """Sorted set of the places taken, scored with the end of their lease."""
        return self._once("slot", purpose, subject)

    def office(self, tenant: TenantId) -> str:
        """Give the name of a tenant's queue of outgoing messages."""
        return self._hash("office", tenant)

    def message_slot(self, handle: UserHandle, slot: str) -> str:
        """Give the field under which one message of a person is found."""
        return self._hash("slot", handle, slot)

    def limit(self, purpose: str, *subject: str) -> str:
        """Counter of attempts. All of them share one tag: one program looks at four of them at once."""
        return f"{PREFIX}limit:{{limit}}:{self._hash('limit', purpose, *subject)}"

    def _once(self, kind: str, purpose: str, subject: str) -> str:
        owner = owner_of(subject)
        name = self._hash(kind, purpose, subject)
        return f"{PREFIX}{kind}:{{{owner}}}:{name}" if owner else f"{PREFIX}{kind}:{name}"

    def _hash(self, kind: str, *parts: str) -> str:
        """Hash parts so that no two lists of parts meet, however they are cut."""
        text = "\0".join((kind, *(f"{len(part)}:{part}" for part in parts)))
        digest = hmac.digest(self.key, text.encode(), "sha256")[:16]
        return base64.b32encode(digest).decode().rstrip("=").lower()


def owner_of(subject: str) -> UserHandle | None:
    """Tell whose trace a subject is: ``<handle>`` or ``<handle>/<anything>`` belongs to that person, the rest to nobody."""
    head = subject.partition("/")[0]
    return UserHandle(head) if _HANDLE.fullmatch(head) else None


def session(handle: UserHandle) -> str:
    """Tag of the sign-in and the sealed sign-in; lives as long as it does."""
    return f"{PREFIX}session:{{{handle}}}"


def reason(handle: UserHandle) -> str:
    """Sealed: why there is no sign-in, once there is none, and whose it was."""
    return f"{PREFIX}reason:{{{handle}}}"


def calls(handle: UserHandle) -> str:
    """Sealed table of calls; never outlives the sign-in."""
    return f"{PREFIX}calls:{{{handle}}}"


def pulse(handle: UserHandle) -> str:
    """Sealed notes of the keeper; never outlive the sign-in."""
    return f"{PREFIX}pulse:{{{handle}}}"


def traces(handle: UserHandle) -> str:
    """Set of the names of this person's claims and kept values, so that a sign-out finds them."""
    return f"{PREFIX}traces:{{{handle}}}"


def letters(handle: UserHandle) -> tuple[str, str, str, str]:
    """Outgoing messages of one person: the letters and what is shown (hash of sealed values), the order in which they wait
    (sorted set), when each is forgotten (sorted set), and the times of the last requests (list), for the limits."""
    return (
        f"{LETTERS}:{{{handle}}}",
        f"{LETTERS}-order:{{{handle}}}",
        f"{LETTERS}-ends:{{{handle}}}",
        f"{LETTERS}-sent:{{{handle}}}",
    )


def office(name: str) -> tuple[str, str]:
    """A tenant's queue: whose letters are due (sorted set of handles), and the places taken in its budget (sorted set)."""
    return f"{PREFIX}office:{{{name}}}", f"{PREFIX}office-places:{{{name}}}"


def presence(handle: UserHandle) -> str:
    """Sealed: what was set for this person in Teams and at the PBX; outlives the sign-in by ``PRESENCE_AFTER``."""
    return f"{PREFIX}presence:{{{handle}}}"


def presence_due(tenant: str) -> str:
    """Sorted set of the people of a tenant, scored with when each is to be looked at; all of them share one tag."""
    return f"{PREFIX}presence:{{presence}}:due:{tenant}"


def presence_fresh(tenant: str) -> str:
    """When Teams last answered about a tenant."""
    return f"{PREFIX}presence:{{presence}}:fresh:{tenant}"


def presence_level(tenant: str, day: int) -> str:
    """Counters of a tenant's changes in time and late on a day since 1970."""
    return f"{PREFIX}presence:{{presence}}:level:{tenant}:{day}"


def holders(account: str) -> str:
    """Sorted set of the handles for whom do not disturb was switched on at an account, scored with the end of their claim."""
    return f"{PREFIX}holders:{account}"


def feed_channel(handle: UserHandle) -> str:
    """Channel of one person's changes (not a key: nothing rests there)."""
    return f"{PREFIX}feed:{{{handle}}}"


def user_key(tenant: str, person: str) -> UserKey:
    """Read a person back out of a sealed value."""
    return UserKey(TenantId(tenant), PersonId(person))
