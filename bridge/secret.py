"""A value that may be used but never shown: every way of printing, pickling or serialising it gives ``***``."""

import hmac
from typing import NoReturn

MASK = "***"


class Secret:
    """Wrap a password or token. Only :meth:`reveal` gives the value; comparison takes constant time."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the wrapped text. Call it only where the value leaves for its one purpose."""
        return self._value

    def matches(self, other: str) -> bool:
        """Compare with ``other`` in constant time."""
        return hmac.compare_digest(self._value.encode(), other.encode())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled or copied")
