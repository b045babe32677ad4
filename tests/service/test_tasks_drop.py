"""Dropping tasks, and what becomes of what was tied to them."""

import pytest
from sqlalchemy import insert, select
from tests.service.task_world import ADMIN, HOME, START, TaskWorld, named

from clockmill.core.errors import NotFound
from clockmill.core.names import SchemaName
from clockmill.core.task import CreateMode, SuspendReason, TaskState
from clockmill.store.database import Transaction
from clockmill.store.tables import graph_versions, roots, tag_assignments, tags, task_links
from clockmill.store.tasks import TAG_LEVEL, get_task


def test_a_dropped_task_is_gone(tasks: TaskWorld) -> None:
    tasks.create("T")
    task_id = tasks.task("T").id
    assert tasks.drop("T") == "T successfully dropped."
    with pytest.raises(NotFound):
        tasks.task("T")
    with tasks.store.read() as tx:
        assert get_task(tx, task_id) is None


def test_a_task_is_found_by_its_id(tasks: TaskWorld) -> None:
    tasks.create("T")
    with tasks.store.read() as tx:
        assert get_task(tx, tasks.task("T").id) == tasks.task("T")


def test_a_task_that_is_not_there_is_dropped_only_if_exists(tasks: TaskWorld) -> None:
    with pytest.raises(NotFound, match=r"Task 'DB\.S\.T' does not exist or not authorized"):
        tasks.drop("T")
    expected = "Drop statement executed successfully (T already dropped)."
    assert tasks.drop("T", if_exists=True) == expected
    nowhere = SchemaName("NONE", "NONE").object("T")
    assert tasks.service.drop_task(ADMIN, nowhere, if_exists=True) == expected


def test_children_left_with_nobody_become_suspended_roots(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("A", "R")
    tasks.create("B", "R", "A")
    tasks.create("C", "A")
    tasks.resume("A", "B", "C")

    tasks.drop("A")

    assert tasks.task("B").spec.predecessors == ("R",)
    assert tasks.task("B").is_started
    freed = tasks.task("C")
    assert freed.spec.is_root
    assert freed.state is TaskState.SUSPENDED
    assert (freed.last_suspended_on, freed.last_suspended_reason) == (START, SuspendReason.CHILD_BECAME_ROOT)


def test_a_dropped_root_frees_its_finalizer(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("F", finalize="R")
    tasks.resume("F")
    tasks.drop("R")
    freed = tasks.task("F")
    assert freed.spec.is_root
    assert not freed.is_started
    assert freed.last_suspended_reason is SuspendReason.FINALIZER_BECAME_ROOT


def test_a_dropped_finalizer_leaves_its_root_alone(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("F", finalize="R")
    tasks.drop("F")
    assert tasks.task("R").finalizer is None
    tasks.create("F", finalize="R")


def test_a_freed_task_is_a_root_like_any_other(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.drop("R")
    tasks.alter("C", schedule="1 HOUR", config="{}")
    tasks.resume("C")
    assert tasks.task("C").is_started


def test_a_dropped_name_is_free_for_a_task_that_nobody_is_tied_to(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.drop("R")
    tasks.create("R")
    assert [each.name.name for each in tasks.service.list_dependents(ADMIN, named("R"))] == ["R"]


def test_what_was_due_is_due_no_more(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="10 MINUTES")
    tasks.resume("R")
    tasks.drop("R")
    with tasks.store.read() as tx:
        assert tx.execute(select(roots)).all() == []
        assert len(tx.execute(select(graph_versions)).all()) == 1, "runs that go on keep their version"
        assert tx.execute(select(task_links)).all() == []


def tag(tasks: TaskWorld, name: str) -> None:
    object_id = tasks.task(name).id

    def work(tx: Transaction) -> None:
        if tx.execute(select(tags)).first() is None:
            made = {"owner": "ME", "created_on": START}
            tx.execute(insert(tags), {"id": "g", "schema_id": "s1", "name": "G", **made})
        row = {"tag_id": "g", "level": TAG_LEVEL, "object_id": object_id, "value": "v"}
        tx.execute(insert(tag_assignments), row)

    tasks.store.write(work)


def tagged(tasks: TaskWorld) -> list[str]:
    with tasks.store.read() as tx:
        return list(tx.execute(select(tag_assignments.c.object_id)).scalars())


def test_tags_go_with_the_task_and_stay_through_alterations(tasks: TaskWorld) -> None:
    for name in ("DROPPED", "REPLACED", "ALTERED"):
        tasks.create(name)
        tag(tasks, name)
    tasks.drop("DROPPED")
    tasks.create("REPLACED", mode=CreateMode.OR_REPLACE)
    tasks.alter("ALTERED", comment="new")
    assert tagged(tasks) == [tasks.task("ALTERED").id]


def test_a_deployed_graph_is_dropped_from_the_end_of_its_dependents(tasks: TaskWorld) -> None:
    """That is what the official client does, and it leaves the finalizer to the end or out."""
    tasks.create("R")
    tasks.create("F", finalize="R")
    tasks.create("A", "R")
    tasks.create("B", "A", "R")
    tasks.resume("A", "B", "F", "R")
    tasks.suspend("R")
    listed = [each.name.name for each in tasks.service.list_dependents(ADMIN, named("R"))]
    assert listed == ["R", "A", "B", "F"]
    for name in reversed(listed[:-1]):
        tasks.drop(name)
    assert list(tasks.all()) == ["F"]
    tasks.create("R")
    tasks.create("F", finalize="R", mode=CreateMode.OR_REPLACE)
    assert tasks.task("R").finalizer == "F"


def test_another_schema_is_not_touched(tasks: TaskWorld) -> None:
    tasks.create("T")
    other = SchemaName("DB", "S2")
    tasks.service.create_or_alter_task(ADMIN, other.object("T"), tasks.task("T").spec)
    tasks.drop("T")
    assert len(tasks.service.list_tasks(ADMIN, other)) == 1
    assert tasks.service.list_tasks(ADMIN, HOME) == []
