"""From an HTTP request to a checked command, and from an answer model to bytes."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import ValidationError

from bridge.errors import BadRequest
from bridge.model.ids import UserKey
from tab.identity import TeamsTokens, TeamsUser
from tab.operation import Operation
from tab.problems import BodyRefused, language
from tab.schema import Query, Shape

BODY_LIMIT: Final = 16 * 1024
BODY_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request whose caller and form have been checked."""

    user: TeamsUser
    body: Any
    query: Any
    parameter: str
    language: str
    request: web.Request

    @property
    def key(self) -> UserKey:
        """Who asks."""
        return self.user.key


Act = Callable[[Incoming], Awaitable[Any]]
"""Gives the answer's shape, nothing, or, where an operation's answer is no JSON, the response itself."""


async def admitted(request: web.Request, operation: Operation, tokens: TeamsTokens) -> Incoming:
    """Check caller, path, query and body of a request.

    Raises:
        Unauthenticated: no sound Teams token.
        BadRequest: body, query or path is not of the described form.
    """
    user = await tokens.check(request.headers.get("Authorization"))
    parameter = request.match_info.get("id", "")
    if operation.parameters and not (0 < len(parameter) <= 128 and parameter.isprintable()):
        raise BadRequest("id in the path")
    query = read_query(request, operation.query) if operation.query else None
    body = await read_body(request, operation.body) if operation.body else None
    return Incoming(user, body, query, parameter, language(request), request)


def read_query(request: web.Request, shape: type[Query]) -> Query:
    """Check the query: each name once, an empty value is as good as none, nothing unknown."""
    given = {name: value for name, value in request.query.items() if value}
    if len(given) != sum(1 for value in request.query.values() if value):
        raise BadRequest("a name occurs twice in the query")
    try:
        return shape.model_validate(given, by_name=False, by_alias=True)
    except ValidationError as error:
        raise BodyRefused(_places(error)) from None


async def read_body(request: web.Request, shape: type[Shape]) -> Shape:
    """Read and check a JSON body within its limits of size and time."""
    if request.content_type != "application/json":
        raise BadRequest("a body is JSON")
    if (request.content_length or 0) > BODY_LIMIT:
        raise BadRequest("body too large")
    try:
        async with asyncio.timeout(BODY_PATIENCE):
            raw = await request.read()
    except TimeoutError:
        raise BadRequest("body too slow") from None
    if len(raw) > BODY_LIMIT:
        raise BadRequest("body too large")
    try:
        return shape.model_validate_json(raw, by_name=False, by_alias=True)
    except ValidationError as error:
        raise BodyRefused(_places(error)) from None


def _places(error: ValidationError) -> list[str]:
    """Where the body is wrong and what kind of fault it is, without what was in it: not even a name that we do not know."""
    faults = error.errors(include_input=False, include_context=False, include_url=False)
    return [f"{_place(fault['loc'], fault['type'])}: {fault['type']}" for fault in faults]


def _place(parts: Sequence[int | str], kind: str) -> str:
    known = (*parts[:-1], "?") if kind == "extra_forbidden" else parts
    return ".".join(str(part)[:40] for part in known) or "body"


def answered(operation: Operation, answer: Shape | None) -> web.Response:
    """Turn an answer model into a response."""
    headers = {"Cache-Control": "no-store"}
    if answer is None:
        return web.Response(status=operation.status, headers=headers)
    text = answer.model_dump_json()
    return web.Response(text=text, status=operation.status, content_type="application/json", headers=headers)


def kept_form(response: web.Response) -> dict[str, object]:
    """What is remembered of an answer for its repetition."""
    return {"status": response.status, "text": response.text or "", "type": response.content_type}


def from_kept(kept: Any) -> web.Response:  # noqa: ANN401 - it was our own plain data
    """The remembered answer again."""
    return web.Response(
        text=str(kept["text"]), status=int(kept["status"]), content_type=str(kept["type"]),
        headers={"Cache-Control": "no-store", "Idempotent-Replay": "true"},
    )  # fmt: skip


def compact(value: dict[str, object]) -> str:
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
