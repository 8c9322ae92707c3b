"""One PBX: its parts, wired together, without any socket."""

from collections.abc import Callable

from infra.simulator.starface.accounts import Accounts
from infra.simulator.starface.announcer import Announcer
from infra.simulator.starface.arriving import Arriving
from infra.simulator.starface.authentication import Authenticator
from infra.simulator.starface.call_list import CallLists
from infra.simulator.starface.call_table import CallTable
from infra.simulator.starface.callbacks import CallbackSender
from infra.simulator.starface.calls import Party
from infra.simulator.starface.clock import Clock
from infra.simulator.starface.config import FIRST_OAUTH, PbxConfig
from infra.simulator.starface.handling import CallActionError, Handling
from infra.simulator.starface.misbehaviour import Misbehaviours
from infra.simulator.starface.numbers import parse_dialled
from infra.simulator.starface.placing import Placing
from infra.simulator.starface.recorder import Recorder
from infra.simulator.starface.recordings import Recordings
from infra.simulator.starface.sessions import Sessions
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switches import Switches
from infra.simulator.starface.switching import Switching
from infra.simulator.starface.tasks import OwnedTasks
from infra.simulator.starface.tokens import TokenIssuer, signing_key


class Pbx:
    """State and behaviour of a simulated STARFACE; the servers of its interfaces work on this."""

    def __init__(self, config: PbxConfig, switches: Switches | None = None) -> None:
        self.config = config
        self.panel = SwitchPanel(switches)
        self.clock = Clock(config.time_scale)
        self.tasks = OwnedTasks()
        self.recorder = Recorder()
        self.restart_listeners: list[Callable[[], None]] = []
        self.misbehaviours = Misbehaviours()
        self.accounts = Accounts(config.population, config.default_outside)
        self.authenticator = Authenticator(config, self.accounts.users)
        if config.version_numbers >= FIRST_OAUTH:
            signing_key()
        self.tokens = TokenIssuer(self.clock, self.panel)
        self.calls = CallTable()
        self.lists = CallLists(self.clock.now, self.accounts.contacts, config.call_list_entries, config.seed)
        self.recordings = Recordings(self.clock, self.panel)
        self.recordings.invent(self.accounts.mailboxes.values(), self.accounts.contacts, config.voicemail_messages)
        self.sessions = Sessions(self.clock, self.panel)
        self.sender = CallbackSender(
            sessions=self.sessions,
            recorder=self.recorder,
            panel=self.panel,
            tasks=self.tasks,
            clock=self.clock,
            ca=config.callback_ca,
        )
        self.announcer = Announcer(
            accounts=self.accounts,
            calls=self.calls,
            sessions=self.sessions,
            sender=self.sender,
            panel=self.panel,
            clock=self.clock,
        )
        self.switching = Switching(
            accounts=self.accounts,
            calls=self.calls,
            lists=self.lists,
            announcer=self.announcer,
            panel=self.panel,
            clock=self.clock,
            tasks=self.tasks,
            delays=config.delays,
        )
        self.arriving = Arriving(self.switching)
        self.placing = Placing(self.switching, self.arriving)
        self.handling = Handling(self.switching, self.arriving, self.placing)

    @property
    def switches(self) -> Switches:
        return self.panel.switches

    async def start(self) -> None:
        await self.sender.start()

    async def stop(self) -> None:
        await self.tasks.stop()
        await self.sender.stop()

    def ring(self, target: str, *, from_number: str, name: str = "", call_id: str = "") -> str:
        """A call arrives for a login, a group's id or name, or a number; returns its id.

        Raises CallActionError when there is no such target or the number is none.
        """
        number = self._number_of(target)
        caller = parse_dialled(from_number)
        if number is None or caller is None:
            raise CallActionError(f"Nobody can be called as {target!r} from {from_number!r}")
        party = self.arriving.party_of(caller)
        called = self.arriving.party_of(number)
        call = self.switching.new_call(Party(caller, name or party.name), called, call_id)
        self.arriving.route(call, number)
        return call.id

    def change_password(self, login: str, password: str) -> None:
        """Running clients fail from their next request on. Raises UnknownAccountError."""
        self.accounts.user(login).password = password
        self.tokens.revoke(login)

    def remove_user(self, login: str) -> None:
        """Raises UnknownAccountError."""
        self.accounts.remove(login)
        self.tokens.revoke(login)
        self.sessions.close_all(login)
        for call, leg in self.calls.of(login):
            self.switching.end_leg(call, leg)
            if not call.legs:
                self.switching.forget(call)

    def set_right(self, login: str, right: str, *, granted: bool) -> None:
        """Grant or take away one right. Raises UnknownAccountError."""
        rights = self.accounts.user(login).rights
        if granted:
            rights.add(right)
        else:
            rights.discard(right)

    def end_sessions(self, login: str | None = None, *, tell: bool = True) -> int:
        """Close sessions of one user or all, with the event `reset` or silently; returns how many."""
        ending = self.sessions.all() if login is None else self.sessions.of(login)
        for session in ending:
            self.sessions.close(session)
            if tell:
                self.announcer.reset(session)
        return len(ending)

    def lose_everything(self, *, keep_calls: bool) -> None:
        """What a restart does: no session survives, calls only if asked for."""
        self.sessions.close_all()
        for forget in self.restart_listeners:
            forget()
        if not keep_calls:
            self.switching.stop_all()

    def set_dnd(self, login: str, *, enabled: bool) -> None:
        """Raises UnknownAccountError."""
        self.accounts.user(login).dnd = enabled
        self.announcer.user_changed(login)

    def _number_of(self, target: str) -> str | None:
        if target in self.accounts.users:
            return self.accounts.users[target].internal
        for group in self.accounts.groups.values():
            if target in {group.id, group.name}:
                return group.internal
        return parse_dialled(target)
