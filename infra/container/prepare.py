"""Make the secrets that the compose file mounts: ``python -m infra.container.prepare [folder]``. Never overwrites a file.

The folder (default ``infra/container/secrets``) is for its owner alone. The files that containers mount are readable inside
it, because each container runs under a user of its own; ``bridge.env`` is read by the compose client and stays private.
"""

import base64
import hashlib
import secrets
import sys
from pathlib import Path

HOME = Path(__file__).parent
PRIVATE, MOUNTED = 0o600, 0o644
BROUGHT = ("tls.crt", "tls.key")

SERVICE_RIGHTS = (
    "~sfb:* resetchannels &sfb:* -@all +@connection +@string +@hash +@set +@sortedset +@list +@pubsub +@transaction "
    "+del +unlink +exists +expire +pexpire +ttl +pttl +eval +evalsha +wait +time -@dangerous"
)
"""What the service may do in Redis: its own keys and channels only, nothing that lists, dumps, watches or configures."""

ENVIRONMENT = """\
# Fill in the empty lines; what each name means stands in docs/operators.md. Keep this file out of version control.
PUBLIC_URL=
MICROSOFT_APP_ID=
MICROSOFT_APP_TENANT_ID=
MICROSOFT_APP_PASSWORD=

SESSION_KEYS={session_key}
REDIS_URL=redis://bridge:{redis_password}@redis:6379/0
DATABASE_URL=postgresql+asyncpg://bridge:{postgres_password}@postgres:5432/bridge
"""

REDIS_USERS = """\
user default off
user probe on nopass -@all +ping
user bridge on #{digest} {rights}
"""


def new_files() -> dict[str, tuple[str, int]]:
    """Give name, content and mode of each file, with passwords and a key that were never used before."""
    redis_password, postgres_password = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    environment = ENVIRONMENT.format(
        session_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        redis_password=redis_password,
        postgres_password=postgres_password,
    )
    digest = hashlib.sha256(redis_password.encode()).hexdigest()
    return {
        "bridge.env": (environment, PRIVATE),
        "redis-users.acl": (REDIS_USERS.format(digest=digest, rights=SERVICE_RIGHTS), MOUNTED),
        "postgres-password": (postgres_password, MOUNTED),
    }


def prepare(folder: Path) -> list[str]:
    """Write all files, or none when one of them is there already (FileExistsError): they belong together."""
    files = new_files()
    if present := [name for name in files if (folder / name).exists()]:
        raise FileExistsError(", ".join(present))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, (content, mode) in files.items():
        (folder / name).touch(mode=mode, exist_ok=False)
        (folder / name).chmod(mode)
        (folder / name).write_text(content, encoding="utf-8")
    return [name for name in BROUGHT if not (folder / name).exists()]


def main(arguments: list[str]) -> int:
    """Prepare the folder and say what is still missing."""
    folder = Path(arguments[0]) if arguments else HOME / "secrets"
    try:
        missing = prepare(folder)
    except FileExistsError as present:
        sys.stderr.write(f"Nothing was written, {folder} already holds: {present}\n")
        return 1
    sys.stdout.write(f"Written to {folder}. Now fill in bridge.env")
    sys.stdout.write(f" and add {' and '.join(missing)} (PEM) for the proxy.\n" if missing else ".\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
