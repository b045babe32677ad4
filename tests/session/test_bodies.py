"""Bodies of tasks: what they may ask about their run, and how they end."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from tests.session.house import House

from clockmill.core.caller import Caller
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.identity import ACCOUNTADMIN
from clockmill.engine.duckdb.connection import Connection
from clockmill.engine.duckdb.faults import EngineUnwritable
from clockmill.service.identity import IdentityService
from clockmill.store.tables import queries

ROOT = Caller(user="ADMIN", role=ACCOUNTADMIN)
SCHEDULED = datetime(2026, 3, 1, 12, 30, 15, 123000, tzinfo=UTC)


def _said(house: House, expression: str, **changes: Any) -> Any:
    """Return what *expression* gives in a body, by way of a table."""
    house.run("create or replace table said (x varchar)")
    outcome = house.run_body(f"insert into said select {expression}", **changes)
    assert outcome.succeeded, outcome.error_message
    return house.rows("select x from said")[0][0]


def test_a_body_runs_in_the_tasks_schema_as_its_owner(house: House) -> None:
    house.run("use schema public")
    house.run("create or replace table d.s.said (x varchar)")
    outcome = house.run_body("insert into said select current_role() || ' ' || current_schema()")

    assert outcome.succeeded
    assert outcome.started_at is not None
    assert house.rows("select x from d.s.said") == [("SYSADMIN S",)]


def test_a_body_may_execute_as_a_user_with_all_of_the_users_roles(house: House) -> None:
    house.run("create or replace table d.s.said (x varchar)")
    as_admin = house.run_body(
        "insert into said select current_user() || ' ' || current_role()", execute_as_user="ADMIN"
    )
    use_role = house.run_body("use role accountadmin", execute_as_user="ADMIN")

    assert as_admin.succeeded, as_admin.error_message
    assert house.rows("select x from d.s.said") == [("ADMIN SYSADMIN",)]
    assert use_role.succeeded
    assert not house.run_body("use role accountadmin").succeeded, "the system's user has the owner's role"


def test_a_body_does_not_execute_as_a_user_who_lost_the_owners_role(house: House) -> None:
    identities = IdentityService(store=house.store, clock=house.clock)
    identities.create_user(ROOT, "BOB", roles=frozenset({"SYSADMIN"}))
    identities.revoke_role(ROOT, "BOB", "SYSADMIN")

    outcome = house.run_body("select 1", execute_as_user="BOB")

    assert outcome.error_message == (
        "Task execution failed because the user BOB no longer has access to the task owner role SYSADMIN. "
        "To fix, an administrator must run GRANT ROLE SYSADMIN TO USER BOB, or alter the task to execute as "
        "a different user who has access to that role."
    )
    assert not outcome.is_system_error


def test_a_body_does_not_execute_as_a_user_who_is_disabled_or_unknown(house: House) -> None:
    identities = IdentityService(store=house.store, clock=house.clock)
    identities.create_user(ROOT, "BOB", roles=frozenset({"SYSADMIN"}))
    identities.set_disabled(ROOT, "BOB", True)

    for user in ("BOB", "NOBODY"):
        outcome = house.run_body("select 1", execute_as_user=user)
        assert outcome.error_code == "002003"
        assert outcome.error_message == (
            f"SQL compilation error:\nUser '{user}' does not exist or not authorized."
        )


def test_a_body_is_one_statement(house: House) -> None:
    outcome = house.run_body("select 1; select 2")
    assert outcome.error_code == "000008"


@pytest.mark.parametrize("body", ["insert into full values (1)", "begin insert into full values (1); end"])
def test_a_disk_that_refuses_what_a_body_writes_is_no_failure_of_the_body(
    house: House, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a full disk would suspend every task, whose failures would be counted."""
    house.run("create or replace table d.s.full (n integer)")

    def refuse(*_: object, **__: object) -> None:
        raise EngineUnwritable("No space left on device")

    monkeypatch.setattr(Connection, "run", refuse)
    outcome = house.run_body(body)

    assert outcome.error_code == "390503"
    assert outcome.is_system_error


