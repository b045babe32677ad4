"""Transactions in blocks: what begins in one ends in it."""

import pytest
from tests.session.house import House
from tests.session.scripting.programs import refusal

_FOREIGN = "Modifying a transaction that has started at a different scope is not allowed."


@pytest.fixture
def table(house: House) -> House:
    house.run("create table t (n int)")
    return house


def _numbers(house: House) -> list[int]:
    return sorted(row[0] for row in house.another_session().execute("select n from t").result.rows)


def test_a_block_commits_and_rolls_back_what_it_begins(table: House) -> None:
    table.run("""
        begin
          begin transaction;
          insert into t values (1);
          commit;
          begin transaction;
          insert into t values (2);
          rollback;
          insert into t values (3);
        end""")

    assert _numbers(table) == [1, 3]


def test_a_transaction_that_is_left_open_is_rolled_back_and_an_error(table: House) -> None:
    error = refusal(table, "begin begin transaction; insert into t values (1); end")

    assert (
        "Scoped transaction started in stored procedure is incomplete and it was rolled back."
        in error.message
    )
    assert _numbers(table) == []
    assert not table.session.link.in_transaction


def test_a_block_that_fails_rolls_back_its_transaction_and_says_why_it_failed(table: House) -> None:
    error = refusal(table, "begin begin transaction; insert into t values (1); select * from missing; end")

    assert error.code == "002003"
    assert _numbers(table) == []
    assert not table.session.link.in_transaction


def test_a_failed_statement_leaves_the_rest_of_the_transaction(table: House) -> None:
    table.run("""
        begin
          begin transaction;
          insert into t values (1);
          begin insert into t values ('no number'); exception when other then null; end;
          insert into t values (2);
          commit;
        end""")

    assert _numbers(table) == [1, 2]


def test_the_clients_transaction_is_neither_committed_nor_rolled_back_in_a_block(table: House) -> None:
    table.run("begin")
    table.run("insert into t values (1)")

    for word in ("commit", "rollback"):
        error = refusal(table, f"begin {word}; end")
        assert (
            "Modifying a transaction that has started at a different scope is not allowed." in error.message
        )
    table.run("begin insert into t values (2); end")
    table.run("commit")

    assert _numbers(table) == [1, 2]


def test_ddl_in_a_block_does_not_commit_the_clients_transaction(table: House) -> None:
    table.run("begin")
    table.run("insert into t values (1)")

    error = refusal(table, "begin create table other (n int); end")
    table.run("rollback")

    assert error.message.endswith(_FOREIGN)
    assert _numbers(table) == []


def test_a_transaction_within_the_clients_is_one_beside_it(table: House) -> None:
    table.run("begin")
    table.run("insert into t values (1)")
    table.run("begin begin transaction; insert into t values (2); commit; end")
    table.run("rollback")

    assert _numbers(table) == [2]


def test_ddl_ends_the_transaction_beside_the_clients(table: House) -> None:
    table.run("create temporary table mine (n int)")
    table.run("begin")
    table.run("insert into t values (1)")
    table.run("""
        begin
          begin transaction;
          insert into t values (2);
          create table made (n int);
          insert into t select count(*) + 100 from mine;
        end""")
    table.run("rollback")

    assert _numbers(table) == [2]


def test_without_autocommit_a_blocks_changes_must_be_committed_in_it(table: House) -> None:
    table.run("alter session set autocommit = false")

    error = refusal(table, "begin insert into t values (1); end")
    table.run("begin insert into t values (2); commit; end")

    assert "incomplete" in error.message
    assert _numbers(table) == [2]
