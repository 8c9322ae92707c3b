"""What a password becomes on its way to a PBX: the formulas of the UCI reference, sections 2.1 to 2.3 and 2.6.

All of them are static or depend on a nonce only; none of them hides the password better than a hash does. A password is
hashed as UTF-8, which is what the vendor's REST samples do; the charset on the PBX's side is not documented.
"""

import base64
import hashlib

from bridge.model.pbx import TokenForm
from bridge.secret import Secret

FIRST_SHA512 = (6, 4, 2, 19)
"""The first version that takes the SHA-512 form; up to 6.4.2.12 it is MD5, what lies between is undocumented."""

FIRST_OAUTH = (10,)
"""The first version that also takes the access token of its own identity server."""


def uci_token(form: TokenForm, login: str, password: Secret) -> Secret:
    """Give the value of ``de.vertico.starface.auth`` in one of the three static forms.

    Raises:
        ValueError: for ``JWT``, which no formula gives.
    """
    match form:
        case TokenForm.SHA512:
            return Secret(f"{login}:{_sha512(f'{login}*{_sha512(password.reveal())}')}")
        case TokenForm.MD5:
            digest = hashlib.md5(f"{login}*{password.reveal()}".encode(), usedforsecurity=False)
            return Secret(digest.hexdigest())
        case TokenForm.ACTIVE_DIRECTORY:
            return Secret(_base64(f"{login}*{password.reveal()}"))
        case TokenForm.JWT:
            raise ValueError("a JWT is issued by the PBX, not computed")


def rest_secret(login: str, password: Secret, nonce: str, *, active_directory: bool) -> Secret:
    """Give the ``secret`` that answers the nonce of ``GET /rest/login``; unlike the UCI forms it holds no ``*``."""
    if active_directory:
        return Secret(_base64(f"{login}{nonce}{password.reveal()}"))
    return Secret(f"{login}:{_sha512(f'{login}{nonce}{_sha512(password.reveal())}')}")


def version_numbers(version: str) -> tuple[int, ...]:
    """Give the numbers of a dotted version, as far as they go: ``8.1.2.2`` → ``(8, 1, 2, 2)``, anything else → ``()``."""
    numbers: list[int] = []
    for part in version.strip().split("."):
        if not (part.isascii() and part.isdigit() and len(part) <= 9):
            break
        numbers.append(int(part))
    return tuple(numbers)


def static_form(version: str) -> TokenForm:
    """Give the static form that an internal user of this version needs; an unknown version is taken as a present one."""
    numbers = version_numbers(version)
    return TokenForm.MD5 if numbers and numbers < FIRST_SHA512 else TokenForm.SHA512


def _sha512(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
