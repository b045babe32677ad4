"""The formats and the meaning of TIMESTAMP that a session sets."""

import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb.types import sql_name

MAPPINGS = ["TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"]


@pytest.mark.parametrize(
    ("parameter", "value", "expression", "shown"),
    [
        ("DATE_INPUT_FORMAT", "YYYY-DD-MM", "'2024-02-01'::date", "2024-01-02"),
        ("DATE_OUTPUT_FORMAT", "DD.MM.YY", "'2024-01-02'::date", "02.01.24"),
        ("TIME_INPUT_FORMAT", "HH24.MI", "'07.08'::time", "07:08:00"),
        ("TIME_INPUT_FORMAT", "HH24.MI", "to_time('07.08')", "07:08:00"),
        ("TIME_INPUT_FORMAT", "HH24.MI", "try_to_time('07:08')", None),
        ("TIME_INPUT_FORMAT", "MI:SS", "parse_json('\"07:08\"')::time", "00:07:08"),
        ("TIME_OUTPUT_FORMAT", "HH24.MI", "'07:08'::time", "07.08"),
        ("TIMESTAMP_INPUT_FORMAT", "YYYY-DD-MM", "'2024-02-01'::timestamp_ntz", "2024-01-02 00:00:00.000"),
        (
            "TIMESTAMP_INPUT_FORMAT",
            "DD.MM.YYYY HH24:MI TZHTZM",
            "'02.01.2024 07:08 +0200'::timestamp_tz",
            "2024-01-02 07:08:00.000 +0200",
        ),
        (
            "TIMESTAMP_INPUT_FORMAT",
            "DD.MM.YYYY HH24:MI TZHTZM",
            "'02.01.2024 07:08 +0200'::timestamp_ntz",
            "2024-01-02 07:08:00.000",
        ),
        ("TIMESTAMP_NTZ_OUTPUT_FORMAT", "HH24:MI:SS.FF1", "'2024-01-02 01:02:03.45'::datetime", "01:02:03.4"),
        ("TIMESTAMP_LTZ_OUTPUT_FORMAT", "MI", "'2024-01-02 01:02:03'::timestamp_ltz", "02"),
        ("TIMESTAMP_TZ_OUTPUT_FORMAT", "MI", "'2024-01-02 01:02:03'::timestamp_tz", "02"),
    ],
)
def test_formats_act_where_none_is_given(
    client: Client, parameter: str, value: str, expression: str, shown: str | None
) -> None:
    client.parameters[parameter] = value

    assert client.rows(f"select ({expression})::varchar, to_char({expression})") == [(shown, shown)]


def test_a_text_in_another_format_than_the_sessions_is_refused(client: Client) -> None:
    client.parameters["TIME_INPUT_FORMAT"] = "HH24.MI"

    with pytest.raises(ClockmillError) as refusal:
        client.run("select '07:08'::time")

    assert refusal.value.code == "100108"


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize(
    "expression",
    [
        "'2024-01-02 03:04:05'::timestamp",
        "cast('2024-01-02 03:04:05' as timestamp)",
        "try_cast('2024-01-02 03:04:05' as timestamp)",
        "to_timestamp('2024-01-02 03:04:05')",
        "try_to_timestamp('2024-01-02 03:04:05')",
        "to_timestamp('02.01.2024 03:04:05', 'DD.MM.YYYY HH24:MI:SS')",
        "timestamp_from_parts(2024, 1, 2, 3, 4, 5)",
    ],
)
def test_timestamp_means_what_the_session_says(client: Client, mapping: str, expression: str) -> None:
    client.parameters["TIMESTAMP_TYPE_MAPPING"] = mapping

    result = client.run(f"select {expression}, to_char({expression}, 'YYYY-MM-DD HH24:MI:SS')")

    assert sql_name(result.columns[0].type) == f"{mapping}(9)"
    assert result.rows[0][1] == "2024-01-02 03:04:05"


def test_a_column_keeps_what_timestamp_meant_when_it_was_made(client: Client) -> None:
    for mapping in MAPPINGS:
        client.parameters["TIMESTAMP_TYPE_MAPPING"] = mapping
        client.run(f"create table {mapping}_t (at timestamp(3))")
        client.run(f"alter table {mapping}_t add column later timestamp")
    client.parameters["TIMESTAMP_TYPE_MAPPING"] = "TIMESTAMP_NTZ"

    for mapping in MAPPINGS:
        columns = client.run(f"select * from {mapping}_t").columns
        assert [sql_name(c.type) for c in columns] == [f"{mapping}(3)", f"{mapping}(9)"]


def test_datetime_is_without_a_zone_whatever_timestamp_means(client: Client) -> None:
    client.parameters["TIMESTAMP_TYPE_MAPPING"] = "TIMESTAMP_TZ"

    result = client.run("select '2024-01-02'::datetime, to_timestamp_ntz('2024-01-02')")

    assert {sql_name(c.type) for c in result.columns} == {"TIMESTAMP_NTZ(9)"}
