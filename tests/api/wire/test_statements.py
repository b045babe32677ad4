"""Statements as connectors send them, and the answers that they read."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.wire.conftest import Wire

_PATHS = (
    "/queries/v1/query-request",
    "/queries/v1/abort-request",
    "/session/v1/login-request",
    "/session/token-request",
    "/session/heartbeat",
)
UNKNOWN = "01c0ffee-0000-4000-8000-000000000000"


def test_a_query_is_answered_with_rows_columns_and_the_sessions_place(wire: Wire) -> None:
    data = wire.query("select 1 as a, 'x' as \"b\", true as c")["data"]

    assert data["rowset"] == [["1", "x", "1"]]
    assert [(each["name"], each["type"]) for each in data["rowtype"]] == [
        ("A", "fixed"),
        ("b", "text"),
        ("C", "boolean"),
    ]
    assert (data["total"], data["returned"], data["queryResultFormat"]) == (1, 1, "json")
    assert (data["finalDatabaseName"], data["finalSchemaName"]) == ("DB", "PUBLIC")
    assert (data["finalWarehouseName"], data["finalRoleName"]) == ("COMPUTE_WH", "ACCOUNTADMIN")
    assert "TIMEZONE" in {each["name"] for each in data["parameters"]}


def test_a_statement_that_changes_rows_says_how_many_and_of_which_kind(wire: Wire) -> None:
    wire.rows("create table t (n number)")
    data = wire.query("insert into t values (1), (2)")["data"]

    assert data["statementTypeId"] == 0x3100
    assert data["rowset"] == [["2"]]
    assert data["rowtype"][0]["name"] == "number of rows inserted"
    assert (data["total"], data["stats"]) == (2, {"numRowsInserted": 2})


def test_use_and_alter_session_are_told_in_the_same_answer(wire: Wire) -> None:
    assert wire.query("use role sysadmin")["data"]["finalRoleName"] == "SYSADMIN"
    data = wire.query("alter session set timezone = 'Asia/Tokyo'")["data"]

    assert {"name": "TIMEZONE", "value": "Asia/Tokyo"} in data["parameters"]


def test_an_error_has_its_code_its_sqlstate_and_the_query_id(wire: Wire) -> None:
    envelope = wire.query("select * from nowhere")

    assert (envelope["success"], envelope["code"]) == (False, "002003")
    assert envelope["data"]["errorCode"] == "002003"
    assert envelope["data"]["sqlState"]
    assert envelope["data"]["queryId"]
    assert "NOWHERE" in envelope["message"]


def test_the_same_request_id_runs_once(wire: Wire) -> None:
    """Connectors send a call again when they got no answer."""
    wire.rows("create table t (n number)")
    first = wire.query("insert into t values (1)", request_id="r1")
    second = wire.query("insert into t values (1)", request_id="r1")

    assert first["data"]["queryId"] == second["data"]["queryId"]
    assert wire.rows("select count(*) from t") == [["1"]]


def test_a_long_statement_is_answered_with_where_to_ask(wire: Wire) -> None:
    envelope = wire.query("select system$wait(60)", request_id="long")
    data = envelope["data"]

    assert (envelope["success"], envelope["code"]) == (True, "333333")
    assert data["getResultUrl"] == f"/queries/{data['queryId']}/result"
    assert wire.call("GET", data["getResultUrl"])["code"] == "333333"
    wire.call("POST", "/queries/v1/abort-request?requestId=2", {"sqlText": "", "requestId": "long"})
    assert wire.call("GET", data["getResultUrl"])["code"] == "000604"


def test_a_statement_that_is_not_waited_for_is_looked_after_and_fetched(wire: Wire) -> None:
    envelope = wire.query("select 7", asyncExec=True)
    query_id = envelope["data"]["queryId"]

    assert envelope["code"] == "333334"
    assert wire.call("GET", f"/queries/{query_id}/result")["data"]["rowset"] == [["7"]]
    # Connector 5.x doubles the slash.
    for path in (f"/monitoring/queries/{query_id}", f"/monitoring/queries//{query_id}"):
        (status,) = wire.call("GET", path)["data"]["queries"]
        assert (status["id"], status["status"], status["state"]) == (query_id, "SUCCESS", "SUCCEEDED")
    assert wire.rows(f"select * from table(result_scan('{query_id}'))") == [["7"]]


def test_a_failed_statement_that_was_not_waited_for_tells_its_error(wire: Wire) -> None:
    query_id = wire.query("select 1 / 0", asyncExec=True)["data"]["queryId"]

    assert wire.call("GET", f"/queries/{query_id}/result")["code"] == "100051"
    (status,) = wire.call("GET", f"/monitoring/queries/{query_id}")["data"]["queries"]
    assert (status["status"], status["errorCode"]) == ("FAILED_WITH_ERROR", "100051")


def test_a_statement_is_given_up_by_its_id(wire: Wire) -> None:
    query_id = wire.query("select system$wait(60)", asyncExec=True)["data"]["queryId"]

    assert wire.call("POST", f"/queries/{query_id}/abort-request")["success"]

    assert wire.call("GET", f"/queries/{query_id}/result")["code"] == "000604"


def test_an_unknown_query_has_no_result_and_no_status(wire: Wire) -> None:
    assert wire.call("GET", f"/queries/{UNKNOWN}/result")["code"] == "000709"
    assert wire.call("GET", f"/monitoring/queries/{UNKNOWN}")["data"]["queries"] == []
    assert wire.call("POST", f"/queries/{UNKNOWN}/abort-request")["success"]


def test_a_query_belongs_to_the_user_and_role_that_ran_it(wire: Wire) -> None:
    query_id = wire.query("select 7")["data"]["queryId"]
    wire.sign_in(query="databaseName=db&roleName=sysadmin")

    assert wire.call("GET", f"/queries/{query_id}/result")["code"] == "000709"
    assert wire.call("GET", f"/monitoring/queries/{query_id}")["data"]["queries"] == []


def test_describing_gives_columns_and_runs_nothing(wire: Wire) -> None:
    wire.rows("create table t (n number(10, 2) not null)")
    data = wire.query("select n from t", describeOnly=True)["data"]

    (column,) = data["rowtype"]
    assert (column["name"], column["precision"], column["scale"]) == ("N", 10, 2)
    assert data["rowset"] == []
    wire.query("insert into t values (1)", describeOnly=True)
    assert wire.rows("select count(*) from t") == [["0"]]


def test_values_are_bound_by_position(wire: Wire) -> None:
    bindings = {"1": {"type": "FIXED", "value": "20"}, "2": {"type": "TEXT", "value": "it's"}}

    assert wire.rows("select ? + 1, ?", bindings=bindings) == [["21", "it's"]]


def test_arrays_of_values_are_inserted_by_one_statement(wire: Wire) -> None:
    wire.rows("create table t (n number, s text)")
    bindings = {"1": {"type": "FIXED", "value": ["1", "2"]}, "2": {"type": "TEXT", "value": ["a", None]}}

    assert wire.rows("insert into t values (?, ?)", bindings=bindings) == [["2"]]
    assert wire.rows("select * from t order by n") == [["1", "a"], ["2", None]]


def test_several_statements_give_a_result_each(wire: Wire) -> None:
    sql = "create table t (n number); insert into t values (1), (2); select sum(n) from t"
    data = wire.query(sql, parameters={"MULTI_STATEMENT_COUNT": 3})["data"]

    assert data["rowset"] == [["Multiple statements executed successfully."]]
    children = data["resultIds"].split(",")
    assert data["resultTypes"].split(",")[1:] == [str(0x3100), str(0x1000)]
    answers = [wire.call("GET", f"/queries/{child}/result")["data"] for child in children]
    assert [each["rowset"] for each in answers][1:] == [[["2"]], [["3"]]]
    assert [each["queryId"] for each in answers] == children


def test_a_wrong_number_of_statements_is_refused(wire: Wire) -> None:
    assert wire.query("select 1; select 2")["code"] == "000008"
    assert wire.query("select 1", parameters={"MULTI_STATEMENT_COUNT": 2})["code"] == "000008"


def test_a_large_result_is_all_there(wire: Wire) -> None:
    rows = wire.rows("select seq4() from table(generator(rowcount => 10000))")

    assert len(rows) == 10_000


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/session/v1/login-request"),
        ("GET", "/queries/v1/nothing/here"),
        ("PUT", "/queries/v1/query-request"),
        ("POST", "/session/authenticator-request"),
    ],
)
def test_what_is_not_served_is_told_within_the_envelope(wire: Wire, method: str, path: str) -> None:
    """404 gives the user of connector 5.x an opaque error, 405 makes 4.x repeat the call."""
    envelope = wire.call(method, path)

    assert not envelope["success"]
    assert envelope["code"].isdigit()
    assert path in envelope["message"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/queries/v1/query-request", {"sqlText": "select 1"}),
        ("POST", "/queries/v1/abort-request", {"requestId": "x"}),
        ("GET", f"/queries/{UNKNOWN}/result", None),
        ("POST", f"/queries/{UNKNOWN}/abort-request", None),
        ("GET", f"/monitoring/queries/{UNKNOWN}", None),
        ("POST", "/session/heartbeat", None),
    ],
)
def test_nothing_is_done_without_a_session(wire: Wire, method: str, path: str, body: Any) -> None:
    for authorization in ('Snowflake Token="None"', "", "Bearer x"):
        headers = {"Authorization": authorization}
        envelope = wire.send(method, path, msgspec.json.encode(body or {}), **headers)

        assert (envelope["success"], envelope["code"]) == (False, "390104")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=6,
)
_FIELDS = (
    "sqlText",
    "bindings",
    "parameters",
    "asyncExec",
    "describeOnly",
    "requestId",
    "data",
    "requestType",
)


@given(path=st.sampled_from(_PATHS), body=_JSON | st.dictionaries(st.sampled_from(_FIELDS), _JSON))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_the_answer_is_the_envelope(wire: Wire, path: str, body: Any) -> None:
    """Anything else would be repeated by one connector and hidden by the other."""
    envelope = wire.call("POST", path, body)

    assert envelope["success"] or envelope["code"].isdigit()
    assert envelope["code"] != "000603", envelope


def test_a_null_is_bound_to_a_column_of_any_type(wire: Wire) -> None:
    """Connectors do not know the column, and send a NULL without a type."""
    types = [
        "number",
        "float",
        "text",
        "boolean",
        "date",
        "time",
        "timestamp_ntz",
        "timestamp_tz",
        "binary",
        "variant",
        "object",
        "array",
    ]
    columns = ", ".join(f"c{position} {kind}" for position, kind in enumerate(types))
    wire.rows(f"create table nulls ({columns})")
    nothing = {str(position): {"type": "ANY", "value": None} for position in range(1, len(types) + 1)}

    marks = ", ".join("?" * len(types))
    assert wire.rows(f"insert into nulls values ({marks})", bindings=nothing) == [["1"]]
    assert wire.rows(f"insert into nulls select {marks}", bindings=nothing) == [["1"]]
    assert wire.rows("select * from nulls") == [[None] * len(types)] * 2
    assert wire.rows("select coalesce(?, 1), nvl(?, 'x'), ?", bindings=nothing) == [["1", "x", None]]
