"""The chat face on a real socket, posted to by the simulated channel, writing to the simulated connector; authentication on."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.desk import Desk
from bot.face import ChatFace, chat_texts
from bridge.errors import Unavailable
from bridge.microsoft.channel_token import ChannelTokens
from bridge.microsoft.keys import KeyStore
from bridge.microsoft.outbound_token import ConnectorTokens, OutboundTokens
from bridge.microsoft.service_hosts import ServiceHosts
from bridge.model.ids import UserKey
from bridge.secret import Secret
from bridge.service.notice_aftermath import Aftermath
from bridge.store.connection import Connection
from bridge.store.naming import Naming
from bridge.store.outbox import StoredOutbox
from bridge.store.seal import Seal
from infra.simulator.microsoft import MicrosoftSimulator, Recorded, User
from tests.bot.desk import NOW, DeskState, FakeDirectory, FakeOnce, NoLines, user_key
from tests.servers import RedisServer, redis_server
from tests.stores import MovableClock

PUBLIC_URL = "https://tel.example"
TEXTS = chat_texts()
KEY = b"the one master key of the chat's"


def handle_of(user: UserKey) -> str:
    return hashlib.sha256(f"{user.tenant}/{user.person}".encode()).hexdigest()[:26]


@dataclass
class Chat:
    """One running chat face and everything around it."""

    ms: MicrosoftSimulator
    face: ChatFace
    desk: DeskState
    once: FakeOnce
    directory: FakeDirectory
    http: aiohttp.ClientSession
    url: str
    anna: User
    outbox: StoredOutbox
    clock: MovableClock
    desk_of: Desk
    redis: RedisServer

    @property
    def handle(self) -> str:
        return handle_of(self.user)

    @property
    def user(self) -> UserKey:
        return user_key(self.anna)

    async def say(self, text: str, count: int = 1, **fields: Any) -> Recorded:
        """Type a line as Anna and give the last of the ``count`` messages it is answered with."""
        before = len(self.ms.connector.sent)
        delivery = await self.ms.channel.say(self.anna, text, **fields)
        assert delivery.status == 202
        return (await self.ms.connector.wait_for_messages(before + count))[-1]

    async def settle(self) -> None:
        """Wait until everything that was taken has been worked on."""
        async with asyncio.timeout(5):
            while self.face.pending:  # noqa: ASYNC110 - the face tells no event when it is idle
                await asyncio.sleep(0.002)

    def verbs(self, recorded: Recorded) -> list[str]:
        return [str(action.get("verb") or action["data"].get("verb")) for action in actions_of(card_of(recorded))]

    def action(self, recorded: Recorded, verb: str) -> dict[str, Any]:
        return next(a for a in actions_of(card_of(recorded)) if a.get("data", {}).get("verb") == verb)

    async def click(self, recorded: Recorded, verb: str) -> Any:
        """Press a button with Action.Execute as Anna; give the body of the answer."""
        action = self.action(recorded, verb)
        assert action["type"] == "Action.Execute"
        delivery = await self.ms.channel.execute(self.anna, verb, action["data"], str(recorded.activity_id))
        assert delivery.status == 200
        return delivery.body


def card_of(recorded: Recorded) -> dict[str, Any]:
    assert recorded.activity is not None
    (attachment,) = recorded.activity["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    content: dict[str, Any] = attachment["content"]
    return content


def actions_of(part: Any) -> list[dict[str, Any]]:
    """All actions of a card, those inside its body included."""
    if isinstance(part, list):
        return [action for item in part for action in actions_of(item)]
    if not isinstance(part, dict):
        return []
    if str(part.get("type", "")).startswith("Action."):
        return [part]
    return [action for name in ("actions", "body", "items") for action in actions_of(part.get(name))]


def texts_of(part: Any) -> str:
    """Everything that a card shows."""
    if isinstance(part, list):
        return "\n".join(texts_of(item) for item in part)
    if not isinstance(part, dict):
        return ""
    own = [str(part[name]) for name in ("text", "title") if name in part]
    return "\n".join([*own, *(texts_of(part.get(name)) for name in ("body", "items", "actions"))])


def shown(recorded: Recorded) -> str:
    assert recorded.activity is not None
    return texts_of(card_of(recorded)) if recorded.activity.get("attachments") else str(recorded.activity.get("text"))


@contextlib.asynccontextmanager
async def queue(redis: RedisServer, **how: Any) -> AsyncIterator[StoredOutbox]:
    """The queue of one process."""
    connection = Connection(redis.url)
    naming = Naming(connection, (KEY,))
    connection.start()
    await naming.start()
    while naming._names is None:  # a busy machine may take longer than the deadline of one trip
        with contextlib.suppress(Unavailable):
            await naming.agree()
    yield StoredOutbox(connection, naming, Seal((KEY,)), **{"edit_every": 0.0, **how})
    await naming.stop()
    await connection.stop()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def cloud() -> AsyncIterator[MicrosoftSimulator]:
    async with MicrosoftSimulator() as simulator:
        yield simulator


@pytest_asyncio.fixture(loop_scope="package")
async def chat(cloud: MicrosoftSimulator, redis_process: RedisServer) -> AsyncIterator[Chat]:
    """A fresh face on the shared cloud."""
    anna = cloud.user("anna.schmidt")
    for surface in (cloud.channel, cloud.connector, cloud.identity):
        surface.faults.clear()
    cloud.connector.requests.clear()
    cloud.connector.enforce_limits = False
    cloud.channel.deliveries.clear()
    for user in cloud.settings.population.users:
        cloud.conversations.of(user).installed = True
    redis_process.flush()
    desk, once, clock = DeskState(), FakeOnce(), MovableClock(NOW)
    directory, made = FakeDirectory({anna.tenant.id}), desk.desk(once, handle_of, clock)
    hosts = ServiceHosts([cloud.settings.host])
    outbound = OutboundTokens(
        authority=cloud.base_url, app_id=cloud.settings.app_id, credential=Secret(cloud.settings.app_secret)
    )
    async with aiohttp.ClientSession() as http, queue(redis_process) as outbox:
        keys = ChannelTokens(
            KeyStore(http),
            hosts,
            metadata_url=cloud.channel_metadata_url,
            issuer=cloud.settings.channel_issuer,
            app_id=cloud.settings.app_id,
        )
        face = ChatFace(
            http=http,
            channel_tokens=keys,
            connector_tokens=ConnectorTokens(outbound, cloud.settings.home_tenant),
            hosts=hosts,
            directory=directory,  # type: ignore[arg-type]  # the endpoint asks nothing else of it
            once=once,
            subject=handle_of,
            desk=made,
            outbox=outbox,
            aftermath=Aftermath(NoLines()),  # type: ignore[arg-type]  # nothing of it is ever reached
            public_url=PUBLIC_URL,
            texts=TEXTS,
        )
        await face.start()
        app = web.Application(client_max_size=1 << 20)
        app.add_routes(face.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
        cloud.channel.endpoint = url
        yield Chat(cloud, face, desk, once, directory, http, url, anna, outbox, clock, made, redis_process)
        await face.stop()
        await runner.cleanup()
        await outbound.stop()
