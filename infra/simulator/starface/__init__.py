"""A simulated STARFACE PBX: XML-RPC (UCI v20, v22, v30), REST and OAuth over real sockets, built from the UCI reference.

It knows nothing of the product, so that it is an independent judge of it.
"""

from infra.simulator.starface.accounts import UnknownAccountError
from infra.simulator.starface.calls import Call, CallState, Leg
from infra.simulator.starface.config import Delays, DirectoryMode, PbxConfig
from infra.simulator.starface.demo import demo_population
from infra.simulator.starface.handling import CallActionError
from infra.simulator.starface.misbehaviour import Kind, Misbehaviour
from infra.simulator.starface.population import Behaviour, Outside, Population, User
from infra.simulator.starface.server import StarfaceSimulator
from infra.simulator.starface.switch_values import UnknownSwitchError
from infra.simulator.starface.switches import Switches

__all__ = [
    "Behaviour",
    "Call",
    "CallActionError",
    "CallState",
    "Delays",
    "DirectoryMode",
    "Kind",
    "Leg",
    "Misbehaviour",
    "Outside",
    "PbxConfig",
    "Population",
    "StarfaceSimulator",
    "Switches",
    "UnknownAccountError",
    "UnknownSwitchError",
    "User",
    "demo_population",
]
