"""Results as the SQL API writes them (jsonv2): every cell a text, every column described."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from clockmill.api.wire.encoding import Cell, Encoder, encoder_of
from clockmill.api.wire.encoding import describe_column as describe_for_connectors
from clockmill.engine.result import ColumnType, Kind, Result, ResultColumn, StatementType

_NULL_TEXT: Final = "null"
_FRACTION_DIGITS: Final = 9
_WITH_FRACTION: Final = frozenset({Kind.TIME, Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ})
_STATISTICS: Final = {
    "number of rows inserted": "numRowsInserted",
    "number of rows updated": "numRowsUpdated",
    "number of rows deleted": "numRowsDeleted",
    "number of multi-joined rows updated": "numDuplicateRowsUpdated",
}


def describe_column(column: ResultColumn) -> dict[str, Any]:
    """Return the ``rowType`` entry of *column*."""
    return describe_for_connectors(column)


def encode_rows(
    columns: Sequence[ResultColumn], rows: Sequence[Sequence[Any]], *, nulls_as_text: bool
) -> list[list[Cell]]:
    """Return the texts of all cells; NULL is None, or the text «null»."""
    encoders = [_encoder_of(column.type) for column in columns]
    null = _NULL_TEXT if nulls_as_text else None
    return [
        [null if cell is None else encode(cell) for encode, cell in zip(encoders, row, strict=True)]
        for row in rows
    ]


def _encoder_of(column: ColumnType) -> Encoder:
    """Return how a cell of *column* is written: as for connectors, but for truth and fractions."""
    if column.kind is Kind.BOOLEAN:
        return lambda value: "true" if value else "false"
    if column.kind in _WITH_FRACTION:
        return encoder_of(msgspec.structs.replace(column, scale=_FRACTION_DIGITS))
    return encoder_of(column)


def statistics(result: Result) -> dict[str, int] | None:
    """Return how many rows a change of tables has inserted, updated and deleted; None for others."""
    if result.statement_type & StatementType.DML != StatementType.DML or len(result.rows) != 1:
        return None
    found = {
        _STATISTICS[column.name]: int(count)
        for column, count in zip(result.columns, result.rows[0], strict=True)
        if column.name in _STATISTICS
    }
    return found or None
