"""How a simulated PBX is set up, in Python or from a JSON file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from infra.simulator.starface.demo import demo_population, generate_contacts
from infra.simulator.starface.population import Behaviour, Outside, Population, User

FIRST_SHA512 = (6, 4, 2, 19)
FIRST_OAUTH = (10,)


_POPULATION_KEYS = frozenset({"users", "changes", "contacts", "outside"})
_USER_FIELDS = frozenset(
    {"password", "first_name", "last_name", "external", "email", "licence", "dnd", "chat_message"}
    | {"pick_up_after", "answer_after", "call_waiting", "queue_pause"}
)


class DirectoryMode(StrEnum):
    """How the PBX checks passwords."""

    INTERNAL = "Internal"
    ACTIVE_DIRECTORY = "ActiveDirectory"


class ConfigError(ValueError):
    """The configuration file does not fit; the message says where."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Pace of scripted steps in seconds of simulated time."""

    ringing: float = 0.02
    names: float = 0.02
    ring_timeout: float = 30.0
    voicemail: float = 1.0


@dataclass(frozen=True, slots=True)
class PbxConfig:
    """Everything that is fixed for the life of a simulated PBX; `port` 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0
    version: str = "8.1.2.2"
    directory_mode: DirectoryMode = DirectoryMode.INTERNAL
    population: Population = field(default_factory=demo_population)
    call_list_entries: int = 12
    voicemail_messages: int = 0
    default_outside: Outside = field(default_factory=lambda: Outside("", ""))
    delays: Delays = field(default_factory=Delays)
    time_scale: float = 1.0
    seed: int = 1
    client_secret: str = "simulated-client-secret"
    tls_certificate: str = ""
    tls_key: str = ""
    callback_ca: str = ""

    @property
    def version_numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split(".") if part.isdigit())


def read_config(path: Path) -> dict[str, Any]:
    """Keyword arguments of PbxConfig from a JSON file.

    Keys: the fields of PbxConfig except `population`; `delays` and `default_outside` as objects; `users` the
    number of generated people; `changes` an object from login to fields of that user, such as
    `{"0001": {"password": "…"}}`; `contacts` a number; `outside` a list of
    `{"number", "name", "behaviour", "after"}`. Raises ConfigError.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
        return _arguments(raw)
    except (OSError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _arguments(raw: Mapping[str, Any]) -> dict[str, Any]:
    known = {each.name for each in fields(PbxConfig)} - {"population"}
    given = {name: value for name, value in raw.items() if name not in _POPULATION_KEYS}
    if unknown := given.keys() - known:
        raise ConfigError(f"unknown keys: {', '.join(sorted(unknown))}")
    if "delays" in given:
        given["delays"] = Delays(**given["delays"])
    if "default_outside" in given:
        given["default_outside"] = _outside({"number": "", "name": "", **given["default_outside"]})
    if "directory_mode" in given:
        given["directory_mode"] = DirectoryMode(given["directory_mode"])
    return {**given, "population": _population(raw)}


def _population(raw: Mapping[str, Any]) -> Population:
    population = demo_population(int(raw.get("users", 6)))
    people = {each.login: each for each in population.users}
    for login, changes in raw.get("changes", {}).items():
        if login not in people:
            raise ConfigError(f"changes: there is no user {login}")
        _change_user(people[login], changes)
    if "contacts" in raw:
        population.contacts = generate_contacts(int(raw["contacts"]))
    population.outside.extend(_outside(each) for each in raw.get("outside", []))
    return population


def _change_user(person: User, changes: Mapping[str, Any]) -> None:
    if unknown := changes.keys() - _USER_FIELDS:
        raise ConfigError(f"changes: unknown keys: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(person, name, value)


def _outside(raw: Mapping[str, Any]) -> Outside:
    return Outside(**{**raw, "behaviour": Behaviour(raw.get("behaviour", "answers"))})
