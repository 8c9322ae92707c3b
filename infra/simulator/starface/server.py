"""The simulated PBX on a real socket, for tests to embed and for the command line to serve."""

import ssl
from types import TracebackType
from typing import Self

from aiohttp import web

from infra.simulator.starface.calls import Call
from infra.simulator.starface.config import PbxConfig
from infra.simulator.starface.interfaces import build_application
from infra.simulator.starface.misbehaviour import Kind, Misbehaviour
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import User
from infra.simulator.starface.recorder import CallbackSent, Recorder, RequestSeen
from infra.simulator.starface.switches import Switches

_SHUTDOWN_SECONDS = 0.1


class StarfaceSimulator:
    """`async with StarfaceSimulator() as pbx:` serves until the block ends; everything runs on one event loop.

    Script methods take logins such as `0001`; an empty call id means the newest call. They raise
    CallActionError when a call is not in a fitting state and UnknownAccountError for unknown logins.
    """

    def __init__(self, config: PbxConfig | None = None, *, switches: Switches | None = None) -> None:
        self.config = config or PbxConfig()
        self.pbx = Pbx(self.config, switches)
        self.port = self.config.port
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Origin under which the PBX answers, without a slash at the end."""
        return f"{'https' if self.config.tls_certificate else 'http'}://{self.config.host}:{self.port}"

    @property
    def users(self) -> dict[str, User]:
        return self.pbx.accounts.users

    @property
    def calls(self) -> list[Call]:
        return self.pbx.calls.all()

    @property
    def recorder(self) -> Recorder:
        return self.pbx.recorder

    @property
    def requests(self) -> list[RequestSeen]:
        """What was asked so far, oldest first."""
        return list(self.pbx.recorder.requests)

    @property
    def callbacks(self) -> list[CallbackSent]:
        """Events sent so far and how they were answered, oldest first."""
        return list(self.pbx.recorder.callbacks)

    @property
    def switches(self) -> Switches:
        return self.pbx.switches

    def set(self, **changes: object) -> Switches:
        """Change switches at run time. Raises UnknownSwitchError."""
        return self.pbx.panel.change(changes)

    async def start(self) -> None:
        await self.pbx.start()
        self._runner = web.AppRunner(
            build_application(self),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            handler_cancellation=True,
        )
        await self._runner.setup()
        await self.listen()

    async def stop(self) -> None:
        await self.pbx.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = self._site = None

    async def listen(self) -> None:
        """Accept connections (again) on the same port."""
        if self._runner is None or self._site is not None:
            return
        site = web.TCPSite(self._runner, self.config.host, self.port, ssl_context=self._tls())
        await site.start()
        self._site = site
        self.port = self._runner.addresses[0][1]

    async def stop_listening(self) -> None:
        """Refuse connections and cut those that are open, as a machine that is switched off."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        server = self._runner.server if self._runner else None
        for connection in list(server.connections) if server else []:
            connection.force_close()

    async def restart(self, *, keep_calls: bool = False, down_for: float = 0.0) -> None:
        """Lose all sessions, and all calls unless told otherwise; `down_for` seconds of simulated time."""
        await self.stop_listening()
        self.pbx.lose_everything(keep_calls=keep_calls)
        await self.pbx.clock.sleep(down_for)
        await self.listen()

    def advance(self, seconds: float) -> None:
        """Move the simulated time forward."""
        self.pbx.clock.advance(seconds)

    def misbehave(self, kind: Kind | str, method: str = "*", *, times: int | None = None, **details: float) -> None:
        """Let answers go wrong; `details` are `seconds`, `size`, `after_effect` of Misbehaviour."""
        fault = Misbehaviour(Kind(kind), method, times)
        for name in ("seconds", "size", "after_effect"):
            if name in details:
                setattr(fault, name, type(getattr(fault, name))(details[name]))
        self.pbx.misbehaviours.add(fault)

    def behave(self) -> None:
        """End every misbehaviour."""
        self.pbx.misbehaviours.clear()

    def ring(self, target: str, *, from_number: str, name: str = "", call_id: str = "") -> str:
        """A call arrives for a login, group or number; returns its id."""
        return self.pbx.ring(target, from_number=from_number, name=name, call_id=call_id)

    def place(self, login: str, number: str, phone_id: str = "") -> str:
        """The user dials on the phone itself; returns the call's id, empty when rejected."""
        return self.pbx.placing.place(self.pbx.accounts.user(login), number, phone_id)

    def answer(self, login: str, call_id: str = "", phone_id: str = "") -> str:
        return self.pbx.handling.answer(login, call_id, phone_id)

    def remote_answers(self, login: str, call_id: str = "") -> str:
        return self.pbx.handling.remote_answers(login, call_id)

    def hang_up(self, login: str, call_id: str = "") -> str:
        return self.pbx.handling.hang_up(login, call_id)

    def miss(self, login: str, call_id: str = "") -> str:
        return self.pbx.handling.miss(login, call_id)

    def hold(self, login: str, call_id: str = "") -> str:
        return self.pbx.handling.hold(login, call_id)

    def resume(self, login: str, call_id: str = "") -> str:
        return self.pbx.handling.resume(login, call_id)

    def forward(self, login: str, target: str, call_id: str = "") -> str:
        return self.pbx.handling.forward(login, target, call_id)

    def transfer(self, login: str, call_id: str, parked_id: str) -> str:
        return self.pbx.handling.transfer(login, call_id, parked_id)

    def conference(self, login: str, call_ids: list[str], phone_id: str = "") -> str:
        return self.pbx.handling.conference(login, call_ids, phone_id)

    def send_to_voicemail(self, login: str, call_id: str = "") -> str:
        return self.pbx.handling.send_to_voicemail(login, call_id)

    def change_password(self, login: str, password: str) -> None:
        self.pbx.change_password(login, password)

    def remove_user(self, login: str) -> None:
        self.pbx.remove_user(login)

    def end_sessions(self, login: str | None = None, *, tell: bool = True) -> int:
        return self.pbx.end_sessions(login, tell=tell)

    def _tls(self) -> ssl.SSLContext | None:
        if not self.config.tls_certificate:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.config.tls_certificate, self.config.tls_key or None)
        return context
