"""Creating, altering and replacing tasks."""

from typing import Any

import pytest
from tests.service.task_world import ADMIN, HOME, OTHER, START, TaskWorld, named, spec

from clockmill.core.errors import AlreadyExists, InsufficientPrivileges, NotFound
from clockmill.core.names import SchemaName
from clockmill.core.task import CreateMode, SuspendReason, TaskState
from clockmill.core.task_errors import (
    FinalizedBecomesChild,
    FinalizedReplacedByNonRoot,
    FinalizerWithChildren,
    FinalizesNonRoot,
    InvalidFinalizedRoot,
    InvalidPredecessor,
    NonexistentWarehouse,
    OwnersDiffer,
    RootNotSuspended,
    ScheduleAndPredecessor,
    SecondFinalizer,
    UnfinishedDefinition,
)

IF_NOT_EXISTS, OR_REPLACE = CreateMode.IF_NOT_EXISTS, CreateMode.OR_REPLACE


def test_a_new_task_is_suspended_and_belongs_to_the_role_that_made_it(tasks: TaskWorld) -> None:
    assert tasks.create("T", caller=OTHER, comment="c") == "Task T successfully created."

    task = tasks.task("T")
    assert (task.owner, task.created_by, task.created_on) == ("SYSADMIN", "BOB", START)
    assert (task.state, task.last_suspended_on, task.last_committed_on) == (TaskState.SUSPENDED, None, None)
    assert task.spec == spec(comment="c")


def test_every_property_reads_back_as_it_was_written(tasks: TaskWorld) -> None:
    written: dict[str, Any] = {
        "definition": " begin\n  select 'ä' ; -- \\ \n end ",
        "schedule": "90 S ",
        "warehouse": "WH",
        "comment": "",
        "config": '{"a" : 1.50}',
        "condition": "1=1",
        "session_parameters": {"TIMEZONE": "UTC"},
        "user_task_timeout_ms": 0,
        "error_integration": "NOBODY_KNOWS_IT",
        "execute_as_user": "BOB",
    }
    tasks.create("T", **written)
    assert tasks.task("T").spec == spec(**written)


def test_two_tasks_cannot_have_one_name(tasks: TaskWorld) -> None:
    tasks.create("T")
    before = tasks.task("T")
    with pytest.raises(AlreadyExists, match="Object 'T' already exists"):
        tasks.create("T", definition="select 2")
    assert tasks.task("T") == before


def test_the_same_name_may_stand_in_two_schemas(tasks: TaskWorld) -> None:
    tasks.create("T")
    other = SchemaName("DB", "S2").object("T")
    tasks.service.create_task(ADMIN, other, spec(), CreateMode.ERROR_IF_EXISTS)
    assert [each.name.name for each in tasks.service.list_tasks(ADMIN, HOME)] == ["T"]


def test_if_not_exists_leaves_a_task_as_it_is(tasks: TaskWorld) -> None:
    tasks.create("T")
    before = tasks.task("T")
    status = tasks.create("T", mode=IF_NOT_EXISTS, definition="select 2")
    assert (status, tasks.task("T")) == ("T already exists, statement succeeded.", before)


def test_if_not_exists_reads_the_statement_but_does_not_weigh_it(tasks: TaskWorld) -> None:
    """The statement itself must be right; what it would do does not matter any more."""
    tasks.create("T")
    tasks.create("T", "NOBODY", mode=IF_NOT_EXISTS, schedule="9 SECONDS")
    with pytest.raises(NonexistentWarehouse):
        tasks.create("T", mode=IF_NOT_EXISTS, warehouse="NOWHERE")
    with pytest.raises(UnfinishedDefinition):
        tasks.create("T", mode=IF_NOT_EXISTS, definition="select '")


def test_what_a_task_stands_on_must_be_there(tasks: TaskWorld) -> None:
    with pytest.raises(NonexistentWarehouse, match="Nonexistent warehouse NOWHERE was specified"):
        tasks.create("T", warehouse="NOWHERE")
    with pytest.raises(NotFound, match="User 'NOBODY' does not exist"):
        tasks.create("T", execute_as_user="NOBODY")
    with pytest.raises(NotFound, match=r"Schema 'DB\.NONE' does not exist"):
        name = SchemaName("DB", "NONE").object("T")
        tasks.service.create_task(ADMIN, name, spec(), CreateMode.ERROR_IF_EXISTS)


