"""Bind values as the connectors send them, made into values with a type."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from clockmill.core.errors import InvalidRequest, Unsupported
from clockmill.engine.protocol import Binding
from clockmill.engine.result import BOOLEAN, NULL, TEXT, ColumnType, Kind

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what timestamp_ntz counts from has no zone
_OFFSET_ORIGIN: Final = 1440
_MOST_DIGITS: Final = 38
_LARGEST_MILLISECONDS: Final = 31_536_000_000_000
"""From here on the clients send a date as nanoseconds: its milliseconds would overflow."""


class InvalidBinding(InvalidRequest):
    """A bind value that cannot be read as its type."""

    code, sqlstate = "002049", "22023"

    def __init__(self, position: str, kind: str) -> None:
        super().__init__(f"SQL compilation error: Bind variable :{position} is not a valid {kind} value.")
        self.position = position
        self.kind = kind


def read_bindings(sent: Mapping[str, Any] | None) -> dict[str, Binding] | list[dict[str, Binding]]:
    """Return the bind values by position; for array binding, a list of them, one for each row."""
    if not sent:
        return {}
    if not any(isinstance(entry.get("value"), list) for entry in sent.values()):
        return {position: _read(position, entry) for position, entry in sent.items()}
    columns = {position: _read_column(position, entry) for position, entry in sent.items()}
    if len({len(values) for values in columns.values()}) != 1:
        raise InvalidRequest("Every array bound to one statement must have the same number of values.")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _read_column(position: str, entry: Mapping[str, Any]) -> list[Binding]:
    values = entry.get("value")
    if not isinstance(values, list):
        raise InvalidRequest("Either every bind variable of a statement is an array, or none is.")
    return [_read(position, {**entry, "value": value}) for value in values]


def _read(position: str, entry: Mapping[str, Any]) -> Binding:
    kind, value = str(entry.get("type", "TEXT")).upper(), entry.get("value")
    if kind == "ANY" and value is None:
        return Binding(None, NULL)
    reader = _READERS.get(kind)
    if reader is None:
        raise Unsupported(f"bind variables of type {kind}")
    try:
        return reader(None if value is None else str(value))
    except (ValueError, ArithmeticError, InvalidOperation) as error:
        raise InvalidBinding(position, kind) from error


def _read_fixed(text: str | None) -> Binding:
    if text is None:
        return Binding(None, ColumnType(kind=Kind.FIXED, precision=38, scale=0))
    number = Decimal(text)
    # The limit also keeps 1e999999 from becoming a million digits.
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS:
        raise ValueError(text)
    scale = max(0, -int(number.as_tuple().exponent))
    value: int | Decimal = int(number) if scale == 0 else number
    return Binding(value, ColumnType(kind=Kind.FIXED, precision=38, scale=scale))


def _boolean(text: str) -> bool:
    match text.lower():
        case "true" | "1" | "t" | "yes" | "y" | "on":
            return True
        case "false" | "0" | "f" | "no" | "n" | "off":
            return False
    raise ValueError(text)


def _instant(text: str) -> datetime:
    """Read nanoseconds since 1970, or a date and time spelled out."""
    try:
        return _EPOCH + timedelta(microseconds=int(text) // 1000)
    except ValueError:
        return datetime.fromisoformat(text)


def _utc_instant(text: str) -> datetime:
    instant = _instant(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _zoned_instant(text: str) -> datetime:
    nanoseconds, _, offset = text.partition(" ")
    if not offset.isdecimal():
        instant = _instant(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
    zone = timezone(timedelta(minutes=int(offset) - _OFFSET_ORIGIN))
    return _utc_instant(nanoseconds).astimezone(zone)


def _date(text: str) -> date:
    try:
        count = int(text)
    except ValueError:
        return date.fromisoformat(text)
    milliseconds = count if abs(count) < _LARGEST_MILLISECONDS else count // 1_000_000
    return (_EPOCH + timedelta(milliseconds=milliseconds)).date()


def _time(text: str) -> time:
    try:
        return (_EPOCH + timedelta(microseconds=int(text) // 1000)).time()
    except ValueError:
        return time.fromisoformat(text)


def _reader(of: ColumnType, read: Callable[[str], Any]) -> Callable[[str | None], Binding]:
    return lambda text: Binding(None if text is None else read(text), of)


_READERS: Final[Mapping[str, Callable[[str | None], Binding]]] = {
    "FIXED": _read_fixed,
    "REAL": _reader(ColumnType(kind=Kind.REAL), float),
    "TEXT": _reader(TEXT, str),
    "BOOLEAN": _reader(BOOLEAN, _boolean),
    "DATE": _reader(ColumnType(kind=Kind.DATE), _date),
    "TIME": _reader(ColumnType(kind=Kind.TIME, scale=9), _time),
    "TIMESTAMP_NTZ": _reader(ColumnType(kind=Kind.TIMESTAMP_NTZ, scale=9), _instant),
    "TIMESTAMP_LTZ": _reader(ColumnType(kind=Kind.TIMESTAMP_LTZ, scale=9), _utc_instant),
    "TIMESTAMP_TZ": _reader(ColumnType(kind=Kind.TIMESTAMP_TZ, scale=9), _zoned_instant),
    "BINARY": _reader(ColumnType(kind=Kind.BINARY), bytes.fromhex),
    "VARIANT": _reader(ColumnType(kind=Kind.VARIANT), str),
    "OBJECT": _reader(ColumnType(kind=Kind.OBJECT), str),
    "ARRAY": _reader(ColumnType(kind=Kind.ARRAY), str),
}
