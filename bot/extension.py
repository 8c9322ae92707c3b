"""The message extension: people in the search beside the compose box, and "call this number" on a message.

What it answers is seen by the person alone; a card that they then send may be seen, and pressed, by others, each for their own
telephone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from bot import list_cards
from bot.activities import CARD
from bot.clicks import Clicks
from bot.desk import Desk
from bot.dialogs import Dialogs, in_form_of
from bot.elements import Json, plain
from bot.reply import Turn, new_nonce, sentence
from bot.words import bare, is_number
from bridge.errors import BridgeError, SignInNeeded
from bridge.model.numbers import numbers_in
from bridge.model.people import Person, Source

PEOPLE: Final = "people"
CALL_NUMBER: Final = "callNumber"
PATIENCE: Final = 4.0
"""Seconds for a search; Teams shows nothing that comes after five."""
SHOWN: Final = 15
LONGEST_TEXT: Final = 100
WIDTH, HEIGHT = 420, 320
THUMBNAIL: Final = "application/vnd.microsoft.card.thumbnail"
REGION: Final = "DE"
"""Where a number without country code is read so as to be recognised as one; how it is dialled is a matter of the person's PBX."""


class Extension:
    """Answers to ``composeExtension/…``."""

    def __init__(self, desk: Desk, clicks: Clicks, dialogs: Dialogs) -> None:
        self._desk = desk
        self._clicks = clicks
        self._dialogs = dialogs
        self.table: Mapping[str, Callable[[object, Turn], Awaitable[Json]]] = {
            "composeExtension/query": self.query,
            "composeExtension/fetchTask": self.fetch,
            "composeExtension/submitAction": self.submit,
        }

    async def query(self, value: object, turn: Turn) -> Json:
        """Search, or show whom the person spoke with last; never later than Teams waits."""
        wanted = _search_text(value)
        if wanted is None:
            return message(turn.say("click-unknown"))
        try:
            async with asyncio.timeout(PATIENCE):
                people = await self._people(turn, wanted)
        except SignInNeeded as error:
            return message(turn.say("extension-sign-in", why=sentence(turn.cards, error)))
        except BridgeError as error:
            return message(sentence(turn.cards, error))
        except TimeoutError:
            return message(turn.say("error-pbx_timeout"))
        return _results(turn, people) if people else message(turn.say("extension-nobody"))

    async def fetch(self, value: object, turn: Turn) -> Json:
        """Open the dialog of "call this number": the numbers of the message, or the sign-in page if there is none."""
        fields = value if isinstance(value, Mapping) else {}
        if fields.get("commandId") != CALL_NUMBER:
            return self._dialogs.message(turn.say("click-unknown"))
        try:
            live = (await self._desk.sign_ins.view(turn.user)).live
        except BridgeError as error:
            return self._dialogs.message(sentence(turn.cards, error))
        if not live:
            return self._dialogs.sign_in(turn.cards)
        numbers = await asyncio.to_thread(numbers_in, _message_text(fields), REGION)
        if not numbers:
            return self._dialogs.message(turn.say("extension-no-number"))
        card = list_cards.numbers(turn.cards, turn.say("extension-which-number"), numbers, new_nonce())
        title = turn.say("extension-call")
        page = {"title": title, "width": WIDTH, "height": HEIGHT, "card": {"contentType": CARD, "content": card}}
        return {"task": {"type": "continue", "value": page}}

    async def submit(self, value: object, turn: Turn) -> Json:
        """A button of that dialog: call the number; what else comes is the end of the sign-in page."""
        fields = value if isinstance(value, Mapping) else {}
        data = fields.get("data")
        number = data.get("number") if isinstance(data, Mapping) else None
        if isinstance(number, str):
            return self._dialogs.message((await self._clicks.dial(number, turn)).text)
        return await self._dialogs.closed(self._desk, turn.user, turn.cards)

    async def _people(self, turn: Turn, wanted: str) -> Sequence[Person]:
        lists = self._desk.lists
        if not wanted:
            return await lists.people.recent(turn.user, SHOWN)
        found = [each.person for each in await lists.people.search(turn.user, wanted, SHOWN) if each.person.numbers]
        if is_number(wanted) and sum(map(str.isdigit, wanted)) > 2:
            found.append(Person("", (wanted,), Source.RECENT))
        return found[:SHOWN]


def message(text: str) -> Json:
    """A result that is only a sentence."""
    return in_form_of("composeExtension/query", text)


def _results(turn: Turn, people: Sequence[Person]) -> Json:
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": [_attachment(turn, person) for person in people],
        }
    }


def _attachment(turn: Turn, person: Person) -> Json:
    state = list_cards.state_word(turn.cards, person.state) if person.state else ""
    about = " · ".join(part for part in (", ".join(person.numbers[:2]), person.company, state) if part)
    preview = {"title": plain(person.name or person.numbers[0]), "text": plain(about)}
    return {
        "contentType": CARD,
        "content": list_cards.shared(turn.cards, person),
        "preview": {"contentType": THUMBNAIL, "content": preview},
    }


def _search_text(value: object) -> str | None:
    """What was typed; empty for the first look, ``None`` for what is no search of ours."""
    fields = value if isinstance(value, Mapping) else {}
    parameters = fields.get("parameters")
    if fields.get("commandId") != PEOPLE or not isinstance(parameters, list):
        return None
    for parameter in parameters[:10]:
        if isinstance(parameter, Mapping) and parameter.get("name") == "searchText":
            text = parameter.get("value")
            return bare(text[:LONGEST_TEXT]) if isinstance(text, str) else ""
    return ""


def _message_text(fields: Mapping[str, object]) -> str:
    payload = fields.get("messagePayload")
    body = payload.get("body") if isinstance(payload, Mapping) else None
    content = body.get("content") if isinstance(body, Mapping) else None
    return bare(content) if isinstance(content, str) else ""
