"""Faults on demand: answers that come late, broken, endless or not at all."""

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase


class Kind(StrEnum):
    """What goes wrong with an answer."""

    DELAY = "delay"
    HANG = "hang"
    RESET = "reset"
    HALF_BODY = "half_body"
    HTML = "html"
    REDIRECT = "redirect"
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    GERMAN_FAULT = "german_fault"
    OVERSIZE = "oversize"
    NEVER_ENDING = "never_ending"
    TRICKLE = "trickle"


@dataclass(slots=True)
class Misbehaviour:
    """One fault for requests whose method fits `method` (`*`, `*.call.hold`, `GET /rest/*`).

    `times` is for how many requests (None: until cleared). `seconds` is the delay of DELAY and the pause between
    bytes of TRICKLE, in real time; `size` the bytes of OVERSIZE. With `after_effect` the PBX does what was asked
    before it misbehaves; DELAY, HALF_BODY and TRICKLE always do.
    """

    kind: Kind
    method: str = "*"
    times: int | None = None
    seconds: float = 1.0
    size: int = 8 * 1024 * 1024
    after_effect: bool = False

    @property
    def takes_effect(self) -> bool:
        return self.after_effect or self.kind in {Kind.DELAY, Kind.HALF_BODY, Kind.TRICKLE}


@dataclass(slots=True)
class Misbehaviours:
    """The faults in force; the first that fits a method is taken."""

    active: list[Misbehaviour] = field(default_factory=list)

    def add(self, misbehaviour: Misbehaviour) -> None:
        self.active.append(misbehaviour)

    def clear(self) -> None:
        self.active.clear()

    def take(self, method: str) -> Misbehaviour | None:
        """The fault for this request, counted down; None when the PBX is to behave."""
        for each in self.active:
            if fnmatchcase(method, each.method):
                self._count_down(each)
                return each
        return None

    def _count_down(self, used: Misbehaviour) -> None:
        if used.times is None:
            return
        used.times -= 1
        if used.times <= 0:
            self.active = [each for each in self.active if each is not used]
