"""Looking into a compact signed token before anything of it is proven (RFC 7515)."""

import base64
import binascii
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.errors import Unauthenticated

MAXIMUM_TOKEN = 16 * 1024
MAXIMUM_KEY_ID = 256
ALGORITHM = "RS256"


def bearer(authorization: str | None) -> str:
    """Give the token of an Authorization header.

    Raises:
        Unauthenticated: no header, another scheme, or a token of impossible size or form.
    """
    if authorization is None:
        raise Unauthenticated("no token")
    name, _, token = authorization.partition(" ")
    if name.lower() != "bearer" or len(token) > MAXIMUM_TOKEN or token.count(".") != 2 or not token.isascii():
        raise Unauthenticated("no bearer token")
    return token


def segment(text: str) -> dict[str, Any]:
    """Decode one part of a token, header or claims.

    Raises:
        Unauthenticated: it is not base64url of a JSON object.
    """
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Unauthenticated("the token cannot be read") from None
    if not isinstance(value, dict):
        raise Unauthenticated("the token cannot be read")
    return value


def key_id(header: str) -> str:
    """Give the key id of an encoded header.

    Raises:
        Unauthenticated: another algorithm than RS256, or no key id.
    """
    fields = segment(header)
    kid = fields.get("kid")
    if fields.get("alg") != ALGORITHM or not isinstance(kid, str) or not 0 < len(kid) <= MAXIMUM_KEY_ID:
        raise Unauthenticated("the token names no key of ours")
    return kid


def verified(token: str, key: RSAPublicKey, required: list[str], **checks: Any) -> dict[str, Any]:
    """Check signature, times and what ``checks`` (arguments of PyJWT's decode) ask for; give the claims.

    The audience has to be the one string asked for: a list of several is refused.

    Raises:
        Unauthenticated: anything does not fit.
    """
    try:
        return jwt.decode(
            token, key, algorithms=[ALGORITHM], options={"require": required, "strict_aud": True}, **checks
        )
    except (jwt.PyJWTError, TypeError, ValueError, RecursionError, OverflowError):
        # PyJWT raises plain TypeError for claims of a wrong type, e.g. a list as issuer
        raise Unauthenticated("the token does not hold") from None
