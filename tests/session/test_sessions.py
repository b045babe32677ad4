"""Live sessions: found again, ended, and what becomes of their transactions."""

from datetime import timedelta

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError
from clockmill.session.faults import SessionClosed, TransactionLost


def test_a_record_finds_the_same_session_again(house: House) -> None:
    assert house.door.session(house.record()) is house.session


def test_a_transaction_is_seen_by_others_once_it_is_committed(house: House) -> None:
    house.run("create table t (a int)")
    other = house.another_session()
    house.run("begin")
    house.run("insert into t values (1)")
    assert other.execute("select count(*) from t").result.rows[0][0] == 0
    house.run("commit")
    assert other.execute("select count(*) from t").result.rows[0][0] == 1


def test_a_rollback_takes_back(house: House) -> None:
    house.run("create table t (a int)")
    house.run("begin transaction")
    house.run("insert into t values (1)")
    house.run("rollback")
    assert house.rows("select count(*) from t") == [(0,)]


@pytest.mark.parametrize("statement", ["commit", "rollback"])
def test_ending_a_transaction_that_was_never_begun_is_no_mistake(house: House, statement: str) -> None:
    """The connectors send both when they close."""
    assert house.rows(statement) == [("Statement executed successfully.",)]


def test_without_autocommit_a_change_waits_for_commit(house: House) -> None:
    house.run("create table t (a int)")
    other = house.another_session()
    house.run("alter session set autocommit = false")
    house.run("insert into t values (1)")
    assert other.execute("select count(*) from t").result.rows[0][0] == 0
    house.run("commit")
    assert other.execute("select count(*) from t").result.rows[0][0] == 1


def test_closing_a_session_rolls_back_and_ends_it(house: House) -> None:
    house.run("create table t (a int)")
    other = house.another_session("begin", "insert into t values (1)")
    session_id = other.state.session_id
    assert session_id is not None
    house.door.close_session(session_id)

    with pytest.raises(SessionClosed):
        other.execute("select count(*) from t")
    house.run("update t set a = 2")
    assert house.rows("select count(*) from t") == [(0,)]


def test_an_idle_transaction_is_rolled_back_and_the_session_told(house: House) -> None:
    """Its locks would hold up everybody else; and nothing may get lost without a word."""
    house.run("create table t (a int)")
    house.run("begin")
    house.run("insert into t values (1)")
    house.door.sweep(house.clock.now() + timedelta(minutes=6))

    with pytest.raises(TransactionLost):
        house.run("insert into t values (2)")
    assert house.rows("select count(*) from t") == [(0,)]


def test_a_commit_after_an_idle_transaction_was_lost_fails(house: House) -> None:
    house.run("create table t (a int)")
    house.run("begin")
    house.run("insert into t values (1)")
    house.door.sweep(house.clock.now() + timedelta(minutes=6))
    with pytest.raises(TransactionLost):
        house.run("commit")


def test_an_idle_session_without_a_transaction_is_left_alone(house: House) -> None:
    house.run("set v = 1")
    house.door.sweep(house.clock.now() + timedelta(minutes=6))
    assert house.rows("select $v from values (1)") == [(1,)]


def test_a_session_idle_for_hours_is_made_again_from_its_record(house: House) -> None:
    house.door.sweep(house.clock.now() + timedelta(hours=5))
    again = house.door.session(house.record())
    assert again is not house.session
    assert again.execute("select current_schema()").result.rows[0][0] == "S"


def test_an_idle_session_gives_back_its_connection_of_the_engine(house: House) -> None:
    """Clients that never sign out would else keep one each, for hours."""
    house.run("select 1 from values (1)")
    assert house.session.link.is_open
    house.door.sweep(house.clock.now() + timedelta(minutes=2))
    assert not house.session.link.is_open
    assert house.rows("select 2 from values (1)") == [(2,)]


def test_an_idle_session_keeps_its_temporary_tables(house: House) -> None:
    house.run("create temporary table t as select 1 as a")
    house.door.sweep(house.clock.now() + timedelta(hours=1))
    assert house.rows("select a from t") == [(1,)]


def test_of_too_many_sessions_those_are_forgotten_that_can_come_back_whole(house: House) -> None:
    door = house.new_door(most_sessions=2)
    records = [house.sign_in().session for _ in range(5)]
    with_variable, with_table, *plain = sessions = [door.session(record) for record in records]
    with_variable.execute("set v = 1")
    with_table.execute("use d.s")
    with_table.execute("create temporary table t as select 1 as a")
    for session in plain:
        session.execute("select 1 from values (1)")

    door.sweep(house.clock.now() + timedelta(minutes=4))
    assert [door.session(record) for record in records] == sessions
    door.sweep(house.clock.now() + timedelta(minutes=6))
    found = [door.session(record) for record in records]
    assert found[:2] == sessions[:2]
    assert not set(found[2:]) & set(plain)
    assert found[2].execute("select 1 from values (1)").result.rows == [(1,)]
    door.close()


def test_a_session_remembers_its_statements(house: House) -> None:
    first = house.run("select 1 from values (1)").query_id
    with pytest.raises(ClockmillError):
        house.run("select * from missing", query_id="failed")
    assert house.rows("select last_query_id(), last_query_id(-2)") == [("failed", first)]
