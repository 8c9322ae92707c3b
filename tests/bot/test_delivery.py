"""Letters on their way: every failure of the connector, the published limits, several processes, the death of one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.connector import Connector
from bot.conversations import Chat, Conversations
from bot.delivery import TRIES, Delivery
from bridge.microsoft.service_hosts import ServiceHosts
from bridge.model.ids import UserKey
from bridge.secret import Secret
from bridge.service.outbox import Address, Letter, Result, Shown
from bridge.store.outbox import StoredOutbox
from infra.simulator.microsoft import Fault, MicrosoftSimulator, Recorded
from infra.simulator.microsoft.cloud import MicrosoftSettings
from infra.simulator.microsoft.limits import PER_CONVERSATION, PER_TENANT
from infra.simulator.microsoft.population import NORDWIND, SONNENTAL, Population, User
from infra.simulator.microsoft.tokens import CONNECTOR_AUDIENCE
from tests.bot.conftest import handle_of, queue
from tests.bot.desk import FakeOnce, user_key
from tests.servers import RedisServer

CROWD = tuple(User(f"c0c0c0de-0000-4a01-8a01-{n:012d}", SONNENTAL, f"Person {n}", f"person{n}") for n in range(80))
GUEST = User("d0d0c0de-0000-4a01-8a01-000000000001", NORDWIND, "Gast", "gast")
ONE = CROWD[0]
_DAY = timedelta(days=1)


@dataclass
class Tokens:
    """The bot's own tokens of the simulated Entra; the first ``stale`` ones are refused."""

    ms: MicrosoftSimulator
    stale: int = 0

    async def get(self) -> Secret:
        if self.stale:
            return Secret("stale")
        return Secret(self.ms.entra.app_token(self.ms.settings.home_tenant, CONNECTOR_AUDIENCE))

    def reject(self, _: Secret) -> None:
        self.stale -= 1


@dataclass
class Post:
    """The queue with as many processes as a test starts, and the connector they write to."""

    ms: MicrosoftSimulator
    redis: RedisServer
    http: aiohttp.ClientSession
    once: FakeOnce
    outbox: StoredOutbox
    stack: contextlib.AsyncExitStack
    tokens: Tokens
    outcomes: list[str] = field(default_factory=list)
    running: list[Delivery] = field(default_factory=list)

    async def process(self, *, deadline: float = 5.0, **how: Any) -> Delivery:
        """Start one more process of the product, as far as delivery goes."""
        outbox = await self.stack.enter_async_context(queue(self.redis, **how)) if how else self.outbox
        connector = Connector(self.http, self.tokens, ServiceHosts(["127.0.0.1"]), deadline=deadline, tries=1)
        delivery = Delivery(
            outbox, connector, Conversations(self.once, handle_of), count=self.outcomes.append, look_every=0.1
        )
        delivery.start()
        self.stack.push_async_callback(delivery.stop)
        self.running.append(delivery)
        return delivery

    def address(self, user: User = ONE) -> Address:
        return Address(self.ms.service_url, self.ms.channel.conversation(user).id, f"28:{self.ms.settings.app_id}")

    def letter(self, text: str, version: int = 1, user: User = ONE, slot: str = "call/1", **fields: Any) -> Letter:
        activity = {"type": "message", "text": text}
        made = Letter(slot, version, self.address(user), activity, fields.pop("life", 60.0))
        return replace(made, **fields)

    def texts(self, user: User = ONE) -> list[str]:
        """What the person sees, oldest first."""
        return [str(m.activity["text"]) for m in self.ms.channel.conversation(user).messages if not m.deleted]

    async def until(self, holds: Callable[[], bool], within: float = 10.0) -> None:
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110 - what is waited for sets no event
                await asyncio.sleep(0.005)

    async def idle(self, user: User = ONE) -> None:
        """Wait until nothing of a person waits."""
        key = user_key(user)

        async def waits() -> bool:
            return bool(await self.outbox.hasten(key, "call/1"))

        async with asyncio.timeout(10):
            while await waits():  # noqa: ASYNC110 - what is waited for sets no event
                await asyncio.sleep(0.01)


