"""Submitting one statement."""

import uuid
from typing import Any

import pytest
from tests.api.statements.conftest import ADMIN, PASSWORD, STATEMENTS, SqlApi

from clockmill.core.signin import Password


def test_a_query_is_answered_with_its_rows_and_what_they_are(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select 1 as a, 'x' as \"b\"")

    told = answer.json()
    assert answer.status_code == 200
    assert (told["code"], told["sqlState"]) == ("090001", "00000")
    assert told["data"] == [["1", "x"]]
    assert told["statementStatusUrl"] == f"{STATEMENTS}/{told['statementHandle']}"
    assert told["createdOn"] == round(sql_api.clock.now().timestamp() * 1000)
    meta = told["resultSetMetaData"]
    assert (meta["numRows"], meta["format"]) == (1, "jsonv2")
    assert [(each["name"], each["type"]) for each in meta["rowType"]] == [("A", "fixed"), ("b", "text")]
    assert meta["partitionInfo"] == [{"rowCount": 1, "uncompressedSize": len('[["1","x"]]')}]


def test_cells_are_written_as_documented(sql_api: SqlApi) -> None:
    """Only truth values, and the digits of seconds, are not as the connectors get them."""
    row = sql_api.rows(
        "select 1.50, true, false, '2018-01-01'::date, '23:01:59'::time(0), "
        "'2021-03-19 17:06:59'::timestamp_ntz(3), '2021-03-19 17:06:59 +0900'::timestamp_tz, "
        "to_binary('0AFF'), parse_json('{\"a\": 1}')"
    )[0]

    assert row[:5] == ["1.50", "true", "false", "17532", "82919.000000000"]
    assert row[5:7] == ["1616173619.000000000", "1616141219.000000000 1980"]
    assert row[7] == "0AFF"
    assert row[8] is not None
    assert row[8].replace(" ", "").replace("\n", "") == '{"a":1}'


def test_null_is_null_or_the_text_null(sql_api: SqlApi) -> None:
    sql = "select null as n, 'null' as t"

    assert sql_api.rows(sql) == [[None, "null"]]
    assert sql_api.rows(sql, "?nullable=false") == [["null", "null"]]
    assert sql_api.run(sql, "?nullable=false")["resultSetMetaData"]["nullable"] is False


def test_bind_values_stand_for_placeholders(sql_api: SqlApi) -> None:
    bindings = {"1": {"type": "FIXED", "value": "7"}, "2": {"type": "TEXT", "value": "it's"}}

    assert sql_api.rows("select ? + 1, ?", bindings=bindings) == [["8", "it's"]]


def test_a_bind_value_that_is_not_of_its_type_is_refused(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select ?", bindings={"1": {"type": "FIXED", "value": "seven"}})

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["sqlState"]) == ("100037", "22018")
    assert answer.json()["message"] == "FIXED value 'seven' is not recognized"


def test_a_change_of_a_table_says_what_it_did(sql_api: SqlApi) -> None:
    sql_api.run("create table t (n int)")

    assert sql_api.run("insert into t values (1), (2), (3)")["stats"] == {"numRowsInserted": 3}
    assert sql_api.run("delete from t where n = 1")["stats"] == {"numRowsDeleted": 1}
    merge = (
        "merge into t using (select column1 as n from values (2), (9)) s on t.n = s.n "
        "when matched then update set n = 20 when not matched then insert values (s.n)"
    )
    assert sql_api.run(merge)["stats"] == {"numRowsInserted": 1, "numRowsUpdated": 1}


