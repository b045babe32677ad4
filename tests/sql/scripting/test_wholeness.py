"""Which blocks commit one transaction and can do no more than succeed after it."""

import pytest

from clockmill.sql.effects import Effect, effect_of_body
from clockmill.sql.scripting.parser import parse_block
from clockmill.sql.scripting.wholeness import is_one_transaction

WHOLE = [
    "insert into t values (1);",
    "create table t as select 1 as a;",
    "create stream s on table t;",
    "let n := (select max(a) from t); insert into t values (:n);",
    "call system$set_return_value('x'); insert into t values (1);",
    "insert into t values (1); return 'all done';",
    "let n := 1; insert into t values (:n); return 'rows: ' || n;",
    "begin transaction; insert into t values (1); update t set a = 2; commit;",
    "begin transaction; for i in 1 to 3 do insert into t values (:i); end for; commit; return 1;",
    "begin transaction; if (true) then delete from t; end if; select 1; commit;",
    "if ((select count(*) from t) = 0) then insert into t values (1); end if;",
    "if (true) then insert into t values (1); else delete from t; end if; return 'x';",
    "case when true then insert into t values (1); else return 'nothing'; end;",
    "begin insert into t values (1); end; null;",
    "select 1; show tables; return 'x';",
    "let r resultset := (select 1 as a); let c cursor for r; for row in c do let x := row.a; end for;",
]
NOT_WHOLE = [
    "insert into t values (1); insert into t values (2);",
    "insert into t values (1); select 1 / 0;",
    "insert into t values (1); return 1 / 0;",
    "insert into t values (1); return (select 1);",
    "insert into t values (1); call system$set_return_value('x');",
    "for i in 1 to 3 do insert into t values (:i); end for;",
    "while (true) do insert into t values (1); break; end while;",
    "begin transaction; insert into t values (1); commit; begin transaction; delete from t; commit;",
    "begin transaction; insert into t values (1); commit; delete from t;",
    "begin transaction; insert into t values (1); rollback; delete from t;",
    "begin transaction; create table x (a int); commit;",
    "begin transaction; if (true) then commit; end if;",
    "begin transaction; for i in 1 to 3 do commit; end for;",
    "if (true) then begin transaction; end if; insert into t values (1); commit;",
    "begin transaction; insert into t values (1);",
    "call p();",
    "let x := (call p()); insert into t values (1);",
    "execute immediate 'delete from t';",
    "alter task x suspend;",
    "execute task x;",
    "call system$cancel_query('x');",
    "let x := 'system$cancel_query'; insert into t values (1);",
    "let r resultset := async (select 1); await r; insert into t values (1);",
    "async (insert into t values (1)); await all;",
    "grant role x to user y;",
    "begin insert into t values (1); exception when other then delete from t; end;",
]


@pytest.mark.parametrize("statements", WHOLE)
def test_a_block_that_commits_once_at_its_end_is_one_transaction(statements: str) -> None:
    assert is_one_transaction(parse_block(f"begin {statements} end"))


@pytest.mark.parametrize("statements", NOT_WHOLE)
def test_what_may_commit_twice_or_fail_after_its_commit_is_not(statements: str) -> None:
    """Said to be done by its marker, it would not be done again though half of it is missing."""
    assert not is_one_transaction(parse_block(f"begin {statements} end"))


def test_handlers_and_what_is_declared_count() -> None:
    handled = "begin insert into t values (1); exception when other then return 'x'; end"
    asks = "declare n int default 1; c cursor for select 1; begin insert into t values (:n); end"
    calls = "declare n int default (call p()); begin insert into t values (:n); end"

    assert not is_one_transaction(parse_block(handled))
    assert is_one_transaction(parse_block(asks))
    assert not is_one_transaction(parse_block(calls))


@pytest.mark.parametrize(
    ("body", "effect"),
    [
        ("select 1", Effect.NONE),
        ("with x as (select 1) select * from x", Effect.NONE),
        ("call system$set_return_value('x')", Effect.NONE),
        ("call system$wait(1)", Effect.NONE),
        ("use schema s", Effect.NONE),
        ("begin transaction", Effect.NONE),
        ("no statement at all", Effect.NONE),
        ("insert into t values (1)", Effect.ONE_TRANSACTION),
        ("create or replace table t (a int)", Effect.ONE_TRANSACTION),
        ("drop view v", Effect.ONE_TRANSACTION),
        ("drop stream s", Effect.ONE_TRANSACTION),
        ("begin select 1; end", Effect.SCRIPT),
        ("call p()", Effect.SCRIPT),
        ("execute immediate 'select 1'", Effect.SCRIPT),
        ("select system$cancel_query('x') from t", Effect.OTHER),
        ("call system$task_dependents_enable('x')", Effect.OTHER),
        ("alter task t suspend", Effect.OTHER),
        ("create schema s", Effect.OTHER),
        ("create procedure p() returns int as $$ begin return 1; end $$", Effect.OTHER),
    ],
)
def test_a_body_changes_nothing_one_transaction_or_more(body: str, effect: Effect) -> None:
    assert effect_of_body(body) is effect
