"""Image and compose file, checked as far as can be without a container engine; the health check against a real server."""

import asyncio
import fnmatch
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.container.healthcheck import is_alive

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "infra" / "container"
TOOLS = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def tool(name: str) -> str:
    """Find a command that the development requirements bring."""
    found = shutil.which(name, path=str(TOOLS))
    if found is None:
        pytest.skip(f"{name} has no wheel for this machine")
    return found


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def instructions() -> list[tuple[str, str]]:
    """Give the instructions of the Dockerfile, continued lines joined, comments left out."""
    text = (CONTAINER / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in joined.splitlines()]


def last_stage() -> dict[str, str]:
    stage: dict[str, str] = {}
    for name, arguments in instructions():
        stage = {} if name == "FROM" else {**stage, name: arguments}
    return stage


def test_the_dockerfile_passes_hadolint() -> None:
    assert run(tool("hadolint"), "infra/container/Dockerfile") == ""


def test_every_base_is_pinned_to_a_version() -> None:
    bases = [arguments.split()[0] for name, arguments in instructions() if name == "FROM"]
    images = [service["image"] for service in SERVICES.values() if service.get("build") is None]
    assert len(bases) == 3
    assert len(images) == 3
    assert all(re.fullmatch(r"[a-z/-]+:\d+[\w.-]*", image) for image in bases + images), bases + images


def test_the_image_runs_without_root_and_without_a_shell() -> None:
    stage = last_stage()
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", stage["USER"])
    assert stage["ENTRYPOINT"] == '["python", "app.py"]'
    assert 'CMD ["python"' in stage["HEALTHCHECK"]
    assert "ADD" not in stage
    assert "RUN" not in stage, "the last stage only takes what the others built"


def test_only_wheels_with_known_hashes_get_in() -> None:
    (install,) = [arguments for name, arguments in instructions() if name == "RUN" and "pip" in arguments]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install


def copied() -> Iterator[str]:
    """Give what the Dockerfile takes from the project."""
    for name, arguments in instructions():
        if name == "COPY" and not arguments.startswith("--from="):
            yield from arguments.split()[:-1]


def is_sent(path: str) -> bool:
    """Apply .dockerignore: the last line that fits a path or one of its parents decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.lstrip("!").removeprefix("**/")
        steps = [path, *[str(parent) for parent in Path(path).parents][:-1]]
        names = Path(path).parts if line.startswith("**/") else ()
        if line and not line.startswith("#") and any(fnmatch.fnmatch(step, pattern) for step in (*steps, *names)):
            sent = line.startswith("!")
    return sent


def test_the_build_gets_what_it_copies_and_no_more() -> None:
    assert {"requirements.txt", "bridge", "bot", "tab", "tab/web"} <= set(copied())
    assert all(is_sent(path) for path in copied())
    for private in (
        ".git/config",
        ".venv/bin/python",
        "infra/container/secrets/bridge.env",
        "tests/a.py",
        "tab/web/node_modules/a/b",
    ):
        assert not is_sent(private), private


def test_the_compose_file_follows_its_specification() -> None:
    said = run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "infra/container/compose.yaml")
    assert "ok" in said


def test_two_processes_stand_behind_the_proxy() -> None:
    assert SERVICES["bridge-1"] == SERVICES["bridge-2"]
    upstream = (CONTAINER / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"server (bridge-\d):3978", upstream) == ["bridge-1", "bridge-2"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"]["core"] == 0
    assert not service["user"].startswith(("0", "root"))
    assert all("noexec" in mount and "nosuid" in mount and "size=" in mount for mount in service["tmpfs"])
    assert {"mem_limit", "pids_limit"} <= set(service)


def test_redis_and_postgresql_reach_nobody() -> None:
    assert COMPOSE["networks"]["state"] == {"internal": True}
    assert SERVICES["redis"]["networks"] == SERVICES["postgres"]["networks"] == ["state"]
    assert "state" not in SERVICES["proxy"]["networks"]


def test_the_compose_file_holds_no_secret_and_git_none_of_its_files() -> None:
    environments = [service.get("environment", {}) for service in SERVICES.values()]
    secret = re.compile(r"PASSWORD|KEY|URL|TOKEN")
    assert not [name for each in environments for name in each if secret.search(name) and not name.endswith("_FILE")]
    assert all(source["file"].startswith("secrets/") for source in COMPOSE["secrets"].values())
    assert (CONTAINER / ".gitignore").read_text(encoding="utf-8").splitlines() == ["secrets/"]


def test_the_files_that_compose_mounts_are_there() -> None:
    assert all((CONTAINER / source["file"]).is_file() for source in COMPOSE["configs"].values())


@pytest.mark.parametrize(("status", "alive"), [(200, True), (503, False), (404, False)])
async def test_the_health_check_believes_only_200(status: int, alive: bool) -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/healthz"
        return web.Response(status=status)

    application = web.Application()
    application.router.add_get("/healthz", answer)
    async with TestServer(application) as server:
        command = [sys.executable, str(CONTAINER / "healthcheck.py")]
        asked = await subprocess_exit(command, server.port)
    assert asked == (0 if alive else 1)


async def subprocess_exit(command: list[str], port: int | None) -> int | None:
    """Run a command with ``PORT`` set; give its exit code."""
    process = await asyncio.create_subprocess_exec(*command, env={"PORT": str(port)})
    return await asyncio.wait_for(process.wait(), 30)


def test_the_health_check_gives_up_on_a_closed_and_on_a_silent_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not is_alive(silent.getsockname()[1], seconds=0.1)
        port = silent.getsockname()[1]
    assert not is_alive(port, seconds=0.1)
