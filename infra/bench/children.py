"""Processes of a benchmark: started on a chosen core, spoken to by one JSON line each way, always ended."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from infra.bench.plan import SERVER_CORE, pin

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0
_LONGEST_LINE = 2**24


class Child:
    """A process that answers each line with a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ask(self, **question: Any) -> dict[str, Any]:
        """Send a question and wait for the answer.

        Raises:
            RuntimeError: it ended instead.
        """
        if question:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of the benchmark ended with {await self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def ready(self) -> dict[str, Any]:
        """Wait for what it says when it is ready."""
        return await self.ask()


@contextlib.asynccontextmanager
async def child(
    *arguments: str, core: int = SERVER_CORE, python: str = sys.executable, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run ``python -m arguments…`` until the end of the block."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        python, "-m", *arguments, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE,
        preexec_fn=partial(pin, core),
    )  # fmt: skip
    try:
        yield Child(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
