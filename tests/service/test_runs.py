"""Asking for runs: who may, of what, and what is refused."""

from datetime import timedelta

import pytest
from tests.runner.run_world import RunWorld
from tests.service.task_world import ADMIN, OTHER, START, named

from clockmill.core.config import InvalidConfig
from clockmill.core.errors import Forbidden, GraphRule, NotFound
from clockmill.core.graph import GraphHasManyRoots
from clockmill.core.run_errors import (
    ExecuteOnNonRoot,
    ModifiedSinceRun,
    NoFailures,
    NothingToRetry,
    RunTooOld,
)
from clockmill.store.database import Store
from clockmill.wake import Topic


@pytest.fixture
def world(any_store: Store) -> RunWorld:
    return RunWorld(any_store)


def failed(world: RunWorld) -> None:
    world.create("R")
    world.bodies.fails("R")
    world.run()


def test_executing_queues_a_run_and_says_so(world: RunWorld) -> None:
    world.create("R")

    assert world.execute() == "Task R is scheduled to run immediately."

    (run,) = world.current()
    assert (run.state, run.scheduled_from, run.graph_version) == ("SCHEDULED", "EXECUTE TASK", 1)
    assert (run.scheduled_time, run.scheduled_by_user) == (START, "ADMIN")
    assert Topic.RUNS in world.woken
    assert world.task("R").last_committed_on == START


def test_executing_again_before_it_begins_replaces_the_run(world: RunWorld) -> None:
    world.create("R")
    world.execute(config='{"a": 1}')

    world.execute(config='{"a": 2}')

    (run,) = world.current()
    assert run.config == '{"a":2}'


def test_only_a_root_is_executed(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")
    world.create("F", finalize="R")

    for name in ("A", "F"):
        with pytest.raises(ExecuteOnNonRoot) as refused:
            world.execute(name, config="not even JSON")
        assert refused.value.code == "091435"
        assert refused.value.message == (
            f"Execute task cannot be called on non-root task DB.S.{name}. "
            "Call EXECUTE TASK on the root task of its graph instead."
        )


def test_a_task_that_is_not_there_is_not_executed(world: RunWorld) -> None:
    with pytest.raises(NotFound):
        world.execute("NONE")
    with pytest.raises(NotFound):
        world.runs.cancel_ongoing(ADMIN, named("NONE"))


def test_a_stranger_neither_executes_nor_cancels(world: RunWorld) -> None:
    world.create("R", caller=ADMIN)

    with pytest.raises(Forbidden):
        world.runs.execute_task(OTHER, named("R"))
    with pytest.raises(Forbidden):
        world.runs.cancel_ongoing(OTHER, named("R"))
    assert world.current() == []


def test_a_configuration_that_is_no_object_is_refused_and_nothing_queued(world: RunWorld) -> None:
    world.create("R")

    with pytest.raises(InvalidConfig):
        world.execute(config="[1]")

    assert world.current() == []
    assert world.task("R").last_committed_on is None


def test_a_graph_with_two_roots_is_not_executed(world: RunWorld) -> None:
    world.create("R")
    world.create("Q")
    world.create("A", "R", "Q")

    with pytest.raises(GraphHasManyRoots):
        world.execute()

    assert world.current() == []


def test_there_is_nothing_to_retry_before_the_first_run(world: RunWorld) -> None:
    world.create("R")

    with pytest.raises(NothingToRetry) as refused:
        world.execute(retry_last=True)

    assert refused.value.code == "091457"
    assert (
        refused.value.message == "Cannot perform retry: no suitable run of graph with root task R to retry."
    )


def test_a_run_that_waits_is_not_retried(world: RunWorld) -> None:
    world.create("R")
    world.execute()

    with pytest.raises(NothingToRetry):
        world.execute(retry_last=True)


def test_a_run_that_succeeded_is_not_retried(world: RunWorld) -> None:
    world.create("R")
    run = world.run()

    with pytest.raises(NoFailures) as refused:
        world.execute(retry_last=True)

    assert refused.value.code == "091456"
    assert refused.value.message == (
        f"Cannot perform retry: run (GRAPH_RUN_GROUP_ID = {run.graph_run_group_id}, attempt = 1) "
        "of graph with root task R had no failures."
    )


def test_a_skipped_run_is_no_last_run(world: RunWorld) -> None:
    world.create("R", condition="1 = 2")
    world.run_until(START)
    world.execute()
    world.settle()

    with pytest.raises(NothingToRetry):
        world.execute(retry_last=True)


def test_a_graph_that_was_changed_is_not_retried(world: RunWorld) -> None:
    failed(world)
    world.alter("R", comment="changed")

    with pytest.raises(ModifiedSinceRun):
        world.execute(retry_last=True)


def test_suspending_and_resuming_the_root_does_not_stand_in_the_way_of_a_retry(world: RunWorld) -> None:
    failed(world)
    world.resume("R")
    world.suspend("R")

    assert world.run(retry_last=True).state == "SUCCEEDED"


def test_a_run_is_retried_for_fourteen_days(world: RunWorld) -> None:
    failed(world)
    world.bodies.fails("R")
    world.clock.advance(days=14)
    world.run(retry_last=True)
    world.clock.advance(seconds=1)

    with pytest.raises(RunTooOld):
        world.execute(retry_last=True)


def test_a_retry_keeps_the_configuration_and_the_first_due_time(world: RunWorld) -> None:
    world.create("R")
    world.bodies.fails("R")
    first = world.run(config='{"a": 1}')
    world.clock.advance(hours=1)

    second = world.run(retry_last=True)

    assert second.config == first.config == '{"a":1}'
    assert second.run_id == first.run_id
    assert second.scheduled_time == START + timedelta(hours=1)
    assert world.bodies.requests[-1].graph_run.original_scheduled_at == START


def test_a_replaced_task_starts_with_a_history_of_its_own_to_retry(world: RunWorld) -> None:
    failed(world)
    world.drop("R")
    world.create("R")

    with pytest.raises(NothingToRetry):
        world.execute(retry_last=True)
    assert len(world.complete()) == 1


# --- retrying a group ----------------------------------------------------------------------------


def test_the_failed_part_of_an_older_group_is_run_again(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.bodies.fails("A")
    failed = world.run()
    world.clock.advance(minutes=1)
    world.run()
    world.bodies.order.clear()

    world.runs.retry_group(ADMIN, named("R"), failed.graph_run_group_id)
    world.settle()

    again = world.last()
    assert world.bodies.order == ["A"]
    assert (again.state, again.attempt_number, again.scheduled_from) == ("SUCCEEDED", 2, "MANUAL RETRY")
    assert again.graph_run_group_id == failed.graph_run_group_id


def test_a_group_is_retried_only_by_its_own_root_once_it_has_failed_and_ended(world: RunWorld) -> None:
    world.create("R")
    world.create("Q")
    world.create("A", "R")
    fine = world.run()

    def refused(name: str, group: str) -> str:
        with pytest.raises(GraphRule) as caught:
            world.runs.retry_group(ADMIN, named(name), group)
        return caught.value.message

    unknown = "Cannot perform retry: Graph run group with ID {} not found."
    assert refused("R", "none") == unknown.format("none")
    assert refused("Q", fine.graph_run_group_id) == unknown.format(fine.graph_run_group_id)
    assert "had no failures" in refused("R", fine.graph_run_group_id)
    assert "non-root task" in refused("A", fine.graph_run_group_id)
    world.execute()
    (waiting,) = world.current()
    assert "is still in progress" in refused("R", waiting.graph_run_group_id)
