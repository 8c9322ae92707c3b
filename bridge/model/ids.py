"""Identifiers as distinct types, so that a tenant can never be passed where a person is meant."""

from dataclasses import dataclass
from typing import NewType

TenantId = NewType("TenantId", str)
"""Entra tenant id (GUID, lower case)."""

PersonId = NewType("PersonId", str)
"""Entra object id of a person (GUID, lower case). Meaningful only together with its tenant."""

PbxId = NewType("PbxId", str)
"""Our id of a mapped PBX, unique within its tenant."""

CallId = NewType("CallId", str)
"""The PBX's id of a call; both parties of an internal call see the same one."""

PhoneId = NewType("PhoneId", str)
"""The PBX's id of a phone, e.g. ``SIP/mydevice``; opaque."""

UserHandle = NewType("UserHandle", str)
"""Keyed hash of a :class:`UserKey`: the only form in which a person appears in key names, logs and URLs."""

SessionId = NewType("SessionId", str)
"""Random id of one sign-in; a new one at each sign-in."""


@dataclass(frozen=True, slots=True)
class UserKey:
    """Who somebody is: the pair (tenant, person) from a checked Teams token, and nothing else."""

    tenant: TenantId
    person: PersonId
