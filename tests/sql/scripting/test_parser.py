"""Scripting blocks, read into trees."""

import pytest

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.core.types import FLOAT, NUMBER, TEXT, TIMESTAMP_LTZ, TIMESTAMP_NTZ, fixed
from clockmill.sql.scripting import ast
from clockmill.sql.scripting.parser import parse_block, parse_execute_immediate


def _only(statement: str) -> ast.Instruction:
    (found,) = parse_block(f"begin {statement} end").statements
    return found


def _declared(declaration: str) -> ast.Declaration:
    (found,) = parse_block(f"declare {declaration} begin null; end").declarations
    return found


# --- declarations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("x int;", NUMBER, None),
        ("x number(8, 2) default 0;", fixed(8, 2), "0"),
        ("x varchar := 'a' || 'b';", TEXT, "'a' || 'b'"),
        ("x default 5;", None, "5"),
        ("x := (select max(i) from t);", None, "(select max(i) from t)"),
        ("x;", None, None),
        ("x timestamp;", TIMESTAMP_NTZ, None),
    ],
)
def test_a_variable_may_have_a_type_and_a_value(written: str, kind: object, value: str | None) -> None:
    found = _declared(written)

    assert isinstance(found, ast.VariableDeclaration)
    assert (found.name, found.type) == ("X", kind)
    assert (found.default.text if found.default else None) == value


def test_timestamp_means_what_the_session_says() -> None:
    block = parse_block("declare x timestamp; begin null; end", TIMESTAMP_LTZ)

    assert isinstance(block.declarations[0], ast.VariableDeclaration)
    assert block.declarations[0].type == TIMESTAMP_LTZ


def test_cursors_are_over_queries_or_result_sets() -> None:
    over_query = _declared("c cursor for select price from invoices where id > ?;")
    over_rows = _declared("c cursor for rs;")

    assert isinstance(over_query, ast.CursorDeclaration)
    assert isinstance(over_rows, ast.CursorDeclaration)
    assert over_query.query is not None
    assert over_query.query.text == "select price from invoices where id > ?"
    assert over_rows.result_set == "RS"


@pytest.mark.parametrize(
    ("written", "query", "is_async"),
    [
        ("r resultset;", None, False),
        ("r resultset default (select 1);", "select 1", False),
        ("r resultset := async (insert into t values (1));", "insert into t values (1)", True),
        ("r resultset := (call p(1, (2)));", "call p(1, (2))", False),
        ("r resultset := (show tables like ')');", "show tables like ')'", False),
    ],
)
def test_a_result_set_is_filled_by_any_statement(written: str, query: str | None, is_async: bool) -> None:
    found = _declared(written)

    assert isinstance(found, ast.ResultSetDeclaration)
    assert found.is_async is is_async
    assert (found.query.text if isinstance(found.query, ast.Sql) else None) == query


def test_an_exception_has_a_number_and_a_message() -> None:
    found = _declared("my_exception exception (-20002, 'It''s raised');")

    assert isinstance(found, ast.ExceptionDeclaration)
    assert (found.name, found.code, found.message) == ("MY_EXCEPTION", -20002, "It's raised")


def test_the_number_of_an_exception_has_bounds() -> None:
    with pytest.raises(SyntaxFault, match="line 1 at position 21"):
        _declared("e exception (-19999, 'no');")


# --- assignment ------------------------------------------------------------------------------


def test_let_declares_where_it_stands() -> None:
    variable, cursor, rows = (
        _only(written)
        for written in (
            "let cost number(38, 2) := 100.0;",
            "let c cursor for select 1;",
            "let r resultset := (execute immediate :q using (a, 1));",
        )
    )

    assert isinstance(variable, ast.Let)
    assert isinstance(variable.declaration, ast.VariableDeclaration)
    assert isinstance(cursor, ast.Let)
    assert isinstance(cursor.declaration, ast.CursorDeclaration)
    assert isinstance(rows, ast.Let)
    assert isinstance(rows.declaration, ast.ResultSetDeclaration)
    assert isinstance(rows.declaration.query, ast.ExecuteImmediate)
    assert [each.text for each in rows.declaration.query.using] == ["a", "1"]


@pytest.mark.parametrize(
    ("written", "has_value", "has_query"),
    [
        ("x := 1;", True, False),
        ("x := (1 + 2) * 3;", True, False),
        ("x := (select 1);", True, True),
        ("x := ((select 1));", True, True),
        ("x := (select 1) + 1;", True, False),
        ("x := ((select 1) + 1);", True, True),
        ("x := (call p());", False, True),
        ("x := (execute immediate 'select 1');", False, True),
        ("x := async (select 1);", False, True),
    ],
)
def test_what_is_in_parentheses_may_be_a_value_a_query_or_both(
    written: str, has_value: bool, has_query: bool
) -> None:
    found = _only(written)

    assert isinstance(found, ast.Assign)
    assert (found.value is not None, found.query is not None) == (has_value, has_query)


