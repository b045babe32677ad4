"""Reading CREATE, ALTER, DROP, DESCRIBE and CALL of procedures and functions."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.errors import ClockmillError, SyntaxFault, Unsupported
from clockmill.core.routine import Argument, Rights, RoutineKind, TableColumn
from clockmill.core.task import CreateMode
from clockmill.core.types import FLOAT, NUMBER, TEXT
from clockmill.sql.calls import CallAnonymous, CallArgument, CallProcedure
from clockmill.sql.classify import needs_slot, read_statement
from clockmill.sql.parser import Reference
from clockmill.sql.routines import (
    AlterRoutine,
    CreateRoutine,
    DescribeRoutine,
    DropRoutine,
    RoutineReference,
    TagRoutine,
)


def created(text: str) -> CreateRoutine:
    statement = read_statement(text)
    assert isinstance(statement, CreateRoutine)
    return statement


def test_a_procedure_with_every_clause() -> None:
    statement = created(
        "create or replace secure procedure d.s.p(a int, \"b\" varchar default 'x, (y)') "
        "returns number(10, 2) not null language sql copy grants strict volatile comment = 'c' "
        "execute as caller as $$begin return a; end$$"
    )
    spec = statement.spec

    assert (statement.kind, statement.mode) == (RoutineKind.PROCEDURE, CreateMode.OR_REPLACE)
    assert statement.name == Reference(("D", "S", "P"))
    assert spec.arguments == (
        Argument(name="A", type=NUMBER),
        Argument(name="b", type=TEXT, default="'x, (y)'"),
    )
    assert spec.returns is not None
    assert (spec.returns.precision, spec.returns.scale, spec.returns.is_nullable) == (10, 2, False)
    assert (spec.language, spec.rights, spec.comment) == ("SQL", Rights.CALLER, "c")
    assert (spec.is_strict, spec.is_secure, spec.is_immutable) == (True, True, False)
    assert spec.body == "begin return a; end"


def test_a_procedure_runs_with_its_owners_rights_unless_it_says_otherwise() -> None:
    assert created("create procedure p() returns int as 'begin return 1; end'").spec.rights is Rights.OWNER


@pytest.mark.parametrize(
    "body",
    [
        "begin return 1; end",
        "begin begin select 1; end; return case when true then 1 end; end",
        "declare x int default 1; begin if (x = 1) then return 1; end if; end",
    ],
)
@pytest.mark.parametrize("end", ["", ";", " ; -- done"])
def test_a_body_may_stand_as_it_is(body: str, end: str) -> None:
    assert created(f"create procedure p() returns int language sql as {body}{end}").spec.body == body


def test_a_function_returns_a_value_or_a_table() -> None:
    scalar = created("create function if not exists f(x float) returns float immutable memoizable as 'x * 2'")
    table = created("create function f() returns table(a int, \"b\" string) as $$select 1, 'x'$$").spec

    assert scalar.mode is CreateMode.IF_NOT_EXISTS
    assert (scalar.spec.returns, scalar.spec.is_immutable, scalar.spec.is_memoizable) == (FLOAT, True, True)
    assert (table.returns, table.is_table) == (None, True)
    assert table.columns == (TableColumn(name="A", type=NUMBER), TableColumn(name="b", type=TEXT))
    assert created("create procedure p() returns table() as $$begin end$$").spec.is_table


def test_incoming_arguments_may_say_that_they_are() -> None:
    arguments = created("create procedure p(x in int, y input varchar default 'a') returns int as 'x'")
    assert [each.name for each in arguments.spec.arguments] == ["X", "Y"]


def test_a_language_that_is_not_there_is_said_before_anything_else() -> None:
    """Clients make temporary procedures in Python; what stands in the way is the language."""
    assert (
        created("create temporary procedure p() returns int language python as 'x'").spec.language == "PYTHON"
    )


def test_clauses_of_other_languages_are_kept_for_them() -> None:
    spec = created(
        "create procedure p() returns string language python runtime_version = 3.11 "
        "packages = ('snowflake-snowpark-python', 'x') handler = 'h' artifact_repository = a.b "
        "secrets = ('s' = d.e) external_access_integrations = (f, g) as $$def h(s): pass$$"
    ).spec

    assert spec.language == "PYTHON"
    assert spec.options == {
        "RUNTIME_VERSION": 3.11,
        "PACKAGES": ["snowflake-snowpark-python", "x"],
        "HANDLER": "h",
        "ARTIFACT_REPOSITORY": "a.b",
        "SECRETS": ["s=d.e"],
        "EXTERNAL_ACCESS_INTEGRATIONS": ["f", "g"],
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("create temporary procedure p() returns int as 'x'", "CREATE TEMPORARY PROCEDURE"),
        ("create function f(x out int) returns int as 'x'", "the output argument X of a FUNCTION"),
        ("create aggregate function f(x int) returns int as 'x'", "CREATE AGGREGATE"),
        ("create external function f(x int) returns int as 'x'", "CREATE EXTERNAL FUNCTION"),
        ("create procedure p() returns int execute as restricted caller as 'x'", "RESTRICTED CALLER"),
        ("create procedure p(x geography) returns int as 'x'", "GEOGRAPHY"),
        ("alter function f(int) set log_level = 'INFO'", "ALTER FUNCTION … SET LOG_LEVEL"),
        ("with p as procedure () returns int as 'x', c as (select 1) call p()", "a query beside"),
    ],
)
def test_what_we_do_not_have_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(Unsupported, match=named):
        read_statement(text)


@pytest.mark.parametrize(
    "text",
    [
        "create procedure p() returns int",
        "create procedure p returns int as 'x'",
        "create procedure p() as 'x'",
        "create procedure p(a int, a int) returns int as 'x'",
        "create procedure p(a int default 1, b int) returns int as 'x'",
        "create procedure p() returns int as select 1",
        "create procedure p() returns int as begin return 1;",
        "create function f() returns int execute as caller as 'x'",
        "create or replace procedure if not exists p() returns int as 'x'",
        "drop procedure p",
        "drop procedure p(int) cascade",
        "describe function f",
        "call p",
        "call p(1",
        "call p(a => 1, a => 2)",
        "call p(1,)",
        "with p as procedure () returns int as 'x' call q()",
        "with p as procedure () returns int as 'x'",
    ],
)
def test_what_is_no_such_statement_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxFault):
        read_statement(text)


def test_one_that_is_there_is_named_with_the_types_of_its_arguments() -> None:
    wanted = RoutineReference(
        RoutineKind.PROCEDURE, Reference(("S", "P")), ("NUMBER", "VARCHAR", "FLOAT", "VARCHAR")
    )
    types = "int, varchar(10), double precision, x string"

    assert read_statement(f"drop procedure if exists s.p({types})") == DropRoutine(
        routine=wanted, if_exists=True
    )
    assert read_statement(f"desc procedure s.p({types});") == DescribeRoutine(routine=wanted)
    assert read_statement(f"alter procedure s.p({types}) rename to q") == AlterRoutine(
        routine=wanted, if_exists=False, new_name=Reference(("Q",))
    )


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("set comment = 'c'", {"comment": "c"}),
        ("unset comment", {"comment": ""}),
        ("execute as caller", {"rights": Rights.CALLER}),
        ("execute as owner", {"rights": Rights.OWNER}),
        ("set secure", {"is_secure": True}),
        ("unset secure", {"is_secure": False}),
    ],
)
def test_alter_changes_one_property(change: str, fields: dict[str, object]) -> None:
    statement = read_statement(f"alter procedure if exists p() {change}")
    assert isinstance(statement, AlterRoutine)
    assert statement.if_exists
    assert {name: getattr(statement, name) for name in fields} == fields


def test_alter_puts_tags_on_and_takes_them_off() -> None:
    put = read_statement("alter function f(int) set tag a.b = 'v', c = 'w'")
    taken = read_statement("alter function f(int) unset tag a.b, c")
    assert isinstance(put, TagRoutine)
    assert isinstance(taken, TagRoutine)
    assert put.assignments == ((Reference(("A", "B")), "v"), (Reference(("C",)), "w"))
    assert taken.removed == (Reference(("A", "B")), Reference(("C",)))


def test_the_arguments_of_a_call_are_kept_as_they_stand() -> None:
    statement = read_statement("call s.p(1 + 2, f(a, b), (select max(x) from t), ?, [1, 2][0], 'a,b');")
    assert isinstance(statement, CallProcedure)
    assert [each.text for each in statement.arguments] == [
        "1 + 2",
        "f(a, b)",
        "(select max(x) from t)",
        "?",
        "[1, 2][0]",
        "'a,b'",
    ]
    assert needs_slot(statement)


def test_arguments_may_be_given_by_name() -> None:
    statement = read_statement('call p("b" => :x, a => 1)')
    assert isinstance(statement, CallProcedure)
    assert statement.arguments == (CallArgument(":x", "b"), CallArgument("1", "A"))


@pytest.mark.parametrize("body", ["$$begin return n; end$$", "begin return n; end"])
def test_a_procedure_may_live_as_long_as_its_call(body: str) -> None:
    statement = read_statement(f"with p as procedure (n int) returns int language sql as {body} call p(3)")
    assert isinstance(statement, CallAnonymous)
    assert (statement.name, statement.spec.body) == ("P", "begin return n; end")
    assert statement.arguments == (CallArgument("3"),)


WORDS = (
    *(
        "create",
        "or",
        "replace",
        "procedure",
        "function",
        "p",
        "(",
        ")",
        ",",
        "a",
        "int",
        "varchar",
        "default",
    ),
    *("1", "'x'", "$$y$$", "returns", "table", "as", "language", "sql", "python", "=", "begin", "end", ";"),
    *("declare", "call", "with", "=>", "?", ":x", "drop", "alter", "describe", "strict"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_reading_any_words_ends_in_a_statement_or_our_own_error(words: list[str]) -> None:
    for opening in ("create procedure p (", "call p (", "with p as procedure (", "drop function"):
        with contextlib.suppress(ClockmillError):
            read_statement(" ".join([opening, *words]))


@pytest.mark.parametrize("kind", ["procedure", "function"])
def test_copy_grants_stands_before_what_is_returned(kind: str) -> None:
    found = read_statement(f"create or replace {kind} f(x int) copy grants returns int as 'x'")
    assert isinstance(found, CreateRoutine)
    assert found.spec.body == "x"
