"""Fires that begin no run: each is on record, once, with its reason; and what is made up for on demand."""

from datetime import timedelta
from typing import Any

import pytest
from tests.runner.run_world import PATIENCE_S, RunWorld
from tests.service.task_world import ADMIN, HOME, START

from clockmill.core.misfire import Misfire, Misfires
from clockmill.store import versions

MINUTES = timedelta(minutes=1)
LAST = Misfires(policy=Misfire.LAST)


def scheduled(world: RunWorld, schedule: str = "10 MINUTES", **properties: Any) -> None:
    world.create("R", schedule=schedule, **properties)
    world.resume("R")


def skipped(world: RunWorld) -> list[tuple[float, float, int, str]]:
    """Return the records of R, oldest first: the first and the last minute, how many fires, and why."""
    found = [skipped for skipped, _ in world.history.skipped_fires(ADMIN)]
    return [
        ((s.first - START) / MINUTES, (s.last - START) / MINUTES, s.fires, s.reason.value)
        for s in sorted(found, key=lambda s: s.first)
    ]


def ran(world: RunWorld) -> list[float]:
    return sorted((run.scheduled_time - START) / MINUTES for run in world.complete())


def overrun(world: RunWorld, minutes: int) -> None:
    """Let the first run of R take from its start until *minutes* after the resumption."""
    world.bodies.hold("R")
    world.run_until(START + 10 * MINUTES)
    world.step()
    world.bodies.wait_for("R")
    world.run_until(START + minutes * MINUTES)
    world.bodies.let_go("R")
    world.settle()


def test_a_fire_that_begins_a_run_is_not_among_the_skipped(world: RunWorld) -> None:
    scheduled(world)

    world.run_until(START + 60 * MINUTES)

    assert skipped(world) == []


def test_fires_during_an_overrun_are_one_record(threaded: RunWorld) -> None:
    scheduled(threaded)

    overrun(threaded, 45)

    assert skipped(threaded) == [(20, 40, 3, "OVERLAP")]
    assert ran(threaded) == [10]


def test_a_run_between_two_overruns_parts_their_records(threaded: RunWorld) -> None:
    """Else the record would cover an instant that has a run."""
    scheduled(threaded)
    overrun(threaded, 25)
    threaded.bodies.hold("R")
    threaded.run_until(START + 30 * MINUTES)
    threaded.step()
    threaded.bodies.wait_for("R")

    threaded.run_until(START + 55 * MINUTES)
    threaded.bodies.let_go("R")
    threaded.settle()

    assert skipped(threaded) == [(20, 20, 1, "OVERLAP"), (40, 50, 2, "OVERLAP")]
    assert ran(threaded) == [10, 30]


def test_a_new_schedule_begins_a_new_record(threaded: RunWorld) -> None:
    """The instants between two fires of the new one may have been fires of the old one, and have runs."""
    world = threaded
    scheduled(world, "USING CRON 0 * * * * UTC", user_task_timeout_ms=0)
    world.execute()
    world.bodies.hold("R")
    world.step()
    world.bodies.wait_for("R")
    world.run_until(START + 60 * MINUTES)
    world.suspend("R")
    world.alter("R", schedule="USING CRON 0 */2 * * * UTC", user_task_timeout_ms=0)
    world.resume("R")

    world.run_until(START + 240 * MINUTES)
    world.bodies.let_go("R")
    world.settle()

    assert skipped(world) == [(57, 57, 1, "OVERLAP"), (177, 177, 1, "OVERLAP")]


def test_a_root_resumed_by_a_clock_that_is_behind_begins_a_new_record(threaded: RunWorld) -> None:
    """Its fires are others now, though what was skipped before seems to be later than the resumption."""
    world = threaded
    scheduled(world)
    world.bodies.hold("R")
    world.run_until(START + 10 * MINUTES)
    world.step()
    world.bodies.wait_for("R")
    world.run_until(START + 20 * MINUTES)
    task_id = world.task("R").id

    base, due = START + 15 * MINUTES, START + 25 * MINUTES
    world.store.write(lambda tx: versions.plan_root(tx, task_id, base=base, next_fire_at=due))
    world.run_until(due)
    world.bodies.let_go("R")
    world.settle()

    assert skipped(world) == [(20, 20, 1, "OVERLAP"), (25, 25, 1, "OVERLAP")]


