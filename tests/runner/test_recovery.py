"""Crashes and stops: what they leave, and what the next start makes of it."""

from datetime import timedelta

import pytest
from tests.runner.run_world import PATIENCE_S, RunWorld, held
from tests.service.task_world import ADMIN, START, named

from clockmill.core.body import BodyOutcome, Recall, Remains
from clockmill.core.run_errors import QueryNotFound
from clockmill.runner.takeover import MOST_EXECUTIONS
from clockmill.store import queued_runs
from clockmill.store.database import Transaction

DONE = Recall(remains=Remains.COMPLETE, outcome=BodyOutcome(return_value="kept"))
NOTHING = Recall(remains=Remains.NOTHING)
UNKNOWN = Recall(remains=Remains.UNKNOWN)


def claim(world: RunWorld) -> None:
    """Claim what waits, and go no further: what a server that is killed there leaves."""

    def work(tx: Transaction) -> None:
        queued_runs.claim_graph_runs(
            tx, "test", queued_runs.list_claimable_runs(tx, 10), world.clock.now() - timedelta(seconds=1)
        )

    world.store.write(work)


def crash_during(world: RunWorld, name: str, remains: Recall) -> None:
    """Let the server end while the body of *name* runs, and leave that of it."""
    held(world, name)
    world.bodies.remains[name] = remains
    world.crash()


def test_a_run_that_was_claimed_and_began_nothing_is_run_after_all(world: RunWorld) -> None:
    """Nothing has happened in its name, so neither a failure nor a second run would be right."""
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    claim(world)

    world.crash()
    world.settle()

    [run] = world.complete()
    assert (run.state, run.scheduled_from, run.attempt_number) == ("SUCCEEDED", "EXECUTE TASK", 1)
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}


# --- a body that was running -----------------------------------------------------------------------


