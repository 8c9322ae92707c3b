"""What surrounds every test: the canary net, the detector of blocking calls, and a shim for aioresponses."""

import importlib.util
import inspect
import io
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import aioresponses.core
import pytest
from blockbuster import blockbuster_ctx

from bridge import logs
from tests.canary import Net

ROOMS = [room for room in ("bridge", "bot", "tab", "app") if importlib.util.find_spec(room)]
_NET = pytest.StashKey[Net]()

if "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters:
    # aioresponses 0.7.9 does not know the argument that aiohttp 3.14 requires (aioresponses issue 289).
    class _Response(aiohttp.ClientResponse):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
            super().__init__(*args, **kwargs)

    aioresponses.core.ClientResponse = _Response


class _Evidence(logging.Handler):
    """Keeps every log line of this process as the product would print it."""

    def __init__(self, net: Net, formatter: logging.Formatter) -> None:
        super().__init__()
        self._net = net
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("infra", "tests", "hypothesis")):
            self._net.keep("log-of-this-process", self.format(record))


def pytest_configure(config: pytest.Config) -> None:
    """Lay out the net before the first test."""
    net = config.stash[_NET] = Net()
    logs.set_up_logs("DEBUG", "json", io.StringIO())
    root = logging.getLogger()
    formatter = root.handlers[0].formatter
    assert formatter is not None
    root.handlers[:] = [_Evidence(net, formatter)]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Draw in the net: one hit fails the whole run."""
    net = session.config.stash[_NET]
    hits = net.search()
    if hits and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    session.config.stash[_HITS] = [f"leaked: {hit.what} as {hit.encoding} in {hit.place}" for hit in hits]


_HITS = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the net caught."""
    hits = config.stash.get(_HITS, [])
    if hits:
        terminalreporter.section("canary net")
        for hit in hits[:40]:
            terminalreporter.write_line(hit, red=True)


@pytest.fixture(scope="session")
def net(pytestconfig: pytest.Config) -> Net:
    """The canary net of this run."""
    return pytestconfig.stash[_NET]


@pytest.fixture(autouse=True)
def _no_blocking_calls(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose event loop is blocked by a call that began in one of our rooms."""
    if request.node.get_closest_marker("browser"):
        yield
        return
    with blockbuster_ctx(ROOMS) as detector:
        for function in detector.functions.values():
            # Alembic reads its scripts in a thread and loop of its own, before anything is served.
            function.can_block_in("bridge/store/database.py", {"_upgrade", "_run_migrations"})
        yield
