"""Shorthand for the schemas of properties. What may be left out may also be null."""

from typing import Any, Final

Schema = dict[str, Any]

# Unlike the official pattern, both alternatives are anchored at both ends.
IDENTIFIER: Final = r'^("([^"\u0000]|"")+"|[a-zA-Z_][a-zA-Z0-9_$]*)$'


def text(about: str, **more: Any) -> Schema:
    return {"type": "string", "nullable": True, "description": about, **more}


def number(about: str, **more: Any) -> Schema:
    return {"type": "integer", "nullable": True, "description": about, **more}


def flag(about: str, **more: Any) -> Schema:
    return {"type": "boolean", "nullable": True, "description": about, **more}


def mapping(about: str) -> Schema:
    return {"type": "object", "additionalProperties": True, "nullable": True, "description": about}


def identifier(about: str) -> Schema:
    return {"type": "string", "pattern": IDENTIFIER, "nullable": True, "description": about}


def instant(about: str) -> Schema:
    return text(about, format="date-time")


def read_only(schema: Schema) -> Schema:
    return {**schema, "readOnly": True}


def always(schema: Schema) -> Schema:
    """Return the schema of a property that is never null."""
    return {key: value for key, value in schema.items() if key != "nullable"}


def sent(schema: Schema) -> Schema:
    """Return the schema of a property that every answer has, and no request needs."""
    return always(read_only(schema))
