"""Each way in which the connector can fail, on real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
import pytest_asyncio
from aioresponses import aioresponses

from bot.connector import (
    Connector,
    DeliveryFailed,
    HostRefused,
    MessageGone,
    MessageTooBig,
    Throttled,
    WritesBlocked,
)
from bridge.errors import Unavailable
from bridge.microsoft.service_hosts import ServiceHosts
from bridge.secret import Secret
from infra.simulator.microsoft import Fault, MicrosoftSimulator
from infra.simulator.microsoft.tokens import CONNECTOR_AUDIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")
HELLO = {"type": "message", "text": "hello"}


@dataclass
class Tokens:
    """Gives the simulated Entra's tokens; ``stale`` ones are refused by the connector."""

    ms: MicrosoftSimulator
    stale: int = 0
    given: int = 0
    rejected: int = 0
    away: bool = False

    async def get(self) -> Secret:
        if self.away:
            raise Unavailable
        self.given += 1
        if self.rejected < self.stale:
            return Secret("stale")
        return Secret(self.ms.entra.app_token(self.ms.settings.home_tenant, CONNECTOR_AUDIENCE))

    def reject(self, _: Secret) -> None:
        self.rejected += 1


@dataclass
class Post:
    """A connector with time that passes only when it waits."""

    ms: MicrosoftSimulator
    tokens: Tokens
    connector: Connector
    conversation: str
    waits: list[float] = field(default_factory=list)
    now: float = 0.0

    async def send(self) -> str:
        return await self.connector.send(self.ms.service_url, self.conversation, HELLO)

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest_asyncio.fixture(loop_scope="package")
async def post(cloud: MicrosoftSimulator) -> AsyncIterator[Post]:
    cloud.connector.faults.clear()
    cloud.connector.requests.clear()
    cloud.connector.enforce_limits = False
    chat = cloud.channel.conversation(cloud.user("anna.schmidt"))
    chat.installed = True
    async with aiohttp.ClientSession() as http:
        tokens = Tokens(cloud)
        post = Post(cloud, tokens, None, chat.id)  # type: ignore[arg-type]  # set in the next line
        hosts = ServiceHosts([cloud.settings.host])
        post.connector = Connector(http, tokens, hosts, pause=post.pause, clock=lambda: post.now)
        yield post
        cloud.connector.faults.clear()


async def test_a_message_is_sent_edited_and_deleted(post: Post) -> None:
    activity = await post.send()
    await post.connector.edit(post.ms.service_url, post.conversation, activity, {**HELLO, "text": "changed"})
    await post.connector.delete(post.ms.service_url, post.conversation, activity)
    assert [(r.operation, r.activity_id) for r in post.ms.connector.requests] == [
        ("send", activity),
        ("edit", activity),
        ("delete", activity),
    ]


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_passing_trouble_is_tried_again_with_growing_pauses(post: Post, status: int) -> None:
    post.ms.connector.faults.add(Fault(status=status, where="send", times=3))
    assert await post.send()
    assert len(post.waits) == 3
    assert all(0 <= wait <= limit for wait, limit in zip(post.waits, (0.5, 1.0, 2.0), strict=True))


async def test_lasting_trouble_ends_after_three_repetitions(post: Post) -> None:
    post.ms.connector.faults.add(Fault(status=502, where="send"))
    with pytest.raises(DeliveryFailed) as failed:
        await post.send()
    assert failed.value.status == 502
    assert len(post.ms.connector.requests) == 4


async def test_the_wait_asked_for_is_honoured(post: Post) -> None:
    post.ms.connector.faults.add(Fault(status=429, retry_after=3, where="send", times=1))
    await post.send()
    assert post.waits == [3.0]


async def test_a_wait_beyond_the_budget_is_told_instead_of_waited(post: Post) -> None:
    post.ms.connector.faults.add(Fault(status=429, retry_after=60, where="send", times=1))
    with pytest.raises(Throttled) as failed:
        await post.send()
    assert failed.value.retry_after == 60
    assert post.waits == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "MessageWritesBlocked", WritesBlocked),
        (403, "ConversationBlockedByUser", WritesBlocked),
        (403, "BotNotInConversationRoster", WritesBlocked),
        (403, "SomethingElse", DeliveryFailed),
        (404, "ConversationNotFound", MessageGone),
        (413, "MessageSizeTooBig", MessageTooBig),
        (400, "BadSyntax", DeliveryFailed),
        (500, "ServiceError", DeliveryFailed),
    ],
)
async def test_what_will_not_change_is_not_tried_again(
    post: Post, status: int, code: str, kind: type[Exception]
) -> None:
    post.ms.connector.faults.add(Fault(status=status, code=code, where="send"))
    with pytest.raises(DeliveryFailed) as failed:
        await post.send()
    assert type(failed.value) is kind
    assert len(post.ms.connector.requests) == 1


