"""The order in which what follows from a task is listed."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.dependents import in_order_of_dependence
from clockmill.core.names import SchemaName
from clockmill.core.task import Task, TaskSpec

HOME = SchemaName("DB", "S")
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def task(name: str, *after: str, finalize: str | None = None) -> Task:
    spec = TaskSpec(definition="select 1", predecessors=after, finalize=finalize)
    return Task(id=name, name=HOME.object(name), owner="ME", spec=spec, created_on=MADE)


def order(first: str, *tasks: Task) -> list[str]:
    return [each.name.name for each in in_order_of_dependence(first, tasks)]


def test_the_task_is_first_and_its_finalizer_last() -> None:
    tasks = (task("A_FINALIZER", finalize="R"), task("B", "C"), task("C", "R"), task("R"))
    assert order("R", *tasks) == ["R", "C", "B", "A_FINALIZER"]


def test_what_a_task_follows_from_elsewhere_does_not_count() -> None:
    assert order("C", task("C", "R"), task("D", "C", "OTHER")) == ["C", "D"]


def test_tasks_on_a_cycle_are_listed_all_the_same() -> None:
    assert order("A", task("A", "C"), task("B", "A"), task("C", "B")) == ["A", "B", "C"]
    assert order("R", task("R"), task("X", "R", "Y"), task("Y", "X")) == ["R", "X", "Y"]


@given(st.data())
def test_nobody_is_listed_before_what_it_follows_from(data: st.DataObject) -> None:
    """A client drops a graph from the end of this list."""
    size = data.draw(st.integers(1, 8))
    tasks = [task("T0")]
    for number in range(1, size):
        before = st.sets(st.integers(0, number - 1), min_size=1)
        tasks.append(task(f"T{number}", *(f"T{each}" for each in data.draw(before))))
    listed = order("T0", *data.draw(st.permutations(tasks)))
    assert sorted(listed) == sorted(each.name.name for each in tasks)
    for each in tasks:
        for predecessor in each.spec.predecessors:
            assert listed.index(predecessor) < listed.index(each.name.name)
