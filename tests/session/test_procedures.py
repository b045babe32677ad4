"""Stored procedures through the door: which one a call means, in whose name it runs, what it gives."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, NotFound, SyntaxFault, Unsupported
from clockmill.core.routine import AmbiguousCall, NoSuchOverload, UnknownRoutine
from clockmill.core.types import NUMBER, TEXT, Kind
from clockmill.engine.protocol import Binding
from clockmill.session.routines import ReturnedTableMismatch


def define(house: House, head: str, body: str, clauses: str = "") -> None:
    """Make the procedure *head* («p(a int) returns int») with *body*."""
    house.run(f"create or replace procedure {head} language sql {clauses} as $${body}$$")


# --- calls -----------------------------------------------------------------------------------


def test_a_call_answers_with_one_cell_named_after_the_procedure(house: House) -> None:
    define(house, "double_it(n int) returns number(10, 0)", "begin return n * 2; end")
    result = house.run("call double_it(21)").result
    assert [(column.name, column.type.kind) for column in result.columns] == [("DOUBLE_IT", Kind.FIXED)]
    assert [tuple(row) for row in result.rows] == [(42,)]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("1, 'x'", "1x"),
        ("1", "1-"),
        ("b => 'q', a => 1 + 1", "2q"),
        ("a => 5", "5-"),
        ("(select max(n) from t), upper('y')", "3Y"),
        ("$five, $word", "5w"),
        ("'7', null", None),
        ("2.4, 'x'", "2x"),
        ("-3, 'it''s'", "-3it's"),
    ],
)
def test_arguments_come_in_every_form(house: House, arguments: str, answer: str | None) -> None:
    house.run("create table t as select 3 n")
    house.run("set (five, word) = (5, 'w')")
    define(house, "p(a int, b varchar default '-') returns varchar", "begin return a || b; end")
    assert house.rows(f"call p({arguments})") == [(answer,)]


def test_bind_values_are_arguments_by_their_place(house: House) -> None:
    define(house, "p(a int, b varchar, c int) returns varchar", "begin return a || b || c; end")
    bindings = {"1": Binding(4, NUMBER), "2": Binding("x", TEXT)}
    assert house.rows("call p(?, ?, 9)", bindings=bindings) == [("4x9",)]
    assert house.rows("call p(? + 1, ? || 'y', 9)", bindings=bindings) == [("5xy9",)]


def test_values_become_the_declared_types(house: House) -> None:
    define(
        house,
        "p(d date, f float, v variant, b boolean, n number(5, 1)) returns varchar",
        "begin return d || '|' || typeof(v) || '|' || b || '|' || n || '|' || (f / 2); end",
    )
    assert house.rows("call p('2024-02-03', 3, 5, 'yes', 1.26)") == [("2024-02-03|INTEGER|true|1.3|1.5",)]
    with pytest.raises(ClockmillError, match="not recognized"):
        house.run("call p('yesterday', 3, 5, 'yes', 1)")


def test_the_types_of_the_arguments_choose_between_overloads(house: House) -> None:
    define(house, "p(a int) returns varchar", "begin return 'number'; end")
    define(house, "p(a varchar) returns varchar", "begin return 'text'; end")
    define(house, "p(a int, b int) returns varchar", "begin return 'two'; end")
    assert house.rows("call p(1)") == [("number",)]
    assert house.rows("call p('1')") == [("text",)]
    assert house.rows("call p(1, 2)") == [("two",)]
    with pytest.raises(AmbiguousCall):
        house.run("call p(null)")
    with pytest.raises(NoSuchOverload):
        house.run("call p(1, 2, 3)")


def test_a_procedure_is_found_in_the_current_schema_or_by_its_full_name(house: House) -> None:
    house.run("create schema other")
    define(house, "p() returns varchar", "begin return 'other'; end")
    house.run("use schema s")
    with pytest.raises(UnknownRoutine, match=r"Unknown function D\.S\.P"):
        house.run("call p()")
    assert house.rows("call other.p()") == house.rows("call d.other.p()") == [("other",)]
    assert house.rows("call identifier('other.p')()") == [("other",)]
    house.run("drop schema other")
    with pytest.raises(UnknownRoutine):
        house.run("call other.p()")


def test_a_strict_procedure_is_not_run_for_a_null(house: House) -> None:
    define(house, "p(a int) returns varchar", "begin return 'ran'; end", "strict")
    assert house.rows("call p(null)") == [(None,)]
    assert house.rows("call p(1)") == [("ran",)]


def test_describing_a_call_runs_nothing(house: House) -> None:
    """Clients ask for the columns first; that must not do the work twice."""
    house.run("create table t (n int)")
    define(house, "p() returns float", "begin insert into t values (1); return 1; end")
    answer = house.run("call p()", describe_only=True)
    assert [(column.name, column.type.kind) for column in answer.result.columns] == [("P", Kind.REAL)]
    assert house.rows("select count(*) from t") == [(0,)]


# --- tables ----------------------------------------------------------------------------------


def test_a_procedure_returns_a_table_under_the_names_it_declares(house: House) -> None:
    house.run("create table t as select 1 a, 'x' b union all select 2, 'y'")
    body = "declare r resultset default (select a, b from t order by a); begin return table(r); end"
    define(house, "p() returns table (k int, v varchar)", body)
    define(house, "q() returns table ()", body)

    answers = [house.run(f"call {name}()").result for name in "pq"]

    assert [[column.name for column in each.columns] for each in answers] == [["K", "V"], ["A", "B"]]
    assert [[tuple(row) for row in each.rows] for each in answers] == [[(1, "x"), (2, "y")]] * 2


@pytest.mark.parametrize("declared", ["k varchar, v varchar", "k int", "k int, v varchar, w int"])
def test_a_table_that_is_not_as_declared_is_refused(house: House, declared: str) -> None:
    body = "declare r resultset default (select 1, 'x'); begin return table(r); end"
    define(house, f"p() returns table ({declared})", body)
    with pytest.raises(ReturnedTableMismatch):
        house.run("call p()")


# --- from a script ---------------------------------------------------------------------------


def test_a_script_takes_what_a_procedure_returns(house: House) -> None:
    define(house, "p(n int) returns int", "begin return n + 1; end")
    define(
        house,
        "q() returns table (k int)",
        "declare r resultset default (select 7); begin return table(r); end",
    )
    script = """
        declare x int; y int default 0; r resultset; n int default 4;
        begin
            call p(:n) into :x;
            r := (call q());
            for row_ in r do y := row_.k; end for;
            return x || ' ' || y;
        end
    """
    assert house.rows(script) == [("5 7",)]


def test_a_task_calls_a_procedure_as_its_owner(house: House) -> None:
    house.run("create table seen (who varchar, place varchar)")
    define(
        house,
        "p(w varchar) returns int",
        "begin insert into seen select :w || current_role(), current_schema(); return 1; end",
        "execute as caller",
    )
    outcome = house.run_body("call p('as ')")
    assert outcome.error_message is None
    assert house.rows("select * from seen") == [("as SYSADMIN", "S")]


def test_a_procedure_may_call_itself_within_bounds(house: House) -> None:
    define(
        house,
        "fact(n int) returns int",
        "declare r int; begin if (n <= 1) then return 1; end if; call fact(:n - 1) into :r; "
        "return n * r; end",
    )
    assert house.rows("call fact(10)") == [(3628800,)]
    with pytest.raises(ClockmillError, match="maximum stack depth of nested calls"):
        house.run("call fact(100)")


# --- rights ----------------------------------------------------------------------------------


def test_a_procedure_runs_as_its_owner_in_its_own_schema(house: House) -> None:
    house.run("create schema other")
    house.run("create table t as select 'other' n")
    house.run("use role sysadmin")
    define(house, "p() returns varchar", "begin return (select current_role() || ' ' || n from t); end")
    house.run("use role accountadmin")
    house.run("use schema s")
    house.run("create table t as select 'mine' n")

    assert house.rows("call other.p()") == [("SYSADMIN other",)]
    house.run("alter procedure other.p() execute as caller")
    assert house.rows("call other.p()") == [("ACCOUNTADMIN mine",)]
    assert house.rows("select current_role(), current_schema()") == [("ACCOUNTADMIN", "S")]


def test_what_a_callers_procedure_does_to_the_session_stays(house: House) -> None:
    house.run("set v = 1")
    define(
        house,
        "p() returns int",
        "begin set v = $v + 1; use schema public; return $v; end",
        "execute as caller",
    )
    assert house.rows("call p()") == [(2,)]
    assert house.rows("select $v, current_schema()") == [(2, "PUBLIC")]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("begin return $v; end", r"Use of session variable '\$V' is not allowed in owners rights"),
        ("begin select $v; return 1; end", r"Use of session variable '\$V' is not allowed"),
        ("begin return getvariable('V'); end", "Use of session variable"),
        ("begin set v = 2; return 1; end", "Unsupported statement type 'SET'"),
        ("begin unset v; return 1; end", "Unsupported statement type 'UNSET'"),
        ("begin use schema public; return 1; end", "Unsupported statement type 'USE'"),
        (
            "begin alter session set timezone = 'UTC'; return 1; end",
            "Unsupported statement type 'ALTER_SESSION'",
        ),
        ("begin call of_caller(); return 1; end", "Unsupported statement type 'SET'"),
        ("begin execute immediate 'set v = 2'; return 1; end", "Unsupported statement type 'SET'"),
    ],
)
def test_the_callers_session_is_out_of_reach_with_owners_rights(
    house: House, body: str, message: str
) -> None:
    house.run("set v = 1")
    define(house, "of_caller() returns int", "begin set v = 9; return 1; end", "execute as caller")
    define(house, "p() returns int", body)
    with pytest.raises(ClockmillError, match=message):
        house.run("call p()")
    assert house.rows("select $v") == [(1,)]


def test_a_block_of_the_caller_may_do_what_an_owners_procedure_may_not(house: House) -> None:
    assert house.rows("begin set v = 3; return $v; end") == [(3,)]


# --- transactions ----------------------------------------------------------------------------


def test_a_transaction_that_a_procedure_leaves_open_is_rolled_back(house: House) -> None:
    house.run("create table t (n int)")
    define(house, "p() returns int", "begin begin transaction; insert into t values (1); return 1; end")
    with pytest.raises(ClockmillError, match="Scoped transaction started in stored procedure is incomplete"):
        house.run("call p()")
    assert house.rows("select count(*) from t") == [(0,)]


def test_a_procedure_works_in_the_callers_transaction(house: House) -> None:
    house.run("create table t (n int)")
    define(house, "p() returns int", "begin insert into t values (1); return 1; end")
    for end, count in (("rollback", 0), ("commit", 1)):
        house.run("begin")
        house.run("call p()")
        house.run(end)
        assert house.rows("select count(*) from t") == [(count,)]


def test_a_procedure_may_not_end_the_callers_transaction(house: House) -> None:
    define(house, "p() returns int", "begin commit; return 1; end")
    house.run("begin")
    with pytest.raises(ClockmillError, match="started at a different scope"):
        house.run("call p()")
    house.run("rollback")


# --- anonymous -------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["$$begin return n * 2; end$$", "begin return n * 2; end"])
def test_a_procedure_may_live_for_one_call(house: House, body: str) -> None:
    assert house.rows(f"with p as procedure (n int) returns int language sql as {body} call p(21)") == [(42,)]
    with pytest.raises(UnknownRoutine):
        house.run("call p(21)")


def test_an_anonymous_procedure_has_the_callers_rights(house: House) -> None:
    house.run("set v = 7")
    assert house.rows("with p as procedure () returns int as 'begin return $v; end' call p()") == [(7,)]


def test_a_script_takes_what_an_anonymous_procedure_returns(house: House) -> None:
    script = """
        declare x int;
        begin
            with p as procedure (n int) returns int as 'begin return n + 1; end' call p(4) into :x;
            return x;
        end
    """
    assert house.rows(script) == [(5,)]


# --- making them -----------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["begin retrun 1; end", "select 1", "begin return 1;", ""])
def test_a_body_that_is_no_block_is_refused_when_the_procedure_is_made(house: House, body: str) -> None:
    with pytest.raises(SyntaxFault):
        house.run(f"create procedure p() returns int as $${body}$$")
    assert house.rows("show procedures") == []


@pytest.mark.parametrize("language", ["PYTHON", "JAVASCRIPT", "JAVA", "SCALA", "COBOL"])
def test_other_languages_are_refused_by_name(house: House, language: str) -> None:
    clauses = f"language {language.lower()} runtime_version = '3.11' packages = ('x') handler = 'main'"
    for made in (
        f"create procedure p() returns int {clauses} as 'x'",
        f"create function f() returns int {clauses} as 'x'",
        f"with p as procedure () returns int {clauses} as 'x' call p()",
    ):
        with pytest.raises(Unsupported, match=f"LANGUAGE {language}"):
            house.run(made)


def test_clauses_of_other_languages_are_refused_for_sql(house: House) -> None:
    with pytest.raises(Unsupported, match="HANDLER of a procedure in SQL"):
        house.run("create procedure p() returns int handler = 'h' as 'begin return 1; end'")


def test_show_lists_procedures_in_the_columns_that_clients_know(house: House) -> None:
    define(house, "p(a int, b varchar default 'x') returns varchar", "begin return a; end", "comment = 'c'")
    define(house, "t() returns table (a int)", "begin return table(x); end", "execute as caller")
    define(house, "public.q() returns int", "begin return 1; end")

    shown = house.shown("show procedures")
    assert [each["name"] for each in shown] == ["P", "T"]
    first = {name: value for name, value in shown[0].items() if name != "created_on"}
    assert first == {
        "name": "P",
        "schema_name": "S",
        "is_builtin": "N",
        "is_aggregate": "N",
        "is_ansi": "N",
        "min_num_arguments": 1,
        "max_num_arguments": 2,
        "arguments": "P(NUMBER, DEFAULT VARCHAR) RETURN VARCHAR",
        "description": "c",
        "catalog_name": "D",
        "is_table_function": "N",
        "valid_for_clustering": "N",
        "is_secure": "N",
        "secrets": None,
        "external_access_integrations": None,
    }
    assert (shown[1]["is_table_function"], shown[1]["description"]) == ("Y", "user-defined procedure")
    assert [each["name"] for each in house.shown("show user procedures in database d")] == ["Q", "P", "T"]
    assert [each["name"] for each in house.shown("show procedures like 't%' in schema d.s")] == ["T"]


def test_describe_tells_of_a_procedure_property_by_property(house: House) -> None:
    define(house, "p(a int, b varchar) returns varchar", "begin return a; end", "strict immutable")
    described = {row["property"]: row["value"] for row in house.shown("desc procedure p(number, string)")}
    assert described == {
        "signature": "(A NUMBER, B VARCHAR)",
        "returns": "VARCHAR(16777216)",
        "language": "SQL",
        "null handling": "RETURNS NULL ON NULL INPUT",
        "volatility": "IMMUTABLE",
        "execute as": "OWNER",
        "body": "begin return a; end",
    }
    with pytest.raises(NotFound, match=r"Procedure 'D\.S\.P\(NUMBER\)' does not exist"):
        house.run("desc procedure p(int)")


def test_a_procedure_is_altered_commented_on_tagged_and_dropped(house: House) -> None:
    define(house, "p(a int) returns int", "begin return 1; end")
    house.run("create tag cost")
    for statement in (
        "alter procedure p(int) rename to q",
        "comment on procedure q(int) is 'better'",
        "alter procedure q(int) set secure",
        "alter procedure q(int) set tag cost = 'low'",
        "alter procedure if exists p(int) set comment = 'gone'",
    ):
        assert house.rows(statement) == [("Statement executed successfully.",)]
    (shown,) = house.shown("show procedures")
    assert (shown["name"], shown["description"], shown["is_secure"]) == ("Q", "better", "Y")
    assert house.rows("drop procedure q(int)") == [("Q successfully dropped.",)]
    assert house.rows("show procedures") == []


def test_create_or_alter_makes_or_changes(house: House) -> None:
    for answer in (1, 2):
        house.run(f"create or alter procedure p() returns int as 'begin return {answer}; end'")
        assert house.rows("call p()") == [(answer,)]


@pytest.mark.parametrize(
    ("returns", "body", "said"),
    [
        ("int", "let r resultset := (select 1); return table(r);", "a value, and its body returns a table"),
        ("table (a int)", "return 1;", "a table, and its body returns a value"),
        ("table ()", "null;", "a table, and its body returns a value"),
    ],
)
def test_a_value_is_no_table(house: House, returns: str, body: str, said: str) -> None:
    house.run(f"create procedure p() returns {returns} as begin {body} end")
    with pytest.raises(ClockmillError, match=said):
        house.run("call p()")