@pytest.mark.parametrize("body", ["select 1;", "  select 1 -- done", "call system$wait(0)"])
def test_a_trailing_semicolon_or_comment_does_no_harm(house: House, body: str) -> None:
    assert house.run_body(body).succeeded


@pytest.mark.parametrize(
    ("body", "construct"),
    [
        ("copy into t from @stage", "COPY"),
        ("create stream x on stage t", "CREATE STREAM … ON STAGE"),
    ],
)
def test_what_comes_later_fails_with_its_name(house: House, body: str, construct: str) -> None:
    outcome = house.run_body(body)
    assert str(outcome.error_message).startswith(f"Unsupported feature '{construct}'.")
    assert not outcome.is_system_error


def test_a_body_that_does_not_parse_fails(house: House) -> None:
    outcome = house.run_body("this is no sql")
    assert outcome.error_code == "001003"


def test_a_mistake_of_the_user_is_no_system_error(house: House) -> None:
    outcome = house.run_body("insert into missing values (1)")
    assert outcome.error_code == "002003"
    assert not outcome.is_system_error
    assert not outcome.is_cancelled


# --- return values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ["call system$set_return_value('hé')", "select system$set_return_value('hé')"]
)
def test_a_return_value_comes_with_the_outcome(house: House, body: str) -> None:
    assert house.run_body(body).return_value == "hé"


def test_a_return_value_has_at_most_ten_kilobytes(house: House) -> None:
    assert house.run_body(f"call system$set_return_value('{'x' * 10_000}')").succeeded
    outcome = house.run_body(f"call system$set_return_value('{'x' * 9_999}é')")
    assert "longer than 10000 bytes" in (outcome.error_message or "")
    assert outcome.return_value is None


def test_a_return_value_is_no_expression(house: House) -> None:
    outcome = house.run_body("call system$set_return_value('a' || 'b')")
    assert "must be a literal or a bind variable" in (outcome.error_message or "")


def test_the_only_predecessor_needs_no_name(house: House) -> None:
    said = _said(
        house,
        "system$get_predecessor_return_value()",
        predecessors=("P",),
        return_values={"P": "v", "A": "w"},
    )
    assert said == "v"


def test_a_named_ancestor_answers_and_an_unset_value_is_null(house: House) -> None:
    known = {"predecessors": ("P", "Q"), "return_values": {"P": "v", "Q": None, "my task": "w"}}
    assert _said(house, "system$get_predecessor_return_value('my task')", **known) == "w"
    assert _said(house, "system$get_predecessor_return_value('Q')", **known) is None


@pytest.mark.parametrize("call", ["()", "('p')", "('OTHER')"])
def test_an_unclear_predecessor_fails(house: House, call: str) -> None:
    """The name is case-sensitive, and needed when there are several."""
    outcome = house.run_body(
        f"select system$get_predecessor_return_value{call}",
        predecessors=("P", "Q"),
        return_values={"P": "v", "Q": "w"},
    )
    assert outcome.error_code == "001015"


# --- the graph run ---------------------------------------------------------------------------


