"""What graphs inherit from the schema and database they are in."""

from datetime import UTC, datetime

from clockmill.core.catalog import DatabaseSpec, SchemaSpec
from clockmill.core.levels import inherit
from clockmill.core.names import QualifiedName
from clockmill.core.task import Task, TaskSpec

DATABASE = DatabaseSpec(user_task_timeout_ms=1, suspend_task_after_num_failures=1)
SCHEMA = SchemaSpec(user_task_timeout_ms=2)


def task(**properties: object) -> Task:
    spec = TaskSpec(**{"definition": "select 1", **properties})  # type: ignore[arg-type]
    return Task(
        id="1",
        name=QualifiedName("DB", "S", "T"),
        owner="R",
        spec=spec,
        created_on=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_nearest_level_that_sets_a_parameter_counts() -> None:
    spec = inherit(task(), DATABASE, SCHEMA).spec

    assert (spec.user_task_timeout_ms, spec.suspend_task_after_num_failures) == (2, 1)


def test_what_a_task_sets_itself_stays_even_if_it_is_zero() -> None:
    own = task(user_task_timeout_ms=0, suspend_task_after_num_failures=0)

    assert inherit(own, DATABASE, SCHEMA) is own


def test_a_finalizer_inherits_and_a_child_follows_its_root() -> None:
    child = task(predecessors=("R",))

    assert inherit(task(finalize="R"), DATABASE, SCHEMA).spec.user_task_timeout_ms == 2
    assert inherit(child, DATABASE, SCHEMA) is child


def test_without_levels_nothing_changes() -> None:
    own = task()

    assert inherit(own, DatabaseSpec(), SchemaSpec()) is own
