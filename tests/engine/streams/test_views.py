"""Streams on views: of one table, seen through the view's query."""

import pytest
from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams

from clockmill.core.errors import ClockmillError, Unsupported


@pytest.mark.parametrize(
    "query",
    [
        "select a, upper(b) as word from t where a < 10",
        "select a, upper(b) as word from db.public.t as x where x.a < 10",
        "select t.a, upper(t.b) as word from t where t.a < 10",
        "((select a, upper(b) as word from t where a < 10))",
    ],
)
def test_a_view_that_picks_rows_and_works_out_columns(client: Client, streams: Streams, query: str) -> None:
    client.run(f"create view v as {query}")
    streams.create("on_view", "v", is_on_view=True)
    client.run("insert into t values (4, 'four'), (40, 'forty')")
    client.run("update t set b = 'eins' where a = 1")
    client.run("update t set a = 20 where a = 2")
    client.run("update t set a = 5 where a = 40")

    assert [c.name for c in client.run("select * from on_view").columns] == [
        *("A", "WORD", "METADATA$ACTION", "METADATA$ISUPDATE", "METADATA$ROW_ID")
    ]
    assert streams.read("on_view") == [
        (1, "EINS", "INSERT", True),
        (1, "ONE", "DELETE", True),
        (2, "TWO", "DELETE", False),
        (4, "FOUR", "INSERT", False),
        (5, "FORTY", "INSERT", False),
    ]
    client.run("create table seen as select * from on_view")
    assert streams.read("on_view") == []


def test_a_view_of_all_columns(client: Client, streams: Streams) -> None:
    client.run("create view v (x, y) as select * from t")
    streams.create("on_view", "v", is_on_view=True, shows_initial_rows=True)

    assert [row[0] for row in streams.read("on_view")] == [1, 2, 3]
    assert [c.name for c in client.run("select * from on_view").columns][:3] == ["X", "Y", "METADATA$ACTION"]


def test_a_view_in_another_schema(client: Client, streams: Streams) -> None:
    client.run("create view db.other.v as select a from public.t")
    client.run("create view v as select a from db.other.v")
    with pytest.raises(Unsupported):
        streams.create("x", "v", is_on_view=True)


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) as n from t",
        "select a, count(*) as n from t group by a",
        "select distinct b from t",
        "select x.a from t x join t y on x.a = y.a",
        "select a from t union all select a from t",
        "select a from t order by a limit 1",
        "select a from t where a in (select max(a) from t)",
        "select a, row_number() over (order by a) as n from t",
        "select a, current_timestamp() as n from t",
        "select a, random() as n from t",
        "with c as (select a from t) select a from c",
        "select f.value from t, lateral flatten(split(b, 'e')) f",
        "select 1 as a",
    ],
)
def test_a_view_that_does_more_is_refused(client: Client, streams: Streams, query: str) -> None:
    client.run(f"create view v as {query}")

    with pytest.raises(Unsupported):
        streams.create("x", "v", is_on_view=True)


def test_a_stream_does_not_outlive_its_view(client: Client, streams: Streams) -> None:
    client.run("create view v as select a from t")
    streams.create("on_view", "v", is_on_view=True)
    client.run("drop view v")

    with pytest.raises(ClockmillError, match=r"Base view 'DB\.PUBLIC\.V' dropped"):
        client.run("select * from on_view")


def test_a_table_is_no_view_and_a_view_no_table(client: Client, streams: Streams) -> None:
    client.run("create view v as select a from t")
    for name, is_on_view in (("t", True), ("v", False)):
        with pytest.raises(ClockmillError, match="Object found is of type"):
            streams.create("x", name, is_on_view=is_on_view)
