"""The switches in force: a frozen object that is replaced as a whole when something is changed."""

from collections.abc import Mapping

from infra.simulator.starface.switch_values import change_switches
from infra.simulator.starface.switches import Switches


class SwitchPanel:
    """Shared by all parts of one PBX, so that a change counts everywhere at once."""

    def __init__(self, switches: Switches | None = None) -> None:
        self.switches = switches or Switches()

    def change(self, changes: Mapping[str, object]) -> Switches:
        """Set some switches by name. Raises UnknownSwitchError and changes nothing then."""
        self.switches = change_switches(self.switches, changes)
        return self.switches
