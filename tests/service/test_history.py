"""What the history shows, and for how long."""

from datetime import timedelta

import pytest
from tests.runner.run_world import RunWorld
from tests.service.task_world import ADMIN, START, named

from clockmill.core.errors import NotFound
from clockmill.service.history import HistoryService
from clockmill.service.kept_graphs import KeptGraphs
from clockmill.store.database import Store


@pytest.fixture
def world(any_store: Store) -> RunWorld:
    return RunWorld(any_store)


def test_a_complete_graph_is_shown_for_an_hour_and_kept_for_ever(world: RunWorld) -> None:
    history = HistoryService(store=world.store, clock=world.clock)
    world.create("R")
    world.run()

    world.clock.advance(minutes=60)
    assert len(history.complete_graphs(ADMIN, named("R"))) == 1
    world.clock.advance(seconds=1)

    assert history.complete_graphs(ADMIN, named("R")) == []
    assert len(world.complete()) == 1


def test_the_latest_come_first_and_errors_can_be_asked_for(world: RunWorld) -> None:
    world.create("R")
    for fails in (False, True, False):
        world.clock.advance(minutes=1)
        if fails:
            world.bodies.fails("R")
        world.run()

    rows = world.history.complete_graphs(ADMIN, named("R"))
    assert [row.state for row in rows] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert rows[0].completed_time == START + timedelta(minutes=3)
    (failed,) = world.history.complete_graphs(ADMIN, named("R"), error_only=True)
    assert failed.state == "FAILED"
    assert len(world.history.complete_graphs(ADMIN, named("R"), limit=2)) == 2


def test_graphs_of_other_roots_are_shown_only_to_whoever_asks_for_all(world: RunWorld) -> None:
    world.create("R")
    world.create("Q", schedule="1 MINUTE")
    world.resume("Q")
    world.run("R")

    assert world.history.complete_graphs(ADMIN, named("Q")) == []
    assert [row.root_task_name for row in world.history.complete_graphs(ADMIN, None)] == ["R"]
    assert [row.root_task_name for row in world.history.current_graphs(ADMIN, None)] == ["Q"]
    assert world.history.current_graphs(ADMIN, named("R")) == []


def test_a_task_that_is_not_there_has_no_history_and_a_child_has_an_empty_one(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")

    for look in (world.history.current_graphs, world.history.complete_graphs):
        with pytest.raises(NotFound):
            look(ADMIN, named("NONE"))
        assert look(ADMIN, named("A")) == []


def test_the_current_graphs_are_limited_and_last_scheduled_first(world: RunWorld) -> None:
    world.create("R", schedule="10 MINUTES", overlap_policy="ALLOW_ALL_OVERLAP")
    world.resume("R")
    world.execute()

    rows = world.current()
    assert [row.scheduled_from for row in rows] == ["SCHEDULE", "EXECUTE TASK"]
    assert rows[0].query_start_time is None
    assert world.history.current_graphs(ADMIN, named("R"), limit=1) == rows[:1]


def test_the_history_of_tasks_holds_what_is_planned_and_what_was(world: RunWorld) -> None:
    world.create("R", schedule="10 MINUTES")
    world.create("A", "R", definition="select 2")
    world.resume("A", "R")
    world.run_until(START + timedelta(minutes=10))

    planned, *ran = world.history.task_history(ADMIN)

    assert (planned.name, planned.state, planned.query_id) == ("R", "SCHEDULED", None)
    assert planned.scheduled_time == START + timedelta(minutes=20)
    assert {row.name: row.query_text for row in ran} == {"R": "select 1", "A": "select 2"}
    assert world.history.task_history(ADMIN, until=world.clock.now()) == ran
    assert world.history.task_history(ADMIN, error_only=True) == []
    assert world.history.task_history(ADMIN, root_id="none") == []
    assert {row.name for row in world.history.task_history(ADMIN, task_name="A", schema="S")} == {"A"}


def test_a_manual_root_has_no_next_time(world: RunWorld) -> None:
    world.create("R")

    assert world.run().next_scheduled_time is None


def test_a_run_that_waits_to_begin_is_one_to_come(world: RunWorld) -> None:
    """EXECUTE TASK answers before the run begins, and whoever looks then must find it."""
    world.create("R", definition="select 7", config='{"a": 1}')
    world.execute(config='{"b": 2}')

    (row,) = world.history.task_history(ADMIN)

    assert (row.name, row.state, row.query_id) == ("R", "SCHEDULED", None)
    assert (row.query_text, row.config) == ("select 7", '{"a":1,"b":2}')
    assert (row.scheduled_from, row.scheduled_by_user) == ("EXECUTE TASK", "ADMIN")
    assert world.history.task_history(ADMIN, error_only=True) == []
    assert world.history.task_history(ADMIN, task_name="Q") == []
    assert world.history.ended_tasks(ADMIN, since=START - timedelta(days=1)) == []


def test_names_alone_are_found_everywhere_and_in_any_case(world: RunWorld) -> None:
    world.create("R")
    world.create("r", schedule="10 MINUTES")
    world.run("R")
    world.run("r")
    world.resume("r")

    complete = world.history.complete_graphs(ADMIN, "r")
    assert {row.root_task_name for row in complete} == {"R", "r"}
    assert [row.root_task_name for row in world.history.current_graphs(ADMIN, "R")] == ["r"]
    assert len(world.history.task_history(ADMIN, task_name="R")) == 3
    assert world.history.complete_graphs(ADMIN, "none") == []


def test_a_planned_run_is_found_by_its_name_however_many_others_are_planned(world: RunWorld) -> None:
    """A limit on rows must not be spent on rows that nobody asked for."""
    world.create("FIRST", schedule="1 MINUTE")
    world.create("SECOND", schedule="2 MINUTES")
    world.resume("FIRST", "SECOND")
    first = world.task("FIRST").id

    by_name = world.history.task_history(ADMIN, limit=1, task_name="first")
    by_root = world.history.task_history(ADMIN, limit=1, root_id=first)
    assert [row.name for row in (*by_name, *by_root)] == ["FIRST", "FIRST"]


def test_versions_are_kept_with_who_cut_them(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")
    world.run()
    world.alter("A", "R", definition="select 2")
    world.run()

    versions = world.history.versions(ADMIN)

    assert [(each.number, each.created_by) for each in versions] == [(1, "ADMIN"), (2, "ADMIN")]
    assert [each.graph.task("A").spec.definition for each in versions] == ["select 1", "select 2"]


def test_graphs_read_for_the_history_are_kept_within_bounds(world: RunWorld) -> None:
    world.create("R")
    world.run()
    world.create("Q")
    world.run("Q")
    ids = [world.task(name).id for name in ("R", "Q")]
    kept = KeptGraphs(most_tasks=1)

    for task_id in (*ids, *ids):
        with world.store.read() as tx:
            found = kept.load(tx, [(task_id, 1), ("none", 1)])
        assert found.keys() == {(task_id, 1)}
