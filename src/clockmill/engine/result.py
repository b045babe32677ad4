"""What a statement gives back, in the terms of the SQL language and of no engine."""

import enum
from collections.abc import Sequence
from typing import Any

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


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of a result: its name as clients see it, and its type."""

    name: str
    type: ColumnType


class StatementType(enum.IntEnum):
    """``statementTypeId`` of the connectors' protocol; clients read row counts by it."""

    UNKNOWN = 0x0000
    SELECT = 0x1000
    DML = 0x3000
    INSERT = 0x3100
    UPDATE = 0x3200
    DELETE = 0x3300
    MERGE = 0x3400
    MULTI_TABLE_INSERT = 0x3500
    SCL = 0x4000
    TCL = 0x5000
    DDL = 0x6000
    MULTI_STATEMENT = 0xA000


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Columns and rows. Cells are Python values:

    int or Decimal (fixed), float, str (text; JSON text for variant, object and array), bool,
    date, time, naive datetime (ntz), aware datetime (ltz and tz, tz keeping its offset), bytes.
    DML returns its counts as rows, as the service does; *affected* is their sum.
    """

    columns: tuple[ResultColumn, ...]
    rows: Sequence[Sequence[Any]]
    statement_type: StatementType = StatementType.SELECT
    affected: int | None = None


def status(text: str, statement_type: StatementType = StatementType.DDL) -> Result:
    """Return the one-cell result with which statements without rows answer."""
    return Result(columns=(ResultColumn("status", TEXT),), rows=[(text,)], statement_type=statement_type)