def test_what_a_busy_scheduler_is_behind_with_is_on_record(world: RunWorld) -> None:
    scheduled(world)
    world.clock.advance(minutes=35)

    world.settle()

    assert ran(world) == [10]
    assert skipped(world) == [(20, 30, 2, "BEHIND")]


def test_a_downtime_is_on_record_to_the_last_fire_of_a_year_of_minutes(world: RunWorld) -> None:
    scheduled(world, "USING CRON * * * * * Europe/Berlin")
    world.clock.advance(days=365)

    world.crash()

    assert skipped(world) == [(1, 365 * 24 * 60, 365 * 24 * 60, "DOWNTIME")]


def test_two_downtimes_in_a_row_are_one_record(world: RunWorld) -> None:
    scheduled(world)
    world.clock.advance(minutes=35)
    world.crash()
    world.clock.advance(minutes=35)

    world.crash()

    assert skipped(world) == [(10, 70, 7, "DOWNTIME")]


def test_reasons_are_kept_apart(threaded: RunWorld) -> None:
    scheduled(threaded)
    overrun(threaded, 25)
    threaded.clock.advance(minutes=30)

    threaded.crash()

    assert skipped(threaded) == [(20, 20, 1, "OVERLAP"), (30, 50, 3, "DOWNTIME")]


def test_a_suspended_root_is_not_due(world: RunWorld) -> None:
    scheduled(world)
    world.suspend("R")
    world.clock.advance(minutes=35)

    world.crash()
    world.resume("R")
    world.step()

    assert skipped(world) == []


def test_what_was_due_already_when_a_root_is_suspended_is_on_record(world: RunWorld) -> None:
    """It was due while the root was started, and nobody had got round to it."""
    scheduled(world)
    world.clock.advance(minutes=35)

    world.suspend("R")

    assert skipped(world) == [(10, 30, 3, "SUSPENDED")]


def test_what_was_due_already_when_a_root_is_dropped_is_on_record(world: RunWorld) -> None:
    scheduled(world)
    world.clock.advance(minutes=35)

    world.drop("R")

    assert skipped(world) == [(10, 30, 3, "SUSPENDED")]


def test_a_run_that_waits_when_its_root_is_dropped_is_on_record(world: RunWorld) -> None:
    """The run goes with its root."""
    scheduled(world)
    world.clock.advance(minutes=10)
    world.scheduler.tick(world.clock.now())

    world.drop("R")

    assert skipped(world) == [(10, 10, 1, "SUSPENDED")]


def test_what_a_failure_too_many_suspends_leaves_no_fire_behind(threaded: RunWorld) -> None:
    world = threaded
    scheduled(world, suspend_task_after_num_failures=1)
    world.bodies.fails("R")
    world.bodies.hold("R")
    world.run_until(START + 10 * MINUTES)
    world.step()
    world.bodies.wait_for("R")
    world.clock.advance(minutes=15)

    world.bodies.let_go("R")
    assert world.workers.wait_idle(PATIENCE_S)
    world.settle()

    assert not world.task("R").is_started
    assert skipped(world) == [(20, 20, 1, "SUSPENDED")]


def test_data_that_a_run_is_in_the_way_of_is_no_skipped_fire(threaded: RunWorld) -> None:
    """The root is looked at again when that run has ended: nothing is passed over."""
    world = threaded
    world.streams.have_data["S"] = True
    world.create("R", condition="SYSTEM$STREAM_HAS_DATA('S')", warehouse="WH")
    world.bodies.hold("R")
    world.resume("R")
    world.step()
    world.bodies.wait_for("R")

    world.data_comes("S")
    world.clock.advance(minutes=5)
    world.step()
    world.bodies.let_go("R")

    assert skipped(world) == []


def test_an_instant_that_has_a_run_is_not_skipped_when_the_clock_brings_it_again(threaded: RunWorld) -> None:
    world = threaded
    scheduled(world, "USING CRON 0 * * * * UTC")
    world.bodies.hold("R")
    world.run_until(START + 57 * MINUTES)
    world.step()
    world.bodies.wait_for("R")
    task_id = world.task("R").id

    # As if the clock had been set back, and the root resumed.
    due = START + 57 * MINUTES
    world.store.write(lambda tx: versions.plan_root(tx, task_id, base=START, next_fire_at=due))
    world.step()
    world.bodies.let_go("R")
    world.settle()

    assert skipped(world) == []
    assert ran(world) == [57]


