"""Crashes and stops: what they leave, and what the next start makes of it."""

from datetime import timedelta

from tests.runner.run_world import PATIENCE_S, RunWorld, held
from tests.service.task_world import START

from clockmill.store import queued_runs
from clockmill.store.database import Transaction


def claim(world: RunWorld) -> None:
    """Claim what waits, and go no further: what a server that is killed there leaves."""

    def work(tx: Transaction) -> None:
        queued_runs.claim_graph_runs(
            tx, "test", queued_runs.list_claimable_runs(tx, 10), world.clock.now() - timedelta(seconds=1)
        )

    world.store.write(work)


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


def test_a_claimed_run_that_waits_again_is_replaced_by_a_newer_one(world: RunWorld) -> None:
    world.create("R")
    world.execute()
    claim(world)
    world.crash()

    world.execute()
    world.settle()

    assert [run.state for run in world.complete()] == ["SUCCEEDED"]


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
