"""Statements of SQL within a block: their values, what they leave behind, EXECUTE IMMEDIATE."""

import pytest
from tests.session.house import House
from tests.session.scripting.programs import refusal, returned

from clockmill.store.queries import find_query


def test_the_row_counts_are_those_of_the_last_change(prices: House) -> None:
    block = """
        declare seen varchar default '';
        begin
          update invoices set price = price + 1 where id < 3;
          seen := seen || sqlrowcount || sqlfound || sqlnotfound || activity_count;
          delete from invoices where id > 99;
          seen := seen || ' ' || sqlrowcount || sqlfound || sqlnotfound || activity_count;
          return seen;
        end"""

    assert returned(prices, block) == "2truefalse2 0falsetrue0"


@pytest.mark.parametrize("statement", ["select 1", "truncate table invoices", "create table x (a int)"])
def test_what_changes_no_rows_leaves_no_row_count(prices: House, statement: str) -> None:
    block = f"""
        begin
          insert into invoices values (9, 9);
          {statement};
          return nvl(sqlrowcount::varchar, 'none') || nvl(sqlfound::varchar, 'none') || activity_count;
        end"""

    assert returned(prices, block) == "nonenone1"


def test_row_counts_begin_as_null_and_expressions_leave_them(prices: House) -> None:
    block = """
        declare before varchar;
        begin
          before := nvl(sqlrowcount::varchar, 'none') || nvl(activity_count::varchar, 'none');
          insert into invoices values (9, 9);
          let n := (select count(*) from invoices);
          return before || sqlrowcount;
        end"""

    assert returned(prices, block) == "nonenone1"


def test_the_last_statement_is_known_by_its_id_and_its_result_is_kept(house: House) -> None:
    block = """
        declare first varchar; r resultset;
        begin
          if (sqlid is not null) then return table(r); end if;
          select 5 as five;
          first := sqlid;
          select 6 as six;
          r := (select five from table(result_scan(:first)));
          return table(r);
        end"""

    assert house.rows(block) == [(5,)]


def test_result_scan_finds_the_last_statement_of_the_block(house: House) -> None:
    block = """
        declare r resultset;
        begin
          select 7 as seven;
          r := (select * from table(result_scan(last_query_id())));
          return table(r);
        end"""

    assert house.rows(block) == [(7,)]


def test_after_a_block_the_last_query_is_the_block(house: House) -> None:
    answer = house.run("begin select 1; return 2; end")

    assert returned(house, "select last_query_id()") == answer.query_id
    assert house.rows(f"select * from table(result_scan('{answer.query_id}'))") == [(2,)]


def test_a_nested_statement_is_in_the_history_under_its_own_id(house: House) -> None:
    inner = returned(house, "begin select 41 as inner_one; return sqlid; end")
    house.door.services.log.flush()

    with house.store.read() as tx:
        found = find_query(tx, inner)
    assert found is not None
    assert (found.text, found.state, found.user_name) == ("select 41 as inner_one", "SUCCESS", "ADMIN")


def test_a_nested_statement_that_fails_is_in_the_history_as_failed(house: House) -> None:
    inner = returned(house, "begin select * from missing; exception when other then return sqlid; end")
    house.door.services.log.flush()

    with house.store.read() as tx:
        found = find_query(tx, inner)
    assert found is not None
    assert (found.state, found.error_code) == ("FAILED_WITH_ERROR", "002003")


def test_many_nested_results_drive_out_none_of_the_clients(house: House) -> None:
    kept = house.run("select 99 as kept from values (1)").query_id
    house.run("begin for i in 1 to 2100 do set v = :i; end for; end")

    assert house.rows(f"select * from table(result_scan('{kept}'))") == [(99,)]


# --- statements of ours ----------------------------------------------------------------------


def test_tasks_are_made_named_and_changed_with_variables(house: House) -> None:
    house.run("""
        declare name varchar default 'nightly'; said varchar default 'it''s fine'; every varchar;
        begin
          every := '90 MINUTES';
          create task identifier(:name) schedule = :every comment = :said as select 1;
          alter task identifier(:name) set user_task_timeout_ms = 5000;
        end""")

    (task,) = house.shown("show tasks")
    assert (task["name"], task["schedule"], task["comment"]) == ("NIGHTLY", "90 MINUTES", "it's fine")


