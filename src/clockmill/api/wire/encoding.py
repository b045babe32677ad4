"""Results as the connectors read them: every cell a text, every column described."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isnan
from typing import Any, Final, assert_never

from clockmill.engine.result import ColumnType, Kind, ResultColumn

Cell = str | None
Encoder = Callable[[Any], str]

_EPOCH_DAY: Final = date(1970, 1, 1)
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what timestamp_ntz counts from has no zone
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = timedelta(minutes=1)

_FULL_SCALE: Final = 9
_OFFSET_ORIGIN: Final = 1440
"""What is added to a zone's offset in minutes, so that the text never holds a negative one."""

_MAX_BYTES: Final = 16_777_216
_BYTES_A_CHARACTER: Final = 4


def describe_column(column: ResultColumn) -> dict[str, Any]:
    """Return the ``rowtype`` entry of *column*.

    Connector 5.x refuses an entry without one of these keys, and a number without precision
    and scale; what does not apply is null.
    """
    kind, of = column.type.kind, column.type
    entry: dict[str, Any] = {
        "name": column.name,
        "type": kind.value,
        "nullable": of.is_nullable,
        "length": None,
        "byteLength": None,
        "precision": None,
        "scale": None,
    }
    match kind:
        case Kind.FIXED:
            entry |= {"precision": of.precision or 38, "scale": of.scale or 0}
        case Kind.TEXT:
            length = of.length or _MAX_BYTES
            entry |= {"length": length, "byteLength": min(length * _BYTES_A_CHARACTER, _MAX_BYTES)}
        case Kind.BINARY:
            length = of.length or _MAX_BYTES // 2
            entry |= {"length": length, "byteLength": length}
        case Kind.TIME | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ:
            entry |= {"precision": 0, "scale": _fraction_digits(of)}
        case Kind.REAL | Kind.BOOLEAN | Kind.DATE | Kind.VARIANT | Kind.OBJECT | Kind.ARRAY:
            pass
        case _:
            assert_never(kind)
    return entry


def encode_rows(columns: Sequence[ResultColumn], rows: Sequence[Sequence[Any]]) -> list[list[Cell]]:
    """Return the ``rowset``: the text of every cell, None for NULL."""
    encoders = [encoder_of(column.type) for column in columns]
    return [
        [None if cell is None else encode(cell) for encode, cell in zip(encoders, row, strict=True)]
        for row in rows
    ]


def encoder_of(column: ColumnType) -> Encoder:
    """Return the function that writes a cell of *column* which is not NULL."""
    match column.kind:
        case Kind.FIXED:
            return _decimal_encoder(column.scale or 0)
        case Kind.REAL:
            return _encode_real
        case Kind.BOOLEAN:
            # Connector 4.x reads «true» as False.
            return lambda value: "1" if value else "0"
        case Kind.DATE:
            return lambda value: str((value - _EPOCH_DAY).days)
        case Kind.TIME:
            return _time_encoder(_fraction_digits(column))
        case Kind.TIMESTAMP_NTZ:
            return _instant_encoder(_EPOCH, _fraction_digits(column))
        case Kind.TIMESTAMP_LTZ:
            return _instant_encoder(_EPOCH_UTC, _fraction_digits(column))
        case Kind.TIMESTAMP_TZ:
            return _zoned_encoder(_fraction_digits(column))
        case Kind.BINARY:
            return lambda value: value.hex().upper()
        case Kind.TEXT | Kind.VARIANT | Kind.OBJECT | Kind.ARRAY:
            return str
    assert_never(column.kind)


def _fraction_digits(column: ColumnType) -> int:
    return _FULL_SCALE if column.scale is None else column.scale


def _decimal_encoder(scale: int) -> Encoder:
    if scale == 0:
        return lambda value: str(value) if isinstance(value, int) else f"{value:.0f}"
    return lambda value: f"{Decimal(value):.{scale}f}"


def _encode_real(value: float) -> str:
    # Written as the two connectors' parsers both take them: Python's repr has «nan».
    return "NaN" if isnan(value) else repr(float(value))


def _seconds(micros: int, digits: int) -> str:
    """Return *micros* microseconds as seconds with *digits* decimals, cut and not rounded."""
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    whole, fraction = divmod(micros, 1_000_000)
    if digits == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{f'{fraction:06d}000'[:digits]}"


def _time_encoder(digits: int) -> Encoder:
    def encode(value: time) -> str:
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return _seconds(seconds * 1_000_000 + value.microsecond, digits)

    return encode


def _instant_encoder(epoch: datetime, digits: int) -> Encoder:
    return lambda value: _seconds((value - epoch) // _MICROSECOND, digits)


def _zoned_encoder(digits: int) -> Encoder:
    def encode(value: datetime) -> str:
        offset = (value.utcoffset() or timedelta()) // _MINUTE
        return f"{_seconds((value - _EPOCH_UTC) // _MICROSECOND, digits)} {offset + _OFFSET_ORIGIN}"

    return encode
