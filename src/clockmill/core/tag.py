"""Tags: names with values that users put on objects, to find and group them by."""

import enum
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.routine import RoutineName

MAX_VALUE_LENGTH: Final = 256
MAX_TAGS_OF_OBJECT: Final = 50
MAX_ALLOWED_VALUES: Final = 300


class TagLevel(enum.StrEnum):
    """The kinds of objects that carry tags."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    WAREHOUSE = "WAREHOUSE"
    TASK = "TASK"
    PROCEDURE = "PROCEDURE"
    FUNCTION = "FUNCTION"


TagTarget = QualifiedName | RoutineName | SchemaName | str | None
"""Names an object of a level: a task, a routine, a schema, a database or warehouse; None: the account."""


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag as it is stored. Without *allowed_values* any value will do."""

    id: str
    name: QualifiedName
    owner: str
    allowed_values: tuple[str, ...] | None
    comment: str | None
    created_on: datetime


class TagAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """A tag's value on an object. *level* is where it was set: on the object, or on what holds it."""

    tag: QualifiedName
    value: str
    level: TagLevel


class TagValueTooLong(InvalidRequest):
    """A tag's value has more characters than are stored."""

    code, sqlstate = "391803", "22023"

    def __init__(self, tag: QualifiedName) -> None:
        super().__init__(f"Invalid value for tag '{tag}': it is longer than {MAX_VALUE_LENGTH} characters.")


class TagValueNotAllowed(InvalidRequest):
    """A tag's value is not one of those that the tag allows."""

    code, sqlstate = "391801", "22023"

    def __init__(self, tag: Tag, value: str) -> None:
        listed = ", ".join(f"'{each}'" for each in tag.allowed_values or ())
        super().__init__(
            f"Invalid value '{value}' for tag '{tag.name}'. The values that it allows are {listed}."
        )


class TooManyTags(InvalidRequest):
    """An object would carry more tags than one may."""

    def __init__(self) -> None:
        super().__init__(f"An object carries at most {MAX_TAGS_OF_OBJECT} tags.")


class TooManyAllowedValues(InvalidRequest):
    """A tag lists more allowed values than one may."""

    def __init__(self) -> None:
        super().__init__(f"A tag lists at most {MAX_ALLOWED_VALUES} allowed values.")


def check_value(tag: Tag, value: str) -> None:
    """Raise if *value* may not be given to *tag*."""
    if len(value) > MAX_VALUE_LENGTH:
        raise TagValueTooLong(tag.name)
    if tag.allowed_values is not None and value not in tag.allowed_values:
        raise TagValueNotAllowed(tag, value)


def check_allowed_values(tag: QualifiedName, values: tuple[str, ...] | None) -> None:
    """Raise if a new *tag* may not list *values*."""
    if values is None:
        return
    if len(values) > MAX_ALLOWED_VALUES:
        raise TooManyAllowedValues
    if any(len(value) > MAX_VALUE_LENGTH for value in values):
        raise TagValueTooLong(tag)
