"""Who is on the PBX right now, found by login, number or id."""

from collections.abc import Iterator

from infra.simulator.starface.population import FunctionKey, Group, Mailbox, Outside, Population, User


class UnknownAccountError(LookupError):
    """There is no such user or group."""


class Accounts:
    """The changing population of one running PBX; works on a copy of what it was given."""

    def __init__(self, population: Population, default_outside: Outside) -> None:
        own = population.copy()
        self.users: dict[str, User] = {each.login: each for each in own.users}
        self.groups: dict[str, Group] = {each.id: each for each in own.groups}
        self.mailboxes: dict[str, Mailbox] = {each.id: each for each in own.mailboxes}
        self.contacts = own.contacts
        self.modules_on: set[str] = set()
        self._outside = {each.number: each for each in own.outside}
        self._default_outside = default_outside
        self._user_by_number = {number: each for each in own.users for number in (each.internal, *each.external)}
        self._watchers: dict[str, list[tuple[str, FunctionKey]]] = {}
        for each in own.users:
            for key in each.keys:
                if key.type == "BUSY_LAMP_FIELD":
                    self._watchers.setdefault(key.target, []).append((each.login, key))
        self._group_by_number = {number: each for each in own.groups for number in (each.internal, *each.external)}

    def user(self, login: str) -> User:
        """Raises UnknownAccountError."""
        try:
            return self.users[login]
        except KeyError:
            raise UnknownAccountError(f"There is no user {login}") from None

    def group(self, group_id: str) -> Group:
        """Find a group by id or name. Raises UnknownAccountError."""
        for each in self.groups.values():
            if group_id in {each.id, each.name}:
                return each
        raise UnknownAccountError(f"There is no group {group_id}")

    def user_of_number(self, number: str) -> User | None:
        person = self._user_by_number.get(number)
        return person if person is not None and person.login in self.users else None

    def group_of_number(self, number: str) -> Group | None:
        return self._group_by_number.get(number)

    def outside(self, number: str) -> Outside:
        """The person behind an outside number; unknown numbers behave as the configuration's default."""
        return self._outside.get(number, self._default_outside)

    def set_outside(self, outside: Outside) -> None:
        self._outside[outside.number] = outside

    def watchers(self, login: str) -> list[tuple[str, FunctionKey]]:
        """Who has a busy lamp field for this user, and which key it is."""
        return [(watcher, key) for watcher, key in self._watchers.get(login, []) if watcher in self.users]

    def groups_of(self, login: str) -> Iterator[Group]:
        return (each for each in self.groups.values() if login in each.members)

    def mailboxes_of(self, login: str) -> list[Mailbox]:
        return [each for each in self.mailboxes.values() if each.owner == login]

    def remove(self, login: str) -> None:
        """Take a user off the PBX. Raises UnknownAccountError."""
        self.user(login)
        del self.users[login]
        for group in self.groups.values():
            group.logged_on.discard(login)
            if login in group.members:
                group.members.remove(login)
