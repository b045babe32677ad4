"""Statements through the door: what they answer and what they change."""

import threading
from typing import Any

import msgspec
import pytest
from tests.session.house import House

from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import (
    ClockmillError,
    StatementCancelled,
    StatementFault,
    SyntaxFault,
    Unsupported,
)
from clockmill.core.parameters import InvalidParameterValue, UnknownParameter
from clockmill.engine.protocol import Binding
from clockmill.engine.result import NUMBER, TEXT, StatementType
from clockmill.session.faults import (
    MissingForUse,
    NestedTooDeeply,
    NoActiveWarehouse,
    NoCurrentDatabase,
    NoCurrentSchema,
    RoleNotUsable,
    StatementCountMismatch,
)


def test_a_query_answers_with_rows_and_where_the_session_is(house: House) -> None:
    answer = house.run("select 1 as a, 'x' as b")

    assert [column.name for column in answer.result.columns] == ["A", "B"]
    assert [tuple(row) for row in answer.result.rows] == [(1, "x")]
    assert (answer.database, answer.schema, answer.warehouse, answer.role) == (
        "D",
        "S",
        "COMPUTE_WH",
        "ACCOUNTADMIN",
    )


def test_tables_are_made_filled_and_read(house: House) -> None:
    house.run("create table t (a int, b varchar)")
    inserted = house.run("insert into t values (1, 'x'), (2, 'y')").result

    assert inserted.statement_type is StatementType.INSERT
    assert [tuple(row) for row in inserted.rows] == [(2,)]
    assert house.rows("select b from t order by a") == [("x",), ("y",)]


# --- USE -------------------------------------------------------------------------------------


def test_use_moves_the_session_and_is_kept_for_a_restart(house: House) -> None:
    house.run("create warehouse w")
    house.run("use role sysadmin")
    answer = house.run("use schema d.public")

    assert (answer.database, answer.schema, answer.role) == ("D", "PUBLIC", "SYSADMIN")
    record = house.record()
    assert (record.database, record.schema, record.warehouse, record.role) == ("D", "PUBLIC", "W", "SYSADMIN")
    reborn = house.new_door().session(record).execute("select current_schema(), current_warehouse()")
    assert [tuple(row) for row in reborn.result.rows] == [("PUBLIC", "W")]


@pytest.mark.parametrize("statement", ["use nope", "use schema nope", "use d.nope", "use warehouse nope"])
def test_use_of_what_is_not_there_changes_nothing(house: House, statement: str) -> None:
    with pytest.raises(MissingForUse) as caught:
        house.run(statement)
    assert caught.value.code == "002043"
    assert house.run("select 1").schema == "S"


def test_a_role_that_was_not_granted_cannot_be_used(house: House) -> None:
    with pytest.raises(RoleNotUsable, match="Requested role 'NOBODY' is not assigned"):
        house.run("use role nobody")
    assert house.run("select 1").role == "ACCOUNTADMIN"


def test_a_revoked_role_is_lost_with_the_next_request(house: House) -> None:
    """The record is read for every request; the live session must not know better."""
    record = house.record()
    fewer = msgspec.structs.replace(record, role="SYSADMIN", roles=frozenset({"SYSADMIN"}))
    session = house.door.session(fewer)
    assert session.execute("select current_role()").result.rows[0][0] == "SYSADMIN"
    with pytest.raises(RoleNotUsable):
        session.execute("use role accountadmin")


def test_without_a_database_bare_names_are_refused_in_our_words(house: House) -> None:
    house.run("drop database d")
    with pytest.raises(NoCurrentDatabase):
        house.run("create tag t")
    house.run("create database e")
    house.run("drop schema public")
    with pytest.raises(NoCurrentSchema):
        house.run("create tag t")


def test_a_statement_without_a_living_warehouse_says_what_to_do(house: House) -> None:
    other = house.another_session()
    house.run("drop warehouse compute_wh")
    with pytest.raises(NoActiveWarehouse, match="No active warehouse selected"):
        other.execute("select 1 from values (1)")


