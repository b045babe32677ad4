"""What follows a failure: another attempt, or the suspension of the root after so many in a row."""

from datetime import timedelta
from typing import Any

from tests.runner.run_world import ADMIN, RunWorld, finish, held, named
from tests.service.task_world import START

from clockmill.clock import VirtualClock
from clockmill.core.task import SuspendReason
from clockmill.service.runs import RunService

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


def test_a_retry_through_a_node_whose_clock_is_behind_can_be_retried_itself(world: RunWorld) -> None:
    """It was scheduled before the attempt that it repeats, and is the last one all the same."""
    world.create("R")
    world.bodies.fails("R", times=2)
    world.clock.advance(hours=1)
    world.run()
    behind = RunService(store=world.store, clock=VirtualClock(START), wakeups=world.wakeups)
    behind.execute_task(ADMIN, named("R"), retry_last=True)
    world.settle()

    world.execute(retry_last=True)
    world.settle()

    assert [run.attempt_number for run in world.complete()] == [1, 2, 3]


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