# --- what is made up for, when a setting says so ------------------------------------------------


def test_the_last_fire_of_an_overrun_is_made_up_for(threaded: RunWorld) -> None:
    threaded.make_up_for(LAST)
    scheduled(threaded)

    overrun(threaded, 45)

    assert ran(threaded) == [10, 40]
    assert skipped(threaded) == [(20, 30, 2, "OVERLAP")]


def test_all_fires_of_an_overrun_are_made_up_for_one_after_the_other(threaded: RunWorld) -> None:
    threaded.make_up_for(Misfires(policy=Misfire.ALL))
    scheduled(threaded)

    overrun(threaded, 45)

    assert [(run.scheduled_time - START) / MINUTES for run in threaded.complete()] == [10, 20, 30, 40]
    assert threaded.bodies.most_at_once == 1
    assert skipped(threaded) == []


def test_only_so_many_fires_wait_to_be_made_up_for(threaded: RunWorld) -> None:
    threaded.make_up_for(Misfires(policy=Misfire.ALL, limit=2))
    scheduled(threaded)

    overrun(threaded, 65)

    assert ran(threaded) == [10, 50, 60]
    assert skipped(threaded) == [(20, 40, 3, "MISFIRE_LIMIT")]


@pytest.mark.parametrize(
    ("misfires", "runs", "records"),
    [
        (Misfires(), [], [(10, 40, 4, "DOWNTIME")]),
        (LAST, [40], [(10, 30, 3, "DOWNTIME")]),
        (Misfires(policy=Misfire.ALL), [10, 20, 30, 40], []),
        (Misfires(policy=Misfire.ALL, limit=3), [20, 30, 40], [(10, 10, 1, "MISFIRE_LIMIT")]),
    ],
)
def test_a_downtime_is_made_up_for_as_far_as_the_setting_says(
    world: RunWorld, misfires: Misfires, runs: list[float], records: list[tuple[float, float, int, str]]
) -> None:
    world.make_up_for(misfires)
    scheduled(world)
    world.clock.advance(minutes=45)

    world.crash()
    world.settle()

    assert ran(world) == runs
    assert skipped(world) == records
    assert world.current()[0].scheduled_time == START + 50 * MINUTES


@pytest.mark.parametrize(
    ("misfires", "runs", "records"),
    [
        (LAST, [40], [(10, 30, 3, "BEHIND")]),
        (Misfires(policy=Misfire.ALL, limit=3), [20, 30, 40], [(10, 10, 1, "MISFIRE_LIMIT")]),
    ],
)
def test_a_busy_scheduler_makes_up_for_what_the_setting_says(
    world: RunWorld, misfires: Misfires, runs: list[float], records: list[tuple[float, float, int, str]]
) -> None:
    world.make_up_for(misfires)
    scheduled(world)
    world.clock.advance(minutes=45)

    world.settle()

    assert ran(world) == runs
    assert skipped(world) == records


def test_runs_that_may_overlap_do_not_crowd_each_other_out(world: RunWorld) -> None:
    """A run that only has not been claimed yet is in nobody's way."""
    world.make_up_for(LAST)
    scheduled(world, overlap_policy="ALLOW_ALL_OVERLAP")
    for minute in (10, 20):
        world.clock.move_to(START + minute * MINUTES)
        world.scheduler.tick(world.clock.now())

    world.settle()

    assert ran(world) == [10, 20]
    assert skipped(world) == []


def test_a_record_names_its_root(world: RunWorld) -> None:
    scheduled(world)
    world.clock.advance(minutes=35)
    world.crash()

    [found] = world.history.skipped_fires(ADMIN, root_name="r")
    others = world.history.skipped_fires(ADMIN, root_name="Q")

    assert (found.skipped.home, found.skipped.root_name) == (HOME, "R")
    assert found.skipped.root_id == world.task("R").id
    assert found.recorded_at == world.clock.now()
    assert others == []
