"""Making and dropping streams, and what becomes of them when their table changes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams, full

from clockmill.core.errors import AlreadyExists, ClockmillError, Unsupported
from clockmill.core.names import QualifiedName
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.protocol import NewStream


def test_a_name_is_shared_by_tables_views_and_streams(client: Client, streams: Streams) -> None:
    for statement in ("create table s (a int)", "create view s as select 1 as a"):
        with pytest.raises(AlreadyExists):
            client.run(statement)
        with pytest.raises(ClockmillError, match="already exists as STREAM"):
            client.run(statement.replace("create", "create or replace"))
    with pytest.raises(AlreadyExists):
        streams.create("t", "t")
    with pytest.raises(ClockmillError, match="already exists as TABLE"):
        streams.create("t", "t", or_replace=True)


@pytest.mark.parametrize(
    "statement",
    [
        *(
            "insert into s values (1, 'x')",
            "drop table s",
            "drop view s",
            "delete from s",
            "truncate table s",
        ),
        *("alter table s rename to r", "alter table s add column c int", "create table c clone s"),
    ],
)
def test_a_stream_is_no_table_to_change(client: Client, streams: Streams, statement: str) -> None:
    with pytest.raises(ClockmillError):
        client.run(statement)

    assert streams.read("s") == []


def test_a_stream_that_is_there_may_stay_or_be_replaced(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")

    streams.create("s", "t", if_not_exists=True)
    assert len(streams.read("s")) == 1
    streams.create("s", "t", or_replace=True)
    assert streams.read("s") == []
    client.run("insert into t values (5, 'five')")
    assert len(streams.read("s")) == 1


def test_the_last_stream_that_goes_leaves_a_table_as_it_was(client: Client, streams: Streams) -> None:
    streams.create("other", "t")
    client.run("insert into t values (4, 'four')")
    streams.drop("s")
    assert len(streams.read("other")) == 1
    streams.drop("other")

    query = client.session._shared.query
    assert query("select column_name from duckdb_columns() where schema_name = 'ns_db_public'") == [
        ("A",),
        ("B",),
    ]
    assert query("select table_name from duckdb_tables() where table_name like 'log%'") == []
    assert query("select * from _clockmill.offsets") == []
    client.run("insert into t values (5, 'five')")
    streams.create("again", "t")
    assert streams.read("again") == []


@pytest.mark.parametrize("statement", ["drop table t", "create or replace table t (a int, b varchar)"])
def test_a_stream_does_not_outlive_its_table(client: Client, streams: Streams, statement: str) -> None:
    client.run(statement)

    with pytest.raises(
        ClockmillError, match=re.escape("Base table 'DB.PUBLIC.T' dropped, cannot read from stream 'S'")
    ) as caught:
        client.run("select * from s")
    assert caught.value.code == "091901"
    with pytest.raises(ClockmillError, match="dropped"):
        client.run("create table x as select * from s")
    streams.drop("s")
    with pytest.raises(ClockmillError, match="does not exist"):
        client.run("select * from s")


def test_a_stream_replaced_after_its_table_was_works_again(client: Client, streams: Streams) -> None:
    client.run("create or replace table t (a int, b varchar)")
    streams.create("s", "t", or_replace=True)
    client.run("insert into t values (1, 'x')")

    assert streams.read("s") == [(1, "x", "INSERT", False)]


def test_columns_come_go_and_change_names_in_streams_too(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")
    client.run("alter table t add column c int default 7")
    client.run("alter table t rename column b to word")
    client.run("insert into t (a, word) values (5, 'five')")
    client.run("update t set c = 8 where a = 1")

    assert [c.name for c in client.run("select * from s").columns][:3] == ["A", "WORD", "C"]
    assert streams.read("s") == [
        (1, "one", 7, "DELETE", True),
        (1, "one", 8, "INSERT", True),
        (4, "four", 7, "INSERT", False),
        (5, "five", 7, "INSERT", False),
    ]
    client.run("alter table t drop column word")
    assert [row[:2] for row in streams.read("s")] == [(1, 7), (1, 8), (4, 7), (5, 7)]


def test_a_table_may_be_renamed_under_its_streams(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")
    client.run("alter table t rename to u")
    client.run("insert into u values (5, 'five')")

    assert [row[0] for row in streams.read("s")] == [4, 5]
    client.run("drop table u")
    with pytest.raises(ClockmillError, match=re.escape("DB.PUBLIC.U")):
        client.run("select * from s")


def test_what_has_no_sound_stream_is_refused(client: Client, streams: Streams) -> None:
    client.run("create temporary table temporary (a int)")
    with pytest.raises(Unsupported):
        streams.create("x", "temporary")
    client.run('create table odd ("METADATA$ACTION" int)')
    with pytest.raises(ClockmillError, match="duplicate column name"):
        streams.create("x", "odd")
    with pytest.raises(ClockmillError, match="one of the streams"):
        client.run('alter table t add column "METADATA$ROW_ID" int')
    with pytest.raises(ClockmillError, match="does not exist"):
        streams.create("x", "nothing")
    with pytest.raises(Unsupported):
        client.run("alter table t rename to other.t")
    with pytest.raises(Unsupported):
        client.run("select * from t changes (information => default) at (offset => -60)")


def test_change_tracking_may_be_asked_for(client: Client) -> None:
    client.run("create table t (a int) change_tracking = true")
    client.run("alter table t set change_tracking = true")
    client.run("create view v change_tracking = true as select a from t")
    client.run("alter view v set change_tracking = true")


def test_streams_are_there_after_a_restart(tmp_path: Path, streams_of: Callable[[Client], Streams]) -> None:
    engine = DuckDBEngine(tmp_path / "file.duckdb")
    client = Client(engine.open_session())
    client.run("create table t (a int, b varchar)")
    streams = streams_of(client)
    streams.create("s", "t")
    streams.create("only", "t", is_append_only=True)
    client.run("insert into t values (1, 'one')")
    client.run("create table seen as select * from s")
    client.run("update t set b = 'eins'")
    engine.close()

    engine = DuckDBEngine(tmp_path / "file.duckdb")
    streams = streams_of(Client(engine.open_session()))
    assert streams.read("s") == [(1, "eins", "INSERT", True), (1, "one", "DELETE", True)]
    assert streams.read("only") == [(1, "one", "INSERT", False)]
    streams.client.run("create table more as select * from s")
    assert streams.read("s") == []
    assert engine.stream_has_data("ns_db_public", "ONLY")
    assert not engine.stream_has_data("ns_db_public", "S")
    streams.client.run("insert into t values (2, 'two')")
    assert streams.read("s") == [(2, "two", "INSERT", False)]
    engine.close()


def test_a_schema_takes_its_streams_and_logs_along(client: Client, engine: DuckDBEngine) -> None:
    streams = Streams(client)
    client.run("create table t (a int)")
    streams.create("s", "t")
    client.run("insert into t values (1)")
    engine.drop_namespace("ns_db_public")

    query = client.session._shared.query
    assert query("select table_name from duckdb_tables() where table_name like 'log%'") == []
    assert query("select * from _clockmill.offsets") == []


def test_a_start_clears_what_a_schema_that_went_has_left(tmp_path: Path) -> None:
    """Its stream on a table of another schema went with it, and nobody looks at the log any more."""
    engine = DuckDBEngine(tmp_path / "file.duckdb")
    client = Client(engine.open_session())
    client.run("create table t (a int)")
    there = QualifiedName("DB", "THERE", "S")
    client.session.change_stream(NewStream(name=there, source=full("t")), client.context())
    engine.drop_namespace("ns_db_there")
    client.run("insert into t values (1)")
    engine.close()

    engine = DuckDBEngine(tmp_path / "file.duckdb")
    client = Client(engine.open_session())
    query = client.session._shared.query
    assert query("select table_name from duckdb_tables() where table_name like 'log%'") == []
    assert query("select * from _clockmill.offsets") == []
    assert client.rows("select * from t") == [(1,)]
    client.run("insert into t values (2)")
    engine.close()
