"""``GET /api/v1/events``: first a snapshot, then what changes; after a gap a new snapshot, so nothing is missed.

A reader that does not read is dropped, never waited for; one that vanished without a word is noticed by the socket's
``TCP_USER_TIMEOUT`` (an idle handler learns of neither by itself).
"""

import asyncio
import contextlib
import random
import socket
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from bridge.errors import BridgeError, Unavailable
from bridge.model.calls import CallTable
from bridge.model.ids import CallId, UserKey
from bridge.model.messages import (
    CallsChanged,
    Change,
    ColleaguesChanged,
    LineChanged,
    PresenceChanged,
    Resync,
    SessionEnded,
    SessionOpened,
    VoicemailsChanged,
)
from bridge.model.presence import OwnPresence, follow
from bridge.service.colleagues import Colleagues
from bridge.service.interrupted import Interrupted
from bridge.service.overview import Overview
from bridge.service.ports import Feed
from bridge.service.sign_in import SignIns
from bridge.texts import Catalogue, shared
from tab import people, schema, views
from tab.health import Meters
from tab.identity import TeamsTokens
from tab.problems import language
from tab.schema import Shape

HEARTBEAT: Final = 10.0
WRITE_PATIENCE: Final = 10.0
STREAMS_PER_PERSON: Final = 3
WATCH_AGAIN: Final = 60.0
"""Seconds between two words of a stream that somebody looks at the colleagues."""
LIFE: Final = 3300.0
"""Seconds after which a stream asks its reader to come again, with a fresh Teams token (those live about an hour)."""

_VANISHED_MS = 10_000
_SHOWN_LINE_CHANGES = frozenset({"pbx_lost", "pbx_back"})


class Reader:
    """One open stream: writes events and remembers which version of each call its reader has."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response
        self._versions: dict[CallId, int] = {}
        self._number = 0
        self._presence: OwnPresence | None = None

    async def send(self, event: str, data: Shape) -> None:
        """Write one event.

        Raises:
            TimeoutError, ConnectionError: the reader does not read, or is gone.
        """
        await self._write(self._event(event, data))

    async def comment(self, text: str) -> None:
        """Write a line that only keeps the connection alive."""
        await self._write(f": {text}\n\n")

    async def ask_back(self, milliseconds: int) -> None:
        """Tell the reader how long to wait before it comes again."""
        await self._write(f"retry: {milliseconds}\n\n")

    async def snapshot(self, data: schema.Snapshot, table: CallTable, presence: OwnPresence | None) -> None:
        """Write the whole picture."""
        self._presence = presence
        self._versions = {call.id: call.version for call in table.calls}
        await self.send("snapshot", data)

    async def calls(self, table: CallTable) -> None:
        """Write every call that is newer than what the reader has, and what follows for the person's state, in one go."""
        newer = [call for call in table.calls if call.version > self._versions.get(call.id, 0)]
        self._versions = {call.id: call.version for call in table.calls}
        events = [self._event("call", views.call(call)) for call in newer]
        if self._presence is not None:
            events += self._presence_events(follow(self._presence, table, datetime.now(UTC)))
        if events:
            await self._write("".join(events))

    async def colleagues(self, change: ColleaguesChanged) -> None:
        """Write the colleagues who changed, in one go."""
        await self._write("".join(self._event("colleague", people.shown(each)) for each in change.colleagues))

    async def presence(self, presence: OwnPresence) -> None:
        """Write the person's own state if it differs from what the reader has."""
        for event in self._presence_events(presence):
            await self._write(event)

    def _presence_events(self, presence: OwnPresence) -> list[str]:
        if presence.same_as(self._presence):
            return []
        self._presence = presence
        return [self._event("presence", views.presence(presence))]

    def _event(self, name: str, data: Shape) -> str:
        self._number += 1
        return f"id: {self._number}\nevent: {name}\ndata: {data.model_dump_json()}\n\n"

    async def _write(self, text: str) -> None:
        async with asyncio.timeout(WRITE_PATIENCE):
            await self._response.write(text.encode())


class Stay:
    """How long a reader stays: until it is asked to leave, its time is over or there is nothing more to come."""

    def __init__(self) -> None:
        self._until = time.monotonic() + LIFE
        self._asked_to_leave = False
        self._waiting: asyncio.Timeout | None = None

    @property
    def over(self) -> bool:
        """Whether it is time to go."""
        return self._asked_to_leave or time.monotonic() >= self._until

    def end(self) -> None:
        """Ask the reader to leave now."""
        self._asked_to_leave = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def next(self, changes: AsyncIterator[Change]) -> Change | None:
        """Give the next change, ``None`` when it is time for a sign of life or to leave. Waiting costs no task of its own."""
        if self.over:
            return None
        try:
            async with asyncio.timeout(HEARTBEAT) as self._waiting:
                return await anext(changes)
        except TimeoutError:
            return None
        except StopAsyncIteration:
            self._asked_to_leave = True
            return None
        finally:
            self._waiting = None


