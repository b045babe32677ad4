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
    assert _names(house, "show databases") == ["B", "D", "SNOWFLAKE"]
    assert _names(house, "show schemas in database d") == ["A", "INFORMATION_SCHEMA", "PUBLIC", "S"]
    assert _names(house, "show schemas") == ["INFORMATION_SCHEMA", "PUBLIC"]
    assert [
        (row["database_name"], row["name"]) for row in house.shown("show schemas in account starts with 'P'")
    ] == [("B", "PUBLIC"), ("D", "PUBLIC")]
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
    (row,) = house.shown("show terse databases like 'd'")
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
    assert _names(house, "desc database d") == ["INFORMATION_SCHEMA", "PUBLIC", "S"]


def test_what_is_kept_of_columns_is_described(house: House) -> None:
    house.run(
        "create table t (a int primary key, b varchar default 'x' comment 'text', "
        "c int autoincrement start 5 increment 2, d int unique, constraint u unique (b))"
    )
    rows = house.shown("describe table t")
    assert [
        (row["name"], row["null?"], row["default"], row["primary key"], row["unique key"], row["comment"])
        for row in rows
    ] == [
        ("A", "N", None, "Y", "N", None),
        ("B", "Y", "'x'", "N", "Y", "text"),
        ("C", "Y", "IDENTITY START 5 INCREMENT 2 NOORDER", "N", "N", None),
        ("D", "Y", None, "N", "Y", None),
    ]
    shown = {row["column_name"]: row for row in house.shown("show columns in table t")}
    assert (shown["B"]["default"], shown["B"]["comment"]) == ("'x'", "text")
    assert shown["C"]["autoincrement"] == "IDENTITY START 5 INCREMENT 2 NOORDER"


def test_keys_are_listed(house: House) -> None:
    house.run("create table t (a int, b int, c int unique, primary key (a, b))")
    (first, second) = house.shown("show primary keys in schema d.s")
    assert (first["table_name"], first["column_name"], first["key_sequence"]) == ("T", "A", 1)
    assert (second["column_name"], second["key_sequence"]) == ("B", 2)
    assert first["constraint_name"] == second["constraint_name"]
    assert [row["column_name"] for row in house.shown("show unique keys in table t")] == ["C"]
    assert house.shown("show imported keys in schema s") == []


def test_sequences_say_what_comes_next(house: House) -> None:
    house.run("create sequence q start 10 increment 5 comment = 'c'")
    house.run("select q.nextval")
    (row,) = house.shown("show sequences")
    assert (row["name"], row["next_value"], row["interval"], row["comment"]) == ("Q", 15, 5, "c")
    assert house.shown("describe sequence q") == [row]
    with pytest.raises(NotFound):
        house.run("desc sequence missing")


def test_a_result_is_described_by_its_columns(house: House) -> None:
    query_id = house.run("select 1 as a, 'x' as \"b\" from values (1)").query_id
    for statement in ("desc result last_query_id()", f"describe result '{query_id}'"):
        assert [(row["name"], row["type"]) for row in house.shown(statement)] == [
            ("A", "NUMBER(1,0)"),
            ("b", "VARCHAR(1)"),
        ]


def test_history_adds_a_column_and_no_rows(house: House) -> None:
    house.run("create schema gone")
    house.run("drop schema gone")
    row = house.shown("show schemas history like 'public'")[0]
    assert list(row).index("dropped_on") == list(row).index("retention_time") + 1
    assert row["dropped_on"] is None
    assert "GONE" not in _names(house, "show schemas history in database d")
    assert "dropped_on" in house.shown("show databases history")[0]


def test_the_systems_own_are_listed_and_can_be_used(house: House) -> None:
    (row,) = house.shown("show databases like 'snowflake'")
    assert (row["origin"], row["kind"]) == ("SNOWFLAKE.ACCOUNT_USAGE", "APPLICATION")
    assert _names(house, "show schemas in database snowflake") == ["ACCOUNT_USAGE", "INFORMATION_SCHEMA"]
    assert "TASK_HISTORY" in _names(house, "show views in schema snowflake.account_usage")
    assert "COLUMNS" in _names(house, "show views in schema information_schema")
    described = house.shown("describe view information_schema.schemata")
    assert (described[0]["name"], described[0]["type"]) == ("CATALOG_NAME", "VARCHAR(16777216)")
    house.run("use schema information_schema")
    assert house.rows("select count(*) from schemata where schema_name = 'S'") == [(1,)]
    assert house.rows("select count(*) from table(task_history())") == [(0,)]
    house.run("use schema snowflake.account_usage")
    assert house.rows("select count(*) from databases") == [(1,)]
    with pytest.raises(MissingForUse):
        house.run("use schema nope.information_schema")


def test_users_are_listed_for_who_administers_them(house: House) -> None:
    (row,) = house.shown("show users")
    assert (row["name"], row["default_role"], row["disabled"]) == ("ADMIN", "ACCOUNTADMIN", "false")
    house.run("use role sysadmin")
    with pytest.raises(ClockmillError, match="Insufficient privileges"):
        house.run("show users")