# --- parameters and variables ----------------------------------------------------------------


def test_alter_session_sets_all_or_nothing_and_is_kept(house: House) -> None:
    answer = house.run("alter session set timezone = 'Europe/Berlin', query_tag = 'q'")
    assert answer.changed_parameters == {"TIMEZONE": "Europe/Berlin", "QUERY_TAG": "q"}
    with pytest.raises(UnknownParameter):
        house.run("alter session set query_tag = 'other', no_such = 1")
    with pytest.raises(InvalidParameterValue):
        house.run("alter session set timezone = 'Mars'")
    assert house.record().parameters == {"TIMEZONE": "Europe/Berlin", "QUERY_TAG": "q"}
    assert house.run("alter session unset timezone").parameters["TIMEZONE"] == "America/Los_Angeles"


def test_variables_are_set_from_literals_and_expressions_and_read_back(house: House) -> None:
    house.run("set (v, w) = ('x', 1 + 1)")
    assert house.rows("select $v, $w") == [("x", 2)]
    house.run("set v = (select max(column1) from values (3), (7))")
    assert house.rows("select $v") == [(7,)]
    assert [(row["name"], row["value"]) for row in house.shown("show variables")] == [("V", "7"), ("W", "2")]
    house.run("unset v")
    with pytest.raises(ClockmillError):
        house.run("select $v")


def test_a_name_may_come_from_a_variable_or_a_bind(house: House) -> None:
    house.run("set target = 'd.public'")
    assert house.run("use schema identifier($target)").schema == "PUBLIC"
    answer = house.run("use schema identifier(?)", bindings={"1": Binding("s", TEXT)})
    assert answer.schema == "S"


# --- several statements ----------------------------------------------------------------------


def test_several_statements_need_to_be_announced(house: House) -> None:
    """Else a value pasted into a text could bring a statement of its own."""
    with pytest.raises(StatementCountMismatch, match="count 2 did not match the desired statement count 1"):
        house.run("create table a (x int); create table b (x int)")
    assert house.shown("show tables") == []


@pytest.mark.parametrize("options", [{"statement_count": 2}, {"statement_count": 0},
                                     {"parameters": {"MULTI_STATEMENT_COUNT": "2"}}])  # fmt: skip
def test_announced_statements_run_in_order_and_keep_their_results(
    house: House, options: dict[str, Any]
) -> None:
    answer = house.run("create table a (x int); insert into a values (5);", **options)

    assert answer.result.statement_type is StatementType.MULTI_STATEMENT
    assert [child.statement_type for child in answer.children] == [StatementType.DDL, StatementType.INSERT]
    kept = house.door.results.fetch(answer.children[1].query_id, house.caller)
    assert [tuple(row) for row in kept.rows] == [(1,)]


def test_the_first_failure_ends_a_request_of_several(house: House) -> None:
    with pytest.raises(ClockmillError, match="does not exist"):
        house.run("create table a (x int); select * from missing; create table b (x int)", statement_count=0)
    assert [row["name"] for row in house.shown("show tables")] == ["A"]


# --- binding, describing, results ------------------------------------------------------------


def test_values_are_bound_and_an_array_of_them_inserts_every_row(house: House) -> None:
    house.run("create table t (a int, b varchar)")
    rows = [{"1": Binding(n, NUMBER), "2": Binding(f"r{n}", TEXT)} for n in range(3)]
    inserted = house.run("insert into t values (?, ?)", bindings=rows).result

    assert [tuple(row) for row in inserted.rows] == [(3,)]
    assert house.rows("select b from t where a = ?", bindings={"1": Binding(2, NUMBER)}) == [("r2",)]


def test_a_failing_row_of_an_array_leaves_none_behind(house: House) -> None:
    house.run("create table t (a int not null)")
    rows = [{"1": Binding(1, NUMBER)}, {"1": Binding(None, NUMBER)}]
    with pytest.raises(ClockmillError):
        house.run("insert into t values (?)", bindings=rows)
    assert house.rows("select count(*) from t") == [(0,)]


