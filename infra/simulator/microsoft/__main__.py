"""`python -m infra.simulator.microsoft serve --port 0` runs the simulated Microsoft side as a process of its own.

It prints one JSON line with its port and addresses when it is ready, and stops on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from infra.simulator.microsoft.cloud import MicrosoftSettings
from infra.simulator.microsoft.simulator import MicrosoftSimulator

_FROM_FILE = {f.name for f in fields(MicrosoftSettings)} - {"population", "app_certificate"} | {"app_certificate_file"}


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.simulator.microsoft", description=__doc__)
    serve = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="run until stopped")
    serve.add_argument("--host", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="port, 0 for a free one (0)")
    serve.add_argument("--bot-endpoint", help="where the bot takes activities, e.g. http://127.0.0.1:3978/api/messages")
    serve.add_argument("--app-id", help="client id of the app registration")
    serve.add_argument("--app-secret", help="its secret")
    serve.add_argument("--home-tenant", help="tenant in which the app is registered")
    serve.add_argument("--config", type=Path, help="JSON file with the same settings (underscores for dashes)")
    return parser.parse_args(argv)


def settings_from(options: argparse.Namespace) -> MicrosoftSettings:
    """Settings of the file, overruled by the command line.

    Raises:
        SystemExit: the file names a setting that does not exist.
    """
    values: dict[str, Any] = json.loads(options.config.read_text()) if options.config else {}
    if unknown := set(values) - _FROM_FILE:
        raise SystemExit(f"unknown settings: {', '.join(sorted(unknown))}")
    if certificate := values.pop("app_certificate_file", None):
        values["app_certificate"] = Path(certificate).read_bytes()
    given = {name: value for name, value in vars(options).items() if name in _FROM_FILE and value is not None}
    return MicrosoftSettings(**{**values, **given})


async def serve(settings: MicrosoftSettings) -> None:
    """Run until a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with MicrosoftSimulator(settings) as ms:
        port = int(ms.base_url.rpartition(":")[2])
        print(json.dumps({"port": port, "control": ms.control_url, "environment": ms.environment()}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(settings_from(arguments(sys.argv[1:]))))
