"""Databases and schemas: made, altered, looked at."""

from collections.abc import Callable

import pytest
from tests.service.catalog_world import ADMIN, BOB, NEW, START, S, World

from clockmill.core.catalog import DatabaseSpec, Permanence, ReservedSchema, SchemaSpec
from clockmill.core.errors import (
    AlreadyExists,
    ClockmillError,
    InsufficientPrivileges,
    NotFound,
)
from clockmill.core.names import SchemaName
from clockmill.core.task import CreateMode, TaskSpec
from clockmill.service.versions import load_graph
from clockmill.store import catalog as rows
from clockmill.store.database import Store


@pytest.fixture
def world(any_store: Store) -> World:
    return World(any_store)


# --- databases ---------------------------------------------------------------------------------


def test_a_new_database_has_the_schema_public(world: World) -> None:
    assert world.create_database() == "Database DB successfully created."

    found = world.service.fetch_database(ADMIN, "DB")
    assert (found.owner, found.created_on, found.spec) == ("ACCOUNTADMIN", START, DatabaseSpec())
    assert world.schemas() == ["PUBLIC"]


def test_every_property_of_a_database_is_kept(world: World) -> None:
    spec = DatabaseSpec(
        kind=Permanence.TRANSIENT,
        comment="it's mine",
        data_retention_time_in_days=1,
        max_data_extension_time_in_days=2,
        default_ddl_collation="en-ci",
        log_level="INFO",
        trace_level="ALWAYS",
        suspend_task_after_num_failures=3,
        user_task_timeout_ms=4,
        user_task_managed_initial_warehouse_size="SMALL",
        serverless_task_min_statement_size="XSMALL",
        serverless_task_max_statement_size="LARGE",
    )
    world.service.create_database(ADMIN, "DB", spec, NEW)

    assert world.service.fetch_database(ADMIN, "DB").spec == spec


def test_values_are_kept_in_their_canonical_spelling(world: World) -> None:
    spec = DatabaseSpec(log_level="info", user_task_managed_initial_warehouse_size="small")
    world.service.create_database(ADMIN, "DB", spec, NEW)

    kept = world.service.fetch_database(ADMIN, "DB").spec
    assert (kept.log_level, kept.user_task_managed_initial_warehouse_size) == ("INFO", "SMALL")


@pytest.mark.parametrize(
    "spec",
    [
        DatabaseSpec(data_retention_time_in_days=91),
        DatabaseSpec(log_level="LOUD"),
        DatabaseSpec(user_task_timeout_ms=604_800_001),
        DatabaseSpec(serverless_task_max_statement_size="X6LARGE"),
    ],
)
def test_a_value_outside_its_range_is_refused_and_nothing_made(world: World, spec: DatabaseSpec) -> None:
    with pytest.raises(ClockmillError, match="invalid value"):
        world.service.create_database(ADMIN, "DB", spec, NEW)
    assert world.service.list_databases(ADMIN) == []


def test_a_taken_database_is_refused_kept_or_replaced_as_the_mode_says(world: World) -> None:
    world.create_database()
    before = world.service.fetch_database(ADMIN, "DB").id
    namespace = world.service.namespace(SchemaName("DB", "PUBLIC"))

    with pytest.raises(AlreadyExists, match="Object 'DB' already exists"):
        world.create_database()
    assert world.create_database(mode=CreateMode.IF_NOT_EXISTS) == "DB already exists, statement succeeded."
    assert world.service.fetch_database(ADMIN, "DB").id == before
    assert world.forgotten == []
    world.create_database(mode=CreateMode.OR_REPLACE)
    assert world.service.fetch_database(ADMIN, "DB").id != before
    assert world.forgotten == [namespace]
    assert world.schemas() == ["PUBLIC"]


def test_create_or_alter_makes_a_database_or_gives_it_just_these_properties(world: World) -> None:
    made = world.service.create_or_alter_database(ADMIN, "DB", DatabaseSpec(comment="a", log_level="INFO"))
    before = world.service.fetch_database(ADMIN, "DB")
    world.create_schema()

    world.service.create_or_alter_database(ADMIN, "DB", DatabaseSpec(user_task_timeout_ms=5))

    after = world.service.fetch_database(ADMIN, "DB")
    assert made == "Database DB successfully created."
    assert after.spec == DatabaseSpec(user_task_timeout_ms=5)
    assert (after.id, after.created_on) == (before.id, before.created_on)
    assert world.schemas() == ["PUBLIC", "S"]


