"""Tables that the host fills: they stand wherever a table may, with their exact types."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.sessions import NOW, Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.protocol import Binding, HostTable
from clockmill.engine.result import BOOLEAN, NUMBER, TEXT, TIMESTAMP_LTZ, ColumnType, Kind, ResultColumn

STAMP = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
CELLS: list[tuple[ColumnType, Any]] = [
    (TEXT, 'it\'s "quoted" – ü\n'),
    (NUMBER, 12345678901234567890123456789012345678),
    (ColumnType(kind=Kind.FIXED, precision=10, scale=2), Decimal("-1.50")),
    (ColumnType(kind=Kind.REAL), float("inf")),
    (BOOLEAN, True),
    (ColumnType(kind=Kind.DATE), date(1999, 12, 31)),
    (ColumnType(kind=Kind.TIME, scale=9), time(23, 59, 59, 1)),
    (ColumnType(kind=Kind.TIMESTAMP_NTZ, scale=9), STAMP.replace(tzinfo=None)),
    (TIMESTAMP_LTZ, STAMP),
    (ColumnType(kind=Kind.TIMESTAMP_TZ, scale=9), STAMP.astimezone(timezone(timedelta(hours=-8)))),
    (ColumnType(kind=Kind.BINARY, length=8_388_608), b"\x00\xff"),
    (ColumnType(kind=Kind.VARIANT), '{\n  "a": [\n    1,\n    "x"\n  ]\n}'),
]


class Tables:
    """A view D.INFO.CELLS, a view NUMBERS and a function COUNT_UP(LEAST, MOST, SINCE)."""

    def __init__(self) -> None:
        self.read: list[HostTable] = []
        self.most = 3
        self.nulls: int | None = None

    def parameters(self, name: tuple[str, ...]) -> Mapping[str, ColumnType] | None:
        if name in (("COUNT_UP",), ("DB", "INFO", "COUNT_UP")):
            return {"LEAST": NUMBER, "MOST": NUMBER, "SINCE": TIMESTAMP_LTZ}
        return None

    def columns(self, table: HostTable) -> tuple[ResultColumn, ...] | None:
        match table.name:
            case ("DB", "INFO", "CELLS"):
                return tuple(ResultColumn(f"C{i}", kind) for i, (kind, _) in enumerate(CELLS))
            case ("DB", "INFO", "NUMBERS") | (*_, "COUNT_UP"):
                return (ResultColumn("N", NUMBER), ResultColumn("since", TIMESTAMP_LTZ))
        return None

    def rows(self, table: HostTable) -> Sequence[Sequence[Any]]:
        self.read.append(table)
        if self.nulls is not None:
            return [(None, None)] * self.nulls
        if table.name[-1] == "CELLS":
            return [[cell for _, cell in CELLS], [None for _ in CELLS]]
        given = {name: value for name, value in table.arguments or () if value is not None}
        least, most = given.get("LEAST", 1), given.get("MOST", self.most)
        return [(n, given.get("SINCE")) for n in range(least, most + 1)]


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def rows(client: Client, tables: Tables) -> Callable[..., list[tuple[Any, ...]]]:
    return lambda sql, **changes: client.rows(sql, tables=tables, **changes)


Rows = Callable[..., list[tuple[Any, ...]]]


def test_every_type_comes_through_as_it_is(client: Client, tables: Tables) -> None:
    result = client.run("select * from info.cells", tables=tables)
    assert [column.type for column in result.columns] == [kind for kind, _ in CELLS]
    assert list(result.rows[0]) == [cell for _, cell in CELLS]
    assert set(result.rows[1]) == {None}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select n from info.numbers where n > 1 order by n desc", [(3,), (2,)]),
        ("select info.numbers.n from info.numbers limit 1", [(1,)]),
        ("select db.info.numbers.n from db.info.numbers limit 1", [(1,)]),
        ("select a.n, b.n from info.numbers a join info.numbers b on b.n = a.n + 1", [(1, 2), (2, 3)]),
        ("with w as (select n from info.numbers) select sum(n) from w", [(6,)]),
        ("select max(n) from (select * from info.numbers) where n < 3", [(2,)]),
        ("select x from info.numbers as t (x, y) where y is null and x in (select 2)", [(2,)]),
        ("select n from table(count_up(2, 3))", [(2,), (3,)]),
        ("select t.n from table(info.count_up(most => 1 + 1)) t", [(1,), (2,)]),
        ("select n from table(db.info.count_up(most => 1)), info.cells where c4", [(1,)]),
        ("select count(\"since\") from table(count_up(since => '2026-01-01'))", [(3,)]),
        ("select n from info.numbers union all select 9", [(1,), (2,), (3,), (9,)]),
    ],
)
def test_they_stand_wherever_a_table_may(rows: Rows, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(sql) == expected


def test_arguments_are_values_of_the_parameters_types(rows: Rows, tables: Tables, client: Client) -> None:
    client.variables["V"] = Binding("2", NUMBER)
    rows(
        "select * from table(count_up(:1, $v, dateadd('hour', -1, current_timestamp())))",
        bindings={"1": Binding(1, NUMBER)},
    )
    rows("select * from table(count_up(since => '2026-03-14 08:09:26'::timestamp_ntz, least => null))")
    # 08:09:26 in Los Angeles is 15:09:26 UTC.
    assert tables.read[0].arguments == (("LEAST", 1), ("MOST", 2), ("SINCE", NOW - timedelta(hours=1)))
    assert tables.read[1].arguments == (("SINCE", NOW), ("LEAST", None))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("count_up(1, 2, null, 4)", "too many arguments"),
        ("count_up(nope => 1)", "NOPE"),
        ("count_up(1, least => 1)", "LEAST"),
        ("count_up('x')", "not recognized"),
        ("info.count_down()", "COUNT_DOWN"),
    ],
)
def test_wrong_arguments_are_refused(rows: Rows, call: str, message: str) -> None:
    with pytest.raises(ClockmillError, match=message):
        rows(f"select * from table({call})")


def test_values_are_those_of_the_statement(rows: Rows, tables: Tables) -> None:
    """The translation is kept, the rows are not; one statement sees them once."""
    sql = "select count(*) from info.numbers a, info.numbers b"
    assert rows(sql) == [(9,)]
    tables.most = 4
    assert rows(sql) == [(16,)]
    assert len(tables.read) == 2


def test_they_feed_tables_and_views(rows: Rows, tables: Tables) -> None:
    rows("create table t as select * from info.cells where c4")
    rows("insert into t select * from info.cells")
    assert rows("select count(*), count(c9) from t") == [(3, 2)]
    rows("create view v as select n from info.numbers")
    tables.most = 5
    assert rows("select max(n) from db.public.v") == [(5,)]


def test_describing_reads_nothing(client: Client, tables: Tables) -> None:
    result = client.run("select * from info.numbers", tables=tables, describe_only=True)
    assert [column.name for column in result.columns] == ["N", "since"]
    assert tables.read == []


def test_rows_of_nulls_are_rows(client: Client, tables: Tables) -> None:
    tables.nulls = 2
    assert client.rows("select * from info.numbers", tables=tables) == [(None, None), (None, None)]
    tables.nulls = 0
    assert client.rows("select * from info.numbers", tables=tables) == []
