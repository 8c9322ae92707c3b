"""The command line: serve a simulated PBX, or make a running one do something."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from infra.simulator.starface.config import ConfigError, PbxConfig, read_config
from infra.simulator.starface.server import StarfaceSimulator
from infra.simulator.starface.switch_values import UnknownSwitchError, change_switches, switch_from_text
from infra.simulator.starface.switches import Switches

DEFAULT_PORT = 3979
VOICEMAILS = 8
"""Messages in each box of a PBX that is served for people to look at."""
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
TIMEOUT = aiohttp.ClientTimeout(total=10)

Json = dict[str, Any]


class RefusedError(Exception):
    """The simulator does not answer, or refuses what was asked."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when done, 1 when the simulator refused, 2 for a wrong command line."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "serve":
            asyncio.run(_serve(options))
        else:
            print(asyncio.run(_control(options)))
    except (RefusedError, ConfigError, UnknownSwitchError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    changes = dict(switch_from_text(each) for each in options.switch)
    async with StarfaceSimulator(_config(options), switches=change_switches(Switches(), changes)) as simulator:
        print(json.dumps({"port": simulator.port}), flush=True)
        await stop.wait()


def _config(options: argparse.Namespace) -> PbxConfig:
    settings: Json = read_config(Path(options.config)) if options.config else {}
    given = {
        "host": options.host,
        "port": options.port,
        "version": options.version,
        "tls_certificate": options.tls_cert,
        "tls_key": options.tls_key,
        "time_scale": options.time_scale,
    }
    settings.update({name: value for name, value in given.items() if value is not None})
    settings.setdefault("port", DEFAULT_PORT)
    settings.setdefault("voicemail_messages", VOICEMAILS)
    return PbxConfig(**settings)


async def _control(options: argparse.Namespace) -> str:
    method, path, body = _request(options)
    url = options.url or os.environ.get("STARFACE_SIMULATOR_URL", DEFAULT_URL)
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as http,
            http.request(method, f"{url.rstrip('/')}/_control/api/{path}", json=body, ssl=False) as answer,
        ):
            result: Json = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise RefusedError(f"No simulator answers at {url} ({type(error).__name__})") from error
    if answer.status != 200:
        raise RefusedError(str(result.get("error", answer.status)))
    return _table(result["users"]) if path == "users" else json.dumps(result, ensure_ascii=False, indent=2)


def _request(options: argparse.Namespace) -> tuple[str, str, Json | None]:
    """HTTP method, path below the control interface and body of a command."""
    if options.command in {"state", "users"}:
        return "GET", options.command, None
    if options.command == "switch":
        changes = dict(switch_from_text(each) for each in options.changes)
        return ("PATCH", "switches", changes) if changes else ("GET", "switches", None)
    names = _BODIES[options.command]
    return "POST", options.command, {name: getattr(options, attribute) for name, attribute in names.items()}


_ONE_CALL = {"login": "login", "callId": "call"}
_BODIES: dict[str, dict[str, str]] = {
    "ring": {"target": "target", "from": "from_number", "name": "name"},
    "place": {"login": "login", "number": "number"},
    "answer": {**_ONE_CALL, "phone": "phone"},
    "hangup": _ONE_CALL,
    "hold": _ONE_CALL,
    "resume": _ONE_CALL,
    "miss": _ONE_CALL,
    "voicemail": _ONE_CALL,
    "forward": {**_ONE_CALL, "target": "target"},
    "restart": {"keepCalls": "keep_calls", "downFor": "down_for"},
    "password": {"login": "login", "password": "password"},
    "end-sessions": {"login": "login"},
}


def _table(users: list[Json]) -> str:
    rows = [f"{each['login']:6} {each['internal']:5} {each['telephony']:12} {each['name']}" for each in users]
    return "\n".join(rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.simulator.starface",
        description="A simulated STARFACE. The demonstration users are 0001, 0002 … with passwords such as Demo-0001!",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _add_serve(commands.add_parser("serve", help="run a simulated PBX until it is told to stop"))
    for name, help_text, add in _COMMANDS:
        command = commands.add_parser(name, help=help_text)
        add(command)
        command.add_argument("--url", help=f"the simulator; else STARFACE_SIMULATOR_URL, else {DEFAULT_URL}")
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="listening address (127.0.0.1)")
    parser.add_argument("--port", type=int, help=f"listening port, 0 for a free one ({DEFAULT_PORT})")
    parser.add_argument("--config", help="JSON file with the settings of the PBX")
    parser.add_argument("--version", help="version that the PBX claims (8.1.2.2)")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="set a switch")
    parser.add_argument("--tls-cert", help="PEM file with the certificate, for https")
    parser.add_argument("--tls-key", help="PEM file with its key")
    parser.add_argument("--time-scale", type=float, help="how much faster than real time scripts run (1)")


def _add_login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", help="whose call, such as 0001")
    parser.add_argument("--call", default="", metavar="ID", help="which call; the newest without it")


def _add_ring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", help="login, group or number that is called")
    parser.add_argument("--from", dest="from_number", required=True, metavar="NUMBER", help="who calls")
    parser.add_argument("--name", default="", help="the caller's name")


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", help="who dials on the phone, such as 0001")
    parser.add_argument("number")


def _add_answer(parser: argparse.ArgumentParser) -> None:
    _add_login(parser)
    parser.add_argument("--phone", default="", metavar="ID", help="on which phone; the primary one without it")


def _add_forward(parser: argparse.ArgumentParser) -> None:
    _add_login(parser)
    parser.add_argument("--to", dest="target", required=True, metavar="NUMBER", help="where the call goes")


def _add_restart(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep-calls", action="store_true", help="calls survive, sessions do not")
    parser.add_argument("--down-for", type=float, default=0.0, metavar="SECONDS", help="how long nothing answers")


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("password", help="the new password")


def _add_switch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("changes", nargs="*", metavar="NAME=VALUE", help="switches to set; all are shown")


def _add_sessions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", nargs="?", default="", help="whose sessions; everybody's without it")


def _add_nothing(_parser: argparse.ArgumentParser) -> None:
    return


_COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("ring", "let a call arrive", _add_ring),
    ("place", "dial on a user's phone", _add_place),
    ("answer", "pick up a ringing phone", _add_answer),
    ("hangup", "end or reject a call", _add_login),
    ("hold", "put a call on hold", _add_login),
    ("resume", "take a call off hold", _add_login),
    ("miss", "let the caller give up", _add_login),
    ("voicemail", "send a ringing call to the mailbox", _add_login),
    ("forward", "deflect or transfer a call", _add_forward),
    ("restart", "restart the PBX", _add_restart),
    ("password", "change a user's password", _add_password),
    ("end-sessions", "end UCI sessions with the event reset", _add_sessions),
    ("switch", "show or set switches", _add_switch),
    ("state", "show everything as JSON", _add_nothing),
    ("users", "list the users", _add_nothing),
)
