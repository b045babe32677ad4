"""How runs are brought to an end: cancelled, timed out, repeated, suspended, interrupted."""

from datetime import timedelta
from typing import Any

import pytest
from tests.runner.run_world import ADMIN, PATIENCE_S, RunWorld, named
from tests.service.task_world import OTHER, START

from clockmill.core.errors import InsufficientPrivileges
from clockmill.core.run_errors import QueryNotFound
from clockmill.core.task import CreateMode, SuspendReason

NOTHING_RUNS = (
    "Task {} has no currently running executions. If the task was dropped or replaced after a previous "
    "execution started, use SYSTEM$CANCEL_QUERY along with the query id to cancel the run."
)


def held(world: RunWorld, name: str = "R") -> None:
    """Execute the graph of R and wait until *name* is running."""
    world.bodies.hold(name)
    world.execute()
    world.step()
    world.bodies.wait_for(name)


def finish(world: RunWorld) -> str:
    world.settle()
    return world.last().state


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


# --- retries -------------------------------------------------------------------------------------


def test_an_automatic_retry_repeats_what_failed_after_the_finalizer_of_the_attempt(world: RunWorld) -> None:
    world.create("R", task_auto_retry_attempts=2)
    world.create("A", "R")
    world.create("B", "A")
    world.create("C", "R")
    world.create("F", finalize="R")
    world.resume("A", "B", "C", "F")
    world.bodies.returns("R", "kept")
    world.bodies.fails("A", times=2)

    world.run()

    assert world.bodies.order == ["R", "A", "C", "F", "A", "F", "A", "B", "F"]
    first, second, third = world.complete()
    assert [run.state for run in (first, second, third)] == ["FAILED", "FAILED", "SUCCEEDED"]
    assert [run.attempt_number for run in (first, second, third)] == [1, 2, 3]
    assert {run.graph_run_group_id for run in (first, second, third)} == {first.graph_run_group_id}
    assert {run.run_id for run in (first, second, third)} == {first.run_id}
    assert (second.scheduled_from, third.scheduled_from) == ("AUTOMATIC RETRY", "AUTOMATIC RETRY")
    assert world.bodies.requests[-2].return_values["R"] == "kept"