@pytest.fixture
def steady() -> Iterator[None]:
    """The waits between tries are drawn the same in each run."""
    state = random.getstate()
    random.seed(4711)
    yield
    random.setstate(state)


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def town() -> AsyncIterator[MicrosoftSimulator]:
    settings = MicrosoftSettings(population=Population(users=(*CROWD, GUEST)))
    async with MicrosoftSimulator(settings) as simulator:
        yield simulator


@pytest_asyncio.fixture(loop_scope="package")
async def post(town: MicrosoftSimulator, redis_process: RedisServer, steady: None) -> AsyncIterator[Post]:
    redis_process.flush()
    town.connector.faults.clear()
    town.connector.requests.clear()
    town.connector.enforce_limits = False
    town.connector._per_tenant._accepted.clear()
    town.connector._per_conversation._accepted.clear()
    for user in (*CROWD, GUEST):
        chat = town.channel.conversation(user)
        chat._messages.clear()
        chat.installed = True
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        outbox = await stack.enter_async_context(queue(redis_process))
        yield Post(town, redis_process, http, FakeOnce(), outbox, stack, Tokens(town))
        town.connector.faults.clear()


pytestmark = pytest.mark.asyncio(loop_scope="package")


def operations(post: Post) -> list[tuple[str, int]]:
    return [(r.operation, r.status) for r in post.ms.connector.requests]


async def test_a_message_is_sent_then_edited_then_removed(post: Post) -> None:
    delivery = await post.process()
    for version, text in enumerate(("ringing", "talking"), 1):
        assert await delivery.put(user_key(ONE), post.letter(text, version))
        await post.until(lambda text=text: post.texts() == [text])
    await post.idle()
    await delivery.put(user_key(ONE), replace(post.letter("", 3), activity=None))
    await post.until(lambda: post.texts() == [])
    assert [name for name, _ in operations(post)] == ["send", "edit", "delete"]


async def test_the_last_state_wins_and_what_is_older_is_ignored(post: Post) -> None:
    user = user_key(ONE)
    for version, text in ((1, "ringing"), (5, "ended"), (3, "talking"), (5, "again")):
        taken = await post.outbox.put(user, post.letter(text, version))
        assert taken is (text in {"ringing", "ended"})
    await post.process()
    await post.until(lambda: post.texts() == ["ended"])
    assert operations(post) == [("send", 201)]


async def test_what_nobody_has_seen_is_not_edited(post: Post) -> None:
    user = user_key(ONE)
    assert not await post.outbox.put(user, post.letter("ended", 1, only_edit=True))
    await post.outbox.put(user, post.letter("ringing", 1))
    assert await post.outbox.put(user, post.letter("answered elsewhere", 2, only_edit=True))
    delivery = await post.process()
    await delivery.put(user, post.letter("other", 1, slot="call/2"))
    await post.until(lambda: post.texts() == ["other"])
    assert operations(post) == [("send", 201)]


async def test_what_is_too_late_to_show_is_dropped_but_may_still_be_shown_otherwise(post: Post) -> None:
    user = user_key(ONE)
    await post.outbox.put(user, post.letter("ringing", 1, fresh_for=0.02))
    await asyncio.sleep(0.05)
    delivery = await post.process()
    await delivery.put(user, post.letter("other", 1, slot="call/2"))
    await post.until(lambda: post.texts() == ["other"])
    await delivery.put(user, post.letter("missed", 2))
    await post.until(lambda: post.texts() == ["other", "missed"])


async def test_what_is_held_back_goes_at_its_time_or_sooner_when_hastened(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    began = time.monotonic()
    await delivery.put(user, post.letter("held", 1, not_for=0.3))
    await delivery.put(user, post.letter("other", 1, slot="call/2"))
    await post.until(lambda: post.texts() == ["other"])
    await post.until(lambda: post.texts() == ["other", "held"])
    assert time.monotonic() - began >= 0.29
    await delivery.put(user, post.letter("for a night", 1, slot="call/3", not_for=3600.0))
    await delivery.hasten(user, "call/3")
    await post.until(lambda: post.texts()[-1] == "for a night")


async def test_after_the_last_edit_a_message_is_left_alone(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    await delivery.put(user, post.letter("asks", 1))
    await post.until(lambda: post.texts() == ["asks"])
    await delivery.put(user, post.letter("done", 2, last=True, only_edit=True))
    await post.until(lambda: post.texts() == ["done"])
    await post.idle()
    await delivery.put(user, post.letter("more", 3, only_edit=True))
    await delivery.put(user, post.letter("other", 1, slot="call/2"))
    await post.until(lambda: "other" in post.texts())
    assert post.texts() == ["done", "other"]
    assert await post.outbox.shown(user, "call/1") is None


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504, 500])
@pytest.mark.parametrize("where", ["send", "edit"])
async def test_passing_trouble_is_tried_again(post: Post, status: int, where: str) -> None:
    delivery, user = await post.process(), user_key(ONE)
    if where == "edit":
        await delivery.put(user, post.letter("ringing", 1))
        await post.until(lambda: post.texts() == ["ringing"])
    post.ms.connector.faults.add(Fault(status=status, where=where, times=2))
    await delivery.put(user, post.letter("talking", 2))
    await post.until(lambda: post.texts() == ["talking"])
    assert [s for name, s in operations(post) if name == where].count(status) == 2


