"""Whether a stream has data, asked cheaply, and told to who watches."""

import pytest
from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams

from clockmill.core.errors import ClockmillError, NotFound
from clockmill.engine.duckdb import DuckDBEngine

HOME = "ns_db_public"


def test_a_stream_has_data_from_a_change_to_its_consumption(
    client: Client, engine: DuckDBEngine, streams: Streams
) -> None:
    assert not engine.stream_has_data(HOME, "S")
    client.run("insert into t values (4, 'four')")
    assert engine.stream_has_data(HOME, "S")
    streams.read("s")
    assert engine.stream_has_data(HOME, "S")
    client.run("create table seen as select * from s")
    assert not engine.stream_has_data(HOME, "S")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t select * from t where a = 9",
        "update t set b = 'x' where a = 9",
        "delete from t where a = 9",
        "merge into t using (select 1 as k) u on t.a = u.k when matched and t.b = 'x' then delete",
        "merge into t using (select 9 as k) u on t.a = u.k when matched then delete",
    ],
)
def test_a_statement_that_changes_no_row_is_no_data(
    client: Client, engine: DuckDBEngine, streams: Streams, statement: str
) -> None:
    client.run(statement)

    assert not engine.stream_has_data(HOME, "S")


def test_what_is_not_committed_is_no_data_yet(client: Client, engine: DuckDBEngine, streams: Streams) -> None:
    client.run("begin")
    client.run("insert into t values (4, 'four')")
    assert not engine.stream_has_data(HOME, "S")
    client.run("rollback")
    assert not engine.stream_has_data(HOME, "S")


def test_updates_and_deletes_are_nothing_to_an_append_only_stream(
    client: Client, engine: DuckDBEngine, streams: Streams
) -> None:
    streams.create("only", "t", is_append_only=True)
    client.run("update t set b = 'x'")
    client.run("delete from t where a = 1")
    assert not engine.stream_has_data(HOME, "ONLY")
    client.run("insert into t values (4, 'four')")
    assert engine.stream_has_data(HOME, "ONLY")


def test_first_rows_are_data(client: Client, engine: DuckDBEngine, streams: Streams) -> None:
    streams.create("first", "t", shows_initial_rows=True)
    client.run("create table empty (a int)")
    streams.create("none", "empty", shows_initial_rows=True)

    assert engine.stream_has_data(HOME, "FIRST")
    assert not engine.stream_has_data(HOME, "NONE")


def test_a_stream_that_is_not_there_or_stale_is_an_error(
    client: Client, engine: DuckDBEngine, streams: Streams
) -> None:
    for name in ("NOTHING", "T"):
        with pytest.raises(NotFound):
            engine.stream_has_data(HOME, name)
    client.run("drop table t")
    with pytest.raises(ClockmillError, match="dropped"):
        engine.stream_has_data(HOME, "S")


def test_watchers_are_told_of_each_commit_that_brings_data(
    client: Client, engine: DuckDBEngine, streams: Streams
) -> None:
    told: list[set[str]] = []
    engine.watch_streams(lambda names: told.append({name for _, name in names}))
    streams.create("only", "t", is_append_only=True)

    client.run("insert into t values (4, 'four')")
    client.run("update t set b = 'x' where a = 9")
    client.run("create table seen as select a, b from s")
    client.run("create table more as select a, b from only")
    assert told == [{"S", "ONLY"}]
    client.run("begin")
    client.run("update t set b = 'x' where a = 1")
    client.run("insert into seen values (0, '')")
    assert len(told) == 1
    client.run("commit")
    assert told[1:] == [{"S"}]
    streams.create("first", "t", shows_initial_rows=True)
    assert told[2:] == [{"FIRST"}]
