"""The data types of the SQL language, as values: what a column, a variable, an argument may hold."""

import enum

import msgspec


class Kind(enum.StrEnum):
    """The data types as results name them (``rowtype`` of the connectors' protocol)."""

    FIXED = "fixed"
    REAL = "real"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TIMESTAMP_NTZ = "timestamp_ntz"
    TIMESTAMP_LTZ = "timestamp_ltz"
    TIMESTAMP_TZ = "timestamp_tz"
    BINARY = "binary"
    VARIANT = "variant"
    OBJECT = "object"
    ARRAY = "array"


class ColumnType(msgspec.Struct, frozen=True, kw_only=True):
    """A data type with what limits it; None where a limit does not apply."""

    kind: Kind
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    is_nullable: bool = True


TEXT = ColumnType(kind=Kind.TEXT, length=16_777_216)
NUMBER = ColumnType(kind=Kind.FIXED, precision=38, scale=0)
BOOLEAN = ColumnType(kind=Kind.BOOLEAN)
NULL = ColumnType(kind=Kind.TEXT, length=0)
"""The type of a bare NULL: it becomes whatever stands beside it."""
TIMESTAMP_LTZ = ColumnType(kind=Kind.TIMESTAMP_LTZ, scale=9)
