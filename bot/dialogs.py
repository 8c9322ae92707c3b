"""The sign-in dialog: a page of the tab, opened and closed by Teams; the chat itself never sees what is typed there."""

from collections.abc import Mapping

from bot.cards import Cards
from bot.elements import Json

WIDTH, HEIGHT = 480, 560
"""Pixels; the page scrolls on smaller screens."""
SIGN_IN = "sign_in"
PAGE = "/tab/sign-in.html"


class Dialogs:
    """Answers to ``task/fetch`` and ``task/submit``."""

    def __init__(self, public_url: str) -> None:
        self._url = public_url.rstrip("/") + PAGE

    def fetch(self, value: object, cards: Cards) -> Json:
        """The page to open; the sign-in dialog is the only one, an unknown name is told so."""
        data = value.get("data") if isinstance(value, Mapping) else None
        name = data.get("dialog") if isinstance(data, Mapping) else None
        if name != SIGN_IN:
            return self.message(cards.say("click-unknown"))
        page = {
            "title": cards.say("sign-in-dialog"),
            "url": self._url,
            "fallbackUrl": self._url,
            "width": WIDTH,
            "height": HEIGHT,
        }
        return {"task": {"type": "continue", "value": page}}

    @staticmethod
    def message(text: str) -> Json:
        """Close the dialog with a sentence."""
        return {"task": {"type": "message", "value": text}}
