"""Bind values as the two connectors write them."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from clockmill.api.wire.bindings import InvalidBinding, read_bindings
from clockmill.core.errors import InvalidRequest, Unsupported
from clockmill.engine.protocol import Binding


def _one(kind: str, value: Any) -> Binding:
    read = read_bindings({"1": {"type": kind, "value": value}})
    assert isinstance(read, dict)
    return read["1"]


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("FIXED", "1", 1),
        ("FIXED", "1.50", Decimal("1.50")),
        ("FIXED", "1e3", 1000),
        ("REAL", "1.5", 1.5),
        ("TEXT", "x", "x"),
        ("BOOLEAN", "true", True),
        ("BOOLEAN", "0", False),
        ("DATE", "1704067200000", date(2024, 1, 1)),
        ("DATE", "2024-01-01", date(2024, 1, 1)),
        ("TIME", "3661123000000", time(1, 1, 1, 123000)),
        ("TIMESTAMP_NTZ", "1704067200000000000", datetime(2024, 1, 1)),
        ("TIMESTAMP_NTZ", "2024-01-01 00:00:00", datetime(2024, 1, 1)),
        ("TIMESTAMP_LTZ", "1704067200000000000", datetime(2024, 1, 1, tzinfo=UTC)),
        ("BINARY", "00ab", b"\x00\xab"),
        ("ANY", None, None),
        ("FIXED", None, None),
        ("VARIANT", "[1]", "[1]"),
    ],
)
def test_a_bind_value_is_read_as_its_type(kind: str, sent: Any, value: Any) -> None:
    assert _one(kind, sent).value == value


def test_a_zoned_instant_keeps_its_offset() -> None:
    read = _one("TIMESTAMP_TZ", "1704067200000000000 1770").value

    assert read.utcoffset() == timedelta(minutes=330)
    assert read == datetime(2024, 1, 1, 5, 30, tzinfo=timezone(timedelta(minutes=330)))


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("FIXED", "one"),
        ("FIXED", "NaN"),
        ("FIXED", "1e999999"),
        ("DATE", "soon"),
        ("BINARY", "0g"),
        ("BOOLEAN", "maybe"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused_by_position(kind: str, sent: str) -> None:
    with pytest.raises(InvalidBinding, match=":1"):
        _one(kind, sent)


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match="VECTOR"):
        _one("VECTOR", "[1]")


def test_arrays_become_one_set_of_values_a_row() -> None:
    read = read_bindings(
        {"1": {"type": "FIXED", "value": ["1", "2"]}, "2": {"type": "TEXT", "value": ["a", None]}}
    )

    assert isinstance(read, list)
    assert [{position: each.value for position, each in row.items()} for row in read] == [
        {"1": 1, "2": "a"},
        {"1": 2, "2": None},
    ]


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="same number"):
        read_bindings({"1": {"type": "FIXED", "value": ["1"]}, "2": {"type": "FIXED", "value": ["1", "2"]}})


def test_an_instant_spelled_out_keeps_its_offset() -> None:
    read = _one("TIMESTAMP_TZ", "2026-01-02T03:04:05+01:00").value

    assert read.isoformat() == "2026-01-02T03:04:05+01:00"


def test_an_instant_spelled_out_without_an_offset_is_one_of_utc() -> None:
    read = _one("TIMESTAMP_TZ", "2026-01-02 03:04:05").value

    assert read.isoformat() == "2026-01-02T03:04:05+00:00"