def test_alter_changes_only_what_it_names(world: World) -> None:
    world.create_database()
    world.service.alter_database(ADMIN, "DB", settings={"COMMENT": "a", "LOG_LEVEL": "warn"})

    world.service.alter_database(ADMIN, "DB", settings={"user_task_timeout_ms": 5}, unset=["COMMENT"])

    kept = world.service.fetch_database(ADMIN, "DB").spec
    assert kept == DatabaseSpec(log_level="WARN", user_task_timeout_ms=5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"NO_SUCH": 1}, "invalid property 'NO_SUCH' for 'DATABASE'"),
        ({"KIND": "TRANSIENT"}, "invalid property 'KIND' for 'DATABASE'"),
        ({"COMMENT": 1}, "comment"),
    ],
)
def test_altering_something_else_is_refused(world: World, settings: dict[str, object], message: str) -> None:
    world.create_database()

    with pytest.raises(ClockmillError, match=message):
        world.service.alter_database(ADMIN, "DB", settings=settings)


def test_a_database_that_is_not_there_is_named(world: World) -> None:
    asked: list[Callable[[], object]] = [
        lambda: world.service.fetch_database(ADMIN, "nope"),
        lambda: world.service.drop_database(ADMIN, "nope"),
        lambda: world.service.alter_database(ADMIN, "nope", settings={}),
        lambda: world.service.list_schemas(ADMIN, "nope"),
        lambda: world.create_schema(SchemaName("nope", "S")),
        lambda: world.service.fetch_schema(ADMIN, SchemaName("nope", "S")),
        lambda: world.service.namespace(SchemaName("nope", "S")),
    ]
    for ask in asked:
        with pytest.raises(NotFound, match="Database '\"nope\"' does not exist or not authorized"):
            ask()


def test_if_exists_makes_what_is_missing_no_error(world: World) -> None:
    said = world.service.drop_database(ADMIN, "NOPE", if_exists=True)

    assert said == "Drop statement executed successfully (NOPE already dropped)."
    assert world.service.drop_schema(ADMIN, SchemaName("NOPE", "S"), if_exists=True).startswith("Drop")
    world.service.alter_database(ADMIN, "NOPE", settings={}, if_exists=True)
    world.service.alter_schema(ADMIN, SchemaName("NOPE", "S"), settings={}, if_exists=True)


# --- schemas -----------------------------------------------------------------------------------


def test_a_schema_is_made_in_its_database(world: World) -> None:
    world.create_database()
    spec = SchemaSpec(managed_access=True, pipe_execution_paused=False, comment="c", log_level="ERROR")

    said = world.service.create_schema(ADMIN, S, spec, NEW)

    found = world.service.fetch_schema(ADMIN, S)
    assert said == "Schema S successfully created."
    assert (found.name, found.spec, found.owner) == (S, spec, "ACCOUNTADMIN")
    assert world.service.namespace(S) == found.id


def test_a_taken_schema_is_refused_kept_or_replaced_as_the_mode_says(world: World) -> None:
    world.create_database()
    world.create_schema()
    namespace = world.service.namespace(S)

    with pytest.raises(AlreadyExists, match="Object 'S' already exists"):
        world.create_schema()
    assert world.create_schema(mode=CreateMode.IF_NOT_EXISTS) == "S already exists, statement succeeded."
    assert world.service.namespace(S) == namespace
    world.create_schema(mode=CreateMode.OR_REPLACE)
    assert world.service.namespace(S) != namespace
    assert world.forgotten == [namespace]


def test_create_or_alter_makes_a_schema_or_gives_it_just_these_properties(world: World) -> None:
    world.create_database()
    world.service.create_or_alter_schema(ADMIN, S, SchemaSpec(comment="a", managed_access=True))
    namespace = world.service.namespace(S)

    world.service.create_or_alter_schema(ADMIN, S, SchemaSpec(log_level="OFF"))

    assert world.service.fetch_schema(ADMIN, S).spec == SchemaSpec(log_level="OFF")
    assert world.service.namespace(S) == namespace


def test_the_same_schema_name_in_two_databases_is_two_schemas(world: World) -> None:
    world.create_database("A")
    world.create_database("B")

    assert world.service.namespace(SchemaName("A", "PUBLIC")) != world.service.namespace(
        SchemaName("B", "PUBLIC")
    )
    assert len(world.service.list_schemas(ADMIN, None)) == 2


