"""The OpenAPI 3.1 page, made from the same models and operations that the handlers use.

``python -m tab.openapi`` prints it; the tab's TypeScript types are generated from that.
"""

import json
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from tab import people, schema
from tab.operation import JSON, Operation
from tab.operations import OPERATIONS

EVERYWHERE: Final = ("unauthenticated", "tenant_unknown", "unavailable")
STATUS: Final = {
    "bad_request": 400,
    "unauthenticated": 401,
    "signed_out": 401,
    "pbx_credentials_rejected": 401,
    "tenant_unknown": 403,
    "not_admin": 403,
    "pbx_permission": 403,
    "not_found": 404,
    "busy": 409,
    "pbx_address_forbidden": 422,
    "too_many_attempts": 429,
    "pbx_unreachable": 502,
    "pbx_protocol": 502,
    "unavailable": 503,
    "pbx_timeout": 504,
}
_EVENTS: Final = (schema.Snapshot, schema.Notice, schema.VoicemailNews, people.ColleagueView)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Give the whole page as plain data."""
    used: set[type[schema.Shape]] = {*_EVENTS, schema.Problem}
    for operation in OPERATIONS:
        used.update(shape for shape in (operation.body, operation.answer) if shape)
    shapes = sorted(used, key=lambda shape: shape.__name__)
    definitions = _definitions(shapes)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.verb.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Teams integration for STARFACE", "version": "1", "description": _DESCRIPTION},
        "security": [{"teams": []}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"teams": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


_BYTES: Final = {"type": "string", "format": "binary"}
_DESCRIPTION = (
    "Every operation wants a Teams SSO token; who somebody is follows from its tid and oid and from nothing else."
)


def _definitions(shapes: Iterable[type[schema.Shape]]) -> dict[str, Any]:
    _, found = models_json_schema(
        [(shape, _mode(shape)) for shape in shapes], ref_template="#/components/schemas/{model}"
    )
    definitions: dict[str, Any] = found["$defs"]
    for shape in schema.Sparse.__subclasses__():
        if shape.__name__ in definitions:
            definitions.update(_optional_left_out(shape))
    return definitions


def _mode(shape: type[schema.Shape]) -> Any:  # noqa: ANN401 - pydantic's literal type has no public name
    return "validation" if shape.__name__.endswith("Request") else "serialization"


def _optional_left_out(shape: type[schema.Shape]) -> dict[str, Any]:
    """A shape whose own serializer leaves out unknown values is described as it is read, with the shapes in it."""
    found = shape.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
    return {**found.pop("$defs", {}), shape.__name__: found}


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": _responses(operation),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 128}}
        for name in operation.parameters
    ]
    parameters += _query(operation)
    if operation.repeatable:
        parameters.append({
            "name": "Idempotency-Key", "in": "header", "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
        })  # fmt: skip
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        content = {"application/json": {"schema": _reference(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    described = operation.query.model_json_schema(mode="validation")
    required = described.get("required", [])
    return [
        {
            "name": name, "in": "query", "required": name in required, "schema": member,
            "allowEmptyValue": name not in required,
        }
        for name, member in described.get("properties", {}).items()
    ]  # fmt: skip


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {str(operation.status): _success(operation)}
    asks = ("bad_request",) if _asks(operation) else ()
    for code in (*EVERYWHERE, *asks, *operation.refusals):
        answer = responses.setdefault(str(STATUS[code]), {"description": "", "content": {}})
        answer["description"] = ", ".join(filter(None, (answer["description"], code)))
        answer["content"] = {"application/problem+json": {"schema": _reference(schema.Problem)}}
        if code == "too_many_attempts":
            answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}}
    return responses


def _success(operation: Operation) -> dict[str, Any]:
    if operation.stream:
        text = (
            "Events snapshot (Snapshot), call (CallView), presence (PresenceView), colleague (ColleagueView), "
            "voicemail (VoicemailNews), session (SessionState), notice (Notice)"
        )
        return {"description": text, "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    if operation.media != JSON:
        return {"description": "Success", "content": {operation.media: {"schema": _BYTES}}}
    if operation.answer is None:
        return {"description": "Done" if operation.status == 204 else "Accepted"}
    return {"description": "Success", "content": {"application/json": {"schema": _reference(operation.answer)}}}


def _asks(operation: Operation) -> bool:
    """Whether there is something in a request that may be wrong."""
    return bool(operation.body or operation.query or operation.parameters or operation.repeatable)


def _reference(shape: type[schema.Shape]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2) + "\n")
