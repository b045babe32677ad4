"""SHOW and DESCRIBE: the rows, and the columns by which clients find things."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, NotFound
from clockmill.session.faults import MissingForUse

TASK_COLUMNS = (
    "created_on name id database_name schema_name owner comment warehouse schedule predecessors state "
    "definition condition allow_overlapping_execution error_integration last_committed_on last_suspended_on "
    "owner_role_type config task_relations last_suspended_reason success_integration scheduling_mode "
    "target_completion_interval execute_as_user overlap_policy created_by_user"
)


def _names(house: House, sql: str) -> list[str]:
    return [row["name"] for row in house.shown(sql)]


def test_databases_schemas_and_warehouses_are_listed_by_name(house: House) -> None:
    house.run("create schema a")
    house.run("create database b")
    assert _names(house, "show databases") == ["B", "D"]
    assert _names(house, "show schemas in database d") == ["A", "PUBLIC", "S"]
    assert _names(house, "show schemas") == ["PUBLIC"]
    assert _names(house, "show schemas in account") == ["PUBLIC", "A", "PUBLIC", "S"]
    (warehouse,) = house.shown("show warehouses")
    assert (warehouse["name"], warehouse["size"], warehouse["is_current"]) == ("COMPUTE_WH", "X-Small", "Y")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("like 'a%'", ["AB", "AC"]),
        ("like '_b'", ["AB"]),
        ("starts with 'A'", ["AB", "AC"]),
        ("starts with 'a'", []),
        ("limit 2", ["AB", "AC"]),
        ("limit 1 from 'AB'", ["AC"]),
        ("in database d like 'x'", None),
    ],
)
def test_lists_are_narrowed(house: House, options: str, names: list[str] | None) -> None:
    for name in ("ab", "ac", "bd"):
        house.run(f"create schema d.{name}")
    if names is None:
        with pytest.raises(ClockmillError):
            house.run(f"show schemas {options}")
    else:
        assert _names(house, f"show schemas {options}")[: len(names)] == names


def test_terse_lists_have_five_columns(house: House) -> None:
    (row,) = house.shown("show terse databases")
    assert list(row) == ["created_on", "name", "kind", "database_name", "schema_name"]


@pytest.mark.parametrize("statement", ["show tables in schema nope", "show tasks in database nope"])
def test_looking_into_what_is_not_there_is_refused(house: House, statement: str) -> None:
    with pytest.raises(MissingForUse) as caught:
        house.run(statement)
    assert caught.value.code == "002043"


# --- what the engine holds -------------------------------------------------------------------


def test_tables_views_and_objects_are_listed(house: House) -> None:
    house.run("create table t (a int)")
    house.run("create view v as select a from t")
    house.run("create table public.other (a int)")
    assert _names(house, "show tables") == ["T"]
    assert _names(house, "show views") == ["V"]
    assert _names(house, "show objects in d.s") == ["T", "V"]
    assert _names(house, "show tables in database d") == ["OTHER", "T"]
    assert _names(house, "show terse tables like 't'") == ["T"]
    (table,) = house.shown("show tables like 't'")
    assert (table["database_name"], table["schema_name"], table["kind"]) == ("D", "S", "TABLE")


def test_a_table_is_described_by_its_columns(house: House) -> None:
    house.run(
        'create table t (a int not null, b varchar(10), "c d" number(10,2), e timestamp_ntz, f variant)'
    )
    described = [(row["name"], row["type"]) for row in house.shown("describe table t")]
    assert described == [
        ("A", "NUMBER(38,0)"),
        ("B", "VARCHAR(10)"),
        ("c d", "NUMBER(10,2)"),
        ("E", "TIMESTAMP_NTZ(9)"),
        ("F", "VARIANT"),
    ]
    assert [row["column_name"] for row in house.shown("show columns in table t")] == [
        "A",
        "B",
        "c d",
        "E",
        "F",
    ]


def test_describing_what_is_not_there_fails(house: House) -> None:
    with pytest.raises(ClockmillError, match="does not exist"):
        house.run("desc table missing")


def test_a_database_and_a_schema_are_described_by_what_they_hold(house: House) -> None:
    house.run("create table t (a int)")
    assert [(row["name"], row["kind"]) for row in house.shown("describe schema s")] == [("T", "TABLE")]
    assert _names(house, "desc database d") == ["PUBLIC", "S"]


# --- tags, tasks, settings -------------------------------------------------------------------


def test_tags_are_made_listed_set_and_dropped(house: House) -> None:
    assert house.rows("create tag if not exists cost allowed_values 'a', 'b' comment = 'c'") == [
        ("Tag COST successfully created.",)
    ]
    (tag,) = house.shown("show tags in schema d.s")
    assert (tag["name"], tag["allowed_values"], tag["comment"]) == ("COST", '["a","b"]', "c")
    house.given_task("T1")
    house.run("alter task t1 set tag cost = 'a'")
    with pytest.raises(ClockmillError, match="The values that it allows"):
        house.run("alter task t1 set tag cost = 'z'")
    with pytest.raises(NotFound):
        house.run("alter schema s set tag missing = 'a'")
    house.run("alter task t1 unset tag cost")
    house.run("drop tag cost")
    assert house.shown("show tags") == []


def test_tasks_are_shown_in_the_services_columns(house: House) -> None:
    house.given_task("ROOT", warehouse="COMPUTE_WH", comment="c")
    house.given_task("CHILD", predecessors=("ROOT",))
    child, root = house.shown("show tasks")

    assert " ".join(root) == TASK_COLUMNS
    assert (root["name"], root["schedule"], root["state"]) == ("ROOT", "60 MINUTES", "suspended")
    assert (root["overlap_policy"], root["allow_overlapping_execution"]) == ("NO_OVERLAP", "false")
    assert (child["predecessors"], child["schedule"]) == ('["D.S.ROOT"]', None)
    assert (child["overlap_policy"], child["allow_overlapping_execution"]) == (None, "null")
    assert _names(house, "show tasks like '%%' in database d root only") == ["ROOT"]
    assert house.shown("describe task identifier('d.s.root')") == [root]


def test_tasks_are_resumed_suspended_executed_and_dropped(house: House) -> None:
    root = house.given_task("ROOT")
    house.run("alter task root resume")
    assert house.tasks.fetch_task(house.caller, root).is_started
    assert house.rows("execute task d.s.root") == [("Task ROOT is scheduled to run immediately.",)]
    house.run("alter task if exists missing suspend")
    house.run("alter task root suspend")
    house.run("drop task identifier('root')")
    with pytest.raises(NotFound):
        house.run("alter task root resume")


def test_parameters_say_what_holds_and_who_set_it(house: House) -> None:
    house.run("alter session set timezone = 'UTC'")
    (row,) = house.shown("show parameters like 'timezone' in session")
    assert (row["key"], row["value"], row["level"]) == ("TIMEZONE", "UTC", "SESSION")
    house.given_task("ROOT", user_task_timeout_ms=5000)
    (row,) = house.shown("show parameters like 'user_task_timeout_ms' in task root")
    assert (row["value"], row["default"], row["level"]) == ("5000", "3600000", "TASK")


# --- the catalog -----------------------------------------------------------------------------


def test_what_is_made_becomes_current_and_what_is_gone_is_not(house: House) -> None:
    answer = house.run("create database e")
    assert (answer.database, answer.schema) == ("E", "PUBLIC")
    assert house.run("create schema f").schema == "F"
    assert house.run("drop schema f").schema is None
    assert house.run("drop database e").database is None
    assert house.run("drop database if exists e").result.rows[0][0].endswith("(E already dropped).")


def test_creating_over_what_is_there_is_refused_or_done_as_asked(house: House) -> None:
    with pytest.raises(ClockmillError, match="already exists"):
        house.run("create schema s")
    assert house.rows("create schema if not exists s") == [("S already exists, statement succeeded.",)]
    house.run("create table t (a int)")
    house.run("create or replace schema s")
    assert house.shown("show tables") == []


def test_properties_are_changed_and_unknown_ones_refused(house: House) -> None:
    house.run("alter warehouse compute_wh set max_concurrency_level = 2 comment = 'x'")
    house.run("alter database d set comment = 'mine'")
    assert house.shown("show databases")[0]["comment"] == "mine"
    house.run("alter database d unset comment")
    assert house.shown("show databases")[0]["comment"] == ""
    with pytest.raises(ClockmillError, match="invalid property 'NOPE'"):
        house.run("create warehouse w nope = 1")


def test_a_warehouse_is_suspended_and_resumed(house: House) -> None:
    house.run("alter warehouse compute_wh suspend")
    assert house.shown("show warehouses")[0]["state"] == "SUSPENDED"
    house.run("alter warehouse compute_wh resume if suspended")
    house.run("alter warehouse compute_wh resume if suspended")
    assert house.shown("show warehouses")[0]["state"] == "STARTED"
