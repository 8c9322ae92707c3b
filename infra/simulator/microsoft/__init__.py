"""A simulated Microsoft side: Entra, the chat channel with its connector, Graph. It shares no code with the product."""

from infra.simulator.microsoft.channel import Channel, Delivery
from infra.simulator.microsoft.cloud import MicrosoftSettings
from infra.simulator.microsoft.connector import Connector
from infra.simulator.microsoft.forged_channel import ForgedRequest
from infra.simulator.microsoft.ledger import Recorded
from infra.simulator.microsoft.misbehaviour import Fault
from infra.simulator.microsoft.population import DEMO_POPULATION, Population, Tenant, User
from infra.simulator.microsoft.simulator import MicrosoftSimulator

__all__ = [
    "DEMO_POPULATION",
    "Channel",
    "Connector",
    "Delivery",
    "Fault",
    "ForgedRequest",
    "MicrosoftSettings",
    "MicrosoftSimulator",
    "Population",
    "Recorded",
    "Tenant",
    "User",
]
