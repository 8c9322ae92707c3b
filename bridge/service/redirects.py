"""Redirects of a person's numbers: read, change, send everything somewhere, take it back."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from bridge.errors import BadRequest, BridgeError, NotFound
from bridge.model.ids import UserKey
from bridge.model.numbers import canonical, comparable, dial_string
from bridge.model.telephony import Redirect
from bridge.service.lines import Line, Lines
from bridge.service.reminders import Reminders, Temporary
from bridge.service.rule_changes import Changed, read_changes, written_changes

__all__ = ["ALWAYS", "NUMBER", "VOICEMAIL", "Changed", "Redirects", "take_back"]

ALWAYS, NUMBER, VOICEMAIL = "always", "number", "voicemail"


class Redirects:
    """Every method raises ``SignedOut`` without a live sign-in, and ``PbxPermission`` without the right to redirect."""

    def __init__(self, lines: Lines, reminders: Reminders) -> None:
        self._lines = lines
        self._reminders = reminders

    async def all(self, user: UserKey) -> tuple[Redirect, ...]:
        """Give the rules: one for each of the person's numbers and triggers, groups' numbers included."""
        return await self._lines.use(user, lambda line: line.pbx.redirects())

    async def change(
        self,
        user: UserKey,
        rule: str,
        *,
        enabled: bool,
        to: str | None = None,
        target: str | None = None,
        timeout: int | None = None,
        until: float | None = None,
    ) -> Redirect:
        """Change one rule; what is ``None`` stays. Gives the rule after it.

        ``until`` (Unix seconds): then the rule becomes what it was before, if nobody changed it meanwhile; one that was in force
        already ends then.

        Raises:
            NotFound: the person has no such rule.
            BadRequest: ``target`` is no telephone number or none of the boxes, or there is nothing to take back.
        """

        async def apply(line: Line) -> Redirect:
            known = await line.pbx.redirects()
            before = next((each for each in known if each.id == rule), None)
            if before is None:
                raise NotFound("no such redirect")
            leads = to or before.to
            wished = before.target if target is None else target
            other = leads != before.to  # what it led to before does not fit then, even while the rule is off
            if leads == NUMBER and (target is not None or enabled or other):
                wished = canonical(dial_string(wished, line.session.country))
            if leads == VOICEMAIL and (enabled or other):
                wished = _box(before, target)
            after = replace(
                before, enabled=enabled, to=leads, target=wished, timeout=before.timeout if timeout is None else timeout
            )
            note = await self._note(line, Changed(before, after), until)
            earlier = (await self._reminders.waiting(user)).get(rule, (None, None))
            await self._reminders.wait(user, rule, until, note)  # before the rule is set: it must not stay for ever
            try:
                await line.pbx.set_redirect(after)
            except BridgeError:
                await self._reminders.wait(user, rule, *earlier)
                raise
            return after

        await self._reminders.cancel(user, Temporary.REDIRECTS)
        return await self._lines.use(user, apply)

    async def ends(self, user: UserKey) -> dict[str, float]:
        """When each rule that was changed for a time becomes what it was: ids and Unix seconds."""
        return {rule: at for rule, (at, _) in (await self._reminders.waiting(user)).items()}

    async def _note(self, line: Line, change: Changed, until: float | None) -> object:
        """Write down what to take back; a rule that still is as it was set for a time goes back to what it was before that."""
        if until is None:
            return None
        before, after = change.before, change.after
        _, earlier = (await self._reminders.waiting(line.session.user)).get(before.id, (0.0, None))
        for known in read_changes([earlier]):
            if _same(before, known.after, line.session.country):
                before = known.before
        if _same(before, after, line.session.country):
            if not after.enabled:
                raise BadRequest("a rule that is off already does not end")
            before = replace(after, enabled=False)
        return written_changes([Changed(before, after)])[0]

    async def send_everything(self, user: UserKey, target: str) -> tuple[Changed, ...]:
        """Redirect all calls to the person's own numbers to a number; an empty ``target`` means their voicemail.

        Raises:
            BadRequest: there is no telephone number in ``target``.
            NotFound: there is nothing to redirect, or no voicemail box to redirect to.
        """

        async def apply(line: Line) -> tuple[Changed, ...]:
            number = canonical(dial_string(target, line.session.country)) if target else ""
            rules = [rule for rule in await line.pbx.redirects() if rule.trigger == ALWAYS and not rule.group]
            changes = [Changed(rule, _sent_to(rule, number)) for rule in rules if number or rule.mailboxes]
            if not changes:
                raise NotFound("nothing to redirect")
            return await _apply(line, changes)

        await self._reminders.cancel(user, Temporary.REDIRECTS)
        return await self._lines.use(user, apply)

    async def end_all(self, user: UserKey) -> tuple[Changed, ...]:
        """Switch off what redirects all calls to the person's own numbers; empty when nothing did."""

        async def apply(line: Line) -> tuple[Changed, ...]:
            rules = [rule for rule in await line.pbx.redirects() if rule.trigger == ALWAYS and not rule.group]
            return await _apply(line, [Changed(rule, replace(rule, enabled=False)) for rule in rules if rule.enabled])

        await self._reminders.cancel(user, Temporary.REDIRECTS)
        return await self._lines.use(user, apply)

    async def take_back(self, user: UserKey, changes: Sequence[Changed]) -> int:
        """Put back what is still as it was set; give how many rules were. What somebody changed since then is left alone."""
        await self._reminders.cancel(user, Temporary.REDIRECTS)
        return await self._lines.use(user, lambda line: take_back(line, changes))


async def take_back(line: Line, changes: Sequence[Changed]) -> int:
    """As :meth:`Redirects.take_back`, on a line that is open."""
    now = {rule.id: rule for rule in await line.pbx.redirects()}
    country = line.session.country
    ours = [change for change in changes if (rule := now.get(change.before.id)) and _same(rule, change.after, country)]
    for change in ours:
        await line.pbx.set_redirect(change.before)
    return len(ours)


async def _apply(line: Line, changes: Sequence[Changed]) -> tuple[Changed, ...]:
    """Make all changes or, as far as the PBX lets us, none."""
    done: list[Changed] = []
    try:
        for change in changes:
            await line.pbx.set_redirect(change.after)
            done.append(change)
    except BridgeError:
        for change in done:
            with contextlib.suppress(BridgeError):
                await line.pbx.set_redirect(change.before)
        raise
    return tuple(changes)


def _box(rule: Redirect, target: str | None) -> str:
    """Give the mailbox that is meant; without a word about it the one that the rule leads to, or the only one."""
    boxes = [box for box, _ in rule.mailboxes]
    wished = target or (rule.target if rule.to == VOICEMAIL else "")
    if wished and (wished in boxes or not boxes):  # a PBX need not tell which boxes there are
        return wished
    if target or len(boxes) != 1:
        raise BadRequest("no such voicemail box")
    return boxes[0]


def _sent_to(rule: Redirect, number: str) -> Redirect:
    if number:
        return replace(rule, enabled=True, to=NUMBER, target=number)
    boxes = [box for box, _ in rule.mailboxes]
    box = rule.target if rule.to == VOICEMAIL and rule.target in boxes else boxes[0]
    return replace(rule, enabled=True, to=VOICEMAIL, target=box)


def _same(one: Redirect, other: Redirect, country: str) -> bool:
    if (one.enabled, one.to) != (other.enabled, other.to):
        return False
    if not one.enabled or one.to == VOICEMAIL:
        return not one.enabled or one.target == other.target
    return comparable(one.target, country) == comparable(other.target, country)
