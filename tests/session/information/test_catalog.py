"""What INFORMATION_SCHEMA and ACCOUNT_USAGE tell of databases and what is in them."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError


def _rows(house: House, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in house.rows(sql)]


def test_tables_and_views_are_listed_with_what_is_known_of_them(house: House) -> None:
    house.run("create table t (a int) comment = 'c'")
    house.run("insert into t values (1), (2)")
    house.run("create transient table u (a int)")
    house.run("create view v as select a from t")
    assert _rows(
        house,
        "select table_name, table_type, is_transient, row_count, table_owner, comment, created is not null "
        "from information_schema.tables where table_schema = 'S' order by 1",
    ) == [
        ("T", "BASE TABLE", "NO", 2, "ACCOUNTADMIN", "c", True),
        ("U", "BASE TABLE", "YES", 0, "ACCOUNTADMIN", None, True),
        ("V", "VIEW", "NO", None, "ACCOUNTADMIN", None, True),
    ]
    assert _rows(
        house, "select table_name, view_definition from d.information_schema.views where table_schema = 'S'"
    ) == [("V", "SELECT a FROM t")]


def test_columns_say_their_types_in_parts(house: House) -> None:
    house.run(
        "create table t (a number(10,2) not null default 1, b varchar(20) comment 'text', c timestamp_ltz)"
    )
    assert _rows(
        house,
        "select column_name, ordinal_position, column_default, is_nullable, data_type, "
        "character_maximum_length, numeric_precision, numeric_scale, datetime_precision, comment "
        "from information_schema.columns where table_name = 'T' order by ordinal_position",
    ) == [
        ("A", 1, "1", "NO", "NUMBER", None, 10, 2, None, None),
        ("B", 2, None, "YES", "TEXT", 20, None, None, None, "text"),
        ("C", 3, None, "YES", "TIMESTAMP_LTZ", None, None, None, 9, None),
    ]


def test_a_column_that_counts_says_how(house: House) -> None:
    house.run("create table t (a int autoincrement start 5 increment 2, b int)")
    assert _rows(
        house,
        "select is_identity, identity_start, identity_increment from information_schema.columns "
        "where table_name = 'T' order by ordinal_position",
    ) == [("YES", "5", "2"), ("NO", None, None)]


def test_sequences_say_what_comes_next(house: House) -> None:
    house.run("create sequence q start 10 increment 5")
    sql = "select start_value, next_value, increment from information_schema.sequences"
    assert _rows(house, sql) == [("10", "10", "5")]
    house.run("select q.nextval")
    assert _rows(house, sql) == [("10", "15", "5")]


def test_databases_and_schemas_are_listed_with_the_systems_own(house: House) -> None:
    house.run("create database e comment = 'mine'")
    house.run("use d.s")
    assert _rows(house, "select schema_name from information_schema.schemata order by 1") == [
        ("INFORMATION_SCHEMA",),
        ("PUBLIC",),
        ("S",),
    ]
    assert _rows(house, "select database_name, comment from e.information_schema.databases order by 1") == [
        ("D", None),
        ("E", "mine"),
    ]
    assert _rows(house, "select catalog_name from e.information_schema.information_schema_catalog_name") == [
        ("E",)
    ]


def test_account_usage_looks_into_every_database(house: House) -> None:
    house.run("create table t (a int)")
    house.run("create database e")
    house.run("create table u (b int)")
    assert _rows(
        house,
        "select table_catalog, table_name from snowflake.account_usage.tables where deleted is null "
        "order by 1",
    ) == [("D", "T"), ("E", "U")]
    assert _rows(house, "select table_name, column_name from snowflake.account_usage.columns order by 1") == [
        ("T", "A"),
        ("U", "B"),
    ]


def test_the_views_list_themselves(house: House) -> None:
    names = {
        name
        for (name,) in _rows(
            house,
            "select table_name from information_schema.tables where table_schema = 'INFORMATION_SCHEMA'",
        )
    }
    assert {"TABLES", "COLUMNS", "SCHEMATA"} <= names
    for name in names:
        listed = _rows(
            house,
            f"select column_name from information_schema.columns where table_name = '{name}' "
            "order by ordinal_position",
        )
        result = house.run(f"select * from information_schema.{name} limit 1").result
        assert [column.name for column in result.columns] == [column for (column,) in listed]


def test_an_unqualified_name_is_looked_up_in_the_current_database(house: House) -> None:
    house.run("create database e")
    house.run("drop schema public")
    # Without a current schema too.
    assert _rows(house, "select count(*) from information_schema.schemata") == [(1,)]
    house.run("use schema d.s")
    house.run("create table t as select table_name from e.information_schema.tables")
    house.run("create view v as select table_name from information_schema.tables where table_schema = 'S'")
    house.run("use database e")
    assert _rows(house, "select * from d.s.v order by 1") == [("T",), ("V",)]


def test_joins_and_aliases_work_as_with_any_table(house: House) -> None:
    house.run("create table t (a int, b int)")
    assert _rows(
        house,
        "select t.table_name, count(*) from information_schema.tables t join information_schema.columns c "
        "using (table_schema, table_name) where t.table_schema = 'S' group by all",
    ) == [("T", 2)]
    assert _rows(
        house,
        "with w as (select * from information_schema.tables) select information_schema.schemata.schema_name "
        "from information_schema.schemata where schema_name in (select table_schema from w) order by 1",
    ) == [("INFORMATION_SCHEMA",), ("S",)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select * from information_schema.nope", "Object 'D.INFORMATION_SCHEMA.NOPE' does not exist"),
        ("select * from nope.information_schema.tables", "Database 'NOPE' does not exist"),
        ("select * from information_schema.pipes", "Unsupported feature 'INFORMATION_SCHEMA.PIPES'"),
        ("select * from table(information_schema.copy_history())", "INFORMATION_SCHEMA.COPY_HISTORY"),
        ("select * from snowflake.account_usage.nope", "does not exist"),
        ("select * from snowflake.nope.tables", "does not exist"),
        ("insert into information_schema.tables (table_name) values ('x')", "does not exist"),
    ],
)
def test_what_is_not_there_is_refused(house: House, sql: str, message: str) -> None:
    with pytest.raises(ClockmillError, match=message):
        house.run(sql)


def test_routines_are_listed_with_their_signatures(house: House) -> None:
    house.run("create function f(a int, b varchar) returns number(10,2) comment = 'c' as 'a + 1'")
    house.run("create procedure p() returns varchar language sql as $$ begin return 'x'; end $$")
    assert _rows(
        house,
        "select function_name, argument_signature, data_type, numeric_scale, function_language, "
        "function_definition, volatility, comment from information_schema.functions",
    ) == [("F", "(A NUMBER, B VARCHAR)", "NUMBER", 2, "SQL", "a + 1", "VOLATILE", "c")]
    assert _rows(
        house,
        "select procedure_schema, procedure_name, argument_signature, data_type, procedure_owner "
        "from information_schema.procedures",
    ) == [("S", "P", "()", "VARCHAR", "ACCOUNTADMIN")]
    for kind in ("functions", "procedures"):
        assert _rows(house, f"select count(*) from snowflake.account_usage.{kind}") == [(1,)]
        assert _rows(house, f"select count(*) from snowflake.information_schema.{kind}") == [(0,)]


def test_keys_are_listed_as_constraints(house: House) -> None:
    house.run("create table t (a int primary key, b int unique)")
    assert _rows(
        house,
        "select table_name, constraint_type, enforced from information_schema.table_constraints order by 2",
    ) == [("T", "PRIMARY KEY", "NO"), ("T", "UNIQUE", "NO")]


def test_the_name_of_the_systems_database_is_taken(house: House) -> None:
    with pytest.raises(ClockmillError, match="already exists"):
        house.run("create database snowflake")
    with pytest.raises(ClockmillError, match="belongs to the system"):
        house.run("create or replace database snowflake")
    (answer,) = house.rows("create database if not exists snowflake")
    assert "already exists" in answer[0]
