"""Databases and schemas that go, and all that hangs on them."""

import pytest
from sqlalchemy import select
from tests.service.catalog_world import ADMIN, NEW, S, World

from clockmill.core.errors import (
    NotFound,
)
from clockmill.core.names import SchemaName
from clockmill.core.task import CreateMode, TaskSpec
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs, roots, tag_assignments, task_links, tasks
from clockmill.wake import Topic


@pytest.fixture
def world(any_store: Store) -> World:
    return World(any_store)


def furnish(world: World, schema: SchemaName) -> None:
    """Put a started graph with a finalizer, a waiting run, and tags into *schema*."""
    for name, spec in (
        ("R", TaskSpec(definition="select 1", schedule="10 MINUTES")),
        ("C", TaskSpec(definition="select 1", predecessors=("R",))),
        ("F", TaskSpec(definition="select 1", finalize="R")),
    ):
        world.tasks.create_task(ADMIN, schema.object(name), spec, NEW)
    world.tasks.resume_task(ADMIN, schema.object("R"))
    tag = schema.object("T")
    world.tags.create_tag(ADMIN, tag)
    world.tags.set_tags(ADMIN, "TASK", schema.object("R"), [(tag, "v")])
    world.tags.set_tags(ADMIN, "SCHEMA", schema, [(tag, "v")])
    world.tags.set_tags(ADMIN, "DATABASE", schema.database, [(tag, "v")])
    world.runs.execute_task(ADMIN, schema.object("R"))


def left_over(world: World) -> dict[str, int]:
    """Count the rows that anything in a schema leaves in the tables."""
    tables = (tasks, task_links, roots, graph_runs, tag_assignments)
    with world.store.read() as tx:
        return {table.name: len(tx.execute(select(table)).all()) for table in tables}


NOTHING_LEFT = {"tasks": 0, "task_links": 0, "roots": 0, "graph_runs": 0, "tag_assignments": 0}


def test_dropping_a_schema_takes_tasks_fires_waiting_runs_and_tags_with_it(world: World) -> None:
    world.create_database()
    world.create_schema()
    furnish(world, S)
    namespace = world.service.namespace(S)
    world.woken.clear()

    assert world.service.drop_schema(ADMIN, S) == "S successfully dropped."

    assert left_over(world) == NOTHING_LEFT
    assert world.forgotten == [namespace]
    assert Topic.SCHEDULE in world.woken
    assert world.schemas() == ["PUBLIC"]


def test_dropping_a_schema_leaves_its_neighbour_alone(world: World) -> None:
    world.create_database()
    world.create_schema()
    public = SchemaName("DB", "PUBLIC")
    furnish(world, public)
    before = left_over(world)
    world.create_database("OTHER")

    world.service.drop_schema(ADMIN, S)
    world.service.drop_database(ADMIN, "OTHER")

    assert left_over(world) == before
    assert len(world.tasks.list_tasks(ADMIN, public)) == 3


def test_dropping_a_database_takes_all_its_schemas(world: World) -> None:
    world.create_database()
    world.create_schema()
    furnish(world, S)
    furnish(world, SchemaName("DB", "PUBLIC"))
    namespaces = {world.service.namespace(S), world.service.namespace(SchemaName("DB", "PUBLIC"))}

    assert world.service.drop_database(ADMIN, "DB") == "DB successfully dropped."

    assert left_over(world) == NOTHING_LEFT
    assert set(world.forgotten) == namespaces
    assert world.service.list_databases(ADMIN) == []


def test_replacing_a_schema_empties_it(world: World) -> None:
    world.create_database()
    world.create_schema()
    furnish(world, S)

    world.create_schema(mode=CreateMode.OR_REPLACE)

    assert world.tasks.list_tasks(ADMIN, S) == []
    assert left_over(world)["roots"] == 0


def test_an_engine_that_fails_to_forget_does_not_undo_the_drop(world: World) -> None:
    """What it keeps is an orphan, and the next start clears it."""
    world.create_database()
    namespace = world.service.namespace(SchemaName("DB", "PUBLIC"))
    world.engine_is_broken = True

    assert world.service.drop_database(ADMIN, "DB") == "DB successfully dropped."
    assert world.service.reconcile({namespace}) == [namespace]


def test_a_schema_that_is_gone_is_not_remembered(world: World) -> None:
    """A table in a schema of the same name would else be looked for in the dropped one."""
    world.create_database()
    first = world.service.namespace(SchemaName("DB", "PUBLIC"))
    world.service.drop_database(ADMIN, "DB")

    with pytest.raises(NotFound):
        world.service.namespace(SchemaName("DB", "PUBLIC"))
    world.create_database()
    assert world.service.namespace(SchemaName("DB", "PUBLIC")) != first


def test_reconciling_names_only_what_no_schema_has(world: World) -> None:
    world.create_database()
    used = world.service.namespace(SchemaName("DB", "PUBLIC"))

    assert world.service.reconcile({used, "orphan-2", "orphan-1"}) == ["orphan-1", "orphan-2"]
