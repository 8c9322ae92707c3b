"""Cards of lists: people, calls that were, messages, phones, redirects (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards import TELEPHONY_TEXTS, Cards, local_time, named
from bot.elements import Json, act, ask, buttons, group, heading, literal, paragraph
from bridge.model.people import Person, Source
from bridge.model.telephony import HistoryEntry, Lamp, Phone, Redirect, Voicemail

SHOWN = 5
"""Rows with a button of their own (Teams allows six actions on a card)."""

Choice = tuple[Person, str]
"""Somebody, and the one of their numbers that is meant."""


def choices(people: Sequence[Person]) -> list[Choice]:
    """Every number of everybody: first one of each, then the others."""
    firsts = [(person, person.numbers[0]) for person in people if person.numbers]
    return firsts + [(person, number) for person in people for number in person.numbers[1:]]


def choice(cards: Cards, question: str, offered: Sequence[Choice], verb: str, data: Mapping[str, object]) -> Json:
    """Ask which of several people or numbers is meant: nothing happens before a click."""
    shown = offered[:SHOWN]
    body = [heading(question), *(paragraph(person_line(cards, person, number)) for person, number in shown)]
    body += _narrower(cards, len(offered))
    actions = [act(named(person.name, number), verb, {**data, "number": number}) for person, number in shown]
    return cards.frame(body, actions)


def person(cards: Cards, somebody: Person) -> Json:
    """One person, with a button for each number; pressing one leaves the card as it is."""
    body = [heading(literal(somebody.name or somebody.numbers[0])), *_about(cards, somebody)]
    return cards.frame(body, [dial(cards, number) for number in somebody.numbers[:SHOWN]])


def shared(cards: Cards, somebody: Person) -> Json:
    """One person on a card that is sent to others: who presses a button calls with their own telephone."""
    body = [heading(literal(somebody.name or somebody.numbers[0]))]
    if somebody.company:
        body.append(paragraph(literal(somebody.company)))
    body.append(paragraph(literal(", ".join(somebody.numbers))))
    actions = [
        act(cards.say("button-call-number", number=number), "dial", {"number": number})
        for number in somebody.numbers[:SHOWN]
    ]
    return cards.frame(body, actions)


def numbers(cards: Cards, question: str, found: Sequence[str], nonce: str) -> Json:
    """Numbers of a message, in a dialog: pressing one calls it."""
    actions = [ask(cards.say("button-call-number", number=number), "dial", {"number": number}) for number in found]
    return cards.frame([heading(question)], [{**action, "id": f"{nonce}-{at}"} for at, action in enumerate(actions)])


def people(cards: Cards, title: str, everybody: Sequence[Person]) -> Json:
    """Several people, each with a button for the first number."""
    body = [heading(title)]
    for somebody in everybody[:SHOWN]:
        parts = [paragraph(person_line(cards, somebody, ", ".join(somebody.numbers[:3])))]
        if somebody.numbers:
            parts.append(buttons([dial(cards, somebody.numbers[0])]))
        body.append(group(parts))
    return cards.frame([*body, *_narrower(cards, len(everybody))])


def colleagues(cards: Cards, title: str, lamps: Sequence[Lamp]) -> Json:
    """Colleagues and what their telephones are doing."""
    body = [heading(title)]
    shown = [lamp for lamp in lamps if lamp.name or lamp.number][: 4 * SHOWN]
    body += [paragraph(f"{literal(lamp.name or lamp.number)} – {state_word(cards, lamp.state)}") for lamp in shown]
    numbers = [lamp for lamp in shown if lamp.number][:SHOWN] if len(shown) <= SHOWN else []
    return cards.frame(body, [dial(cards, lamp.number, lamp.name) for lamp in numbers])


def history(cards: Cards, title: str, entries: Sequence[HistoryEntry], total: int) -> Json:
    """Calls that were, newest first."""
    body = [heading(title)]
    for entry in entries[:SHOWN]:
        parts = [paragraph(_entry_line(cards, entry))]
        if entry.remote.number:
            parts.append(buttons([dial(cards, entry.remote.number, entry.remote.name)]))
        body.append(group(parts))
    if total > SHOWN:
        body.append(paragraph(cards.say("list-more", count=total - SHOWN), subtle=True))
    return cards.frame(body)


def voicemails(cards: Cards, title: str, messages: Sequence[Voicemail]) -> Json:
    """Messages that were left, newest first."""
    body = [heading(title)]
    for message in messages[:SHOWN]:
        who = literal(named(message.remote.name, message.remote.number)) or cards.say("calls-unknown")
        line = cards.say(
            "voicemail-line", who=who, time=_time(cards, message.started_at), length=length(message.duration)
        )
        parts = [paragraph(line)]
        if message.remote.number:
            parts.append(buttons([dial(cards, message.remote.number, message.remote.name)]))
        body.append(group(parts))
    return cards.frame(body)


def phones(cards: Cards, title: str, known: Sequence[Phone], nonce: str) -> Json:
    """The person's phones; the primary one is said to be it, the others can be made it."""
    body = [heading(title)]
    names = [literal(phone.name) for phone in known]
    body += [
        paragraph(cards.say("phone-primary" if phone.primary else "phone-other", phone=name))
        for phone, name in zip(known, names, strict=True)
    ]
    others = [phone for phone in known if not phone.primary][:SHOWN]
    actions = [
        act(cards.say("button-use-phone", phone=phone.name), "use_phone", {"nonce": nonce, "phone": phone.id})
        for phone in others
    ]
    return cards.frame(body, actions)


