"""What a statement gives back, in the terms of the SQL language and of no engine."""

import enum
from collections.abc import Sequence
from typing import Any

import msgspec

from clockmill.core.types import BOOLEAN, NULL, NUMBER, TEXT, TIMESTAMP_LTZ, ColumnType, Kind

__all__ = [
    "BOOLEAN",
    "NULL",
    "NUMBER",
    "TEXT",
    "TIMESTAMP_LTZ",
    "ColumnType",
    "Kind",
    "Result",
    "ResultColumn",
    "StatementType",
    "status",
]


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