def test_ties_are_weighed_against_what_is_there(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.create("F", finalize="R")
    with pytest.raises(InvalidPredecessor, match="Invalid predecessor NOBODY was specified"):
        tasks.create("T", "NOBODY", "R")
    with pytest.raises(FinalizerWithChildren):
        tasks.create("T", "F")
    with pytest.raises(InvalidFinalizedRoot):
        tasks.create("T", finalize="NOBODY")
    with pytest.raises(FinalizesNonRoot):
        tasks.create("T", finalize="C")
    with pytest.raises(FinalizesNonRoot):
        tasks.create("T", finalize="F")
    with pytest.raises(SecondFinalizer):
        tasks.create("T", finalize="R")
    with pytest.raises(OwnersDiffer):
        tasks.create("T", "R", caller=OTHER)
    assert sorted(tasks.all()) == ["C", "F", "R"]


def test_a_task_has_at_most_a_hundred_children(tasks: TaskWorld) -> None:
    tasks.create("R")
    for number in range(100):
        tasks.create(f"C{number}", "R")
    with pytest.raises(Exception, match=r"Task DB\.S\.R cannot have more than 100 child tasks"):
        tasks.create("C100", "R")
    tasks.alter("C99", "R", comment="a child may be altered that is there")
    tasks.create("C99", "R", mode=OR_REPLACE)


@pytest.mark.parametrize("any_store", ["sqlite"], indirect=True)
def test_a_graph_has_at_most_a_thousand_tasks(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("F", finalize="R")
    tasks.create("ELSEWHERE")
    for number in range(998):
        tasks.create(f"C{number}", f"C{number - 1}" if number else "R")
    tasks.create("STILL_ALONE")
    with pytest.raises(Exception, match=r"with root task DB\.S\.R has 1001 tasks"):
        tasks.create("ONE_TOO_MANY", "C997")
    with pytest.raises(Exception, match=r"with root task DB\.S\.R has 1001 tasks"):
        tasks.alter("STILL_ALONE", "R")
    tasks.create("NEXT", "ELSEWHERE")


@pytest.mark.parametrize("any_store", ["sqlite"], indirect=True)
def test_dropped_tasks_make_room_in_a_graph(tasks: TaskWorld) -> None:
    """The size of a graph is remembered for speed; it must not be remembered too long."""
    tasks.create("R")
    for number in range(999):
        tasks.create(f"C{number}", f"C{number - 1}" if number else "R")
    tasks.create("X")
    tasks.drop("C998")
    tasks.create("C998", "C997")
    with pytest.raises(Exception, match="has 1001 tasks"):
        tasks.create("C999", "C998")


@pytest.mark.parametrize("any_store", ["sqlite"], indirect=True)
def test_a_graph_is_held_to_its_size_in_a_schema_of_many_tasks(tasks: TaskWorld) -> None:
    for number in range(1001):
        tasks.create(f"OTHER{number}")
    tasks.create("R")
    for number in range(998):
        tasks.create(
            f"C{number}", *((f"C{each}" for each in range(max(0, number - 2), number)) if number else ("R",))
        )
    tasks.create("F", finalize="R")
    with pytest.raises(Exception, match="has 1001 tasks"):
        tasks.create("ONE_TOO_MANY", "C0")
    tasks.drop("F")
    tasks.create("THE_LAST", "C0")


# --- create or alter ---------------------------------------------------------------------------


def test_altering_resets_what_is_left_out_and_keeps_what_the_system_says(tasks: TaskWorld) -> None:
    tasks.create("T", comment="c", user_task_timeout_ms=5, config="{}")
    tasks.resume("T")
    tasks.suspend("T")
    before = tasks.task("T")
    tasks.clock.advance(hours=1)

    assert tasks.alter("T", definition="select 2") == "Statement executed successfully."

    after = tasks.task("T")
    assert after.spec == spec(definition="select 2")
    assert (after.id, after.created_on, after.owner) == (before.id, before.created_on, before.owner)
    assert after.last_suspended_on == before.last_suspended_on


def test_what_is_not_there_is_made(tasks: TaskWorld) -> None:
    assert tasks.alter("T") == "Task T successfully created."


def test_a_started_child_of_a_suspended_root_stays_started(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.resume("C")
    tasks.alter("C", "R", comment="new")
    assert tasks.task("C").state is TaskState.STARTED


def test_the_owner_stays_the_owner(tasks: TaskWorld) -> None:
    tasks.create("T", caller=OTHER)
    tasks.alter("T", comment="by the administrator")
    assert tasks.task("T").owner == "SYSADMIN"


def test_others_may_not_alter_replace_or_drop(tasks: TaskWorld) -> None:
    tasks.create("T")
    with pytest.raises(InsufficientPrivileges):
        tasks.alter("T", caller=OTHER)
    with pytest.raises(InsufficientPrivileges):
        tasks.create("T", caller=OTHER, mode=OR_REPLACE)
    with pytest.raises(InsufficientPrivileges):
        tasks.service.drop_task(OTHER, named("T"))


def test_a_child_without_its_last_predecessor_becomes_a_suspended_root(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.resume("C")

    tasks.alter("C", schedule="1 HOUR")

    child = tasks.task("C")
    assert (child.state, child.last_suspended_reason) == (
        TaskState.SUSPENDED,
        SuspendReason.CHILD_BECAME_ROOT,
    )
    assert child.last_suspended_on == START


def test_a_finalizer_that_finalizes_nothing_becomes_a_suspended_root(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("F", finalize="R")
    tasks.alter("F")
    assert tasks.task("F").last_suspended_reason is SuspendReason.FINALIZER_BECAME_ROOT
    assert tasks.task("R").finalizer is None


def test_a_finalizer_may_be_moved_to_another_root(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("R2")
    tasks.create("F", finalize="R")
    tasks.alter("F", finalize="R2")
    assert (tasks.task("R").finalizer, tasks.task("R2").finalizer) == (None, "F")
    tasks.alter("F", finalize="R2", comment="itself is no second finalizer")


def test_a_root_with_a_finalizer_cannot_become_a_child(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("P")
    tasks.create("F", finalize="R")
    with pytest.raises(FinalizedBecomesChild):
        tasks.alter("R", "P")
    with pytest.raises(FinalizedReplacedByNonRoot):
        tasks.create("R", "P", mode=OR_REPLACE)


def test_links_may_make_a_cycle_while_everything_is_suspended(tasks: TaskWorld) -> None:
    tasks.create("A")
    tasks.create("B", "A")
    tasks.alter("A", "B")
    assert tasks.task("A").spec.predecessors == ("B",)


# --- or replace --------------------------------------------------------------------------------


def test_a_replaced_task_is_another_one(tasks: TaskWorld) -> None:
    tasks.create("T", comment="c")
    before = tasks.task("T")
    tasks.clock.advance(hours=1)

    assert tasks.create("T", mode=OR_REPLACE) == "Task T successfully created."

    after = tasks.task("T")
    assert after.id != before.id
    assert after.created_on > before.created_on
    assert (after.spec, after.state, after.last_suspended_on) == (spec(), TaskState.SUSPENDED, None)


def test_what_is_tied_to_a_task_stays_tied_to_what_replaces_it(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    tasks.create("D", "C", "R")
    tasks.create("F", finalize="R")
    tasks.resume("C", "D", "F")

    tasks.create("R", mode=OR_REPLACE)

    assert tasks.task("R").finalizer == "F"
    dependents = tasks.service.list_dependents(ADMIN, named("R"))
    assert [each.name.name for each in dependents] == ["R", "C", "D", "F"]
    assert all(tasks.task(name).is_started for name in "CDF")
    tasks.resume("R")


def test_a_child_may_be_replaced_with_other_predecessors(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("A", "R")
    tasks.create("B", "A")
    tasks.create("A", "R", mode=OR_REPLACE)
    tasks.create("B", "R", mode=OR_REPLACE)
    assert [each.name.name for each in tasks.service.list_dependents(ADMIN, named("A"))] == ["A"]


def test_a_task_with_children_cannot_be_replaced_by_a_finalizer(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("T")
    tasks.create("C", "T")
    with pytest.raises(FinalizerWithChildren):
        tasks.create("T", mode=OR_REPLACE, finalize="R")


def test_a_finalizer_may_replace_itself(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("F", finalize="R")
    tasks.create("F", mode=OR_REPLACE, finalize="R", comment="new")
    assert tasks.task("R").finalizer == "F"


def test_a_refused_replacement_leaves_the_old_task(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.create("C", "R")
    before = tasks.all()
    with pytest.raises(ScheduleAndPredecessor):
        tasks.create("C", "R", mode=OR_REPLACE, schedule="1 HOUR")
    with pytest.raises(InvalidPredecessor):
        tasks.create("C", "NOBODY", mode=OR_REPLACE)
    assert tasks.all() == before


# --- started graphs ----------------------------------------------------------------------------


def test_nothing_of_a_graph_changes_while_its_root_is_started(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="1 HOUR")
    tasks.create("A", "R")
    tasks.create("B", "A")
    tasks.create("F", finalize="R")
    tasks.create("LOOSE")
    tasks.resume("A", "R")
    before = tasks.all()
    refused = pytest.raises(RootNotSuspended, match=r"with root task DB\.S\.R since")
    for name in ("R", "A", "B", "F"):
        with refused:
            tasks.alter(name, comment="new")
        with refused:
            tasks.create(name, mode=OR_REPLACE)
        with refused:
            tasks.drop(name)
    with refused:
        tasks.create("NEW", "B")
    with refused:
        tasks.alter("LOOSE", "A")
    with refused:
        tasks.create("LOOSE", "B", mode=OR_REPLACE)
    for name in ("A", "B", "F"):
        with refused:
            tasks.suspend(name)
        with refused:
            tasks.resume(name)
    assert tasks.all() == before


def test_a_started_root_gets_no_finalizer(tasks: TaskWorld) -> None:
    tasks.create("R")
    tasks.resume("R")
    with pytest.raises(RootNotSuspended):
        tasks.create("F", finalize="R")


def test_a_started_task_alone_is_not_replaced_or_altered_but_dropped(tasks: TaskWorld) -> None:
    tasks.create("T")
    tasks.resume("T")
    with pytest.raises(RootNotSuspended):
        tasks.create("T", mode=OR_REPLACE)
    with pytest.raises(RootNotSuspended):
        tasks.alter("T")
    tasks.drop("T")
    assert tasks.all() == {}


def test_of_a_suspended_graph_everything_may_change(tasks: TaskWorld) -> None:
    tasks.create("R", schedule="1 HOUR")
    tasks.create("A", "R")
    tasks.resume("A", "R")
    tasks.suspend("R")
    tasks.alter("A", "R", comment="new")
    tasks.create("B", "A")
    tasks.resume("B", "R")
    assert all(task.is_started for task in tasks.all().values())
