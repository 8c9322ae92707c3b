"""What the Dockerfile copies into the image is enough to serve, writes nothing, and drains when it is told to stop."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.container.healthcheck import is_alive
from tests.infra.conftest import free_port, variables

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "tab" / "web" / "dist"
GUID = "00001111-aaaa-2222-bbbb-3333cccc4444"

pytestmark = pytest.mark.skipif(not BUILT.is_dir(), reason="the front-end has not been built: make setup")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the last stage copies out of the project and out of the front-end's stage."""
    last_stage = (ROOT / "infra" / "container" / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    (tmp_path / "srv").mkdir()
    copies = [line.split()[1:] for line in last_stage.splitlines() if line.startswith("COPY ")]
    for *sources, target in copies:
        if sources[0] != "--from=packages":
            place([source for source in sources if not source.startswith("--from=")], tmp_path / "srv" / target)
    return tmp_path / "srv"


def place(sources: list[str], target: Path) -> None:
    for source in sources:
        origin = ROOT / source.removeprefix("/build/")
        if origin.is_dir():
            unsent = shutil.ignore_patterns("__pycache__", "node_modules", "dist" if origin != BUILT else "")
            shutil.copytree(origin, target, ignore=unsent, dirs_exist_ok=True)
        else:
            shutil.copy(origin, target / origin.name if target.is_dir() else target)


@pytest.fixture
def environment(folder: Path, server: int, tmp_path: Path) -> dict[str, str]:
    filled = {
        "PUBLIC_URL": "https://phone.example.com", "MICROSOFT_APP_ID": GUID, "MICROSOFT_APP_TENANT_ID": GUID,
        "MICROSOFT_APP_PASSWORD": "an app password", "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/directory.sqlite",
        "HOST": "127.0.0.1", "PORT": str(free_port()), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    prepared = variables(folder / "bridge.env")
    return prepared | filled | {"REDIS_URL": prepared["REDIS_URL"].replace("redis:6379", f"127.0.0.1:{server}")}


@pytest.fixture
def process(image: Path, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=image, env=environment, stdout=subprocess.PIPE, text=True
    ) as started:
        yield started
        started.kill()


def test_the_image_has_all_it_needs(process: "subprocess.Popen[str]", environment: dict[str, str], image: Path) -> None:
    before = {path for path in image.rglob("*") if path.is_file()}
    port = int(environment["PORT"])
    deadline = time.monotonic() + 30
    while not is_alive(port) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    for path in ("/readyz", "/tab/"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            assert answer.status == 200, path
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert {path for path in image.rglob("*") if path.is_file()} == before, "the image is read-only"
