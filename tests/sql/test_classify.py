"""What each statement is: a table of texts and the values they are read as."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.errors import ClockmillError, InvalidRequest, SyntaxFault, Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.catalog import ChangeObject, CreateObject, DropObject, ObjectKind, SwitchWarehouse
from clockmill.sql.classify import needs_slot, read_statement, takes_slot
from clockmill.sql.functions import CallFunctions, FunctionCall, ResultScan
from clockmill.sql.parser import Bound, Reference, VariableValue
from clockmill.sql.settings import AlterSession, Assignment, SetVariables, UnsetVariables
from clockmill.sql.show import Describe, Scope, Show, Subject
from clockmill.sql.statement import EngineStatement, Statement, TransactionStatement, Verb
from clockmill.sql.tags import CreateTag, TagObject
from clockmill.sql.task import ExecuteTask, SwitchTask
from clockmill.sql.use import Place, Use


def _name(*parts: str) -> Reference:
    return Reference(parts)


def _engine(kind: Verb) -> EngineStatement:
    return EngineStatement(kind=kind)


def _call(name: str, *arguments: Any, column: str | None = None) -> CallFunctions:
    return CallFunctions(calls=(FunctionCall(name, arguments, column or name),))


def _select(name: str, *arguments: Any, column: str) -> CallFunctions:
    return CallFunctions(calls=(FunctionCall(name, arguments, column),), is_select=True)


ENGINE = [
    ("select 1", Verb.SELECT),
    ("  -- hello\n select * from t", Verb.SELECT),
    ("with a as (select 1) select * from a", Verb.SELECT),
    ("(select 1) union (select 2)", Verb.SELECT),
    ("values (1)", Verb.SELECT),
    ("insert overwrite into t select 1", Verb.INSERT),
    ("update t set a = 1", Verb.UPDATE),
    ("delete from t using s where t.a = s.a", Verb.DELETE),
    ("merge into t using s on t.a = s.a when matched then delete", Verb.MERGE),
    ("truncate table if exists t", Verb.TRUNCATE),
    ("create or replace transient table t (a int)", Verb.CREATE),
    ("create local temporary table t (a int)", Verb.CREATE),
    ("create table if not exists t as select 1", Verb.CREATE),
    ("create secure view v as select 1", Verb.CREATE),
    ("create sequence s", Verb.CREATE),
    ("alter table t add column b int", Verb.ALTER),
    ("drop table if exists t", Verb.DROP),
    ("drop view v", Verb.DROP),
    ("select current_role(), a from t", Verb.SELECT),
    ("select system$wait(a) from t", Verb.SELECT),
    ("select upper(current_role())", Verb.SELECT),
    ("select to_char(system$task_runtime_info('X'))", Verb.SELECT),
    ("select * from table(result_scan('x')) where a = 1", Verb.SELECT),
]

READ: list[tuple[str, Statement]] = [
    ("begin", TransactionStatement(kind=Verb.BEGIN)),
    ("begin name t1;", TransactionStatement(kind=Verb.BEGIN)),
    ("START TRANSACTION", TransactionStatement(kind=Verb.BEGIN)),
    ("commit work", TransactionStatement(kind=Verb.COMMIT)),
    ("rollback", TransactionStatement(kind=Verb.ROLLBACK)),
    ('use role "R"', Use(place=Place.ROLE, name=_name("R"))),
    ("use warehouse w", Use(place=Place.WAREHOUSE, name=_name("W"))),
    ("use d", Use(place=Place.DATABASE, name=_name("D"))),
    ("use database", Use(place=Place.DATABASE, name=_name("DATABASE"))),
    ("use d.s", Use(place=Place.SCHEMA, name=_name("D", "S"))),
    ("use schema s", Use(place=Place.SCHEMA, name=_name("S"))),
    ("use schema identifier('d.\"s\"')", Use(place=Place.SCHEMA, name=_name("D", "s"))),
    ("use schema identifier($x)", Use(place=Place.SCHEMA, name=Reference(variable="X"))),
    ("use schema identifier(?)", Use(place=Place.SCHEMA, name=Reference(binding="1"))),
    ("use secondary roles all", Use(place=Place.SECONDARY_ROLES, name=Reference())),
    (
        "alter session set timezone = 'UTC', query_tag='x' autocommit=false",
        AlterSession(settings={"TIMEZONE": "UTC", "QUERY_TAG": "x", "AUTOCOMMIT": False}),
    ),
    ("alter session unset timezone, query_tag", AlterSession(unset=("TIMEZONE", "QUERY_TAG"))),
    ("set v = 1", SetVariables(assignments=(Assignment("V", literal=1),))),
    ("set v = 'it''s';", SetVariables(assignments=(Assignment("V", literal="it's"),))),
    (
        "set v = (select max(a) from t)",
        SetVariables(assignments=(Assignment("V", "(select max(a) from t)"),)),
    ),
    (
        "set (v, w) = (1, greatest(2, 3))",
        SetVariables(assignments=(Assignment("V", literal=1), Assignment("W", "greatest(2, 3)"))),
    ),
    ("set v = -1", SetVariables(assignments=(Assignment("V", "-1"),))),
    ("unset v", UnsetVariables(names=("V",))),
    ("unset (v, w)", UnsetVariables(names=("V", "W"))),
    (
        "create or replace database d comment = 'c'",
        CreateObject(
            kind=ObjectKind.DATABASE, name=_name("D"), mode=CreateMode.OR_REPLACE, properties={"COMMENT": "c"}
        ),
    ),
    (
        "create transient schema if not exists d.s with managed access",
        CreateObject(
            kind=ObjectKind.SCHEMA,
            name=_name("D", "S"),
            mode=CreateMode.IF_NOT_EXISTS,
            properties={"MANAGED_ACCESS": True},
            is_transient=True,
        ),
    ),
    (
        "create warehouse w with warehouse_size = xsmall, auto_suspend = 60 initially_suspended = true",
        CreateObject(
            kind=ObjectKind.WAREHOUSE,
            name=_name("W"),
            mode=CreateMode.ERROR_IF_EXISTS,
            properties={"WAREHOUSE_SIZE": "xsmall", "AUTO_SUSPEND": 60, "INITIALLY_SUSPENDED": True},
        ),
    ),
    (
        "drop schema if exists d.s cascade",
        DropObject(kind=ObjectKind.SCHEMA, name=_name("D", "S"), if_exists=True),
    ),
    ("drop task identifier('a.b.c')", DropObject(kind=ObjectKind.TASK, name=_name("A", "B", "C"))),
    ("drop tag t", DropObject(kind=ObjectKind.TAG, name=_name("T"))),
    (
        "alter warehouse if exists w set max_concurrency_level = 1",
        ChangeObject(
            kind=ObjectKind.WAREHOUSE, name=_name("W"), if_exists=True, settings={"MAX_CONCURRENCY_LEVEL": 1}
        ),
    ),
    (
        "alter database d unset comment",
        ChangeObject(kind=ObjectKind.DATABASE, name=_name("D"), if_exists=False, unset=("COMMENT",)),
    ),
    (
        "alter warehouse w resume if suspended",
        SwitchWarehouse(name=_name("W"), if_exists=False, resume=True, if_suspended=True),
    ),
    (
        "create tag if not exists d.s.t allowed_values 'a', 'b' comment = 'c'",
        CreateTag(
            name=_name("D", "S", "T"), mode=CreateMode.IF_NOT_EXISTS, allowed_values=("a", "b"), comment="c"
        ),
    ),
    (
        "alter task x set tag t = '1', s.u = '2'",
        TagObject(
            kind=ObjectKind.TASK, name=_name("X"), assignments=((_name("T"), "1"), (_name("S", "U"), "2"))
        ),
    ),
    (
        "alter schema if exists s unset tag t",
        TagObject(kind=ObjectKind.SCHEMA, name=_name("S"), if_exists=True, removed=(_name("T"),)),
    ),
    (
        "alter account set tag t = 'v'",
        TagObject(kind=ObjectKind.ACCOUNT, name=None, assignments=((_name("T"), "v"),)),
    ),
    ("alter task if exists t resume", SwitchTask(name=_name("T"), if_exists=True, resume=True)),
    ("alter task d.s.t suspend;", SwitchTask(name=_name("D", "S", "T"), if_exists=False, resume=False)),
    ("execute task t", ExecuteTask(name=_name("T"))),
    ("execute task t retry last", ExecuteTask(name=_name("T"), retry_last=True)),
    ('execute task t using config = $${"a": 1}$$', ExecuteTask(name=_name("T"), config='{"a": 1}')),
    ("show tasks like '%%'", Show(subject=Subject.TASKS, like="%%")),
    (
        "show terse tasks like 'a%' in schema d.s starts with 'A' root only limit 5 from 'B'",
        Show(
            subject=Subject.TASKS,
            terse=True,
            like="a%",
            scope=Scope.SCHEMA,
            scope_name=_name("D", "S"),
            starts_with="A",
            root_only=True,
            limit=5,
            from_name="B",
        ),
    ),
    ("show schemas in database", Show(subject=Subject.SCHEMAS, scope=Scope.DATABASE)),
    ("show tables in d.s", Show(subject=Subject.TABLES, scope_name=_name("D", "S"))),
    ("show objects in account limit 10", Show(subject=Subject.OBJECTS, scope=Scope.ACCOUNT, limit=10)),
    (
        "show parameters like 'time%' in session",
        Show(subject=Subject.PARAMETERS, like="time%", scope=Scope.SESSION),
    ),
    ("show parameters for task t", Show(subject=Subject.PARAMETERS, scope=Scope.TASK, scope_name=_name("T"))),
    ("desc table t", Describe(kind="TABLE", name=_name("T"))),
    ("describe task identifier('d.s.t')", Describe(kind="TASK", name=_name("D", "S", "T"))),
    ("call system$wait(3)", _call("SYSTEM$WAIT", 3)),
    ("call system$wait(1, 'MINUTES');", _call("SYSTEM$WAIT", 1, "MINUTES")),
    ("call system$set_return_value(?)", _call("SYSTEM$SET_RETURN_VALUE", Bound("1"))),
    ("call system$set_return_value($v)", _call("SYSTEM$SET_RETURN_VALUE", VariableValue("V"))),
    (
        "select system$cancel_query('x')",
        _select("SYSTEM$CANCEL_QUERY", "x", column="SYSTEM$CANCEL_QUERY('x')"),
    ),
    ("SELECT current_role() AS r", _select("CURRENT_ROLE", column="R")),
    ("select * from table(result_scan('id'))", ResultScan(query="id")),
    (
        "select * from table(result_scan(last_query_id(-2)));",
        ResultScan(query=FunctionCall("LAST_QUERY_ID", (-2,), "LAST_QUERY_ID(-2)")),
    ),
]

REFUSED = [
    ("create dynamic table t as select 1", "CREATE DYNAMIC TABLE"),
    ("create materialized view v as select 1", "CREATE MATERIALIZED VIEW"),
    ("create external table t", "CREATE EXTERNAL TABLE"),
    ("create user u password = 'x'", "CREATE USER"),
    ("create database d clone e", "CREATE DATABASE … CLONE"),
    ("alter database d rename to e", "ALTER DATABASE … RENAME"),
    ("grant role r to user u", "GRANT"),
    ("copy into t from @s", "COPY"),
    ("put file:///x @s", "PUT"),
    ("ls '@st'", "LS"),
    ("pragma version", "PRAGMA"),
    ("attach 'x.db'", "ATTACH"),
    ("install httpfs", "INSTALL"),
    ("call system$no_such_thing()", "function SYSTEM$NO_SUCH_THING"),
]


@pytest.mark.parametrize(("text", "kind"), ENGINE)
def test_queries_and_changes_of_tables_are_the_engines(text: str, kind: Verb) -> None:
    assert read_statement(text) == _engine(kind)


@pytest.mark.parametrize(("text", "statement"), READ, ids=[text for text, _ in READ])
def test_our_own_statements_are_read_as_values(text: str, statement: Statement) -> None:
    assert read_statement(text) == statement


@pytest.mark.parametrize(("text", "construct"), REFUSED)
def test_what_is_not_supported_is_refused_by_name(text: str, construct: str) -> None:
    """Nothing unknown may reach an engine, and the user must learn what it was."""
    with pytest.raises(Unsupported) as caught:
        read_statement(text)
    assert caught.value.construct == construct


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("grant execute task on account to role r", "leave the statement out"),
        ("revoke all on schema s from role r", "leave the statement out"),
        ("create role if not exists r", "USE ROLE SYSADMIN"),
        ("drop user if exists u", "clockmill user"),
        ("copy into t from @s", "load rows with INSERT"),
        ("create or replace temporary stage s", "load rows with INSERT"),
        ("create file format f type = csv", "load rows with INSERT"),
    ],
)
def test_what_most_scripts_have_is_refused_with_what_to_do_instead(text: str, advice: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read_statement(text)

    assert caught.value.message.startswith(f"Unsupported feature '{caught.value.construct}'. ")
    assert advice in caught.value.message


@pytest.mark.parametrize(
    "text",
    ["", "-- only", "foo bar", "use", "use schema a.b.c", "use a.b.c", "show tasks limit x", "drop database",
     "create or replace tag if not exists t", "alter session set", "set v", "alter session set a =",
     "execute task", "execute task t now", "select 'x", "use warehouse a.b", "begin transaction now"],
)  # fmt: skip
def test_what_does_not_parse_is_a_syntax_error(text: str) -> None:
    with pytest.raises((SyntaxFault, Unsupported)):
        read_statement(text)


@pytest.mark.parametrize("text", ["", " -- only", ";", " ;\n; -- so"])
def test_nothing_but_semicolons_is_an_empty_statement(text: str) -> None:
    """A client that cuts a script at its semicolons sends the second of two as a statement."""
    with pytest.raises(SyntaxFault, match="Empty SQL statement"):
        read_statement(text)


def test_a_syntax_error_says_where_and_what() -> None:
    """The form of the message is the service's."""
    with pytest.raises(SyntaxFault) as caught:
        read_statement("use role a\n  b")
    assert caught.value.message == "SQL compilation error:\nsyntax error line 2 at position 2 unexpected 'b'."
    assert caught.value.code == "001003"


