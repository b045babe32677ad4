"""Roots that streams start: when they begin, what keeps them apart, and what finds data again."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from tests.runner.run_world import HOME, PATIENCE_S, RunWorld
from tests.service.task_world import START

from clockmill.store.tables import root_streams

SECONDS = timedelta(seconds=1)
HOURS = timedelta(hours=1)
WHEN_S = "SYSTEM$STREAM_HAS_DATA('s')"


def triggered(world: RunWorld, when: str = WHEN_S, **properties: Any) -> None:
    """Create the root R, whose streams S and S2 are empty, and resume it: it has looked and found nothing."""
    world.streams.have_data = {"S": False, "S2": False}
    world.create("R", condition=when, warehouse="WH", **properties)
    world.resume("R")
    world.settle()


def consume(world: RunWorld, *streams: str) -> None:
    world.streams.have_data |= dict.fromkeys(streams, False)


def history(world: RunWorld, name: str = "R") -> list[tuple[str, float]]:
    """Return state and scheduled second of every run of *name*, also of skipped ones, oldest first."""
    rows = [row for row in world.task_rows() if row.name == name]
    return [(row.state, (row.scheduled_time - START) / SECONDS) for row in rows]


def advance(world: RunWorld, seconds: float) -> None:
    world.run_until(world.clock.now() + seconds * SECONDS)


def known_streams(world: RunWorld) -> set[str]:
    with world.store.read() as tx:
        return set(tx.execute(select(root_streams.c.stream_name)).scalars())


def test_a_resumed_root_looks_once_and_is_skipped_without_data(world: RunWorld) -> None:
    triggered(world)

    assert history(world) == [("SKIPPED", 0)]
    assert world.current() == []
    advance(world, 3600)
    assert history(world) == [("SKIPPED", 0)]


def test_a_resumed_root_finds_what_came_before(world: RunWorld) -> None:
    world.streams.have_data = {"S": True}
    world.create("R", condition=WHEN_S, warehouse="WH")
    world.resume("R")
    world.step()

    assert world.last().state == "SUCCEEDED"
    assert world.last().scheduled_from == "TRIGGER"


def test_data_starts_a_run_at_once_if_the_last_was_long_ago(world: RunWorld) -> None:
    triggered(world)
    world.clock.advance(seconds=100)

    world.data_comes("S")
    world.step()

    run = world.last()
    assert (run.state, run.scheduled_from) == ("SUCCEEDED", "TRIGGER")
    assert run.scheduled_time == START + 100 * SECONDS


def test_runs_are_the_interval_apart_by_their_scheduled_times(world: RunWorld) -> None:
    triggered(world, user_task_minimum_trigger_interval_in_seconds=60)
    world.bodies.does("R", lambda: consume(world, "S"))
    for wait in (25, 45, 215):
        advance(world, wait)
        world.data_comes("S")
    advance(world, 600)

    assert history(world)[1:] == [("SUCCEEDED", 60), ("SUCCEEDED", 120), ("SUCCEEDED", 285)]


def test_what_waits_for_the_interval_is_shown_as_scheduled(world: RunWorld) -> None:
    triggered(world)
    world.clock.advance(seconds=10)
    world.data_comes("S")
    world.step()

    (planned,) = world.current()
    assert (planned.state, planned.scheduled_from) == ("SCHEDULED", "TRIGGER")
    assert planned.scheduled_time == START + 30 * SECONDS
    assert planned.next_scheduled_time is None
    advance(world, 20)
    assert world.last().graph_run_group_id == planned.graph_run_group_id


def test_a_root_without_data_looks_by_itself_every_twelve_hours(world: RunWorld) -> None:
    triggered(world)

    world.run_until(START + 25 * HOURS)

    assert history(world) == [("SKIPPED", 0), ("SKIPPED", 43_200), ("SKIPPED", 86_400)]
    assert world.current() == []


def test_twelve_hours_hold_against_a_longer_interval(world: RunWorld) -> None:
    triggered(world, user_task_minimum_trigger_interval_in_seconds=604_800)
    world.data_comes("S")

    world.run_until(START + 13 * HOURS)

    assert history(world)[:2] == [("SKIPPED", 0), ("SUCCEEDED", 43_200)]


def test_data_that_comes_during_a_run_starts_the_next_after_it(threaded: RunWorld) -> None:
    """One at a time, and none is forgotten."""
    triggered(threaded)
    threaded.clock.advance(seconds=60)
    threaded.bodies.hold("R")
    threaded.data_comes("S")
    threaded.step()
    threaded.bodies.wait_for("R")
    for _ in range(5):
        threaded.clock.advance(seconds=60)
        threaded.data_comes("S")
        threaded.step()
    assert (threaded.open_runs(), threaded.bodies.most_at_once) == (1, 1)

    threaded.bodies.let_go("R")
    assert threaded.workers.wait_idle(PATIENCE_S)
    threaded.settle()

    assert history(threaded)[1:] == [("SUCCEEDED", 60), ("SUCCEEDED", 360)]


def test_a_body_that_leaves_the_data_runs_again_after_the_interval(world: RunWorld) -> None:
    triggered(world)
    world.clock.advance(seconds=60)
    world.data_comes("S")

    advance(world, 65)

    assert history(world)[1:] == [("SUCCEEDED", 60), ("SUCCEEDED", 90), ("SUCCEEDED", 120)]


def test_both_of_two_streams_are_needed_where_the_condition_says_so(world: RunWorld) -> None:
    triggered(world, f"{WHEN_S} AND SYSTEM$STREAM_HAS_DATA('s2')")
    world.clock.advance(seconds=60)
    world.data_comes("S")
    advance(world, 300)
    assert history(world)[1:] == [("SKIPPED", 60)]

    world.data_comes("S2")
    advance(world, 1)

    assert history(world)[2:] == [("SUCCEEDED", 360)]


def test_either_of_two_streams_is_enough_where_the_condition_says_so(world: RunWorld) -> None:
    triggered(world, f"{WHEN_S} OR SYSTEM$STREAM_HAS_DATA('db.s.s2')")
    world.clock.advance(seconds=60)
    world.data_comes("S2")
    world.step()

    assert history(world)[1:] == [("SUCCEEDED", 60)]


def test_a_suspended_root_is_not_started_and_is_when_it_is_resumed(world: RunWorld) -> None:
    triggered(world)
    world.suspend("R")
    world.clock.advance(seconds=60)
    world.data_comes("S")
    advance(world, 3600)
    assert [state for state, _ in history(world)] == ["SKIPPED"]
    assert known_streams(world) == set()

    world.resume("R")
    world.step()

    assert [state for state, _ in history(world)] == ["SKIPPED", "SUCCEEDED"]


def test_a_root_that_is_resumed_at_the_instant_of_its_last_run_looks_again(world: RunWorld) -> None:
    """Runs are known by when they were due: the second must not be taken for the first."""
    triggered(world)
    world.clock.advance(seconds=60)
    world.data_comes("S")
    world.step()
    world.suspend("R")
    world.resume("R")
    advance(world, 1)

    assert history(world)[1:] == [("SUCCEEDED", 60), ("SUCCEEDED", 60.001)]


def test_a_waiting_trigger_goes_with_its_suspension(world: RunWorld) -> None:
    triggered(world)
    world.data_comes("S")
    world.step()
    assert len(world.current()) == 1

    world.suspend("R")

    assert world.current() == []
    advance(world, 3600)
    assert [state for state, _ in history(world)] == ["SKIPPED"]


def test_streams_forget_a_root_that_is_gone(world: RunWorld) -> None:
    triggered(world)
    assert known_streams(world) == {"S"}
    world.drop("R")

    assert known_streams(world) == set()
    world.data_comes("S")
    advance(world, 3600)
    assert history(world) == [("SKIPPED", 0)]


def test_a_root_that_asks_another_stream_is_started_by_that_alone(world: RunWorld) -> None:
    triggered(world)
    world.suspend("R")
    world.alter("R", condition="SYSTEM$STREAM_HAS_DATA('s2')", warehouse="WH")
    world.resume("R")
    world.settle()
    assert known_streams(world) == {"S2"}

    world.clock.advance(seconds=60)
    world.data_comes("S")
    advance(world, 60)
    assert world.complete() == []
    world.data_comes("S2")
    world.step()
    assert world.last().state == "SUCCEEDED"


def test_failures_are_counted_and_suspend_the_root(world: RunWorld) -> None:
    triggered(world, suspend_task_after_num_failures=2)
    world.bodies.fails("R", times=2)
    world.clock.advance(seconds=60)
    world.data_comes("S")

    advance(world, 600)

    assert history(world)[1:] == [("FAILED", 60), ("FAILED_AND_AUTO_SUSPENDED", 90)]
    assert not world.task("R").is_started
    assert known_streams(world) == set()


def test_a_failed_run_is_retried_before_the_next_is_triggered(world: RunWorld) -> None:
    triggered(world, task_auto_retry_attempts=1)
    world.bodies.fails("R")
    world.clock.advance(seconds=60)
    world.data_comes("S")
    world.step()
    world.step()
    consume(world, "S")
    advance(world, 300)

    assert [(run.state, run.attempt_number, run.scheduled_from) for run in world.complete()] == [
        ("FAILED", 1, "TRIGGER"),
        ("SUCCEEDED", 2, "AUTOMATIC RETRY"),
    ]


def test_a_crash_forgets_no_data(world: RunWorld) -> None:
    """What a commit has told is lost with the process; the streams still know."""
    triggered(world)
    world.clock.advance(seconds=60)
    world.streams.have_data["S"] = True

    world.crash()
    world.step()

    assert history(world)[1:] == [("SUCCEEDED", 60)]


def test_a_crash_forgets_no_trigger_that_was_due(world: RunWorld) -> None:
    triggered(world)
    world.data_comes("S")
    world.step()
    world.clock.advance(hours=2)

    world.crash()
    world.step()

    assert history(world)[1:] == [("SUCCEEDED", 7200)]


def test_a_check_that_a_crash_missed_is_not_made_up_for(world: RunWorld) -> None:
    triggered(world)
    world.clock.advance(hours=30)

    world.crash()
    world.run_until(START + 43 * HOURS)

    assert history(world) == [("SKIPPED", 0), ("SKIPPED", 42 * 3600)]


def test_a_stream_that_was_dropped_fails_the_run_that_looks_for_it(world: RunWorld) -> None:
    triggered(world)
    del world.streams.have_data["S"]

    world.run_until(START + 12 * HOURS)
    world.step()

    assert history(world)[1:] == [("FAILED", 43_200)]


def test_other_streams_start_nothing(world: RunWorld) -> None:
    triggered(world)
    world.clock.advance(seconds=60)
    world.scheduler.hear_streams({HOME.object("OTHER"), HOME.object("s")})
    advance(world, 60)

    assert [state for state, _ in history(world)] == ["SKIPPED"]


def test_children_and_finalizer_follow_a_triggered_root(world: RunWorld) -> None:
    world.streams.have_data = {"S": True}
    world.create("R", condition=WHEN_S, warehouse="WH")
    world.create("C", "R")
    world.create("F", finalize="R")
    world.resume_all("R")
    world.step()
    consume(world, "S")
    world.settle()

    assert world.states() == {"R": "SUCCEEDED", "C": "SUCCEEDED", "F": "SUCCEEDED"}
