"""Slots of warehouses as the door uses them."""

import threading
from collections.abc import Callable

import pytest
from tests.session.house import House

from clockmill.core.body import Slot
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import StatementCancelled
from clockmill.session.session import Session


@pytest.fixture
def narrow(house: House) -> House:
    """The house, working with a warehouse of one slot."""
    house.run("create warehouse one max_concurrency_level = 1")
    house.run("create table t (a int)")
    return house


def _take(house: House) -> Slot:
    """Take the only slot, as another statement would."""
    taken: list[Slot] = []
    house.slots.request("ONE", taken.append)
    return taken[0]


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_statement_waits_for_a_slot_and_gives_it_back(narrow: House) -> None:
    slot = _take(narrow)
    thread = _in_thread(lambda: narrow.run("insert into t values (1)"))
    assert thread.is_alive()
    slot.release()
    thread.join(20)

    assert not thread.is_alive()
    assert narrow.slots.in_use("ONE") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "show tables",
        "use schema s",
        "set v = 1",
        "create schema if not exists s",
        "begin",
        "select current_role()",
    ],
)
def test_what_does_not_work_in_the_engine_needs_no_slot(narrow: House, statement: str) -> None:
    slot = _take(narrow)
    narrow.run(statement)
    slot.release()


def test_a_statement_that_waits_for_a_slot_can_be_cancelled(narrow: House) -> None:
    slot = _take(narrow)
    cancel = CancelToken()
    threading.Timer(0.02, cancel.cancel, (CancelReason.USER,)).start()
    with pytest.raises(StatementCancelled):
        narrow.run("select * from t", cancel=cancel)
    slot.release()
    assert narrow.rows("select count(*) from t") == [(0,)]
    assert narrow.slots.in_use("ONE") == 0


def test_a_failed_statement_gives_its_slot_back(narrow: House) -> None:
    with pytest.raises(Exception, match="MISSING"):
        narrow.run("select * from missing")
    assert narrow.slots.in_use("ONE") == 0


def test_a_transaction_gets_through_ten_waiting_bodies(narrow: House) -> None:
    """They wait for its table and it for a slot: without giving slots back nobody would ever go on."""
    narrow.run("begin")
    narrow.run("insert into t values (0)")
    bodies = [
        _in_thread(lambda: narrow.run_body("update t set a = a + 1", warehouse="ONE", slot=None))
        for _ in range(10)
    ]
    narrow.run("insert into t values (100)")
    narrow.run("commit")
    for thread in bodies:
        thread.join(30)

    assert not any(thread.is_alive() for thread in bodies)
    assert narrow.rows("select a from t order by a") == [(10,), (110,)]
    assert narrow.slots.in_use("ONE") == 0


def test_two_statements_of_one_session_take_turns(narrow: House) -> None:
    """The one that waits for its turn holds no slot, or the other could not go on."""
    session: Session = narrow.session
    threads = [_in_thread(lambda: session.execute("insert into t values (1)")) for _ in range(8)]
    for thread in threads:
        thread.join(30)
    assert narrow.rows("select count(*) from t") == [(8,)]


def test_a_statement_cancelled_while_it_waits_for_a_table_leaves_nothing_held(narrow: House) -> None:
    """Neither the slot, nor the table."""
    narrow.run("begin")
    narrow.run("update t set a = 1")
    other = narrow.another_session("use warehouse one")
    cancel = CancelToken()
    threading.Timer(0.05, cancel.cancel, (CancelReason.USER,)).start()
    with pytest.raises(StatementCancelled):
        other.execute("update t set a = 2", cancel=cancel)
    narrow.run("commit")

    assert narrow.slots.in_use("ONE") == 0
    other.execute("update t set a = 3")
