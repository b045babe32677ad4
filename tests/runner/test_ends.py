"""How runs are brought to an end: cancelled, timed out, or without their task."""

from datetime import timedelta

import pytest
from tests.runner.run_world import ADMIN, PATIENCE_S, RunWorld, finish, held, named
from tests.service.task_world import OTHER, START

from clockmill.core.errors import InsufficientPrivileges
from clockmill.core.run_errors import QueryNotFound
from clockmill.core.task import CreateMode

NOTHING_RUNS = (
    "Task {} has no currently running executions. If the task was dropped or replaced after a previous "
    "execution started, use SYSTEM$CANCEL_QUERY along with the query id to cancel the run."
)


# --- cancelling ----------------------------------------------------------------------------------


def test_a_cancelled_task_takes_what_follows_with_it_but_not_the_finalizer(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F")
    held(world)

    answer = world.runs.cancel_ongoing(ADMIN, named("R"))

    query_id = world.bodies.requests[0].query_id
    assert answer == (
        "Marked 1 task runs for cancellation. It may take a few seconds for cancellation to complete. "
        f"Query ids canceled: [{query_id}]"
    )
    assert finish(world) == "CANCELLED"
    assert world.bodies.order == ["R", "F"]
    assert (world.last().first_error_code, world.last().first_error_message) == (
        "000604",
        "SQL execution canceled",
    )


def test_a_task_that_waits_for_a_slot_is_cancelled_without_ever_running(threaded: RunWorld) -> None:
    world = threaded
    taken: list[object] = []
    for _ in range(8):
        world.slots.request(None, taken.append)
    world.create("R")
    world.execute()
    world.step()

    world.runs.cancel_ongoing(ADMIN, named("R"))

    assert finish(world) == "CANCELLED"
    assert world.bodies.order == []


def test_cancelling_what_does_not_run_says_so(world: RunWorld) -> None:
    world.create("R")

    assert world.runs.cancel_ongoing(ADMIN, named("R")) == NOTHING_RUNS.format("R")


def test_a_run_of_a_task_that_is_gone_is_cancelled_by_its_query_id(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    held(world)
    world.drop("R")

    world.runs.cancel_query(ADMIN, world.bodies.requests[0].query_id)

    for _ in range(2):
        world.step()
        assert world.workers.wait_idle(PATIENCE_S)
    assert world.states() == {"R": "CANCELLED"}
    with pytest.raises(QueryNotFound):
        world.runs.cancel_query(ADMIN, world.bodies.requests[0].query_id)


def test_a_run_of_a_task_that_is_gone_is_cancelled_by_who_owned_it(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    held(world)
    world.drop("R")
    query_id = world.bodies.requests[0].query_id

    with pytest.raises(InsufficientPrivileges):
        world.runs.cancel_query(OTHER, query_id)
    world.runs.cancel_query(ADMIN, query_id)
    world.settle()


# --- tasks that go ------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["drop", "replacement"])
def test_what_executes_goes_on_when_its_task_goes_and_what_waits_does_not(
    threaded: RunWorld, by: str
) -> None:
    world = threaded
    world.create("R")
    held(world)
    world.execute()
    assert [run.state for run in world.current()] == ["SCHEDULED", "EXECUTING"]

    if by == "drop":
        world.drop("R")
    else:
        world.create("R", mode=CreateMode.OR_REPLACE)
    world.bodies.let_go("R")
    world.settle()

    assert [row.state for row in world.task_rows()] == ["SUCCEEDED"]


def test_a_task_that_is_gone_is_not_retried(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", task_auto_retry_attempts=3)
    world.bodies.fails("R")
    held(world)
    world.drop("R")
    world.bodies.let_go("R")
    world.settle()

    assert [row.state for row in world.task_rows()] == ["FAILED"]


# --- time limits ---------------------------------------------------------------------------------


def test_a_task_that_takes_too_long_is_stopped_and_failed(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", user_task_timeout_ms=90_000)
    held(world)
    assert world.conductor.step(world.clock.now()) == START + timedelta(seconds=1)
    assert world.conductor.step(world.clock.advance(seconds=1)) == START + timedelta(seconds=90)

    world.clock.advance(seconds=89)

    assert finish(world) == "FAILED"
    assert (world.last().first_error_code, world.last().first_error_message) == (
        "000630",
        "Statement reached its statement or warehouse timeout of 90 second(s) and was canceled.",
    )


def test_a_roots_limit_is_that_of_the_graph_and_the_finalizer_still_runs(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", user_task_timeout_ms=60_000)
    world.create("A", "R")
    world.create("B", "A")
    world.create("F", finalize="R")
    world.resume("B", "A", "F")
    held(world, "A")

    world.clock.advance(seconds=60)

    assert finish(world) == "FAILED"
    assert world.bodies.order == ["R", "A", "F"]
    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED", "F": "SUCCEEDED"}


def test_a_child_with_a_limit_of_its_own_outlives_its_graphs_but_nothing_follows_it(
    threaded: RunWorld,
) -> None:
    world = threaded
    world.create("R", user_task_timeout_ms=60_000)
    world.create("A", "R", user_task_timeout_ms=600_000)
    world.create("B", "A")
    world.resume("B", "A")
    held(world, "A")

    world.clock.advance(seconds=60)
    world.step()
    world.bodies.let_go("A")

    assert finish(world) == "FAILED"
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}
    assert (world.last().first_error_task_name, world.last().first_error_code) == ("R", "000630")


def test_a_statement_timeout_of_the_task_counts_too(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", session_parameters={"STATEMENT_TIMEOUT_IN_SECONDS": 5})
    held(world)

    world.clock.advance(seconds=5)

    assert finish(world) == "FAILED"
    assert world.bodies.requests[0].timeout_s == 5


def test_the_start_of_a_long_body_is_on_record_before_its_end(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    held(world)

    world.conductor.step(world.clock.advance(seconds=2))
    world.store.write(lambda tx: None)

    (row,) = world.task_rows()
    assert (row.state, row.query_start_time) == ("EXECUTING", START)
    world.bodies.let_go("R")
    world.settle()
