"""The version of this service, as ``pyproject.toml`` names it."""

from typing import Final

VERSION: Final = "0.1.0"