def test_a_failed_statement_is_422_with_its_error_and_handle(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select * from nowhere")

    told = answer.json()
    assert answer.status_code == 422
    assert told["code"] == "002003"
    assert "NOWHERE" in told["message"]
    assert sql_api.fetch(told["statementHandle"]).json() == told


def test_the_request_says_where_and_how_its_statement_runs(sql_api: SqlApi) -> None:
    where = "select current_database(), current_schema(), current_warehouse(), current_role()"
    body = {"schema": "PUBLIC", "warehouse": "COMPUTE_WH", "role": "SYSADMIN"}

    assert sql_api.rows(where, **body) == [["DB", "PUBLIC", "COMPUTE_WH", "SYSADMIN"]]
    parameters = {"timezone": "Asia/Tokyo", "date_output_format": "DD.MM.YYYY", "unheard_of": 1}
    sql = "select '2024-01-02'::date::varchar, to_char(convert_timezone('UTC', current_timestamp()), 'TZH')"
    assert sql_api.rows(sql, parameters=parameters)[0][0] == "02.01.2024"


def test_names_are_exact_and_a_role_that_is_not_granted_is_refused(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select 1", role="sysadmin")

    assert (answer.status_code, answer.json()["code"]) == (403, "390189")


def test_a_result_got_in_another_role_is_fetched_without_naming_it(sql_api: SqlApi) -> None:
    told = sql_api.run("select 1", role="SYSADMIN")

    assert sql_api.fetch(told["statementHandle"]).json()["data"] == [["1"]]


def test_every_request_is_a_session_of_its_own(sql_api: SqlApi) -> None:
    first, second = (sql_api.rows("select current_session()") for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("begin", "BEGIN"),
        ("start transaction", "BEGIN"),
        ("COMMIT;", "COMMIT"),
        ("rollback", "ROLLBACK"),
        ("use schema db.public", "USE"),
        ("alter session set timezone = 'UTC'", "ALTER SESSION"),
        ("set a = 1", "SET"),
        ("unset a", "UNSET"),
        ("create or replace temporary table x (n int)", "CREATE TEMPORARY"),
    ],
)
def test_what_only_changes_its_session_is_refused_alone(sql_api: SqlApi, sql: str, kind: str) -> None:
    """A client that sent BEGIN alone would take what follows for a transaction."""
    for parameters in ({}, {"MULTI_STATEMENT_COUNT": 0}):
        answer = sql_api.submit(sql, parameters=parameters)

        assert answer.status_code == 422
        assert answer.json()["message"].startswith(f"Unsupported feature '{kind} as the only statement")


def test_the_same_request_id_runs_a_statement_once(sql_api: SqlApi) -> None:
    sql_api.run("create table t (n int)")
    id_ = uuid.uuid4()

    first = sql_api.run("insert into t values (1)", f"?requestId={id_}")
    again = sql_api.run("insert into t values (1)", f"?requestId={id_}&retry=true")

    assert first == again
    assert sql_api.rows("select count(*) from t") == [["1"]]


def test_a_request_that_is_sent_again_while_it_runs_waits_for_it(sql_api: SqlApi) -> None:
    """Clients that lose a connection do not wait for the answer before they try again."""
    sql_api.run("create table t (n int)")

    answers = sql_api.at_once(5, "insert into t select 1", f"?requestId={uuid.uuid4()}")

    assert len({answer.content for answer in answers}) == 1
    assert sql_api.rows("select count(*) from t") == [["1"]]


def test_request_ids_of_two_users_are_two_requests(sql_api: SqlApi) -> None:
    """Whoever guesses, or sees, an id must not get what it stands for."""
    query = f"?requestId={uuid.uuid4()}"
    sql_api.run("select 'secret'", query)
    sql_api.identities.create_user(ADMIN, "EVE", roles=frozenset({"SYSADMIN"}), default_role="SYSADMIN")
    sql_api.token = sql_api.identities.create_token(ADMIN, "EVE", "eve")[1]

    assert sql_api.rows("select 'mine'", query) == [["mine"]]


def test_a_statement_past_its_timeout_is_408(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select system$wait(60)", timeout=1)

    assert answer.status_code == 408
    assert answer.json()["code"] == "000630"
    assert sql_api.fetch(answer.json()["statementHandle"]).status_code == 422


def test_a_timeout_of_zero_is_the_longest(sql_api: SqlApi) -> None:
    assert sql_api.rows("select 1", timeout=0) == [["1"]]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"statement": 1}', b'{"statement": "x", "timeout": -1}', b'{"bindings": [1]}'],
)
def test_a_body_of_another_form_is_400(sql_api: SqlApi, body: bytes) -> None:
    answer = sql_api.send("POST", STATEMENTS, content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "390142")


@pytest.mark.parametrize("query", ["?requestId=7", "?async=perhaps", "?nullable=2", "?retry=x"])
def test_a_parameter_of_another_form_is_400(sql_api: SqlApi, query: str) -> None:
    assert sql_api.submit("select 1", query).status_code == 400


def test_without_credentials_nothing_is_run(sql_api: SqlApi) -> None:
    sql_api.token = "wrong"

    assert sql_api.submit("select 1").status_code == 401


@pytest.mark.parametrize("sql", ["", ";", "  -- nothing"])
def test_no_statement_is_a_failure(sql_api: SqlApi, sql: str) -> None:
    assert sql_api.submit(sql).status_code == 422


def test_what_a_request_held_is_free_when_it_is_answered(sql_api: SqlApi) -> None:
    """A transaction that nobody committed would keep its table from everybody."""
    sql_api.run("create table t (n int)")
    sql_api.several("begin", "insert into t values (1)", "update t set n = 2")

    assert sql_api.rows("update t set n = 3") == [["0", "0"]]


def test_temporary_tables_are_gone_with_their_request(sql_api: SqlApi) -> None:
    answer = sql_api.several("create temporary table x (n int)", "select * from x")

    assert answer.status_code == 200
    assert sql_api.submit("select * from x").status_code == 422


def test_the_token_of_a_connectors_session_opens_the_door_but_not_that_session(sql_api: SqlApi) -> None:
    login = sql_api.signin.login(Password("ADMIN", PASSWORD), address="127.0.0.1", database="DB")
    headers = {"Authorization": f'Snowflake Token="{login.token}"'}
    answer = sql_api.send(
        "POST",
        STATEMENTS,
        json={"statement": "select current_database(), current_session()"},
        headers=headers,
    )

    database, session = answer.json()["data"][0]
    assert database == "DB"
    assert session != str(login.session.id)


def test_a_request_finds_its_way_by_headers_too(sql_api: SqlApi) -> None:
    headers: dict[str, Any] = {
        "X-Snowflake-Role": "sysadmin",
        "X-Snowflake-Authorization-Token-Type": "PROGRAMMATIC_ACCESS_TOKEN",
    }
    answer = sql_api.send("POST", STATEMENTS, json={"statement": "select current_role()"}, headers=headers)
    assert answer.json()["data"] == [["SYSADMIN"]]
