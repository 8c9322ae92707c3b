"""What the chat face needs of the Microsoft adapters, as protocols: the two are put together in ``app.py`` only."""

from typing import Protocol

from bridge.secret import Secret


class Voucher(Protocol):
    """A checked token of the channel."""

    def match(self, channel: object, service_url: object) -> None:
        """Hold an activity against the token it came with; raises ``Unauthenticated``."""


class ChannelTokens(Protocol):
    """Who may post activities."""

    async def check(self, authorization: str | None) -> Voucher:
        """Check an Authorization header; raises ``Unauthenticated``, or ``Unavailable`` without any key of the issuer."""


class TokenSource(Protocol):
    """Gives the bot's own token and takes it back when it was refused."""

    async def get(self) -> Secret: ...
    def reject(self, token: Secret) -> None: ...


class HostList(Protocol):
    """The hosts to which the bot's own token may go."""

    def admit(self, url: object) -> bool: ...
