"""What one operation of ``/api/v1`` is, as data: what it takes, what it answers, which refusals it knows."""

from dataclasses import dataclass, field
from typing import Final, Literal

from tab.schema import Query, Shape

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

PBX: Final = ("signed_out", "pbx_permission", "pbx_unreachable", "pbx_protocol", "pbx_timeout")
JSON: Final = "application/json"
_LEAVES_NOTHING: Final = frozenset({"sign_out", "forget_traces"})
"""Operations that must not leave a remembered answer behind; done twice they are done once anyway."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; ``name`` is its id in the OpenAPI page and the name of its handler."""

    name: str
    verb: Verb
    path: str
    summary: str
    status: int = 200
    body: type[Shape] | None = None
    query: type[Query] | None = None
    answer: type[Shape] | None = None
    media: str = JSON
    """Type of a successful answer; for any other than JSON the handler makes the response itself."""
    refusals: tuple[str, ...] = ()
    tag: str = "calls"
    stream: bool = False
    parameters: tuple[str, ...] = field(default=())

    @property
    def repeatable(self) -> bool:
        """Whether an ``Idempotency-Key`` matters."""
        return self.verb != "GET" and self.name not in _LEAVES_NOTHING