def test_the_body_of_a_task_keeps_its_own_variables(house: House) -> None:
    house.run("""
        declare x int default 1;
        begin
          create task t1 schedule = '60 MINUTES' as begin let x := 5; insert into t values (:x); end;
        end""")

    (task,) = house.shown("show tasks")
    assert ":x" in task["definition"]


def test_what_show_gives_can_be_gone_through(prices: House) -> None:
    block = """
        declare names varchar default ''; r resultset;
        begin
          r := (show tables);
          for t in r do names := names || t."name"; end for;
          return names;
        end"""

    assert returned(prices, block) == "INVOICES"


def test_use_within_a_block_holds_afterwards(house: House) -> None:
    house.run("begin create schema other; use schema other; end")

    assert returned(house, "select current_schema()") == "OTHER"


# --- EXECUTE IMMEDIATE -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("execute immediate 'select 1 as a'", [(1,)]),
        ("execute immediate $$select 'it''s' as a$$", [("it's",)]),
        ("execute immediate 'select 1 as a;'", [(1,)]),
        ("execute immediate $$begin return 5; end$$", [(5,)]),
        ("execute immediate $$declare x int default 2; begin return x; end;$$", [(2,)]),
        ("execute immediate 'execute immediate ''select 3'''", [(3,)]),
        ("execute immediate 'if (1 = 1) then return 4; end if;'", [(4,)]),
        ("execute immediate 'for i in 1 to 3 do if (i = 2) then return i; end if; end for'", [(2,)]),
    ],
)
def test_a_text_is_executed(house: House, statement: str, rows: list[tuple[int]]) -> None:
    assert house.rows(statement) == rows


def test_the_text_of_a_session_variable_is_executed(house: House) -> None:
    house.run("set stmt = $$ select pi(); $$")

    result = house.run("execute immediate $stmt").result

    assert [column.name for column in result.columns] == ["PI()"]


def test_what_fails_outside_a_block_fails_as_it_is(house: House) -> None:
    error = refusal(house, "execute immediate 'select * from missing'")

    assert error.code == "002003"
    assert "Uncaught" not in error.message


@pytest.mark.parametrize("text", ["select 1; select 2", "insert into invoices values (1, 1); select 1"])
def test_only_one_statement_is_executed(prices: House, text: str) -> None:
    error = refusal(prices, f"begin execute immediate '{text}'; end")

    assert "Actual statement count 2 did not match the desired statement count 1." in error.message
    assert prices.rows("select count(*) from invoices") == [(3,)]


def test_a_text_is_put_together_and_given_values(prices: House) -> None:
    block = """
        declare name varchar default 'invoices'; low int default 15; r resultset; v varchar default 'x';
        begin
          execute immediate 'create table made (n int, t varchar)';
          execute immediate 'insert into made select :1, :2 || :1' using (low, v);
          let query := 'select id from ' || name || ' where price > ? and price < ?';
          let high := 30;
          r := (execute immediate :query using (low, high));
          return table(r);
        end"""

    assert prices.rows(block) == [(2,)]
    assert prices.rows("select * from made") == [(15, "x15")]


def test_a_name_is_given_as_a_value(prices: House) -> None:
    block = """
        declare t varchar default 'invoices'; r resultset;
        begin
          r := (execute immediate 'select count(*) from identifier(?)' using (t));
          return table(r);
        end"""

    assert prices.rows(block) == [(3,)]


def test_a_block_executed_within_a_block_has_names_of_its_own(house: House) -> None:
    error = refusal(house, "begin let x := 1; execute immediate 'begin return x; end'; end")

    assert "invalid identifier 'X'" in error.message


def test_the_return_of_a_block_within_does_not_end_the_one_around(house: House) -> None:
    assert returned(house, "begin execute immediate 'begin return 7; end'; return 8; end") == 8


def test_executing_without_an_end_is_stopped(house: House) -> None:
    house.run("set s = 'execute immediate $s'")

    assert "maximum stack depth" in refusal(house, "execute immediate $s").message
