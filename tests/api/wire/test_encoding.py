"""Cell texts and column descriptions, pinned to what both connector generations parse."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from clockmill.api.wire.encoding import describe_column, encode_rows, encoder_of
from clockmill.engine.result import NUMBER, TEXT, ColumnType, Kind, ResultColumn

_INDIA = timezone(timedelta(hours=5, minutes=30))
_WEST = timezone(timedelta(hours=-8))


def _type(kind: Kind, scale: int | None = None) -> ColumnType:
    return ColumnType(kind=kind, scale=scale)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (NUMBER, 42, "42"),
        (NUMBER, -(10**37), "-1" + "0" * 37),
        (NUMBER, Decimal("1E+3"), "1000"),
        (_type(Kind.FIXED, 2), Decimal("1.5"), "1.50"),
        (_type(Kind.FIXED, 2), 7, "7.00"),
        (_type(Kind.REAL), 1.5, "1.5"),
        (_type(Kind.REAL), float("nan"), "NaN"),
        (_type(Kind.REAL), float("-inf"), "-inf"),
        (TEXT, "a\nß", "a\nß"),
        (_type(Kind.BOOLEAN), True, "1"),
        (_type(Kind.BOOLEAN), False, "0"),
        (_type(Kind.DATE), date(1970, 1, 1), "0"),
        (_type(Kind.DATE), date(1969, 12, 31), "-1"),
        (_type(Kind.DATE), date(2024, 2, 29), "19782"),
        (_type(Kind.TIME, 9), time(1, 1, 1, 123000), "3661.123000000"),
        (_type(Kind.TIME, 0), time(1, 1, 1, 999999), "3661"),
        (_type(Kind.TIMESTAMP_NTZ), datetime(2023, 11, 14, 22, 13, 20, 123000), "1700000000.123000000"),
        (_type(Kind.TIMESTAMP_NTZ, 3), datetime(2023, 11, 14, 22, 13, 20, 123999), "1700000000.123"),
        (_type(Kind.TIMESTAMP_NTZ), datetime(1969, 12, 31, 23, 59, 59, 500000), "-0.500000000"),
        (_type(Kind.TIMESTAMP_LTZ), datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), "1700000000.000000000"),
        (
            _type(Kind.TIMESTAMP_TZ),
            datetime(2023, 11, 15, 3, 43, 20, tzinfo=_INDIA),
            "1700000000.000000000 1770",
        ),
        (
            _type(Kind.TIMESTAMP_TZ),
            datetime(2023, 11, 14, 14, 13, 20, tzinfo=_WEST),
            "1700000000.000000000 960",
        ),
        (_type(Kind.BINARY), b"\x00\xab", "00AB"),
        (_type(Kind.VARIANT), '{"a":1}', '{"a":1}'),
    ],
)
def test_a_cell_is_the_text_that_the_connectors_parse(column: ColumnType, value: Any, text: str) -> None:
    assert encoder_of(column)(value) == text


def test_null_stays_null_in_every_type() -> None:
    columns = [ResultColumn(kind.value, _type(kind)) for kind in Kind]

    assert encode_rows(columns, [[None] * len(columns)]) == [[None] * len(columns)]


def test_every_column_entry_has_every_key_the_newer_connector_insists_on() -> None:
    for kind in Kind:
        entry = describe_column(ResultColumn("C", _type(kind)))

        assert {"name", "type", "nullable", "length", "precision", "scale"} <= entry.keys()


def test_a_number_without_limits_is_described_with_the_widest() -> None:
    """Connector 5.x refuses a fixed column whose precision or scale is null."""
    entry = describe_column(ResultColumn("C", _type(Kind.FIXED)))

    assert (entry["precision"], entry["scale"]) == (38, 0)


def test_a_text_column_says_its_length_in_characters_and_bytes() -> None:
    entry = describe_column(ResultColumn("C", ColumnType(kind=Kind.TEXT, length=10, is_nullable=False)))

    assert (entry["length"], entry["byteLength"], entry["nullable"]) == (10, 40, False)