def test_an_automatic_retry_comes_before_the_run_that_waited_for_the_failed_one(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", task_auto_retry_attempts=1)
    world.bodies.fails("R")
    held(world)
    world.execute()

    world.bodies.let_go("R")
    world.settle()

    assert [request.graph_run.attempt for request in world.bodies.requests] == [1, 2, 1]


def test_retries_come_to_an_end(world: RunWorld) -> None:
    world.create("R", task_auto_retry_attempts=2)
    world.bodies.fails("R", times=10)

    world.run()

    assert [run.attempt_number for run in world.complete()] == [1, 2, 3]


def test_a_cancelled_run_is_not_repeated_by_itself(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", task_auto_retry_attempts=2)
    held(world)
    world.runs.cancel_ongoing(ADMIN, named("R"))

    assert finish(world) == "CANCELLED"
    assert len(world.complete()) == 1


def test_a_manual_retry_repeats_the_failed_part_of_the_last_run(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")
    world.create("B", "A")
    world.resume("A", "B")
    world.bodies.fails("A")
    first = world.run()

    second = world.run(retry_last=True)

    assert world.bodies.order == ["R", "A", "A", "B"]
    assert (second.state, second.scheduled_from, second.attempt_number) == ("SUCCEEDED", "MANUAL RETRY", 2)
    assert second.graph_run_group_id == first.graph_run_group_id


def test_a_retry_of_a_failed_finalizer_runs_it_alone(world: RunWorld) -> None:
    world.create("R")
    world.create("F", finalize="R")
    world.resume("F")
    world.bodies.fails("F")
    world.run()

    assert world.run(retry_last=True).state == "SUCCEEDED"
    assert world.bodies.order == ["R", "F", "F"]


# --- failures in a row ---------------------------------------------------------------------------


def failing(world: RunWorld, **properties: Any) -> None:
    world.create("R", schedule="10 MINUTES", suspend_task_after_num_failures=3, **properties)
    world.create("A", "R")
    world.resume("A", "R")


def test_a_root_is_suspended_after_so_many_failures_in_a_row(world: RunWorld) -> None:
    failing(world)
    world.bodies.fails("A", times=9)

    world.run_until(START + timedelta(hours=2))

    assert [run.state for run in world.complete()] == ["FAILED"] * 3
    assert [row.state for row in world.task_rows() if row.name == "A"] == [
        "FAILED",
        "FAILED",
        "FAILED_AND_AUTO_SUSPENDED",
    ]
    root = world.task("R")
    assert not root.is_started
    assert root.last_suspended_reason is SuspendReason.SUSPENDED_DUE_TO_ERRORS
    assert world.task("A").is_started
    assert world.current() == []


def test_a_success_begins_the_count_anew(world: RunWorld) -> None:
    failing(world)
    world.bodies.fails("A", times=2)
    world.run_until(START + timedelta(minutes=35))
    world.bodies.fails("A", times=2)

    world.run_until(START + timedelta(minutes=75))

    assert world.task("R").is_started


def test_resuming_begins_the_count_anew(world: RunWorld) -> None:
    failing(world)
    world.bodies.fails("A", times=4)
    world.run_until(START + timedelta(minutes=25))
    world.suspend("R")
    world.resume("R")

    world.run_until(START + timedelta(minutes=46))

    assert world.task("R").is_started


def test_failures_of_ours_and_cancelled_and_skipped_runs_do_not_count(world: RunWorld) -> None:
    failing(world, task_auto_retry_attempts=0)
    world.bodies.fails("A", times=2)
    world.run_until(START + timedelta(minutes=25))
    world.bodies.breaks("A")
    world.run_until(START + timedelta(minutes=35))
    assert world.task("R").is_started

    world.bodies.fails("A")
    world.run_until(START + timedelta(minutes=45))

    assert not world.task("R").is_started


def test_retries_of_one_run_count_once(world: RunWorld) -> None:
    failing(world, task_auto_retry_attempts=2)
    world.bodies.fails("A", times=6)

    world.run_until(START + timedelta(minutes=25))

    assert len(world.complete()) == 6
    assert world.task("R").is_started


def test_zero_never_suspends(world: RunWorld) -> None:
    world.create("R", schedule="10 MINUTES", suspend_task_after_num_failures=0)
    world.resume("R")
    world.bodies.fails("R", times=50)

    world.run_until(START + timedelta(minutes=401))

    assert world.task("R").is_started


def test_manual_runs_of_a_suspended_root_are_not_counted(world: RunWorld) -> None:
    world.create("R", suspend_task_after_num_failures=1)
    world.bodies.fails("R")

    world.run()

    assert world.task("R").last_suspended_reason is None
    assert world.states() == {"R": "FAILED"}


# --- crashes and stops ---------------------------------------------------------------------------


def test_after_a_crash_what_ran_is_our_failure_and_what_waited_goes_on(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", suspend_task_after_num_failures=1, schedule="10 MINUTES")
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F", "R")
    held(world, "A")
    world.execute()
    abandoned = world.bodies

    world.crash()
    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED"}
    world.settle()

    first, second = sorted(world.complete(), key=lambda run: run.state)
    assert (first.state, first.first_error_task_name, first.first_error_code) == ("FAILED", "A", "000603")
    assert second.state == "SUCCEEDED"
    assert world.task("R").is_started
    assert world.current()[0].scheduled_time == START + timedelta(minutes=10)
    abandoned.let_go("A")


def test_an_owner_who_was_written_off_changes_nothing_any_more(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    held(world)
    abandoned, workers = world.bodies, world.workers
    world.crash()

    abandoned.let_go("R")

    assert workers.wait_idle(PATIENCE_S)
    assert world.states() == {"R": "FAILED"}
    assert [run.state for run in world.complete()] == ["FAILED"]


def test_a_stop_lets_bodies_end_and_begins_nothing_more(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    held(world)
    world.bodies.let_go("R")

    assert world.conductor.stop(PATIENCE_S, PATIENCE_S)
    world.crash()

    assert world.states()["R"] == "SUCCEEDED"
    assert world.last().state in {"FAILED", "SUCCEEDED"}


def test_a_stop_cancels_what_takes_too_long_and_records_it_as_our_failure(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", suspend_task_after_num_failures=1, schedule="10 MINUTES")
    world.resume("R")
    held(world)

    assert world.conductor.stop(0.0, PATIENCE_S)

    assert world.states() == {"R": "FAILED"}
    assert world.last().first_error_message == "The server was stopped while this was running."
    assert world.task("R").is_started
