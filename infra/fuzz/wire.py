"""Fuzz target of the XML-RPC reader: ``python -m infra.fuzz.wire --seconds 60 [--seed 1]``.

Any bytes must give a value or a :class:`WireError`, within 10 ms and 5 MiB. With the package ``atheris`` installed it steers by
coverage; without it, a deterministic loop mutates the recorded examples of ``tests/wire``.
"""

import argparse
import importlib.util
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge.starface.push import decode_event
from bridge.starface.wire import EVENT_LIMIT, WireError, decode_answer

EXAMPLES: Final = Path(__file__).parents[2] / "tests" / "wire"
SLOW_S: Final = 0.25
"""Far above the 10 ms that a body of an event may cost: a busy machine is no finding, an explosion is."""

_TEXTS: Final = (
    b"1", b"-0", b" 7 ", b"1e999", b"NaN", b"inf", b"20240507T09:15:02", b"T24:61:61Z", b"99999999999999999999", b"AA==",
    b"&#65;", b"&amp;", b"\xc3\xbc", b"<nil/>", b"<i4>4</i4>", b"<value/>", b"<string/>", b"<struct/>", b"<array><data/></array>",
)  # fmt: skip
_CRUMBS: Final = (
    b"<value>", b"</value>", b"<struct>", b"</struct>", b"<member>", b"<name>", b"<array><data>", b"</data></array>", b"<i4>",
    b"<i8>", b"<double>", b"<boolean>", b"<base64>", b"<dateTime.iso8601>", b"<nil/>", b"<params/>", b"<fault>", b"&#0;", b"&lt;",
    b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"<!ENTITY", b"<?xml version='1.0' encoding='UTF-4'?>", b"\xff\xfe<\0", b"\xef\xbb\xbf",
    b"\0", b"99999999999999999999", b"-1", b"1e999", b"NaN", b"20240507T09:15:02", b"<!--", b"-->", b" xmlns:ex='a'",
)  # fmt: skip


@dataclass(slots=True)
class Findings:
    """What a run did and found; ``bodies`` are those that broke a promise."""

    runs: int = 0
    values: int = 0
    bodies: list[tuple[str, bytes]] = field(default_factory=list)


def examples() -> list[bytes]:
    """The recorded examples, which the mutations begin with."""
    return [path.read_bytes() for path in sorted(EXAMPLES.glob("*.xml"))]


def try_one(body: bytes, findings: Findings) -> None:
    """Read one body by every reader and note what was not promised."""
    for reader in (decode_event, _answer):
        begun = time.perf_counter()
        try:
            reader(body)
            findings.values += 1
        except WireError:
            pass
        except Exception as error:  # noqa: BLE001 - that nothing else comes out is what is being tested
            findings.bodies.append((type(error).__name__, body))
        if time.perf_counter() - begun > SLOW_S:
            findings.bodies.append(("slow", body))
    findings.runs += 1


def mutate(body: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Change a body in one to three places."""
    changed = bytearray(body)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        position = chance.randint(0, len(changed))
        chance.choice(_WAYS)(changed, position, others, chance)
    return bytes(changed[:EVENT_LIMIT])


def run(seconds: float, seed: int, most: int = sys.maxsize) -> Findings:
    """Mutate until the time is up or ``most`` bodies were read."""
    chance, findings, known = random.Random(seed), Findings(), examples()  # noqa: S311 - mutations, not secrets
    ends_at = time.monotonic() + seconds
    while findings.runs < most and time.monotonic() < ends_at:
        try_one(mutate(chance.choice(known), known, chance), findings)
    return findings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run by coverage where that is possible, by mutation otherwise; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description="Fuzz the XML-RPC reader.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--by-coverage", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.by_coverage:
        return _by_coverage(chosen.seconds)
    if importlib.util.find_spec("atheris") is not None:
        command = [sys.executable, "-m", "infra.fuzz.wire", "--by-coverage", "--seconds", str(chosen.seconds)]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own module, by its own interpreter
    findings = run(chosen.seconds, chosen.seed)
    sys.stdout.write(f"{findings.runs} bodies, {findings.values} of them readable, {len(findings.bodies)} findings\n")
    for name, body in findings.bodies[:10]:
        sys.stdout.write(f"{name}: {body[:200]!r}\n")
    return 1 if findings.bodies else 0


def _answer(body: bytes) -> object:
    return decode_answer(body, EVENT_LIMIT)


def _by_coverage(seconds: float) -> int:
    """Hand over to libFuzzer, which ends the process by itself."""
    import atheris  # type: ignore[import-untyped]  # noqa: PLC0415 - not among what the project installs

    def one(body: bytes) -> None:
        findings = Findings()
        try_one(body, findings)
        if findings.bodies:
            raise AssertionError(findings.bodies[0][0])

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", f"-max_len={EVENT_LIMIT}", str(EXAMPLES)], one)
    atheris.Fuzz()
    return 0


def _insert(body: bytearray, position: int, _others: Sequence[bytes], chance: random.Random) -> None:
    body[position:position] = chance.choice(_CRUMBS)


def _fill(body: bytearray, position: int, _others: Sequence[bytes], chance: random.Random) -> None:
    """Put a text where markup allows one, so that readers of values are reached."""
    after = body.find(b">", position) + 1
    body[after:after] = chance.choice(_TEXTS)


def _flip(body: bytearray, position: int, _others: Sequence[bytes], chance: random.Random) -> None:
    if position < len(body):
        body[position] = chance.randrange(256)


def _cut(body: bytearray, position: int, _others: Sequence[bytes], chance: random.Random) -> None:
    del body[position : position + chance.randint(1, 40)]


def _repeat(body: bytearray, position: int, _others: Sequence[bytes], chance: random.Random) -> None:
    body[position:position] = body[position : position + chance.randint(1, 60)] * chance.choice((2, 8, 200))


def _splice(body: bytearray, position: int, others: Sequence[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    body[position:] = other[chance.randint(0, len(other)) :]


_WAYS: Final[Sequence[Callable[[bytearray, int, Sequence[bytes], random.Random], None]]] = (
    _fill,
    _fill,
    _fill,
    _insert,
    _flip,
    _cut,
    _repeat,
    _splice,
)

if __name__ == "__main__":
    sys.exit(main())
