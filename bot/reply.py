"""What the bot answers with, and what every answer needs to know."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from bot.cards import Cards
from bot.elements import Json
from bridge.errors import BridgeError, SignedOut, TooManyAttempts
from bridge.model.ids import CallId, UserKey


@dataclass(frozen=True, slots=True)
class Reply:
    """A plain text, or a card, of which ``text`` is then the summary.

    ``asks_sign_in``: the card is edited once the person has signed in. ``call``: the card is that of this call from now on.
    """

    text: str = ""
    card: Json | None = None
    asks_sign_in: bool = False
    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Who asked, in which language, and where the clock stands for them."""

    user: UserKey
    cards: Cards
    zone: tzinfo = UTC

    def say(self, name: str, **facts: str | int) -> str:
        """A sentence of the catalogue."""
        return self.cards.say(name, **facts)

    def reply(self, name: str, **facts: str | int) -> Reply:
        """A sentence of the catalogue as the whole answer."""
        return Reply(self.cards.say(name, **facts))

    def in_language(self, locale: str) -> "Turn":
        """The same in another language."""
        return replace(self, cards=replace(self.cards, locale=locale))

    def clock_at(self, at: float, now: datetime) -> str:
        """As :meth:`clock`, of Unix seconds."""
        return self.clock(datetime.fromtimestamp(at, UTC), now)

    def clock(self, moment: datetime, now: datetime) -> str:
        """A moment of the next days as this person would say it."""
        here, today = moment.astimezone(self.zone), now.astimezone(self.zone)
        days = (here.date() - today.date()).days
        name = {0: "time-today", 1: "time-tomorrow"}.get(days, "time-later")
        return self.say(name, time=f"{here:%H:%M}", day=f"{here:%Y-%m-%d}")


def new_nonce() -> str:
    """A card's nonce: its buttons act once."""
    return secrets.token_urlsafe(9)


def sentence(cards: Cards, error: BridgeError) -> str:
    """The sentence of the catalogue for a refusal."""
    match error:
        case SignedOut():
            return cards.say(f"error-signed_out-{error.reason.value}")
        case TooManyAttempts():
            return cards.say("error-too_many_attempts", seconds=error.retry_after)
        case _:
            return cards.say(f"error-{error.code}")