def redirects(cards: Cards, title: str, rules: Sequence[Redirect]) -> Json:
    """The rules that are switched on."""
    lines = [paragraph(redirect_line(cards, rule)) for rule in rules]
    return cards.frame([heading(title), *lines], [ask(cards.say("button-redirect-off"), "redirect_off")])


def redirect_line(cards: Cards, rule: Redirect) -> str:
    """One rule in a sentence."""
    where = place_of(cards, rule)
    return cards.say(
        f"redirect-{rule.trigger if rule.trigger in {'always', 'busy', 'timeout'} else 'always'}",
        number=literal(rule.number),
        where=where,
        seconds=rule.timeout,
    )


def place_of(cards: Cards, rule: Redirect) -> str:
    """Where a rule leads."""
    return cards.say("place-voicemail") if rule.to == "voicemail" else literal(rule.target)


def dial(cards: Cards, number: str, name: str = "") -> Json:
    """A button that places a call and leaves its card as it is."""
    return ask(cards.say("button-call-who", who=name or number), "dial", {"number": number})


def person_line(cards: Cards, somebody: Person, number: str) -> str:
    """Somebody in a line."""
    parts = [literal(part) for part in (somebody.name, somebody.company, number) if part]
    if somebody.source is Source.COLLEAGUE and somebody.state:
        parts.append(state_word(cards, somebody.state))
    return " · ".join(parts)


def state_word(cards: Cards, state: str) -> str:
    """The word for a telephone's state."""
    return cards.say(f"telephony-{state if state in TELEPHONY_TEXTS else 'other'}")


def length(seconds: int) -> str:
    """A duration as minutes and seconds."""
    return f"{max(0, seconds) // 60}:{max(0, seconds) % 60:02d}"


def _narrower(cards: Cards, count: int) -> list[Json]:
    """That there are more than are shown, and how to get at them."""
    return [paragraph(cards.say("list-narrower", count=count - SHOWN), subtle=True)] if count > SHOWN else []


def _about(cards: Cards, somebody: Person) -> list[Json]:
    lines = [paragraph(literal(somebody.company))] if somebody.company else []
    lines += [paragraph(literal(", ".join(somebody.numbers)))]
    where = cards.say(f"source-{somebody.source.value}")
    if somebody.source is Source.COLLEAGUE and somebody.state:
        where = f"{where} – {state_word(cards, somebody.state)}"
    return [*lines, paragraph(where, subtle=True)]


def _entry_line(cards: Cards, entry: HistoryEntry) -> str:
    who = literal(named(entry.remote.name, entry.remote.number)) or cards.say("calls-unknown")
    kind = entry.direction.value if entry.answered else f"{entry.direction.value}-missed"
    return cards.say(f"history-{kind}", who=who, time=_time(cards, entry.started_at), length=length(entry.duration))


def _time(cards: Cards, moment: datetime | None) -> str:
    return local_time(moment) if moment is not None else cards.say("time-unknown")
