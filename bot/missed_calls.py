"""What is told of calls that were missed: one message for each number, or one a day, and none for what a colleague took."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.answers import new_nonce
from bot.call_card import Missed
from bot.conversations import Subject
from bot.delivery import Delivery
from bot.living_cards import ENDED_LIFE, LivingCards, Phase, Reader, slot_of, version_of
from bot.zones import Zones
from bridge.model.calls import Call
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import CallMissed
from bridge.service.notice_aftermath import Aftermath, Fate
from bridge.service.notice_choices import seconds_left, seconds_until
from bridge.service.outbox import Letter, Outbox
from bridge.service.ports import Clock, Once

TOGETHER: Final = timedelta(minutes=10)
"""Calls of one number that follow one another within this time become one message."""
MISSED_LIFE: Final = 12 * 3600.0
DIGEST_LIFE: Final = 36 * 3600.0
DECLINED_FOR: Final = timedelta(minutes=10)
MAXIMUM_TIMES: Final = 20
MAXIMUM_LISTED: Final = 60
_TURN: Final = timedelta(seconds=3)
_GROUP, _DIGEST, _DECLINED = "missed_of_number", "missed_digest", "call_declined"


class MissedCalls:
    """Finds out what became of unanswered calls and tells what is worth telling."""

    def __init__(
        self,
        *,
        living: LivingCards,
        delivery: Delivery,
        outbox: Outbox,
        aftermath: Aftermath,
        once: Once,
        subject: Subject,
        clock: Clock,
        zones: Zones,
    ) -> None:
        self._living = living
        self._delivery = delivery
        self._outbox = outbox
        self._aftermath = aftermath
        self._once = once
        self._subject = subject
        self._clock = clock
        self._zones = zones

    async def declined(self, user: UserKey, call: CallId) -> None:
        """Note that the person themselves rejected a call: what they know is not told."""
        await self._once.keep(_DECLINED, f"{self._subject(user)}/{call}", {"declined": True}, DECLINED_FOR)

    async def tell(self, user: UserKey, name: CallId, missed: CallMissed) -> None:
        """Tell of one unanswered call; ``name`` is the id under which its card is known."""
        reader = await self._living.reader(user)
        if reader is None:
            return
        slot, call = slot_of(name), missed.call
        if await self._once.take(_DECLINED, f"{self._subject(user)}/{call.id}"):
            await self._finish(reader, slot, call, Fate.DECLINED)
            return
        if missed.voicemail and reader.choices.voicemail and await self._message_left(reader, slot, call):
            return
        fate = await self._aftermath.of(user, missed)
        if fate is not Fate.MISSED:
            await self._finish(reader, slot, call, fate)
            return
        await self._missed(reader, slot, call)

    async def _finish(self, reader: Reader, slot: str, call: Call, fate: Fate) -> None:
        """Say on the card, if there is one, how the call ended; no message for it."""
        told = self._living.cards(reader.chat.locale).fate(call, fate, new_nonce())
        await self._living.say(reader, slot, version_of(call, Phase.FATE), told, life=ENDED_LIFE, only_edit=True)

    async def _message_left(self, reader: Reader, slot: str, call: Call) -> bool:
        message = await self._aftermath.message_left(reader.user, call)
        if message is None:
            return False
        one = Missed(call.remote.number, call.remote.name, (call.started_at,), seconds=message.duration)
        told = self._living.cards(reader.chat.locale).missed(one, new_nonce())
        wait = await self._quiet_left(reader)
        version = version_of(call, Phase.FATE)
        return await self._living.say(reader, slot, version, told, life=MISSED_LIFE + wait, not_for=wait) or True

    async def _missed(self, reader: Reader, slot: str, call: Call) -> None:
        """Edit the call's card where there is one; else one message, or a line in the next digest, if these are wanted."""
        shown = await self._outbox.shown(reader.user, slot) is not None
        if not shown and not reader.choices.missed:
            return
        if not shown and (reader.choices.digest is not None or reader.is_quiet):
            await self._into_digest(reader, call)
            return
        async with self._once.slot("missed", self._subject(reader.user), 1, _TURN):
            before, times = await self._of_number(reader, call)
            here = slot if shown or not before else before
            await self._keep_group(reader, call, here, times)
        missed = Missed(call.remote.number, call.remote.name, times)
        told = self._living.cards(reader.chat.locale).missed(missed, new_nonce())
        await self._living.say(reader, here, version_of(call, Phase.FATE), told, life=MISSED_LIFE)
        if before and before != here:
            gone = Letter(before, version_of(call, Phase.FATE), reader.chat.address, None, ENDED_LIFE, only_edit=True)
            await self._delivery.put(reader.user, gone)

    async def _of_number(self, reader: Reader, call: Call) -> tuple[str, tuple[datetime, ...]]:
        """Give the message that tells of this number already, and when it called, this time included."""
        kept = await self._once.kept(_GROUP, self._group(reader, call)) if call.remote.number else None
        times = (*_moments(kept), call.started_at) if kept else (call.started_at,)
        return str(kept.get("slot", "")) if kept else "", times[-MAXIMUM_TIMES:]

    async def _keep_group(self, reader: Reader, call: Call, slot: str, times: tuple[datetime, ...]) -> None:
        if call.remote.number:
            value = {"slot": slot, "times": [time.timestamp() for time in times]}
            await self._once.keep(_GROUP, self._group(reader, call), value, TOGETHER)

    def _group(self, reader: Reader, call: Call) -> str:
        return f"{self._subject(reader.user)}/{call.remote.number}"

    async def _into_digest(self, reader: Reader, call: Call) -> None:
        """Add a call to the message that goes out later; the message grows until then."""
        async with self._once.slot("missed", self._subject(reader.user), 1, _TURN):
            kept = await self._once.kept(_DIGEST, self._subject(reader.user)) or {}
            now, due = self._clock.time(), kept.get("due")
            if not isinstance(due, int | float) or due <= now:
                kept, due = {"slot": f"digest/{secrets.token_hex(8)}"}, now + await self._digest_in(reader)
            lines = [*_lines(kept), _line(call)][-MAXIMUM_LISTED:]
            value = {"slot": kept["slot"], "due": due, "lines": lines}
            await self._once.keep(_DIGEST, self._subject(reader.user), value, timedelta(seconds=due - now + 60))
        told = self._living.cards(reader.chat.locale).digest(_gathered(lines), new_nonce())
        version, wait = version_of(call, Phase.FATE), max(0.0, due - self._clock.time())
        await self._living.say(reader, str(kept["slot"]), version, told, life=wait + DIGEST_LIFE, not_for=wait)

    async def _digest_in(self, reader: Reader) -> float:
        """Seconds until the next digest: the chosen time, or the end of the quiet hours."""
        local = await self._zones.local(self._clock.now(), reader.chat.zone)
        quiet = seconds_left(reader.choices.quiet, local)
        if reader.choices.digest is None:
            return quiet
        wait = seconds_until(reader.choices.digest, local)
        then = await self._zones.local(self._clock.now() + timedelta(seconds=wait), reader.chat.zone)
        return wait + seconds_left(reader.choices.quiet, then)

    async def _quiet_left(self, reader: Reader) -> float:
        local = await self._zones.local(self._clock.now(), reader.chat.zone)
        return seconds_left(reader.choices.quiet, local)


def _moments(kept: Mapping[str, object]) -> tuple[datetime, ...]:
    stamps = kept.get("times")
    found = stamps if isinstance(stamps, list) else []
    return tuple(datetime.fromtimestamp(stamp, UTC) for stamp in found if isinstance(stamp, int | float))


def _line(call: Call) -> list[object]:
    return [call.remote.number, call.remote.name, call.started_at.timestamp()]


def _lines(kept: Mapping[str, object]) -> list[list[object]]:
    lines = kept.get("lines")
    return [line for line in lines if isinstance(line, list) and len(line) == 3] if isinstance(lines, list) else []


def _gathered(lines: list[list[object]]) -> list[Missed]:
    """One entry for each number, in the order of its newest call."""
    found: dict[str, Missed] = {}
    for number, name, stamp in lines:
        key = str(number) or f"unknown {len(found)}"
        earlier = found.pop(key, None)
        moment = datetime.fromtimestamp(float(str(stamp)), UTC)
        times = (*(earlier.times if earlier else ()), moment)
        found[key] = Missed(str(number), str(name) or (earlier.name if earlier else ""), times)
    return list(found.values())