@pytest.mark.parametrize("expression", ["'a' || 'b'", "(select 1)", "upper('x')", "a", "1 + 1"])
@pytest.mark.parametrize("form", ["call {}", "select {}", "insert into t select {}"])
def test_a_return_value_is_a_literal_or_bound(form: str, expression: str) -> None:
    with pytest.raises(InvalidRequest, match="must be a literal or a bind variable"):
        read_statement(form.format(f"system$set_return_value({expression})"))


@pytest.mark.parametrize("literal", ["'a'", "?", ":1", "$v", "12"])
def test_a_literal_return_value_is_taken_within_a_query(literal: str) -> None:
    assert read_statement(f"select system$set_return_value({literal}) from t") == _engine(Verb.SELECT)


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("insert into t values (1)", True),
        ("call system$wait(1)", True),
        ("set v = (select 1)", True),
        ("set v = 1", False),
        ("commit", False),
        ("alter task t suspend", False),
        ("execute task t", False),
        ("select system$user_task_cancel_ongoing_executions('t')", False),
        ("show tables", False),
        ("use role r", False),
        ("create schema s", False),
        ("not a statement", False),
        ("begin select 1; end", True),
    ],
)
def test_only_what_works_in_the_engine_takes_a_slot(text: str, takes: bool) -> None:
    """A body that steers other tasks must get through when they hold every slot."""
    assert takes_slot(text) is takes


def test_reading_is_repeatable() -> None:
    """The cache gives what reading gives."""
    assert read_statement("select 1") == read_statement("select 1")
    assert needs_slot(read_statement("select 1"))


_WORDS = (
    "create or replace alter drop task tag set unset show in like schema 'x' x ( ) , = . ; 1 identifier "
    "if exists call system$wait select * from table result_scan $v ? : use with -"
)


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=12))
def test_any_words_are_read_or_refused_with_our_own_errors(words: list[str]) -> None:
    with contextlib.suppress(ClockmillError):
        assert isinstance(read_statement(" ".join(words)), Statement)
