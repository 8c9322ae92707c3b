"""The sign-in dialog: a page of the tab, opened and closed by Teams; the chat itself never sees what is typed there."""

from collections.abc import Mapping

from bot.cards import Cards
from bot.desk import Desk
from bot.elements import Json
from bridge.errors import BridgeError
from bridge.model.ids import UserKey

WIDTH, HEIGHT = 480, 560
"""Pixels; the page scrolls on smaller screens."""
SIGN_IN = "sign_in"
PAGE = "/tab/sign-in.html"
TOAST = "application/vnd.microsoft.activity.message"


class Dialogs:
    """Answers to ``task/fetch`` and ``task/submit``."""

    def __init__(self, public_url: str) -> None:
        self._url = public_url.rstrip("/") + PAGE

    def fetch(self, value: object, cards: Cards) -> Json:
        """The page to open; the sign-in dialog is the only one, an unknown name is told so."""
        data = value.get("data") if isinstance(value, Mapping) else None
        name = data.get("dialog") if isinstance(data, Mapping) else None
        return self.sign_in(cards) if name == SIGN_IN else self.message(cards.say("click-unknown"))

    def sign_in(self, cards: Cards) -> Json:
        """The page on which people sign in."""
        page = {
            "title": cards.say("sign-in-dialog"),
            "url": self._url,
            "fallbackUrl": self._url,
            "width": WIDTH,
            "height": HEIGHT,
        }
        return {"task": {"type": "continue", "value": page}}

    async def closed(self, desk: Desk, user: UserKey, cards: Cards) -> Json:
        """What the page sent is not believed: whether there is a sign-in is looked up."""
        try:
            live = (await desk.sign_ins.view(user)).live
        except BridgeError:
            live = False
        return self.message(cards.say("sign-in-done" if live else "sign-in-not-done"))

    @staticmethod
    def message(text: str) -> Json:
        """Close the dialog with a sentence."""
        return {"task": {"type": "message", "value": text}}


def in_form_of(invoke: str, text: str) -> Json:
    """A sentence in the form in which Teams wants the answer to this kind of invoke."""
    if invoke == "composeExtension/query":
        return {"composeExtension": {"type": "message", "text": text}}
    if invoke.startswith(("task/", "composeExtension/")):
        return Dialogs.message(text)
    return toast(text)


def toast(text: str) -> Json:
    """The answer to a click that leaves its card alone."""
    return {"statusCode": 200, "type": TOAST, "value": text}