def test_the_configuration_is_given_whole_or_by_path(house: House) -> None:
    graph = {"config": '{"a":{"b":[1,2.50]},"t":"x"}'}
    assert json.loads(_said(house, "system$get_task_graph_config()", graph=graph)) == {
        "a": {"b": [1, 2.5]},
        "t": "x",
    }
    assert _said(house, "system$get_task_graph_config('t')", graph=graph) == "x"
    assert _said(house, "system$get_task_graph_config('a.b[1]')", graph=graph) == "2.50"
    assert _said(house, "system$get_task_graph_config('nope')", graph=graph) is None
    assert _said(house, "system$get_task_graph_config('t')") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CURRENT_TASK_NAME", "D.S.T1"),
        ("current_root_task_name", "D.S.ROOT"),
        ("CURRENT_ROOT_TASK_UUID", "root-id"),
        ("CURRENT_TASK_GRAPH_RUN_GROUP_ID", "group-id"),
        ("CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP", "2026-03-01 12:30:15.123 +0000"),
        ("LAST_SUCCESSFUL_TASK_GRAPH_RUN_GROUP_ID", "earlier"),
        ("LAST_SUCCESSFUL_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP", "2026-03-01 12:30:15.123 +0000"),
    ],
)
def test_the_run_tells_its_facts(house: House, key: str, value: str) -> None:
    graph = {
        "original_scheduled_at": SCHEDULED,
        "last_successful_group_id": "earlier",
        "last_successful_scheduled_at": SCHEDULED,
    }
    assert _said(house, f"system$task_runtime_info('{key}')", graph=graph) == value


@pytest.mark.parametrize("form", ["select {}", "select to_char({})", "call {}"])
def test_an_absent_fact_is_the_error_that_clients_look_for(house: House, form: str) -> None:
    """Snowpark's task context turns this very sentence into None."""
    call = "system$task_runtime_info('LAST_SUCCESSFUL_TASK_GRAPH_RUN_GROUP_ID')"
    outcome = house.run_body(form.format(call))
    assert "NULL result in a non-nullable column" in (outcome.error_message or "")
    assert _said(house, call) is None


def test_an_unknown_fact_fails(house: House) -> None:
    assert house.run_body("select system$task_runtime_info('NO')").error_code == "001015"


def test_the_task_knows_its_name(house: House) -> None:
    assert _said(house, "system$current_user_task_name()") == "D.S.T1"


# --- settings and stopping -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "value", "expression", "said"),
    [
        (
            "TIMEZONE",
            "Asia/Tokyo",
            "to_char('2024-07-01 00:00:00 +0000'::timestamp_ltz, 'YYYY-MM-DD HH24:MI')",
            "2024-07-01 09:00",
        ),
        ("DATE_OUTPUT_FORMAT", "DD/MM/YY", "to_char('2024-01-02'::date)", "02/01/24"),
        ("DATE_OUTPUT_FORMAT", "DD/MM/YY", "'on ' || '2024-01-02'::date", "on 02/01/24"),
        ("DATE_INPUT_FORMAT", "DD.MM.YYYY", "to_varchar('02.01.2024'::date)", "2024-01-02"),
        ("TIME_INPUT_FORMAT", "HH24.MI", "to_varchar('03.04'::time)", "03:04:00"),
        ("TIME_OUTPUT_FORMAT", "HH24-MI", "to_varchar('03:04:05'::time)", "03-04"),
        (
            "TIMESTAMP_INPUT_FORMAT",
            "DD.MM.YYYY HH24:MI",
            "to_varchar(to_timestamp('02.01.2024 07:08'))",
            "2024-01-02 07:08:00.000",
        ),
        ("TIMESTAMP_OUTPUT_FORMAT", "YYYY", "to_varchar('2024-01-02'::timestamp_ltz)", "2024"),
        ("TIMESTAMP_NTZ_OUTPUT_FORMAT", "DD.MM.", "to_varchar('2024-01-02'::timestamp_ntz)", "02.01."),
        ("TIMESTAMP_LTZ_OUTPUT_FORMAT", "DD.MM.", "to_varchar('2024-01-02'::timestamp_ltz)", "02.01."),
        ("TIMESTAMP_TZ_OUTPUT_FORMAT", "TZH", "to_varchar('2024-01-02 00:00 +0200'::timestamp_tz)", "+02"),
        (
            "TIMESTAMP_TYPE_MAPPING",
            "TIMESTAMP_LTZ",
            "'2024-07-01'::timestamp::varchar",
            "2024-07-01 00:00:00.000 -0700",
        ),
        ("WEEK_START", 1, "dayofweek('2024-01-07'::date)::varchar", "7"),
        ("WEEK_OF_YEAR_POLICY", 1, "week('2023-01-01'::date)::varchar", "1"),
        ("BINARY_OUTPUT_FORMAT", "BASE64", "to_varchar(to_binary('616263'))", "YWJj"),
        ("BINARY_INPUT_FORMAT", "BASE64", "to_varchar(to_binary('YWJj'))", "616263"),
    ],
)
def test_session_parameters_act_on_the_body(
    house: House, parameter: str, value: Any, expression: str, said: str
) -> None:
    assert _said(house, expression, session_parameters={parameter: value}) == said


