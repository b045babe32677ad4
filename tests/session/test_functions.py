"""The functions that only the session can answer."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError
from clockmill.session.host import FUNCTIONS, ONLY_IN_TASKS
from clockmill.sql.functions import ANSWERED


def test_the_language_and_the_session_know_the_same_functions() -> None:
    """One that only one of them knew would be sent to the engine, or never be reached."""
    assert set(FUNCTIONS) | ONLY_IN_TASKS == ANSWERED


@pytest.mark.parametrize(
    "call",
    [
        "system$wait()",
        "system$wait(-1)",
        "system$wait('x')",
        "system$wait(1, 'YEARS')",
        "system$cancel_all_queries('x')",
        "system$cancel_query(1)",
        "last_query_id('x')",
        "current_role(1)",
    ],
)
def test_wrong_arguments_are_refused(house: House, call: str) -> None:
    with pytest.raises(ClockmillError, match="Invalid argument for function"):
        house.run(f"select {call}")


def test_the_end_of_a_query_that_does_not_run_cannot_be_asked_for(house: House) -> None:
    with pytest.raises(ClockmillError, match="not found"):
        house.run("select system$cancel_query('00000000-0000-0000-0000-000000000000')")


def test_dependents_are_enabled_with_their_root(house: House) -> None:
    root = house.given_task("ROOT")
    child = house.given_task("CHILD", predecessors=("ROOT",))
    house.run("select system$task_dependents_enable('root')")
    assert house.tasks.fetch_task(house.caller, root).is_started
    assert house.tasks.fetch_task(house.caller, child).is_started


def test_a_full_name_asks_nothing_of_the_session(house: House) -> None:
    house.given_task("ROOT")
    house.run("create database elsewhere")
    house.run("drop schema elsewhere.public")
    house.run("use database elsewhere")

    for name in ("d.s.root", '"D"."S"."ROOT"'):
        house.run(f"select system$task_dependents_enable('{name}')")
    with pytest.raises(ClockmillError, match="current schema"):
        house.run("select system$task_dependents_enable('root')")


def test_a_stream_that_is_not_there_is_named(house: House) -> None:
    with pytest.raises(ClockmillError, match=r"Stream 'D\.S\.X' does not exist"):
        house.run("select system$stream_has_data('x')")


def test_variables_are_read_by_name(house: House) -> None:
    house.run("set v = 5")
    assert house.rows("select getvariable('V'), getvariable('NONE')") == [("5", None)]
