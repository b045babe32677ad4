"""On which nodes warehouses run, and where runs go by it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from tests.runner.run_world import RunWorld
from tests.service.task_world import START

from clockmill.core.errors import NotFound
from clockmill.core.node import NodeState, UnknownNode
from clockmill.core.placement import EMBEDDED
from clockmill.service.warehouse_nodes import WarehouseNodes, WithoutEngine
from clockmill.store import engines, queued_runs, tables
from clockmill.store.database import Store, Transaction
from clockmill.store.engines import EnginePlace


@pytest.fixture
def world(any_store: Store) -> RunWorld:
    """An account on the nodes a, which has the engine, and b."""
    any_store.write(_furnish)
    return RunWorld(any_store)


@pytest.fixture
def placed(world: RunWorld) -> WarehouseNodes:
    return WarehouseNodes(store=world.store, clock=world.clock)


def _furnish(tx: Transaction) -> None:
    for number, name in enumerate("ab"):
        row = {
            "name": name,
            "number": number,
            "incarnation": name,
            "home": name,
            "state": NodeState.ACTIVE.value,
            "version": "0",
            "started_on": START,
            "lease_until": START + timedelta(days=9999),
        }
        tx.execute(insert(tables.nodes), row)
    engines.put_place(tx, EnginePlace(EMBEDDED, "a", "file-1", "/a/engine.duckdb"), START)


def needs(world: RunWorld) -> list[str | None]:
    query = select(tables.graph_runs.c.needs).order_by(tables.graph_runs.c.id)
    with world.store.read() as tx:
        return list(tx.execute(query).scalars())


def test_a_warehouse_runs_everywhere_unless_told_otherwise(placed: WarehouseNodes) -> None:
    placed.place("WH", frozenset({"a"}))
    assert placed.list_nodes() == {"WH": frozenset({"a"})}

    placed.place("WH", None)
    assert placed.list_nodes() == {"WH": None}


def test_a_run_goes_where_its_warehouse_runs(world: RunWorld, placed: WarehouseNodes) -> None:
    placed.place("WH", frozenset("ab"))
    world.create("R", definition="call system$wait(1)", warehouse="WH")

    world.execute("R")

    assert needs(world) == [",a,b,"]


def test_a_scheduled_run_says_what_it_needs_too(world: RunWorld) -> None:
    world.create("R", schedule="10 MINUTES")
    world.resume("R")

    world.run_until(START + timedelta(minutes=11))

    assert needs(world) == [",EMBEDDED,"]


def test_a_node_takes_only_what_it_can_run(world: RunWorld) -> None:
    """Without the engine there is nothing to be had from a run that needs it but errors."""
    world.create("R")
    world.execute("R")

    with world.store.read() as tx:
        assert queued_runs.list_claimable_runs(tx, 10, {"b"}) == []
        assert not queued_runs.has_queued_runs(tx, {"b"})
        assert len(queued_runs.list_claimable_runs(tx, 10, {"a", EMBEDDED})) == 1


def test_runs_that_wait_are_placed_anew(world: RunWorld, placed: WarehouseNodes) -> None:
    """Else they would wait for ever for a node that is no more."""
    placed.place("WH", frozenset({"a"}))
    world.create("R", definition="call system$wait(1)", warehouse="WH")
    world.execute("R")

    placed.place("WH", None)

    assert needs(world) == [None]


def test_a_retry_goes_where_the_warehouse_runs_by_then(world: RunWorld, placed: WarehouseNodes) -> None:
    placed.place("WH", frozenset({"a"}))
    world.create("R", definition="call system$wait(1)", warehouse="WH")
    world.bodies.fails("R")
    world.run()
    placed.place("WH", None)

    world.execute("R", retry_last=True)

    assert needs(world) == [",a,", None]


def test_a_warehouse_has_to_run_where_the_tables_are(placed: WarehouseNodes) -> None:
    with pytest.raises(WithoutEngine, match="'a'"):
        placed.place("WH", frozenset({"b"}))


def test_only_nodes_that_there_are_can_be_named(placed: WarehouseNodes) -> None:
    with pytest.raises(UnknownNode, match="nobody"):
        placed.place("WH", frozenset({"a", "nobody"}))


def test_only_warehouses_that_there_are_can_be_placed(placed: WarehouseNodes) -> None:
    with pytest.raises(NotFound):
        placed.place("NONE", None)
