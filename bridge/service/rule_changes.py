"""Changes of redirect rules, and how they are written down to be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.model.telephony import Redirect


@dataclass(frozen=True, slots=True)
class Changed:
    """One rule before and after a change."""

    before: Redirect
    after: Redirect


def written_changes(changes: Sequence[Changed]) -> list[list[dict[str, object]]]:
    """Write changes of rules as JSON values, to be sealed."""
    return [[_written(change.before), _written(change.after)] for change in changes]


def read_changes(value: object) -> tuple[Changed, ...]:
    """Read what :func:`written_changes` wrote; what is not of that form is left out."""
    pairs = value if isinstance(value, list) else []
    read = [(_read(pair[0]), _read(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    return tuple(Changed(before, after) for before, after in read if before is not None and after is not None)


def _written(rule: Redirect) -> dict[str, object]:
    return {
        "id": rule.id,
        "number": rule.number,
        "trigger": rule.trigger,
        "enabled": rule.enabled,
        "to": rule.to,
        "target": rule.target,
        "timeout": rule.timeout,
    }


def _read(value: object) -> Redirect | None:
    if not isinstance(value, dict):
        return None
    texts = [value.get(name) for name in ("id", "number", "trigger", "to", "target")]
    enabled, timeout = value.get("enabled"), value.get("timeout")
    if (
        not all(isinstance(text, str) for text in texts)
        or not isinstance(enabled, bool)
        or not isinstance(timeout, int)
    ):
        return None
    rule, number, trigger, to, target = map(str, texts)
    return Redirect(rule, number, False, trigger, enabled, to, target, timeout)  # noqa: FBT003 - the rules of own numbers
