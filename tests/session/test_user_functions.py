"""Functions that users make, through the door: made, checked, used, changed, dropped."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, Unsupported
from clockmill.engine.duckdb.faults import CompilationFault


def test_a_function_works_wherever_an_expression_may_stand(house: House) -> None:
    house.run("create table t as select 1 n union all select 2 union all select 3")
    house.run("create function twice(x number) returns number as 'x * 2'")
    assert house.rows("select twice(n) k from t where twice(n) > 2 order by k desc") == [(6,), (4,)]
    house.run("update t set n = twice(n) where n = 3")
    assert house.rows("select sum(n) from t") == [(9,)]
    assert house.rows("begin let x := twice(4); return x + twice(1); end") == [(10,)]


def test_a_function_changes_for_statements_that_were_run_before(house: House) -> None:
    """Translations are kept; one with the old body would give the old answer."""
    house.run("create schema other")
    house.run("use schema s")
    house.run("create view v as select 1 a")
    house.run("create function f(x int) returns int as 'x + 1'")
    house.run("create or replace view v as select f(1) a")
    for query in ("select f(1)", "select a from v"):
        assert house.rows(query) == [(2,)]
    house.run("create or replace function f(x int) returns int as 'x + 100'")
    for query in ("select f(1)", "select a from v"):
        assert house.rows(query) == [(101,)]
    house.run("create function f(x number, y number default 5) returns int as 'y'")
    assert house.rows("select f(1)") == [(101,)]
    house.run("alter function f(int) rename to g")
    assert house.rows("select f(1)") == [(5,)]
    house.run("drop function f(int, int)")
    with pytest.raises(Unsupported, match="function F"):
        house.run("select f(1)")


def test_a_function_sees_the_tables_of_its_own_schema(house: House) -> None:
    house.run("create schema other")
    house.run("create table t as select 'other' n")
    house.run("create function f() returns varchar as 'select max(n) from t'")
    house.run("use schema s")
    house.run("create table t as select 'mine' n")
    assert house.rows("select other.f(), d.other.f()") == [("other", "other")]


def test_a_table_function_stands_beside_a_table_row_by_row(house: House) -> None:
    house.run("create table t as select 1 n union all select 2")
    house.run("create function up_to(m int) returns table (k int) as 'select n from t where n <= m'")
    assert house.rows("select n, k from t, table(up_to(n)) order by 1, 2") == [(1, 1), (2, 1), (2, 2)]
    assert house.rows("select k from table(up_to(1))") == [(1,)]


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("f(x int) returns int as 'y + 1'", "invalid identifier 'Y'"),
        ("f(x int) returns int as 'select a from missing'", "'MISSING' does not exist"),
        ("f() returns table (a int) as 'select a from missing'", "'MISSING' does not exist"),
        ("f(x int) returns int as 'nonesuch(x)'", "function NONESUCH"),
        ("f(x int) returns int as 'x +'", "syntax error"),
        (
            "f(x int) returns int as $$begin insert into t values (1); return 1; end$$",
            "in the body of a function",
        ),
        ("f(x int) returns int as $$begin return (select 1); end$$", "in the body of a function"),
        ("f() returns table (a int) as $$begin return 1; end$$", "a table function whose body is a block"),
    ],
)
def test_a_body_that_cannot_work_is_refused_when_the_function_is_made(
    house: House, made: str, error: str
) -> None:
    with pytest.raises(ClockmillError, match=error):
        house.run(f"create function {made}")
    assert house.rows("show functions") == []


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [("3", "nnn"), ("1 + 1, 'ab'", "abab"), ("$two", "nn"), ("s => 'z', x => 1", "z")],
)
def test_a_block_is_evaluated_for_arguments_that_need_no_row(
    house: House, arguments: str, answer: str
) -> None:
    house.run("set two = 2")
    house.run(
        "create function again(x int, s varchar default 'n') returns varchar as "
        "$$declare r varchar default ''; begin for i in 1 to x do r := r || s; end for; return r; end$$"
    )
    assert house.rows(f"select again({arguments})") == [(answer,)]


def test_a_block_is_refused_for_each_row_by_name(house: House) -> None:
    """An engine cannot run a script for each row; nothing else would give the same answer."""
    house.run("create table t as select 1 n")
    house.run("create function f(x int) returns int as $$begin return x + 1; end$$")
    with pytest.raises(Unsupported, match="F, whose body is a block, for each row"):
        house.run("select f(n) from t")
    assert house.rows("select f(1) + n from t") == [(3,)]


def test_show_and_describe_tell_of_functions(house: House) -> None:
    house.run("create secure function f(x int, y float default 1) returns float memoizable as 'x * y'")
    house.run("create function t(x int) returns table (a int, b varchar) as $$select x, 'b'$$")
    house.run("comment on function t(int) is 'a table'")

    scalar, table = house.shown("show user functions")
    assert (scalar["arguments"], scalar["is_memoizable"], scalar["is_secure"], scalar["language"]) == (
        "F(NUMBER, DEFAULT FLOAT) RETURN FLOAT",
        "Y",
        "Y",
        "SQL",
    )
    assert (table["arguments"], table["is_table_function"], table["description"]) == (
        "T(NUMBER) RETURN TABLE (A NUMBER, B VARCHAR)",
        "Y",
        "a table",
    )
    assert house.rows("describe function f(int, float)") == [
        ("signature", "(X NUMBER, Y FLOAT)"),
        ("returns", "FLOAT"),
        ("language", "SQL"),
        ("body", "x * y"),
    ]
    assert house.rows("describe function t(int)")[1] == ("returns", "TABLE (A NUMBER, B VARCHAR)")


def test_a_function_is_not_called_like_a_procedure(house: House) -> None:
    house.run("create function f() returns int as '1'")
    with pytest.raises(ClockmillError, match="Unknown function"):
        house.run("call f()")


def test_a_function_that_would_call_itself_is_refused(house: House) -> None:
    house.run("create function f(x int) returns int as 'x'")
    house.run("create or replace function f(x int) returns int as 'f(x) + 1'")
    with pytest.raises(ClockmillError, match="calls itself"):
        house.run("select f(1)")


def test_a_function_of_that_name_does_not_stand_in_for_one_of_the_languages_own(house: House) -> None:
    house.run("create function upper(x varchar) returns varchar as $$'mine'$$")
    assert house.rows("select upper('a'), s.upper('a')") == [("A", "mine")]


def test_bind_values_reach_a_function(house: House) -> None:
    house.run("create function f(x int) returns int as 'x * x'")
    with pytest.raises(CompilationFault, match="not set"):
        house.run("select f(?)")


@pytest.mark.parametrize(
    ("body", "returns", "said"),
    [
        ("a + nosuch", "int", "error line 1 at position 4\ninvalid identifier 'NOSUCH'"),
        ("\n  select 1,\n  nosuch", "int", "error line 3 at position 2\ninvalid identifier 'NOSUCH'"),
        ("select nosuch from (select 1)", "table (x int)", "error line 1 at position 7\ninvalid identifier"),
        ("select 1 1", "int", "syntax error line 1 at position 9 unexpected '1'"),
        ("select max(1) from", "int", "syntax error line 1 at position 18 unexpected '<EOF>'"),
    ],
)
def test_errors_in_a_body_name_their_place_in_it(house: House, body: str, returns: str, said: str) -> None:
    with pytest.raises(ClockmillError) as refusal:
        house.run(f"create function f(a int) returns {returns} as $${body}$$")
    assert said in refusal.value.message
