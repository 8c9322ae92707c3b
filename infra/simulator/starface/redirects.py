"""Redirect rules of a user and of the user's groups: which there are, and how they are changed."""

from infra.simulator.starface.numbers import parse_dialled
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import DestinationType, Redirect, User


class RedirectError(ValueError):
    """The setting does not fit a rule; nothing was changed."""


def change_redirect(
    pbx: Pbx,
    user: User,
    redirect_id: str,
    *,
    enabled: bool,
    timeout: int,
    destination_type: str,
    destination: str,
) -> Redirect:
    """Change one rule of a user and tell the user's clients. Raises RedirectError."""
    rule = next((each for each in user.redirects if each.id == redirect_id), None)
    if rule is None:
        raise RedirectError(f"there is no redirect {redirect_id}")
    kind = _kind(destination_type)
    target = _target(pbx, kind, destination, enabled=enabled)
    rule.enabled, rule.timeout, rule.destination_type, rule.destination = enabled, timeout, kind, target
    if kind is DestinationType.VOICEMAIL:
        rule.last_mailbox = target
    else:
        rule.last_number = target
    pbx.announcer.redirect_changed(user.login, rule)
    pbx.announcer.user_changed(user.login)
    return rule


def _kind(name: str) -> DestinationType:
    try:
        return DestinationType(name)
    except ValueError:
        raise RedirectError(f"no destination type {name}") from None


def _target(pbx: Pbx, kind: DestinationType, destination: str, *, enabled: bool) -> str:
    if kind is DestinationType.VOICEMAIL:
        if enabled and destination not in pbx.accounts.mailboxes:
            raise RedirectError(f"no mailbox {destination}")
        return destination
    number = parse_dialled(destination) if destination else ""
    if number is None or (enabled and not number):
        raise RedirectError("no telephone number")
    return number
