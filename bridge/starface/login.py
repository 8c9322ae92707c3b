"""Logging in on a dialogue and subscribing to events: the same for a first sign-in and for a silent one after a restart."""

from collections.abc import Iterable

from bridge.errors import BridgeError, CredentialsRejected
from bridge.model.pbx import UcpVersion
from bridge.starface.dialogue import Dialogue
from bridge.starface.errors import LoginFalse, LoginFault, UciRightMissing
from bridge.starface.methods import CALL_EVENTS, V20_SERVICES, WANTED_EVENTS
from bridge.starface.services import ConnectionService, EventService

MOST_SERVICES = 16


async def log_in(dialogue: Dialogue) -> None:
    """Log in once.

    Raises:
        CredentialsRejected: the PBX refuses this token.
        PbxPermission: it knows this user, who may not use UCI.
        PbxTrouble: anything else; whether the credentials are right is not known then.
    """
    refusal: UciRightMissing | None = None
    accepted: bool | None = False
    try:
        accepted = await ConnectionService(dialogue).login()
    except UciRightMissing as missing:
        refusal = UciRightMissing(missing.note)
    if refusal is not None:
        raise await _explained(dialogue, refusal)
    if accepted is None:  # answered with neither yes nor no: ask what came of it
        accepted = await dialogue.alive()
    if not accepted:
        raise LoginFalse("the PBX answered the login with no")


async def _explained(dialogue: Dialogue, refusal: UciRightMissing) -> BridgeError:
    """Tell a user without the right from a token that fits nobody: PBXs may use one fault for both.

    Whoever is known but not logged in gets an answer to ``keepAlive``; a token that fits nobody is refused there as well.
    """
    try:
        await dialogue.alive()
    except CredentialsRejected:
        return LoginFault("the PBX refused the token with a fault")
    return refusal


async def subscribe(dialogue: Dialogue, offered: Iterable[str] | None = None) -> tuple[str, ...]:
    """Subscribe to calls and to whatever else of use the PBX offers; give the services it accepted.

    A PBX that does not tell what it offers is asked for calls only. Raises as :meth:`Dialogue.ask` when even that fails.
    """
    events = EventService(dialogue)
    if dialogue.generation is UcpVersion.V20:
        return V20_SERVICES if await events.set_provided_services(V20_SERVICES) else ()
    calls = CALL_EVENTS[dialogue.generation]
    accepted = [calls] if await events.subscribe(calls) else []
    names = sorted(set(offered if offered is not None else await _offered(events)) - {calls})
    wanted = [name for name in names if name.rpartition(".")[2].lower() in WANTED_EVENTS]
    return (*accepted, *[name for name in wanted[:MOST_SERVICES] if await _accepts(events, name)])


async def _offered(events: EventService) -> Iterable[str]:
    try:
        return await events.provided_events()
    except BridgeError:  # further events are comfort
        return ()


async def _accepts(events: EventService, name: str) -> bool:
    try:
        return await events.subscribe(name)
    except BridgeError:  # further events are comfort
        return False
