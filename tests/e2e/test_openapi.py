"""The description of the interface against the running product: what it promises is served, and what it forbids is refused."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness import World

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
EXCLUDED = {
    "positive_data_acceptance": "whether a text holds a telephone number, or a name an address, no schema can say",
    "unsupported_method": "the contract knows no 405: a path with another method is not there",
    "allow_header_conformance": "see unsupported_method",
}
RUNS = {
    "people": ["--exclude-tag", "administration"],
    "administration": ["--include-tag", "administration"],
}


async def document(world: World) -> dict[str, Any]:
    async with world.http.get(f"{world.url}/api/openapi.json") as response:
        assert response.status == 200
        described: dict[str, Any] = await response.json()
    return described


async def test_every_operation_described_is_served_and_the_other_way_round(one: World) -> None:
    described = await document(one)
    assert described["openapi"].startswith("3.1")
    promised = {(verb.upper(), path) for path, verbs in described["paths"].items() for verb in verbs}
    served = {
        (route.method, route.resource.canonical)
        for route in one.service.web.router.routes()
        if route.resource and route.resource.canonical.startswith("/api/v1") and route.method != "HEAD"
    }
    assert promised == served
    ids = [operation["operationId"] for verbs in described["paths"].values() for operation in verbs.values()]
    assert len(ids) == len(set(ids))


async def test_nothing_in_the_description_points_nowhere(one: World) -> None:
    described = await document(one)
    text = str(described)
    references = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert references <= set(described["components"]["schemas"])
    for verbs in described["paths"].values():
        for operation in verbs.values():
            assert {"401", "403", "503"} <= operation["responses"].keys(), operation["operationId"]
            assert operation["summary"]


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
async def test_generated_requests_meet_what_is_described(one: World, run: str, tmp_path: Path) -> None:
    """Coverage of each parameter and body, random ones, and chains of operations; bounded examples, no 5xx, every shape checked.

    Signing out would leave the rest without a sign-in, and the stream does not end: both have tests of their own.
    """
    anna = one.person()
    assert (await anna.sign_in()).status == 201
    running = await asyncio.create_subprocess_exec(
        str(SCHEMATHESIS), "run", f"{one.url}/api/openapi.json", "-H", f"Authorization: Bearer {anna.token}",
        "--phases", "coverage,fuzzing,stateful", "-n", "12", "--seed", "1", "--continue-on-failure", "--no-color",
        "--exclude-checks", ",".join(EXCLUDED), "--exclude-operation-id", "sign_out",
        "--exclude-operation-id", "forget_traces", "--exclude-operation-id", "stream_events", *RUNS[run],
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    written, _ = await asyncio.wait_for(running.communicate(), 100)
    assert running.returncode == 0, written.decode()[-6000:]
    counted = re.search(rb"(\d+) generated, (\d+) passed", written)
    assert counted is not None
    assert int(counted[1]) > 100
    async with one.http.get(f"{one.url}/metrics") as response:
        answered = re.findall(r'http_requests_total\{.*status="(5\d\d)"\}', await response.text())
    assert answered == []
    if run == "people":
        assert (await anna.ask("GET", "/session")).body["state"] == "signed_in"
