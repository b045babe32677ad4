"""Stored procedures after FROM."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, Unsupported


@pytest.fixture
def prices(house: House) -> House:
    house.run("create table prices (id number(38, 0), price number(12, 2))")
    house.run("insert into prices values (1, 1.50), (2, 2.50), (3, 4.00)")
    house.run(
        "create procedure dear(least float) returns table (id number, price number(12, 2)) as "
        "declare found resultset default (select * from prices where price >= :least order by id); "
        "begin return table(found); end"
    )
    return house


def test_what_a_procedure_returns_is_read_as_a_table(prices: House) -> None:
    assert prices.rows("select id, price * 2 from table(dear(2)) where id <> 3") == [(2, 5)]
    assert prices.rows("select count(*) from table(d.s.dear(least => 0)) t join prices using (id)") == [(3,)]


def test_its_columns_have_the_types_that_are_declared(prices: House) -> None:
    result = prices.run("select * from table(dear(100))").result
    assert [(c.name, c.type.precision, c.type.scale) for c in result.columns] == [
        ("ID", 38, 0),
        ("PRICE", 12, 2),
    ]


def test_its_rows_fill_tables_variables_and_scripts(prices: House) -> None:
    prices.run("create table copies as select * from table(dear(2))")
    prices.run("insert into copies select * from table(dear(4))")
    prices.run("set most = (select max(price) from table(dear(1)))")
    total = "begin let total := (select sum(price) from table(dear(2))); return total + $most; end"

    assert prices.rows("select count(*) from copies") == [(3,)]
    assert prices.rows(total)[0][0] == pytest.approx(10.5)


def test_it_sees_the_transaction_that_it_is_read_in(prices: House) -> None:
    prices.run("begin")
    prices.run("insert into prices values (4, 9)")
    assert prices.rows("select max(id) from table(dear(5))") == [(4,)]
    prices.run("rollback")
    assert prices.rows("select max(id) from table(dear(5))") == [(None,)]


def test_another_procedure_of_the_name_gives_its_own_columns(prices: House) -> None:
    """A statement that has been translated once must not keep what the first one returned."""
    prices.rows("select * from table(dear(2))")
    prices.run(
        "create or replace procedure dear(least float) returns table (x varchar) as "
        "begin let r resultset := (select 'other'); return table(r); end"
    )
    assert prices.rows("select * from table(dear(2))") == [("other",)]


def test_an_argument_that_is_null_is_not_one_left_out(prices: House) -> None:
    prices.run(
        "create procedure told(a varchar default 'none') returns table (a varchar) as "
        "begin let r resultset := (select coalesce(:a, 'null')); return table(r); end"
    )
    assert prices.rows("select * from table(told())") == [("none",)]
    assert prices.rows("select * from table(told(null))") == [("null",)]


def test_it_may_change_nothing(prices: House) -> None:
    prices.run(
        "create procedure change() returns table (a number) as begin delete from prices; "
        "let r resultset := (select 1); return table(r); end"
    )
    with pytest.raises(ClockmillError, match="may only run SELECT"):
        prices.run("select * from table(change())")
    assert prices.rows("select count(*) from prices") == [(3,)]


def test_a_statement_within_another_may_change_nothing_either(prices: House) -> None:
    prices.run("create procedure wipe() returns varchar as begin delete from prices; end")
    prices.run(
        "create procedure change() returns table (a number) as begin execute immediate 'call wipe()'; "
        "let r resultset := (select 1); return table(r); end"
    )
    with pytest.raises(ClockmillError, match="may only run SELECT"):
        prices.run("select * from table(change())")
    assert prices.rows("select count(*) from prices") == [(3,)]


def test_columns_must_be_declared(prices: House) -> None:
    prices.run(
        "create procedure anything() returns table () as "
        "begin let r resultset := (select 1 as a); return table(r); end"
    )
    with pytest.raises(ClockmillError, match="does not declare the columns"):
        prices.run("select * from table(anything())")


def test_one_of_several_is_refused_by_name(prices: House) -> None:
    prices.run(
        "create procedure dear(least varchar) returns table (x varchar) as "
        "begin let r resultset := (select 'other'); return table(r); end"
    )
    with pytest.raises(Unsupported, match="DEAR, of which there are several"):
        prices.run("select * from table(dear('2'))")


def test_a_procedure_that_returns_a_value_is_no_table(prices: House) -> None:
    prices.run("create procedure one() returns number as begin return 1; end")
    with pytest.raises(Unsupported, match="function ONE"):
        prices.run("select * from table(one())")
