"""Lists by command: calls that were, missed ones, messages, phones, redirects."""

from bot import list_cards
from bot.commands import Intent
from bot.desk import Desk
from bot.reply import Reply, Turn, new_nonce
from bridge.errors import NotOffered


class Listings:
    """Shows what the PBX keeps of a person."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def history(self, turn: Turn, _: Intent) -> Reply:
        """Show the newest calls."""
        page = await self._desk.lists.history.page(turn.user, limit=list_cards.SHOWN)
        if not page.entries:
            return turn.reply("history-none")
        title = turn.say("history-title")
        return Reply(title, list_cards.history(turn.cards, title, page.entries, page.total))

    async def missed(self, turn: Turn, _: Intent) -> Reply:
        """Show the newest calls that nobody took."""
        page = await self._desk.lists.history.missed(turn.user, limit=list_cards.SHOWN)
        if not page.entries:
            return turn.reply("missed-none")
        title = turn.say("missed-title")
        return Reply(title, list_cards.history(turn.cards, title, page.entries, page.total))

    async def voicemail(self, turn: Turn, _: Intent) -> Reply:
        """Show the newest messages."""
        messages = await self._desk.lists.voicemails.messages(turn.user, limit=list_cards.SHOWN)
        if not messages:
            return turn.reply("voicemail-none")
        title = turn.say("voicemail-title")
        return Reply(title, list_cards.voicemails(turn.cards, title, messages))

    async def phones(self, turn: Turn, _: Intent) -> Reply:
        """Show the phones, with a button to make another one the primary."""
        known = await self._desk.control.phones(turn.user)
        if not known:
            return turn.reply("phones-none")
        title = turn.say("phones-title")
        return Reply(title, list_cards.phones(turn.cards, title, known, new_nonce()))

    async def redirects(self, turn: Turn, _: Intent) -> Reply:
        """Show the rules that are on."""
        try:
            rules = await self._desk.lists.redirects.all(turn.user)
        except NotOffered:
            return turn.reply("redirects-not-offered")
        active = [rule for rule in rules if rule.enabled]
        if not active:
            return turn.reply("redirects-none")
        title = turn.say("redirects-title")
        return Reply(title, list_cards.redirects(turn.cards, title, active))