def test_the_information_schema_is_taken_in_every_database(world: World) -> None:
    world.create_database()
    reserved = SchemaName("DB", "INFORMATION_SCHEMA")

    with pytest.raises(AlreadyExists):
        world.create_schema(reserved)
    with pytest.raises(ReservedSchema):
        world.create_schema(reserved, CreateMode.OR_REPLACE)
    with pytest.raises(ReservedSchema):
        world.service.create_or_alter_schema(ADMIN, reserved, SchemaSpec())
    assert world.create_schema(reserved, CreateMode.IF_NOT_EXISTS).endswith(
        "already exists, statement succeeded."
    )
    assert world.schemas() == ["PUBLIC"]


def test_a_schema_that_is_not_there_is_named_in_full(world: World) -> None:
    world.create_database()

    for ask in (world.service.namespace, lambda name: world.service.fetch_schema(ADMIN, name)):
        with pytest.raises(NotFound, match=r"Schema 'DB\.S' does not exist or not authorized"):
            ask(S)


def test_listings_are_by_name_and_as_the_options_ask(world: World) -> None:
    for name in ("B", "A2", "A1", "a3"):
        world.create_database(name)

    names = [each.name for each in world.service.list_databases(ADMIN)]
    assert names == ["A1", "A2", "B", "a3"]
    assert [each.name for each in world.service.list_databases(ADMIN, like="A_")] == ["A1", "A2", "a3"]
    assert [each.name for each in world.service.list_databases(ADMIN, starts_with="A", limit=1)] == ["A1"]
    assert [each.name for each in world.service.list_databases(ADMIN, from_name="A1")] == ["A2", "B", "a3"]


# --- both --------------------------------------------------------------------------------------


def test_only_the_owner_or_the_administrator_changes_what_is_there(world: World) -> None:
    world.create_database("HERS")
    hers = SchemaName("HERS", "PUBLIC")
    world.create_database("HIS", caller=BOB)
    refusals: list[Callable[[], object]] = [
        lambda: world.service.drop_database(BOB, "HERS"),
        lambda: world.create_database("HERS", CreateMode.OR_REPLACE, BOB),
        lambda: world.service.create_or_alter_database(BOB, "HERS", DatabaseSpec()),
        lambda: world.service.alter_database(BOB, "HERS", settings={}),
        lambda: world.service.drop_schema(BOB, hers),
        lambda: world.create_schema(hers, CreateMode.OR_REPLACE, BOB),
        lambda: world.service.create_or_alter_schema(BOB, hers, SchemaSpec()),
        lambda: world.service.alter_schema(BOB, hers, settings={"COMMENT": "x"}),
    ]
    for refused in refusals:
        with pytest.raises(InsufficientPrivileges):
            refused()
    world.service.alter_schema(BOB, SchemaName("HIS", "PUBLIC"), settings={"COMMENT": "x"})
    world.service.drop_database(ADMIN, "HIS")


def test_what_tasks_inherit_is_found_in_one_look(world: World) -> None:
    world.service.create_database(ADMIN, "DB", DatabaseSpec(user_task_timeout_ms=7, comment="x"), NEW)
    world.service.create_schema(ADMIN, S, SchemaSpec(suspend_task_after_num_failures=2), NEW)

    with world.store.read() as tx:
        levels = rows.find_levels(tx, S)
        assert rows.find_levels(tx, SchemaName("DB", "NOPE")) is None

    assert levels is not None
    assert levels[0].user_task_timeout_ms == 7
    assert levels[1].suspend_task_after_num_failures == 2


def test_a_graph_runs_with_what_its_schema_and_database_set(world: World) -> None:
    """Its version keeps the values, so a change holds from the next resume or execution on."""
    world.service.create_database(ADMIN, "DB", DatabaseSpec(user_task_timeout_ms=7), NEW)
    world.create_schema()
    root = S.object("R")
    world.tasks.create_task(ADMIN, root, TaskSpec(definition="select 1"), NEW)

    with world.store.read() as tx:
        graph = load_graph(tx, world.tasks.fetch_task(ADMIN, root))

    assert graph.root_task.spec.user_task_timeout_ms == 7
    assert world.tasks.fetch_task(ADMIN, root).spec.user_task_timeout_ms is None
