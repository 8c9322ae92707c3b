"""Which redirects are in force."""

from collections.abc import Iterable

from bridge.model.telephony import Redirect

_ORDER = {"always": 0, "busy": 1, "timeout": 2}


def in_force(rules: Iterable[Redirect]) -> tuple[Redirect, ...]:
    """Give the rules that decide about a call now: what redirects all calls to a number leaves nothing to its other rules."""
    enabled = [rule for rule in rules if rule.enabled]
    everything = {rule.number for rule in enabled if rule.trigger == "always"}
    deciding = [rule for rule in enabled if rule.trigger == "always" or rule.number not in everything]
    return tuple(sorted(deciding, key=lambda rule: (rule.group, rule.number, _ORDER.get(rule.trigger, 3))))
