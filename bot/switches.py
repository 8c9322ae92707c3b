"""What a person switches by command, for a time or for good; each can be taken back for ten minutes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from bot import list_cards
from bot.commands import Intent
from bot.desk import Desk
from bot.elements import literal
from bot.languages import Languages
from bot.lookup import Lookup
from bot.reply import Reply, Turn, new_nonce
from bot.undo import Undo
from bridge.errors import BridgeError, NotFound
from bridge.model.ids import PhoneId
from bridge.model.messages import ChoosePhone, SetDoNotDisturb
from bridge.model.spelling import folded
from bridge.model.telephony import Phone
from bridge.service.redirects import Changed
from bridge.service.reminders import Temporary
from bridge.service.takebacks import read_changes, written_changes
from bridge.texts import language_of


class Switches:
    """Do not disturb, redirects, the primary phone and the language of the chat."""

    def __init__(self, desk: Desk, lookup: Lookup, undo: Undo, languages: Languages) -> None:
        self._desk = desk
        self._lookup = lookup
        self._undo = undo
        self._languages = languages
        self._back: dict[str, Callable[[Turn, Mapping[str, object]], Awaitable[bool]]] = {
            "dnd": self._dnd_back,
            "redirects": self._redirects_back,
            "phone": self._phone_back,
            "language": self._language_back,
            "notices": self._notices_back,
        }

    # -------------------------------------------------------------- do not disturb

    async def dnd(self, turn: Turn, intent: Intent) -> Reply:
        """Switch do not disturb, until a time if one was named."""
        enabled = intent.on is not False
        before = await self._desk.control.presence(turn.user)
        await self._desk.control.set_dnd(SetDoNotDisturb(turn.user, enabled))
        if not enabled or intent.until is None:
            text = turn.say("dnd-on" if enabled else "dnd-off")
            return await self._undo.changed(turn, text, {"kind": "dnd", "enabled": bool(before.dnd)})
        until, shown = self._moment(turn, intent)
        await self._desk.lists.reminders.set(turn.user, Temporary.DND, until.timestamp(), {})
        text = turn.say("dnd-until", time=shown)
        more = await self._if_signed_out_by_then(turn, until)
        return await self._undo.changed(turn, text, {"kind": "dnd", "enabled": bool(before.dnd)}, more)

    async def _dnd_back(self, turn: Turn, before: Mapping[str, object]) -> bool:
        await self._desk.control.set_dnd(SetDoNotDisturb(turn.user, before.get("enabled") is True))
        return True

    # -------------------------------------------------------------- redirects

    async def redirect(self, turn: Turn, intent: Intent) -> Reply:
        """Redirect all calls to a number, somebody, or the voicemail."""
        if intent.kind:
            return await self._redirected(turn, "", "", intent)
        data = {"until": self._moment(turn, intent)[0].timestamp()} if intent.until is not None else {}
        whom = await self._lookup.whom(turn, intent, "redirect", data)
        return whom if isinstance(whom, Reply) else await self._redirected(turn, *whom, intent)

    async def redirect_to(self, turn: Turn, number: str, until: object) -> Reply:
        """Redirect all calls to the number that was chosen; ``until`` in Unix seconds, if it is to end."""
        ends = _until(until, self._now())
        return await self._redirected(turn, number, "", None, ends)

    async def redirect_off(self, turn: Turn, _: Intent) -> Reply:
        """End the redirect of all calls."""
        changes = await self._desk.lists.redirects.end_all(turn.user)
        if not changes:
            return turn.reply("redirects-none")
        return await self._undo.changed(turn, turn.say("redirect-ended"), _note(changes))

    async def _redirected(
        self, turn: Turn, number: str, name: str, intent: Intent | None, ends: datetime | None = None
    ) -> Reply:
        if intent is not None and intent.until is not None:
            ends, _ = self._moment(turn, intent)
        try:
            changes = await self._desk.lists.redirects.send_everything(turn.user, number)
        except NotFound:
            return turn.reply("redirect-nothing")
        if ends is not None:
            note = {"changes": written_changes(changes)}
            await self._desk.lists.reminders.set(turn.user, Temporary.REDIRECTS, ends.timestamp(), note)
        where = " · ".join(part for part in (name, number) if part) or turn.say("place-voicemail")
        sentence = "redirected-until" if ends is not None else "redirected"
        time = turn.clock(ends, self._now()) if ends is not None else ""
        more = await self._if_signed_out_by_then(turn, ends)
        return await self._undo.changed(turn, turn.say(sentence, where=literal(where), time=time), _note(changes), more)

    async def _redirects_back(self, turn: Turn, before: Mapping[str, object]) -> bool:
        return await self._desk.lists.redirects.take_back(turn.user, read_changes(before.get("changes"))) > 0

    # -------------------------------------------------------------- phones

    async def use_phone(self, turn: Turn, intent: Intent) -> Reply:
        """Make a phone the primary one; which, is asked if the name does not tell."""
        known = await self._desk.control.phones(turn.user)
        meant = _phones(known, intent.name or intent.number)
        if len(meant) == 1:
            return await self.choose_phone(turn, meant[0].id, known)
        title = turn.say("phones-which" if known else "phones-none")
        card = list_cards.phones(turn.cards, title, meant or known, new_nonce())
        return Reply(title, card) if known else Reply(title)

    async def choose_phone(self, turn: Turn, phone: PhoneId, known: Sequence[Phone] | None = None) -> Reply:
        """Make one phone the primary one."""
        before = known if known is not None else await self._desk.control.phones(turn.user)
        after = await self._desk.control.choose_phone(ChoosePhone(turn.user, phone))
        was = next((each.id for each in before if each.primary), "")
        name = next((each.name for each in after if each.id == phone), "")
        return await self._undo.changed(
            turn, turn.say("phone-chosen", phone=literal(name)), {"kind": "phone", "phone": was}
        )

    async def _phone_back(self, turn: Turn, before: Mapping[str, object]) -> bool:
        phone = before.get("phone")
        if not isinstance(phone, str) or not phone:
            return False
        await self._desk.control.choose_phone(ChoosePhone(turn.user, PhoneId(phone)))
        return True

    # -------------------------------------------------------------- language

    async def language(self, turn: Turn, intent: Intent) -> Reply:
        """Answer in another language from now on, or ask in which."""
        if not intent.kind:
            return Reply(turn.say("language-which"), turn.cards.languages(new_nonce()))
        return await self.choose_language(turn, intent.kind)

    async def choose_language(self, turn: Turn, language: str) -> Reply:
        """Answer in ``language``; this answer is the first."""
        before = await self._languages.chosen(turn.user)
        await self._languages.choose(turn.user, language)
        answering = turn.in_language(language_of(language))
        return await self._undo.changed(
            answering, answering.say("language-chosen"), {"kind": "language", "language": before}
        )

    async def _language_back(self, turn: Turn, before: Mapping[str, object]) -> bool:
        language = before.get("language")
        await self._languages.choose(turn.user, language if isinstance(language, str) else "")
        return True

    async def _notices_back(self, turn: Turn, before: Mapping[str, object]) -> bool:
        choices = before.get("choices")
        await self._desk.lists.preferences.change(turn.user, choices if isinstance(choices, dict) else {})
        return True

    # -------------------------------------------------------------- undo

    async def undo(self, turn: Turn, nonce: str) -> Reply:
        """Take a change back; what somebody changed since then stays."""
        before = await self._undo.take(turn.user, nonce)
        deed = self._back.get(str(before.get("kind"))) if before is not None else None
        if before is None or deed is None:
            return turn.reply("undo-gone")
        try:
            done = await deed(turn, before)
        except BridgeError:
            await self._undo.keep(turn.user, nonce, before)
            raise
        text = turn.say("undone" if done else "undo-changed")
        return Reply(text, turn.cards.notice(text))

    # -------------------------------------------------------------- times

    def _now(self) -> datetime:
        return self._desk.lists.clock.now()

    def _moment(self, turn: Turn, intent: Intent) -> tuple[datetime, str]:
        now = self._now()
        moment = intent.until.moment(now, turn.zone) if intent.until is not None else now
        return moment, turn.clock(moment, now)

    async def _if_signed_out_by_then(self, turn: Turn, until: datetime | None) -> list[str]:
        """Say so when the sign-in ends before: then nobody can take it back in time."""
        ends = (await self._desk.sign_ins.view(turn.user)).ends_at
        if until is None or ends is None or ends >= until:
            return []
        return [turn.say("until-after-sign-in", time=turn.clock(ends, self._now()))]


def _note(changes: Sequence[Changed]) -> Mapping[str, object]:
    return {"kind": "redirects", "changes": written_changes(changes)}


def _until(value: object, now: datetime) -> datetime | None:
    """Read the end that a card carries; what is over or further away than a day and a half is none."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value - now.timestamp() < 36 * 3600:
        return None
    return datetime.fromtimestamp(value, UTC)


def _phones(known: Sequence[Phone], name: str) -> list[Phone]:
    """Phones of that name; if there is none, those in whose name it occurs."""
    wanted = folded(name)
    exact = [phone for phone in known if folded(phone.name) == wanted or folded(phone.id) == wanted]
    return exact or [phone for phone in known if wanted and wanted in folded(phone.name)]
