"""Streams as statements make, show and use them, through every door."""

from collections.abc import Callable

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, SyntaxFault, Unsupported
from clockmill.core.names import QualifiedName
from clockmill.session.streams import Streams

CONSUME = "insert into sink select a from s"


@pytest.fixture
def stocked(house: House) -> House:
    """A table T with a stream S, and a table to consume it into."""
    house.run("use schema d.s")
    house.run("create table t (a int, b varchar)")
    house.run("create stream s on table t")
    house.run("create table sink (a int)")
    return house


def by_connector(house: House, statement: str) -> None:
    house.run(statement)


def by_body(house: House, statement: str) -> None:
    outcome = house.run_body(statement, owner="ACCOUNTADMIN")
    assert outcome.succeeded, outcome.error_message


def by_block_in_body(house: House, statement: str) -> None:
    by_body(house, f"begin {statement}; end")


def by_procedure(house: House, statement: str) -> None:
    house.run(
        "create or replace procedure work() returns varchar language sql as "
        f"$$ begin {statement}; return 'done'; end $$"
    )
    house.run("call work()")


DOORS = (by_connector, by_body, by_block_in_body, by_procedure)
Through = Callable[[House, str], None]

CHANGES = {
    "insert into t values (2, 'two')": [(2, "two", "INSERT", False)],
    "insert overwrite into t values (2, 'two')": [(1, "one", "DELETE", False), (2, "two", "INSERT", False)],
    "update t set b = 'eins'": [(1, "eins", "INSERT", True), (1, "one", "DELETE", True)],
    "delete from t": [(1, "one", "DELETE", False)],
    "merge into t using (select 1 as k union select 2) u on t.a = u.k "
    "when matched then update set b = 'eins' when not matched then insert values (2, 'two')": [
        (1, "eins", "INSERT", True),
        (1, "one", "DELETE", True),
        (2, "two", "INSERT", False),
    ],
    "truncate table t": [(1, "one", "DELETE", False)],
    "insert all into t values (k, 'two') into sink values (k) select 2 as k": [(2, "two", "INSERT", False)],
}


@pytest.mark.parametrize("through", DOORS)
@pytest.mark.parametrize("statement", CHANGES)
def test_a_stream_sees_changes_made_through_every_door(
    stocked: House, through: Through, statement: str
) -> None:
    stocked.run("insert into t values (1, 'one')")
    stocked.run(CONSUME)

    through(stocked, statement)

    shown = stocked.rows("select * exclude metadata$row_id from s order by a, b")
    assert shown == CHANGES[statement]


@pytest.mark.parametrize("through", DOORS)
def test_a_stream_is_consumed_through_every_door(stocked: House, through: Through) -> None:
    stocked.run("insert into t values (1, 'one')")
    assert stocked.rows("select system$stream_has_data('s')") == [(True,)]

    through(stocked, CONSUME)

    assert stocked.rows("select * from s") == []
    assert stocked.rows("select system$stream_has_data('d.s.s')") == [(False,)]
    assert stocked.rows("select a from sink") == [(1,)]


def test_streams_are_listed_and_described(stocked: House) -> None:
    stocked.run("create view v as select a from t")
    stocked.run("create stream on_v on view v append_only = true comment = 'first'")
    stocked.run("alter stream on_v set comment = 'second'")

    plain, viewed = sorted(stocked.shown("show streams"), key=lambda row: str(row["mode"]), reverse=True)
    assert list(plain) == [
        *("created_on", "name", "database_name", "schema_name", "owner", "comment", "table_name"),
        *("source_type", "base_tables", "type", "stale", "mode", "stale_after", "invalid_reason"),
        "owner_role_type",
    ]
    assert (plain["name"], plain["table_name"], plain["source_type"]) == ("S", "D.S.T", "Table")
    assert (plain["mode"], plain["stale"], plain["type"]) == ("DEFAULT", "false", "DELTA")
    assert (viewed["table_name"], viewed["source_type"], viewed["base_tables"]) == ("D.S.V", "View", "D.S.T")
    assert (viewed["mode"], viewed["comment"]) == ("APPEND_ONLY", "second")
    assert [row["name"] for row in stocked.shown("show terse streams like 's%' in schema d.s")] == ["S"]
    assert stocked.shown("describe stream on_v") == [viewed]
    stocked.run("alter stream on_v unset comment")
    assert stocked.shown("desc stream on_v")[0]["comment"] == ""
    assert [row["name"] for row in stocked.shown("show objects")] == ["SINK", "T", "V"]
    assert {row["table_name"] for row in stocked.shown("show columns in schema d.s")} == {"SINK", "T", "V"}