@pytest.mark.parametrize(
    ("statement", "look"),
    [
        ("comment on table t is 'new'", "show tables"),
        ("comment if exists on view v is 'new'", "show views"),
        ("comment on schema s is 'new'", "show schemas like 's'"),
        ("comment on database d is 'new'", "show databases like 'd'"),
        ("comment on warehouse compute_wh is 'new'", "show warehouses"),
    ],
)
def test_comments_are_put_on_objects(house: House, statement: str, look: str) -> None:
    house.run("create table t (a int)")
    house.run("create view v as select a from t")
    house.run(statement)
    assert house.shown(look)[0]["comment"] == "new"


def test_comments_on_what_is_not_there_are_refused_unless_said(house: House) -> None:
    for kind in ("table", "schema", "warehouse"):
        house.run(f"comment if exists on {kind} missing is 'x'")
        with pytest.raises(ClockmillError, match="does not exist"):
            house.run(f"comment on {kind} missing is 'x'")
    with pytest.raises(ClockmillError, match="Unsupported feature 'COMMENT ON PIPE'"):
        house.run("comment on pipe p is 'x'")
    with pytest.raises(ClockmillError, match="Unsupported feature 'EXPLAIN'"):
        house.run("explain select 1")


def test_temporary_tables_are_listed_to_their_session_alone(house: House) -> None:
    house.run("create temporary table b (x int)")
    house.run("create table a (x int)")
    assert [(row["name"], row["kind"]) for row in house.shown("show tables")] == [
        ("A", "TABLE"),
        ("B", "TEMPORARY"),
    ]
    assert [row["column_name"] for row in house.shown("show columns in schema s")] == ["X", "X"]
    assert house.rows(
        "select table_type from information_schema.tables where table_schema = 'S' order by table_name"
    ) == [("BASE TABLE",), ("TEMPORARY TABLE",)]
    other = house.another_session()
    assert [row[1] for row in other.execute("show tables").result.rows] == ["A"]


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
    assert (child["predecessors"], child["schedule"]) == ('[\n  "D.S.ROOT"\n]', None)
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


def test_parameters_are_those_that_the_object_can_set(house: House) -> None:
    house.run("alter database d set user_task_timeout_ms = 7000, data_retention_time_in_days = 3")
    house.run("alter schema s set data_retention_time_in_days = 2")
    house.run("create table t (n int)")
    house.run("alter warehouse compute_wh set statement_timeout_in_seconds = 60")

    def levels(asked: str) -> dict[str, tuple[str, str]]:
        found = house.shown(f"show parameters {asked}")
        return {row["key"]: (row["value"], row["level"]) for row in found if row["level"]}

    assert levels("in database") == {
        "DATA_RETENTION_TIME_IN_DAYS": ("3", "DATABASE"),
        "USER_TASK_TIMEOUT_MS": ("7000", "DATABASE"),
    }
    assert levels("in schema d.s") == {
        "DATA_RETENTION_TIME_IN_DAYS": ("2", "SCHEMA"),
        "USER_TASK_TIMEOUT_MS": ("7000", "DATABASE"),
    }
    assert levels("for table t") == {"DATA_RETENTION_TIME_IN_DAYS": ("2", "SCHEMA")}
    assert levels("in warehouse") == {"STATEMENT_TIMEOUT_IN_SECONDS": ("60", "WAREHOUSE")}
    assert levels("in account") == levels("in user") == {}
    assert len(house.shown("show parameters in warehouse compute_wh")) == 3
    assert {row["key"] for row in house.shown("show parameters like '%task%' in account")} >= {
        "USER_TASK_TIMEOUT_MS",
        "TASK_AUTO_RETRY_ATTEMPTS",
    }
    for missing in ("table nope", "schema nope", "database nope", "warehouse nope", "task nope"):
        with pytest.raises(ClockmillError, match="does not exist"):
            house.run(f"show parameters in {missing}")


def test_show_looks_at_what_there_is_where_nothing_is_current(house: House) -> None:
    house.given_task("ROOT")
    house.run("create or replace database other")  # is current now, with its PUBLIC

    house.run("drop schema public")
    assert house.rows("show terse tasks in schema") == []
    house.run("drop database other")
    assert [row["name"] for row in house.shown("show tasks in schema")] == ["ROOT"]
    assert [row["name"] for row in house.shown("show tasks in database")] == ["ROOT"]
    for nowhere in ("application a", "application package a", "schema s"):
        with pytest.raises(ClockmillError):
            house.run(f"show tasks in {nowhere}")


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


def test_keys_keep_their_names_and_their_order(house: House) -> None:
    house.run(
        "create table t (a int, b int, c int unique, d int,"
        " constraint k primary key (b, a), constraint u unique (c, d))"
    )

    primary = house.shown("show primary keys in table t")
    unique = house.shown("show unique keys in table t")

    assert [(row["column_name"], row["key_sequence"], row["constraint_name"]) for row in primary] == [
        ("B", 1, "K"),
        ("A", 2, "K"),
    ]
    assert [(row["column_name"], row["key_sequence"]) for row in unique] == [("C", 1), ("C", 1), ("D", 2)]
    assert unique[1]["constraint_name"] == unique[2]["constraint_name"] == "U"
    assert unique[0]["constraint_name"].startswith("SYS_CONSTRAINT_")


