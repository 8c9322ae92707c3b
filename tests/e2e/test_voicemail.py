"""Voicemail from outside: boxes, messages, what was recorded, folders."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.config import PbxConfig
from infra.simulator.starface.population import Mailbox
from infra.simulator.starface.recordings import spoken
from tests.harness import Person, World, until


@pytest.fixture
async def pbx() -> AsyncIterator[StarfaceSimulator]:
    async with StarfaceSimulator(PbxConfig(voicemail_messages=30)) as simulator:
        yield simulator


@pytest.fixture
async def anna(one: World) -> Person:
    anna = one.person()
    assert (await anna.sign_in()).status == 201
    return anna


def _box(world: World, login: str = "0001") -> Mailbox:
    return world.pbx.pbx.accounts.mailboxes[f"box-{login}"]


async def _audio(anna: Person, message: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    told = {"Authorization": f"Bearer {anna.token}", **headers}
    async with anna.http.get(f"{anna.url}/api/v1/voicemail/{message}/audio{query}", headers=told) as response:
        return response.status, dict(response.headers.items()), await response.read()


async def test_boxes_and_messages(one: World, anna: Person) -> None:
    listed = (await anna.ask("GET", "/voicemail?limit=20")).body
    new = [message for message in _box(one).messages if message.folder == "INBOX"]
    assert listed["mailboxes"] == [{"id": "box-0001", "name": "Mailbox Anna Schmidt", "waiting": len(new)}]
    assert (len(listed["messages"]), listed["more"]) == (20, True)
    assert set(listed["messages"][0]) == {"id", "mailbox", "mailboxName", "folder", "startedAt", "duration", "remote"}
    started = [message["startedAt"] for message in listed["messages"]]
    assert started == sorted(started, reverse=True)
    rest = (await anna.ask("GET", "/voicemail?offset=20&limit=20&mailbox=box-0001")).body
    assert (len(rest["messages"]), rest["more"]) == (10, False)
    old = (await anna.ask("GET", "/voicemail?folder=OLD")).body
    assert {message["folder"] for message in old["messages"]} == {"old"}
    assert old["mailboxes"][0]["waiting"] == len(new)
    assert (await anna.ask("GET", "/voicemail?mailbox=box-0002")).body["messages"] == []


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("url", ["path", "internal_name"])
@pytest.mark.parametrize("file", ["key_in_url", "uci_auth", "closed", "in_answer"])
async def test_a_recording_as_a_whole_and_in_parts(one: World, anna: Person, file: str, url: str, ranges: bool) -> None:
    one.pbx.set(voicemail_file=file, voicemail_url=url, voicemail_ranges=ranges)
    message = _box(one).messages[0]
    content = spoken(message.duration)
    status, headers, whole = await _audio(anna, message.id)
    assert (status, whole == content, headers["Content-Type"]) == (200, True, "audio/wav")
    assert (headers["Accept-Ranges"], headers["Content-Length"]) == ("bytes", str(len(content)))
    assert headers["Content-Disposition"] == "inline"
    status, headers, part = await _audio(anna, message.id, Range="bytes=100-299")
    assert (status, part == content[100:300]) == (206, True)
    assert headers["Content-Range"] == f"bytes 100-299/{len(content)}"
    status, headers, tail = await _audio(anna, message.id, Range="bytes=-50")
    assert (status, tail == content[-50:]) == (206, True)
    status, headers, nothing = await _audio(anna, message.id, Range=f"bytes={len(content)}-")
    assert (status, nothing) == (416, b"")
    assert headers["Content-Range"].startswith("bytes */")


async def test_a_recording_to_keep(one: World, anna: Person) -> None:
    _, headers, _ = await _audio(anna, _box(one).messages[0].id, "?download=true")
    assert headers["Content-Disposition"] == 'attachment; filename="voicemail.wav"'
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_no_recording_of_somebody_else(one: World, anna: Person) -> None:
    foreign = _box(one, "0002").messages[0].id
    for method, path, body in (
        ("GET", f"/voicemail/{foreign}/audio", None), ("PATCH", f"/voicemail/{foreign}", {"folder": "old"}),
        ("DELETE", f"/voicemail/{foreign}", None), ("GET", "/voicemail/none/audio", None),
    ):  # fmt: skip
        answer = await anna.ask(method, path, body)
        assert (answer.status, answer.code) == (404, "not_found"), path
    assert len(_box(one, "0002").messages) == 30


async def test_a_message_is_put_aside_and_deleted(one: World, anna: Person) -> None:
    message = next(each for each in _box(one).messages if each.folder == "INBOX")
    assert (await anna.ask("PATCH", f"/voicemail/{message.id}", {"folder": "old"})).status == 204
    assert message.folder == "OLD"
    assert (await anna.ask("DELETE", f"/voicemail/{message.id}")).status == 204
    assert (await anna.ask("DELETE", f"/voicemail/{message.id}")).code == "not_found"
    assert len(_box(one).messages) == 29


async def test_the_tab_hears_of_changes_in_the_boxes(one: World, anna: Person) -> None:
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        box = _box(one)
        one.pbx.pbx.announcer.voicemail_arrived(box, box.messages[0])
        assert await stream.wait_for("voicemail") == {"changed": True}


async def test_the_tab_hears_of_them_also_where_only_waiting_messages_are_told(one: World) -> None:
    one.pbx.set(event_spelling="absent")
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        one.pbx.pbx.announcer.message_waiting(_box(one))
        one.pbx.pbx.announcer.message_waiting(_box(one))
        await until(lambda: len([sent for sent in one.pbx.callbacks if "MessageWaiting" in sent.method]) >= 2)
        assert not stream.of("voicemail")
        message = next(each for each in _box(one).messages if each.folder == "INBOX")
        await anna.ask("PATCH", f"/voicemail/{message.id}", {"folder": "old"})
        await stream.wait_for("voicemail")


@pytest.mark.parametrize("kind", ["http_500", "html", "redirect", "hang", "reset", "oversize"])
async def test_a_pbx_whose_files_go_wrong(one: World, anna: Person, kind: str) -> None:
    one.pbx.misbehave(kind, "GET /voicemail/*")
    message = _box(one).messages[0]
    if kind == "hang":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await _audio(anna, message.id)
        one.pbx.behave()
    else:
        answer = await anna.ask("GET", f"/voicemail/{message.id}/audio") if kind != "oversize" else None
        assert answer is None or answer.status == 502
    assert (await anna.ask("GET", "/calls")).status == 200


async def test_a_recording_that_breaks_off_does_not_look_whole(one: World, anna: Person) -> None:
    one.pbx.misbehave("half_body", "GET /voicemail/*")
    with pytest.raises(aiohttp.ClientPayloadError):
        await _audio(anna, _box(one).messages[0].id)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/voicemail?limit=0", None), ("GET", "/voicemail?limit=201", None), ("GET", "/voicemail?folder=trash", None),
        ("GET", "/voicemail?mailbox=%00", None), ("GET", "/voicemail/x/audio?download=perhaps", None),
        ("PATCH", "/voicemail/x", {}), ("PATCH", "/voicemail/x", {"folder": "trash"}), ("PATCH", "/voicemail/x", {"folder": None}),
    ],
)  # fmt: skip
async def test_bad_requests_do_nothing(one: World, anna: Person, method: str, path: str, body: Any) -> None:
    answer = await anna.ask(method, path, body)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert not [seen for seen in one.pbx.requests if "voicemail" in seen.method.lower()]


async def test_without_the_right_and_without_the_service(one: World, anna: Person) -> None:
    message = _box(one).messages[0].id
    requests: tuple[tuple[str, str, Any], ...] = (
        ("GET", "/voicemail", None), ("GET", f"/voicemail/{message}/audio", None),
        ("PATCH", f"/voicemail/{message}", {"folder": "old"}), ("DELETE", f"/voicemail/{message}", None),
    )  # fmt: skip
    one.pbx.users["0001"].rights.discard("voicemail")
    for request in requests:
        assert (await anna.ask(*request)).code == "pbx_permission", request
    one.pbx.set(missing_services="voicemailList")
    for request in requests:
        assert (await anna.ask(*request)).code == "not_found", request
    await anna.ask("DELETE", "/session")
    for request in requests:
        assert (await anna.ask(*request)).code == "signed_out", request
