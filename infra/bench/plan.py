"""How long and how often to measure, and where: the server on one core, the load on the other."""

import argparse
import contextlib
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, LOAD_CORE = 0, -1
"""First and last of the cores we may use."""

PRIORITY = -10
"""So that what else the machine does disturbs less; ours and its peer have the same."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``rounds`` alternations; ``slice`` seconds for each variant in each of them; ``people`` with an open stream."""

    rounds: int = 5
    slice: float = 1.0
    people: int = 1000
    may_install: bool = True

    def turns(self) -> Iterator[bool]:
        """Whose turn it is, round by round: ``True`` for the peer. The order changes, so that neither always goes first."""
        for number in range(self.rounds):
            yield from ((True, False) if number % 2 == 0 else (False, True))


FULL = Plan()
QUICK = Plan(rounds=3, slice=0.3, people=200)
TINY = Plan(rounds=1, slice=0.05, people=10, may_install=False)


def read_plan(what: str) -> Plan:
    """Read the command line of one benchmark file."""
    parser = argparse.ArgumentParser(description=what)
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", dest="plan", action="store_const", const=QUICK, help="fewer and shorter rounds")
    sizes.add_argument("--tiny", dest="plan", action="store_const", const=TINY, help="only show that it runs")
    parser.set_defaults(plan=FULL)
    plan: Plan = parser.parse_args().plan
    return plan


def pin(core: int) -> None:
    """Keep this process, and what it starts from now on, on one core where there are two, ahead of others where that is allowed."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    with contextlib.suppress(
        OSError
    ):  # Linux weighs whole sessions against each other first, then processes within one
        Path("/proc/self/autogroup").write_text(str(PRIORITY))


def allow_many_files() -> None:
    """Let this process and its children open as many sockets as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
