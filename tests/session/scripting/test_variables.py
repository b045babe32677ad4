"""Variables: what they may be declared as, what they hold, where they are found."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.session.house import House
from tests.session.scripting.programs import refusal, returned

from clockmill.engine.result import Kind


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("begin return 1; end", 1),
        ("begin return 'a' || 'b'; end", "ab"),
        ("begin return null; end", None),
        ("begin return; end", None),
        ("begin null; end", None),
        ("declare x integer; begin return x; end", None),
        ("declare x integer default 7; begin return x; end", 7),
        ("begin let x integer; return x; end", None),
        ("begin let x := (select 7;); return x; end", 7),
        ("declare x int default (select 7 ;); begin return x; end", 7),
        ("begin let d := (call system$wait(0)::varchar(30)); return d; end", "waited 0 seconds"),
        ("declare x integer := 7; begin return x; end", 7),
        ("declare x default 'seven'; begin return x; end", "seven"),
        ("begin let x := 7; x := x + 1; return x; end", 8),
        ("begin let x number(10, 2) default 1.005; return x; end", Decimal("1.01")),
        ("declare x int := 1.7; begin return x; end", 2),
        ("declare x varchar(2) := 42; begin return x; end", "42"),
        ("declare d date; begin d := '2020-09-30'; return d; end", dt.date(2020, 9, 30)),
        ("declare d date; begin d := '2020-09-30'; return d::varchar; end", "2020-09-30"),
        ("declare b boolean default true; begin return not b; end", False),
        ("begin let x := 12.3; x := x + 100.55; return x; end", 112.85),
        ("declare x number(5, 2) default 1.25; begin return x * x; end", Decimal("1.5625")),
        ("declare x int default 1; begin return x::varchar || '!'; end", "1!"),
        ("begin let x := 2; return iff(x > 1, 'many', 'one'); end", "many"),
        ("begin let x := 3; return case x when 3 then 'three' else 'other' end; end", "three"),
        ('begin let v variant := parse_json(\'{"a": {"b": 5}}\'); return v:a.b::int; end', 5),
        ("begin return sqrt(16); end", 4.0),
        ('declare "mixed" int default 3; begin return "mixed"; end', 3),
    ],
)
def test_a_block_returns_the_value_of_its_expression(house: House, block: str, value: Any) -> None:
    assert returned(house, block) == value


@pytest.mark.parametrize(
    ("expression", "kind", "scale"),
    [
        ("1", Kind.FIXED, 0),
        ("1.7777 + 1", Kind.FIXED, 4),
        ("'a'", Kind.TEXT, None),
        ("true", Kind.BOOLEAN, None),
        ("current_date()", Kind.DATE, None),
        ("1::float", Kind.REAL, None),
        ("array_construct(1)", Kind.ARRAY, None),
        ("parse_json('1')", Kind.VARIANT, None),
    ],
)
def test_the_column_has_the_type_of_what_is_returned(
    house: House, expression: str, kind: Kind, scale: int | None
) -> None:
    (column,) = house.run(f"begin return {expression}; end").result.columns

    assert column.name == "anonymous block"
    assert column.type.kind is kind
    assert scale is None or column.type.scale == scale


def test_an_inner_block_hides_names_and_gives_them_back(house: House) -> None:
    block = """
        declare x int default 1; seen varchar default '';
        begin
          declare x int default 2;
          begin
            seen := seen || x;
            x := 3;
            seen := seen || x;
          end;
          return seen || x;
        end"""

    assert returned(house, block) == "231"


def test_a_variable_that_is_declared_nowhere_is_an_invalid_identifier(house: House) -> None:
    assert "invalid identifier 'MISSING'" in refusal(house, "begin missing := 1; end").message
    assert "invalid identifier 'MISSING'" in refusal(house, "begin return missing; end").message


def test_a_text_that_is_too_long_for_its_variable_is_refused_not_cut(house: House) -> None:
    error = refusal(house, "declare v varchar(2);\nbegin\n  v := 'abcdef';\nend")

    assert error.message == (
        "Uncaught exception of type 'EXPRESSION_ERROR' on line 3 at position 7 : "
        "String 'abcdef' is too long and would be truncated"
    )


@pytest.mark.parametrize("value", ["parse_json('1')", "1::variant"])
def test_no_variable_becomes_a_variant_without_saying_so(house: House, value: str) -> None:
    error = refusal(house, f"begin let v := {value}; return 1; end")

    assert error.code == "092228"
    assert " variable 'V' cannot have its type inferred from initializer" in error.message


def test_a_variable_made_from_a_row_must_say_its_type(prices: House) -> None:
    error = refusal(
        prices,
        "declare c cursor for select price from invoices;\n"
        "begin for r in c do let price := r.price; end for; end",
    )

    assert " variable 'PRICE' cannot have its type inferred from initializer" in error.message


def test_select_into_sets_variables_to_the_one_row(prices: House) -> None:
    block = """
        declare i integer; p float;
        begin
          select id, price into :i, :p from invoices where id = 2;
          return i || ' ' || p;
        end"""

    assert returned(prices, block) == "2 22.22"


def test_select_into_of_no_row_leaves_null(prices: House) -> None:
    block = "declare i int default 9; begin select id into :i from invoices where id > 99; return i; end"

    assert returned(prices, block) is None


def test_select_into_of_several_rows_is_a_statement_error(prices: House) -> None:
    error = refusal(prices, "declare i int;\nbegin\n  select id into :i from invoices;\nend")

    assert error.message == (
        "Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : \n"
        "A SELECT INTO statement expects exactly 1 returned row, but got 3."
    )


def test_a_variable_is_bound_with_a_colon_and_named_with_identifier(prices: House) -> None:
    block = """
        begin
          let t varchar := 'invoices';
          let lowest := 20;
          let n := (select count(*) from identifier(:t) where price > :lowest);
          return n;
        end"""

    assert returned(prices, block) == 2


def test_a_bare_name_in_a_subquery_is_a_column(prices: House) -> None:
    block = "begin let id := 100; return (select max(id) from invoices); end"

    assert returned(prices, block) == 3


def test_what_a_call_gives_may_be_cast(house: House) -> None:
    house.run("create procedure p() returns varchar language sql as begin return '2024-02-29'; end")

    assert "unexpected '-'" in refusal(house, "begin let n := (call p()::date - 1); return n; end").message
    assert returned(house, "begin let d := (call p()::date); return d + 1; end") == dt.date(2024, 3, 1)
    assert returned(house, "declare d date default (call p()::date); begin return d; end") == dt.date(
        2024, 2, 29
    )
    assert "result set" in refusal(house, "declare r resultset; begin r := (call p()::date); end").message


def test_session_variables_are_read_and_set(house: House) -> None:
    house.run("set wanted = 5")

    assert returned(house, "begin let x := $wanted * 2; set wanted = :x; return $wanted; end") == 10
