"""Cursors and result sets."""

from decimal import Decimal

import pytest
from tests.session.house import House
from tests.session.scripting.programs import refusal, returned


def test_a_cursor_gives_one_row_after_another_and_then_null(prices: House) -> None:
    block = """
        declare
          c cursor for select price from invoices order by id;
          total number(12, 2) default 0; p number(12, 2);
        begin
          open c;
          fetch c into p; total := total + p;
          fetch c into p; total := total + p;
          fetch c into p; total := total + p;
          fetch c into p;
          close c;
          return total || ' ' || nvl(p::varchar, 'none');
        end"""

    assert returned(prices, block) == "66.66 none"


def test_a_loop_over_a_cursor_opens_and_closes_it(prices: House) -> None:
    block = """
        declare total float default 0; c cursor for select price from invoices;
        begin
          for rec in c do total := total + rec.price; end for;
          for rec in c do total := total + rec.price; end for;
          return round(total, 2);
        end"""

    assert returned(prices, block) == 133.32


def test_a_cursor_that_was_opened_before_a_loop_is_closed_after_it(prices: House) -> None:
    block = """
        declare n int default 0; c cursor for select price from invoices;
        begin
          open c;
          for rec in c do n := n + 1; end for;
          close c;
          return n;
        end"""

    assert returned(prices, block) == 3


def test_fetching_within_a_loop_takes_rows_away_from_it(prices: House) -> None:
    block = """
        declare n int default 0; x int; c cursor for select id from invoices;
        begin
          for rec in c do fetch c into x; n := n + 1; end for;
          return n;
        end"""

    assert returned(prices, block) == 2


@pytest.mark.parametrize("using", ["(lowest, highest)", "(:lowest, :highest)", "(15, 30)"])
def test_a_cursor_is_given_values_when_it_is_opened(prices: House, using: str) -> None:
    block = f"""
        declare
          lowest number(12, 2) default 15.0; highest number(12, 2) default 30.0; i int;
          c cursor for select id from invoices where price > ? and price < ?;
        begin
          open c using {using};
          fetch c into i;
          return i;
        end"""

    assert returned(prices, block) == 2


def test_a_cursors_query_sees_variables_as_they_are_when_it_is_opened(prices: House) -> None:
    block = """
        declare wanted int default 1; i int; c cursor for select id from invoices where id = :wanted;
        begin
          wanted := 3;
          open c;
          fetch c into i;
          return i;
        end"""

    assert returned(prices, block) == 3


def test_fewer_or_more_variables_than_columns_are_filled_as_far_as_it_goes(prices: House) -> None:
    block = """
        declare a int; b int default 5; c cursor for select id from invoices order by id;
        begin
          open c;
          fetch c into a, b;
          return a || ' ' || b;
        end"""

    assert returned(prices, block) == "1 5"


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("close c;", "CURSOR C is not open"),
        ("fetch c into x;", "CURSOR C is not open"),
        ("open c; close c; fetch c into x;", "CURSOR C is not open"),
        ("open c; open c;", "CURSOR C is already open"),
    ],
)
def test_a_cursor_in_the_wrong_state_is_a_statement_error(house: House, steps: str, why: str) -> None:
    error = refusal(house, f"declare c cursor for select 1; x int; begin {steps} end")

    assert "Uncaught exception of type 'STATEMENT_ERROR'" in error.message
    assert why in error.message


def test_a_result_set_is_returned_as_a_table_with_all_its_rows(prices: House) -> None:
    block = """
        declare
          rs resultset default (select id, price from invoices order by id);
          c cursor for rs; i int; p float;
        begin
          open c;
          fetch c into i, p;
          return table(rs);
        end"""

    result = prices.run(block).result

    assert [column.name for column in result.columns] == ["ID", "PRICE"]
    assert [tuple(row) for row in result.rows] == [
        (1, Decimal("11.11")),
        (2, Decimal("22.22")),
        (3, Decimal("33.33")),
    ]


def test_a_cursor_is_returned_as_a_table(prices: House) -> None:
    block = """
        declare c cursor for select id from invoices order by id;
        begin open c; return table(resultset_from_cursor(c)); end"""

    assert prices.rows(block) == [(1,), (2,), (3,)]


def test_a_result_set_is_filled_when_it_is_assigned(prices: House) -> None:
    block = """
        declare rs resultset;
        begin
          rs := (select count(*) as n from invoices);
          insert into invoices values (4, 1);
          return table(rs);
        end"""

    assert prices.rows(block) == [(3,)]


def test_a_loop_goes_through_a_result_set(prices: House) -> None:
    block = """
        declare rs resultset; names varchar default '';
        begin
          rs := (select id from invoices order by id desc);
          for r in rs do names := names || r.id; end for;
          return names;
        end"""

    assert returned(prices, block) == "321"


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("insert into invoices values (7, 1), (8, 2)", 2),
        ("create table made (a int)", "Table MADE successfully created."),
        ("execute immediate 'select count(*) from invoices'", 3),
        ("execute immediate $$ begin return 7; end; $$", 7),
    ],
)
def test_a_result_set_holds_what_any_statement_gives(prices: House, query: str, value: object) -> None:
    assert returned(prices, f"begin let r resultset := ({query}); return table(r); end") == value


def test_a_result_set_without_a_query_has_no_rows_to_give(house: House) -> None:
    assert (
        "has no query assigned" in refusal(house, "declare r resultset; begin return table(r); end").message
    )


def test_what_is_no_variable_is_not_assigned_to(house: House) -> None:
    error = refusal(house, "declare c cursor for select 1; begin c := 5; end")

    assert "Assignment to variable 'C' is not permitted." in error.message
