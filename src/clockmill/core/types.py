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
FLOAT = ColumnType(kind=Kind.REAL)
DATE = ColumnType(kind=Kind.DATE)
TIME = ColumnType(kind=Kind.TIME, scale=9)
TIMESTAMP_NTZ = ColumnType(kind=Kind.TIMESTAMP_NTZ, scale=9)
TIMESTAMP_TZ = ColumnType(kind=Kind.TIMESTAMP_TZ, scale=9)
BINARY = ColumnType(kind=Kind.BINARY, length=8_388_608)
VARIANT = ColumnType(kind=Kind.VARIANT)
OBJECT = ColumnType(kind=Kind.OBJECT)
ARRAY = ColumnType(kind=Kind.ARRAY)

MAX_PRECISION = 38
MAX_TEXT = 16_777_216


def fixed(precision: int, scale: int = 0) -> ColumnType:
    """Return NUMBER(precision, scale), the precision held within what the language allows."""
    return ColumnType(kind=Kind.FIXED, precision=max(1, min(precision, MAX_PRECISION)), scale=scale)


def text(length: int) -> ColumnType:
    """Return VARCHAR(length)."""
    return ColumnType(kind=Kind.TEXT, length=min(length, MAX_TEXT))