async def test_a_stale_token_is_replaced(post: Post) -> None:
    post.tokens.stale = 1
    delivery = await post.process()
    await delivery.put(user_key(ONE), post.letter("ringing"))
    await post.until(lambda: post.texts() == ["ringing"])
    assert operations(post) == [("send", 401), ("send", 201)]


async def test_the_wait_asked_for_holds_up_this_conversation_only(post: Post) -> None:
    delivery = await post.process()
    chat = post.ms.channel.conversation(ONE).id
    post.ms.connector.faults.add(Fault(status=429, retry_after=1, where=chat, times=1))
    began = time.monotonic()
    await delivery.put(user_key(ONE), post.letter("one"))
    await delivery.put(user_key(CROWD[1]), post.letter("two", user=CROWD[1]))
    await post.until(lambda: post.texts(CROWD[1]) == ["two"])
    assert time.monotonic() - began < 0.9
    await post.until(lambda: post.texts() == ["one"])
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("status", [400, 403, 413])
async def test_what_is_refused_for_good_is_given_up_and_holds_up_nothing(post: Post, status: int) -> None:
    delivery = await post.process()
    post.ms.connector.faults.add(Fault(status=status, code="SomethingElse", where="send", times=1))
    await delivery.put(user_key(ONE), post.letter("refused"))
    await post.until(lambda: post.outcomes == ["letter_given_up"])
    await delivery.put(user_key(ONE), post.letter("next", slot="call/2"))
    await post.until(lambda: post.texts() == ["next"])


async def test_lasting_trouble_ends_some_time(post: Post) -> None:
    await post.process()
    post.ms.connector.faults.add(Fault(status=502, where="send"))
    user = user_key(ONE)
    await post.outbox.put(user, post.letter("never"))
    errand = await _taken(post, user)
    for tried in range(TRIES - 1):
        assert errand.tries == tried
        await post.outbox.settle(errand, Result.AGAIN)
        errand = await _taken(post, user)
    assert errand.tries == TRIES - 1


async def _taken(post: Post, user: UserKey) -> Any:
    """Take a person's next letter as a process would, with the others stopped."""
    for delivery in post.running:
        await delivery.stop()
    post.running.clear()
    async with asyncio.timeout(10):
        while True:
            claimed = await post.outbox.claim(post.outbox.office(user), 1)
            for errand in await post.outbox.take(claimed.rounds):
                return errand
            await asyncio.sleep(0.01)