_FOREIGN = ("pk_schema_name", "pk_table_name", "pk_column_name", "fk_table_name", "fk_column_name")


def test_foreign_keys_are_seen_from_both_sides(house: House) -> None:
    house.run("create table parent (a int, b int, constraint pk primary key (a, b))")
    house.run(
        "create table child (y int, z int,"
        " constraint fk foreign key (y, z) references d.s.parent on delete cascade)"
    )

    imported = house.shown("show imported keys in table child")
    exported = house.shown("show exported keys in table parent")

    assert imported == exported
    assert [tuple(row[name] for name in _FOREIGN) for row in imported] == [
        ("S", "PARENT", "A", "CHILD", "Y"),
        ("S", "PARENT", "B", "CHILD", "Z"),
    ]
    (first, _) = imported
    assert (first["fk_name"], first["pk_name"], first["delete_rule"]) == ("FK", "PK", "CASCADE")
    assert (first["update_rule"], first["deferrability"]) == ("NO ACTION", "NOT DEFERRABLE")
    assert house.shown("show imported keys in table parent") == []


def test_foreign_keys_follow_names_and_go_with_what_they_refer_to(house: House) -> None:
    house.run("create table parent (a int primary key)")
    house.run("create table child (x int references parent, up int references child (x))")

    house.run("alter table parent rename to elder")
    house.run("alter table elder rename column a to id")
    house.run("alter table child rename column x to y")
    shown = [tuple(row[name] for name in _FOREIGN) for row in house.shown("show imported keys")]
    assert sorted(shown) == [("S", "CHILD", "Y", "CHILD", "UP"), ("S", "ELDER", "ID", "CHILD", "Y")]

    house.run("create or replace table elder (id int primary key)")
    assert [row["fk_column_name"] for row in house.shown("show imported keys")] == ["UP"]


def test_keys_are_added_and_dropped(house: House) -> None:
    house.run("create table parent (a int primary key)")
    house.run("create table t (a int, b int)")
    house.run("alter table t add constraint fk foreign key (b) references parent (a)")
    house.run("alter table t add primary key (a)")
    assert [row["fk_name"] for row in house.shown("show imported keys in table t")] == ["FK"]

    house.run("alter table t drop constraint fk")
    house.run("alter table t drop primary key")

    assert house.shown("show imported keys in table t") == []
    assert house.shown("show primary keys in table t") == []


def test_constraints_are_views_too(house: House) -> None:
    house.run("create table parent (a int, constraint pk primary key (a))")
    house.run("create table child (x int, constraint fk foreign key (x) references parent)")

    constraints = house.shown(
        "select table_name, constraint_name, constraint_type from information_schema.table_constraints"
    )
    referential = house.shown("select * from information_schema.referential_constraints")

    assert sorted(tuple(row.values()) for row in constraints) == [
        ("CHILD", "FK", "FOREIGN KEY"),
        ("PARENT", "PK", "PRIMARY KEY"),
    ]
    (row,) = referential
    assert (row["CONSTRAINT_NAME"], row["UNIQUE_CONSTRAINT_NAME"]) == ("FK", "PK")


def test_several_columns_are_altered_at_once(house: House) -> None:
    house.run("create table t (a int not null, b varchar(5), c int)")
    house.run("alter table t alter a comment 'one', column b comment $$two$$")
    house.run("alter table t modify (column a drop not null, b set data type varchar(10), c not null)")
    house.run("alter table t alter column a unset comment, column b comment 'more'")

    rows = house.shown("describe table t")

    assert [(row["name"], row["type"], row["null?"], row["comment"]) for row in rows] == [
        ("A", "NUMBER(38,0)", "Y", None),
        ("B", "VARCHAR(10)", "Y", "more"),
        ("C", "NUMBER(38,0)", "N", None),
    ]


def test_objects_are_tables_or_views(house: House) -> None:
    house.run("create transient table t (a int)")
    house.run("create view v as select 1 as one")

    assert [(row["name"], row["kind"]) for row in house.shown("show objects")] == [
        ("T", "TABLE"),
        ("V", "VIEW"),
    ]


def test_columns_of_views_have_comments(house: House) -> None:
    house.run("create view v (a comment 'one', b) as select 1, 2")

    shown = [(row["name"], row["comment"]) for row in house.shown("describe view v")]

    assert shown == [("A", "one"), ("B", None)]


def test_a_bare_name_is_a_schema_or_else_a_database(house: House) -> None:
    house.run("create table t (a int primary key)")

    assert _names(house, "show tables in s") == ["T"]
    assert _names(house, "show tables in d") == ["T"]
    assert "S" in _names(house, "show schemas in d")
    assert [row["column_name"] for row in house.shown("show columns in t")] == ["A"]
    assert [row["column_name"] for row in house.shown("show primary keys in t")] == ["A"]
