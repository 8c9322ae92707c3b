"""Token formulas of the UCI and REST interfaces, and whose token a request carries."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable

from infra.simulator.starface.config import FIRST_SHA512, DirectoryMode, PbxConfig
from infra.simulator.starface.population import User
from infra.simulator.starface.switches import Switches, TokenForms

_TokenForm = Callable[[str, str, str], str]


def sha512_token(login: str, password: str, charset: str = "utf-8") -> str:
    """UCI reference, section 2.1: PBX 6.4.2.19 and later."""
    inner = _sha512(password.encode(charset))
    return f"{login}:{_sha512(f'{login}*{inner}'.encode())}"


def md5_token(login: str, password: str, charset: str = "utf-8") -> str:
    """UCI reference, section 2.2: PBX up to 6.4.2.12."""
    return hashlib.md5(f"{login}*{password}".encode(charset), usedforsecurity=False).hexdigest()


def directory_token(login: str, password: str, charset: str = "utf-8") -> str:
    """UCI reference, section 2.3: PBX with Active Directory authentication."""
    return base64.b64encode(f"{login}*{password}".encode(charset)).decode("ascii")


def rest_secret(login: str, password: str, nonce: str, mode: DirectoryMode) -> str:
    """UCI reference, section 2.6: answer to the nonce of the REST login."""
    if mode is DirectoryMode.ACTIVE_DIRECTORY:
        return base64.b64encode(f"{login}{nonce}{password}".encode()).decode("ascii")
    inner = _sha512(password.encode())
    return f"{login}:{_sha512(f'{login}{nonce}{inner}'.encode())}"


class Authenticator:
    """Finds the user whose token was sent; which formulas count depends on version and switches."""

    def __init__(self, config: PbxConfig, users: dict[str, User]) -> None:
        self._config = config
        self._users = users

    def user_of_token(self, token: str, login: str, switches: Switches) -> User | None:
        """The user, or None. `login` is the optional `de.vertico.starface.user`; it must fit when given."""
        if switches.external_identity_provider:
            return None
        forms = self._forms(switches)
        for user in self._candidates(token, login):
            expected = (form(user.login, user.password, switches.password_charset.value) for form in forms)
            if any(_same(token, each) for each in expected):
                return user
        return None

    def _forms(self, switches: Switches) -> list[_TokenForm]:
        if switches.token_forms is TokenForms.ANY:
            return [sha512_token, md5_token, directory_token]
        if self._config.directory_mode is DirectoryMode.ACTIVE_DIRECTORY:
            return [directory_token]
        return [sha512_token] if self._config.version_numbers >= FIRST_SHA512 else [md5_token]

    def _candidates(self, token: str, login: str) -> Iterable[User]:
        name = login or _login_inside(token)
        if not name:
            return list(self._users.values())
        return [self._users[name]] if name in self._users else []


def _login_inside(token: str) -> str:
    if ":" in token:
        return token.partition(":")[0]
    try:
        return base64.b64decode(token, validate=True).decode().partition("*")[0] if "=" in token else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _sha512(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()