def test_a_word_of_the_language_may_be_a_variable() -> None:
    found = parse_block("begin open := 1; end := 2; name := 3; exception := 4; end").statements

    assert [each.name for each in found if isinstance(each, ast.Assign)] == [
        "OPEN",
        "END",
        "NAME",
        "EXCEPTION",
    ]


# --- branches and loops ----------------------------------------------------------------------


def test_if_has_branches_in_order() -> None:
    found = _only(
        "if (x = 1) then null; elseif x = case when y then 1 end then return 2; else return 3; end if;"
    )

    assert isinstance(found, ast.If)
    assert [each.condition.text for each in found.branches] == ["(x = 1)", "x = case when y then 1 end"]
    assert isinstance(found.otherwise[0], ast.Return)


@pytest.mark.parametrize("end", ["end case;", "end;"])
def test_case_compares_or_asks(end: str) -> None:
    simple = _only(f"case (v) when 'a' then return 1; else return 2; {end}")
    searched = _only(f"case when v = 'a' then return 1; when v = 'b' then return 2; {end}")

    assert isinstance(simple, ast.Case)
    assert isinstance(searched, ast.Case)
    assert simple.operand is not None
    assert simple.otherwise is not None
    assert searched.operand is None
    assert searched.otherwise is None
    assert len(searched.branches) == 2


@pytest.mark.parametrize(
    ("written", "kind", "label"),
    [
        ("for i in 1 to 10 do null; end for;", ast.ForCounter, None),
        ("for i in reverse 1 to n + 1 loop null; end loop outer_loop;", ast.ForCounter, "OUTER_LOOP"),
        ("for r in c do null; end for;", ast.ForCursor, None),
        ("while (i < 5) do null; end while w;", ast.While, "W"),
        ("while i < 5 loop null; end loop;", ast.While, None),
        ("repeat null; until (i > 5) end repeat;", ast.Repeat, None),
        ("loop break; end loop l;", ast.Loop, "L"),
    ],
)
def test_loops_of_every_form(written: str, kind: type, label: str | None) -> None:
    found = _only(written)

    assert isinstance(found, kind)
    assert getattr(found, "label", None) == label


def test_a_jump_may_name_any_loop_around_it() -> None:
    block = parse_block(
        "begin loop loop if (a) then break outer; end if; iterate inner; end loop inner; end loop outer; end"
    )

    assert isinstance(block.statements[0], ast.Loop)


@pytest.mark.parametrize(
    "written",
    ["break;", "loop break nowhere; end loop here;", "loop null; end loop a; loop continue a; end loop;"],
)
def test_a_jump_to_nowhere_is_refused(written: str) -> None:
    with pytest.raises(SyntaxFault, match=r"error line 1 at position \d+"):
        parse_block(f"begin {written} end")


# --- what else there is ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("return;", ast.Return(start=6)),
        ("return table(rs);", ast.Return(start=6, table="RS")),
        ("return table(resultset_from_cursor(c));", ast.Return(start=6, cursor="C")),
        ("raise;", ast.Raise(start=6)),
        ("raise e;", ast.Raise(start=6, name="E")),
        ("open c;", ast.Open(start=6, cursor="C")),
        ("fetch c into a, :b;", ast.Fetch(start=6, cursor="C", into=("A", "B"))),
        ("close c;", ast.Close(start=6, cursor="C")),
        ("null;", ast.Null(start=6)),
        ("await all;", ast.Await(start=6)),
        ("await rs;", ast.Await(start=6, name="RS")),
        ("cancel rs;", ast.Cancel(start=6, name="RS")),
        ("async (select 1);", ast.Async(start=6, query=ast.Sql(start=13, text="select 1"))),
        ("begin transaction;", ast.Sql(start=6, text="begin transaction")),
        ("begin;", ast.Sql(start=6, text="begin")),
        ("commit;", ast.Sql(start=6, text="commit")),
        ("execute task t;", ast.Sql(start=6, text="execute task t")),
    ],
)
def test_short_instructions(written: str, expected: ast.Instruction) -> None:
    assert _only(written) == expected


def test_a_function_of_the_system_may_stand_alone() -> None:
    found = _only("SYSTEM$LOG('info', 'begun ' || i);")

    assert isinstance(found, ast.Evaluate)
    assert found.call.text == "SYSTEM$LOG('info', 'begun ' || i)"


def test_begin_begins_a_block_where_no_transaction_is_meant() -> None:
    found = _only("begin name := 1; end;")

    assert isinstance(found, ast.Block)


