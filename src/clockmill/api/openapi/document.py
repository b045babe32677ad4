"""Makes the description of what is served from the routes and the components."""

import re
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from clockmill.api.openapi import catalog, components, statements
from clockmill.api.openapi.properties import IDENTIFIER, Schema
from clockmill.api.rest.operation import Answer, Operation
from clockmill.api.rest.parameters import Kind, Parameter
from clockmill.api.rest.routes import OPERATIONS
from clockmill.core.task import CreateMode

_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")

_ALWAYS: Final = (202, 400, 401, 403, 404, 405, 429, 500, 503, 504)
"""What every operation may answer with, besides 200. 504 only ever comes from a proxy in between."""

_ERRORS: Final = {
    400: "The request is wrong; the message says what is.",
    401: "There are no credentials, or they do not hold.",
    403: "The caller may not do this.",
    404: "There is no such object, or no such path.",
    405: "The path is served, but not with this method.",
    408: "The request's body did not arrive in time.",
    409: "There is such an object already.",
    415: "The request's body is not JSON.",
    429: "The caller must slow down; nothing was done.",
    500: "A mistake of the server; its log has the details.",
    503: "The server cannot do this now; nothing was done.",
    504: "A proxy gave up waiting.",
}

_REQUEST_ID: Final[Schema] = {
    "X-Snowflake-Request-ID": {
        "description": "The request's id.",
        "schema": {"type": "string", "format": "uuid"},
    }
}
_MORE_HEADERS: Final[dict[int, Schema]] = {
    202: {"Location": {"description": "Where the answer will be.", "schema": {"type": "string"}}},
    401: {"WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}}},
    405: {"Allow": {"description": "The methods that are served.", "schema": {"type": "string"}}},
}
_LINK: Final[Schema] = {
    "Link": {"description": "The pages of a long listing.", "schema": {"type": "string"}},
}


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    """Return the description as JSON."""
    return msgspec.json.encode(describe())


def describe() -> Schema:
    """Return the description."""
    paths: dict[str, dict[str, Schema]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "clockmill",
            "version": version("clockmill"),
            "description": "Task graphs that really run, over the Task REST API of Snowflake.",
            "license": {"name": "Apache-2.0"},
        },
        "paths": {**paths, **_public_paths()},
        "components": {
            "schemas": {
                "TaskRun": components.TASK_RUN,
                "Task": components.TASK,
                **components.SCHEDULES,
                **components.TAGS,
                "Database": catalog.DATABASE,
                "Schema": catalog.SCHEMA,
                "Warehouse": catalog.WAREHOUSE,
                **statements.ANSWERS,
                **components.MESSAGES,
            },
            "responses": _responses(),
            "securitySchemes": _SECURITY_SCHEMES,
        },
        "security": [{name: []} for name in _SECURITY_SCHEMES],
    }


_SECURITY_SCHEMES: Final[dict[str, Schema]] = {
    "KeyPair": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A JWT that the user signed with a key whose public half is registered.",
    },
    "ProgrammaticAccessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token made by clockmill token create.",
    },
    "SessionToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": 'Snowflake Token="...", with the token of a connector\'s session.',
    },
}


def _operation(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [
            *map(_path_parameter, _PATH_PARAMETER.findall(operation.path)),
            *map(_query_parameter, operation.parameters),
        ],
        "responses": {
            "200": _success(operation),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(operation)},
            **{str(status): _of_its_own(status, component) for status, component in operation.bodies.items()},
        },
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _json(_reference(operation.body))}
    if operation.is_deprecated:
        described["deprecated"] = True
    return described


def _of_its_own(status: int, component: str) -> Schema:
    """Return the answer of another status than 200 that *component* describes."""
    return {
        "description": statements.MEANINGS[status],
        "headers": _REQUEST_ID,
        "content": _json(_reference(component)),
    }


def _statuses(operation: Operation) -> list[int]:
    of_bodies = (408,) if operation.body else ()
    of_methods = (415,) if operation.method in {"POST", "PUT"} else ()
    found = {*_ALWAYS, *of_bodies, *of_methods, *operation.statuses}
    # What is fetched later has a handle of its own kind there.
    return sorted(found - {202} if operation.bodies else found)


def _path_parameter(name: str) -> Schema:
    schema: Schema = {"type": "string"}
    if name == "statementHandle":
        schema["format"] = "uuid"
    elif name != "result_handler":
        schema["pattern"] = IDENTIFIER
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(parameter: Parameter) -> Schema:
    schema: Schema = {"type": "string"}
    match parameter.kind:
        case Kind.BOOLEAN | Kind.INTEGER:
            schema["type"] = parameter.kind.value
        case Kind.CREATE_MODE:
            schema["enum"] = [str(mode) for mode in CreateMode]
        case Kind.UUID:
            schema["format"] = "uuid"
        case Kind.TEXT:
            pass
    if parameter.kind is Kind.INTEGER and parameter.maximum is None:
        schema["format"] = "int64"
    limits = {"minimum": parameter.minimum, "maximum": parameter.maximum, "default": parameter.default}
    schema |= {key: value for key, value in limits.items() if value is not None}
    described: Schema = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.summary,
        "schema": schema,
    }
    if parameter.is_deprecated:
        described["deprecated"] = True
    return described


def _success(operation: Operation) -> Schema:
    headers = _REQUEST_ID
    if operation.answer is not Answer.STATUS:
        headers = {**headers, **_LINK}
    match operation.answer:
        case Answer.ANY:
            content: Schema = {"application/json": {}}
        case Answer.LISTING:
            content = _json(_reference(f"[{operation.schema}]"))
        case _:
            content = _json(_reference(operation.schema))
    return {"description": "Done.", "headers": headers, "content": content}


def _reference(name: str) -> Schema:
    """Return the schema of component *name*; in brackets, of an array of it.

    The official description spells out some bodies where they are used, and so do we.
    """
    if name.startswith("["):
        return {"type": "array", "items": _reference(name.strip("[]"))}
    return statements.BODIES.get(name) or {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _responses() -> dict[str, Any]:
    errors = {
        str(status): {
            "description": about,
            "headers": {**_REQUEST_ID, **_MORE_HEADERS.get(status, {})},
            "content": _json(_reference("ErrorResponse")),
        }
        for status, about in _ERRORS.items()
    }
    accepted = {
        "description": "The request goes on; its answer is fetched later.",
        "headers": {**_REQUEST_ID, **_MORE_HEADERS[202]},
        "content": _json(_reference("SuccessAcceptedResponse")),
    }
    return {"202": accepted, **errors}


def _public_paths() -> dict[str, Schema]:
    return {
        "/health": _public("health", "Whether the server is up."),
        "/openapi.json": _public("describe", "This description."),
    }


def _public(name: str, summary: str) -> Schema:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": ["server"],
            "security": [],
            "responses": {
                "200": {"description": "Done.", "headers": _REQUEST_ID, "content": content},
                "400": {"$ref": "#/components/responses/400"},
                "405": {"$ref": "#/components/responses/405"},
            },
        }
    }
