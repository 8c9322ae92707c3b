"""Groups and function keys in the tab: log on and off, press."""

from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from bridge.model.telephony import FunctionKey, GroupMembership
from bridge.service.function_keys import FunctionKeys
from bridge.service.groups import Groups
from tab.incoming import Incoming
from tab.operation import PBX, Operation
from tab.schema import Shape, Sparse

GroupId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]


class GroupView(Shape):
    """A group the person belongs to; ``active``: its calls ring here."""

    id: str
    name: str
    numbers: list[str]
    active: bool


class GroupList(Shape):
    """The person's groups."""

    groups: list[GroupView]


class GroupRequest(Shape):
    """Log on to or off from a group."""

    id: GroupId
    active: bool


class KeyView(Sparse):
    """A function key. ``active``: whether what it switches is on, where the PBX tells."""

    id: str
    name: str
    kind: Literal[
        "module",
        "signal_number",
        "quick_dial",
        "do_not_disturb",
        "forward",
        "forward_number",
        "group_login",
        "park_and_orbit",
    ]
    active: bool | None = None
    number: str | None = None


class KeyList(Shape):
    """Function keys that do something by themselves; busy lamp fields are colleagues."""

    keys: list[KeyView]


OPERATIONS: Final = (
    Operation(
        "list_groups", "GET", "/api/v1/groups", "One's groups", answer=GroupList, refusals=(*PBX, "not_found"), tag="groups"
    ),
    Operation(
        "set_group", "PUT", "/api/v1/groups", "Log on to or off from a group", body=GroupRequest, answer=GroupList,
        refusals=(*PBX, "not_found"), tag="groups",
    ),
    Operation(
        "list_keys", "GET", "/api/v1/keys", "Function keys", answer=KeyList, refusals=(*PBX, "not_found"), tag="keys"
    ),
    Operation(
        "press_key", "POST", "/api/v1/keys/{id}/press", "Do what a function key does", status=202,
        refusals=(*PBX, "not_found"), tag="keys", parameters=("id",),
    ),
)  # fmt: skip


class KeyActs:
    """What the operations above do."""

    def __init__(self, groups: Groups, keys: FunctionKeys) -> None:
        self._groups = groups
        self._keys = keys

    async def list_groups(self, incoming: Incoming) -> GroupList:
        """GET /groups."""
        return _groups(await self._groups.all(incoming.key))

    async def set_group(self, incoming: Incoming) -> GroupList:
        """PUT /groups."""
        body: GroupRequest = incoming.body
        return _groups(await self._groups.set(incoming.key, body.id, active=body.active))

    async def list_keys(self, incoming: Incoming) -> KeyList:
        """GET /keys."""
        return KeyList(keys=[_key(key) for key in await self._keys.all(incoming.key)])

    async def press_key(self, incoming: Incoming) -> None:
        """POST /keys/{id}/press."""
        await self._keys.press(incoming.key, incoming.parameter)


def _groups(groups: tuple[GroupMembership, ...]) -> GroupList:
    return GroupList(
        groups=[
            GroupView(id=group.id, name=group.name, numbers=list(group.numbers), active=group.active)
            for group in groups
        ]
    )


def _key(key: FunctionKey) -> KeyView:
    return KeyView.model_validate(
        {"id": key.id, "name": key.name, "kind": key.kind, "active": key.active, "number": key.number or None}
    )
