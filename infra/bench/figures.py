"""One row of the table: what was measured, its peer, the median ratio of the rounds and the bound it has to hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import Any, Literal, Self

Sense = Literal["at least", "at most"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A row. ``limit`` bounds ``ratio`` in the given ``sense``; a row without a limit only informs."""

    metric: str
    ours: float | None
    peer: float | None
    ratio: float | None
    limit: float | None = None
    sense: Sense = "at least"
    unit: str = "/s"
    against: str = ""
    """What the peer is."""
    note: str = ""
    spread: tuple[float, float] | None = None
    """Lowest and highest ratio of the rounds."""
    sound: bool = True
    """Whether what belongs to the row besides the ratio held too (nothing lost, nothing out of order, count of trips)."""

    @property
    def verdict(self) -> str:
        """``held``, ``MISSED``, ``not run``, or a dash for a row that only informs."""
        if not self.sound:
            return "MISSED"
        if self.limit is None:
            return "-"
        if self.ratio is None:
            return "not run"
        held = self.ratio >= self.limit if self.sense == "at least" else self.ratio <= self.limit
        return "held" if held else "MISSED"

    def line(self) -> str:
        """The row as one JSON line."""
        return json.dumps({**asdict(self), "verdict": self.verdict}, ensure_ascii=False)

    @classmethod
    def read(cls, line: str) -> Self:
        """Read :meth:`line` back."""
        known: dict[str, Any] = json.loads(line)
        spread = known["spread"]
        known["spread"] = tuple(spread) if spread is not None else None
        return cls(**{slot.name: known[slot.name] for slot in fields(cls)})


def compared(metric: str, ours: Sequence[float], peer: Sequence[float], **told: Any) -> Figure:
    """Make a row of what each round measured: medians, and the median of the rounds' own ratios."""
    ratios = [one / other for one, other in zip(ours, peer, strict=True) if other > 0]
    if not ratios:
        return Figure(metric, median(ours) if ours else None, None, None, **told)
    spread = (min(ratios), max(ratios))
    return Figure(metric, median(ours), median(peer), median(ratios), spread=spread, **told)


def table(figures: Iterable[Figure], machine: Mapping[str, str]) -> str:
    """All rows as text, under what they were measured on."""
    heads = ("metric", "ours", "peer", "ratio (lowest-highest)", "target", "", "peer is; remarks")
    rows = [heads, *map(_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    head = [f"{name}: {value}" for name, value in machine.items()]
    return "\n".join([*head, "", lines[0], "-" * min(150, len(lines[0]) + 30), *(line.rstrip() for line in lines[1:])])


def _cells(figure: Figure) -> tuple[str, ...]:
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else "-"
    if figure.spread is not None:
        ratio += f" ({figure.spread[0]:.2f}-{figure.spread[1]:.2f})"
    sign = ">=" if figure.sense == "at least" else "<="
    target = f"{sign} {figure.limit:g}" if figure.limit is not None else "-"
    ours, peer = (_amount(value, figure.unit) for value in (figure.ours, figure.peer))
    remark = "; ".join(filter(None, (figure.against, figure.note)))
    return figure.metric, ours, peer, ratio, target, figure.verdict, remark


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"
