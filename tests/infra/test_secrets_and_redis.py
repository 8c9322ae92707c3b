"""The prepared secrets fit together: the settings take them; Redis under our rules lets in the service and nobody else."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, OutOfMemoryError, ResponseError
from redis.retry import Retry

from bridge.settings import read_settings
from infra.container.prepare import main
from tests.infra.conftest import variables

ROOT = Path(__file__).parents[2]
STORE = ROOT / "bridge" / "store"
COMMAND = re.compile(r"redis\.call\('([A-Z]+)'|\"([A-Z]{3,})\"")


def client(server: int, user: str | None, password: str | None = None) -> redis.Redis:
    return redis.Redis(port=server, username=user, password=password, protocol=2, retry=Retry(NoBackoff(), 0))


@pytest.fixture
def bridge(server: int, folder: Path) -> redis.Redis:
    url = variables(folder / "bridge.env")["REDIS_URL"]
    found = re.fullmatch(r"redis://bridge:([\w-]+)@redis:6379/0", url)
    assert found
    return client(server, "bridge", found[1])


def test_the_prepared_environment_lacks_only_what_a_person_must_fill_in(folder: Path) -> None:
    environment = variables(folder / "bridge.env")
    empty = {name for name, value in environment.items() if not value}
    assert empty == {"PUBLIC_URL", "MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_PASSWORD"}
    guid = "00001111-aaaa-2222-bbbb-3333cccc4444"
    filled = dict.fromkeys(empty, guid) | {"PUBLIC_URL": "https://phone.example.com"}
    settings = read_settings(environment | filled)
    assert len(settings.session_keys) == 1
    assert (folder / "postgres-password").read_text(encoding="utf-8") in settings.database_url.reveal()


def test_the_folder_is_private_and_no_password_stands_in_the_rules(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "bridge.env").stat().st_mode) == 0o600
    password = variables(folder / "bridge.env")["REDIS_URL"].split(":")[2].partition("@")[0]
    assert len(password) > 40
    assert password not in (folder / "redis-users.acl").read_text(encoding="utf-8")


def test_nothing_is_overwritten_and_every_preparation_is_new(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "a")]) == 0
    before = (tmp_path / "a" / "bridge.env").read_text(encoding="utf-8")
    assert main([str(tmp_path / "a")]) == 1
    assert "bridge.env" in capsys.readouterr().err
    assert (tmp_path / "a" / "bridge.env").read_text(encoding="utf-8") == before
    assert before != (folder / "bridge.env").read_text(encoding="utf-8")


def test_preparation_works_from_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.container.prepare", str(tmp_path / "new")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert "tls.crt and tls.key" in done.stdout
    assert (tmp_path / "new" / "bridge.env").is_file()


def test_nobody_gets_in_without_a_name(server: int) -> None:
    with pytest.raises(AuthenticationError):
        client(server, None).ping()
    with pytest.raises(AuthenticationError):
        client(server, "bridge", "guessed").ping()


def test_the_health_probe_may_only_ping(server: int) -> None:
    probe = client(server, "probe", "none")
    assert probe.ping()
    with pytest.raises(NoPermissionError):
        probe.get("sfb:a")


def test_a_full_redis_refuses_and_forgets_nothing(bridge: redis.Redis) -> None:
    with pytest.raises(NoPermissionError):
        bridge.config_get("maxmemory-policy")
    refused = False
    for number in range(16):
        try:
            bridge.set(f"sfb:filling:{number}", b"x" * 1_000_000, ex=60)
        except OutOfMemoryError:
            refused = True
            break
    assert refused
    assert all(bridge.exists(f"sfb:filling:{earlier}") for earlier in range(number))
    bridge.delete(*[f"sfb:filling:{earlier}" for earlier in range(number)])


@pytest.mark.parametrize(
    "command",
    [
        ("KEYS", "*"), ("SCAN", "0"), ("MONITOR",), ("CONFIG", "GET", "*"), ("DEBUG", "SLEEP", "0"), ("FLUSHALL",), ("FLUSHDB",),
        ("SAVE",), ("BGSAVE",), ("SHUTDOWN",), ("REPLICAOF", "127.0.0.1", "1"), ("ACL", "LIST"), ("CLIENT", "LIST"), ("INFO",),
        ("SCRIPT", "FLUSH"), ("MODULE", "LIST"), ("DUMP", "sfb:a"), ("MIGRATE", "127.0.0.1", "1", "sfb:a", "0", "1"),
        ("SLOWLOG", "GET"),
        ("GET", "other:a"), ("PUBLISH", "other", "a"), ("EVAL", "return redis.call('GET', 'other:a')", "0"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_service_cannot_list_dump_watch_configure_or_leave_its_keys(
    bridge: redis.Redis, command: tuple[str, ...]
) -> None:
    with pytest.raises(ResponseError, match=r"(?i)permission|not allowed"):
        bridge.execute_command(*command)


def commands_of_the_store() -> set[str]:
    """Read every command that the store sends, in Python or inside a program, out of its sources."""
    texts = [path.read_text(encoding="utf-8") for path in STORE.rglob("*") if path.suffix in {".py", ".lua"}]
    return {name for text in texts for match in COMMAND.findall(text) for name in match if name}


def test_the_service_may_do_all_that_its_store_does(bridge: redis.Redis) -> None:
    arity = {name.upper(): abs(facts["arity"]) for name, facts in bridge.command().items()}
    used = commands_of_the_store() & set(arity)
    assert {"EVALSHA", "GETEX", "ZADD", "PUBLISH", "HSET"} <= used
    assert {name for name in used if not is_allowed(bridge, name, arity[name])} == set()


def is_allowed(bridge: redis.Redis, name: str, arity: int) -> bool:
    """Send the shortest form of a command to a key of ours: only a refusal by the rules counts, a wrong type does not."""
    arguments = {"EVAL": ("return 1", "0"), "EVALSHA": ("0" * 40, "0")}.get(name, ("sfb:probe",) * (arity - 1))
    try:
        bridge.execute_command(name, *arguments)
    except NoPermissionError:
        return False
    except ResponseError:
        return True
    finally:
        bridge.connection_pool.disconnect()  # some of them leave the connection waiting for messages
    return True
