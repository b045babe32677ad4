"""Tags: which values they take, where they are set, and what an object has from above."""

from datetime import UTC, datetime

import pytest

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec
from clockmill.core.errors import AlreadyExists, InsufficientPrivileges, NotFound
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.tag import (
    MAX_ALLOWED_VALUES,
    MAX_TAGS_OF_OBJECT,
    TagTarget,
    TagValueNotAllowed,
    TagValueTooLong,
    TooManyAllowedValues,
    TooManyTags,
)
from clockmill.core.task import CreateMode, TaskSpec
from clockmill.core.warehouse import WarehouseSpec
from clockmill.service.catalog import CatalogService
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.store.account import create_account
from clockmill.store.database import Store
from clockmill.wake import Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN")
BOB = Caller(user="BOB", role="ANALYST")
START = datetime(2026, 1, 1, tzinfo=UTC)
HOME = SchemaName("DB", "PUBLIC")
TASK = HOME.object("T1")
COST = HOME.object("COST")
TEAM = HOME.object("TEAM")


class World:
    """Tags over a real store that holds one object of each level."""

    def __init__(self, store: Store) -> None:
        clock, wakeups = VirtualClock(START), Wakeups()
        store.write(lambda tx: create_account(tx, "CLOCKMILL", START))
        self.catalog = CatalogService(
            store=store, clock=clock, wakeups=wakeups, drop_namespaces=lambda _gone: None
        )
        self.warehouses = WarehouseService(store=store, clock=clock, wakeups=wakeups)
        self.tasks = TaskService(store=store, clock=clock, wakeups=wakeups)
        self.service = TagService(store=store, clock=clock)
        self.catalog.create_database(ADMIN, "DB", DatabaseSpec(), CreateMode.ERROR_IF_EXISTS)
        self.warehouses.create_warehouse(ADMIN, "WH", WarehouseSpec(), CreateMode.ERROR_IF_EXISTS)
        self.tasks.create_task(ADMIN, TASK, TaskSpec(definition="select 1"), CreateMode.ERROR_IF_EXISTS)
        for tag in (COST, TEAM):
            self.service.create_tag(ADMIN, tag)

    def set(self, level: str, name: TagTarget, *assignments: tuple[QualifiedName, str]) -> None:
        self.service.set_tags(ADMIN, level, name, assignments)

    def found(self, level: str, name: TagTarget, *, with_lineage: bool = False) -> list[tuple[str, str, str]]:
        tags = self.service.get_tags(ADMIN, level, name, with_lineage=with_lineage)
        return [(each.tag.name, each.value, each.level) for each in tags]


@pytest.fixture
def world(any_store: Store) -> World:
    return World(any_store)


LEVELS: list[tuple[str, TagTarget]] = [
    ("TASK", TASK),
    ("SCHEMA", HOME),
    ("DATABASE", "DB"),
    ("WAREHOUSE", "WH"),
    ("ACCOUNT", None),
]


@pytest.mark.parametrize(("level", "name"), LEVELS)
def test_a_tag_is_set_changed_and_taken_off_on_every_level(world: World, level: str, name: TagTarget) -> None:
    world.set(level, name, (COST, "1"), (TEAM, ""))
    world.set(level, name, (COST, "2"))
    assert world.found(level, name) == [("COST", "2", level), ("TEAM", "", level)]

    world.service.unset_tags(ADMIN, level, name, [COST])
    world.service.unset_tags(ADMIN, level, name, [])
    world.set(level, name)

    assert world.found(level, name) == [("TEAM", "", level)]


def test_lineage_adds_what_is_set_above_and_the_nearest_value_counts(world: World) -> None:
    other = HOME.object("OTHER")
    world.service.create_tag(ADMIN, other)
    world.set("ACCOUNT", None, (COST, "account"), (TEAM, "account"), (other, "account"))
    world.set("DATABASE", "DB", (COST, "database"), (TEAM, "database"))
    world.set("SCHEMA", HOME, (COST, "schema"))
    world.set("TASK", TASK, (COST, "task"))

    assert world.found("TASK", TASK) == [("COST", "task", "TASK")]
    assert world.found("TASK", TASK, with_lineage=True) == [
        ("COST", "task", "TASK"),
        ("OTHER", "account", "ACCOUNT"),
        ("TEAM", "database", "DATABASE"),
    ]
    assert world.found("SCHEMA", HOME, with_lineage=True)[0] == ("COST", "schema", "SCHEMA")
    assert world.found("WAREHOUSE", "WH", with_lineage=True)[0] == ("COST", "account", "ACCOUNT")


def test_a_tag_that_does_not_exist_is_refused_and_nothing_is_set(world: World) -> None:
    missing = HOME.object("nope")

    for ask in (
        lambda: world.set("TASK", TASK, (COST, "1"), (missing, "1")),
        lambda: world.service.unset_tags(ADMIN, "TASK", TASK, [missing]),
        lambda: world.service.drop_tag(ADMIN, missing),
    ):
        with pytest.raises(NotFound, match=r"Tag 'DB\.PUBLIC\.\"nope\"' does not exist") as refused:
            ask()
        assert refused.value.code == "002003"
    assert world.found("TASK", TASK) == []


def test_a_value_has_at_most_256_characters(world: World) -> None:
    world.set("TASK", TASK, (COST, "é" * 256))

    with pytest.raises(TagValueTooLong, match="longer than 256 characters"):
        world.set("TASK", TASK, (COST, "é" * 257))