def test_a_table_with_a_stream_has_change_tracking(stocked: House) -> None:
    shown = {row["name"]: row["change_tracking"] for row in stocked.shown("show tables")}

    assert shown == {"SINK": "OFF", "T": "ON"}


def test_a_stream_whose_table_is_gone_is_listed_as_stale(stocked: House) -> None:
    stocked.run("create or replace table t (a int)")

    assert stocked.shown("show streams")[0]["stale"] == "true"
    with pytest.raises(ClockmillError, match="cannot read from stream") as caught:
        stocked.run("select system$stream_has_data('s')")
    assert caught.value.code == "091901"


def test_making_and_dropping_say_what_they_did(stocked: House) -> None:
    def said(statement: str) -> object:
        return stocked.rows(statement)[0][0]

    assert said("create stream r on table t") == "Stream R successfully created."
    assert said("create stream if not exists r on table t") == "R already exists, statement succeeded."
    assert said("create or replace stream r copy grants on table t") == "Stream R successfully created."
    assert said("create stream c clone r") == "Stream C successfully created."
    assert said("create stream a on table t at (stream => 'r')") == "Stream A successfully created."
    assert said("drop stream r") == "R successfully dropped."
    assert said("drop stream if exists r") == "Drop statement executed successfully (R already dropped)."
    assert said("alter stream if exists r set comment = 'x'") == "Statement executed successfully."


@pytest.mark.parametrize(
    "statement",
    [
        "create stream x on table t at (timestamp => '2024-01-01'::timestamp)",
        "create stream x on table t at (offset => -60)",
        "create stream x on table t before (statement => 'x')",
        "create stream x on external table t",
        "create stream x on stage t",
        "create stream x on dynamic table t",
        "create stream x on table t insert_only = true",
        "create stream x with tag (a = 'b') on table t",
        "create or alter stream x on table t",
        "alter stream s set tag a = 'b'",
        "alter stream s set append_only = true",
        "select * from t changes (information => default) at (offset => -60)",
        "select * from t at (stream => 's')",
    ],
)
def test_what_is_not_kept_is_refused_by_name(stocked: House, statement: str) -> None:
    with pytest.raises(Unsupported):
        stocked.run(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "create stream x",
        "create stream x on table t append_only = 3",
        "create stream x on table t append_only = true append_only = true",
        "create stream x on table t nonsense = true",
        "create stream x on table t at (stream 's')",
    ],
)
def test_a_statement_that_is_wrong_is_a_syntax_error(stocked: House, statement: str) -> None:
    with pytest.raises(SyntaxFault):
        stocked.run(statement)


def test_a_missing_stream_is_named(stocked: House) -> None:
    for statement in ("drop stream x", "describe stream x", "alter stream x set comment = 'y'"):
        with pytest.raises(ClockmillError, match=r"Stream 'D\.S\.X' does not exist or not authorized"):
            stocked.run(statement)
    with pytest.raises(ClockmillError, match=r"Stream 'D\.NOWHERE\.X' does not exist"):
        stocked.run("describe stream d.nowhere.x")
    with pytest.raises(ClockmillError, match="not specified type 'STREAM'"):
        stocked.run("drop stream t")


def test_a_stream_in_a_condition_is_asked_by_its_name(stocked: House) -> None:
    streams = Streams(stocked.engine, stocked.catalog)
    told: list[frozenset[QualifiedName]] = []
    streams.watch(told.append)
    name = QualifiedName("D", "S", "S")

    assert not streams.has_data(name)
    stocked.run("insert into t values (1, 'one')")
    assert streams.has_data(name)
    assert told == [frozenset({name})]
    for missing in (QualifiedName("D", "S", "X"), QualifiedName("D", "X", "S"), QualifiedName("D", "S", "T")):
        with pytest.raises(ClockmillError, match="Stream"):
            streams.has_data(missing)
