"""Errors as a person and a program can read them: ``application/problem+json`` (RFC 9457) in the reader's language."""

import json
import secrets
from typing import Final

from aiohttp import web

from bridge.errors import BadRequest, BridgeError, NotFound, NotOffered, SignedOut, TooManyAttempts, Unavailable
from bridge.logs import logger
from bridge.texts import Catalogue, language_of, shared

REQUEST_ID: Final = web.RequestKey("request_id", str)
_log = logger(__name__)


class BodyRefused(BadRequest):
    """The body is not of the described form; ``places`` names the fields, never what was in them."""

    def __init__(self, places: list[str]) -> None:
        super().__init__("body not of the described form")
        self.places = places


def problem(error: BridgeError, language: str, request_id: str = "", texts: Catalogue | None = None) -> web.Response:
    """Give the answer for a refusal."""
    catalogue = texts or shared()
    name = "not_offered" if isinstance(error, NotOffered) else error.code
    body: dict[str, object] = {
        "type": "about:blank",
        "title": catalogue.text(language, f"error-title-{name}"),
        "status": error.status,
        "code": error.code,
        "detail": _detail(error, name, language, catalogue),
    }
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, SignedOut):
        body["reason"] = error.reason.value
    if isinstance(error, BodyRefused):
        body["errors"] = error.places[:16]
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = "1"
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if request_id:
        body["requestId"] = request_id
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=error.status, content_type="application/problem+json", headers=headers)


def _detail(error: BridgeError, name: str, language: str, catalogue: Catalogue) -> str:
    if isinstance(error, SignedOut):
        return catalogue.text(language, f"error-signed_out-{error.reason.value}")
    if isinstance(error, TooManyAttempts):
        return catalogue.text(language, "error-too_many_attempts", seconds=error.retry_after)
    return catalogue.text(language, f"error-{name}")


def language(request: web.BaseRequest) -> str:
    """The language the reader wishes."""
    return language_of(request.headers.get("Accept-Language"))


def new_request_id() -> str:
    """An id that a person can read out to support."""
    return secrets.token_hex(6)


_BY_STATUS: Final[dict[int, type[BridgeError]]] = {404: NotFound, 405: NotFound, 413: BadRequest, 400: BadRequest}


def of_http_error(error: web.HTTPException) -> BridgeError:
    """The refusal that fits an error of the HTTP layer (unknown path, body too large, malformed request)."""
    return _BY_STATUS.get(error.status, BadRequest)("refused by the HTTP layer")


def of_crash(error: Exception, request_id: str) -> BridgeError:
    """A fault of ours: logged with its place, shown as unavailable."""
    _log.error("request_crashed", exc_info=error, request_id=request_id)
    return Unavailable("a fault of ours")
