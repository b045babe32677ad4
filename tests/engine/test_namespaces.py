"""Schemas that go while others work in them."""

from collections.abc import Callable

import pytest
from tests.engine.sessions import Background, Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb import DuckDBEngine


def test_a_namespace_is_dropped_while_a_transaction_writes_it(
    engine: DuckDBEngine, connect: Callable[[], Client]
) -> None:
    """The commit in the store stands by then: the drop must not fail, nor leave anything behind."""
    one, other = connect(), connect()
    one.run("create table db.s.t (a int)")
    one.run("create table kept (a int)")
    one.run("begin")
    one.run("insert into db.s.t values (1)")
    one.run("insert into kept values (1)")

    engine.drop_namespace("ns_db_s")
    with pytest.raises(ClockmillError) as lost:
        one.run("commit")

    assert lost.value.code == "100183"
    assert engine.namespaces() == {"ns_db_public"}
    assert other.rows("select * from kept") == []


def test_a_table_that_is_replaced_is_never_missing(connect: Callable[[], Client]) -> None:
    connect().run("create table shared (a int)")
    writer = Background(lambda: _replace_often(connect()))
    reader = connect()

    found = [reader.rows("select count(*) from shared") for _ in range(120)]
    writer.join()

    assert len(found) == 120


def _replace_often(client: Client) -> None:
    for number in range(60):
        client.run(f"create or replace table shared as select {number} as a")
