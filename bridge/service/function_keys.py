"""The function keys of a person, pressed from afar."""

from bridge.errors import NotFound
from bridge.model.ids import UserKey
from bridge.model.telephony import FunctionKey
from bridge.service.lines import Line, Lines


class FunctionKeys:
    """Every method raises ``SignedOut`` without a live sign-in and ``NotOffered`` where the PBX has no function keys."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def all(self, user: UserKey) -> tuple[FunctionKey, ...]:
        """Give the keys that do something when pressed; busy lamp fields are not among them."""
        return await self._lines.use(user, lambda line: line.pbx.keys())

    async def press(self, user: UserKey, key: str) -> None:
        """Do what the key does.

        Raises:
            NotFound: the person has no such key.
            PbxPermission: the right to switch modules is missing.
        """

        async def push(line: Line) -> None:
            if all(known.id != key for known in await line.pbx.keys()):
                raise NotFound("no such function key")
            await line.pbx.press_key(key)

        await self._lines.use(user, push)