class Streams:
    """Serves all event streams of this process."""

    def __init__(
        self,
        *,
        tokens: TeamsTokens,
        feed: Feed,
        overview: Overview,
        sign_ins: SignIns,
        interrupted: Interrupted,
        colleagues: Colleagues,
        meters: Meters,
        texts: Catalogue | None = None,
    ) -> None:
        self._tokens = tokens
        self._feed = feed
        self._overview = overview
        self._sign_ins = sign_ins
        self._interrupted = interrupted
        self._colleagues = colleagues
        self._meters = meters
        self._texts = texts or shared()
        self._open: OrderedDict[UserKey, list[Stay]] = OrderedDict()
        self._closing = False

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.get("/api/v1/events", self.stream_events)]

    async def close(self) -> None:
        """Ask every reader to come again elsewhere; their handlers end by themselves."""
        self._closing = True
        for stays in self._open.values():
            for stay in stays:
                stay.end()

    async def stream_events(self, request: web.Request) -> web.StreamResponse:
        """Serve one reader until it leaves, is too slow, or has been here long enough."""
        user = (await self._tokens.check(request.headers.get("Authorization"))).key
        await self._sign_ins.view(user)
        response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        response.charset = "utf-8"
        stay = self._enter(user)
        try:
            async with self._feed.subscribe(user) as changes:
                await response.prepare(request)
                notice_vanished_peers(request)
                await self._serve(Reader(response), user, language(request), changes, stay)
        except (TimeoutError, ConnectionError):
            self._meters.count("stream_reader_gone")
        except BridgeError:
            if not response.prepared:
                raise
            self._meters.count("stream_broken_off")  # the reader comes again and begins with a snapshot
        finally:
            self._leave(user, stay)
        return response

    def _enter(self, user: UserKey) -> Stay:
        stays = self._open.setdefault(user, [])
        for oldest in stays[: max(0, len(stays) + 1 - STREAMS_PER_PERSON)]:
            oldest.end()
        stay = Stay()
        stays.append(stay)
        if self._closing:
            stay.end()
        self._meters.streams.inc()
        return stay

    def _leave(self, user: UserKey, stay: Stay) -> None:
        self._meters.streams.dec()
        stays = self._open.get(user, [])
        if stay in stays:
            stays.remove(stay)
        if not stays:
            self._open.pop(user, None)

    async def _serve(
        self, reader: Reader, user: UserKey, words: str, changes: AsyncIterator[Change], stay: Stay
    ) -> None:
        await reader.ask_back(random.randint(1000, 4000))  # noqa: S311 - spreads reconnections
        await self._snapshot(reader, user, words)
        await self._offer_interrupted(reader, user, words)
        watch_at = 0.0
        while not stay.over:
            if time.monotonic() >= watch_at:
                await self._watch(user)
                watch_at = time.monotonic() + WATCH_AGAIN
            await self._show(reader, user, words, await stay.next(changes), stay)
        await reader.ask_back(random.randint(500, 5000))  # noqa: S311 - spreads reconnections
        await reader.send("notice", self._notice("reconnect", words))

    async def _show(self, reader: Reader, user: UserKey, words: str, change: Change | None, stay: Stay) -> None:
        """Show a change, or a sign of life. Nothing of it is held while the reader waits for the next one."""
        match change:
            case CallsChanged(table):
                await reader.calls(table)
            case PresenceChanged(presence):
                await reader.presence(presence)
            case ColleaguesChanged():
                await reader.colleagues(change)
            case VoicemailsChanged():
                await reader.send("voicemail", schema.VoicemailNews(changed=True))
            case LineChanged(code) if code in _SHOWN_LINE_CHANGES:
                await reader.send("notice", self._notice(code, words))
            case SessionEnded():
                await reader.send("session", views.session_state(await self._sign_ins.view(user)))
            case SessionOpened():
                await reader.send("session", views.session_state(await self._sign_ins.view(user)))
                await self._snapshot(reader, user, words)
                await self._watch(user)
                await self._offer_interrupted(reader, user, words)
            case Resync():
                await self._snapshot_or_say(reader, user, words)
            case None if not stay.over:
                await reader.comment("alive")
            case _:
                pass

    async def _snapshot(self, reader: Reader, user: UserKey, words: str) -> None:
        view, table, presence = await self._overview.of(user)
        shown = views.presence(presence) if presence else None
        data = schema.Snapshot(session=views.session_state(view), calls=views.call_list(table).calls, presence=shown)
        await reader.snapshot(data, table, presence)
        if view.live and await self._overview.is_lost(user):
            await reader.send("notice", self._notice("pbx_lost", words))

    async def _snapshot_or_say(self, reader: Reader, user: UserKey, words: str) -> None:
        try:
            await self._snapshot(reader, user, words)
        except BridgeError:
            await reader.send("notice", self._notice("unavailable", words))

    async def _watch(self, user: UserKey) -> None:
        with contextlib.suppress(Unavailable):  # the next word comes soon
            await self._colleagues.watch(user)

    async def _offer_interrupted(self, reader: Reader, user: UserKey, words: str) -> None:
        kept = await self._interrupted.kept(user)
        if kept is not None and (await self._sign_ins.view(user)).live:
            await reader.send("notice", self._notice("resume_offer", words, number=kept.number))

    def _notice(self, code: str, words: str, **facts: str) -> schema.Notice:
        return schema.Notice(code=code, text=self._texts.text(words, f"notice-{code}", **facts))


def notice_vanished_peers(request: web.Request) -> None:
    """Let the kernel give up on a peer that vanished without a word."""
    transport = request.transport
    found = transport.get_extra_info("socket") if transport else None
    if found is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _VANISHED_MS)