async def test_a_token_that_was_refused_is_replaced_once(post: Post) -> None:
    post.tokens.stale = 1
    assert await post.send()
    assert post.tokens.rejected == 1
    post.tokens.stale = 9
    with pytest.raises(DeliveryFailed):
        await post.send()
    assert post.tokens.rejected == 3


async def test_without_a_token_nothing_is_sent(post: Post) -> None:
    post.tokens.away = True
    with pytest.raises(DeliveryFailed):
        await post.send()
    assert list(post.ms.connector.requests) == []


async def test_a_message_whose_answer_was_lost_is_not_repeated_but_an_edit_is(post: Post) -> None:
    activity = await post.send()
    post.ms.connector.faults.add(Fault(cut=True, after=True, where="send", times=1))
    with pytest.raises(DeliveryFailed) as failed:
        await post.send()
    assert failed.value.status == 0
    post.ms.connector.faults.add(Fault(cut=True, where="edit", times=1))
    await post.connector.edit(post.ms.service_url, post.conversation, activity, HELLO)
    operations = [r.operation for r in post.ms.connector.requests]
    assert operations.count("send") == 2
    assert operations.count("edit") == 2


async def test_a_connector_that_hangs_is_given_up_in_time(post: Post) -> None:
    post.connector = Connector(post.connector._http, post.tokens, ServiceHosts(["127.0.0.1"]), deadline=0.1)
    post.ms.connector.faults.add(Fault(hang=True, where="send", times=1))
    with pytest.raises(DeliveryFailed):
        await post.send()


async def test_no_connection_at_all_is_tried_again(post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeliveryFailed):
        await post.connector.send(f"http://127.0.0.1:{port}/", "a:1", HELLO)
    assert len(post.waits) == 3


@pytest.mark.parametrize(
    "url",
    [
        "https://attacker.example/", "http://127.0.0.1.attacker.example/", "http://127.0.0.1@attacker.example/",
        "ftp://127.0.0.1/", "//127.0.0.1/", "", "http://[::1]/", "http://127.0.0.1:99999/", "http://127.0.0.1/?x=1", "http://localhost/",
    ],
)  # fmt: skip
async def test_the_token_goes_to_listed_hosts_only(post: Post, url: str) -> None:
    with pytest.raises(HostRefused):
        await post.connector.send(url, post.conversation, HELLO)
    assert post.tokens.given == 0


async def test_ids_are_written_into_the_path_and_nowhere_else(post: Post) -> None:
    with pytest.raises(MessageGone):
        await post.connector.send(post.ms.service_url, "../../x?y#z/a:1;b=ü", HELLO)
    assert post.ms.connector.requests[-1].conversation_id == "../../x?y#z/a:1;b=ü"


async def test_a_redirect_is_not_followed() -> None:
    async with aiohttp.ClientSession() as http:
        connector = Connector(http, Fixed(), ServiceHosts(["smba.example"]))
        with aioresponses() as net:
            net.post(
                "https://smba.example/v3/conversations/a/activities",
                status=307,
                headers={"Location": "https://attacker.example/"},
            )
            with pytest.raises(DeliveryFailed) as failed:
                await connector.send("https://smba.example/", "a", HELLO)
    assert failed.value.status == 307


@pytest.mark.parametrize("body", ["", "[]", "no json", '{"id": 5}', '{"error": "text"}'])
async def test_odd_answers_are_taken_for_what_they_are(body: str) -> None:
    async with aiohttp.ClientSession() as http:
        connector = Connector(http, Fixed(), ServiceHosts(["smba.example"]))
        with aioresponses() as net:
            url = "https://smba.example/v3/conversations/a/activities"
            net.post(url, status=201, body=body)
            net.post(url, status=403, body=body)
            assert await connector.send("https://smba.example/", "a", HELLO) == ""
            with pytest.raises(DeliveryFailed):
                await connector.send("https://smba.example/", "a", HELLO)


async def test_connections_are_reused(post: Post) -> None:
    for _ in range(20):
        await post.send()
    sessions = post.connector._http.connector
    assert sessions is not None
    assert sum(len(held) for held in sessions._conns.values()) <= 2
    await asyncio.gather(*(post.send() for _ in range(5)))


class Fixed:
    """A token source that needs nobody."""

    async def get(self) -> Secret:
        return Secret("token")

    def reject(self, token: Secret) -> None:
        """Nothing to do."""
