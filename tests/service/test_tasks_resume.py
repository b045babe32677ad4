"""Resuming and suspending tasks, and the graph versions that come of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.service.task_world import ADMIN, OTHER, START, TaskWorld, named

from clockmill.core.errors import InsufficientPrivileges, NotFound
from clockmill.core.graph import Graph, GraphHasCycle, GraphHasManyRoots
from clockmill.core.task import CreateMode, SuspendReason
from clockmill.core.task_errors import RootNotSuspended, TooManyStarted
from clockmill.store.database import Store
from clockmill.store.tables import graph_versions, roots
from clockmill.store.versions import load_version
from clockmill.wake import Topic


def root_row(tasks: TaskWorld, name: str) -> Any:
    with tasks.store.read() as tx:
        return tx.execute(select(roots).where(roots.c.task_id == tasks.task(name).id)).first()


def versions(tasks: TaskWorld, name: str) -> list[int]:
    query = select(graph_versions.c.version).where(graph_versions.c.root_id == tasks.task(name).id)
    with tasks.store.read() as tx:
        return sorted(tx.execute(query).scalars())


def current_graph(tasks: TaskWorld, name: str) -> Graph:
    row = root_row(tasks, name)
    with tasks.store.read() as tx:
        graph = load_version(tx, row.task_id, row.graph_version)
    assert graph is not None
    return graph


def test_an_interval_counts_from_the_moment_of_resuming(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="10 MINUTES")
    tasks.clock.advance(minutes=1)
    tasks.resume("R")
    row = root_row(tasks, "R")
    assert row.schedule_base == START + timedelta(minutes=1)
    assert row.next_fire_at == START + timedelta(minutes=11)
    assert tasks.woken[-1] is Topic.SCHEDULE


def test_a_cron_schedule_fires_at_its_next_match_after_resuming(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="USING CRON 3 9 * * * UTC")
    tasks.resume("R")
    assert root_row(tasks, "R").next_fire_at == datetime(2026, 3, 2, 9, 3, tzinfo=UTC)


def test_a_root_without_schedule_is_started_and_due_never(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.resume("R")
    assert tasks.task("R").is_started
    assert root_row(tasks, "R").next_fire_at is None


def test_resuming_what_is_started_changes_nothing(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="10 MINUTES")
    tasks.resume("R")
    before = (tasks.task("R"), root_row(tasks, "R"))
    tasks.clock.advance(minutes=3)
    tasks.resume("R")
    assert (tasks.task("R"), root_row(tasks, "R")) == before


def test_suspending_cancels_the_next_fire(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="10 MINUTES")
    tasks.resume("R")
    tasks.clock.advance(minutes=1)
    tasks.suspend("R")
    root = tasks.task("R")
    assert root_row(tasks, "R").next_fire_at is None
    assert root.last_suspended_on == START + timedelta(minutes=1)
    assert root.last_suspended_reason is SuspendReason.USER_SUSPENDED


def test_suspending_what_is_suspended_changes_nothing(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.suspend("R")
    assert tasks.task("R").last_suspended_on is None


def test_children_keep_their_state_when_the_root_is_suspended(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.resume("C", "R")
    tasks.suspend("R")
    assert tasks.task("C").is_started


def test_children_may_be_resumed_before_their_siblings_exist(tasks: TaskWorld) -> None:
    """Clients deploy a graph one task after another, and resume each at once."""
    tasks.create("R", schedule="1 HOUR")
    for name, after in (("A", "R"), ("B", "A"), ("C", "A")):
        tasks.create(name, after)
        tasks.resume(name)
    tasks.create("F", finalize="R")
    tasks.resume("F", "R")
    assert current_graph(tasks, "R").members == ("R", "A", "B", "C", "F")


def test_only_a_graph_that_can_run_is_started(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("R2")
    tasks.create("C", "R", "R2")
    with pytest.raises(GraphHasManyRoots, match="The graph has more than one root task"):
        tasks.resume("R")
    tasks.create("D", "C")
    tasks.alter("C", "R", "D")
    with pytest.raises(GraphHasCycle, match="Graph has at least one cycle containing task"):
        tasks.resume("R")
    assert not tasks.task("R").is_started
    assert root_row(tasks, "R") is None
    assert versions(tasks, "R") == []


def test_others_may_not_resume_or_suspend(tasks: TaskWorld) -> None:
    tasks.create("R")
    with pytest.raises(InsufficientPrivileges):
        tasks.service.resume_task(OTHER, named("R"))
    with pytest.raises(InsufficientPrivileges):
        tasks.service.suspend_task(OTHER, named("R"))


def test_a_task_that_is_not_there_is_not_resumed(tasks: TaskWorld) -> None:
    for act in (tasks.service.resume_task, tasks.service.suspend_task, tasks.service.enable_dependents):
        with pytest.raises(NotFound, match=r"Task 'DB\.S\.NOBODY' does not exist"):
            act(ADMIN, named("NOBODY"))


def test_an_account_has_room_for_so_many_started_tasks() -> None:
    with Store.temporary() as store:
        tasks = TaskWorld(store, max_started=2)
        for name in "ABC":
            tasks.create(name)
        tasks.create("D", "C")
        tasks.resume("A", "B", "A")
        for name in "CD":
            with pytest.raises(TooManyStarted):
                tasks.resume(name)
        tasks.suspend("A")
        with pytest.raises(TooManyStarted):
            tasks.service.enable_dependents(ADMIN, named("C"))
        tasks.resume("D")
        assert {name for name, task in tasks.all().items() if task.is_started} == {"B", "D"}


# --- versions ----------------------------------------------------------------------------------


def test_a_version_is_cut_when_something_changed(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.resume("R")
    tasks.suspend("R")
    tasks.resume("R")
    assert versions(tasks, "R") == [1]

    tasks.suspend("R")
    tasks.alter("C", "R", comment="new")
    tasks.resume("R")
    assert (versions(tasks, "R"), root_row(tasks, "R").graph_version) == ([1, 2], 2)


def test_the_state_of_a_child_is_part_of_the_version(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.resume("R")
    tasks.suspend("R")
    tasks.resume("C", "R")
    assert versions(tasks, "R") == [1, 2]
    assert current_graph(tasks, "R").task("C").is_started


def test_a_version_holds_what_was_there_whatever_comes_later(tasks: TaskWorld) -> None:
    tasks.create("R", definition="select 'old'")
    tasks.resume("R")
    tasks.suspend("R")
    row = root_row(tasks, "R")
    tasks.alter("R", definition="select 'new'")
    with tasks.store.read() as tx:
        graph = load_version(tx, row.task_id, row.graph_version)
        assert load_version(tx, row.task_id, 99) is None
    assert graph is not None
    assert graph.root_task.spec.definition == "select 'old'"


def test_members_know_when_they_became_part_of_a_version(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.create("F", finalize="R")
    tasks.clock.advance(minutes=5)
    tasks.resume("R")
    assert {task.last_committed_on for task in tasks.all().values()} == {START + timedelta(minutes=5)}


def test_a_replaced_root_begins_with_version_one(tasks: TaskWorld) -> None:
    tasks.create("R", comment="a")
    for comment in "bc":
        tasks.resume("R")
        tasks.suspend("R")
        tasks.alter("R", comment=comment)
    tasks.create("R", mode=CreateMode.OR_REPLACE)
    assert root_row(tasks, "R") is None
    tasks.resume("R")
    assert versions(tasks, "R") == [1]


# --- with dependents ---------------------------------------------------------------------------


def test_a_root_is_resumed_with_all_that_follows(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="10 MINUTES")
    tasks.create("A", "R")
    tasks.create("B", "A")
    tasks.create("F", finalize="R")
    tasks.service.enable_dependents(ADMIN, named("R"))
    assert all(task.is_started for task in tasks.all().values())
    assert all(current_graph(tasks, "R").is_active(name) for name in "RABF")
    assert root_row(tasks, "R").next_fire_at == START + timedelta(minutes=10)


def test_of_a_child_only_what_follows_is_resumed(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("A", "R")
    tasks.create("B", "A")
    tasks.create("C", "R")
    tasks.service.enable_dependents(ADMIN, named("A"))
    assert [name for name, task in tasks.all().items() if task.is_started] == ["A", "B"]


def test_a_child_that_runs_already_brings_its_dependents_in(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("A", "R")
    tasks.create("B", "A")
    tasks.resume("A")
    tasks.service.enable_dependents(ADMIN, named("A"))
    assert tasks.task("B").is_started


def test_a_started_graph_takes_in_nobody(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("A", "R")
    tasks.resume("R")
    with pytest.raises(RootNotSuspended):
        tasks.service.enable_dependents(ADMIN, named("R"))
    tasks.suspend("R")
    tasks.service.enable_dependents(ADMIN, named("R"))
    tasks.service.enable_dependents(ADMIN, named("R"))
    tasks.service.enable_dependents(ADMIN, named("A"))


def test_a_graph_that_cannot_run_is_not_resumed_in_part(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("R2")
    tasks.create("C", "R", "R2")
    with pytest.raises(GraphHasManyRoots):
        tasks.service.enable_dependents(ADMIN, named("R"))
    assert not any(task.is_started for task in tasks.all().values())
