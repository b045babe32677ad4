"""Databases and schemas: made, altered, dropped with all that hangs on them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec, Permanence, ReservedSchema, SchemaSpec
from clockmill.core.errors import (
    AlreadyExists,
    ClockmillError,
    InsufficientPrivileges,
    NotFound,
    Unavailable,
)
from clockmill.core.names import SchemaName
from clockmill.core.task import CreateMode, TaskSpec
from clockmill.service.catalog import CatalogService
from clockmill.service.runs import RunService
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.versions import load_graph
from clockmill.store import catalog as rows
from clockmill.store.account import create_account
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs, roots, tag_assignments, task_links, tasks
from clockmill.wake import Topic, Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN")
BOB = Caller(user="BOB", role="ANALYST")
START = datetime(2026, 1, 1, tzinfo=UTC)
NEW = CreateMode.ERROR_IF_EXISTS
S = SchemaName("DB", "S")


class World:
    """The catalog over a real store, beside the tasks and tags that live in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock(START)
        self.forgotten: list[str] = []
        self.engine_is_broken = False
        self.woken: list[Topic] = []
        wakeups = Wakeups()
        wakeups.subscribe(self.woken.append)
        self.service = CatalogService(
            store=store, clock=self.clock, wakeups=wakeups, drop_namespaces=self._drop_namespaces
        )
        self.tasks = TaskService(store=store, clock=self.clock, wakeups=wakeups)
        self.runs = RunService(store=store, clock=self.clock, wakeups=wakeups)
        self.tags = TagService(store=store, clock=self.clock)
        store.write(lambda tx: create_account(tx, "CLOCKMILL", START))

    def _drop_namespaces(self, namespaces: list[str]) -> None:
        if self.engine_is_broken:
            raise Unavailable("the engine is away")
        self.forgotten.extend(namespaces)

    def create_database(self, name: str = "DB", mode: CreateMode = NEW, caller: Caller = ADMIN) -> str:
        return self.service.create_database(caller, name, DatabaseSpec(), mode)

    def create_schema(self, name: SchemaName = S, mode: CreateMode = NEW, caller: Caller = ADMIN) -> str:
        return self.service.create_schema(caller, name, SchemaSpec(), mode)

    def schemas(self, database: str | None = "DB") -> list[str]:
        return [each.name.schema for each in self.service.list_schemas(ADMIN, database)]


@pytest.fixture
def world() -> Iterator[World]:
    with Store.open(":memory:") as store:
        yield World(store)


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


# --- dropping ----------------------------------------------------------------------------------


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
