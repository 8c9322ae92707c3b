"""Where to write to a person of one's own accord: sealed in Redis, for thirty days from the last use, gone at a sign-out."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta

from botbuilder.schema import Activity

from bridge.clock import SystemClock
from bridge.model.ids import TenantId, UserKey
from bridge.service.outbox import Address
from bridge.service.ports import Clock, Once

LIFE = timedelta(days=30)
"""From the last activity, or the last message of ours: who only telephones for two weeks still wants to hear of missed calls."""
RENEWED_AFTER = timedelta(days=1)
LACKING_FOR = 5.0
"""Seconds for which a process that found no chat of somebody may go by that where each look would cost a trip: as long as the
events of one call last, and no longer, for the person may have written to another process meanwhile."""
MOST_LACKING = 20_000
Subject = Callable[[UserKey], str]
"""A person as the subject of claims and kept values: their handle, so that it all goes when they sign out."""

REGION_NOTED_FOR = 3600.0
"""Seconds after which a process notes again where the people of a tenant are written to."""
MOST_REGIONS = 5000
_CHAT, _REGION, _BLOCKED = "conversation", "chat_region", "chat_blocked"


@dataclass(frozen=True, slots=True)
class Chat:
    """A personal chat. ``conversation`` is empty when it has to be opened first."""

    service_url: str
    conversation: str
    bot: str
    locale: str
    zone: str = ""
    """Time zone of the person's device (IANA name)."""
    person: str = ""
    """The person's id in the channel (``29:…``)."""

    @property
    def address(self) -> Address:
        """Where a letter goes."""
        return Address(self.service_url, self.conversation, self.bot, self.locale)


class Conversations:
    """Remembers, for each person, the chat with the bot."""

    def __init__(self, once: Once, subject: Subject, clock: Clock | None = None) -> None:
        self._once = once
        self._subject = subject
        self._clock = clock or SystemClock()
        self._lacking: OrderedDict[UserKey, float] = OrderedDict()
        self._regions: OrderedDict[TenantId, float] = OrderedDict()

    async def remember(self, user: UserKey, activity: Activity) -> None:
        """Note where this person just wrote from."""
        sender = activity.from_property
        chat = Chat(
            activity.service_url,
            activity.conversation.id,
            activity.recipient.id,
            activity.locale or "",
            activity.local_timezone or "",
            (sender.id if sender is not None else None) or "",
        )
        await self._keep(user, chat)
        await self._note_region(user.tenant, chat)

    async def find_again(self, user: UserKey) -> None:
        """After a sign-in: with a sign-out the chat was forgotten. It can be opened anew by the person's object id, where and
        in the language in which the tenant's people are written to; nobody who blocked the bot is tried again."""
        self._note(user, lacking=False)  # a call may ring while this is looked up
        known = _chat(await self._once.kept(_CHAT, self._subject(user)))
        if known is not None or await self._once.kept(_BLOCKED, self._subject(user)):
            return
        region = _chat(await self._once.kept(_REGION, user.tenant))
        if region is not None:
            await self._keep(user, region)

    async def moved(self, user: UserKey, conversation: str) -> None:
        """The chat had to be opened anew."""
        chat = await self.find(user)
        if chat is not None:
            await self._keep(user, replace(chat, conversation=conversation))

    async def blocked(self, user: UserKey) -> None:
        """Writing is refused: nothing is written until this person writes."""
        await self.forget(user)
        await self._once.keep(_BLOCKED, self._subject(user), {"blocked": True}, LIFE)

    async def find(self, user: UserKey) -> Chat | None:
        """Give the person's chat; asking renews it."""
        kept = await self._once.kept(_CHAT, self._subject(user))
        chat = _chat(kept)
        self._note(user, lacking=chat is None)
        if kept is not None and chat is not None:
            written = kept.get("at")
            if not isinstance(written, int | float) or self._clock.time() - written > RENEWED_AFTER.total_seconds():
                await self._keep(user, chat)
        return chat

    def lacks(self, user: UserKey) -> bool:
        """Whether this person had no chat moments ago. Costs nothing; each event of a call asks it."""
        until = self._lacking.get(user)
        return until is not None and self._clock.time() < until

    async def forget(self, user: UserKey) -> None:
        """Leave nothing behind: the app was removed, or writing is blocked. Nothing is written until they write again."""
        await self._once.take(_CHAT, self._subject(user))

    async def _note_region(self, tenant: TenantId, chat: Chat) -> None:
        now = self._clock.time()
        if self._regions.get(tenant, 0.0) > now:
            return
        self._regions[tenant] = now + REGION_NOTED_FOR
        if len(self._regions) > MOST_REGIONS:
            self._regions.popitem(last=False)
        region = Chat(chat.service_url, "", chat.bot, chat.locale, chat.zone)
        await self._once.keep(_REGION, tenant, asdict(region), LIFE)

    async def _keep(self, user: UserKey, chat: Chat) -> None:
        self._note(user, lacking=False)
        await self._once.keep(_CHAT, self._subject(user), {**asdict(chat), "at": self._clock.time()}, LIFE)

    def _note(self, user: UserKey, *, lacking: bool) -> None:
        self._lacking.pop(user, None)
        if lacking:
            self._lacking[user] = self._clock.time() + LACKING_FOR
            if len(self._lacking) > MOST_LACKING:
                self._lacking.popitem(last=False)


def _chat(value: Mapping[str, object] | None) -> Chat | None:
    if value is None:
        return None
    texts = {field.name: value.get(field.name, field.default) for field in fields(Chat)}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    return Chat(**{name: str(text) for name, text in texts.items()})
