"""The history of statements as SQL sees it."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError


def test_a_statement_that_has_just_ended_is_there_with_its_outcome(house: House) -> None:
    house.run("alter session set query_tag = 'nightly'")
    house.run("create table t (a int)")
    query_id = house.run("insert into t values (1), (2)").query_id
    with pytest.raises(ClockmillError):
        house.run("select nope from t")

    rows = house.rows(
        "select query_id, query_text, query_type, execution_status, error_code, rows_produced, query_tag, "
        "user_name, role_name, warehouse_name, database_name, schema_name, end_time >= start_time "
        "from table(information_schema.query_history()) order by start_time desc"
    )

    own, failed, inserted = rows[:3]
    assert (own[3], own[4]) == ("RUNNING", None)
    assert failed[1:6] == ("select nope from t", "SELECT", "FAILED_WITH_ERROR", 904, None)
    assert inserted == (
        *(query_id, "insert into t values (1), (2)", "INSERT", "SUCCESS", None, 2, "nightly"),
        *("ADMIN", "ACCOUNTADMIN", "COMPUTE_WH", "D", "S", True),
    )


def test_arguments_narrow_the_history(house: House) -> None:
    other = house.another_session("select 'other' from values (1)")
    house.run("select 'mine' from values (1)")

    def texts(call: str) -> set[str]:
        sql = f"select query_text from table(information_schema.{call}) where query_text like 'select ''%'"
        return {text for (text,) in house.rows(sql)}

    mine, others = "select 'mine' from values (1)", "select 'other' from values (1)"
    assert texts("query_history()") == {mine, others}
    assert texts("query_history_by_session()") == {mine}
    assert texts(f"query_history_by_session({other.state.session_id})") == {others}
    assert texts("query_history_by_session(current_session())") == {mine}
    assert texts("query_history_by_user(user_name => 'admin')") == {mine, others}
    assert texts("query_history_by_user('NOBODY')") == set()
    assert texts("query_history_by_warehouse(warehouse_name => 'compute_wh')") == {mine, others}
    assert texts("query_history(dateadd('hours', -1, current_timestamp()), current_timestamp())") >= {mine}
    assert texts("query_history(end_time_range_end => dateadd('hours', -1, current_timestamp()))") == set()


def test_another_users_statements_are_seen_by_who_may(house: House) -> None:
    house.run("select 'secret' from values (1)")
    plain = house.another_session("use role public")
    sql = "select count(*) from {} where query_text like 'select ''secret%'"
    for table in ("table(information_schema.query_history())", "snowflake.account_usage.query_history"):
        assert house.rows(sql.format(table)) == [(1,)]
    plain.state.user, plain.state.roles = "EVE", frozenset({"PUBLIC"})
    assert plain.execute(sql.format("snowflake.account_usage.query_history")).result.rows[0][0] == 0


def test_secrets_are_not_in_it(house: House) -> None:
    with pytest.raises(ClockmillError):
        house.run("create user u password = 'p4ss'")
    rows = house.rows("select query_text from table(information_schema.query_history())")
    assert "create user u password = '***'" in {text for (text,) in rows}


@pytest.mark.parametrize(
    "arguments", ["result_limit => -1", "end_time_range_start => dateadd(day, -8, current_timestamp())"]
)
def test_arguments_outside_their_range_are_refused(house: House, arguments: str) -> None:
    with pytest.raises(ClockmillError, match="Invalid argument for function 'QUERY_HISTORY'"):
        house.run(f"select * from table(information_schema.query_history({arguments}))")
