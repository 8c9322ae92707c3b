"""Delivers events to the callback that a client named at its login."""

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from infra.simulator.starface.clock import Clock
from infra.simulator.starface.codec import write_call
from infra.simulator.starface.recorder import CallbackSent, Recorder
from infra.simulator.starface.sessions import CallbackTarget, Session, Sessions
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switches import CallbackFailure, CallbackOrder, CallbackTls, JwtCallback
from infra.simulator.starface.tasks import OwnedTasks

LOG = logging.getLogger(__name__)

WAITING_EVENTS = 10_000
FAILURES_UNTIL_DROPPED = 3
LONGEST_JITTER = 0.05
MOST_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class _Event:
    session: Session
    method: str
    params: tuple[Any, ...]
    body: bytes
    last: bool


class CallbackSender:
    """One queue and one sender task per session, so that events stay in order; bounded and owned."""

    def __init__(
        self, *, sessions: Sessions, recorder: Recorder, panel: SwitchPanel, tasks: OwnedTasks, clock: Clock, ca: str
    ) -> None:
        self._sessions = sessions
        self._recorder = recorder
        self._panel = panel
        self._tasks = tasks
        self._clock = clock
        self._chance = random.Random(1)
        self._queues: dict[str, deque[_Event]] = {}
        self._http: aiohttp.ClientSession | None = None
        self._ca = ca
        self._trusted: ssl.SSLContext | None = None

    async def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
        self._http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()

    def send(self, session: Session, method: str, params: Sequence[Any], *, last: bool = False) -> None:
        """Queue an event; `last` sends it although the session has ended."""
        if session.callback is None:
            return
        body = write_call(method, params, self._panel.switches)
        event = _Event(session, method, tuple(params), body, last)
        order = self._panel.switches.callback_order
        if order is CallbackOrder.JITTER and not last:
            self._tasks.start(self._deliver_late(event))
            return
        self._enqueue(event)
        if order is CallbackOrder.DUPLICATES and not last:
            self._enqueue(event)

    def _enqueue(self, event: _Event) -> None:
        waiting = self._queues.get(event.session.id)
        if waiting is None:
            self._queues[event.session.id] = deque([event], maxlen=WAITING_EVENTS)
            self._tasks.start(self._drain(event.session.id))
        else:
            waiting.append(event)

    async def _drain(self, session_id: str) -> None:
        waiting = self._queues[session_id]
        try:
            while waiting:
                await self._deliver(waiting.popleft())
        finally:
            self._queues.pop(session_id, None)

    async def _deliver_late(self, event: _Event) -> None:
        await asyncio.sleep(self._chance.uniform(0, LONGEST_JITTER))
        await self._deliver(event)

    async def _deliver(self, event: _Event) -> None:
        if not event.last and not self._sessions.is_open(event.session):
            return
        for _ in range(1 + self._panel.switches.callback_retries):
            if await self._post(event):
                event.session.failures = 0
                return
        event.session.failures += 1
        self._punish(event.session)

    async def _post(self, event: _Event) -> bool:
        target = event.session.callback
        if target is None or self._http is None:
            return False
        status, error = 0, ""
        try:
            async with asyncio.timeout(self._panel.switches.callback_timeout):
                status = await self._exchange(self._http, self._url(event.session, target), event.body)
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            error = type(failure).__name__
            LOG.info("Event %s could not be delivered: %s", event.method, error)
        sent = CallbackSent(
            self._clock.now(), event.method, event.session.login, event.params, target.path, status, error
        )
        self._recorder.callbacks.append(sent)
        return 200 <= status < 300

    async def _exchange(self, http: aiohttp.ClientSession, url: URL, body: bytes) -> int:
        async with http.post(
            url,
            data=body,
            headers={"Content-Type": "text/xml"},
            ssl=self._certificate_check(),
            allow_redirects=False,
        ) as answer:
            await answer.read()
            return answer.status

    def _certificate_check(self) -> ssl.SSLContext | bool:
        if self._panel.switches.callback_tls is CallbackTls.UNVERIFIED:
            return False
        if self._trusted is None:
            self._trusted = ssl.create_default_context(cafile=self._ca or None)
        return self._trusted

    def _url(self, session: Session, target: CallbackTarget) -> URL:
        query = urlencode({"de.vertico.starface.user": session.login, **self._credential(session)})
        path = quote(target.path, safe="/:@!$&'()*+,;=~-._")
        return URL(f"{target.scheme}://{target.host}:{target.port}{path}?{query}", encoded=True)

    def _credential(self, session: Session) -> dict[str, str]:
        if not session.by_jwt:
            return {"de.vertico.starface.auth": session.credential}
        return {
            JwtCallback.NOTHING: {},
            JwtCallback.EMPTY_AUTH: {"de.vertico.starface.auth": ""},
            JwtCallback.JWT: {"de.vertico.starface.jwt": session.credential},
            JwtCallback.JWT_AS_AUTH: {"de.vertico.starface.auth": session.credential},
        }[self._panel.switches.jwt_callback]

    def _punish(self, session: Session) -> None:
        reaction = self._panel.switches.callback_failure
        if reaction is CallbackFailure.DROP_EVENT or session.failures < FAILURES_UNTIL_DROPPED:
            return
        self._sessions.close(session)
        if reaction is CallbackFailure.RESET_EVENT and session.failures == FAILURES_UNTIL_DROPPED:
            self.send(session, reset_method(session), [], last=True)


def reset_method(session: Session) -> str:
    """Name of the event that ends a session, for the generation in which the client logged in."""
    if session.version == 20:
        return "ucp.v20.client.connection.reset"
    return f"ucp.v{session.version}.events.connection.reset"
