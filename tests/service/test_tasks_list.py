"""Looking at tasks: listings, dependents, what they are tied to."""

import pytest
from tests.service.task_world import ADMIN, HOME, TaskWorld, named, spec

from clockmill.core.errors import NotFound
from clockmill.core.names import SchemaName
from clockmill.service.tasks import task_relations


def listed(tasks: TaskWorld, **options: object) -> list[str]:
    return [each.name.name for each in tasks.service.list_tasks(ADMIN, HOME, **options)]  # type: ignore[arg-type]


@pytest.fixture
def graph(tasks: TaskWorld) -> TaskWorld:
    """A root, two children, a finalizer, and a task alone."""
    tasks.create("R")
    tasks.create("b", "R")
    tasks.create("A", "R", "b")
    tasks.create("F", finalize="R")
    tasks.create("ALONE")
    return tasks


def test_tasks_are_listed_by_name(graph: TaskWorld) -> None:
    assert listed(graph) == ["A", "ALONE", "F", "R", "b"]


def test_a_listing_may_be_narrowed(graph: TaskWorld) -> None:
    assert listed(graph, like="a%") == ["A", "ALONE"]
    assert listed(graph, like="B") == ["b"]
    assert listed(graph, starts_with="A", limit=1) == ["A"]
    assert listed(graph, from_name="AL", limit=2) == ["F", "R"]


def test_roots_alone_are_listed_without_finalizers(graph: TaskWorld) -> None:
    assert listed(graph, root_only=True) == ["ALONE", "R"]
    assert listed(graph, root_only=True, limit=1) == ["ALONE"]
    assert listed(graph, root_only=True, from_name="ALONE") == ["R"]


def test_a_schema_that_is_not_there_has_no_listing(tasks: TaskWorld) -> None:
    with pytest.raises(NotFound, match=r"Schema 'DB\.NONE' does not exist"):
        tasks.service.list_tasks(ADMIN, SchemaName("DB", "NONE"))
    with pytest.raises(NotFound, match=r"Schema 'DB\.NONE' does not exist"):
        tasks.service.fetch_task(ADMIN, SchemaName("DB", "NONE").object("T"))


def test_a_database_or_the_account_is_listed_by_schema_and_name(tasks: TaskWorld) -> None:
    for home, name in ((SchemaName("DB", "S2"), "A"), (HOME, "B"), (HOME, "A")):
        tasks.service.create_or_alter_task(ADMIN, home.object(name), spec())
    expected = ["DB.S.A", "DB.S.B", "DB.S2.A"]
    for database in ("DB", None):
        found = tasks.service.list_tasks_of(ADMIN, database)
        assert [str(each.name) for each in found] == expected
    assert tasks.service.list_tasks_of(ADMIN, "NONE") == []


def test_dependents_begin_with_the_task_itself(graph: TaskWorld) -> None:
    def dependents(name: str, *, recursive: bool = True) -> list[str]:
        found = graph.service.list_dependents(ADMIN, named(name), recursive=recursive)
        return [each.name.name for each in found]

    assert dependents("R") == ["R", "b", "A", "F"]
    assert dependents("b") == ["b", "A"]
    assert dependents("F") == ["F"]
    graph.create("Z", "A")
    assert dependents("b", recursive=False) == ["b", "A"]
    assert dependents("R", recursive=False) == ["R", "b", "A", "F"]


def test_the_relations_of_a_task_are_json_in_the_order_of_the_service(graph: TaskWorld) -> None:
    assert task_relations(graph.task("R")) == '{"Predecessors":[],"FinalizerTask":"DB.S.F"}'
    assert task_relations(graph.task("F")) == '{"FinalizedRootTask":"DB.S.R","Predecessors":[]}'
    assert task_relations(graph.task("A")) == '{"Predecessors":["DB.S.R","DB.S.\\"b\\""]}'
    assert task_relations(graph.task("ALONE")) == '{"Predecessors":[]}'
