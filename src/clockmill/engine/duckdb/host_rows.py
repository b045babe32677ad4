"""Rows of the host on their way into DuckDB: JSON with a list for each column."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from clockmill.engine.duckdb.types import SEMI, physical
from clockmill.engine.result import ColumnType, Kind

Cells = tuple[Any, ...]


def rows_as_json(rows: Sequence[Sequence[Any]], kinds: Sequence[ColumnType]) -> str:
    """Return *rows*, cells as Result has them, as the JSON that :func:`unnested` reads."""
    columns: Sequence[Cells] = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    lists = {
        f"c{place}": _list(cells, kind)
        for place, (cells, kind) in enumerate(zip(columns, kinds, strict=True))
        # Unnested beside a longer one, a list that is missing gives NULLs. One column says how many.
        if not place or cells.count(None) < len(cells)
    }
    return msgspec.json.encode(lists).decode()


def _list(cells: Cells, kind: ColumnType) -> Sequence[Any]:
    write = _WRITERS.get(kind.kind)
    if write is None:
        return cells
    return [None if cell is None else write(cell) for cell in cells]


def _utc(cell: datetime) -> datetime:
    return cell.astimezone(UTC).replace(tzinfo=None)


def _zoned(cell: datetime) -> str:
    offset = cell.utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds() // 60)
    return f"{_utc(cell).isoformat()}|{minutes}"


_WRITERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    # As text, because JSON's numbers hold neither 38 digits nor infinity.
    Kind.FIXED: str,
    Kind.REAL: str,
    Kind.TEXT: str,
    Kind.BINARY: bytes.hex,
    Kind.TIMESTAMP_LTZ: _utc,
    Kind.TIMESTAMP_TZ: _zoned,
    **dict.fromkeys(SEMI, str),
}


def unnested(json: str, kinds: Sequence[ColumnType]) -> str:
    """Return a query of the rows in *json* (SQL), in their order, with columns c0, c1 …"""
    shape = ", ".join(f'"c{place}": ["VARCHAR"]' for place in range(len(kinds)))
    lists = ", ".join(f"unnest(j.c{place}) AS c{place}" for place in range(len(kinds)))
    cells = ", ".join(f"{_cell(f'u.c{place}', kind)} AS c{place}" for place, kind in enumerate(kinds))
    read = f"SELECT from_json({json}, '{{{shape}}}') AS j"
    return f"SELECT {cells} FROM (SELECT {lists} FROM ({read}) AS r) AS u"


def _cell(text: str, kind: ColumnType) -> str:
    match kind.kind:
        case Kind.TEXT:
            return text
        case Kind.BINARY:
            return f"unhex({text})"
        case Kind.TIMESTAMP_TZ:
            moment = f"CAST(split_part({text}, '|', 1) AS TIMESTAMP)"
            offset = f"CAST(split_part({text}, '|', 2) AS INTEGER)"
            return f"CASE WHEN {text} IS NOT NULL THEN {{'u': {moment}, 'o': {offset}}} END"
    if kind.kind in SEMI:
        # What clients see is laid out; what the engine keeps is not.
        return f"json({text})"
    return f"CAST({text} AS {physical(kind)})"
