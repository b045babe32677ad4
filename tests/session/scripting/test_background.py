"""ASYNC, AWAIT and CANCEL."""

import pytest
from tests.session.house import House
from tests.session.scripting.programs import refusal, returned


@pytest.fixture
def table(house: House) -> House:
    house.run("create table t (n int)")
    return house


def test_statements_in_the_background_are_done_when_they_are_awaited(table: House) -> None:
    block = """
        begin
          for i in 1 to 5 do async (insert into t values (:i)); end for;
          await all;
          return (select sum(n) from t);
        end"""

    assert returned(table, block) == 15


def test_a_result_set_is_filled_in_the_background(table: House) -> None:
    block = """
        declare total int default 0; r resultset default async (select 3 as n union all select 4);
        begin
          let one resultset := async (insert into t values (1), (2));
          await r;
          await one;
          for each_row in r do total := total + each_row.n; end for;
          return total || ' ' || sqlrowcount;
        end"""

    assert returned(table, block) == "7 2"


def test_what_is_not_awaited_has_no_rows_yet(house: House) -> None:
    block = "begin let r resultset := async (select 1); return table(r); end"

    assert "is not awaited yet" in refusal(house, block).message


def test_a_failure_in_the_background_comes_up_where_it_is_awaited(house: House) -> None:
    error = refusal(house, "begin\n    let r resultset := async (select * from missing);\n    await r;\nend")

    assert error.code == "002003"
    assert error.message.startswith("Uncaught exception of type 'STATEMENT_ERROR' on line 2 at position 4 : ")


def test_a_failure_in_the_background_can_be_handled(table: House) -> None:
    block = """
        begin
          async (select 1 / 0);
          async (insert into t values (1));
          await all;
          return 'no';
        exception when statement_error then return sqlerrm; end"""

    assert returned(table, block) == "Division by zero"


def test_a_failure_stops_the_jobs_that_are_still_under_way(table: House) -> None:
    block = """
        begin
          async (select 1 / 0);
          async (call system$wait(600));
          await all;
        exception when statement_error then return 'over'; end"""

    assert returned(table, block) == "over"


def test_the_id_of_a_job_is_known_at_once(house: House) -> None:
    block = """
        declare id varchar; r resultset;
        begin
          r := async (select 8 as eight);
          id := sqlid;
          await r;
          r := (select * from table(result_scan(:id)));
          return table(r);
        end"""

    assert returned(house, block) == 8


def test_in_a_transaction_a_job_sees_and_does_what_the_transaction_does(table: House) -> None:
    block = """
        begin
          begin transaction;
          insert into t values (1);
          let r resultset := async (select count(*) as n from t);
          async (insert into t values (2));
          await all;
          rollback;
          await r;
          return table(r);
        end"""

    assert returned(table, block) == 1
    assert table.rows("select * from t") == []


def test_a_job_is_cancelled_on_demand(house: House) -> None:
    block = """
        begin
          let r resultset := async (call system$wait(600));
          cancel r;
          await r;
          return 'no';
        exception when other then return sqlerrm; end"""

    assert returned(house, block) == "SQL execution canceled"


def test_no_job_outlives_the_script(house: House) -> None:
    """There is no «fire and forget»: what is not awaited is stopped."""
    assert returned(house, "begin async (call system$wait(600)); return 'done'; end") == "done"
