"""The control interface, its page, and the command line as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.config import ConfigError, PbxConfig, read_config
from tests.simulator.starface.uci_client import Listener, MakeClient, Until

ROOT = Path(__file__).parents[3]
MODULE = (sys.executable, "-m", "infra.simulator.starface")


async def do(http: aiohttp.ClientSession, pbx: StarfaceSimulator, action: str, **body: object) -> tuple[int, Any]:
    async with http.post(f"{pbx.url}/_control/api/{action}", json=body) as answer:
        return answer.status, await answer.json()


async def state(http: aiohttp.ClientSession, pbx: StarfaceSimulator) -> Any:
    async with http.get(f"{pbx.url}/_control/api/state") as answer:
        return await answer.json()


async def test_a_call_is_run_by_the_control_interface(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    _, rung = await do(http, pbx, "ring", target="0001", **{"from": "+493023125801"})
    assert (await state(http, pbx))["calls"][0]["legs"][0]["state"] == "INCOMING"
    for action, expected in (("answer", "CONNECTED"), ("hold", "PARKED"), ("resume", "CONNECTED")):
        assert await do(http, pbx, action, login="0001") == (200, {"callId": rung["callId"]})
        assert (await state(http, pbx))["calls"][0]["legs"][0]["state"] == expected
    assert (await do(http, pbx, "forward", login="0001", target="12"))[0] == 200
    assert (await do(http, pbx, "voicemail", login="0003"))[0] == 200
    assert (await do(http, pbx, "hangup", login="0003"))[0] == 200
    assert (await state(http, pbx))["calls"] == []


async def test_two_calls_are_joined_and_transferred(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, expect_soon: Until
) -> None:
    ids = []
    for _ in range(2):
        ids.append((await do(http, pbx, "ring", target="0001", **{"from": "+493023125801"}))[1]["callId"])
        await do(http, pbx, "answer", login="0001", callId=ids[-1])
    assert (await do(http, pbx, "conference", login="0001", callIds=ids))[0] == 200
    assert (await do(http, pbx, "transfer", login="0001", callId=ids[0], parkedId=ids[1]))[0] == 200
    _, placed = await do(http, pbx, "place", login="0002", number="+493023125803")
    await expect_soon(lambda: pbx.calls[0].legs["0002"].state.value == "RINGBACK")
    assert await do(http, pbx, "remote-answer", login="0002") == (200, placed)


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("answer", {"login": "0001"}, 409),
        ("password", {"login": "9999", "password": "x"}, 404),
        ("ring", {"target": "0001"}, 400),
        ("misbehave", {"kind": "sneeze"}, 400),
        ("levitate", {}, 404),
        ("outside", {"number": "abc"}, 400),
        ("conference", {"login": "0001", "callIds": "x"}, 400),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_sentence(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, action: str, body: dict[str, object], status: int
) -> None:
    answered, result = await do(http, pbx, action, **body)
    assert answered == status
    assert len(result["error"]) > 10


async def test_a_foreign_page_cannot_post_a_form(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{pbx.url}/_control/api/behave", data={"a": "b"}) as answer:
        assert answer.status == 400


async def test_switches_are_shown_and_changed(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.request("PATCH", f"{pbx.url}/_control/api/switches", json={"bad_token": "html"}) as answer:
        shown = await answer.json()
    assert (shown["switches"]["bad_token"], pbx.switches.bad_token) == ("html", "html")
    assert "fault" in shown["alternatives"]["bad_token"]
    async with http.request("PATCH", f"{pbx.url}/_control/api/switches", json={"bad_token": "x"}) as answer:
        assert answer.status == 400


async def test_the_machine_itself_is_controlled(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    await client_of(pbx, "0001", listener).sign_in()
    shown = (await state(http, pbx))["sessions"][0]
    assert (shown["login"], shown["callback"]) == ("0001", f"http://127.0.0.1:{listener.port}")
    assert (await do(http, pbx, "end-sessions"))[1] == {"ended": 1}
    await do(http, pbx, "dnd", login="0001", enabled=True)
    await do(http, pbx, "right", login="0001", right="login", granted=False)
    await do(http, pbx, "outside", number="+493023125999", behaviour="busy")
    await do(http, pbx, "remove-user", login="0006")
    assert (pbx.users["0001"].dnd, "login" in pbx.users["0001"].rights, "0006" in pbx.users) == (True, False, False)
    assert (await do(http, pbx, "entries", login="0001", count=5))[1] == {"entries": 17}
    assert (await do(http, pbx, "misbehave", kind="html", method="*.login", times=1))[1] == {"active": 1}
    assert (await do(http, pbx, "behave"))[1] == {"active": 0}
    before = pbx.pbx.clock.now()
    assert (await do(http, pbx, "advance", seconds=100))[1]["now"] >= before + 100
    assert (await do(http, pbx, "restart", keepCalls=False))[0] == 200
    await expect_soon(lambda: pbx.pbx.sessions.all() == [])


async def test_records_are_shown_without_credentials(
    pbx: StarfaceSimulator, http: aiohttp.ClientSession, client_of: MakeClient, listener: Listener, expect_soon: Until
) -> None:
    client = client_of(pbx, "0001", listener)
    await client.sign_in()
    pbx.ring("0001", from_number="+493023125801")
    await expect_soon(lambda: len(pbx.recorder.callbacks) > 0)
    texts = []
    for name in ("requests", "callbacks", "state", "users"):
        async with http.get(f"{pbx.url}/_control/api/{name}") as answer:
            texts.append(await answer.text())
    assert "connection.login" in texts[0]
    assert "receiveCallState" in texts[1]
    token = client.query()["de.vertico.starface.auth"]
    assert not any(secret in text for text in texts for secret in (token, "Demo-0001!"))
    assert (await do(http, pbx, "clear-records"))[1] == {"cleared": True}
    assert list(pbx.recorder.requests) == []


async def test_the_page_needs_nothing_from_elsewhere(pbx: StarfaceSimulator, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{pbx.url}/_control") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "//" not in page.replace("http://www.w3.org", "").split("<script>")[0]
    for action in ("ring", "answer", "hangup", "hold", "restart", "password", "end-sessions"):
        assert f'"{action}"' in page


def test_a_configuration_file_sets_the_pbx_up(tmp_path: Path) -> None:
    path = tmp_path / "pbx.json"
    path.write_text(
        json.dumps(
            {
                "version": "7.1.0.1",
                "users": 3,
                "contacts": 2,
                "changes": {"0001": {"password": "x"}},
                "delays": {"ringing": 0.5},
                "default_outside": {"behaviour": "busy"},
                "directory_mode": "ActiveDirectory",
                "outside": [{"number": "+493023125999", "name": "N"}],
            }
        )
    )
    config = PbxConfig(**read_config(path))
    assert (config.version_numbers, config.delays.ringing) == ((7, 1, 0, 1), 0.5)
    assert [each.password for each in config.population.users][:2] == ["x", "Demo-0002!"]
    assert (len(config.population.contacts), config.default_outside.behaviour) == (2, "busy")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"colour": 1}', '{"changes": {"9": {}}}', '{"changes": {"0001": {"a": 1}}}']
)
def test_a_wrong_configuration_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pbx.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"pbx\.json"):
        read_config(path)


async def run(url: str, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *MODULE,
        *arguments,
        cwd=ROOT,
        env={**os.environ, "STARFACE_SIMULATOR_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_the_command_line_serves_and_controls(http: aiohttp.ClientSession) -> None:
    serving = await asyncio.create_subprocess_exec(
        *MODULE, "serve", "--port", "0", "--switch", "bad_token=fault", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert serving.stdout is not None
    url = f"http://127.0.0.1:{json.loads(await serving.stdout.readline())['port']}"
    try:
        (rung, output), (missing, refusal), (_, users), (_, switches) = await asyncio.gather(
            run(url, "ring", "0001", "--from", "+49711123456", "--name", "Max Müller"),
            run(url, "hold", "0002"),
            run(url, "users"),
            run(url, "switch", "cookies=false"),
        )
        assert (rung, missing, refusal.strip()) == (0, 1, "0002 has no such call")
        assert "Anna Schmidt" in users
        shown = json.loads(switches)["switches"]
        assert (shown["bad_token"], shown["cookies"]) == ("fault", False)
        async with http.get(f"{url}/_control/api/state") as answer:
            calls = (await answer.json())["calls"]
        assert calls[0]["id"] == json.loads(output)["callId"]
        assert calls[0]["caller"]["name"] == "Max Müller"
    finally:
        serving.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(serving.wait(), 5) == 0


async def test_the_command_line_says_when_nobody_answers() -> None:
    code, output = await run("http://127.0.0.1:1", "state")
    assert (code, "No simulator answers" in output) == (1, True)
