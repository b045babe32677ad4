"""Procedures and functions: made, changed, found, dropped, and whose they are."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec, SchemaSpec
from clockmill.core.errors import AlreadyExists, InsufficientPrivileges, NotFound
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.routine import Argument, Rights, RoutineKind, RoutineName, RoutineSpec
from clockmill.core.task import CreateMode
from clockmill.core.types import NUMBER, TEXT, ColumnType, fixed
from clockmill.service.catalog import CatalogService
from clockmill.service.routines import RoutineService
from clockmill.service.tags import TagService
from clockmill.store.account import create_account
from clockmill.store.database import Store
from clockmill.wake import Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN")
ANN = Caller(user="ANN", role="ENGINEER")
BOB = Caller(user="BOB", role="ANALYST")
START = datetime(2026, 1, 1, tzinfo=UTC)
NEW = CreateMode.ERROR_IF_EXISTS
S = SchemaName("DB", "S")
P = S.object("P")
PROCEDURE, FUNCTION = RoutineKind.PROCEDURE, RoutineKind.FUNCTION


class World:
    """Routines over a real store with the schema DB.S."""

    def __init__(self, store: Store) -> None:
        self.clock, wakeups = VirtualClock(START), Wakeups()
        store.write(lambda tx: create_account(tx, "CLOCKMILL", START))
        self.catalog = CatalogService(
            store=store, clock=self.clock, wakeups=wakeups, drop_namespaces=lambda _gone: None
        )
        self.tags = TagService(store=store, clock=self.clock)
        self.service = RoutineService(store=store, clock=self.clock, wakeups=wakeups)
        self.catalog.create_database(ADMIN, "DB", DatabaseSpec(), NEW)
        self.catalog.create_schema(ADMIN, S, SchemaSpec(), NEW)

    def create(
        self,
        *types: ColumnType,
        kind: RoutineKind = PROCEDURE,
        name: QualifiedName = P,
        mode: CreateMode = NEW,
        caller: Caller = ANN,
        body: str = "begin end",
    ) -> str:
        arguments = tuple(Argument(name=f"A{place}", type=each) for place, each in enumerate(types))
        spec = RoutineSpec(arguments=arguments, returns=TEXT, body=body)
        return self.service.create_routine(caller, kind, name, spec, mode)

    def names(self, kind: RoutineKind = PROCEDURE, home: SchemaName | str | None = S) -> list[str]:
        return [each.name.name for each in self.service.list_routines(ADMIN, kind, home)]

    def fetch(self, *types: str, name: QualifiedName = P) -> RoutineSpec:
        return self.service.fetch_routine(ADMIN, RoutineName(PROCEDURE, name, types)).spec


@pytest.fixture
def world(any_store: Store) -> World:
    return World(any_store)


def test_a_routine_is_made_and_found_by_its_types(world: World) -> None:
    assert world.create(NUMBER) == "Function P successfully created."
    found = world.service.fetch_routine(BOB, RoutineName(PROCEDURE, P, ("NUMBER",)))
    assert (found.owner, found.created_on, found.spec.body) == ("ENGINEER", START, "begin end")


def test_routines_of_one_name_differ_in_the_types_of_their_arguments(world: World) -> None:
    """The sizes of types do not count, or a call could not tell them apart."""
    world.create(NUMBER)
    world.create(TEXT)
    world.create()
    with pytest.raises(AlreadyExists):
        world.create(fixed(5, 2))
    assert [each.types for each in world.service.overloads(PROCEDURE, P)] == [(), ("NUMBER",), ("VARCHAR",)]


def test_a_procedure_and_a_function_do_not_share_names(world: World) -> None:
    world.create(NUMBER)
    world.create(NUMBER, kind=FUNCTION)
    assert world.names() == world.names(FUNCTION) == ["P"]


def test_a_taken_name_is_refused_kept_or_replaced(world: World) -> None:
    world.create(body="one")
    with pytest.raises(AlreadyExists):
        world.create(body="two")
    assert world.create(mode=CreateMode.IF_NOT_EXISTS) == "P already exists, statement succeeded."
    assert world.fetch().body == "one"
    world.create(mode=CreateMode.OR_REPLACE, body="three")
    assert world.fetch().body == "three"


def test_create_or_alter_keeps_who_owns_it(world: World) -> None:
    spec = RoutineSpec(returns=TEXT, body="two", comment="c")
    world.create(body="one")
    world.service.create_or_alter_routine(ADMIN, PROCEDURE, P, spec)
    found = world.service.fetch_routine(ADMIN, RoutineName(PROCEDURE, P, ()))
    assert (found.owner, found.spec) == ("ENGINEER", spec)


def test_properties_change_one_by_one(world: World) -> None:
    name = RoutineName(PROCEDURE, P, ())
    world.create()
    world.service.alter_routine(ANN, name, comment="c", rights=Rights.CALLER)
    world.service.alter_routine(ANN, name, is_secure=True)
    assert (world.fetch().comment, world.fetch().rights, world.fetch().is_secure) == (
        "c",
        Rights.CALLER,
        True,
    )
    world.service.alter_routine(ANN, name, comment="")
    assert world.fetch().comment is None


def test_a_routine_gets_another_name_even_in_another_schema(world: World) -> None:
    world.create(NUMBER)
    world.create(NUMBER, name=S.object("Q"))
    name = RoutineName(PROCEDURE, P, ("NUMBER",))
    with pytest.raises(AlreadyExists):
        world.service.rename_routine(ANN, name, S.object("Q"))
    elsewhere = QualifiedName("DB", "PUBLIC", "R")
    world.service.rename_routine(ANN, name, elsewhere)
    assert world.fetch("NUMBER", name=elsewhere).body == "begin end"
    assert world.names() == ["Q"]


def test_a_dropped_routine_is_gone(world: World) -> None:
    name = RoutineName(PROCEDURE, P, ())
    world.create()
    assert world.service.drop_routine(ANN, name) == "P successfully dropped."
    with pytest.raises(NotFound, match=r"Procedure 'DB\.S\.P\(\)' does not exist"):
        world.service.drop_routine(ANN, name)
    assert "already dropped" in world.service.drop_routine(ANN, name, if_exists=True)


def test_only_the_owner_changes_a_routine(world: World) -> None:
    name = RoutineName(PROCEDURE, P, ())
    world.create()
    changes: tuple[Callable[[], str], ...] = (
        lambda: world.create(mode=CreateMode.OR_REPLACE, caller=BOB),
        lambda: world.service.drop_routine(BOB, name),
        lambda: world.service.alter_routine(BOB, name, comment="mine"),
        lambda: world.service.rename_routine(BOB, name, S.object("Q")),
        lambda: world.service.create_or_alter_routine(BOB, PROCEDURE, P, world.fetch()),
    )
    for change in changes:
        with pytest.raises(InsufficientPrivileges, match="procedure 'P'"):
            change()
    assert world.service.drop_routine(ADMIN, name) == "P successfully dropped."


def test_what_may_be_missing_is_passed_over(world: World) -> None:
    name = RoutineName(FUNCTION, S.object("NOPE"), ("NUMBER",))
    world.service.alter_routine(ANN, name, comment="c", if_exists=True)
    world.service.rename_routine(ANN, name, P, if_exists=True)
    with pytest.raises(NotFound, match="Function"):
        world.service.alter_routine(ANN, name, comment="c")


def test_a_schema_that_is_not_there_is_named(world: World) -> None:
    nowhere = QualifiedName("DB", "NOWHERE", "P")
    with pytest.raises(NotFound, match=r"Schema 'DB\.NOWHERE'"):
        world.create(name=nowhere)
    with pytest.raises(NotFound, match=r"Schema 'DB\.NOWHERE'"):
        world.service.fetch_routine(ANN, RoutineName(PROCEDURE, nowhere, ()))
    assert world.service.overloads(PROCEDURE, nowhere) == ()


def test_routines_are_listed_by_place_and_name(world: World) -> None:
    world.create(name=S.object("B"))
    world.create(name=S.object("A"))
    world.create(name=QualifiedName("DB", "PUBLIC", "C"))
    assert world.names() == ["A", "B"]
    assert world.names(home="DB") == ["C", "A", "B"]
    assert world.names(home=None) == ["C", "A", "B"]
    assert [e.name.name for e in world.service.list_routines(ANN, PROCEDURE, None, like="a%")] == ["A"]


def test_dropping_a_schema_takes_its_routines_and_their_tags_along(world: World) -> None:
    tag = QualifiedName("DB", "PUBLIC", "T")
    world.tags.create_tag(ADMIN, tag)
    world.create(NUMBER)
    target = RoutineName(PROCEDURE, P, ("NUMBER",))
    world.tags.set_tags(ANN, "PROCEDURE", target, [(tag, "v")])
    assert [each.value for each in world.tags.get_tags(ANN, "PROCEDURE", target)] == ["v"]
    assert len(world.service.overloads(PROCEDURE, P)) == 1

    world.catalog.drop_schema(ADMIN, S)

    assert world.service.overloads(PROCEDURE, P) == ()
    world.catalog.create_schema(ADMIN, S, SchemaSpec(), NEW)
    world.create(NUMBER)
    assert world.tags.get_tags(ANN, "PROCEDURE", target) == []


def test_tags_stand_on_one_overload_and_come_from_above(world: World) -> None:
    tag = S.object("T")
    world.tags.create_tag(ADMIN, tag)
    world.create(NUMBER, kind=FUNCTION)
    world.create(kind=FUNCTION)
    world.tags.set_tags(ADMIN, "SCHEMA", S, [(tag, "schema")])
    one, other = RoutineName(FUNCTION, P, ("NUMBER",)), RoutineName(FUNCTION, P, ())
    world.tags.set_tags(ANN, "FUNCTION", one, [(tag, "own")])
    assert [e.value for e in world.tags.get_tags(ANN, "FUNCTION", one, with_lineage=True)] == ["own"]
    assert [e.value for e in world.tags.get_tags(ANN, "FUNCTION", other, with_lineage=True)] == ["schema"]
    with pytest.raises(InsufficientPrivileges, match="function 'P'"):
        world.tags.set_tags(BOB, "FUNCTION", one, [(tag, "x")])
    with pytest.raises(NotFound):
        world.tags.set_tags(ANN, "FUNCTION", RoutineName(FUNCTION, P, ("DATE",)), [(tag, "x")])


def test_overloads_are_read_once_until_something_changes(world: World) -> None:
    """Every translation of a statement that calls a function asks for them."""
    world.create(NUMBER)
    first = world.service.overloads(PROCEDURE, P)
    assert world.service.overloads(PROCEDURE, P) is first
    world.create(TEXT)
    assert len(world.service.overloads(PROCEDURE, P)) == 2