def test_the_query_tag_of_a_task_marks_its_body_in_the_history(house: House) -> None:
    house.run_body("select 'marked'", session_parameters={"QUERY_TAG": "nightly"})
    house.door.services.log.flush()

    with house.store.read() as tx:
        query = select(queries.c.tag).where(queries.c.text == "select 'marked'")
        assert tx.execute(query).scalar() == "nightly"


@pytest.mark.parametrize(
    ("reason", "code", "cancelled", "system"),
    [
        (CancelReason.USER, "000604", True, False),
        (CancelReason.TIMEOUT, "000630", False, False),
        (CancelReason.SHUTDOWN, "000603", False, True),
    ],
)
def test_a_stopped_body_says_why(
    house: House, reason: CancelReason, code: str, cancelled: bool, system: bool
) -> None:
    cancel = CancelToken()
    threading.Timer(0.02, cancel.cancel, (reason,)).start()
    outcome = house.run_body("call system$wait(600)", cancel=cancel, timeout_s=7.0)

    assert (outcome.error_code, outcome.is_cancelled, outcome.is_system_error) == (code, cancelled, system)
    if reason is CancelReason.TIMEOUT:
        assert "timeout of 7 second(s)" in (outcome.error_message or "")


def test_a_stopped_query_is_interrupted_in_the_engine(house: House) -> None:
    cancel = CancelToken()
    threading.Timer(0.05, cancel.cancel, (CancelReason.TIMEOUT,)).start()
    outcome = house.run_body(
        "select count(*) from table(generator(rowcount => 100000)) a, "
        "table(generator(rowcount => 1000000)) b",
        cancel=cancel,
    )
    assert outcome.error_code == "000630"


def test_what_a_body_leaves_open_is_rolled_back(house: House) -> None:
    """Its session ends with it; nobody else could ever commit."""
    house.run("create table t (a int)")
    assert house.run_body("begin").succeeded
    house.run("insert into t values (1)")
    assert house.rows("select count(*) from t") == [(1,)]


# --- what bodies do to tasks -----------------------------------------------------------------


def test_a_body_may_suspend_and_execute_its_own_root_and_cancel_a_sibling(house: House) -> None:
    """None of it takes a slot, so it gets through when the only slot is its own graph's."""
    house.run("use role sysadmin")
    root = house.given_task("ROOT")
    house.tasks.resume_task(house.caller, root)

    assert house.run_body("alter task root suspend").succeeded
    assert not house.tasks.fetch_task(house.caller, root).is_started
    assert house.run_body("execute task root").succeeded
    outcome = house.run_body("select system$user_task_cancel_ongoing_executions('root')")
    assert outcome.succeeded, outcome.error_message


def test_a_body_of_another_role_may_not(house: House) -> None:
    house.run("use role accountadmin")
    house.given_task("ROOT")
    outcome = house.run_body("execute task root", owner="OTHER")
    assert "Insufficient privileges" in (outcome.error_message or "")


def test_a_body_finds_nothing_that_an_earlier_one_left(house: House) -> None:
    """Engine sessions are used again; what is in them must not be."""
    assert house.run_body("create temporary table mine (a int)").succeeded
    assert house.run_body("begin").succeeded
    for _ in range(3):
        assert house.run_body("select * from mine").error_code == "002003"
    house.run("create table t (a int)")
    assert house.run_body("insert into t values (1)").succeeded
    assert house.rows("select count(*) from t") == [(1,)]
