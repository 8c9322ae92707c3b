"""Redirects in the tab: the rules, what is in force now, changes that may end by themselves."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, get_args

from pydantic import AwareDatetime, Field, StringConstraints

from bridge.errors import BadRequest
from bridge.model.redirects import in_force
from bridge.model.telephony import Redirect
from bridge.service.ports import Clock
from bridge.service.redirects import Redirects
from bridge.service.reminders import LONGEST
from tab.incoming import Incoming
from tab.operation import PBX, Operation
from tab.schema import Shape, Sparse

SOONEST: Final = timedelta(seconds=1)

Target = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Trigger = Literal["always", "busy", "timeout"]
_TRIGGERS: Final = frozenset(get_args(Trigger))
Leads = Literal["number", "voicemail"]


class MailboxChoice(Shape):
    """A voicemail box that a rule may lead to."""

    id: str
    name: str


class RedirectView(Sparse):
    """One rule: exactly one for each of the person's numbers and triggers.

    ``timeout`` in seconds, meant for the trigger ``timeout``. ``target`` is a number, or a mailbox's id with its name in
    ``targetName``. At ``until`` the rule becomes what it was before, if nobody changes it meanwhile.
    """

    id: str
    number: str
    group: bool
    trigger: Trigger
    enabled: bool
    timeout: int
    to: Leads
    target: str
    target_name: str | None = None
    mailboxes: list[MailboxChoice]
    until: datetime | None = None


class InForce(Sparse):
    """What happens to a call for ``number`` now."""

    redirect_id: str
    number: str
    group: bool
    trigger: Trigger
    after_seconds: int | None = None
    to: Leads
    target: str
    target_name: str | None = None
    until: datetime | None = None


class RedirectList(Shape):
    """All rules, and those that decide about calls now."""

    redirects: list[RedirectView]
    in_force: list[InForce]


class RedirectRequest(Shape):
    """What to change of a rule; what is left out stays. ``until`` lies at most 36 hours ahead."""

    enabled: bool
    to: Leads | None = None
    target: Target | None = None
    timeout: Annotated[int, Field(ge=1, le=600)] | None = None
    until: AwareDatetime | None = None


OPERATIONS: Final = (
    Operation(
        "list_redirects", "GET", "/api/v1/redirects", "Redirect rules, and what is in force now", answer=RedirectList,
        refusals=(*PBX, "not_found"), tag="redirects",
    ),
    Operation(
        "change_redirect", "PUT", "/api/v1/redirects/{id}", "Change a rule, for good or until a time",
        body=RedirectRequest, answer=RedirectList, refusals=(*PBX, "not_found"), tag="redirects", parameters=("id",),
    ),
)  # fmt: skip


class RedirectActs:
    """What the operations above do."""

    def __init__(self, redirects: Redirects, clock: Clock) -> None:
        self._redirects = redirects
        self._clock = clock

    async def list_redirects(self, incoming: Incoming) -> RedirectList:
        """GET /redirects."""
        return _list(await self._redirects.all(incoming.key), await self._redirects.ends(incoming.key))

    async def change_redirect(self, incoming: Incoming) -> RedirectList:
        """PUT /redirects/{id}."""
        body: RedirectRequest = incoming.body
        await self._redirects.change(
            incoming.key,
            incoming.parameter,
            enabled=body.enabled,
            to=body.to,
            target=body.target,
            timeout=body.timeout,
            until=self._checked(body.until),
        )
        return await self.list_redirects(incoming)

    def _checked(self, until: datetime | None) -> float | None:
        if until is None:
            return None
        if not SOONEST <= until - self._clock.now() <= LONGEST:
            raise BadRequest("until lies in the past or too far ahead")
        return until.timestamp()


def _list(rules: tuple[Redirect, ...], ends: Mapping[str, float]) -> RedirectList:
    known = [rule for rule in rules if rule.trigger in _TRIGGERS]
    return RedirectList(
        redirects=[_rule(rule, ends) for rule in known], in_force=[_fact(rule, ends) for rule in in_force(known)]
    )


def _rule(rule: Redirect, ends: Mapping[str, float]) -> RedirectView:
    return RedirectView.model_validate(
        {
            "id": rule.id,
            "number": rule.number,
            "group": rule.group,
            "trigger": rule.trigger,
            "enabled": rule.enabled,
            "timeout": rule.timeout,
            "to": rule.to,
            "target": rule.target,
            "target_name": _target_name(rule),
            "mailboxes": [MailboxChoice(id=box, name=name) for box, name in rule.mailboxes],
            "until": _end(rule, ends),
        }
    )


def _fact(rule: Redirect, ends: Mapping[str, float]) -> InForce:
    return InForce.model_validate(
        {
            "redirect_id": rule.id,
            "number": rule.number,
            "group": rule.group,
            "trigger": rule.trigger,
            "after_seconds": rule.timeout if rule.trigger == "timeout" else None,
            "to": rule.to,
            "target": rule.target,
            "target_name": _target_name(rule),
            "until": _end(rule, ends),
        }
    )


def _target_name(rule: Redirect) -> str | None:
    return dict(rule.mailboxes).get(rule.target) if rule.to == "voicemail" else None


def _end(rule: Redirect, ends: Mapping[str, float]) -> datetime | None:
    return datetime.fromtimestamp(ends[rule.id], UTC) if rule.id in ends else None
