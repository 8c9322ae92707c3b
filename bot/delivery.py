"""Carries letters to the chat: claims people whose letters are due, delivers one message of each, says what became of it.

Any number of processes do this side by side; the outbox keeps them apart and within Teams' limits. What can be promised: a letter
is tried until it is there, refused for good, replaced or too old. A message is shown once as long as the connector's answers
arrive. When the answer to a *new* message is lost, nobody can find out whether it was taken (the connector knows no idempotency
key and no search); it is sent again, and the first one, should it be there, is found and removed as soon as the person sees it
(:mod:`bot.call_clicks`).
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace

from bot.connector import Connector, DeliveryFailed, MessageGone, Throttled, WritesBlocked
from bot.conversations import Conversations
from bridge.errors import Unavailable
from bridge.logs import logger
from bridge.model.ids import UserKey
from bridge.service.outbox import Address, Errand, Letter, Office, Outbox, Result, Round, Shown

AT_ONCE = 128
"""Requests of this process under way."""
LOOK_EVERY = 0.5
"""Seconds between two looks for work that other processes left behind."""
OFFICES_AT_ONCE = 32
TRIES = 10
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
PATIENCE = 6.0
TRANSIENT = frozenset({0, 401, 408, 412, 429, 500, 502, 503, 504})
_log = logger(__name__)


class Delivery:
    """Owns the task that looks for work and those that carry letters; ``start`` and ``stop`` it."""

    def __init__(
        self,
        outbox: Outbox,
        connector: Connector,
        conversations: Conversations,
        *,
        count: Callable[[str], None] = lambda _: None,
        look_every: float = LOOK_EVERY,
    ) -> None:
        """``connector`` tries once only; ``count`` counts outcomes by a constant name."""
        self._outbox = outbox
        self._connector = connector
        self._conversations = conversations
        self._count = count
        self._look_every = look_every
        self._wake = asyncio.Event()
        self._due: dict[Office, float] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._away = self._claiming = False

    @property
    def pending(self) -> int:
        """Letters on their way and offices that have work now."""
        now = asyncio.get_running_loop().time()
        return len(self._running) + self._claiming + sum(at <= now for at in self._due.values())

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._go(), name="delivery")

    async def stop(self) -> None:
        """Take nothing more and let what is under way end, within seconds; the rest is another process's, or the next start's."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=PATIENCE)
            for carrying in late:
                carrying.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def put(self, user: UserKey, letter: Letter) -> bool:
        """Wish for a state and see to it at once; ``False`` when there is nothing to be done for it. Raises ``Unavailable``."""
        taken = await self._outbox.put(user, letter)
        if taken:
            self._nudge(user)
        return taken

    async def hasten(self, user: UserKey, slot: str) -> None:
        """Let a letter go that was held back. Raises ``Unavailable``."""
        if await self._outbox.hasten(user, slot):
            self._nudge(user)

    def _nudge(self, user: UserKey) -> None:
        self._due[self._outbox.office(user)] = 0.0
        self._wake.set()

    async def _go(self) -> None:
        loop = asyncio.get_running_loop()
        looked = 0.0
        while True:
            self._wake.clear()
            try:
                if loop.time() - looked >= self._look_every:
                    looked = loop.time()
                    self._due.update(dict.fromkeys(await self._outbox.due_offices(OFFICES_AT_ONCE), 0.0))
                await self._look_after(loop.time())
                self._note(away=False)
            except Unavailable:
                self._note(away=True)
                await asyncio.sleep(self._look_every)
            except Exception as error:  # noqa: BLE001 - one fault must not end the delivery of everybody
                _log.error("delivery_crashed", exc_info=error)
                await asyncio.sleep(self._look_every)
            await self._rest(loop.time())

    async def _rest(self, now: float) -> None:
        """Wait until somebody nudges, an office's time has come, or it is time to look for what others left behind."""
        wait = min([self._look_every, *(at - now for at in self._due.values())])
        if wait > 0 or len(self._running) >= AT_ONCE:
            try:
                async with asyncio.timeout(max(0.001, wait)):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _look_after(self, now: float) -> None:
        for office in [office for office, at in self._due.items() if at <= now]:
            free = AT_ONCE - len(self._running)
            if free <= 0:
                return
            del self._due[office]
            self._claiming = True
            try:
                claimed = await self._outbox.claim(office, free)
            finally:
                self._claiming = False
            if claimed.next_in is not None:
                self._due[office] = min(self._due.get(office, now + claimed.next_in), now + claimed.next_in)
            if claimed.rounds:
                self._begin(self._carry_all(claimed.rounds))

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name="letters")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()

    async def _carry_all(self, rounds: tuple[Round, ...]) -> None:
        try:
            errands = await self._outbox.take(rounds)
        except Unavailable:
            return  # the leases give them back
        for errand in errands:
            self._begin(self._carry(errand))

    async def _carry(self, errand: Errand) -> None:
        """Deliver one letter and say what became of it."""
        shown, wait = None, 0.0
        try:
            shown = await self._deliver(errand)
            result = Result.SHOWN
        except DeliveryFailed as error:
            result, wait = await self._failed(errand, error)
        except Unavailable:
            result, wait = Result.AGAIN, FIRST_WAIT
        self._count(f"letter_{result.value}")
        try:
            await self._outbox.settle(errand, result, shown, wait)
        except Unavailable:
            _log.warning("letter_not_settled", state=result.value)
        self._due[errand.round.office] = 0.0

    async def _deliver(self, errand: Errand) -> Shown | None:
        """Remove, edit or send; give the message as it may be edited later."""
        letter, shown = errand.letter, errand.shown
        if letter.activity is None:
            if shown is not None:
                await self._connector.delete(shown.address.service_url, shown.address.conversation, shown.activity_id)
            return None
        if shown is not None:
            place = shown.address
            await self._connector.edit(place.service_url, place.conversation, shown.activity_id, letter.activity)
            shown = replace(shown, live=letter.live)
        else:
            shown = await self._send(errand)
        return None if letter.last else shown

    async def _send(self, errand: Errand) -> Shown:
        """Send into the known chat; where it is gone, open it anew by the person's object id."""
        letter, address = errand.letter, errand.letter.address
        activity = letter.activity or {}
        if address.conversation:
            try:
                sent = await self._connector.send(address.service_url, address.conversation, activity)
                return Shown(letter.slot, address, sent, letter.live)
            except MessageGone:
                pass
        opened = replace(address, conversation=await self._open(errand.user, address))
        await self._conversations.moved(errand.user, opened.conversation)
        sent = await self._connector.send(opened.service_url, opened.conversation, activity)
        return Shown(letter.slot, opened, sent, letter.live)

    async def _open(self, user: UserKey, address: Address) -> str:
        """Open the chat; who is refused that has not installed the app."""
        try:
            return await self._connector.open_conversation(
                address.service_url, bot=address.bot, person=user.person, tenant=user.tenant
            )
        except DeliveryFailed as error:
            raise WritesBlocked(403, error.code) if error.status == 403 else error from None

    async def _failed(self, errand: Errand, error: DeliveryFailed) -> tuple[Result, float]:
        """Decide what a failure means for the letter; a blocked person gets nothing until they write again."""
        if isinstance(error, WritesBlocked):
            await self._blocked(errand.user)
            return Result.GIVEN_UP, 0.0
        if isinstance(error, MessageGone):
            return (Result.GONE if errand.shown is not None else Result.GIVEN_UP), 0.0
        if error.status not in TRANSIENT or errand.tries + 1 >= TRIES:
            _log.warning("letter_given_up", status=error.status, attempt=errand.tries + 1)
            return Result.GIVEN_UP, 0.0
        asked = error.retry_after if isinstance(error, Throttled) else 0.0
        ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2**errand.tries)
        _log.info("letter_tried_again", status=error.status, attempt=errand.tries + 1)
        return Result.AGAIN, asked + random.uniform(0, ceiling)  # noqa: S311 - full jitter spreads the tries

    async def _blocked(self, user: UserKey) -> None:
        _log.info("writing_blocked")
        try:
            await self._conversations.blocked(user)
            await self._outbox.drop_all(user)
        except Unavailable:
            _log.warning("block_not_remembered")

    def _note(self, *, away: bool) -> None:
        if away is not self._away:
            self._away = away
            _log.warning("delivery_store_away") if away else _log.info("delivery_store_back")
