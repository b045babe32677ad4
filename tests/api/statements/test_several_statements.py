"""Submitting several statements at once."""

from tests.api.statements.conftest import SqlApi


def test_each_of_several_statements_is_fetched_by_its_handle(sql_api: SqlApi) -> None:
    answer = sql_api.several("create table t (n int)", "insert into t values (1), (2)", "select n from t")

    told = answer.json()
    assert answer.status_code == 200
    assert told["data"] == [["Multiple statements executed successfully."]]
    assert told["resultSetMetaData"]["rowType"][0]["name"] == "multiple statement execution"
    results = [sql_api.fetch(handle).json() for handle in told["statementHandles"]]
    assert [each["data"] for each in results] == [
        [["Table T successfully created."]],
        [["2"]],
        [["1"], ["2"]],
    ]
    assert results[1]["stats"] == {"numRowsInserted": 2}
    assert [each["createdOn"] for each in results] == [told["createdOn"]] * 3


def test_what_a_statement_sets_holds_for_those_after_it(sql_api: SqlApi) -> None:
    told = sql_api.several(
        "use role sysadmin",
        "alter session set date_output_format = 'DD.MM.YYYY'",
        "set v = 7",
        "select current_role(), '2024-01-02'::date::varchar, $v",
    ).json()

    assert sql_api.fetch(told["statementHandles"][3]).json()["data"] == [["SYSADMIN", "02.01.2024", "7"]]


def test_a_transaction_is_kept_or_undone_as_a_whole(sql_api: SqlApi) -> None:
    sql_api.run("create table t (n int)")
    sql_api.several("begin", "insert into t values (1)", "rollback")
    sql_api.several("begin", "insert into t values (2)", "commit")

    assert sql_api.rows("select n from t") == [["2"]]


def test_the_first_failure_is_told_and_ends_the_request(sql_api: SqlApi) -> None:
    answer = sql_api.several("create table t (n int)", "select * from nowhere", "drop table t")

    assert (answer.status_code, answer.json()["code"]) == (422, "002003")
    assert sql_api.rows("select count(*) from t") == [["0"]]


def test_the_number_of_statements_has_to_be_right(sql_api: SqlApi) -> None:
    assert sql_api.submit("select 1; select 2").json()["code"] == "000008"
    assert sql_api.submit("select 1; select 2", parameters={"multi_statement_count": 0}).status_code == 200
    assert sql_api.submit("select 1; select 2", parameters={"multi_statement_count": -1}).status_code == 400


def test_null_is_told_as_text_in_every_result(sql_api: SqlApi) -> None:
    told = sql_api.several("select null", "select null, 1", query="?nullable=false").json()

    assert [sql_api.fetch(each).json()["data"] for each in told["statementHandles"]] == [
        [["null"]],
        [["null", "1"]],
    ]
