"""The demonstration population: invented people, and numbers from the ranges kept free for fiction."""

import base64
import random

from infra.simulator.starface.population import (
    Behaviour,
    Contact,
    DestinationType,
    FunctionKey,
    Group,
    Mailbox,
    Outside,
    Phone,
    Population,
    Redirect,
    RedirectType,
    User,
)

NAMES = (
    ("Anna", "Schmidt"),
    ("Jonas", "Weber"),
    ("Lena", "Köhler"),
    ("Mehmet", "Yılmaz"),
    ("Sophie", "Brandt"),
    ("Lukas", "Groß"),
)
FIRST_NAMES = ("Emma", "Ben", "Mia", "Paul", "Hannah", "Finn", "Jürgen", "Zoë", "Björn", "Marlene", "Aylin", "Tomasz")
LAST_NAMES = ("Müller", "Fischer", "Wagner", "Becker", "Schäfer", "Nowak", "Öztürk", "Neumann", "Vogel", "Hoß")
COMPANIES = ("Nordlicht Technik GmbH", "Bäckerei Kranz", "Hafenkontor AG", "Praxis Dr. Seidel", "Tischlerei Ohm")

TRUNK = "+493023125"
"""+49 30 23125 000 to 999 is reserved for films and books."""

_AVATAR = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_RULES_OF_A_NUMBER = (
    (RedirectType.ALWAYS, DestinationType.PHONENUMBER),
    (RedirectType.BUSY, DestinationType.VOICEMAIL),
    (RedirectType.TIMEOUT, DestinationType.VOICEMAIL),
)


def demo_population(users: int = 6, contacts: int = 60) -> Population:
    """People `0001`, `0002` … with the passwords `Demo-0001!`, `Demo-0002!` …; extensions from 10 up.

    Beyond the six with fixed names, people are generated, so that a load test may ask for thousands.
    """
    people = [_person(index, min(users, 12)) for index in range(1, users + 1)]
    return Population(
        users=people,
        groups=_groups(people),
        mailboxes=[_mailbox(each) for each in people],
        outside=_outside_numbers(),
        contacts=generate_contacts(contacts),
    )


def generate_contacts(count: int) -> list[Contact]:
    """An address book of invented customers, the same at every start."""
    chance = random.Random(23125)
    return [_contact(index, chance) for index in range(1, count + 1)]


def extension_of(index: int) -> str:
    """Short number of the n-th person, counted from 1."""
    return str(9 + index)


def _person(index: int, watched: int) -> User:
    login = f"{index:04d}"
    first, last = _name(index)
    extension = extension_of(index)
    phones = [
        Phone(f"SIP/{login}-desk", "Tischtelefon", 100 + 2 * index),
        Phone(f"SIP/{login}-app", "Softphone", 101 + 2 * index),
    ]
    person = User(
        login=login,
        password=f"Demo-{login}!",
        first_name=first,
        last_name=last,
        account_id=1000 + index,
        internal=extension,
        external=[f"{TRUNK}{index % 1000:03d}"] if index < 500 else [],
        phones=phones,
        primary_phone=phones[0].id,
        email=f"user{login}@example.com",
        avatar=_AVATAR if index == 1 else b"",
    )
    person.keys = _keys(person, watched)
    person.redirects = _redirects(person)
    return person


def _name(index: int) -> tuple[str, str]:
    if index <= len(NAMES):
        return NAMES[index - 1]
    return FIRST_NAMES[index % len(FIRST_NAMES)], LAST_NAMES[index % len(LAST_NAMES)]


def _keys(person: User, watched: int) -> list[FunctionKey]:
    colleagues = [index for index in range(1, watched + 1) if f"{index:04d}" != person.login]
    lamps = [
        FunctionKey(f"{person.login}-blf-{index}", " ".join(_name(index)), "BUSY_LAMP_FIELD", f"{index:04d}")
        for index in colleagues
    ]
    return [
        *lamps,
        FunctionKey(f"{person.login}-dial", "Nordlicht Technik", "QUICK_DIAL", f"{TRUNK}800"),
        FunctionKey(f"{person.login}-dnd", "Ruhe", "DO_NOT_DISTURB"),
        FunctionKey(f"{person.login}-night", "Nachtschaltung", "MODULE_ACTIVATION", "night"),
        FunctionKey(f"{person.login}-shown-0", "Durchwahl zeigen", "SIGNAL_NUMBER", "0"),
        FunctionKey(f"{person.login}-shown-1", "Nummer unterdrücken", "SIGNAL_NUMBER", "1"),
    ]


def _redirects(person: User) -> list[Redirect]:
    rules = []
    for number in [person.internal, *person.external]:
        for kind, destination in _RULES_OF_A_NUMBER:
            to_box = destination is DestinationType.VOICEMAIL
            target = f"box-{person.login}" if to_box else f"{TRUNK}801"
            rules.append(
                Redirect(
                    id=f"{person.login}-{number.lstrip('+')}-{kind.lower()}",
                    type=kind,
                    called_number=number,
                    destination_type=destination,
                    destination=target,
                    last_number="" if to_box else target,
                    last_mailbox=target if to_box else "",
                )
            )
    return rules


def _groups(people: list[User]) -> list[Group]:
    logins = [each.login for each in people]
    sales, service = logins[:3], logins[1:5]
    first = 80 if len(people) <= 60 else 9001
    return [
        Group("2001", "Vertrieb", str(first), [f"{TRUNK}580"], sales, set(sales)),
        Group("2002", "Service", str(first + 1), [f"{TRUNK}581"], service, set(service)),
    ]


def _mailbox(person: User) -> Mailbox:
    return Mailbox(f"box-{person.login}", f"Mailbox {person.name}", person.internal, person.login)


def _outside_numbers() -> list[Outside]:
    return [
        Outside(f"{TRUNK}800", "Nordlicht Technik GmbH"),
        Outside(f"{TRUNK}801", "Max Müller", after=0.5),
        Outside(f"{TRUNK}802", "Bäckerei Kranz", Behaviour.BUSY),
        Outside(f"{TRUNK}803", "Hafenkontor AG", Behaviour.NEVER_ANSWERS),
        Outside(f"{TRUNK}804", "Praxis Dr. Seidel", Behaviour.REJECTS, after=0.3),
        Outside(f"{TRUNK}805", "Zeitansage", after=0.1, hangs_up_after=3.0),
    ]


def _contact(index: int, chance: random.Random) -> Contact:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return Contact(
        id=str(5000 + index),
        first_name=first,
        last_name=last,
        company=chance.choice(COMPANIES),
        email=f"contact{index}@example.org",
        numbers=(f"{TRUNK}{600 + index % 200:03d}", f"+4917139200{index % 100:02d}"),
        tag=chance.choice(("Kunden", "Lieferanten")),
    )
