"""Build the Teams app package from the environment into ``dist/``; exit 2 with one line for each fault."""

import os
import sys
import tomllib
from pathlib import Path

from manifest.archive import write_archive
from manifest.composition import HOME, compose
from manifest.inspection import inspect
from manifest.order import OrderRefused, read_order


def main() -> int:
    """Read, compose, inspect, write."""
    project = tomllib.loads((HOME.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        order = read_order(os.environ, project["version"])
    except OrderRefused as refusal:
        return _refuse(refusal.faults)
    package = compose(order)
    if faults := inspect(package):
        return _refuse(faults)
    target = Path("dist") / f"bridge-for-starface-{order.version}.zip"
    write_archive(package, target)
    sys.stdout.write(f"{target}: app {order.package_id} of {order.public_url}, version {order.version}\n")
    return 0


def _refuse(faults: list[str]) -> int:
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 2


if __name__ == "__main__":
    sys.exit(main())
