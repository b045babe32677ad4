"""On which nodes warehouses run."""

from collections.abc import Collection

from clockmill.clock import Clock
from clockmill.core.errors import InvalidRequest, NotFound
from clockmill.core.names import render
from clockmill.core.node import UnknownNode
from clockmill.core.placement import EMBEDDED
from clockmill.service.placement import Placement
from clockmill.store import engines, nodes, queued_runs, warehouses
from clockmill.store.database import Store, Transaction


class WithoutEngine(InvalidRequest):
    """None of the nodes that a warehouse is to run on has the engine."""

    def __init__(self, warehouse: str, engine_node: str) -> None:
        super().__init__(
            f"Warehouse {render(warehouse)} runs statements on the account's tables, which are at node "
            f"'{engine_node}'. Name that node too, or let the warehouse run on any."
        )


class WarehouseNodes:
    """Says, for whoever can write to the store, where warehouses run."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list_nodes(self) -> dict[str, frozenset[str] | None]:
        """Return, by warehouse, the nodes it runs on; None is every node."""
        with self._store.read() as tx:
            placed = warehouses.list_placed(tx)
            return {each.name: placed.get(each.name) for each in warehouses.list_warehouses(tx)}

    def place(self, warehouse: str, names: frozenset[str] | None) -> None:
        """Let *warehouse* run on the nodes called *names* only, or on every node.

        Open runs are placed anew; one that is going on ends where it is. Raises NotFound and UnknownNode, and
        :class:`WithoutEngine` where its statements would find no tables.
        """

        def work(tx: Transaction) -> None:
            found = warehouses.find_warehouse(tx, warehouse)
            if found is None:
                raise NotFound("Warehouse", render(warehouse))
            if names is not None:
                _check(tx, warehouse, names)
            warehouses.place_warehouse(tx, found.id, names)
            _place_runs_anew(tx)

        self._store.write(work)


def _check(tx: Transaction, warehouse: str, names: Collection[str]) -> None:
    for name in sorted(names):
        if nodes.find_node(tx, name) is None:
            raise UnknownNode(name)
    place = engines.find_place(tx, EMBEDDED)
    if place is not None and place.node not in names:
        raise WithoutEngine(warehouse, place.node)


def _place_runs_anew(tx: Transaction) -> None:
    """Let runs go where the warehouses of their tasks run now, as soon as they have no owner."""
    placement = Placement()
    for run in queued_runs.list_open_needs(tx):
        needs = placement.needs_of_version(tx, (run.root_id, run.version))
        if needs != run.needs:
            queued_runs.set_needs(tx, run.id, needs)