def test_describing_changes_nothing(house: House) -> None:
    answer = house.run("select 1 as a, current_role() as b", describe_only=True)
    assert [column.name for column in answer.result.columns] == ["A", "B"]
    assert list(answer.result.rows) == []
    house.run("create schema other", describe_only=True)
    house.run("call system$wait(100)", describe_only=True)
    assert [row["name"] for row in house.shown("show schemas")] == ["INFORMATION_SCHEMA", "PUBLIC", "S"]


def test_results_are_scanned_by_id_and_by_position(house: House) -> None:
    first = house.run("select 1 as a, 'x' as b")
    house.run("select 2 as a")
    assert house.rows(f"select * from table(result_scan('{first.query_id}'))") == [(1, "x")]
    assert house.rows("select * from table(result_scan(last_query_id(-2)))") == [(2,)]


def test_results_are_scanned_within_a_larger_query(house: House) -> None:
    """Listing objects and filtering the list is what people do with it."""
    house.run("create table apple (a int)")
    house.run("create table pear (a int)")
    house.run("show tables")
    found = house.rows('select "name" from table(result_scan(last_query_id())) where "name" like \'P%\'')
    assert found == [("PEAR",)]


def test_a_result_belongs_to_the_user_and_role_that_made_it(house: House) -> None:
    first = house.run("select 'secret'")
    house.run("use role sysadmin")
    with pytest.raises(ClockmillError, match="not found"):
        house.run(f"select * from table(result_scan('{first.query_id}'))")


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement", ["grant role r to user u", "copy into t from @s", "pragma x", "attach 'x'"]
)
def test_what_is_not_there_yet_is_refused_by_name(house: House, statement: str) -> None:
    with pytest.raises(Unsupported):
        house.run(statement, statement_count=0)


def test_a_text_that_does_not_parse_is_refused(house: House) -> None:
    with pytest.raises(SyntaxFault):
        house.run("selekt 1")


# --- system functions ------------------------------------------------------------------------


def test_clients_are_told_that_they_are_new_enough(house: House) -> None:
    assert '"clientId":"PyCore"' in house.rows("SELECT SYSTEM$CLIENT_VERSION_INFO()")[0][0]


def test_the_session_knows_itself_also_within_expressions(house: House) -> None:
    assert house.rows("select current_user() || '/' || current_role()") == [("ADMIN/ACCOUNTADMIN",)]
    assert house.rows("select current_schema(), current_warehouse()") == [("S", "COMPUTE_WH")]


def test_waiting_ends_at_once_when_it_is_cancelled(house: House) -> None:
    cancel = CancelToken()
    threading.Timer(0.02, cancel.cancel, (CancelReason.USER,)).start()
    with pytest.raises(StatementCancelled):
        house.run("call system$wait(600)", cancel=cancel)


@pytest.mark.parametrize(
    "sql", [f"select {'(' * 3000}1{')' * 3000}", f"select 1{'+1' * 20_000}", f"select {'f(' * 5000}"]
)
def test_a_statement_nested_too_deeply_is_refused_and_not_a_mistake_of_ours(house: House, sql: str) -> None:
    with pytest.raises(NestedTooDeeply):
        house.run(sql)


def test_a_statement_ends_at_its_time_limit(house: House) -> None:
    with pytest.raises(StatementFault, match=r"timeout of 1 second\(s\)") as caught:
        house.run("call system$wait(600)", parameters={"STATEMENT_TIMEOUT_IN_SECONDS": 1})
    assert caught.value.code == "000630"


@pytest.mark.parametrize("call", ["system$set_return_value('x')", "system$get_task_graph_config()",
                                  "system$task_runtime_info('CURRENT_TASK_NAME')"])  # fmt: skip
@pytest.mark.parametrize("form", ["call {}", "select {}", "select upper({})"])
def test_functions_of_tasks_refuse_outside_of_one(house: House, form: str, call: str) -> None:
    if "set_return" in call and "upper" in form:
        return
    with pytest.raises(ClockmillError, match="must be called from within a task"):
        house.run(form.format(call))
