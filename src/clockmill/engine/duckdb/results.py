"""DuckDB's rows as the language's: whole numbers as int, zoned instants aware, JSON laid out."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from clockmill.engine.duckdb.types import SEMI, is_null
from clockmill.engine.result import TEXT, Kind, ResultColumn

Convert = Callable[[Any], Any]


def convert_rows(rows: list[tuple[Any, ...]], columns: Sequence[ResultColumn]) -> list[tuple[Any, ...]]:
    """Return *rows* with each cell as :class:`Result` promises it."""
    converters = [_converter(column) for column in columns]
    if not any(converters) or not rows:
        return rows
    return [
        tuple(
            cell if convert is None or cell is None else convert(cell)
            for cell, convert in zip(row, converters, strict=False)
        )
        for row in rows
    ]


def settle_columns(columns: Sequence[ResultColumn]) -> tuple[ResultColumn, ...]:
    """Return *columns* with the type that clients see for a bare NULL."""
    return tuple(ResultColumn(c.name, TEXT) if is_null(c.type) else c for c in columns)


def _converter(column: ResultColumn) -> Convert | None:
    kind = column.type.kind
    if kind is Kind.FIXED:
        if not column.type.scale:
            return int
        quantum = Decimal(1).scaleb(-column.type.scale)
        return lambda cell: _decimal(cell, quantum)
    if kind in SEMI:
        return pretty
    return _CONVERTERS.get(kind)


def _decimal(cell: Any, quantum: Decimal) -> Decimal:
    value = cell if isinstance(cell, Decimal) else Decimal(str(cell))
    return value if value.as_tuple().exponent == quantum.as_tuple().exponent else value.quantize(quantum)


def _aware(cell: datetime) -> datetime:
    return cell.replace(tzinfo=UTC)


def _zoned(cell: dict[str, Any]) -> datetime | None:
    if cell["u"] is None:
        return None
    zone = timezone(timedelta(minutes=cell["o"]))
    moment: datetime = cell["u"].replace(tzinfo=UTC)
    return moment.astimezone(zone)


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else str(cell)


_CONVERTERS: Final[dict[Kind, Convert]] = {
    Kind.REAL: float,
    Kind.TEXT: _text,
    Kind.BOOLEAN: bool,
    Kind.TIMESTAMP_LTZ: _aware,
    Kind.TIMESTAMP_TZ: _zoned,
    Kind.BINARY: bytes,
}


class _Number(str):
    """A number as its JSON text has it."""


def pretty(text: str) -> str:
    """Return JSON text laid out as the service shows it: two spaces a level, keys in order."""
    if text[:1] not in ("{", "["):
        return text if text[:1] == '"' else _number(text)
    try:
        value = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except ValueError:
        return text
    return _write(value, "")


def _write(value: Any, margin: str) -> str:
    if isinstance(value, _Number):
        return _number(str(value))
    inner = margin + "  "
    if isinstance(value, dict):
        if not value:
            return "{}"
        cells = (f"{inner}{_string(key)}: {_write(value[key], inner)}" for key in sorted(value))
        return "{\n" + ",\n".join(cells) + f"\n{margin}}}"
    if isinstance(value, list):
        if not value:
            return "[]"
        return "[\n" + ",\n".join(inner + _write(item, inner) for item in value) + f"\n{margin}]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _number(text: str) -> str:
    """Return a number as the service shows it: one with an exponent has sixteen digits."""
    return f"{float(text):.15e}" if "e" in text.lower() and text[-1:].isdigit() else text


def _string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
