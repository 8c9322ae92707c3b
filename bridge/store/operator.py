"""The operator's way to the directory, by command line: which tenants there are, onboarding one, removing one."""

import argparse
import sys
import uuid
from collections.abc import Sequence

from bridge.errors import BridgeError
from bridge.model.ids import TenantId
from bridge.settings import Settings
from bridge.store.database import Database, upgrade
from bridge.store.directory import SqlDirectory


async def run(arguments: Sequence[str], settings: Settings) -> int:
    """Carry out ``tenants list``, ``tenants add <tenant id>`` or ``tenants remove <tenant id>``; 0 when done, 1 when not."""
    options = _parser().parse_args(arguments)
    database = Database(settings.database_url)
    try:
        await upgrade(settings.database_url)
        sys.stdout.write(await _done(options, SqlDirectory(database)))
    except BridgeError as error:
        sys.stderr.write(f"{error.note or error.code}\n")
        return 1
    finally:
        await database.close()
    return 0


async def _done(options: argparse.Namespace, directory: SqlDirectory) -> str:
    if options.action == "add":
        await directory.register(options.tenant)
        return f"{options.tenant} is onboarded\n"
    if options.action == "remove":
        await directory.forget(options.tenant)
        return f"{options.tenant} is removed with its PBXs; sign-ins to them end at their next use\n"
    return "".join(f"{tenant}\n" for tenant in await directory.tenants())


def _tenant(written: str) -> TenantId:
    try:
        return TenantId(str(uuid.UUID(written)))
    except ValueError:
        raise argparse.ArgumentTypeError("a tenant id is a GUID") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description=__doc__)
    tenants = parser.add_subparsers(dest="noun", required=True).add_parser("tenants", help="tenants of the directory")
    actions = tenants.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="print the ids of all tenants")
    for action, text in (("add", "onboard a tenant"), ("remove", "remove a tenant and its PBXs")):
        actions.add_parser(action, help=text).add_argument("tenant", type=_tenant, help="Entra tenant id (GUID)")
    return parser