def test_a_tag_with_allowed_values_takes_no_others(world: World) -> None:
    world.service.create_tag(ADMIN, HOME.object("ENV"), allowed_values=("dev", "prod"))
    world.set("TASK", TASK, (HOME.object("ENV"), "dev"))

    with pytest.raises(TagValueNotAllowed, match=r"'Dev' for tag .* are 'dev', 'prod'"):
        world.set("TASK", TASK, (HOME.object("ENV"), "Dev"))


def test_the_numbers_of_tags_and_values_are_limited(world: World) -> None:
    names = [HOME.object(f"N{number}") for number in range(MAX_TAGS_OF_OBJECT + 1)]
    for name in names:
        world.service.create_tag(ADMIN, name)

    with pytest.raises(TooManyTags):
        world.set("TASK", TASK, *((name, "v") for name in names))
    world.set("TASK", TASK, *((name, "v") for name in names[1:]))
    with pytest.raises(TooManyAllowedValues):
        world.service.create_tag(
            ADMIN, HOME.object("X"), allowed_values=tuple(map(str, range(MAX_ALLOWED_VALUES + 1)))
        )
    with pytest.raises(TagValueTooLong):
        world.service.create_tag(ADMIN, HOME.object("X"), allowed_values=("x" * 257,))


@pytest.mark.parametrize(
    ("level", "name", "message"),
    [
        ("TASK", HOME.object("NOPE"), r"Task 'DB\.PUBLIC\.NOPE' does not exist"),
        ("TASK", QualifiedName("DB", "NOPE", "T"), r"Schema 'DB\.NOPE' does not exist"),
        ("TASK", QualifiedName("NOPE", "S", "T"), "Database 'NOPE' does not exist"),
        ("SCHEMA", SchemaName("DB", "NOPE"), r"Schema 'DB\.NOPE' does not exist"),
        ("DATABASE", "NOPE", "Database 'NOPE' does not exist"),
        ("WAREHOUSE", "NOPE", "Warehouse 'NOPE' does not exist"),
    ],
)
def test_an_object_that_is_not_there_is_named_unless_if_exists_is_given(
    world: World, level: str, name: TagTarget, message: str
) -> None:
    with pytest.raises(NotFound, match=message):
        world.set(level, name, (COST, "1"))
    with pytest.raises(NotFound, match=message):
        world.found(level, name)
    said = world.service.set_tags(ADMIN, level, name, [(COST, "1")], if_exists=True)
    assert said == "Statement executed successfully."
    world.service.unset_tags(ADMIN, level, name, [COST], if_exists=True)


def test_a_taken_tag_is_refused_kept_or_replaced_as_the_mode_says(world: World) -> None:
    world.set("TASK", TASK, (COST, "1"))

    with pytest.raises(AlreadyExists, match="Object 'COST' already exists"):
        world.service.create_tag(ADMIN, COST)
    kept = world.service.create_tag(ADMIN, COST, mode=CreateMode.IF_NOT_EXISTS)
    assert kept == "COST already exists, statement succeeded."
    assert world.found("TASK", TASK) == [("COST", "1", "TASK")]
    replaced = world.service.create_tag(ADMIN, COST, comment="new", mode=CreateMode.OR_REPLACE)
    assert replaced == "Tag COST successfully created."
    assert world.found("TASK", TASK) == []


def test_dropping_a_tag_takes_it_off_all_objects(world: World) -> None:
    world.set("TASK", TASK, (COST, "1"))

    assert world.service.drop_tag(ADMIN, COST) == "COST successfully dropped."
    assert world.found("TASK", TASK) == []
    gone = world.service.drop_tag(ADMIN, COST, if_exists=True)
    assert gone == "Drop statement executed successfully (COST already dropped)."


def test_a_new_object_of_an_old_name_has_no_tags(world: World) -> None:
    for level, name in (("TASK", TASK), ("WAREHOUSE", "WH")):
        world.set(level, name, (COST, "1"))
    world.tasks.drop_task(ADMIN, TASK)
    world.tasks.create_task(ADMIN, TASK, TaskSpec(definition="select 1"), CreateMode.ERROR_IF_EXISTS)
    world.warehouses.create_warehouse(ADMIN, "WH", WarehouseSpec(), CreateMode.OR_REPLACE)

    assert world.found("TASK", TASK) == []
    assert world.found("WAREHOUSE", "WH") == []


def test_tags_are_listed_by_schema_by_database_and_all_together(world: World) -> None:
    world.catalog.create_database(ADMIN, "DB2", DatabaseSpec(), CreateMode.ERROR_IF_EXISTS)
    second = QualifiedName("DB2", "PUBLIC", "ZONE")
    world.service.create_tag(ADMIN, second, allowed_values=("a",), comment="where")

    listed = world.service.list_tags(ADMIN, None)
    assert [each.name for each in listed] == [COST, TEAM, second]
    assert (listed[2].allowed_values, listed[2].comment, listed[2].owner) == (("a",), "where", "ACCOUNTADMIN")
    assert [each.name for each in world.service.list_tags(ADMIN, "DB2")] == [second]
    assert [each.name for each in world.service.list_tags(ADMIN, HOME, like="c%")] == [COST]
    with pytest.raises(NotFound):
        world.service.list_tags(ADMIN, SchemaName("DB", "NOPE"))


def test_only_the_owner_or_the_administrator_tags_an_object(world: World) -> None:
    for level, name in LEVELS:
        with pytest.raises(InsufficientPrivileges):
            world.service.set_tags(BOB, level, name, [(COST, "1")])
    with pytest.raises(InsufficientPrivileges):
        world.service.drop_tag(BOB, COST)
    with pytest.raises(InsufficientPrivileges):
        world.service.create_tag(BOB, COST, mode=CreateMode.OR_REPLACE)
