"""Procedures that a block declares for itself."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, SyntaxFault

AREA = (
    "declare total float default 0; r resultset; "
    "area procedure (width float, height float) returns float as "
    "declare found float; begin found := width * height; return found; end; "
    "begin {} end"
)


def value(house: House, block: str) -> object:
    return house.rows(block)[0][0]


def test_a_block_calls_what_it_declares(house: House) -> None:
    block = AREA.format("call area(2, 3) into :total; return total;")
    assert value(house, block) == 6


def test_its_arguments_are_expressions_and_variables(house: House) -> None:
    block = AREA.format("let w := 4; total := (call area(:w + 1, height => 2)); return total;")
    with pytest.raises(ClockmillError, match="by name and by position"):
        house.run(block)
    block = AREA.format("let w := 4; total := (call area(:w + 1, 2)); return total + 1;")
    assert value(house, block) == 11


def test_it_returns_tables(house: House) -> None:
    block = (
        "declare r resultset; upto procedure (n number) returns table (a number) as "
        "begin let found resultset := (select column1 from values (1), (2), (3) where column1 <= :n); "
        "return table(found); end; begin r := (call upto(2)); return table(r); end"
    )
    assert house.rows(block) == [(1,), (2,)]


def test_it_sees_its_arguments_and_not_the_variables_around_it(house: House) -> None:
    block = (
        "declare x number := 5; p procedure () returns number as begin return x; end; "
        "begin call p() into :x; return x; end"
    )
    with pytest.raises(ClockmillError, match="invalid identifier 'X'"):
        house.run(block)


def test_it_goes_before_a_stored_one_of_its_name(house: House) -> None:
    house.run("create procedure p() returns varchar as begin return 'stored'; end")
    block = (
        "declare said varchar; p procedure () returns varchar as begin return 'own'; end; "
        "begin call {} into :said; return said; end"
    )
    assert value(house, block.format("p()")) == "own"
    assert value(house, block.format("s.p()")) == "stored"


def test_it_is_one_of_blocks_within_and_of_task_bodies(house: House) -> None:
    house.run("create table told (a number)")
    body = (
        "declare tell procedure (n number) returns varchar as begin insert into told values (:n); end; "
        "begin for i in 1 to 3 do begin call tell(:i); end; end for; end"
    )
    assert house.run_body(body, owner="ACCOUNTADMIN").error_message is None
    assert house.rows("select sum(a) from told") == [(6,)]


def test_it_is_in_the_text_of_a_procedure(house: House) -> None:
    house.run(
        "create procedure outside(x number) returns number as "
        "declare double procedure (y number) returns number as begin return y * 2; end; found number; "
        "begin call double(:x) into :found; return found; end"
    )
    assert house.rows("call outside(21)") == [(42,)]


def test_what_it_fails_with_is_taken_by_the_block(house: House) -> None:
    block = (
        "declare p procedure () returns number as begin return 1 / 0; end; "
        "begin call p(); exception when statement_error then return 'taken ' || sqlcode; end"
    )
    assert value(house, block) == "taken 100051"


@pytest.mark.parametrize(
    "declaration",
    [
        "p procedure (x nothing) returns number as begin return 1; end;",
        "p procedure (x number) as begin return 1; end;",
        "p procedure (x number) returns number begin return 1; end;",
        "p procedure (x number) returns number as begin return 1 end;",
        "p procedure (x number) returns number as 'begin return 1; end';",
    ],
)
def test_it_is_read_before_anything_is_done(house: House, declaration: str) -> None:
    house.run("create table t (a number)")
    with pytest.raises((SyntaxFault, ClockmillError)):
        house.run(f"declare {declaration} begin insert into t values (1); end")
    assert house.rows("select count(*) from t") == [(0,)]
