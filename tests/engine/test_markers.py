"""Completion markers, as the engine keeps them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.engine.sessions import Client

from clockmill.engine.completion import AlreadyRun, BodyKey, Completion, Marker
from clockmill.engine.duckdb import DuckDBEngine

KEY = BodyKey("group", 1, "task")
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
RETURN_VALUES = [None, "", "part", "=", "=part", "a/b", "é'\"", "x" * 10_000]


def _completion(value: str | None = None, *, key: BodyKey = KEY, is_whole: bool = True) -> Completion:
    return Completion(key, lambda: value, is_whole=is_whole)


@pytest.mark.parametrize("value", RETURN_VALUES)
def test_what_a_body_has_returned_is_found_as_it_was(
    engine: DuckDBEngine, client: Client, value: str
) -> None:
    client.run("create table t (a int)")
    client.run("insert into t values (1)", completion=_completion(value))

    other = BodyKey("group", 1, "other")
    client.run("insert into t values (2)", completion=_completion(key=other, is_whole=False))
    assert engine.markers.find(other) == Marker(is_complete=False)
    engine.markers.complete(other, value)

    assert engine.markers.find(KEY) == engine.markers.find(other) == Marker(True, value)


def test_a_marker_is_written_once_and_only_by_what_writes(engine: DuckDBEngine, client: Client) -> None:
    completion = _completion(is_whole=False)
    client.run("create table t (a int)")

    client.run("select * from t", completion=completion)
    assert engine.markers.find(KEY) is None
    client.run("begin", completion=completion)
    client.run("insert into t values (1)", completion=completion)
    client.run("rollback", completion=completion)
    assert engine.markers.find(KEY) is None
    client.run("insert into t values (1)", completion=completion)
    client.run("insert into t values (2)", completion=completion)

    assert engine.markers.find(KEY) == Marker(is_complete=False)
    assert client.rows("select a from t order by a") == [(1,), (2,)]


def test_a_statement_that_fails_leaves_none(engine: DuckDBEngine, client: Client) -> None:
    client.run("create table t (a int not null)")
    with pytest.raises(Exception, match="NULL"):
        client.run("insert into t values (null)", completion=_completion())

    assert engine.markers.find(KEY) is None


@pytest.mark.parametrize(
    "statement", ["insert into t values (2)", "create table u (a int)", "alter table t add column b int"]
)
def test_a_second_execution_changes_nothing(
    connect: Callable[[], Client], client: Client, statement: str
) -> None:
    client.run("create table t (a int)")
    client.run("insert into t values (1)", completion=_completion())
    late = _completion()

    for again in (statement, "insert into t values (3)"):
        with pytest.raises(AlreadyRun):
            connect().run(again, completion=late)
    assert late.is_met
    assert client.rows("select * from t") == [(1,)]


def test_of_two_open_transactions_of_one_body_the_first_commits(connect: Callable[[], Client]) -> None:
    first, second = connect(), connect()
    first.run("create table t (a int)")
    completions = [_completion(is_whole=False), _completion(is_whole=False)]
    for number, (client, completion) in enumerate(zip((first, second), completions, strict=True)):
        client.run("begin", completion=completion)
        client.run(f"insert into t values ({number})", completion=completion)

    second.run("commit", completion=completions[1])
    with pytest.raises(AlreadyRun):
        first.run("commit", completion=completions[0])

    assert first.rows("select a from t") == [(1,)]


def test_word_of_a_part_is_left_once(engine: DuckDBEngine) -> None:
    completion = _completion(is_whole=False)
    engine.markers.begin(completion)
    engine.markers.begin(completion)
    with pytest.raises(AlreadyRun):
        engine.markers.begin(_completion(is_whole=False))

    engine.markers.clear(KEY)
    assert engine.markers.find(KEY) is None


def test_temporary_tables_and_markers_share_a_transaction(engine: DuckDBEngine, client: Client) -> None:
    client.run("create temporary table t as select 1 as a", completion=_completion())

    assert engine.markers.find(KEY) == Marker(is_complete=True)
    assert client.rows("select a from t") == [(1,)]


def test_markers_are_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "data.duckdb"
    engine = DuckDBEngine(path)
    engine.markers.keep_from(NOW)
    for group in ("a/b", "c"):
        for task in ("1", "x/2/y"):
            engine.markers.begin(_completion(key=BodyKey(group, 12, task)))
    engine.close()

    engine = DuckDBEngine(path)
    assert engine.markers.runs() == {("a/b", 12), ("c", 12)}
    assert engine.markers.since == NOW
    engine.markers.forget([("c", 12), ("never", 1)])
    engine.close()

    engine = DuckDBEngine(path)
    assert engine.markers.runs() == {("a/b", 12)}
    assert engine.markers.find(BodyKey("c", 12, "1")) is None
    engine.close()


def test_since_when_bodies_are_marked_is_told_from_the_first_time_on(engine: DuckDBEngine) -> None:
    assert engine.markers.since is None
    engine.markers.keep_from(NOW)
    engine.markers.keep_from(NOW.replace(year=2027))
    assert engine.markers.since == NOW

    engine.markers.keep_from(None)
    assert engine.markers.since is None