def test_handlers_name_exceptions_and_may_continue() -> None:
    block = parse_block(
        "begin null; exception when statement_error or my_e then return 1;"
        " when other continue then null; end;"
    )

    assert [each.exceptions for each in block.handlers] == [("STATEMENT_ERROR", "MY_E"), ("OTHER",)]
    assert [each.is_continue for each in block.handlers] == [False, True]


@pytest.mark.parametrize(
    ("written", "text", "into"),
    [
        (
            "select a, b into :x, y from t where a = :x;",
            "select a, b            from t where a = :x",
            ("X", "Y"),
        ),
        (
            "with c as (select 1) select * into :x from c;",
            "with c as (select 1) select *         from c",
            ("X",),
        ),
        ("call p(1) into :x;", "call p(1)", ("X",)),
        ("insert into t values (:x);", "insert into t values (:x)", ()),
        ("select 'into :x' as \"into\";", "select 'into :x' as \"into\"", ()),
    ],
)
def test_a_statement_gives_its_row_to_variables(written: str, text: str, into: tuple[str, ...]) -> None:
    """The clause is left blank, so that the engine's errors keep their positions."""
    found = _only(written)

    assert isinstance(found, ast.Sql)
    assert (found.text, found.into) == (text, into)


def test_bound_names_are_found_and_paths_are_not() -> None:
    found = _only("select v:field, :x, {'k':y}, :r.c::int, t.v:a.b from t where a=:x;")

    assert isinstance(found, ast.Sql)
    assert [found.text[use.start : use.end] for use in found.names] == [":x", ":r.c", ":x"]
    assert found.names[1].parts == ("R", "C")


def test_names_in_an_expression_are_those_of_no_subquery_or_function() -> None:
    found = _only(
        "return a + :b + f(c) + (select d from t where e = :g) + row1.h + i::int + dateadd(day, 1, k);"
    )

    assert isinstance(found, ast.Return)
    assert found.value is not None
    assert [use.parts for use in found.value.names] == [
        ("A",),
        ("B",),
        ("C",),
        ("G",),
        ("ROW1", "H"),
        ("I",),
        ("K",),
    ]


def test_the_body_of_a_task_is_part_of_its_statement() -> None:
    found = parse_block(
        "begin create task t as begin select 1; if (a) then return 1; end if; end; return 2; end"
    )

    assert isinstance(found.statements[0], ast.Sql)
    assert found.statements[0].text.endswith("end if; end")
    assert isinstance(found.statements[1], ast.Return)


def test_execute_immediate_at_the_top_takes_values() -> None:
    found = parse_execute_immediate("execute immediate $$select ?$$ using (a, 1 + 2) -- so\n")

    assert found.expression.text == "$$select ?$$"
    assert [each.text for each in found.using] == ["a", "1 + 2"]


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("begin\n  let x 5;\nend", "line 2 at position 8 unexpected '5'"),
        ("begin\n  return 1\nend", "line 3 at position 3 unexpected '<EOF>'"),
        ("begin end", "line 1 at position 6 unexpected 'end'"),
        ("begin\n if (a) return 1; end if; end", "line 2 at position 16 unexpected ';'"),
        ("begin let x; end", "line 1 at position 11 unexpected ';'"),
        ("begin let x := (select 1;;); end", "line 1 at position 25 unexpected ';'"),
        ("begin foo bar; end", "line 1 at position 6 unexpected 'foo'"),
        ("begin x := (1; end", "line 1 at position 13 unexpected ';'"),
        ("begin x := 1); end", "line 1 at position 12 unexpected ')'"),
        ("begin null; end; select 1", "line 1 at position 17 unexpected 'select'"),
        ("begin for r in (select 1) do null; end for; end", "line 1 at position 26 unexpected 'do'"),
        ('begin let "" := 1; end', "line 1 at position"),
        ("declare x int default; begin null; end", "line 1 at position 21 unexpected ';'"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, place: str) -> None:
    with pytest.raises(SyntaxFault) as refusal:
        parse_block(text)

    assert place in refusal.value.message


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("begin execute immediate from '@stage/file.sql'; end", "EXECUTE IMMEDIATE FROM"),
        ("begin return table(select 1); end", "RETURN TABLE"),
        ("begin let x geography := 1; end", "data type GEOGRAPHY"),
    ],
)
def test_what_is_not_had_is_refused_by_name(text: str, construct: str) -> None:
    with pytest.raises(Unsupported, match=construct):
        parse_block(text)


def test_a_float_is_known_by_its_exponent() -> None:
    found = _only("let x float := 1e3;")

    assert isinstance(found, ast.Let)
    assert isinstance(found.declaration, ast.VariableDeclaration)
    assert found.declaration.type == FLOAT