async def test_a_message_that_is_gone_is_not_sent_anew(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    await delivery.put(user, post.letter("ringing"))
    await post.until(lambda: post.texts() == ["ringing"])
    post.ms.channel.conversation(ONE).delete(post.ms.channel.conversation(ONE).messages[-1])
    await post.idle()
    await delivery.put(user, post.letter("ended", 2, only_edit=True))
    await post.until(lambda: ("edit", 404) in operations(post))
    await post.until(lambda: "letter_gone" in post.outcomes)
    assert post.texts() == []


async def test_a_chat_that_is_gone_is_opened_anew(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    letter = replace(post.letter("hello"), address=replace(post.address(), conversation="a:gone"))
    await delivery.put(user, letter)
    await post.until(lambda: post.texts() == ["hello"])
    assert operations(post) == [("send", 404), ("create", 201), ("send", 201)]
    await post.idle()
    await delivery.put(user, replace(letter, version=2, activity={"type": "message", "text": "changed"}))
    await post.until(lambda: post.texts() == ["changed"])


async def test_who_blocks_the_bot_is_left_alone_until_they_write(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    chat = Chat(post.ms.service_url, post.address().conversation, "28:bot", "de-DE")
    await post.once.keep("conversation", handle_of(user), {**vars_of(chat), "at": time.time()}, _DAY)
    post.ms.connector.faults.add(Fault(status=403, where="send", times=1))
    for number in range(3):
        await post.outbox.put(user, post.letter(f"{number}", slot=f"call/{number}"))
    await delivery.put(user, post.letter("last", slot="call/9"))
    await post.until(lambda: bool(post.outcomes))
    await post.idle()
    assert operations(post) == [("send", 403)]
    assert await Conversations(post.once, handle_of).find(user) is None


async def test_a_lost_answer_to_an_edit_costs_nothing(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    await delivery.put(user, post.letter("ringing"))
    await post.until(lambda: post.texts() == ["ringing"])
    post.ms.connector.faults.add(Fault(cut=True, after=True, where="edit", times=1))
    await delivery.put(user, post.letter("ended", 2))
    await post.until(lambda: [name for name, _ in operations(post)].count("edit") == 2)
    await post.until(lambda: post.outcomes[1:][-1:] == ["letter_shown"])
    assert post.texts() == ["ended"]


async def test_a_lost_answer_to_a_message_never_loses_the_message(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    post.ms.connector.faults.add(Fault(cut=True, after=True, where="send", times=1))
    await delivery.put(user, post.letter("missed"))
    await post.until(lambda: post.texts() == ["missed", "missed"])
    await post.idle()
    await delivery.put(user, post.letter("two missed", 2))
    await post.until(lambda: post.texts() == ["missed", "two missed"])


async def test_a_message_that_went_out_another_way_is_taken_for_the_slots(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    chat = post.ms.channel.conversation(ONE)
    chat.add({"type": "message", "text": "calling", "id": "17"}, by_bot=True)
    assert await post.outbox.adopt(user, Shown("call/1", post.address(), "17"), 4, 60.0) is None
    assert not await delivery.put(user, post.letter("older", 4, only_edit=True))
    assert await delivery.put(user, post.letter("talking", 5, only_edit=True))
    await post.until(lambda: post.texts() == ["talking"])
    before = await post.outbox.adopt(user, Shown("call/1", post.address(), "18"), 6, 60.0)
    assert before is not None
    assert before.activity_id == "17"


async def test_edits_of_one_message_keep_a_distance_and_the_last_wins(post: Post) -> None:
    delivery = await post.process(edit_every=0.3)
    user = user_key(ONE)
    for version in range(1, 21):
        await delivery.put(user, post.letter(f"{version}", version))
        await asyncio.sleep(0.02)
    await post.until(lambda: post.texts() == ["20"])
    times = [r.at for r in post.ms.connector.requests]
    assert 2 <= len(times) <= 4
    assert all(later - earlier >= 0.29 for earlier, later in itertools.pairwise(times))


async def test_the_limits_of_a_conversation_are_kept(post: Post) -> None:
    post.ms.connector.enforce_limits = True
    for _ in range(3):
        await post.process()
    user = user_key(ONE)
    for number in range(12):
        await post.outbox.put(user, post.letter(f"{number}", slot=f"call/{number}"))
    await post.running[0].put(user, post.letter("12", slot="call/12"))
    await post.until(lambda: len(post.texts()) == 13)
    assert post.texts() == [str(number) for number in range(13)]
    assert {status for _, status in operations(post)} == {201}
    assert_within(list(post.ms.connector.requests), PER_CONVERSATION)


async def test_the_limit_of_a_tenant_is_kept_by_all_processes_together_and_holds_up_no_other(post: Post) -> None:
    post.ms.connector.enforce_limits = True
    post.ms.connector.faults.add(Fault(delay=0.03))
    fleet = [await post.process(lease=8.0) for _ in range(3)]
    await asyncio.gather(
        *(fleet[n % 3].put(user_key(user), post.letter("ringing", user=user)) for n, user in enumerate(CROWD))
    )
    await fleet[0].put(user_key(GUEST), post.letter("hello", user=GUEST))
    began = time.monotonic()
    await post.until(lambda: post.texts(GUEST) == ["hello"])
    assert time.monotonic() - began < 1.0
    await post.until(lambda: all(post.texts(user) == ["ringing"] for user in CROWD))
    own = [r for r in post.ms.connector.requests if r.conversation_id != post.address(GUEST).conversation]
    assert len(own) == len(CROWD)
    assert {r.status for r in own} == {201}
    assert_within(own, PER_TENANT)


def assert_within(requests: list[Recorded], windows: Any) -> None:
    """No window of time holds more requests than it may."""
    times = sorted(request.at for request in requests)
    for count, seconds in windows:
        for earlier, later in zip(times, times[count:], strict=False):
            assert later - earlier >= seconds - 0.02, (count, seconds)


async def test_a_call_that_was_taken_before_its_cards_went_out_costs_no_requests(post: Post) -> None:
    for user in CROWD:
        await post.outbox.put(user_key(user), post.letter("ringing", user=user))
    for user in CROWD:
        await post.outbox.put(user_key(user), post.letter("elsewhere", 2, user=user, only_edit=True))
    delivery = await post.process()
    await delivery.put(user_key(GUEST), post.letter("hello", user=GUEST))
    await post.until(lambda: post.texts(GUEST) == ["hello"])
    await post.until(lambda: delivery.pending == 0)
    assert operations(post) == [("send", 201)]


async def test_a_process_that_hangs_loses_nothing_and_what_it_says_late_changes_nothing(post: Post) -> None:
    user = user_key(ONE)
    async with queue(post.redis, lease=0.3) as first:
        await first.put(user, post.letter("ringing"))
        claimed = await first.claim(first.office(user), 5)
        (errand,) = await first.take(claimed.rounds)
        other = await post.process(lease=0.3)
        await other.put(user, post.letter("ended", 2))
        await asyncio.sleep(0.1)
        assert post.texts() == []
        await post.until(lambda: post.texts() == ["ended"])
        await first.settle(errand, Result.SHOWN, Shown("call/1", post.address(), "late"))
    shown = await post.outbox.shown(user, "call/1")
    assert shown is not None
    assert shown.activity_id != "late"


async def test_everything_in_the_queue_has_an_end_and_nothing_of_a_person_can_be_read(post: Post) -> None:
    delivery, user = await post.process(), user_key(ONE)
    async with post.redis.monitored() as commands:
        await delivery.put(user, post.letter("Max Canary +4972112345"))
        await post.until(lambda: post.texts() == ["Max Canary +4972112345"])
        await post.idle()
        await delivery.put(user, post.letter("later", 2, not_for=30.0))
    told = b"\n".join(commands)
    for secret in (b"Canary", b"72112345", ONE.id.encode(), SONNENTAL.id.encode(), b"a:1", b"call/1"):
        assert secret not in told
    with post.redis.client() as client:
        lives = {name: client.pttl(name) for name in client.scan_iter()}
        assert lives
        assert all(life > 0 for life in lives.values()), lives
    await post.outbox.drop_all(user)
    assert await post.outbox.all_shown(user) == ()


async def test_an_old_or_foreign_letter_is_dropped_and_holds_up_nothing(post: Post) -> None:
    user = user_key(ONE)
    await post.outbox.put(user, post.letter("ringing"))
    with post.redis.client() as client:
        (name,) = client.scan_iter("sfb:letters:*")
        (letter,) = [key for key in client.hkeys(name) if key.startswith(b"b")]
        client.hset(name, letter, b"something else")
    delivery = await post.process()
    await delivery.put(user, post.letter("other", slot="call/2"))
    await post.until(lambda: post.texts() == ["other"])


async def test_only_so_many_messages_of_a_person_are_remembered(post: Post) -> None:
    user = user_key(ONE)
    for number in range(80):
        await post.outbox.put(user, post.letter(f"{number}", slot=f"call/{number}", not_for=60.0, life=600.0 + number))
    with post.redis.client() as client:
        (name,) = client.scan_iter("sfb:letters-order:*")
        assert client.zcard(name) == 64


async def test_redis_that_comes_back_empty_stops_no_process(post: Post) -> None:
    delivery = await post.process()
    await asyncio.to_thread(post.redis.flush)
    await delivery.put(user_key(ONE), post.letter("after"))
    await post.until(lambda: post.texts() == ["after"])


def vars_of(chat: Chat) -> dict[str, object]:
    return {name: getattr(chat, name) for name in chat.__slots__}
