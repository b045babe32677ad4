"""When roots fire, what overlaps, and what is made up for (nothing)."""

from datetime import timedelta
from typing import Any

import pytest
from tests.runner.run_world import RunWorld
from tests.service.task_world import START

from clockmill.runner import scheduler
from clockmill.store import versions

MINUTES = timedelta(minutes=1)


def scheduled(world: RunWorld, schedule: str = "10 MINUTES", **properties: Any) -> None:
    world.create("R", schedule=schedule, **properties)
    world.resume("R")


def fired_minutes(world: RunWorld) -> list[float]:
    return [(run.scheduled_time - START) / MINUTES for run in world.complete()]


def test_a_root_fires_on_the_grid_that_begins_with_its_resumption(world: RunWorld) -> None:
    scheduled(world)

    world.run_until(START + 35 * MINUTES)

    assert fired_minutes(world) == [10, 20, 30]
    run = world.last()
    assert (run.scheduled_from, run.state) == ("SCHEDULE", "SUCCEEDED")
    assert run.next_scheduled_time == START + 40 * MINUTES
    assert run.run_id == int(run.scheduled_time.timestamp() * 1000)


@pytest.mark.parametrize("any_store", ["sqlite"], indirect=True)
def test_eight_days_of_a_schedule_take_no_time(world: RunWorld) -> None:
    scheduled(world, "USING CRON 0 * * * * UTC")

    world.run_until(START + timedelta(days=8))

    assert len(world.complete()) == 8 * 24


def test_nothing_fires_before_its_time_nor_after_suspension(world: RunWorld) -> None:
    scheduled(world)
    world.run_until(START + 10 * MINUTES - timedelta(microseconds=1))
    assert world.complete() == []

    world.suspend("R")
    world.run_until(START + 60 * MINUTES)

    assert world.complete() == []
    assert world.current() == []


def test_what_is_planned_is_shown_with_the_group_id_that_the_run_will_have(world: RunWorld) -> None:
    scheduled(world, config='{ "a": 1 }')

    (planned,) = world.current()
    world.run_until(START + 10 * MINUTES)

    assert (planned.state, planned.scheduled_time) == ("SCHEDULED", START + 10 * MINUTES)
    assert planned.next_scheduled_time == START + 20 * MINUTES
    assert planned.config == '{"a":1}'
    run = world.last()
    assert (run.graph_run_group_id, run.run_id) == (planned.graph_run_group_id, planned.run_id)
    assert run.config == planned.config


def test_a_fire_more_than_eight_days_ahead_is_not_shown(world: RunWorld) -> None:
    scheduled(world, "USING CRON 0 0 1 12 * UTC")

    assert world.current() == []


def test_a_busy_scheduler_fires_once_for_all_that_it_missed(world: RunWorld) -> None:
    scheduled(world)
    world.clock.advance(minutes=35)

    world.settle()

    assert fired_minutes(world) == [10]
    (planned,) = world.current()
    assert planned.scheduled_time == START + 40 * MINUTES


def test_fires_that_were_missed_while_the_server_was_down_are_not_made_up_for(world: RunWorld) -> None:
    scheduled(world)
    world.clock.advance(minutes=35)

    world.crash()
    world.settle()

    assert world.complete() == []
    (planned,) = world.current()
    assert planned.scheduled_time == START + 40 * MINUTES


@pytest.mark.parametrize(
    ("policy", "held", "fires"),
    [
        ("NO_OVERLAP", "R", False),
        ("NO_OVERLAP", "A", False),
        ("NO_OVERLAP", "F", False),
        ("ALLOW_CHILD_OVERLAP", "R", False),
        ("ALLOW_CHILD_OVERLAP", "A", True),
        ("ALLOW_ALL_OVERLAP", "R", True),
        ("ALLOW_ALL_OVERLAP", "A", True),
    ],
)
def test_a_fire_is_skipped_while_an_earlier_run_is_in_its_way(
    threaded: RunWorld, policy: str, held: str, fires: bool
) -> None:
    world = threaded
    world.create("R", schedule="10 MINUTES", overlap_policy=policy)
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F", "R")
    world.bodies.hold(held)
    world.run_until(START + 10 * MINUTES)
    world.bodies.wait_for(held)

    world.run_until(START + 20 * MINUTES)
    world.step()
    begun = world.open_runs()
    world.bodies.let_go(held)
    world.settle()

    assert begun == (2 if fires else 1)
    assert len(world.complete()) == begun


def test_a_graph_that_ends_between_fires_runs_at_the_next_one_of_its_grid(threaded: RunWorld) -> None:
    world = threaded
    scheduled(world)
    world.bodies.hold("R")
    world.run_until(START + 25 * MINUTES)
    assert world.current()[0].state == "EXECUTING"
    assert len(world.current()) == 1
    world.bodies.let_go("R")
    world.settle()

    world.run_until(START + 30 * MINUTES)
    world.settle()

    assert fired_minutes(world) == [10, 30]


def test_a_manual_run_takes_the_place_of_the_planned_one_and_leaves_the_grid(threaded: RunWorld) -> None:
    world = threaded
    scheduled(world)
    world.run_until(START + 4 * MINUTES)
    world.bodies.hold("R")

    world.execute()
    world.step()
    world.bodies.wait_for("R")
    (running,) = world.current()
    world.bodies.let_go("R")
    world.settle()

    assert (running.state, running.scheduled_from) == ("EXECUTING", "EXECUTE TASK")
    assert running.scheduled_time == START + 4 * MINUTES
    assert running.next_scheduled_time == START + 10 * MINUTES
    (planned,) = world.current()
    assert (planned.state, planned.scheduled_time) == ("SCHEDULED", START + 10 * MINUTES)


def test_a_root_that_was_suspended_and_resumed_does_not_fire_twice_for_one_instant(world: RunWorld) -> None:
    scheduled(world, "USING CRON 0 * * * * UTC")
    world.run_until(START + 57 * MINUTES)
    assert len(world.complete()) == 1
    task_id = world.task("R").id
    due = world.complete()[0].scheduled_time

    # As if the clock had been set back, and the same instant came again.
    world.store.write(lambda tx: versions.plan_root(tx, task_id, base=START, next_fire_at=due))
    world.settle()

    assert len(world.complete()) == 1


def test_roots_due_at_once_are_fired_in_batches(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "BATCH", 7)
    for number in range(30):
        world.create(f"R{number}", schedule="10 MINUTES")
        world.resume(f"R{number}")

    world.run_until(START + 10 * MINUTES)

    assert sorted(world.bodies.order) == sorted(f"R{number}" for number in range(30))


def test_the_scheduler_tells_when_the_next_root_is_due(world: RunWorld) -> None:
    assert world.scheduler.tick(world.clock.now()) is None
    scheduled(world)

    assert world.scheduler.tick(world.clock.now()) == START + 10 * MINUTES