def test_a_body_of_which_nothing_is_left_is_run_again_as_another_query(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F")
    crash_during(world, "A", NOTHING)
    [before] = [row.query_id for row in world.task_rows() if row.name == "A"]

    world.settle()

    assert world.bodies.order == ["A", "F"]
    [row] = [row for row in world.task_rows() if row.name == "A"]
    assert row.state == "SUCCEEDED"
    assert row.query_id not in {before, None}
    [run] = world.complete()
    assert (run.state, run.attempt_number) == ("SUCCEEDED", 1)


def test_a_body_that_is_done_is_not_run_again_and_keeps_its_return_value(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    crash_during(world, "R", DONE)

    world.settle()

    assert world.bodies.order == ["A"]
    assert world.bodies.requests[0].return_values["R"] == "kept"
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}


def test_a_body_that_may_have_done_a_part_is_a_failure_of_ours_that_is_not_counted(
    threaded: RunWorld,
) -> None:
    world = threaded
    world.create("R", suspend_task_after_num_failures=1, schedule="10 MINUTES")
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F", "R")
    crash_during(world, "A", UNKNOWN)

    world.settle()

    [run] = world.complete()
    assert (run.state, run.first_error_task_name, run.first_error_code) == ("FAILED", "A", "000603")
    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED", "F": "SUCCEEDED"}
    assert world.task("R").is_started


def test_a_body_that_may_have_done_a_part_is_repeated_by_a_retry(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", task_auto_retry_attempts=1)
    crash_during(world, "R", UNKNOWN)

    world.settle()

    assert [(run.state, run.attempt_number) for run in world.complete()] == [("FAILED", 1), ("SUCCEEDED", 2)]


def test_a_body_that_may_have_done_a_part_is_run_again_if_that_is_what_was_set(threaded: RunWorld) -> None:
    world = threaded
    world.reruns_interrupted = True
    world.create("R")
    crash_during(world, "R", UNKNOWN)

    world.settle()

    assert world.bodies.order == ["R"]
    assert world.last().state == "SUCCEEDED"


def test_a_body_that_ends_its_server_again_and_again_is_given_up(threaded: RunWorld) -> None:
    """Else it would take every node down, one after the other, for ever."""
    world = threaded
    world.create("R")
    crash_during(world, "R", NOTHING)
    for _ in range(MOST_EXECUTIONS - 1):
        world.bodies.hold("R")
        world.step()
        world.bodies.wait_for("R")
        world.crash()

    world.settle()

    assert world.bodies.order == []
    assert world.last().state == "FAILED"
    assert world.last().first_error_code == "000603"


def test_a_body_that_waited_for_its_slot_is_begun(threaded: RunWorld) -> None:
    world = threaded
    world.set_slots(1)
    world.create("R")
    for name in "AB":
        world.create(name, "R", warehouse="WH")
    world.resume("A", "B")
    crash_during(world, "A", NOTHING)

    world.settle()

    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED", "B": "SUCCEEDED"}


def test_what_waited_and_what_is_planned_goes_on(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", schedule="10 MINUTES")
    world.resume("R")
    held(world)
    world.execute()

    world.crash()
    world.settle()

    assert [run.state for run in world.complete()] == ["SUCCEEDED", "SUCCEEDED"]
    assert world.current()[0].scheduled_time == START + timedelta(minutes=10)


def test_an_owner_who_was_written_off_changes_nothing_any_more(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    held(world)
    abandoned, workers = world.bodies, world.workers
    abandoned.fails("R")
    world.crash()

    abandoned.let_go("R")

    assert workers.wait_idle(PATIENCE_S)
    assert world.states() == {"R": "EXECUTING"}
    world.settle()
    assert [run.state for run in world.complete()] == ["SUCCEEDED"]


# --- what an attempt knows of itself ---------------------------------------------------------------


def test_a_first_error_from_before_the_crash_stays_the_first_and_is_counted(threaded: RunWorld) -> None:
    world = threaded
    world.set_slots(1)
    world.create("R", suspend_task_after_num_failures=1, schedule="10 MINUTES")
    for name in "AB":
        world.create(name, "R")
    world.resume("A", "B", "R")
    world.bodies.fails("A")
    crash_during(world, "B", UNKNOWN)
    assert world.states()["A"] == "FAILED"

    world.settle()

    assert world.last().first_error_task_name == "A"
    assert not world.task("R").is_started


def test_a_retry_that_is_interrupted_still_runs_only_what_had_failed(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    for name in "AB":
        world.create(name, "R")
    world.resume("A", "B")
    world.bodies.fails("A")
    world.run()
    world.bodies.hold("A")
    world.execute(retry_last=True)
    world.step()
    world.bodies.wait_for("A")

    world.crash()
    world.settle()

    assert world.bodies.order == ["A"]
    assert world.last().state == "SUCCEEDED"
    assert world.last().attempt_number == 2


def test_the_time_of_a_graph_goes_on_over_a_crash(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", user_task_timeout_ms=60_000)
    for name, before in (("A", "R"), ("B", "A")):
        world.create(name, before)
    world.create("F", finalize="R")
    world.resume("A", "B", "F")
    crash_during(world, "A", NOTHING)
    world.bodies.hold("A")
    world.clock.advance(seconds=59)
    world.step()
    world.bodies.wait_for("A")

    world.clock.advance(seconds=1)
    world.settle()

    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED", "F": "SUCCEEDED"}
    assert world.last().first_error_code == "000630"


def test_a_graph_whose_time_ended_meanwhile_runs_its_finalizer_alone(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", user_task_timeout_ms=60_000)
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F")
    crash_during(world, "A", NOTHING)
    world.clock.advance(minutes=2)

    world.settle()

    assert world.bodies.order == ["F"]
    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED", "F": "SUCCEEDED"}


def test_a_body_that_was_done_in_time_is_not_said_to_have_taken_too_long(threaded: RunWorld) -> None:
    world = threaded
    world.create("R", user_task_timeout_ms=60_000)
    world.create("A", "R")
    world.resume("A")
    crash_during(world, "A", DONE)
    world.clock.advance(minutes=2)

    world.settle()

    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}


def test_what_was_asked_of_the_owner_before_is_done_by_the_next(threaded: RunWorld) -> None:
    world = threaded
    world.set_slots(1)
    world.create("R", warehouse="WH")
    held(world)
    world.runs.cancel_ongoing(ADMIN, named("R"))
    world.crash()
    world.bodies.hold("R")

    world.settle()

    assert world.last().state == "CANCELLED"


def test_the_query_that_runs_now_is_the_one_that_can_be_cancelled(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    crash_during(world, "R", NOTHING)
    [before] = [row.query_id for row in world.task_rows()]
    world.bodies.hold("R")
    world.step()
    world.bodies.wait_for("R")
    [after] = [row.query_id for row in world.task_rows()]

    with pytest.raises(QueryNotFound):
        world.runs.cancel_query(ADMIN, before or "")
    world.runs.cancel_query(ADMIN, after or "")
    world.settle()

    assert world.last().state == "CANCELLED"


# --- stops -------------------------------------------------------------------------------------------


def test_a_stop_lets_bodies_end_and_hands_over_what_follows(threaded: RunWorld) -> None:
    """What was not begun is begun by the next, whatever may be known of bodies."""
    world = threaded
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    held(world)
    world.bodies.remains["A"] = UNKNOWN
    world.conductor.begin_stop()
    world.bodies.let_go("R")

    assert world.conductor.stop(PATIENCE_S, PATIENCE_S)

    assert world.states() == {"R": "SUCCEEDED", "A": "EXECUTING"}
    assert world.owners() == [None]
    world.crash()
    world.settle()
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}


def test_a_stop_cancels_what_takes_too_long_and_leaves_it_to_the_next_owner(threaded: RunWorld) -> None:
    world = threaded
    world.create("R")
    held(world)

    assert world.conductor.stop(0.0, PATIENCE_S)

    assert world.states() == {"R": "EXECUTING"}
    assert world.owners() == [None]
    world.crash()
    world.settle()
    assert world.last().state == "SUCCEEDED"
