"""Who is meant, who has this number, what a colleague's telephone is doing."""

from collections.abc import Mapping

from bot import list_cards
from bot.commands import Intent
from bot.desk import Desk
from bot.elements import plain
from bot.reply import Reply, Turn, new_nonce
from bridge.model.people import Fit, Found, Person, find, from_lamps
from bridge.model.telephony import Lamp


class Lookup:
    """Finds people. A name that several have, or that nobody has exactly, is asked about, never guessed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def whom(
        self, turn: Turn, intent: Intent, verb: str, data: Mapping[str, object] | None = None
    ) -> tuple[str, str] | Reply:
        """Give number and name of the one who is meant, or the question whose buttons do ``verb`` with ``data``."""
        if intent.number:
            return intent.number, ""
        found = await self._desk.lists.people.search(turn.user, intent.name)
        meant = [each.person for each in _named(found) if each.person.numbers]
        if len(meant) == 1 and len(meant[0].numbers) == 1:
            return meant[0].numbers[0], meant[0].name
        offered = list_cards.choices(meant or [each.person for each in found])
        if not offered:
            return turn.reply("find-nobody", who=plain(intent.name))
        question = turn.say("which-number" if meant and len(meant) == 1 else "which-person")
        card = list_cards.choice(turn.cards, question, offered, verb, {**(data or {}), "nonce": new_nonce()})
        return Reply(question, card)

    async def find(self, turn: Turn, intent: Intent) -> Reply:
        """Show who may be meant, each with a button to call them."""
        found = await self._desk.lists.people.search(turn.user, intent.name or intent.number)
        people = [each.person for each in _named(found) or found if each.person.numbers]
        if not people:
            return turn.reply("find-nobody", who=plain(intent.name or intent.number))
        return self._shown(turn, people)

    async def who_is(self, turn: Turn, intent: Intent) -> Reply:
        """Show who has a number."""
        people = await self._desk.lists.people.who_is(turn.user, intent.number)
        named = [person for person in people if person.name]
        if named:
            return self._shown(turn, named)
        text = turn.say("who-is-nobody", number=plain(intent.number))
        return Reply(text, turn.cards.offer_call(intent.number, new_nonce(), text))

    async def presence(self, turn: Turn, intent: Intent) -> Reply:
        """Say what the telephones of the colleagues are doing who may be meant."""
        lamps = await self._desk.lists.people.colleagues(turn.user)
        meant = _colleagues(lamps, intent.name or intent.number)
        if not meant:
            return turn.reply("presence-nobody", who=plain(intent.name or intent.number))
        return self._lamps(turn, meant)

    async def colleagues(self, turn: Turn, _: Intent) -> Reply:
        """Show all colleagues on busy lamp fields."""
        lamps = await self._desk.lists.people.colleagues(turn.user)
        return self._lamps(turn, lamps) if lamps else turn.reply("colleagues-none")

    def _lamps(self, turn: Turn, lamps: tuple[Lamp, ...]) -> Reply:
        title = turn.say("colleagues-title")
        return Reply(title, list_cards.colleagues(turn.cards, title, lamps))

    def _shown(self, turn: Turn, people: list[Person]) -> Reply:
        if len(people) == 1:
            return Reply(plain(people[0].name or people[0].numbers[0]), list_cards.person(turn.cards, people[0]))
        title = turn.say("find-title")
        return Reply(title, list_cards.people(turn.cards, title, people))


def _named(found: tuple[Found, ...]) -> list[Found]:
    return [each for each in found if each.fit is Fit.NAMED]


def _colleagues(lamps: tuple[Lamp, ...], name: str) -> tuple[Lamp, ...]:
    """Those whom a name fits best."""
    found = find(from_lamps(lamps), name, "DE")
    best = [each.person for each in found if each.fit is found[0].fit]
    wanted = {(person.name, person.numbers[:1]) for person in best}
    return tuple(lamp for lamp in lamps if (lamp.name, (lamp.number,) if lamp.number else ()) in wanted)
