"""The virtual environment of the peers: made once under build/, from pinned requirements with hashes."""

import subprocess
import sys
from pathlib import Path

from infra.bench.children import ROOT

FOLDER = ROOT / "build" / "bench-venv"
REQUIREMENTS = Path(__file__).parent / "requirements-peers.txt"
_PATIENCE = 240
_STAMP = FOLDER / ".installed"


def peers_python(*, may_install: bool) -> Path | None:
    """Give the peers' Python, or ``None`` when they are not installed and cannot be."""
    python, wanted = FOLDER / "bin" / "python", REQUIREMENTS.read_text()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return python
    if not may_install:
        return None
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    commands: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", FOLDER],
        [*install, "-r", REQUIREMENTS],
    )
    for command in commands:
        done = subprocess.run(command, stdout=sys.stderr, timeout=_PATIENCE, check=False)  # noqa: S603 - our own words
        if done.returncode != 0:
            return None
    _STAMP.write_text(wanted)
    return python
