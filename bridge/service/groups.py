"""The groups a person belongs to, and whether they take their calls."""

from dataclasses import replace

from bridge.errors import NotFound
from bridge.model.ids import UserKey
from bridge.model.telephony import GroupMembership
from bridge.service.lines import Line, Lines


class Groups:
    """Logs a person on to and off from groups; every method raises ``SignedOut`` without a live sign-in."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def all(self, user: UserKey) -> tuple[GroupMembership, ...]:
        """Give the person's groups."""
        return await self._lines.use(user, lambda line: line.pbx.groups())

    async def set(self, user: UserKey, group: str, *, active: bool) -> tuple[GroupMembership, ...]:
        """Log on or off, and give all groups as they are then.

        Raises:
            NotFound: the person does not belong to this group.
        """

        async def switch(line: Line) -> tuple[GroupMembership, ...]:
            groups = await line.pbx.groups()
            if all(known.id != group for known in groups):
                raise NotFound("no such group")
            await line.pbx.set_group(group, active=active)
            return tuple(replace(known, active=active) if known.id == group else known for known in groups)

        return await self._lines.use(user, switch)
