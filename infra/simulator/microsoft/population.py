"""Who lives in the simulated Microsoft cloud: two customer tenants and their people, with fixed ids.

The ids never change, so that demo data, recorded requests and tests may name them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
TEAMS_ADMINISTRATOR = "69091246-20e8-4a56-aa4d-066075b2a7a8"
TEAMS_COMMUNICATIONS_ADMINISTRATOR = "baf37b3a-610e-45da-9e62-d9d1e5e8914b"
USER_ROLE = "b79fbf4d-3ef9-4689-8143-76b194e85509"
"""Role template ids as they stand in the token claim `wids`; the last one is what people without an admin role carry."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer of the simulated cloud. `consented` says whether its administrator let the app in."""

    id: str
    name: str
    domain: str
    consented: bool = True


@dataclass(frozen=True, slots=True)
class User:
    """A person of one tenant. `id` is the Entra object id, `wids` the directory roles in the person's tokens."""

    id: str
    tenant: Tenant
    name: str
    alias: str
    wids: tuple[str, ...] = (USER_ROLE,)
    locale: str = "de-DE"
    phone_login: str | None = None

    @property
    def principal_name(self) -> str:
        """The sign-in name, `alias@domain`."""
        return f"{self.alias}@{self.tenant.domain}"

    @property
    def channel_id(self) -> str:
        """The id by which the chat channel knows this person (`29:1…`); stable, and different from the object id."""
        digest = hashlib.sha256(f"channel:{self.tenant.id}:{self.id}".encode()).hexdigest()
        return f"29:1{digest[:60]}"

    @property
    def is_admin(self) -> bool:
        """Whether any directory role beyond that of an ordinary user is held."""
        return any(role != USER_ROLE for role in self.wids)


SONNENTAL = Tenant("5c1e1f1a-4a8b-4f0e-9d3c-0a6b7f2d1e10", "Sonnental Maschinenbau GmbH", "sonnental.example")
NORDWIND = Tenant("b7d0c2e4-93f1-4c55-8a27-6e1f0d9b3a22", "Nordwind Logistik AG", "nordwind.example")

ANNA = User(
    "a1a1c0de-0001-4a01-8a01-5c1e1f1a0001",
    SONNENTAL,
    "Anna Schmidt",
    "anna.schmidt",
    (TEAMS_ADMINISTRATOR, USER_ROLE),
    phone_login="0001",
)
JONAS = User("a1a1c0de-0002-4a02-8a02-5c1e1f1a0002", SONNENTAL, "Jonas Weber", "jonas.weber", phone_login="0002")
LENA = User("a1a1c0de-0003-4a03-8a03-5c1e1f1a0003", SONNENTAL, "Lena Köhler", "lena.koehler", phone_login="0003")
MEHMET = User(
    "a1a1c0de-0004-4a04-8a04-5c1e1f1a0004",
    SONNENTAL,
    "Mehmet Yılmaz",
    "mehmet.yilmaz",
    locale="en-US",
    phone_login="0004",
)
SOPHIE = User("a1a1c0de-0005-4a05-8a05-5c1e1f1a0005", SONNENTAL, "Sophie Brandt", "sophie.brandt", phone_login="0005")
HENRIK = User(
    "b2b2c0de-0001-4b01-8b01-b7d0c2e40001",
    NORDWIND,
    "Henrik Petersen",
    "henrik.petersen",
    (GLOBAL_ADMINISTRATOR, USER_ROLE),
)
MIRA = User("b2b2c0de-0002-4b02-8b02-b7d0c2e40002", NORDWIND, "Mira Kowalski", "mira.kowalski", locale="en-GB")


@dataclass(frozen=True)
class Population:
    """All tenants and users of one simulated cloud, found by id, sign-in name or alias."""

    tenants: tuple[Tenant, ...] = (SONNENTAL, NORDWIND)
    users: tuple[User, ...] = (ANNA, JONAS, LENA, MEHMET, SOPHIE, HENRIK, MIRA)
    _index: dict[str, User] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {
            key: user for user in self.users for key in (user.alias, user.principal_name, user.channel_id, user.id)
        }
        object.__setattr__(self, "_index", index)

    def user(self, key: str) -> User:
        """Find a user by object id, channel id, sign-in name or alias.

        Raises:
            KeyError: nobody has this id or name.
        """
        return self._index[key]

    def tenant(self, key: str) -> Tenant:
        """Find a tenant by id or domain.

        Raises:
            KeyError: no such tenant.
        """
        for tenant in self.tenants:
            if key.lower() in {tenant.id, tenant.domain}:
                return tenant
        raise KeyError(key)


DEMO_POPULATION = Population()
