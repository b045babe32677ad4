"""Streams see and are consumed by what comes through the SQL API."""

import pytest
from tests.api.statements.conftest import SqlApi

CHANGES = {
    "insert into t values (2)": [["2", "INSERT"]],
    "insert overwrite into t values (2)": [["1", "DELETE"], ["2", "INSERT"]],
    "update t set a = 2": [["1", "DELETE"], ["2", "INSERT"]],
    "delete from t": [["1", "DELETE"]],
    "truncate table t": [["1", "DELETE"]],
    "merge into t using (select 1 as a) u on t.a = u.a when matched then delete": [["1", "DELETE"]],
    "insert all into t values (a) into other values (a) select 2 as a": [["2", "INSERT"]],
}


@pytest.fixture
def stocked(sql_api: SqlApi) -> SqlApi:
    """A table T with one row, which its stream S has not seen, and OTHER."""
    for statement in (
        "create table t (a int)",
        "create table other (a int)",
        "insert into t values (1)",
        "create stream s on table t",
    ):
        sql_api.run(statement, schema="PUBLIC")
    return sql_api


@pytest.mark.parametrize("statement", CHANGES)
def test_changes_are_seen_and_consumed(stocked: SqlApi, statement: str) -> None:
    stocked.run(statement, schema="PUBLIC")

    shown = "select a, metadata$action from s order by a"
    assert stocked.rows(shown, schema="PUBLIC") == CHANGES[statement]
    stocked.run("insert into other select a from s", schema="PUBLIC")
    assert stocked.rows(shown, schema="PUBLIC") == []


def test_a_transaction_that_is_rolled_back_consumes_nothing(stocked: SqlApi) -> None:
    stocked.run("insert into t values (2)", schema="PUBLIC")
    statements = ("begin", "insert into other select a from s", "rollback")
    assert stocked.several(*statements, schema="PUBLIC").status_code == 200

    assert stocked.rows("select a from s", schema="PUBLIC") == [["2"]]
    assert stocked.rows("select a from other", schema="PUBLIC") == []
