"""Where a call to a person would ring now, and what decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bridge.model.presence import OwnPresence
from bridge.model.telephony import Phone, Redirect


class Rings(StrEnum):
    """Where calls go."""

    PHONES = "phones"
    REDIRECTED = "redirected"
    VOICEMAIL = "voicemail"
    NOWHERE = "nowhere"
    DISTURBED = "disturbed"
    """Nowhere, because the person does not want to be disturbed."""
    WAITING = "waiting"
    """On the phones, but the person is on a call."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The place, and the rules that matter for it: ``always`` sends everything away, ``later`` after some rings or when busy."""

    rings: Rings
    phones: tuple[Phone, ...]
    always: Redirect | None = None
    later: tuple[Redirect, ...] = ()


def reach(presence: OwnPresence, phones: Sequence[Phone], redirects: Sequence[Redirect]) -> Reach:
    """Decide where calls to the person's own numbers ring: a redirect of all calls comes before do not disturb, then the phones."""
    own = [rule for rule in redirects if rule.enabled and not rule.group]
    always = next((rule for rule in own if rule.trigger == "always"), None)
    ordered = tuple(sorted(phones, key=lambda phone: not phone.primary))
    if always is not None:
        rings = Rings.VOICEMAIL if always.to == "voicemail" else Rings.REDIRECTED
        return Reach(rings, ordered, always)
    later = tuple(rule for rule in _one_of_each(own) if _applies(rule, presence))
    if presence.dnd:
        return Reach(Rings.DISTURBED, ordered, None, later)
    if presence.telephony == "unavailable" or not phones:
        return Reach(Rings.NOWHERE, ordered, None, later)
    return Reach(Rings.WAITING if presence.telephony == "active" else Rings.PHONES, ordered, None, later)


def _one_of_each(rules: Sequence[Redirect]) -> tuple[Redirect, ...]:
    """Several numbers of one person mostly have the same rules; one of each is enough to tell."""
    return tuple({(rule.trigger, rule.to, rule.target): rule for rule in rules}.values())


def _applies(rule: Redirect, presence: OwnPresence) -> bool:
    return rule.trigger == "timeout" or (
        rule.trigger == "busy" and (presence.telephony == "active" or bool(presence.dnd))
    )
