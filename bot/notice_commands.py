"""Which notices a person wants, and when not, by command."""

from collections.abc import Mapping
from dataclasses import asdict

from bot.commands import Intent
from bot.desk import Desk
from bot.phrases import NOTICE_KINDS
from bot.preferences_card import changes_of, choices_card
from bot.reply import Reply, Turn, new_nonce
from bot.undo import Undo
from bridge.service.notice_choices import NIGHT, Choices, Kind


class NoticeCommands:
    """Shows and changes the choices that :class:`bridge.service.notice_choices.Preferences` keeps."""

    def __init__(self, desk: Desk, undo: Undo) -> None:
        self._desk = desk
        self._undo = undo

    async def notices(self, turn: Turn, intent: Intent) -> Reply:
        """Show the choices, or switch one kind, or all of them."""
        if intent.on is None:
            return self._shown(turn, await self._desk.lists.preferences.of(turn.user))
        kinds = [NOTICE_KINDS.get(intent.kind, "")] if intent.kind else [kind.value for kind in Kind]
        if "" in kinds:
            return turn.reply("notices-which")
        return await self._change(turn, dict.fromkeys(kinds, intent.on))

    async def quiet_hours(self, turn: Turn, intent: Intent) -> Reply:
        """Set or end the hours in which nothing is told."""
        if intent.on is None:
            return self._shown(turn, await self._desk.lists.preferences.of(turn.user))
        if not intent.on:
            return await self._change(turn, {"quiet": None})
        span = NIGHT if intent.span is None else (_minutes(intent.span[0]), _minutes(intent.span[1]))
        return turn.reply("quiet-same") if span[0] == span[1] else await self._change(turn, {"quiet": span})

    async def digest(self, turn: Turn, intent: Intent) -> Reply:
        """Tell missed calls together, at one time of the day."""
        if intent.on is None:
            return self._shown(turn, await self._desk.lists.preferences.of(turn.user))
        at = _minutes(intent.span[0]) if intent.on and intent.span is not None else None
        return turn.reply("digest-when") if intent.on and at is None else await self._change(turn, {"digest": at})

    async def _change(self, turn: Turn, changes: Mapping[str, object]) -> Reply:
        before = asdict(await self._desk.lists.preferences.of(turn.user))
        after = await self._desk.lists.preferences.change(turn.user, changes)
        nonce = new_nonce()
        kept = {name: before[name] for name in changes}
        await self._undo.keep(turn.user, nonce, {"kind": "notices", "choices": kept})
        return self._shown(turn, after, nonce)

    async def save(self, turn: Turn, fields: Mapping[str, object]) -> Reply:
        """Take over what was filled in on the card."""
        return await self._change(turn, changes_of(fields))

    def _shown(self, turn: Turn, choices: Choices, nonce: str = "") -> Reply:
        actions = [turn.cards.undo(nonce)] if nonce else []
        return Reply(turn.say("notices-title"), choices_card(turn.cards, choices, new_nonce(), actions))


def _minutes(clock: tuple[int, int]) -> int:
    """Hour and minute as minutes after midnight."""
    return clock[0] * 60 + clock[1]
